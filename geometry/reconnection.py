"""Ways to connect some tetrahedra anew: an edge is taken away, or a node added on an edge or in a cell."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geometry.skin import Skin, Tetrahedra
from geometry.tetrahedron import EDGES, keys_of

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

NEW = -1  # a corner that is a new node
# The corners of a tetrahedron off each of its edges, so that (edge, these) is an even permutation.
_LINKS = np.array([(2, 3), (0, 3), (3, 1), (1, 2), (0, 1), (2, 0)])
# All triangulations of polygons with up to five corners.
_TRIANGLES = {
    3: [np.array([(0, 1, 2)])],
    4: [np.array([(0, 1, 2), (0, 2, 3)]), np.array([(1, 2, 3), (1, 3, 0)])],
    5: [(np.array([(0, 1, 2), (0, 2, 3), (0, 3, 4)]) + k) % 5 for k in range(5)],
}


class Around(NamedTuple):
    """Edges (e, 2) inside, and their cells: those of edge k from first[k] on to first[k + 1].

    ``links`` (c, 2) are the other corners of each cell, so that (edge, link) is as it turns.
    """

    edges: Integers
    cells: Integers
    links: Integers
    first: Integers


def edges_inside(mesh: Tetrahedra, skin: Skin, some: Integers) -> Around:
    """The edges of some cells that run through the solid, and are of one region."""
    count = len(mesh.points)
    at_corner = np.zeros(count, dtype=bool)
    at_corner[mesh.cells[some]] = True
    near = np.flatnonzero(at_corner[mesh.cells].sum(axis=1) >= 2)  # the only ones that may share an edge with them
    edges = mesh.cells[some][:, EDGES]
    wanted = np.unique(keys_of(edges[~skin.find(edges)[0]], count))
    keys = keys_of(mesh.cells[near][:, EDGES], count)
    row, side = np.nonzero(np.isin(keys, wanted))
    edge = np.searchsorted(wanted, keys[row, side])
    order = np.argsort(edge, kind="stable")
    row, side, edge = row[order], side[order], edge[order]
    region = mesh.regions[near[row]]
    single = np.ones(len(wanted), dtype=bool)
    single[edge[region != region[np.searchsorted(edge, edge)]]] = False
    kept = single[edge]
    row, side, edge, wanted = row[kept], side[kept], (np.cumsum(single) - 1)[edge[kept]], wanted[single]
    cells = mesh.cells[near[row]]
    links = np.take_along_axis(cells, _LINKS[side], axis=1)
    ends = np.stack(np.divmod(wanted, count), axis=1)
    turned = np.take_along_axis(cells, EDGES[side], axis=1)[:, 0] != ends[edge, 0]
    links[turned] = links[turned, ::-1]
    return Around(ends, near[row], links, np.searchsorted(edge, np.arange(len(wanted) + 1)))


@dataclass(frozen=True)
class Ways:
    """Ways to change the mesh: way w has the pieces from first[w] on to first[w + 1].

    Attributes
    ----------
    pieces : (p, 4) int array
        `NEW` for a new node.
    first : (w + 1,) int array
    start, inside : (w, 3) array, mm
        The new node is somewhere between.
    adds : (w,) bool array
        Whether there is a new node.
    gone : list of list of int
        The cells that are replaced.
    """

    pieces: Integers
    first: Integers
    start: Array
    inside: Array
    adds: NDArray[np.bool_]
    gone: list[list[int]]

    @classmethod
    def of(cls, mesh: Tetrahedra, pieces: list[Integers], starts: Array, adds: bool, gone: list[list[int]]) -> Ways:
        """From the pieces of each way, (k, 4)."""
        count = len(pieces)
        inside = [mesh.points[mesh.cells[cells]].mean(axis=(0, 1)) for cells in gone]
        return cls(
            np.concatenate([np.empty((0, 4), dtype=np.int64), *pieces]),
            np.cumsum([0, *(len(some) for some in pieces)]),
            starts.reshape(-1, 3),
            np.reshape(inside, (-1, 3)),
            np.full(count, adds),
            gone,
        )

    @classmethod
    def joined(cls, *ways: Ways) -> Ways:
        """All of them, in this order."""
        pieces, starts, inside, adds = (
            np.concatenate([getattr(way, name) for way in ways]) for name in ("pieces", "start", "inside", "adds")
        )
        first = np.cumsum([0, *np.concatenate([np.diff(way.first) for way in ways])])
        return cls(pieces, first, starts, inside, adds, [cells for way in ways for cells in way.gone])


def _ring(links: Integers) -> list[int]:
    """The corners about an edge as they follow each other; none where they do not close to one ring."""
    follows = dict(links.tolist())
    ring = [next(iter(follows))]
    while len(ring) < len(follows) and ring[-1] in follows:
        ring.append(follows[ring[-1]])
    closed = len(set(ring)) == len(links) and follows.get(ring[-1]) == ring[0]
    return ring if closed else []


def removals(mesh: Tetrahedra, around: Around) -> Ways:
    """Take away an edge: triangles between the corners about it, joined to either end of it."""
    pieces, gone = list[Integers](), list[list[int]]()
    for (a, b), (begin, end) in zip(around.edges, pairwise(around.first), strict=True):
        ring = np.array(_ring(around.links[begin:end]))
        for triangles in _TRIANGLES.get(len(ring), ()):
            corners = ring[triangles]
            over = np.column_stack([corners, np.full(len(corners), b)])
            under = np.column_stack([corners[:, ::-1], np.full(len(corners), a)])
            pieces.append(np.concatenate([over, under]))
            gone.append(around.cells[begin:end].tolist())
    return Ways.of(mesh, pieces, np.zeros((len(pieces), 3)), False, gone)


def splits(mesh: Tetrahedra, around: Around) -> Ways:
    """Split an edge, and all cells about it."""
    pieces, gone = list[Integers](), list[list[int]]()
    for (a, b), (begin, end) in zip(around.edges, pairwise(around.first), strict=True):
        cells = mesh.cells[around.cells[begin:end]]
        pieces.append(np.concatenate([np.where(cells == a, NEW, cells), np.where(cells == b, NEW, cells)]))
        gone.append(around.cells[begin:end].tolist())
    return Ways.of(mesh, pieces, mesh.points[around.edges].mean(axis=1), True, gone)


def split_alone(mesh: Tetrahedra, poor: Integers) -> Ways:
    """Split a cell about a node inside."""
    cells = mesh.cells[poor]
    pieces = [np.where(np.eye(4, dtype=bool), NEW, cell) for cell in cells]
    return Ways.of(mesh, pieces, mesh.points[cells].mean(axis=1), True, [[int(cell)] for cell in poor])
