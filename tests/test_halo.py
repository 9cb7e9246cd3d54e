"""What ranks tell each other about ghosts, against DOLFINx's vectors and whole matrices."""

from __future__ import annotations

import numpy as np
import pytest
from ranks import on_ranks

from solvers.block_rows import BlockRows

HEAD = """
import numpy as np
import solvers
from mpi4py import MPI
from dolfinx import fem, mesh
from solvers.block_rows import BlockRows
from solvers.halo import Halo
comm = MPI.COMM_WORLD
box = mesh.create_box(comm, [[0, 0, 0], [3, 1, 1]], [9, 3, 3], cell_type=mesh.CellType.tetrahedron)
"""

VALUES = """
index_map = fem.functionspace(box, ("P", 1)).dofmap.index_map
halo = Halo(index_map)
for kind in (np.float64, np.int32):
    for shape in ((), (3,), (6, 3)):
        first = index_map.local_range[0]
        owned = (first + np.arange(index_map.size_local)).astype(kind)
        values = np.multiply.outer(owned, np.ones(shape, dtype=kind))
        found = halo.extended(values)
        whole = np.concatenate([np.arange(*index_map.local_range), index_map.ghosts])
        assert found.dtype == kind and found.shape == (len(whole), *shape)
        np.testing.assert_array_equal(found, np.multiply.outer(whole.astype(kind), np.ones(shape, dtype=kind)))
print(index_map.num_ghosts if comm.rank else 0)
"""

ROWS = """
index_map = fem.functionspace(box, ("P", 1)).dofmap.index_map
rng = np.random.default_rng(5)
count, width = index_map.size_global, 7
lengths = rng.integers(0, 5, count)
pointers = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
columns = np.concatenate([np.sort(rng.choice(width, k, replace=False)) for k in lengths]).astype(np.int32)
whole = BlockRows(pointers, columns, rng.standard_normal((len(columns), 3, 6)), width)
mine = whole.some_rows(np.arange(*index_map.local_range))
found = Halo(index_map).extended_rows(mine)
expected = whole.some_rows(np.concatenate([np.arange(*index_map.local_range), index_map.ghosts]))
for name in ("pointers", "columns", "blocks"):
    np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))
    assert getattr(found, name).dtype == getattr(whole, name).dtype
print(index_map.num_ghosts if comm.rank else 0)
"""


@pytest.mark.parametrize("ranks", [1, 2, 3])
@pytest.mark.parametrize("program", [VALUES, ROWS], ids=["values", "rows"])
def test_ghosts_have_what_their_owners_have(program, ranks):
    told = on_ranks(HEAD + program, ranks)
    assert ranks == 1 or any(int(word) > 0 for word in told.split())


def test_rows_are_taken_and_stacked_by_their_numbers():
    blocks = np.arange(5 * 18.0).reshape(5, 3, 6)
    matrix = BlockRows(np.array([0, 2, 2, 5], np.int32), np.array([0, 3, 1, 2, 3], np.int32), blocks, 4)
    some = matrix.some_rows(np.array([2, 1, 0, 2]))
    assert some.pointers.tolist() == [0, 3, 3, 5, 8] and some.columns.tolist() == [1, 2, 3, 0, 3, 1, 2, 3]
    np.testing.assert_array_equal(some.blocks, blocks[[2, 3, 4, 0, 1, 2, 3, 4]])
    assert matrix.some_rows(np.array([], dtype=int)).count == 0
    both = BlockRows.stacked([matrix, some])
    assert both.count == 7 and both.pointers.tolist() == [0, 2, 2, 5, 8, 8, 10, 13]
