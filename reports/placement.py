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
TRIED = 150  # places by distance for which the crossings are counted


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
        drawn = image.min(axis=2) < 250
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
        self.leaders.append((anchor, self.attach(anchor, (x, y), width, height)))
        return anchor, (x, y)

    def attach(self, anchor: Pixel, corner: Pixel, width: float, height: float) -> Pixel:
        """Where on the border of a text its leader ends: at a side, or above or below if the text is right there."""
        x, y = corner
        gap, beside = GAP * self.zoom, 5 * self.zoom
        first_line = y + min(height / 2, FIRST_LINE * self.zoom)
        if x > anchor[0] + beside:
            return x - gap, first_line
        if x + width < anchor[0] - beside:
            return x + width + gap, first_line
        return x + width / 2, (y - gap if y > anchor[1] else y + height + gap)

    def _cheapest(self, anchor: Pixel, corners: Array, width: float, height: float) -> tuple[float, Pixel]:
        apart = np.maximum(np.maximum(corners - anchor, anchor - corners - (width, height)), 0.0)
        near = corners[np.argsort(np.abs(np.linalg.norm(apart, axis=1) - LEADER * self.zoom))[:TRIED]]
        places = [(float(x), float(y)) for x, y in near]
        costs = [self._cost(anchor, self.attach(anchor, place, width, height)) for place in places]
        best = int(np.argmin(costs))
        return costs[best], places[best]

    def _cost(self, anchor: Pixel, end: Pixel) -> float:
        length = float(np.hypot(end[0] - anchor[0], end[1] - anchor[1]))
        steps = np.linspace(0, 1, max(int(length / self.cell), 2))[:-1, None]
        cells = ((np.array(anchor) + steps * (np.array(end) - anchor)) // self.cell).astype(int)
        x, y = np.clip(cells, 0, np.array(self.taken.shape)[::-1] - 1).T
        over = 0.8 * self.cell * float(self.taken[y, x].sum())
        crossed = sum(_cross(anchor, end, a, b) for a, b in self.leaders)
        return abs(length - LEADER * self.zoom) + over + 1000.0 * self.zoom * crossed


def _cross(a: Pixel, b: Pixel, c: Pixel, d: Pixel) -> bool:
    def turn(p: Pixel, q: Pixel, r: Pixel) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    return turn(a, b, c) * turn(a, b, d) < 0 and turn(c, d, a) * turn(c, d, b) < 0
