"""Lofts: rounded rectangles along a curve, as smooth B-spline patches.

The skin is interpolated here, not by OpenCASCADE: it then passes through every section, keeps its
tangent at the ends, and is cut into regions exactly where wanted. It is four strips wide, each from the middle
of one side to the middle of the next, because a closed (periodic) face is slow and poor to mesh.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import gmsh
import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import BSpline, make_interp_spline

Array = NDArray[np.float64]

SPANS = 24
_KNOTS = np.concatenate([[0.0] * 3, np.linspace(0.0, 1.0, SPANS + 1), [1.0] * 3])


@dataclass(frozen=True)
class Section:
    """A rounded rectangle in space.

    Attributes
    ----------
    centre : (3,) array, mm
    across, deep : (3,) arrays
        Unit vectors along its width and its depth.
    width, depth : float
        mm.
    radius : float
        Of its corners, mm; half the width and half the depth make it a circle.
    """

    centre: Array
    across: Array
    deep: Array
    width: float
    depth: float
    radius: float


@dataclass(frozen=True)
class Skin:
    """The surface of a loft.

    Attributes
    ----------
    strips : four B-splines along the loft
        Each gives, at a parameter, the control points (SPANS + 3, 3) of a quarter of the section.
    stations : (n,) array, mm
        Parameter of each section.
    """

    strips: tuple[BSpline, ...]
    stations: Array

    def ring(self, station: float, points: int = 40) -> Array:
        """Points (4 * points, 3), mm, round the skin at a parameter along it."""
        u = np.linspace(0.0, 1.0, points, endpoint=False)
        return np.concatenate([BSpline(_KNOTS, strip(station), 3)(u) for strip in self.strips])

    def patches(self, first: float, last: float) -> list[int]:
        """Surface tags of the four patches between two parameters, in the current gmsh model."""
        return [_patch(_between(strip, first, last)) for strip in self.strips]


def quarter(width: float, depth: float, radius: float) -> tuple[Array, float]:
    """Points of a rounded rectangle from the middle of one side to the middle of the next.

    Parameters
    ----------
    width, depth, radius : float
        mm.

    Returns
    -------
    points : (SPANS + 1, 2) array, mm
        From (width/2, 0) to (0, depth/2), at equal distances along the outline.
    length : float
        Of the quarter outline, mm.
    """
    a, b, bend = width / 2 - radius, depth / 2 - radius, np.pi / 2 * radius
    length = a + b + bend
    s = np.linspace(0.0, length, SPANS + 1)
    angle = np.clip((s - b) / radius, 0.0, np.pi / 2)
    x = radius * np.cos(angle) + np.clip(length - s, 0.0, a)
    y = radius * np.sin(angle) + np.clip(s, 0.0, b)
    return np.stack([x, y], axis=1), length


def loft(sections: Sequence[Section]) -> Skin:
    """Interpolate a skin through sections.

    Its parameter is the mean distance run along the skin, from 0 at the first section. Sections beyond the part that
    is wanted, at either end, fix the tangent there.
    """
    rows = np.array([_ring(section) for section in sections])  # section, strip, control point, xyz
    run = np.linalg.norm(np.diff(rows, axis=0), axis=3).mean(axis=(1, 2))
    stations = np.concatenate([[0.0], np.cumsum(run)])
    strips = tuple(make_interp_spline(stations, rows[:, i], 3) for i in range(4))
    return Skin(strips, stations)


def _ring(section: Section) -> Array:
    """Control points (4, SPANS + 3, 3) of the four quarters of a section, in order round it."""
    points, length = quarter(section.width, section.depth, section.radius)
    # Tangents square to the sides make the strips join smoothly.
    ends = ([(1, (0.0, length))], [(1, (-length, 0.0))])
    plane = make_interp_spline(np.linspace(0.0, 1.0, SPANS + 1), points, 3, bc_type=ends).c
    strips = []
    for x, y in ((1, 1), (-1, 1), (-1, -1), (1, -1)):
        at = section.centre + x * plane[:, :1] * section.across + y * plane[:, 1:] * section.deep
        strips.append(at if x * y > 0 else at[::-1])
    return np.array(strips)


def _between(strip: BSpline, first: float, last: float) -> BSpline:
    """The piece of a spline between two parameters, as a spline of its own."""
    first, last = max(first, strip.t[0]), min(last, strip.t[-1])
    inner = strip.t[(strip.t > first + 1e-9) & (strip.t < last - 1e-9)]
    knots = np.concatenate([[first] * 4, inner, [last] * 4])
    # The piece is in the space of these knots, so interpolation at the Greville points gives it exactly.
    greville = (knots[1:-3] + knots[2:-2] + knots[3:-1]) / 3
    return make_interp_spline(np.clip(greville, first, last), strip(greville), 3, t=knots)


def _patch(strip: BSpline) -> int:
    """Surface tag of a strip in the current gmsh model."""
    occ = gmsh.model.occ
    points = [occ.addPoint(*x) for x in strip.c.reshape(-1, 3)]
    (u, mu), (v, mv) = (np.unique(t, return_counts=True) for t in (_KNOTS, strip.t))
    surface = occ.addBSplineSurface(
        points,
        SPANS + 3,
        degreeU=3,
        degreeV=3,
        knotsU=u,
        knotsV=v,
        multiplicitiesU=mu.tolist(),
        multiplicitiesV=mv.tolist(),
    )
    occ.remove([(0, p) for p in points])
    return int(surface)
