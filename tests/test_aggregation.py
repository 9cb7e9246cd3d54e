"""Multigrid by aggregation: its products, its motions, its cycle; on any rank, in any unit, for any material."""

from __future__ import annotations

import ast
from itertools import pairwise

import numpy as np
import pytest
import scipy.sparse
from elastic_levels import cube, levels, solved
from hypothesis import given, settings
from hypothesis import strategies as st
from mpi4py import MPI
from ranks import on_ranks
from test_matrix_free import differing, even, jump

from solvers import aggregation, multigrid
from solvers.aggregates import Frames, aggregates
from solvers.aggregation import Aggregation, Coarsest
from solvers.block_rows import BlockRows, pointers_of, total
from solvers.kernels import library
from solvers.kernels.library import kernels
from solvers.rigid import rigid_modes

DOUBLE, SINGLE = (kernels(np.dtype(name), MPI.COMM_SELF) for name in ("float64", "float32"))


def sparse(rng, count, width, a, b, density):
    """Random blocks; each row has one at least."""
    there = rng.random((count, width)) < density
    there[np.arange(count), rng.integers(0, width, count)] = True
    rows, columns = np.nonzero(there)
    blocks = rng.standard_normal((len(rows), a, b))
    return BlockRows(pointers_of(rows, count), columns.astype(np.int32), blocks, width)


def dense(matrix):
    return matrix.in_scipy().toarray()


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 10_000),
    st.integers(1, 12),
    st.integers(1, 12),
    st.integers(1, 9),
    st.sampled_from([(3, 3), (6, 3), (6, 6)]),
)
def test_products(seed, rows, inner, width, shape):
    rng = np.random.default_rng(seed)
    left, right = sparse(rng, rows, inner, *shape, 0.4), sparse(rng, inner, width, shape[1], 6, 0.4)
    product = left.product(right, DOUBLE)
    assert np.abs(dense(product) - dense(left) @ dense(right)).max() < 1e-12
    assert np.array_equal(dense(left.transposed()), dense(left).T)
    x = rng.standard_normal(shape[1] * inner)
    assert left.times(x) == pytest.approx(dense(left) @ x)
    other = sparse(rng, rows, inner, *shape, 0.4)
    added = total([left, other, left])
    assert np.allclose(dense(added), 2 * dense(left) + dense(other))
    assert all(np.all(np.diff(added.columns[a:b]) > 0) for a, b in pairwise(added.pointers))


def motions(places, fixed=None):
    free = np.ones((len(places), 3), dtype=bool)
    if fixed is not None:
        free[fixed] = False
    return Frames.of_nodes(places, free)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), count=st.integers(1, 6), far=st.sampled_from([0.0, 1e3]))
def test_aggregates_move_as_the_body_does(seed, count, far):
    """Twice over, the motions of aggregates of aggregates are still the rigid ones, wherever the body is."""
    rng = np.random.default_rng(seed)
    of = np.concatenate([np.repeat(np.arange(count), 2), rng.integers(0, count, 4 * count)]).astype(np.int32)
    places = rng.uniform(0, 2, (len(of), 3)) + far
    first, frames = motions(places).joined(of, count)
    second, last = frames.joined(np.zeros(count, dtype=np.int32), 1)
    for k in range(count):
        columns = first[of == k].reshape(-1, 6)
        gram = columns.T @ columns
        assert np.allclose(gram, np.diag(np.round(np.diag(gram))), atol=1e-9)
        assert np.trace(gram) == pytest.approx(6 if (of == k).sum() > 2 else 5)
    followed = np.einsum("nab,nbc->nac", first, second[of]) @ last.modes[0]
    wanted = rigid_modes(places - last.places[0])
    wanted[:, :, 3:] /= last.sizes[0]
    assert np.allclose(followed, wanted, atol=1e-7)


def test_what_is_held_has_no_motion():
    places = np.random.default_rng(0).uniform(0, 1, (5, 3))
    followed, _ = motions(places, fixed=2).joined(np.zeros(5, dtype=np.int32), 1)
    assert not followed[2].any() and followed[[0, 1, 3, 4]].any(axis=(1, 2)).all()


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), count=st.integers(1, 40), density=st.floats(0.0, 0.3))
def test_every_row_with_a_neighbour_is_in_an_aggregate_of_several(seed, count, density):
    rng = np.random.default_rng(seed)
    pattern = scipy.sparse.random_array((count, count), density=density, rng=rng).tocsr()
    pattern = pattern + pattern.T + 100 * scipy.sparse.eye_array(count)
    pattern = pattern.tocsr()
    pattern.sort_indices()
    pointers, columns = (values.astype(np.int32) for values in (pattern.indptr, pattern.indices))
    matrix = BlockRows(pointers, columns, pattern.data[:, None, None] * np.eye(3), count)
    diagonal = matrix.blocks[matrix.diagonal]
    of, number = aggregates(matrix, np.einsum("nab,nab->n", diagonal, diagonal), 0.08, DOUBLE)
    lonely = np.diff(matrix.pointers) == 1
    assert np.array_equal(of < 0, lonely)
    assert number == of.max(initial=-1) + 1
    assert all(np.bincount(of[of >= 0]) > 1)


