"""What ranks tell each other about the rows of ghosts."""

from __future__ import annotations

from typing import Any

import numpy as np
from mpi4py import MPI
from numpy.typing import NDArray

from solvers.block_rows import BlockRows


class Halo:
    """The rows of other ranks that a rank knows, its ghosts, by whose they are. Collective.

    For the set-up of a solver: what is told goes rank by rank, and only what is asked for.

    Parameters
    ----------
    index_map : dolfinx.common.IndexMap
        Of the rows.
    """

    def __init__(self, index_map: Any) -> None:
        self.index_map = index_map
        begins, ranks = self.comm.allgather(index_map.local_range[0]), range(self.comm.size)
        # Of each rank: which of our ghosts are its rows, and which of our rows are ghosts there, in the same order.
        self._known = [np.flatnonzero(index_map.owners == rank) for rank in ranks]
        self._asked = self.comm.alltoall([index_map.ghosts[self._known[rank]] - begins[rank] for rank in ranks])

    @property
    def comm(self) -> MPI.Comm:
        return self.index_map.comm

    def extended(self, values: NDArray[Any]) -> NDArray[Any]:
        """Values (n, ...) of the rows of this rank, those of its ghosts after them. Collective."""
        if self.comm.size == 1:
            return values
        told = self.comm.alltoall([values[some] for some in self._asked])
        found = np.empty((len(values) + self.index_map.num_ghosts, *values.shape[1:]), dtype=values.dtype)
        found[: len(values)] = values
        for some, rows in zip(self._known, told, strict=True):
            found[len(values) + some] = rows
        return found

    def extended_rows(self, matrix: BlockRows) -> BlockRows:
        """The same for a matrix. Collective."""
        if self.comm.size == 1:
            return matrix
        told = self.comm.alltoall([matrix.some_rows(some) for some in self._asked])
        ghosts = BlockRows.stacked(told).some_rows(np.argsort(np.concatenate(self._known)))
        return BlockRows.stacked([matrix, ghosts])
