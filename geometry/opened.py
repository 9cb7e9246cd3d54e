"""Tetrahedra that are poor once they are curved, opened.

A tetrahedron with all corners on a smooth surface is sound as long as its edges are straight. Bent onto the surface, it
may have no volume left, as where two of its faces become tangent. Here an edge of it that runs through the solid is
split, and with it all tetrahedra around that edge; or, where all its edges are on the surface, it alone, about a node
inside. The new node is drawn to where the worst of the pieces is best. The surface mesh stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geometry.quality import POOR, condition_of
from geometry.tetrahedron import EDGES, keys_of

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

_PASSES = 5
_PLACES = np.linspace(0.0, 1.0, 6)  # that are tried for a new node, from the middle of the edge into the solid
_NEW = -1
GOOD = 0.25  # quality above which nothing is changed, and one way is as good as another
_BETTER = 1.2  # by which factor a way must be better that is not needed
# The corners of a tetrahedron off each of its edges, so that (edge, these) is an even permutation.
_LINKS = np.array([(2, 3), (0, 3), (3, 1), (1, 2), (0, 1), (2, 0)])
# All triangulations of polygons with up to five corners.
_TRIANGLES = {
    3: np.array([[(0, 1, 2)]]),
    4: np.array([[(0, 1, 2), (0, 2, 3)], [(1, 2, 3), (1, 3, 0)]]),
    5: np.array([[((0 + k) % 5, (1 + k) % 5, (2 + k) % 5), (k, (2 + k) % 5, (3 + k) % 5), (k, (3 + k) % 5, (4 + k) % 5)]
                 for k in range(5)]),
}  # fmt: skip


@dataclass(frozen=True)
class Skin:
    """Edges of the surface mesh, and by how much their middles are off those of straight edges.

    Attributes
    ----------
    keys : (k,) int array
        In rising order, see `keys_of`.
    bows : (k, 3) array, mm
    count : int
        Of points that the keys are made for.
    """

    keys: Integers
    bows: Array
    count: int

    def find(self, pairs: Integers) -> tuple[NDArray[np.bool_], Array]:
        """Which of some edges (..., 2) belong to it, and their bows (..., 3): zero for the others."""
        inside = ((pairs >= 0) & (pairs < self.count)).all(axis=-1)
        keys = keys_of(pairs, self.count)
        where = np.minimum(np.searchsorted(self.keys, keys), max(len(self.keys) - 1, 0))
        found = inside & (self.keys[where] == keys) if len(self.keys) else np.zeros_like(inside)
        bows = np.zeros((*found.shape, 3))
        bows[found] = self.bows[where[found]]
        return found, bows


class Tetrahedra(NamedTuple):
    """Straight-sided cells (m, 4), the region (m,) of each, and the points (n, 3) they lie between."""

    points: Array
    cells: Integers
    regions: Integers


def opened(mesh: Tetrahedra, quality: Array, skin: Skin) -> tuple[Tetrahedra, Array]:
    """The mesh without the poor elements that can be opened, and the quality (m,) of its curved elements.

    Parameters
    ----------
    mesh : Tetrahedra
    quality : (m,) array
        Of the curved elements.
    skin : Skin
    """
    fresh = np.ones(len(mesh.cells), dtype=bool)  # not tried yet
    for _ in range(_PASSES):
        improvable = np.flatnonzero((fresh & (quality < GOOD)) | (quality < POOR))
        changes, blocked = _changes(mesh, quality, skin, improvable[np.argsort(quality[improvable], kind="stable")])
        if not changes:
            break
        gone = np.concatenate([change.gone for change in changes])
        regions = [np.full(len(change.pieces), mesh.regions[change.gone[0]]) for change in changes]
        new = [change.place for change in changes if change.adds]
        names = len(mesh.points) + np.cumsum([change.adds for change in changes]) - 1
        added = np.concatenate(
            [np.where(change.pieces == _NEW, name, change.pieces) for change, name in zip(changes, names, strict=True)]
        )
        points = np.concatenate([mesh.points, np.reshape(new, (-1, 3))])
        keep, fresh = np.ones(len(mesh.cells), dtype=bool), np.zeros(len(mesh.cells), dtype=bool)
        keep[gone], fresh[blocked] = False, True
        fresh = np.concatenate([fresh[keep], np.ones(len(added), dtype=bool)])
        quality = np.concatenate([quality[keep], _quality(points, added, skin)])
        cells, of_region = np.concatenate([mesh.cells[keep], added]), np.concatenate([mesh.regions[keep], *regions])
        mesh = Tetrahedra(points, cells, of_region)
    return mesh, quality


class _Change(NamedTuple):
    """Cells that are replaced by pieces (k, 4), which may have a new node at a place."""

    gone: Integers
    pieces: Integers
    adds: bool
    place: Array


def _changes(mesh: Tetrahedra, quality: Array, skin: Skin, some: Integers) -> tuple[list[_Change], list[int]]:
    """What can be changed at one go for some cells, no cell twice, in this order; and those that had to wait."""
    if not len(some):
        return [], []
    poor = some[quality[some] < POOR]
    candidates = [
        _removals(mesh, _around(mesh, skin, some)),
        _splits(mesh, _around(mesh, skin, poor)),
        _alone(mesh, poor),
    ]
    found = [(*_best_places(mesh, ways, skin), ways) for ways in candidates]
    ways = _Ways.joined(*candidates)
    places, worst = (np.concatenate([result[k] for result in found]) for k in (0, 1))
    before = np.array([quality[cells].min() for cells in ways.gone])
    sound = np.flatnonzero((worst >= POOR) & (ways.adds | (worst > _BETTER * before)))
    # Good ways all count alike, and then those come first that add no node.
    order = sound[np.lexsort((-worst[sound], ways.adds[sound], -np.minimum(worst[sound], GOOD)))]
    of_cell: dict[int, list[int]] = {int(cell): [] for cell in some}
    for way in order.tolist():
        for cell in ways.gone[way]:
            if cell in of_cell:
                of_cell[cell].append(way)
    touched = np.zeros(len(mesh.cells), dtype=bool)
    changes, blocked = list[_Change](), list[int]()
    for cell, choices in of_cell.items():
        for way in choices:
            gone = np.array(ways.gone[way])
            if touched[cell]:
                break
            if not touched[gone].any():
                pieces = ways.pieces[ways.first[way] : ways.first[way + 1]]
                changes.append(_Change(gone, pieces, bool(ways.adds[way]), places[way]))
                touched[gone] = True
        if choices and not touched[cell]:
            blocked.append(cell)
    return changes, blocked


class _Around(NamedTuple):
    """Edges (e, 2) inside, and their cells: those of edge k from first[k] on to first[k + 1].

    ``links`` (c, 2) are the other corners of each cell, so that (edge, link) is as it turns.
    """

    edges: Integers
    cells: Integers
    links: Integers
    first: Integers


def _around(mesh: Tetrahedra, skin: Skin, poor: Integers) -> _Around:
    """The edges of poor cells that run through the solid."""
    count = len(mesh.points)
    at_corner = np.zeros(count, dtype=bool)
    at_corner[mesh.cells[poor]] = True
    near = np.flatnonzero(at_corner[mesh.cells].sum(axis=1) >= 2)  # the only ones that may share an edge with them
    edges = mesh.cells[poor][:, EDGES]
    wanted = np.unique(keys_of(edges[~skin.find(edges)[0]], count))
    keys = keys_of(mesh.cells[near][:, EDGES], count)
    row, side = np.nonzero(np.isin(keys, wanted))
    edge = np.searchsorted(wanted, keys[row, side])
    order = np.argsort(edge, kind="stable")
    row, side, edge = row[order], side[order], edge[order]
    cells = mesh.cells[near[row]]
    links = np.take_along_axis(cells, _LINKS[side], axis=1)
    ends = np.stack(np.divmod(wanted, count), axis=1)
    turned = np.take_along_axis(cells, EDGES[side], axis=1)[:, 0] != ends[edge, 0]
    links[turned] = links[turned, ::-1]
    return _Around(ends, near[row], links, np.searchsorted(edge, np.arange(len(wanted) + 1)))


@dataclass(frozen=True)
class _Ways:
    """Ways to change the mesh: way w has the pieces from first[w] on to first[w + 1].

    Attributes
    ----------
    pieces : (p, 4) int array
        `_NEW` for a new node.
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
    def of(cls, mesh: Tetrahedra, pieces: list[Integers], starts: Array, adds: bool, gone: list[list[int]]) -> _Ways:
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
    def joined(cls, *ways: _Ways) -> _Ways:
        pieces, starts, inside, adds = (
            np.concatenate([getattr(way, name) for way in ways]) for name in ("pieces", "start", "inside", "adds")
        )
        first = np.cumsum([0, *np.concatenate([np.diff(way.first) for way in ways])])
        return cls(pieces, first, starts, inside, adds, [cells for way in ways for cells in way.gone])


