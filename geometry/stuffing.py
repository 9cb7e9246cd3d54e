"""Isosurface stuffing: tetrahedra that fill the inside of a level set in a box, with opposite faces alike.

The lattice is body-centred cubic: cube corners and centres, four tetrahedra about every face between two centres. On
the faces of the box these are halved, so that the box is filled exactly and what is periodic stays so. Vertices near
the surface are drawn onto it, the other elements are cut (Labelle and Shewchuk, ACM Trans. Graph. 26, 2007, 57).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Integers = NDArray[np.int64]
Level = Callable[[Array], Array]  # values (n,) at points (n, 3), mm; negative inside

# Where a cut is nearer to a vertex than this, by the length of the edge, the vertex goes there (Labelle and Shewchuk
# 2007, table 1: long edges along the axes, short ones to the centres).
_LONG, _SHORT = 0.24999, 0.41189
_NEAREST_CUT = 0.03  # a cut next to a vertex that may not move is moved away by so much
_BISECTIONS = 40
_PAIRS = np.array([(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)])


@dataclass(frozen=True)
class Stuffed:
    """Linear tetrahedra.

    Attributes
    ----------
    points : (n, 3) array, mm
    cells : (m, 4) array
        Positively oriented.
    planes : (n, 3) array
        -1, 0 or 1: whether a point is on the low face of the box across an axis, on none, or on the high one.
    twins : (n,) array
        Points that are the same but for whole periods have one number.
    """

    points: Array
    cells: Integers
    planes: Integers
    twins: Integers


def stuffed(level: Level, low: Array, high: Array, number: int) -> Stuffed:
    """Fill the inside of a level set in a box.

    Parameters
    ----------
    level : callable
        Periodic with the box.
    low, high : (3,) arrays, mm
    number : int
        Of cubes along each edge of the box.
    """
    lattice, cells = _lattice(number)
    step = (high - low) / (2 * number)
    points = low + lattice * step
    planes = (lattice == 2 * number).astype(np.int64) - (lattice == 0)
    wrapped = lattice % (2 * number)
    # Twins are ordered alike on opposite faces; so are the diagonals that the order decides.
    twins = (wrapped @ np.array([1, 2 * number, 4 * number * number])).astype(np.int64)
    values = level(points)
    sign = np.sign(np.where(np.abs(values) < 1e-9 * np.abs(values).max(), 0.0, values)).astype(np.int64)
    edges = _edges(cells)
    cut = _cuts(level, points, edges[sign[edges[:, 0]] * sign[edges[:, 1]] < 0], sign)
    points, sign = _drawn_to_surface(points, sign, planes, lattice, cut)
    cut = cut.where(sign[cut.edges[:, 0]] * sign[cut.edges[:, 1]] < 0)
    share = np.clip(cut.share, _NEAREST_CUT, 1 - _NEAREST_CUT)[:, None]
    a, b = cut.edges.T
    names = len(points) + np.arange(len(a))
    all_points = np.concatenate([points, (1 - share) * points[a] + share * points[b]])
    all_planes = np.concatenate([planes, np.where(planes[a] == planes[b], planes[a], 0)])
    # An edge and its images have the same pair of twins; one edge of a small lattice may be told by its direction only.
    size, turn = int(twins.max()) + 1, ((lattice[b] - lattice[a]) @ np.array([1, 5, 25]) + 62)
    key = (np.minimum(twins[a], twins[b]) * size + np.maximum(twins[a], twins[b])) * 125
    key += np.where(twins[a] < twins[b], turn, 124 - turn)
    all_twins = np.concatenate([twins, size + np.unique(key, return_inverse=True)[1]])
    inner = _inside(cells, sign, twins, level, points, cut.edges, names)
    return _compressed(all_points, _oriented(all_points, inner), all_planes, all_twins)


def _lattice(n: int) -> tuple[Integers, Integers]:
    """Vertices in half steps of the lattice (k, 3), and its tetrahedra."""
    grid = np.stack(np.meshgrid(*[np.arange(2 * n + 1)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    odd = grid % 2
    on_box = ((grid == 0) | (grid == 2 * n)).any(axis=1)
    corner, centre = (odd == 0).all(axis=1), (odd == 1).all(axis=1)
    face = on_box & (odd.sum(axis=1) == 2)
    name = np.full(len(grid), -1)
    kept = np.flatnonzero(corner | centre | face)
    name[kept] = np.arange(len(kept))
    side = 2 * n + 1

    def at(p: Integers) -> Integers:
        return np.asarray(name[(p[:, 0] * side + p[:, 1]) * side + p[:, 2]])

    cells = []
    for axis in range(3):
        across, along = np.zeros(3, dtype=int), [np.zeros(3, dtype=int) for _ in range(2)]
        across[axis] = 1
        for k, other in enumerate(o for o in range(3) if o != axis):
            along[k][other] = 1
        middles = grid[(odd.sum(axis=1) == 2) & (odd[:, axis] == 0)]  # of the faces of all cubes
        turns = [along[0] + along[1], along[0] - along[1], -along[0] - along[1], -along[0] + along[1]]
        ends = [
            np.where((middles[:, axis] == edge)[:, None], middles, middles + way * across)
            for edge, way in ((0, -1), (2 * n, 1))
        ]
        for k in range(4):
            around = [at(middles + turns[k]), at(middles + turns[(k + 1) % 4])]
            cells.append(np.column_stack([*(at(end) for end in ends), *around]))
    return grid[kept], np.concatenate(cells)


def _edges(cells: Integers) -> Integers:
    return np.asarray(np.unique(np.sort(cells[:, _PAIRS].reshape(-1, 2), axis=1), axis=0))


@dataclass(frozen=True)
class _Cuts:
    """Edges (k, 2) that the surface crosses, and where, as a share (k,) of the way from the first to the second end."""

    edges: Integers
    share: Array

    def where(self, chosen: NDArray[np.bool_]) -> _Cuts:
        return _Cuts(self.edges[chosen], self.share[chosen])


def _cuts(level: Level, points: Array, edges: Integers, sign: Integers) -> _Cuts:
    a, b = points[edges[:, 0]], points[edges[:, 1]]
    below, above = np.zeros(len(edges)), np.ones(len(edges))
    for _ in range(_BISECTIONS):
        middle = (below + above) / 2
        same = np.sign(level(a + middle[:, None] * (b - a))) == sign[edges[:, 0]]
        below, above = np.where(same, middle, below), np.where(same, above, middle)
    return _Cuts(edges, (below + above) / 2)


def _drawn_to_surface(
    points: Array, sign: Integers, planes: Integers, lattice: Integers, cut: _Cuts
) -> tuple[Array, Integers]:
    """Move vertices to the nearest cut of their edges, if it is near enough; on the box only along it."""
    vertex = cut.edges.ravel(order="F")
    other = cut.edges[:, ::-1].ravel(order="F")
    share = np.concatenate([cut.share, 1 - cut.share])
    way = lattice[other] - lattice[vertex]
    short = (np.abs(way) == 1).all(axis=1)
    allowed = ((way == 0) | (planes[vertex] == 0)).all(axis=1)
    near = (share < np.where(short, _SHORT, _LONG)) & allowed
    vertex, other, share, way = vertex[near], other[near], share[near], way[near]
    distance = np.round(share * np.linalg.norm(way, axis=1), 9)  # a tie is broken alike on opposite faces
    order = np.lexsort((way[:, 2], way[:, 1], way[:, 0], distance, vertex))
    chosen = order[np.unique(vertex[order], return_index=True)[1]]
    v, w, t = vertex[chosen], other[chosen], share[chosen, None]
    moved, new_sign = points.copy(), sign.copy()
    moved[v] = (1 - t) * points[v] + t * points[w]
    new_sign[v] = 0
    return moved, new_sign


def _inside(
    cells: Integers,
    sign: Integers,
    twins: Integers,
    level: Level,
    points: Array,
    cut_edges: Integers,
    names: Integers,
) -> Integers:
    """The part of the lattice's tetrahedra that is inside."""
    # Corners in the order inside, surface, outside; among those inside by their twins.
    order = np.lexsort((twins[cells], sign[cells]), axis=1)
    cells = np.take_along_axis(cells, order, axis=1)
    inner, outer = (sign[cells] < 0).sum(axis=1), (sign[cells] > 0).sum(axis=1)
    on_surface = (inner == 0) & (outer == 0)
    kept = (outer == 0) & (inner > 0)
    kept[on_surface] = level(points[cells[on_surface]].mean(axis=1)) < 0
    parts = [cells[kept]]
    keys = cut_edges[:, 0] * len(sign) + cut_edges[:, 1]  # sorted, as the edges are

    for number in (1, 2, 3):
        for zeros in range(4 - number):
            if (beyond := 4 - number - zeros) == 0:
                continue
            a = cells[(inner == number) & (outer == beyond)]

            def between(i: int, j: int, a: Integers = a) -> Integers:
                ends = np.sort(a[:, [i, j]], axis=1)
                return np.asarray(names[np.searchsorted(keys, ends[:, 0] * len(sign) + ends[:, 1])])

            def add(*corners: Integers) -> None:
                parts.append(np.column_stack(corners))

            if number == 1:
                add(a[:, 0], *(a[:, k] if k <= zeros else between(0, k) for k in (1, 2, 3)))
            elif number == 2 and zeros == 1:  # a pyramid
                add(a[:, 0], a[:, 1], between(1, 3), a[:, 2])
                add(a[:, 0], between(1, 3), between(0, 3), a[:, 2])
            elif number == 2:  # a wedge; the diagonals of its outer faces start from the first corner
                add(a[:, 0], a[:, 1], between(1, 2), between(1, 3))
                add(a[:, 0], between(0, 2), between(0, 3), between(1, 3))
                add(a[:, 0], between(0, 2), between(1, 3), between(1, 2))
            else:  # a prism
                add(a[:, 0], a[:, 1], a[:, 2], between(2, 3))
                add(a[:, 0], a[:, 1], between(2, 3), between(1, 3))
                add(a[:, 0], between(0, 3), between(1, 3), between(2, 3))
    return np.concatenate(parts)


def _oriented(points: Array, cells: Integers) -> Integers:
    corners = points[cells]
    negative = np.linalg.det(corners[:, 1:] - corners[:, :1]) < 0
    cells = cells.copy()
    cells[negative, 2:] = cells[negative, 3:1:-1]
    return cells


def _compressed(points: Array, cells: Integers, planes: Integers, twins: Integers) -> Stuffed:
    used, local = np.unique(cells, return_inverse=True)
    return Stuffed(points[used], local.reshape(cells.shape), planes[used], twins[used])
