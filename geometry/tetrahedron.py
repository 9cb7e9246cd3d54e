"""The quadratic tetrahedron: corners, then the middles of the edges, in gmsh's order."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

EDGES = np.array([(0, 1), (1, 2), (0, 2), (0, 3), (2, 3), (1, 3)])  # corners about the nodes 4 to 9
SLOPES = np.array([(-1, -1, -1), (1, 0, 0), (0, 1, 0), (0, 0, 1)], dtype=float)  # of the barycentric coordinates


def shape_slopes(places: Array) -> Array:
    """Derivatives (k, 3, 10) of the shape functions of a quadratic tetrahedron at barycentric places (k, 4)."""
    by_corner = (4 * places - 1)[:, :, None] * SLOPES
    by_edge = [4 * (places[:, i, None] * SLOPES[j] + places[:, j, None] * SLOPES[i]) for i, j in EDGES]
    return np.concatenate([by_corner, np.stack(by_edge, axis=1)], axis=1).transpose(0, 2, 1)


class Edges(NamedTuple):
    """The edges of some tetrahedra.

    Attributes
    ----------
    ends : (k, 2) int array
        The smaller corner first, in rising order.
    of_cells : (m, 6) int array
        Those of each cell, as in `EDGES`.
    keys : (k,) int array
        See `keys_of`.
    corners : int
        How many the keys are made for.
    """

    ends: Integers
    of_cells: Integers
    keys: Integers
    corners: int

    def numbers(self, pairs: Integers) -> Integers:
        """Where each of some pairs of corners (..., 2), in any order, stands."""
        return np.asarray(np.searchsorted(self.keys, keys_of(pairs, self.corners)))


def edges_of(cells: Integers) -> Edges:
    """Of tetrahedra (m, 4)."""
    ends, count = cells[:, EDGES], int(cells.max(initial=-1)) + 1
    keys, names = distinct(keys_of(ends, count).ravel())
    return Edges(np.stack(np.divmod(keys, max(count, 1)), axis=1), names.reshape(len(cells), 6), keys, count)


def distinct(keys: Integers) -> tuple[Integers, Integers]:
    """The different ones of some numbers (k,), none negative, in rising order, and which of these each one is.

    As `numpy.unique` has them, in half the time: by their digits of 16 bits, which NumPy sorts by counting.
    """
    order = np.arange(len(keys))
    for shift in range(0, int(keys.max(initial=0)).bit_length(), 16):
        order = order[np.argsort((keys >> shift).astype(np.uint16)[order], kind="stable")]
    rising = keys[order]
    new = np.ones(len(keys), dtype=bool)
    new[1:] = rising[1:] != rising[:-1]
    names = np.empty(len(keys), dtype=np.int64)
    names[order] = np.cumsum(new) - 1
    return rising[new], names


def keys_of(pairs: Integers, count: int) -> Integers:
    """One number for each pair (..., 2) of two of ``count`` corners, whatever their order."""
    a, b = pairs[..., 0], pairs[..., 1]
    return np.asarray(np.minimum(a, b) * count + np.maximum(a, b))
