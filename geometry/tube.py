"""A round tube along z with a smooth narrowing."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi

import gmsh
import numpy as np
from numpy.typing import NDArray

from geometry.solid import Surface

Array = NDArray[np.float64]

_POINTS = 33  # of the spline through the narrowing, which then is within 0.0003 mm of the cosine
_CLOSE = 1e-3  # mm


@dataclass(frozen=True)
class Tube:
    """A tube of radius R that narrows to (1 - severity) R about z = middle, as

        r(z) = R - severity R / 2 (1 + cos(2 pi (z - middle) / length)),  |z - middle| < length / 2

    (Young, J. Eng. Ind. 90, 1968, 248).

    Attributes
    ----------
    radius : float, mm
    severity : float
        By how much of the diameter it is narrowed, 0 to 1.
    middle, length : float, mm
    """

    radius: float
    severity: float = 0.0
    middle: float = 0.0
    length: float = 1.0

    def at(self, z: Array) -> Array:
        """Inner radius, mm, at z, mm."""
        t = np.clip((np.asarray(z) - self.middle) / self.length, -0.5, 0.5)
        return self.radius * (1 - self.severity / 2 * (1 + np.cos(2 * pi * t)))

    def narrowest(self, low: float, high: float) -> float:
        """The smallest radius between two places, mm."""
        return float(self.at(np.clip(self.middle, low, high)))

    def steepest(self) -> float:
        """Largest slope of the wall against the axis."""
        return self.severity * self.radius * pi / self.length

    def carries(self, surface: Surface) -> bool:
        """Whether all corners of a surface of the current gmsh model are on the wall."""
        corners = gmsh.model.getBoundary([(2, surface.tag)], combined=False, recursive=True)
        x, y, z = np.array([gmsh.model.getValue(0, tag, []) for _, tag in corners]).T
        return bool(np.all(np.abs(np.hypot(x, y) - self.at(z)) < _CLOSE))

    def between(self, insets: tuple[float, float], low: float, high: float, *, quarter: bool) -> int:
        """The space between two walls inside this one, drawn in the current gmsh session: volume tag.

        Parameters
        ----------
        insets : (inner, outer), mm
            Distance of the two walls from that of the tube, along the radius; infinite: the axis itself.
        low, high : float, mm
            Where it begins and ends along z.
        quarter : bool
            Only where x and y are positive.
        """
        occ = gmsh.model.occ
        (start, inside, first), (end, outside, last) = (self._line(inset, low, high) for inset in insets)
        rims = [occ.addLine(start, end), occ.addLine(first, last)]
        face = occ.addPlaneSurface([occ.addCurveLoop([*inside, rims[1], *reversed(outside), rims[0]])])
        turned = occ.revolve([(2, face)], 0, 0, 0, 0, 0, 1, pi / 2 if quarter else 2 * pi)
        return next(tag for dim, tag in turned if dim == 3)

    def _line(self, inset: float, low: float, high: float) -> tuple[int, list[int], int]:
        """First point, curves and last point of a wall in the plane y = 0."""
        occ = gmsh.model.occ
        straight = self.severity == 0.0 or np.isinf(inset)

        def point(z: float) -> int:
            return int(occ.addPoint(0.0 if np.isinf(inset) else float(self.at(np.array(z))) - inset, 0.0, z))

        first, last = point(low), point(high)
        begin, finish = max(low, self.middle - self.length / 2), min(high, self.middle + self.length / 2)
        if straight or begin >= finish:
            return first, [occ.addLine(first, last)], last
        curves, here = [], first
        if begin > low:
            here = point(begin)
            curves.append(occ.addLine(first, here))
        z = np.linspace(begin, finish, _POINTS)
        there = point(finish) if finish < high else last
        curves.append(occ.addSpline([here, *(point(float(v)) for v in z[1:-1]), there]))
        if finish < high:
            curves.append(occ.addLine(there, last))
        return first, curves, last
