"""Tetrahedra that would be flat once they are curved.

A tetrahedron with two faces on one smooth surface is sound as long as its edges are straight. Bent onto the surface,
both faces become tangent to it, and the element has no volume along the edge they share. Such elements are opened
here before the mesh is curved: the edge opposite is split, and its new middle drawn into the solid.
"""

from __future__ import annotations

from dataclasses import dataclass

import gmsh
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Nodes = NDArray[np.int64]

_PASSES = 5
_PLACES = 11  # that are tried for a new node
_TRIANGLE, _TETRAHEDRON = 2, 4  # gmsh's numbers
_FACES = np.array([(1, 2, 3), (0, 2, 3), (0, 1, 3), (0, 1, 2)])  # face k is opposite to corner k
_SMOOTH = np.cos(np.radians(75.0))  # normals closer than this may be of one smooth surface


def open_flat_elements() -> int:
    """Open the flat elements of the linear mesh of the current model; gives how many there were."""
    tags, xyz, _ = gmsh.model.mesh.getNodes(returnParametricCoord=False)
    points = np.zeros((int(tags.max()) + 1, 3))
    points[tags] = xyz.reshape(-1, 3)
    skin = _Skin.of(gmsh.model.mesh.getElementsByType(_TRIANGLE)[1].reshape(-1, 3).astype(np.int64))
    opened = 0
    for _, volume in gmsh.model.getEntities(3):
        for _ in range(_PASSES):
            middles = _open(volume, points, skin)
            if not len(middles):
                break
            points = np.concatenate([points, middles])
            opened += len(middles)
    return opened


@dataclass(frozen=True)
class _Skin:
    """Faces and edges of the surface mesh, as sorted numbers; its nodes are sorted too."""

    nodes: Nodes
    faces: Nodes
    edges: Nodes

    @classmethod
    def of(cls, triangles: Nodes) -> _Skin:
        skin = cls(np.unique(triangles), *np.empty((2, 0), dtype=np.int64))
        pairs = np.concatenate([triangles[:, ends] for ends in ([0, 1], [0, 2], [1, 2])])
        return cls(skin.nodes, np.unique(skin._keys(triangles)), np.unique(skin._keys(pairs)))

    def has(self, entities: Nodes) -> NDArray[np.bool_]:
        """Which faces (k, 3) or edges (k, 2) belong to it, given their corners, all of them nodes of it."""
        known = self.faces if entities.shape[1] == 3 else self.edges
        return np.asarray(np.isin(self._keys(entities), known))

    def _keys(self, entities: Nodes) -> Nodes:
        small = np.sort(np.searchsorted(self.nodes, entities), axis=1)  # small numbers, or keys would overflow
        return np.asarray(small @ len(self.nodes) ** np.arange(entities.shape[1])[::-1])


def _open(volume: int, points: Array, skin: _Skin) -> Array:
    """Open what can be opened at one go, without touching an element twice; gives the new nodes."""
    names, nodes = gmsh.model.mesh.getElementsByType(_TETRAHEDRON, volume)
    tets = nodes.reshape(-1, 4).astype(np.int64)
    found = _flat(tets, points, skin)
    if not found:
        return np.empty((0, 3))
    corners = np.array([tets[which, [k, m]] for which, (k, m) in found])
    outer = skin.has(corners)  # the surface mesh stays as it is
    at_corner = np.zeros(len(points), dtype=bool)
    at_corner[corners] = True
    near = np.flatnonzero(at_corner[tets].sum(axis=1) >= 2)  # the only ones that may have such an edge
    gone: set[int] = set()
    added: list[Nodes] = []
    first = len(points)
    middles: list[Array] = []
    for (which, _), (c, d), of_surface in zip(found, corners, outer, strict=True):
        # The corners are opposite to the two faces on the surface: the edge between them is the one to split.
        ring = near[np.any(tets[near] == c, axis=1) & np.any(tets[near] == d, axis=1)]
        if not gone.isdisjoint(ring):
            continue
        if of_surface:
            ring = np.array([which])
            pieces = np.array([_replaced(tets[which], n, -1) for n in tets[which]])
        else:
            pieces = np.array([_replaced(tets[r], n, -1) for r in ring for n in (c, d)])
        middle = _best_middle(pieces, points, (points[c] + points[d]) / 2, points[np.unique(tets[ring])].mean(axis=0))
        added.append(np.where(pieces == -1, first + len(middles), pieces))
        middles.append(middle)
        gone.update(ring.tolist())
    gmsh.model.mesh.addNodes(3, volume, list(range(first, first + len(middles))), np.concatenate(middles))
    gmsh.model.mesh.removeElements(3, volume, names[sorted(gone)])
    gmsh.model.mesh.addElementsByType(volume, _TETRAHEDRON, [], np.concatenate(added).ravel())
    return np.array(middles)


def _flat(tets: Nodes, points: Array, skin: _Skin) -> list[tuple[int, tuple[int, int]]]:
    """Elements with two faces on a smooth surface, and the corners opposite to these faces."""
    on_skin = np.zeros(len(points), dtype=bool)
    on_skin[skin.nodes] = True
    touching = np.flatnonzero(on_skin[tets].all(axis=1))  # two faces have all four corners
    outer = skin.has(tets[touching][:, _FACES].reshape(-1, 3)).reshape(-1, 4)
    several = outer.sum(axis=1) >= 2
    touching, outer = touching[several], outer[several]
    normals = _outward(points[tets[touching]])
    found = []
    for which, faces, normal in zip(touching, outer, normals, strict=True):
        sides = np.flatnonzero(faces).tolist()
        pairs = [(k, m) for k in sides for m in sides if k < m and normal[k] @ normal[m] > _SMOOTH]
        if pairs:
            found.append((int(which), pairs[0]))
    return found


def _outward(corners: Array) -> Array:
    """Outward unit normals (n, 4, 3) of the faces of tetrahedra (n, 4, 3)."""
    a, b, c = corners[:, _FACES].transpose(2, 0, 1, 3)
    normal = np.cross(b - a, c - a)
    normal *= np.sign(np.einsum("nki,nki->nk", a - corners, normal))[:, :, None]
    return np.asarray(normal / np.linalg.norm(normal, axis=2, keepdims=True))


def _replaced(tet: Nodes, old: int, new: int) -> Nodes:
    return np.where(tet == old, new, tet)


def _best_middle(pieces: Nodes, points: Array, start: Array, inside: Array) -> Array:
    """The place of the new node (-1 in ``pieces``) between two points where the worst piece is best."""
    places = start + np.linspace(0.0, 1.0, _PLACES)[:, None] * (inside - start)
    corners = np.where((pieces == -1)[:, :, None], places[:, None, None], points[pieces])
    edge = corners[:, :, 1:] - corners[:, :, :1]
    volume = np.einsum("kij,kij->ki", edge[:, :, 0], np.cross(edge[:, :, 1], edge[:, :, 2]))
    spread = ((corners[:, :, :, None] - corners[:, :, None]) ** 2).sum(axis=(2, 3, 4))
    return np.asarray(places[np.argmax(np.min(volume / spread**1.5, axis=1))])
