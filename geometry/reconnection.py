"""Ways to connect some tetrahedra anew: an edge is taken away, or a node added on an edge or in a cell."""

from __future__ import annotations

from collections.abc import Sequence
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
_NO_CELLS, _NO_PIECES = np.empty((0, 1), dtype=np.int64), np.empty((0, 1, 4), dtype=np.int64)
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


class Lists(NamedTuple):
    """Lists of different lengths: list k is ``items`` from first[k] on to first[k + 1]."""

    items: Integers
    first: Integers

    @classmethod
    def alike(cls, items: Integers) -> Lists:
        """From lists (k, n, ...) of one length."""
        count, length = items.shape[:2]
        return cls(items.reshape(-1, *items.shape[2:]), length * np.arange(count + 1))

    @classmethod
    def joined(cls, lists: Sequence[Lists]) -> Lists:
        """All of them, in this order."""
        lengths = np.concatenate([np.diff(some.first) for some in lists])
        return cls(np.concatenate([some.items for some in lists]), np.cumsum([0, *lengths]))

    @property
    def owners(self) -> Integers:
        """The list that each item is in."""
        return np.repeat(np.arange(len(self.first) - 1), np.diff(self.first))

    def taken(self, order: Integers) -> Lists:
        """Some of the lists, in this order."""
        lengths = np.diff(self.first)[order]
        first = np.concatenate([[0], np.cumsum(lengths)])
        return Lists(self.items[np.repeat(self.first[order] - first[:-1], lengths) + np.arange(first[-1])], first)


@dataclass(frozen=True)
class Ways:
    """Ways to change the mesh.

    Attributes
    ----------
    gone : Lists of int
        The cells that are replaced.
    pieces : Lists of (4,) int
        By what; `NEW` for a new node.
    start, inside : (w, 3) array, mm
        The new node is somewhere between.
    adds : (w,) bool array
        Whether there is a new node.
    """

    gone: Lists
    pieces: Lists
    start: Array
    inside: Array
    adds: NDArray[np.bool_]

    @classmethod
    def of(cls, mesh: Tetrahedra, gone: Lists, pieces: Lists, starts: Array | None) -> Ways:
        """With new nodes, where ``starts`` (w, 3) are given."""
        count = len(gone.first) - 1
        if starts is None:
            return cls(gone, pieces, np.zeros((count, 3)), np.zeros((count, 3)), np.zeros(count, dtype=bool))
        inside = [mesh.points[mesh.cells[gone.items[a:b]]].mean(axis=(0, 1)) for a, b in pairwise(gone.first)]
        return cls(gone, pieces, starts, np.reshape(inside, (-1, 3)), np.ones(count, dtype=bool))

    @classmethod
    def joined(cls, *ways: Ways) -> Ways:
        """All of them, in this order."""
        gone, pieces = (Lists.joined([getattr(way, name) for way in ways]) for name in ("gone", "pieces"))
        return cls(gone, pieces, *(np.concatenate([getattr(w, n) for w in ways]) for n in ("start", "inside", "adds")))


def _rings(links: Integers) -> tuple[Integers, NDArray[np.bool_]]:
    """The corners (e, n) about edges as they follow each other, and where they close to one ring of n."""
    ring = np.empty(links.shape[:2], dtype=np.int64)
    closed = np.ones(len(ring), dtype=bool)
    here = links[:, 0, 0]
    for k in range(ring.shape[1]):
        ring[:, k] = here
        leads = links[:, :, 0] == here[:, None]
        closed &= leads.any(axis=1)
        here = links[np.arange(len(ring)), leads.argmax(axis=1), 1]
    distinct = (np.diff(np.sort(ring, axis=1), axis=1) > 0).all(axis=1)
    return ring, closed & distinct & (here == ring[:, 0])


def removals(mesh: Tetrahedra, around: Around) -> Ways:
    """Take away an edge: triangles between the corners about it, joined to either end of it."""
    edges, gone, pieces = [np.empty(0, dtype=np.int64)], [Lists.alike(_NO_CELLS)], [Lists.alike(_NO_PIECES)]
    for corners, triangulations in _TRIANGLES.items():
        some = np.flatnonzero(np.diff(around.first) == corners)
        places = around.first[some, None] + np.arange(corners)
        ring, closed = _rings(around.links[places])
        some, places, ring = some[closed], places[closed], ring[closed]
        for triangles in triangulations:
            base = ring[:, triangles]
            under, over = np.broadcast_to(around.edges[some].T[:, :, None, None], (2, *base.shape[:2], 1))
            halves = [np.concatenate([base, over], axis=2), np.concatenate([base[:, :, ::-1], under], axis=2)]
            edges.append(some)
            gone.append(Lists.alike(around.cells[places]))
            pieces.append(Lists.alike(np.concatenate(halves, axis=1)))
    order = np.argsort(np.concatenate(edges), kind="stable")  # edge by edge
    return Ways.of(mesh, Lists.joined(gone).taken(order), Lists.joined(pieces).taken(order), None)


def splits(mesh: Tetrahedra, around: Around) -> Ways:
    """Split an edge, and all cells about it."""
    gone, count = Lists(around.cells, around.first), len(around.edges)
    cells, ends = mesh.cells[around.cells], around.edges[gone.owners]
    halves = [Lists(np.where(cells == ends[:, k, None], NEW, cells), around.first) for k in (0, 1)]
    by_edge = Lists.joined(halves).taken(np.arange(2 * count).reshape(2, count).T.ravel())
    return Ways.of(mesh, gone, Lists(by_edge.items, by_edge.first[::2]), mesh.points[around.edges].mean(axis=1))


def split_alone(mesh: Tetrahedra, poor: Integers) -> Ways:
    """Split a cell about a node inside."""
    cells = mesh.cells[poor]
    pieces = np.where(np.eye(4, dtype=bool), NEW, cells[:, None])
    return Ways.of(mesh, Lists.alike(poor[:, None]), Lists.alike(pieces), mesh.points[cells].mean(axis=1))