def _rings(around: _Around) -> list[tuple[list[int], list[int]]]:
    """For each edge its cells, and the corners about it as they follow each other."""
    found = []
    for begin, end in pairwise(around.first.tolist()):
        follows = dict(around.links[begin:end].tolist())
        corner = next(iter(follows))
        ring = [corner]
        while (corner := follows.get(corner, ring[0])) != ring[0]:
            ring.append(corner)
        found.append((around.cells[begin:end].tolist(), ring))
    return found


def _removals(mesh: Tetrahedra, around: _Around) -> _Ways:
    """Take away an edge: triangles between the corners about it, joined to either end of it."""
    pieces, gone = list[Integers](), list[list[int]]()
    for (a, b), (cells, ring) in zip(around.edges, _rings(around), strict=True):
        for triangles in _TRIANGLES.get(len(ring), ()) if len(ring) == len(cells) else ():
            corners = np.array(ring)[triangles]
            over = np.column_stack([corners, np.full(len(corners), b)])
            under = np.column_stack([corners[:, ::-1], np.full(len(corners), a)])
            pieces.append(np.concatenate([over, under]))
            gone.append(cells)
    return _Ways.of(mesh, pieces, np.zeros((len(pieces), 3)), False, gone)


def _splits(mesh: Tetrahedra, around: _Around) -> _Ways:
    """Split an edge, and all cells about it."""
    pieces, gone = list[Integers](), list[list[int]]()
    for (a, b), (begin, end) in zip(around.edges, pairwise(around.first), strict=True):
        cells = mesh.cells[around.cells[begin:end]]
        pieces.append(np.concatenate([np.where(cells == a, _NEW, cells), np.where(cells == b, _NEW, cells)]))
        gone.append(around.cells[begin:end].tolist())
    return _Ways.of(mesh, pieces, mesh.points[around.edges].mean(axis=1), True, gone)


