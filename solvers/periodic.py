"""Periodic boundary conditions: unknowns on opposite faces of a box that are one and the same."""

from __future__ import annotations

import numpy as np
from dolfinx import fem
from numpy.typing import NDArray
from petsc4py import PETSc
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from solvers.errors import SolverError

Array = NDArray[np.float64]

_NEAR = 1e-6  # of the box


def periodic(
    space: fem.FunctionSpace, low: Array, high: Array, walls: NDArray[np.int32]
) -> tuple[PETSc.Mat, NDArray[np.int32]]:
    """The matrix R that gives all unknowns of a Lagrange space from those that are not repeated. Collective.

    A problem A x = b becomes R' A R y = R' b with x = R y, or A x = b tested with periodic functions alone.

    Parameters
    ----------
    space : FunctionSpace
    low, high : (3,) arrays, mm
        Corners of the box, whose opposite faces have the same nodes but for a period.
    walls : (k,) array
        Nodes of this rank on walls. They need no node opposite: beyond them there may be nothing.

    Returns
    -------
    matrix : PETSc matrix
    walls : (m,) array
        Nodes of this rank on walls, or whose image is.

    Raises
    ------
    SolverError
        If another node of a face has none opposite.
    """
    comm, index_map, size = space.mesh.comm, space.dofmap.index_map, space.dofmap.index_map_bs
    owned = index_map.size_local
    x = space.tabulate_dof_coordinates()[:owned]
    near = _NEAR * float(np.max(high - low))
    on_high = np.abs(x - high) < near
    on_box = np.flatnonzero((on_high | (np.abs(x - low) < near)).any(axis=1))
    on_wall = np.zeros(owned + index_map.num_ghosts, dtype=bool)
    on_wall[walls] = True
    # Images of one node fall together once they are moved to the low faces; any of them may stand for all.
    places = np.concatenate(comm.allgather(np.where(on_high, low, x)[on_box]))
    of_wall = np.concatenate(comm.allgather(on_wall[:owned][on_box]))
    pairs = KDTree(places).query_pairs(near, output_type="ndarray")
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(places),) * 2)
    _, image = connected_components(graph, directed=False)
    _, stands, count_of = np.unique(image, return_index=True, return_counts=True)
    walled = np.zeros(len(stands), dtype=bool)
    walled[image[of_wall]] = True
    if np.any((count_of == 1) & ~walled):
        raise SolverError("the mesh is not periodic: a node of a face has none opposite")
    before = sum(comm.allgather(len(on_box))[: comm.rank])
    mine = image[before : before + len(on_box)]
    repeated = np.zeros(owned, dtype=bool)
    repeated[on_box] = stands[mine] != before + np.arange(len(on_box))
    # What is not repeated gets new numbers, rank after rank.
    count = int(owned - repeated.sum())
    first = int(comm.exscan(count) or 0)
    new = np.full(owned, -1, dtype=np.int64)
    new[~repeated] = first + np.arange(count)
    names = np.concatenate(comm.allgather(new[on_box]))
    new[on_box] = names[stands[mine]]
    marked = fem.Function(space)
    table = marked.x.array.reshape(-1, size)
    table[on_wall] = 1.0
    table[on_box[walled[mine]]] = 1.0
    marked.x.scatter_forward()
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
    return matrix, np.flatnonzero(table[:, 0] > 0).astype(np.int32)
