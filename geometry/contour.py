"""Plane contours: a polyline whose corners are rounded by tangent arcs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geometry.errors import GeometryError

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Corner:
    """A polyline corner at ``point`` (2,) mm with a tangent arc of ``radius`` mm.

    ``names`` are the parameters that place it: they are named when the arc does not fit.
    """

    point: tuple[float, float]
    radius: float = 0.0
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Arc:
    """What stands at an inner corner: from ``start`` to ``end`` about ``centre``, (2,) mm each.

    A sharp corner starts and ends at itself and has no centre.
    """

    start: Array
    end: Array
    centre: Array | None


@dataclass(frozen=True)
class Contour:
    """A rounded polyline as points in order along it.

    Attributes
    ----------
    points : (n, 2) array, mm
    arcs : tuple of Arc
        One for each inner corner.
    """

    points: Array
    arcs: tuple[Arc, ...]

    def crossings(self, origin: Array, direction: Array) -> Array:
        """Points (k, 2) where the infinite line through ``origin`` along ``direction`` meets the contour."""
        normal = np.array([-direction[1], direction[0]])
        side = (self.points - origin) @ normal
        hit = np.flatnonzero((side[:-1] <= 0) != (side[1:] <= 0))
        t = side[hit] / (side[hit] - side[hit + 1])
        return self.points[hit] + t[:, None] * (self.points[hit + 1] - self.points[hit])


def rounded(corners: Sequence[Corner], step: float = 0.05) -> Contour:
    """Round the inner corners of a polyline with tangent arcs.

    Parameters
    ----------
    corners : sequence of Corner
        At least two; the radii of the first and last are ignored.
    step : float
        Largest angle between sampled points on an arc, radians.

    Raises
    ------
    GeometryError
        If an arc is longer than the straight pieces beside it.
    """
    p = np.array([c.point for c in corners], dtype=float)
    leg = np.diff(p, axis=0)
    length = np.linalg.norm(leg, axis=1)
    unit = leg / length[:, None]
    # An arc of radius r at a turn by angle w takes r tan(w/2) from both legs.
    turn = np.array([_angle(unit[i - 1], unit[i]) for i in range(1, len(unit))])
    tangent = np.zeros(len(p))
    for i, corner in enumerate(corners[1:-1], start=1):
        tangent[i] = corner.radius * np.tan(abs(turn[i - 1]) / 2)
    for i in range(len(length)):
        if tangent[i] + tangent[i + 1] > length[i] * (1 + 1e-9):
            names = dict.fromkeys(corners[i].names + corners[i + 1].names)
            raise GeometryError(
                f"a fillet does not fit: the contour piece between corners {i} and {i + 1} is {length[i]:.2f} mm long, "
                f"its arcs need {tangent[i] + tangent[i + 1]:.2f} mm",
                names,
            )
    points, arcs = [p[:1]], []
    for i in range(1, len(p) - 1):
        if tangent[i] == 0.0:
            points.append(p[i : i + 1])
            arcs.append(Arc(p[i], p[i], None))
            continue
        w, u = turn[i - 1], unit[i - 1]
        start = p[i] - tangent[i] * u
        normal = np.sign(w) * np.array([-u[1], u[0]])
        centre = start + corners[i].radius * normal
        a = np.linspace(0.0, w, max(3, int(np.ceil(abs(w) / step)) + 1))
        spoke = -corners[i].radius * normal
        arc = np.stack(
            [spoke[0] * np.cos(a) - spoke[1] * np.sin(a), spoke[0] * np.sin(a) + spoke[1] * np.cos(a)], axis=1
        )
        points.append(centre + arc)
        arcs.append(Arc(points[-1][0], points[-1][-1], centre))
    points.append(p[-1:])
    return Contour(np.concatenate(points), tuple(arcs))


def _angle(u: Array, v: Array) -> float:
    return float(np.arctan2(u[0] * v[1] - u[1] * v[0], u @ v))