def hierarchy(level):
    return Aggregation(level, DOUBLE, SINGLE)


def as_matrix(cycle, size):
    """The cycle for each unit force, in single precision."""
    found = np.zeros((size, size), dtype=np.float32)
    for k, right in enumerate(np.eye(size, dtype=np.float32)):
        cycle.solve(right, found[k])
    return found.astype(float)


@pytest.mark.parametrize(
    "moduli", [even(), even(nu=0.49), jump(1e4), differing(3)], ids=["even", "0.49", "jump", "all"]
)
def test_the_cycle_is_symmetric_positive_and_close_to_the_inverse(moduli, monkeypatch):
    monkeypatch.setattr(aggregation, "SMALLEST", 30)  # several levels in a small cube
    _, level = levels(cube(MPI.COMM_SELF, 4, 0.0), moduli)
    size = level.size
    cycle = as_matrix(hierarchy(level), size)
    scale = np.sqrt(np.abs(np.diag(cycle)))
    assert np.abs((cycle - cycle.T) / np.outer(scale, scale)).max() < 1e-5
    matrix = level.matrix("aij").convert("dense").getDenseArray()
    root = np.linalg.cholesky(matrix)
    values = np.linalg.eigvalsh(root.T @ ((cycle + cycle.T) / 2) @ root)
    assert values.min() > 0.02 and values.max() < 1.001  # of a symmetric V-cycle none is above 1


def test_the_level_below_is_that_of_the_matrix(monkeypatch):
    """P' A P, and the coarsest level is solved exactly."""
    seen = []
    plain = aggregation._galerkin
    monkeypatch.setattr(
        aggregation, "_galerkin", lambda a, p, ranks, k: seen.append((a, p, plain(a, p, ranks, k))) or seen[-1][2]
    )
    _, level = levels(cube(MPI.COMM_SELF, 4, 0.0), differing(5))
    hierarchy(level)
    assert len(seen) > 0
    for matrix, transfer, coarse in seen:
        wanted = dense(transfer).T @ dense(matrix) @ dense(transfer)
        assert np.abs(dense(coarse) - wanted).max() < 1e-12 * np.abs(wanted).max()
    coarse = seen[-1][2]
    right = (dense(coarse) @ np.random.default_rng(1).standard_normal(6 * coarse.count)).astype(np.float32)
    assert dense(coarse) @ Coarsest(coarse).cycle(right) == pytest.approx(
        right, rel=1e-4, abs=1e-4 * float(np.abs(right).max())
    )


@pytest.fixture
def always(monkeypatch):
    monkeypatch.setattr(multigrid, "FACTORED", 0)


@pytest.mark.parametrize("moduli", [even(), even(nu=0.49), jump(1e3), jump(1e-3), differing(2)])
def test_same_answer_as_with_a_factorisation(moduli, monkeypatch):
    fine, coarse = levels(cube(MPI.COMM_SELF, 8, 0.08), moduli)
    exact, direct = solved(fine, coarse)
    monkeypatch.setattr(multigrid, "FACTORED", 0)
    u, info = solved(fine, coarse)
    assert info.residual < 1e-9 and direct.residual < 1e-9
    assert np.abs(u.x.array - exact.x.array).max() < 1e-8 * np.abs(exact.x.array).max()
    assert info.iterations <= direct.iterations + 8


def test_iterations_hardly_grow_with_the_mesh(always):
    found = [solved(*levels(cube(MPI.COMM_SELF, n, 0.0), even()))[1].iterations for n in (4, 8, 14)]
    assert found[2] <= found[0] + 8


@settings(max_examples=5, deadline=None)
@given(e=st.floats(1e-6, 1e12), size=st.floats(1e-6, 1e6))
def test_no_unit_is_too_small_or_too_large(e, size):
    domain = cube(MPI.COMM_SELF, 3, 0.1)
    domain.geometry.x[:] *= size
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(multigrid, "FACTORED", 0)
        u, info = solved(*levels(domain, even(e)))
    assert info.residual < 1e-9 and np.isfinite(u.x.array).all()