def _alone(mesh: Tetrahedra, poor: Integers) -> _Ways:
    """Split a cell about a node inside."""
    cells = mesh.cells[poor]
    pieces = [np.where(np.eye(4, dtype=bool), _NEW, cell) for cell in cells]
    return _Ways.of(mesh, pieces, mesh.points[cells].mean(axis=1), True, [[int(cell)] for cell in poor])


def _best_places(mesh: Tetrahedra, ways: _Ways, skin: Skin) -> tuple[Array, Array]:
    """For each way the place (w, 3) of the new node where the worst piece is best, and how good that is (w,)."""
    first, pieces = ways.first[:-1], ways.pieces
    if not len(first):
        return np.empty((0, 3)), np.empty(0)
    way = np.repeat(np.arange(len(first)), np.diff(ways.first))
    corners, new = mesh.points[pieces], pieces == _NEW
    _, bows = skin.find(pieces[:, EDGES])
    places, best = ways.start.copy(), np.full(len(first), -np.inf)
    for t in _PLACES if ways.adds.any() else _PLACES[:1]:
        tried = ways.start + t * (ways.inside - ways.start)
        corners[new] = tried[way[new.any(axis=1)]]
        nodes = np.concatenate([corners, corners[:, EDGES].mean(axis=2) + bows], axis=1)
        worst = np.minimum.reduceat(condition_of(nodes), first)
        better = worst > best
        places[better], best[better] = tried[better], worst[better]
    return places, best


def _quality(points: Array, cells: Integers, skin: Skin) -> Array:
    _, bows = skin.find(cells[:, EDGES])
    corners = points[cells]
    return condition_of(np.concatenate([corners, corners[:, EDGES].mean(axis=2) + bows], axis=1))
