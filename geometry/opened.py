"""Tetrahedra that are poor once they are curved, opened.

A tetrahedron with all corners on a smooth surface is sound as long as its edges are straight. Bent onto the surface, it
may have no volume left, as where two of its faces become tangent. Here an edge of it that runs through the solid is
taken away or split, with all tetrahedra around that edge; or it alone is split. A new node is drawn to where the worst
of the pieces is best. The surface mesh stays as it is.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geometry.quality import POOR, condition_of
from geometry.reconnection import NEW, Ways, edges_inside, removals, split_alone, splits
from geometry.skin import Skin, Tetrahedra
from geometry.tetrahedron import EDGES

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

GOOD = 0.25  # quality above which nothing is changed, and one way is as good as another
_BETTER = 1.2  # by which factor a way must be better that is not needed
_PASSES = 5
_PLACES = np.linspace(0.0, 1.0, 6)  # that are tried for a new node, from the middle of the edge into the solid


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
            [np.where(change.pieces == NEW, name, change.pieces) for change, name in zip(changes, names, strict=True)]
        )
        points = np.concatenate([mesh.points, np.reshape(new, (-1, 3))])
        keep, fresh = np.ones(len(mesh.cells), dtype=bool), np.zeros(len(mesh.cells), dtype=bool)
        keep[gone], fresh[blocked] = False, True
        fresh = np.concatenate([fresh[keep], np.ones(len(added), dtype=bool)])
        quality = np.concatenate([quality[keep], skin.quality(points, added)])
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
        removals(mesh, edges_inside(mesh, skin, some)),
        splits(mesh, edges_inside(mesh, skin, poor)),
        split_alone(mesh, poor),
    ]
    found = [(*_best_places(mesh, ways, skin), ways) for ways in candidates]
    ways = Ways.joined(*candidates)
    places, worst = (np.concatenate([result[k] for result in found]) for k in (0, 1))
    before = np.minimum.reduceat(quality[ways.gone.items], ways.gone.first[:-1]) if len(worst) else worst
    sound = np.flatnonzero((worst >= POOR) & (ways.adds | (worst > _BETTER * before)))
    # Good ways all count alike, and then those come first that add no node.
    order = sound[np.lexsort((-worst[sound], ways.adds[sound], -np.minimum(worst[sound], GOOD)))]
    gone, pieces = ways.gone.taken(order), ways.pieces.taken(order)
    touched, asked = (np.zeros(len(mesh.cells), dtype=bool) for _ in range(2))
    asked[some] = True
    of_cell: dict[int, list[int]] = {cell: [] for cell in some.tolist()}
    for way, cell in zip(gone.owners[asked[gone.items]].tolist(), gone.items[asked[gone.items]].tolist(), strict=True):
        of_cell[cell].append(way)
    changes, blocked = list[_Change](), list[int]()
    for cell, choices in of_cell.items():
        for way in choices:
            if touched[cell]:
                break
            replaced = gone.items[gone.first[way] : gone.first[way + 1]]
            if not touched[replaced].any():
                by = pieces.items[pieces.first[way] : pieces.first[way + 1]]
                changes.append(_Change(replaced, by, bool(ways.adds[order[way]]), places[order[way]]))
                touched[replaced] = True
        if choices and not touched[cell]:
            blocked.append(cell)
    return changes, blocked


def _best_places(mesh: Tetrahedra, ways: Ways, skin: Skin) -> tuple[Array, Array]:
    """For each way the place (w, 3) of the new node where the worst piece is best, and how good that is (w,)."""
    pieces, first, way = ways.pieces.items, ways.pieces.first[:-1], ways.pieces.owners
    if not len(first):
        return np.empty((0, 3)), np.empty(0)
    corners, new = mesh.points[pieces], pieces == NEW
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