RANKS = """
import sys
sys.path.insert(0, "tests")
import solvers
import numpy as np
from mpi4py import MPI
from elastic_levels import cube, levels, solved
from test_matrix_free import differing
from solvers import aggregation, multigrid

multigrid.FACTORED, aggregation.SMALLEST = 0, 100
comm = MPI.COMM_WORLD
fine, coarse = levels(cube(comm, 6, 0.1), differing(4))
u, info = solved(fine, coarse)
size = comm.allreduce(np.sum(u.x.array[: 3 * fine.space.dofmap.index_map.size_local] ** 2))
if comm.rank == 0:
    print([info.iterations, info.residual, float(size)])
"""


def test_ranks_do_not_matter():
    found = [ast.literal_eval(on_ranks(RANKS, ranks)) for ranks in (1, 2, 3)]
    assert all(residual < 1e-9 for _, residual, _ in found)
    assert [size for _, _, size in found] == pytest.approx([found[0][2]] * 3, rel=1e-8)
    assert max(n for n, _, _ in found) <= found[0][0] + 5


SPECTRUM = """
import sys
sys.path.insert(0, "tests")
import solvers
import numpy as np
from mpi4py import MPI
from elastic_levels import cube, levels
from test_matrix_free import even
from solvers import aggregation
from solvers.kernels.library import kernels

aggregation.SMALLEST = 30
comm = MPI.COMM_WORLD
_, level = levels(cube(comm, 4, 0.0), even(nu={nu}))
double, single = (kernels(np.dtype(name), comm) for name in ("float64", "float32"))
cycle = aggregation.Aggregation(level, double, single)
matrix = level.matrix("aij")
low, high = matrix.getOwnershipRange()
found = np.zeros((level.size, level.size))
right, answer = np.zeros(high - low, np.float32), np.zeros(high - low, np.float32)
for k in range(level.size):
    right[:] = 0
    if low <= k < high:
        right[k - low] = 1
    cycle.solve(right, answer)
    found[k, low:high] = answer
found = comm.allreduce(found)
dense = np.zeros((level.size, level.size))
for row in range(low, high):
    columns, values = matrix.getRow(row)
    dense[row, columns] = values
dense = comm.allreduce(dense)
if comm.rank == 0:
    root = np.linalg.cholesky(dense)
    scale = np.sqrt(np.abs(np.diag(found)))
    values = np.linalg.eigvalsh(root.T @ (found + found.T) @ root / 2)
    print([float(np.abs((found - found.T) / np.outer(scale, scale)).max()), float(values.min()), float(values.max())])
"""


@pytest.mark.parametrize("ranks", [3])
def test_the_cycle_is_positive_on_several_ranks(ranks):
    """Of a material that is hard to compress, off-rank couplings outweigh the diagonal."""
    unsymmetric, least, largest = ast.literal_eval(on_ranks(SPECTRUM.format(nu=0.49), ranks))
    assert unsymmetric < 1e-5
    assert least > 0.01 and largest < 1.001


HELD = """
import sys
sys.path.insert(0, "tests")
import solvers
import numpy as np
from dataclasses import replace
from dolfinx import fem
from mpi4py import MPI
from elastic_levels import cube, levels, solved
from test_matrix_free import even
from solvers import multigrid

multigrid.FACTORED = 0
comm = MPI.COMM_WORLD
fine, coarse = levels(cube(comm, 1, 0.0), even())
index_map = coarse.space.dofmap.index_map
nodes = np.arange(index_map.size_local + index_map.num_ghosts, dtype=np.int32)
coarse = replace(coarse, conditions=[fem.dirichletbc(np.zeros(3), nodes, coarse.space)])
u, info = solved(fine, coarse)
if comm.rank == 0:
    print([info.residual, info.iterations])
"""


@pytest.mark.parametrize("ranks", [1, 2])
def test_nothing_on_the_linear_level_can_move(ranks):
    residual, _ = ast.literal_eval(on_ranks(HELD, ranks))
    assert residual < 1e-9


def test_without_flags_for_this_machine(always, monkeypatch):
    """The compiler's most general processor takes as many iterations to the same answer."""
    fine, coarse = levels(cube(MPI.COMM_SELF, 6, 0.1), differing(6))
    u, info = solved(fine, coarse)
    monkeypatch.setattr(library, "MACHINES", ((),))
    library._loaded.cache_clear()
    try:
        plain, again = solved(fine, coarse)
    finally:
        library._loaded.cache_clear()
    assert again.residual < 1e-9 and abs(again.iterations - info.iterations) <= 1
    assert np.abs(plain.x.array - u.x.array).max() < 1e-8 * np.abs(u.x.array).max()
