"""The matrix of linear elements by its kernel against DOLFINx's; the largest eigenvalue against a dense one."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import scipy.linalg
from hypothesis import given, settings
from hypothesis import strategies as st
from mpi4py import MPI
from ranks import on_ranks

from solvers.spectrum import largest_eigenvalue

SAME = """
import sys
sys.path.insert(0, "tests")
from itertools import pairwise

import numpy as np
from mpi4py import MPI
from elastic_levels import cube, levels
from dolfinx import fem, la, mesh as dmesh
from test_matrix_free import differing
from solvers.kernels.library import kernels
from solvers.linear_elements import matrix_by_nodes

comm = MPI.COMM_WORLD
double, found = kernels(np.dtype(np.float64), comm), []
for domain in (cube(comm, 4, 0.2), dmesh.create_unit_cube(comm, 3, 4, 2)):  # curved and of four nodes a cell
    _, level = levels(domain, differing(5))
    rows, ours = matrix_by_nodes(level, double)
    a = fem.form(level.bilinear)
    theirs = fem.create_matrix(a, la.BlockMode.compact)
    fem.assemble_matrix(theirs, a, bcs=list(level.conditions))
    theirs.scatter_reverse()
    owned = level.space.dofmap.index_map.size_local
    count = theirs.indptr[owned]
    assert np.array_equal(rows.pointers, theirs.indptr[: owned + 1])
    assert np.array_equal(rows.columns, theirs.indices[:count])
    wanted = theirs.data[: 9 * count].reshape(-1, 3, 3)
    assert wanted.any() and rows.width == ours.index_map(1).size_local + ours.index_map(1).num_ghosts
    found.append(np.abs(rows.blocks - wanted).max() / np.abs(wanted).max())
everyone = comm.gather(found)
print(*np.ravel(everyone) if comm.rank == 0 else "", end="")
"""


@pytest.mark.parametrize("ranks", [1, 2, 3])
def test_the_matrix_is_that_of_dolfinx(ranks):
    differences = [float(word) for word in on_ranks(SAME, ranks).split()]
    assert len(differences) == 2 * ranks
    assert max(differences) < 1e-13


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), size=st.integers(1, 15))
def test_the_largest_eigenvalue(seed, size):
    """With as many steps as unknowns it is exact, with fewer never above."""
    rng = np.random.default_rng(seed)
    a, b = (m @ m.T + 0.1 * np.eye(size) for m in rng.standard_normal((2, size, size)))
    exact = scipy.linalg.eigh(a, np.linalg.inv(b), eigvals_only=True).max()
    right = rng.standard_normal(size)

    def found(steps):
        return largest_eigenvalue(lambda x: a @ x, lambda r: b @ r, right.copy(), steps, MPI.COMM_SELF)

    few = [found(steps) for steps in range(1, size + 1)]
    assert few[-1] == pytest.approx(exact, rel=1e-4)
    assert max(few) < exact * (1 + 1e-9)
    assert all(later > earlier * (1 - 1e-9) for earlier, later in pairwise(few))


def test_no_eigenvalue_where_nothing_moves_or_the_numbers_are_none():
    def found(a):
        return largest_eigenvalue(lambda x: a * x, lambda r: r * (a != 0.0), np.ones(3), 5, MPI.COMM_SELF)

    assert found(0.0) == 0.0
    assert found(2.0) == pytest.approx(2.0)
    assert np.isnan(found(np.nan))
    assert np.isnan(found(-1.0))
    right, seen = np.array([1.0, 3.0]), np.diag([1.0, -1.0])
    assert np.isnan(largest_eigenvalue(lambda x: x, lambda r: seen @ r, right, 5, MPI.COMM_SELF))
