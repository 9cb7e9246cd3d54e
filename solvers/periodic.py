"""Periodic boundary conditions: unknowns on opposite faces of a box that are one and the same."""

from __future__ import annotations

import numpy as np
from dolfinx import fem
from numpy.typing import NDArray
from petsc4py import PETSc
from scipy.spatial import KDTree

from solvers.errors import SolverError

Array = NDArray[np.float64]

_NEAR = 1e-6  # of the box


def periodic(space: fem.FunctionSpace, low: Array, high: Array, walls: NDArray[np.int32]) -> PETSc.Mat:
    """The matrix R that gives all unknowns of a Lagrange space from those that are not repeated. Collective.

    A problem A x = b becomes R' A R y = R' b with x = R y, or A x = b tested with periodic functions alone.

    Parameters
    ----------
    space : FunctionSpace
    low, high : (3,) arrays, mm
        Corners of the box, whose opposite faces have the same nodes but for a period.
    walls : (k,) array
        Nodes of this rank on walls. They need no node opposite: beyond them there may be nothing.

    Raises
    ------
    SolverError
        If another node of a high face has none opposite.
    """
    comm, index_map, size = space.mesh.comm, space.dofmap.index_map, space.dofmap.index_map_bs
    owned = index_map.size_local
    x = space.tabulate_dof_coordinates()[:owned]
    near = _NEAR * float(np.max(high - low))
    on_high = np.abs(x - high) < near
    # Those on a low face, and on no high one, are what the others repeat.
    offered = (np.abs(x - low) < near).any(axis=1) & ~on_high.any(axis=1)
    places = np.concatenate(comm.allgather(x[offered]))
    there = np.flatnonzero(on_high.any(axis=1))
    distance, found = KDTree(places).query(np.where(on_high[there], low, x[there]))
    alone = distance > near
    if any(comm.allgather(bool(np.setdiff1d(there[alone], walls).size))):
        raise SolverError("the mesh is not periodic: a node of a face has none opposite")
    repeated = np.zeros(owned, dtype=bool)
    repeated[there[~alone]] = True
    # What is not repeated gets new numbers, rank after rank.
    count = int(owned - repeated.sum())
    first = int(comm.exscan(count) or 0)
    new = np.full(owned, -1, dtype=np.int64)
    new[~repeated] = first + np.arange(count)
    names = np.concatenate(comm.allgather(new[offered]))
    new[there[~alone]] = names[found[~alone]]
    rows = size * owned
    columns = (size * new[:, None] + np.arange(size)).ravel().astype(PETSc.IntType)
    local = size * count
    total = size * int(comm.allreduce(count))
    matrix = PETSc.Mat().createAIJ(
        ((rows, PETSc.DETERMINE), (local, total)),
        bsize=size,
        csr=(np.arange(rows + 1, dtype=PETSc.IntType), columns, np.ones(rows)),
        comm=comm,
    )
    matrix.assemble()
    return matrix
