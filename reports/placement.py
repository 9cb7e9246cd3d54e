"""Where on a picture a text can stand: beside the part, near what it names, on nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Pixel = tuple[float, float]

LEADER = 40.0  # page pixels; a leader line of this length reads best
GAP = 4.0  # page pixels between a leader and its text
FIRST_LINE = 8.5  # page pixels from the top of a text to the middle of its first line
EDGE = 5  # cells along the border of the sheet that stay empty
TRIED = 600  # places by distance for which the crossings are counted
SAMPLES = 48  # points along a leader at which it is seen what it runs over


@dataclass
class Placement:
    """The free room of a picture.

    Attributes
    ----------
    taken : (rows, columns) array of bool
        Cells that hold something already.
    cell : int
        Pixels to a side of a cell.
    zoom : float
        Pixels of the picture to one of the page.
    """

    taken: NDArray[np.bool_]
    cell: int
    zoom: float
    leaders: list[tuple[Pixel, Pixel]] = field(default_factory=list)

    @classmethod
    def around(cls, image: NDArray[np.uint8], zoom: float) -> Placement:
        """The room around what an image (rows, columns, 3) shows on its white ground."""
        cell = max(round(3.6 * zoom), 2)
        red, green, blue = image[..., 0], image[..., 1], image[..., 2]  # far faster than a minimum over three
        drawn = (red < 250) | (green < 250) | (blue < 250)
        rows, columns = drawn.shape[0] // cell, drawn.shape[1] // cell
        blocks = drawn[: rows * cell, : columns * cell].reshape(rows, cell, columns, cell)
        return cls(blocks.any(axis=(1, 3)), cell, zoom)

    def take(self, x0: float, y0: float, x1: float, y1: float) -> None:
        """Keep a rectangle (pixels, from the top left) free of text."""
        a, b, c, d = (max(int(v // self.cell), 0) for v in (x0, y0, x1, y1))
        self.taken[b : d + 1, a : c + 1] = True

    def place(self, anchors: list[Pixel], width: float, height: float) -> tuple[Pixel, Pixel]:
        """Find a place for a text of the given size that names one of the points ``anchors``; it is then taken.

        The cost of a place is how far the length of its leader is from the best one, plus what the leader crosses.

        Returns
        -------
        anchor, corner : pairs of float
            The point to be named, and the top left corner of the text.
        """
        w, h = int(width // self.cell) + 2, int(height // self.cell) + 2
        rows, columns = self.taken.shape
        total = np.pad(np.cumsum(np.cumsum(self.taken, axis=0), axis=1), ((1, 0), (1, 0)))
        count = total[h:, w:] - total[:-h, w:] - total[h:, :-w] + total[:-h, :-w]
        free = np.argwhere(count == 0)
        low, high = np.array([EDGE, EDGE]), np.array([rows - h - EDGE, columns - w - EDGE])
        free = free[np.all((free >= low) & (free < high), axis=1)]
        if not len(free):  # a crowded picture: better over the part than lost
            return anchors[0], anchors[0]
        corners = np.asarray((free[:, ::-1] + 1.0) * self.cell, dtype=np.float64)
        tried = [self._cheapest(anchor, corners, width, height) for anchor in anchors]
        best = int(np.argmin([cost for cost, _ in tried]))
        anchor, (x, y) = anchors[best], tried[best][1]
        self.take(x - self.cell, y - self.cell, x + width + self.cell, y + height + self.cell)
        end = self.attach(anchor, (x, y), width, height)
        self.leaders.append((anchor, end))
        for t in np.linspace(0, 1, SAMPLES):  # no later text may stand on the leader
            spot = (1 - t) * np.array(anchor) + t * np.array(end)
            self.take(*spot, *spot)
        return anchor, (x, y)

    def attach(self, anchor: Pixel, corner: Pixel, width: float, height: float) -> Pixel:
        """Where on the border of a text its leader ends: at a side, or above or below if the text is right there."""
        x, y = self._ends(anchor, np.array([corner]), width, height)[0]
        return float(x), float(y)

    def _ends(self, anchor: Pixel, corners: Array, width: float, height: float) -> Array:
        x, y = corners.T
        gap, beside = GAP * self.zoom, 5 * self.zoom
        right, left = x > anchor[0] + beside, x + width < anchor[0] - beside
        at_side = y + min(height / 2, FIRST_LINE * self.zoom)
        above_or_below = np.where(y > anchor[1], y - gap, y + height + gap)
        end_x = np.where(right, x - gap, np.where(left, x + width + gap, x + width / 2))
        return np.stack([end_x, np.where(right | left, at_side, above_or_below)], axis=1)

    def _cheapest(self, anchor: Pixel, corners: Array, width: float, height: float) -> tuple[float, Pixel]:
        ends = self._ends(anchor, corners, width, height)
        length = np.linalg.norm(ends - anchor, axis=1)
        near = np.argsort(np.abs(length - LEADER * self.zoom))[:TRIED]
        ends, length = ends[near], length[near]
        along = anchor + np.linspace(0, 0.98, SAMPLES)[:, None, None] * (ends - anchor)
        x, y = np.moveaxis(np.clip((along // self.cell).astype(int), 0, np.array(self.taken.shape)[::-1] - 1), -1, 0)
        over = length * self.taken[y, x].mean(axis=0)
        crossed = np.sum([_cross(anchor, ends, a, b) for a, b in self.leaders], axis=0)
        cost = np.abs(length - LEADER * self.zoom) + 0.8 * over + 1000.0 * self.zoom * crossed
        best = int(np.argmin(cost))
        corner = corners[near[best]]
        return float(cost[best]), (float(corner[0]), float(corner[1]))


def _cross(a: Pixel, ends: Array, c: Pixel, d: Pixel) -> NDArray[np.bool_]:
    """Which of the lines from ``a`` to each of ``ends`` crosses the one from ``c`` to ``d``."""

    def turn(p: Array, q: Array, r: Array) -> Array:
        (px, py), (qx, qy), (rx, ry) = p.T, q.T, r.T
        return np.asarray((qx - px) * (ry - py) - (qy - py) * (rx - px))

    start, first, second = np.array(a), np.array(c), np.array(d)
    parted = turn(start, ends, first) * turn(start, ends, second) < 0
    return parted & (turn(first, second, start) * turn(first, second, ends) < 0)
