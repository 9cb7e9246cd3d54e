"""The matrix of elasticity on linear elements, by nodes."""

from __future__ import annotations

import numpy as np
from dolfinx import fem, la

from solvers.block_rows import BlockRows
from solvers.forms import form
from solvers.kernels.library import Kernels
from solvers.matrix_free import held
from solvers.systems import Level


def matrix_by_nodes(level: Level, kernels: Kernels) -> tuple[BlockRows, la.MatrixCSR]:
    """The rows of this rank, and the matrix whose index maps they have. Collective.

    Rows and columns of what is held are those of the identity. With one point of quadrature a cell, as `COARSE_DEGREE`.

    Parameters
    ----------
    level : Level
        On linear tetrahedra, of a mesh of linear or quadratic ones.
    kernels : Kernels
        In double precision.
    """
    space, geometry = level.space, level.space.mesh.geometry
    matrix = fem.create_matrix(form(level.bilinear, space.mesh.comm), la.BlockMode.compact)
    index_map = space.dofmap.index_map
    is_held = np.zeros(3 * (index_map.size_local + index_map.num_ghosts), dtype=np.uint8)
    is_held[held(level)] = 1
    lam, mu = level.lame
    cells = geometry.dofmaps[0]
    where = matrix.indptr, matrix.indices, matrix.data
    kernels.call("add_linear", len(lam), cells.shape[1], cells, geometry.x, lam, mu, space.dofmap.list, is_held, *where)
    matrix.scatter_reverse()
    owned, columns = index_map.size_local, matrix.index_map(1)
    pointers = matrix.indptr[: owned + 1].astype(np.int32)
    some = slice(pointers[-1])
    width = columns.size_local + columns.num_ghosts
    rows = BlockRows(pointers, matrix.indices[some], matrix.data.reshape(-1, 3, 3)[some], width)
    row, unknown = np.divmod(np.flatnonzero(is_held[: 3 * owned]), 3)
    rows.blocks[rows.diagonal[row], unknown, unknown] = 1.0
    return rows, matrix
