"""Curved triangles: their normals, and the edges that two of them share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyvista as pv
from numpy.typing import NDArray

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

# Local coordinates (r, s) of the nodes of a quadratic triangle: corners, then middles of its edges.
NODES = np.array([(0, 0), (1, 0), (0, 1), (0.5, 0), (0.5, 0.5), (0, 0.5)])
EDGES = ((0, 1, 3), (1, 2, 4), (2, 0, 5))  # both ends and the middle


def normals_of(points: Array, faces: Ints) -> Array:
    """Outward unit normals (m, 6, 3) at the nodes of each face."""
    r, s = NODES.T
    # Derivatives of the six shape functions by r and by s, at the six nodes: (node, function).
    t = 1 - r - s
    zero = np.zeros(6)
    by_r = np.stack([1 - 4 * t, 4 * r - 1, zero, 4 * (t - r), 4 * s, -4 * s], axis=1)
    by_s = np.stack([1 - 4 * t, zero, 4 * s - 1, -4 * r, 4 * r, 4 * (t - s)], axis=1)
    nodes = points[faces]
    across = np.cross(np.einsum("kf,mfc->mkc", by_r, nodes), np.einsum("kf,mfc->mkc", by_s, nodes))
    unit = across / np.maximum(np.linalg.norm(across, axis=2, keepdims=True), 1e-300)
    flat = pv.PolyData.from_regular_faces(points, faces[:, :3])
    # Faces come in either orientation; VTK turns them alike, and outwards, but changes the order of none.
    outward: Any = flat.compute_normals(
        point_normals=False, consistent_normals=True, auto_orient_normals=True, split_vertices=False
    )
    outside = np.asarray(outward["Normals"], dtype=float)
    turn = np.sign(np.einsum("mc,mc->m", unit.mean(axis=1), outside))
    return np.asarray(unit * np.where(turn == 0, 1, turn)[:, None, None])


@dataclass(frozen=True)
class Seams:
    """Edges of quadratic triangles that are shared by two.

    Attributes
    ----------
    nodes : (n, 3) array
        Numbers of both ends and the middle.
    faces : (n, 2) array
        The triangles on both sides.
    normals : (n, 2, 3) array
        Of these, at the middle.
    """

    nodes: Ints
    faces: Ints
    normals: Array

    @classmethod
    def of(cls, faces: Ints, normals: Array) -> Seams:
        """From faces (m, 6) and the normals (m, 6, 3) at their nodes."""
        nodes = np.concatenate([faces[:, list(edge)] for edge in EDGES])
        across = np.concatenate([normals[:, edge[2]] for edge in EDGES])
        key = np.sort(nodes[:, :2], axis=1)
        order = np.lexsort(key.T)
        first = np.flatnonzero(np.all(key[order[:-1]] == key[order[1:]], axis=1))
        pairs = np.stack([order[first], order[first + 1]], axis=1)
        return cls(nodes[pairs[:, 0]], pairs % len(faces), across[pairs])

    @property
    def turn(self) -> Array:
        """Cosine (n,) of the angle between the normals."""
        return np.asarray(np.einsum("nc,nc->n", self.normals[:, 0], self.normals[:, 1]))


def along(nodes: Array, count: int) -> Array:
    """Points (count + 1, n, 3) along quadratic curves through nodes (n, 3, 3): both ends and the middle."""
    t = np.linspace(0, 1, count + 1)[:, None, None]
    a, b, middle = (nodes[:, k] for k in range(3))
    return np.asarray((1 - t) * (1 - 2 * t) * a + t * (2 * t - 1) * b + 4 * t * (1 - t) * middle)
