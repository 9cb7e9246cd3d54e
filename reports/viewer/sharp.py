"""The sharp edges of a curved surface, to be drawn as lines."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reports.theme import FEATURE_ANGLE
from reports.viewer.numbering import OF_FACE

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

_MIDDLES = ((0.5, 0.0), (0.5, 0.5), (0.0, 0.5))  # of the edges of the unit triangle


def sharp_edges(points: Array, faces: Integers) -> Integers:
    """Corners (n, 2) of the edges at which the faces (k, 6), quadratic triangles, meet at an angle.

    The normals are those of the curved faces in the middle of the edge: flat ones would make edges of a coarse fillet.
    """
    ends = np.sort(faces[:, :3][:, np.array(OF_FACE)], axis=2).reshape(-1, 2)
    normals = np.stack([_normals(points[faces], *at) for at in _MIDDLES], axis=1).reshape(-1, 3)
    order = np.lexsort(ends.T)
    ends, normals = ends[order], normals[order]
    shared = np.flatnonzero((ends[1:] == ends[:-1]).all(axis=1))
    bend = np.einsum("ij,ij->i", normals[shared], normals[shared + 1])
    return ends[shared[bend < np.cos(np.radians(FEATURE_ANGLE))]]


def _normals(nodes: Array, s: float, t: float) -> Array:
    """Unit normals of quadratic triangles (k, 6, 3) at a place of the unit triangle."""
    r = 1 - s - t
    along_s = np.array([1 - 4 * r, 4 * s - 1, 0, 4 * (r - s), 4 * t, -4 * t])
    along_t = np.array([1 - 4 * r, 0, 4 * t - 1, -4 * s, 4 * s, 4 * (r - t)])
    normal = np.cross(np.einsum("j,ijk->ik", along_s, nodes), np.einsum("j,ijk->ik", along_t, nodes))
    return np.asarray(normal / np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-300))
