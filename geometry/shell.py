"""Surfaces of revolution in quarters, discs, and how surfaces become a volume.

Quarters, because a closed (periodic) face is slow and poor to mesh.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import gmsh
import numpy as np
from numpy.typing import NDArray

from geometry.contour import Contour
from geometry.errors import GeometryError

Array = NDArray[np.float64]


def drawn(contour: Contour, point: Callable[[Array], int]) -> tuple[int, list[int], int]:
    """Draw a contour up to the end of its last arc: first point, curves and last point.

    Parameters
    ----------
    contour : Contour
    point : callable
        Adds a point (2,) of the contour's plane, mm, to the current gmsh model; gives its tag.
    """
    occ = gmsh.model.occ
    at = contour.points[0]
    first = here = point(at)
    curves = []
    for arc in contour.arcs:
        there = here
        if np.linalg.norm(arc.start - at) > 1e-6:  # arcs may follow one another without a straight piece
            there = point(arc.start)
            curves.append(occ.addLine(here, there))
        here, at = there, arc.end
        if arc.centre is not None:
            here = point(arc.end)
            curves.append(occ.addCircleArc(there, point(arc.centre), here))
    return first, curves, here


def revolved(contour: Contour, origin: Array, axis: Array, spoke: Array) -> list[int]:
    """Surfaces that a contour sweeps about an axis, and the disc that closes it if it ends on the axis.

    Parameters
    ----------
    contour : Contour
        In the plane of the axis: x along the axis from ``origin``, y the distance from it, mm. Only its last point
        may be on the axis; the piece before is then square to the axis.
    origin : (3,) array, mm
    axis, spoke : (3,) arrays
        Unit vectors: of the axis, and square to it, where the seams begin.

    Returns
    -------
    list of int
        Surface tags.
    """
    occ = gmsh.model.occ

    def point(p: Array) -> int:
        return int(occ.addPoint(*(origin + p[0] * axis + p[1] * spoke)))

    _, curves, here = drawn(contour, point)
    surfaces = []
    last = contour.points[-1]
    if last[1] > 0.0:
        curves.append(occ.addLine(here, point(last)))
    else:
        radius = contour.arcs[-1].end[1]
        surfaces.append(disc(origin + last[0] * axis, axis, spoke, float(radius)))
    for curve in curves:
        for k in range(4):
            copy = occ.copy([(1, curve)])
            occ.rotate(copy, *origin, *axis, k * np.pi / 2)
            surfaces += [t for d, t in occ.revolve(copy, *origin, *axis, np.pi / 2) if d == 2]
    return surfaces


def turned_halves(contour: Contour, origin: Array, axis: Array, spoke: Array) -> list[int]:
    """Volumes, in two halves, that a contour of sharp corners turned about an axis encloses.

    Parameters are those of `revolved`, but that the contour begins and ends on the axis.
    """
    occ = gmsh.model.occ
    points = [occ.addPoint(*(origin + p[0] * axis + p[1] * spoke)) for p in contour.points]
    curves = [occ.addLine(a, b) for a, b in zip(points, [*points[1:], points[0]], strict=True)]
    face = (2, occ.addPlaneSurface([occ.addCurveLoop(curves)]))
    other = occ.copy([face])
    occ.rotate(other, *origin, *axis, np.pi)
    return [t for f in (face, other[0]) for d, t in occ.revolve([f], *origin, *axis, np.pi) if d == 3]


def disc(centre: Array, normal: Array, spoke: Array, radius: float) -> int:
    """A round plane surface whose rim is four quarter arcs beginning at ``spoke``."""
    occ = gmsh.model.occ
    other = np.cross(normal, spoke)
    middle = occ.addPoint(*centre)
    rim = [occ.addPoint(*(centre + radius * d)) for d in (spoke, other, -spoke, -other)]
    arcs = [occ.addCircleArc(rim[k], middle, rim[(k + 1) % 4]) for k in range(4)]
    return int(occ.addPlaneSurface([occ.addCurveLoop(arcs)]))


def sewn(surfaces: Sequence[int]) -> int:
    """The volume inside surfaces that touch along their edges; all else leaves the model.

    Raises
    ------
    GeometryError
        If they do not close.
    """
    occ = gmsh.model.occ
    try:
        volume = int(occ.addVolume([occ.addSurfaceLoop(surfaces, sewing=True)]))
    except Exception as error:  # gmsh raises bare Exceptions
        raise GeometryError(f"the skin of the solid does not close: {error}") from error
    occ.synchronize()
    # Sewing made new faces and edges; the loose ones it began with go (those of the volume cannot be removed).
    for dim in (2, 1, 0):
        occ.remove(occ.getEntities(dim))
    occ.synchronize()
    return volume
