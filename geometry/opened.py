"""Tetrahedra that are poor once they are curved, opened.

A tetrahedron with all corners on a smooth surface is sound as long as its edges are straight. Bent onto the surface, it
may have no volume left, as where two of its faces become tangent. Here an edge of it that runs through the solid is
split, and with it all tetrahedra around that edge; or, where all its edges are on the surface, it alone, about a node
inside. The new node is drawn to where the worst of the pieces is best. The surface mesh stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
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
    for _ in range(_PASSES):
        poor = np.flatnonzero(quality < POOR)
        changes = _changes(mesh, quality, skin, poor[np.argsort(quality[poor], kind="stable")])
        if not changes:
            break
        first = len(mesh.points)
        gone = np.concatenate([change.gone for change in changes])
        pieces = [np.where(change.pieces == _NEW, first + k, change.pieces) for k, change in enumerate(changes)]
        regions = [np.full(len(change.pieces), mesh.regions[change.gone[0]]) for change in changes]
        added = np.concatenate(pieces)
        points = np.concatenate([mesh.points, [change.place for change in changes]])
        keep = np.ones(len(mesh.cells), dtype=bool)
        keep[gone] = False
        quality = np.concatenate([quality[keep], _quality(points, added, skin)])
        mesh = Tetrahedra(
            points,
            np.concatenate([mesh.cells[keep], added]),
            np.concatenate([mesh.regions[keep], *regions]),
        )
    return mesh, quality


class _Change(NamedTuple):
    """Cells that are replaced by pieces (k, 4) about a new node at a place."""

    gone: Integers
    pieces: Integers
    place: Array


def _changes(mesh: Tetrahedra, quality: Array, skin: Skin, poor: Integers) -> list[_Change]:
    """What can be changed at one go, no cell twice, from the worst cell on."""
    if not len(poor):
        return []
    groups, of_poor = _groups(mesh, skin, poor)
    places, worst = _best_places(mesh, groups, skin)
    worst = np.append(worst, -np.inf)  # of what is no group, -1
    touched = np.zeros(len(mesh.cells), dtype=bool)
    found = list[_Change]()
    for cell, choices in zip(poor, of_poor, strict=True):
        for group in choices[np.argsort(-worst[choices], kind="stable")]:
            gone = groups.cells[groups.first[group] : groups.first[group + 1]]
            if touched[cell] or worst[group] < POOR:
                break
            if not touched[gone].any():
                some = slice(groups.first[group], groups.first[group + 1])
                found.append(_Change(np.unique(gone), groups.pieces[some], places[group]))
                touched[gone] = True
    return found


class _Groups(NamedTuple):
    """Pieces that replace cells when an edge or a cell is split: those of group g from first[g] on to first[g + 1].

    Attributes
    ----------
    cells : (p,) int array
        The cell that each piece is of.
    pieces : (p, 4) int array
        `_NEW` for the new node.
    first : (g + 1,) int array
    start : (g, 3) array, mm
        The middle of the edge, or of the cell.
    """

    cells: Integers
    pieces: Integers
    first: Integers
    start: Array


def _groups(mesh: Tetrahedra, skin: Skin, poor: Integers) -> tuple[_Groups, Integers]:
    """Every way to open the poor cells, and those (k, 7) that concern each: by edge, -1 for none, and by itself."""
    at_corner = np.zeros(len(mesh.points), dtype=bool)
    at_corner[mesh.cells[poor]] = True
    near = np.flatnonzero(at_corner[mesh.cells].sum(axis=1) >= 2)  # the only ones that may share an edge with them
    edges = mesh.cells[poor][:, EDGES]
    inner = ~skin.find(edges)[0]
    wanted = np.unique(keys_of(edges[inner], len(mesh.points)))
    of_poor = np.full((len(poor), 7), -1)
    of_poor[:, :6][inner] = np.searchsorted(wanted, keys_of(edges[inner], len(mesh.points)))
    of_poor[:, 6] = len(wanted) + np.arange(len(poor))

    around = keys_of(mesh.cells[near][:, EDGES], len(mesh.points))
    row, _ = np.nonzero(hit := np.isin(around, wanted))
    group = np.searchsorted(wanted, around[hit])
    ends = np.stack(np.divmod(wanted, len(mesh.points)), axis=1)
    cells = np.concatenate([np.repeat(near[row], 2), np.repeat(poor, 4)])
    replaced = np.concatenate([ends[group].ravel(), mesh.cells[poor].ravel()])
    group = np.concatenate([np.repeat(group, 2), np.repeat(of_poor[:, 6], 4)])
    order = np.argsort(group, kind="stable")
    cells, replaced = cells[order], replaced[order]
    pieces = np.where(mesh.cells[cells] == replaced[:, None], _NEW, mesh.cells[cells])
    first = np.searchsorted(group[order], np.arange(len(wanted) + len(poor) + 1))
    start = np.concatenate([mesh.points[ends].mean(axis=1), mesh.points[mesh.cells[poor]].mean(axis=1)])
    return _Groups(cells, pieces, first, start), of_poor


def _best_places(mesh: Tetrahedra, groups: _Groups, skin: Skin) -> tuple[Array, Array]:
    """For each group the place (g, 3) of the new node where the worst piece is best, and how good that is (g,)."""
    first, pieces = groups.first[:-1], groups.pieces
    group = np.repeat(np.arange(len(first)), np.diff(groups.first))
    middles = mesh.points[mesh.cells[groups.cells]].mean(axis=1)
    inside = np.add.reduceat(middles, first) / np.diff(groups.first)[:, None]
    corners, new = mesh.points[pieces], pieces == _NEW
    _, bows = skin.find(pieces[:, EDGES])
    places, best = groups.start.copy(), np.full(len(first), -np.inf)
    for t in _PLACES:
        tried = groups.start + t * (inside - groups.start)
        corners[new] = tried[group]
        nodes = np.concatenate([corners, corners[:, EDGES].mean(axis=2) + bows], axis=1)
        worst = np.minimum.reduceat(condition_of(nodes), first)
        better = worst > best
        places[better], best[better] = tried[better], worst[better]
    return places, best


def _quality(points: Array, cells: Integers, skin: Skin) -> Array:
    _, bows = skin.find(cells[:, EDGES])
    corners = points[cells]
    return condition_of(np.concatenate([corners, corners[:, EDGES].mean(axis=2) + bows], axis=1))
