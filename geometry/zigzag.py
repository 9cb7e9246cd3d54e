"""The flat centre line of a stent's ring: crowns, which are arcs, joined by straight arms that touch them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_CROWN_POINTS = 9


@dataclass(frozen=True)
class Line:
    """A piece of a centre line in the plane.

    Attributes
    ----------
    points, tangents : (n, 2) arrays
        Points in mm, unit vectors along the line.
    straight : bool
    """

    points: Array
    tangents: Array
    straight: bool


@dataclass(frozen=True)
class Zigzag:
    """Crowns at x = 0, pitch, 2 pitch, ... that point up and down in turn, about y = 0.

    Attributes
    ----------
    pitch : float, mm
        From a crown to the next, which points the other way; at least twice the crown radius.
    height : float, mm
        From the lowest to the highest point of the line; at least twice the crown radius.
    crown_radius : float, mm
    """

    pitch: float
    height: float
    crown_radius: float

    @property
    def _touch(self) -> Array:
        """Where the arc of the crown at x = 0, pointing up, becomes the arm towards (pitch / 2, 0)."""
        centre, middle = np.array([0.0, self.height / 2 - self.crown_radius]), np.array([self.pitch / 2, 0.0])
        distance = float(np.linalg.norm(centre - middle))
        way = (centre - middle) / distance
        # The arm leaves the line between the two points by this angle, clockwise, to touch the arc on its outside.
        cos, sin = np.sqrt(1 - (self.crown_radius / distance) ** 2), self.crown_radius / distance
        return middle + distance * cos * np.array([cos * way[0] + sin * way[1], cos * way[1] - sin * way[0]])

    def crown(self, index: int, up: bool) -> Line:
        """The arc at x = index times the pitch."""
        sign, touch = (1.0 if up else -1.0), self._touch
        centre = self.height / 2 - self.crown_radius
        turn = np.arctan2(touch[0], touch[1] - centre)
        angle = np.linspace(-turn, turn, _CROWN_POINTS)
        x = index * self.pitch + self.crown_radius * np.sin(angle)
        y = sign * (centre + self.crown_radius * np.cos(angle))
        return Line(np.stack([x, y], 1), np.stack([np.cos(angle), -sign * np.sin(angle)], 1), straight=False)

    def arm(self, index: int, up: bool, step: float) -> Line:
        """The straight piece behind that crown, which points up or not, in steps of no more than ``step`` mm."""
        sign, touch = (1.0 if up else -1.0), self._touch
        start, end = touch, np.array([self.pitch - touch[0], -touch[1]])
        length = float(np.linalg.norm(end - start))
        t = np.linspace(0.0, 1.0, max(2, int(np.ceil(length / step)) + 1))[:, None]
        flip = np.array([1.0, sign])
        points = (start + t * (end - start)) * flip + np.array([index * self.pitch, 0.0])
        return Line(points, np.repeat((end - start)[None] * flip / length, len(t), axis=0), straight=True)
