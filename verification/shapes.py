"""Shapes that several problems have in common."""

from __future__ import annotations

from collections.abc import Sequence

import gmsh
import numpy as np
from numpy.typing import NDArray

from geometry.solid import Solid, Surface

Outline = Sequence[tuple[float, float]]


def prism(outline: Outline, low: float, high: float) -> int:
    """A polygon in the plane z = low, drawn out to z = high; returns the volume."""
    occ = gmsh.model.occ
    points = [occ.addPoint(x, y, low) for x, y in outline]
    lines = [occ.addLine(p, q) for p, q in zip(points, points[1:] + points[:1], strict=True)]
    face = occ.addPlaneSurface([occ.addCurveLoop(lines)])
    return next(tag for dim, tag in occ.extrude([(2, face)], 0, 0, high - low) if dim == 3)


def turned(outline: Outline, angle: float = np.pi / 2, fillets: dict[int, float] | None = None) -> int:
    """A polygon (r, z) turned about z; some corners, by their number, rounded with a radius. Returns the volume."""
    occ = gmsh.model.occ
    face = rounded(outline, fillets or {})
    occ.rotate([(2, face)], 0, 0, 0, 1, 0, 0, np.pi / 2)
    return next(tag for dim, tag in occ.revolve([(2, face)], 0, 0, 0, 0, 0, 1, angle) if dim == 3)


def rounded(outline: Outline, fillets: dict[int, float]) -> int:
    """A plane face bounded by a polygon, some corners of which are rounded. A fillet may take up a whole side."""
    occ, corners = gmsh.model.occ, np.array(outline, dtype=float)
    known: dict[tuple[float, ...], int] = {}

    def point_at(place: NDArray[np.float64]) -> int:
        key = tuple(np.round(place, 9))
        if key not in known:
            known[key] = occ.addPoint(*place, 0)
        return known[key]

    ends: list[tuple[int, int]] = []  # first and last point of each corner
    arcs: dict[int, int] = {}
    for k, corner in enumerate(corners):
        if k not in fillets:
            point = point_at(corner)
            ends.append((point, point))
            continue
        sides = corners[k - 1] - corner, corners[(k + 1) % len(corners)] - corner
        before, after = (side / np.linalg.norm(side) for side in sides)
        half = np.arccos(before @ after) / 2
        reach = fillets[k] / np.tan(half)
        centre = corner + (before + after) / np.linalg.norm(before + after) * fillets[k] / np.sin(half)
        first, last, middle = (point_at(p) for p in (corner + reach * before, corner + reach * after, centre))
        ends.append((first, last))
        arcs[k] = occ.addCircleArc(first, middle, last)
    curves: list[int] = []
    for k, (_, last) in enumerate(ends):
        curves += [arcs[k]] if k in arcs else []
        following = ends[(k + 1) % len(ends)][0]
        curves += [occ.addLine(last, following)] if following != last else []
    return occ.addPlaneSurface([occ.addCurveLoop(curves)])


def drawn_out(face: int, height: float) -> int:
    """A plane face in z = 0 drawn out along z; returns the volume."""
    return next(tag for dim, tag in gmsh.model.occ.extrude([(2, face)], 0, 0, height) if dim == 3)


def name_planes(solid: Solid, **planes: tuple[int, float]) -> None:
    """Name the plane faces across an axis at a coordinate, as label=(axis, coordinate)."""
    for label, (axis, place) in planes.items():

        def lies_there(s: Surface, k: int = axis, c: float = place) -> bool:
            return bool(s.high[k] - s.low[k] < 1e-5 and abs(s.centre[k] - c) < 1e-5)

        solid.name(label, lies_there)
