"""A mesh of straight-sided tetrahedra, and how the edges of its surface will be curved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geometry.quality import condition_of
from geometry.tetrahedron import EDGES, keys_of

Array = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Skin:
    """Edges of the surface mesh, outer and between regions, and by how much their middles are off the straight edge's.

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

    def quality(self, points: Array, cells: Integers) -> Array:
        """That of cells (m, 4) once they are curved, see `geometry.quality.scaled_condition`."""
        _, bows = self.find(cells[:, EDGES])
        corners = points[cells]
        return condition_of(np.concatenate([corners, corners[:, EDGES].mean(axis=2) + bows], axis=1))


class Tetrahedra(NamedTuple):
    """Straight-sided cells (m, 4), the region (m,) of each, and the points (n, 3) they lie between."""

    points: Array
    cells: Integers
    regions: Integers
