"""Where the three views stand on a sheet, and at what scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

WIDTH, TALLEST = 178.0, 190.0  # mm of paper: within the margins of A4
GAP = 20.0  # between views, for numbers that name regions and for dimensions
LEFT, RIGHT, ABOVE, BELOW = 13.0, 13.0, 11.0, 32.0
# As ISO 5455 has them, with 2.5 between: paper by part.
SCALES = tuple(sorted((m * 10.0**p for p in range(-4, 4) for m in (1.0, 2.0, 2.5, 5.0)), reverse=True))


@dataclass(frozen=True)
class Projection:
    """One view.

    Attributes
    ----------
    name : str
    right, up, towards : (3,) arrays
        Unit vectors along axes of the part; ``towards`` points to the observer.
    low, high : (2,) arrays, mm
        What it shows, along ``right`` and ``up``.
    corner : (2,) array, mm
        Of paper, from the top left: where the lower left corner of that stands.
    scale : float
        Paper by part.
    """

    name: str
    right: Array
    up: Array
    towards: Array
    low: Array
    high: Array
    corner: Array
    scale: float

    def paper(self, points: Array) -> Array:
        """Places (..., 2) on paper, mm, of points (..., 3), mm."""
        flat = (points @ np.stack([self.right, self.up], axis=1) - self.low) * self.scale
        return np.asarray(self.corner + flat * (1, -1))

    @property
    def size(self) -> Array:
        """(2,), mm of paper."""
        return np.asarray((self.high - self.low) * self.scale)

    def axes(self) -> tuple[str, str]:
        """What goes to the right and what goes up, such as "x" and "-z"."""
        return _name(self.right), _name(self.up)


@dataclass(frozen=True)
class Sheet:
    """Front view, right view beside it, top view above it: third-angle projection.

    Attributes
    ----------
    front, side, top : Projection
    width, height : float, mm
    scale : float
        Paper by part.
    """

    front: Projection
    side: Projection
    top: Projection
    width: float
    height: float
    scale: float

    @classmethod
    def of(cls, low: Array, high: Array, towards: Array, up: Array) -> Sheet:
        """The sheet for a part in a box, mm, of which the front is nearly ``towards`` the observer."""
        up = nearest_axis(up)
        towards = nearest_axis(towards - (towards @ up) * up)
        right = np.cross(up, towards)
        bases = {"front": (right, up, towards), "side": (-towards, up, right), "top": (right, -towards, up)}
        extent = np.abs(high - low)
        w, h, d = (float(np.abs(extent @ axis)) for axis in (right, up, towards))
        room = (WIDTH - LEFT - RIGHT - GAP, TALLEST - ABOVE - BELOW - GAP)
        scale = next(s for s in SCALES if s * (w + d) <= room[0] and s * (h + d) <= room[1])
        slack = WIDTH - LEFT - RIGHT - GAP - scale * (w + d)
        x, y = LEFT + slack / 2, ABOVE + scale * d + GAP + scale * h
        corners = {
            "front": (x, y),
            "side": (x + scale * w + GAP, y),
            "top": (x, ABOVE + scale * d),
        }

        def view(name: str, title: str) -> Projection:
            basis = np.stack(bases[name][:2], axis=1)
            ends = np.sort(np.stack([low @ basis, high @ basis]), axis=0)
            return Projection(title, *bases[name], ends[0], ends[1], np.array(corners[name]), scale)

        return cls(
            view("front", "Front"),
            view("side", "Right"),
            view("top", "Top"),
            WIDTH,
            y + BELOW,
            scale,
        )

    @property
    def views(self) -> tuple[Projection, Projection, Projection]:
        return self.front, self.side, self.top

    def ratio(self) -> str:
        """The scale as a drawing states it: "1 : 2"."""
        return f"{self.scale:g} : 1" if self.scale >= 1 else f"1 : {1 / self.scale:g}"


def nearest_axis(vector: Array) -> Array:
    """The unit vector along x, y or z that is nearest to a vector."""
    k = int(np.argmax(np.abs(vector)))
    axis = np.zeros(3)
    axis[k] = 1.0 if vector[k] >= 0 else -1.0
    return axis


def _name(axis: Array) -> str:
    k = int(np.argmax(np.abs(axis)))
    return ("" if axis[k] > 0 else "−") + "xyz"[k]
