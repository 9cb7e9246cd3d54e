"""Where on a picture a text can stand: beside the part, near what it names, on nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

CELL = 8  # pixels to a side of the grid on which places are sought
LEADER = 90.0  # pixels; a leader line of this length reads best


@dataclass
class Placement:
    """The free room of a picture.

    Attributes
    ----------
    taken : (rows, columns) array of bool
        Cells of `CELL` pixels that hold something already.
    """

    taken: NDArray[np.bool_]
    leaders: list[tuple[tuple[float, float], tuple[float, float]]] = field(default_factory=list)

    @classmethod
    def around(cls, image: NDArray[np.uint8]) -> Placement:
        """The room around what an image (rows, columns, 3) shows on its white ground."""
        drawn = image.min(axis=2) < 250
        rows, columns = drawn.shape[0] // CELL, drawn.shape[1] // CELL
        blocks = drawn[: rows * CELL, : columns * CELL].reshape(rows, CELL, columns, CELL)
        return cls(blocks.any(axis=(1, 3)))

    def take(self, x0: float, y0: float, x1: float, y1: float) -> None:
        """Keep a rectangle (pixels, from the top left) free of text."""
        a, b, c, d = (int(v // CELL) for v in (x0, y0, x1, y1))
        self.taken[max(b, 0) : d + 1, max(a, 0) : c + 1] = True

    def place(self, anchor: tuple[float, float], width: float, height: float) -> tuple[float, float]:
        """The top left corner for a text of the given size that names the point ``anchor``; it is then taken.

        The cost of a place is how far the length of its leader is from the best one, plus what the leader crosses.
        """
        w, h = int(width // CELL) + 2, int(height // CELL) + 2
        rows, columns = self.taken.shape
        total = np.pad(np.cumsum(np.cumsum(self.taken, axis=0), axis=1), ((1, 0), (1, 0)))
        count = total[h:, w:] - total[:-h, w:] - total[h:, :-w] + total[:-h, :-w]
        free = np.argwhere(count == 0)
        edge = 3
        inside = (
            (free[:, 0] >= edge)
            & (free[:, 1] >= edge)
            & (free[:, 0] < rows - h - edge)
            & (free[:, 1] < columns - w - edge)
        )
        free = free[inside]
        if not len(free):  # a crowded picture: better over the part than lost
            return anchor
        x, y = (free[:, 1] + 1.0) * CELL, (free[:, 0] + 1.0) * CELL
        ends = np.array([attach(anchor, (a, b), width, height) for a, b in zip(x, y, strict=True)])
        length = np.linalg.norm(ends - np.array(anchor), axis=1)
        cost = np.abs(length - LEADER)
        order = np.argsort(cost)[:600]
        full = np.array([cost[i] + self._crossed(anchor, tuple(ends[i])) for i in order])
        best = order[int(np.argmin(full))]
        corner = (float(x[best]), float(y[best]))
        self.take(corner[0] - CELL, corner[1] - CELL, corner[0] + width + CELL, corner[1] + height + CELL)
        self.leaders.append((anchor, (float(ends[best][0]), float(ends[best][1]))))
        return corner

    def _crossed(self, a: tuple[float, float], b: tuple[float, float]) -> float:
        length = float(np.hypot(b[0] - a[0], b[1] - a[1]))
        steps = np.linspace(0, 1, max(int(length / CELL), 2))[:-1]
        x = np.clip(((a[0] + steps * (b[0] - a[0])) // CELL).astype(int), 0, self.taken.shape[1] - 1)
        y = np.clip(((a[1] + steps * (b[1] - a[1])) // CELL).astype(int), 0, self.taken.shape[0] - 1)
        over = 0.8 * CELL * float(self.taken[y, x].sum())
        return over + 2000.0 * sum(_cross(a, b, c, d) for c, d in self.leaders)


def attach(
    anchor: tuple[float, float], corner: tuple[float, float], width: float, height: float
) -> tuple[float, float]:
    """Where on the border of a text its leader ends: at a side, or above or below when there is no side free."""
    x, y = corner
    first_line = y + min(height / 2, 18.0)
    gap = 8.0
    if x > anchor[0] + 10:
        return x - gap, first_line
    if x + width < anchor[0] - 10:
        return x + width + gap, first_line
    return x + width / 2, (y - gap if y > anchor[1] else y + height + gap)


def _cross(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float], d: tuple[float, float]) -> bool:
    def turn(p: tuple[float, float], q: tuple[float, float], r: tuple[float, float]) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    return turn(a, b, c) * turn(a, b, d) < 0 and turn(c, d, a) * turn(c, d, b) < 0
