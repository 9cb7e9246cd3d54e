"""Which lines of a shape a drawing has: sharp edges, borders of regions, and the outline as one direction sees it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reports.curved import Seams, along
from reports.drawing.shape import QUARTERS, Locator, Shape

Array = NDArray[np.float64]

SHARP = np.cos(np.radians(25.0))
MOST_PIECES = 6  # straight pieces to a curved edge
PIECES = 12_000  # of all edges together, if their number allows it
FINE = 15_000  # faces from which they need not be parted for the outline: they are smaller than what can be drawn
WHOLE = ((0, 1, 2),)


@dataclass(frozen=True)
class Pieces:
    """Short straight pieces of lines.

    Attributes
    ----------
    ends : (n, 2, 3) array, mm
    normals : (n, 3) array
        Outward normal of the surface there.
    """

    ends: Array
    normals: Array


@dataclass(frozen=True)
class Edges:
    """The lines of a shape that do not depend on the view."""

    sharp: Pieces
    borders: Pieces

    @classmethod
    def of(cls, shape: Shape) -> Edges:
        """Edges at which the surface turns by more than 25 degrees, and smooth ones between regions."""
        seams = Seams.of(shape.faces, shape.normals)
        sharp = seams.turn < SHARP
        border = ~sharp & (shape.labels[seams.faces[:, 0]] != shape.labels[seams.faces[:, 1]])
        mean = seams.normals.sum(axis=1)
        mean /= np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-300)
        return cls(*(_curves(shape.points[seams.nodes[chosen]], mean[chosen]) for chosen in (sharp, border)))


def _curves(nodes: Array, normals: Array) -> Pieces:
    """Pieces of quadratic curves through nodes (n, 3, 3): both ends and the middle."""
    count = int(np.clip(PIECES // max(len(nodes), 1), 1, MOST_PIECES))
    points = along(nodes, count)
    ends = np.stack([points[:-1], points[1:]], axis=2).transpose(1, 0, 2, 3).reshape(-1, 2, 3)
    return Pieces(ends, np.repeat(normals, count, axis=0))


def outline(shape: Shape, towards: Array) -> Pieces:
    """Where the surface turns away from a direction: zeros of n . d, each quarter of a face taken as linear
    (Hertzmann and Zorin, SIGGRAPH 2000, section 4)."""
    facing = shape.normals @ towards
    nodes, normals = shape.nodes, shape.normals
    ends, outward = [], []
    for quarter in QUARTERS if len(shape.faces) < FINE else WHOLE:
        g = facing[:, quarter]
        met = (g.min(axis=1) < 0) & (g.max(axis=1) > 0)
        g, x, n = g[met], nodes[met][:, quarter], normals[met][:, quarter]
        # The corner that is alone on its side is met by both crossings.
        sign = g > 0
        alone = np.argmax(sign == (sign.sum(axis=1) == 1)[:, None], axis=1)
        rows = np.arange(len(g))
        crossings, turned = [], []
        for step in (1, 2):
            other = (alone + step) % 3
            t = (g[rows, alone] / (g[rows, alone] - g[rows, other]))[:, None]
            crossings.append((1 - t) * x[rows, alone] + t * x[rows, other])
            turned.append((1 - t) * n[rows, alone] + t * n[rows, other])
        ends.append(np.stack(crossings, axis=1))
        outward.append(sum(turned) / 2)
    return Pieces(np.concatenate(ends), np.concatenate(outward))


def seen(pieces: Pieces, towards: Array, locator: Locator) -> Array:
    """The pieces (n, 2, 3) of which the middle is visible."""
    return pieces.ends[locator.visible(pieces.ends.mean(axis=1), pieces.normals, towards)]


def chained(segments: Array, grain: float) -> list[Array]:
    """Segments (n, 2, 2) as few lines (k, 2); ends nearer than a ``grain`` are one, and what is shorter is left out."""
    names = np.round(segments / grain).astype(np.int64)
    apart = np.any(names[:, 0] != names[:, 1], axis=1)
    names = names[apart]
    if not len(names):
        return []
    # Each once, whichever way it goes.
    swap = (names[:, 0, 0] > names[:, 1, 0]) | ((names[:, 0, 0] == names[:, 1, 0]) & (names[:, 0, 1] > names[:, 1, 1]))
    names[swap] = names[swap][:, ::-1]
    names = np.unique(names.reshape(-1, 4), axis=0).reshape(-1, 2, 2)
    ends = [((int(a[0]), int(a[1])), (int(b[0]), int(b[1]))) for a, b in names]
    at: dict[tuple[int, int], list[int]] = defaultdict(list)
    for number, pair in enumerate(ends):
        for end in pair:
            at[end].append(number)
    used = [False] * len(ends)
    lines = []
    # From open ends first: a line begun in its middle would be two.
    for number in sorted(range(len(ends)), key=lambda k: min(len(at[end]) for end in ends[k])):
        if used[number]:
            continue
        used[number] = True
        a, b = ends[number] if len(at[ends[number][0]]) == 1 else ends[number][::-1]
        line = [a, b]
        while following := [k for k in at[line[-1]] if not used[k]]:
            k = following[0]
            used[k] = True
            line.append(ends[k][1] if ends[k][0] == line[-1] else ends[k][0])
        lines.append(_thinned(np.array(line, dtype=float), 0.7) * grain)
    return lines


def _thinned(line: Array, tolerance: float) -> Array:
    """A line (k, 2) without points nearer to it than a tolerance (Ramer, Comput. Graph. Im. Process. 1, 1972, 244)."""
    keep = np.zeros(len(line), dtype=bool)
    keep[[0, -1]] = True
    parts = [(0, len(line) - 1)]
    while parts:
        first, last = parts.pop()
        if last - first < 2:
            continue
        chord, off = line[last] - line[first], line[first + 1 : last] - line[first]
        length = float(np.hypot(*chord))
        if length:
            distance = np.abs(off[:, 0] * chord[1] - off[:, 1] * chord[0]) / length
        else:  # closed
            distance = np.hypot(off[:, 0], off[:, 1])
        far = int(np.argmax(distance))
        if distance[far] > tolerance:
            middle = first + 1 + far
            keep[middle] = True
            parts += [(first, middle), (middle, last)]
    return line[keep]
