"""The quadratic operator without a matrix is the assembled one, in any precision, on any machine, on any rank."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from dataclasses import replace
from unittest.mock import patch

from solvers import linear, matrix_free  # isort: skip  (before dolfinx, see there)
import basix
import numpy as np
import pytest
from dolfinx import mesh
from elastic_levels import cube, levels, random_vector, solved
from hypothesis import given, settings
from hypothesis import strategies as st
from mpi4py import MPI
from ranks import ROOT, on_ranks
from scipy.linalg import eigh

from solvers.bends import bends
from solvers.kernels import library
from solvers.kernels.library import kernels
from solvers.matrix_free import STRAIGHT, shell, stiffness
from solvers.vcycle import VCycle

EXACT = {"float64": 1e-13, "float32": 1e-6}
DOUBLE = kernels(np.dtype(np.float64), MPI.COMM_SELF)


def even(e=2.0, nu=0.3):
    return lambda x, numbers: (np.full(x.shape[1], e), np.full(x.shape[1], nu))


def jump(ratio):
    """A stiff layer."""
    return lambda x, numbers: (np.where(x[2] > 0.5, ratio, 1.0), np.full(x.shape[1], 0.3))


def differing(seed):
    """Constants by the number of the cell in the input."""

    def moduli(x, numbers):
        rng = np.random.default_rng(seed)
        e, nu = rng.uniform(0.1, 10.0, 10_000), rng.uniform(-0.3, 0.49, 10_000)  # as many on every rank
        return e[numbers], nu[numbers]

    return moduli


def exactly(level):
    """The operators, in single precision too without straightening what is hardly bent."""
    with patch.object(matrix_free, "BENT", 0.0):
        return stiffness(level)


def products(fine, seed=3):
    """A x of the assembled matrix and of the operator in double and single precision."""
    x = random_vector(fine, seed)
    operators = exactly(fine)
    assembled, double, single = fine.matrix("baij"), shell(operators[0]), operators[1]
    exact, found = x.duplicate(), x.duplicate()
    assembled.mult(x, exact)
    double.mult(x, found)
    a, y = single.vector(), single.vector()
    a.array[: single.owned] = x.array
    a.array[single.held] = 0
    single.add(a, y)
    rough = y.array[: single.owned].copy()
    held = single.held[single.held < single.owned]
    rough[held] = x.array[held]
    return exact.array, {"float64": found.array, "float32": rough}


def off(found, exact):
    return np.abs(found - exact).max() / np.abs(exact).max()


@settings(max_examples=6, deadline=None)
@given(
    bend=st.just(0.0) | st.floats(1e-6, 0.12), seed=st.integers(0, 1000)
)  # below `STRAIGHT` a cell counts as straight
def test_it_is_the_assembled_matrix(bend, seed):
    """Straight-sided and curved cells, each of its own material, held in every way there is."""
    fine, _ = levels(cube(MPI.COMM_SELF, 3, bend, seed), differing(seed))
    exact, found = products(fine)
    for dtype, values in found.items():
        assert off(values, exact) < EXACT[dtype]


def test_both_kinds_of_cells_are_told_apart():
    straight = bends(cube(MPI.COMM_SELF, 2, 0.1), DOUBLE).off <= STRAIGHT
    assert 0 < straight.sum() < len(straight)
    assert (bends(cube(MPI.COMM_SELF, 2, 0.0), DOUBLE).off <= STRAIGHT).all()
    assert not bends(mesh.create_unit_cube(MPI.COMM_SELF, 2, 2, 2), DOUBLE).off.any()


@settings(max_examples=20, deadline=None)
@given(bend=st.floats(1e-6, 0.2), seed=st.integers(0, 1000))
def test_bends_are_those_of_the_geometry(bend, seed):
    """By the derivatives of the shape functions themselves."""
    domain = cube(MPI.COMM_SELF, 1, bend, seed)
    shapes = basix.create_element(
        basix.ElementFamily.P, basix.CellType.tetrahedron, 2, basix.LagrangeVariant.equispaced
    )
    vertices, edges = basix.geometry(basix.CellType.tetrahedron), basix.topology(basix.CellType.tetrahedron)[1]
    most = np.abs(shapes.tabulate(1, vertices)[1:, :, 4:, 0]).max(axis=(0, 1))
    found = bends(domain, DOUBLE)
    for cell, nodes in enumerate(domain.geometry.dofmaps[0]):
        at = domain.geometry.x[nodes]
        jacobian = (at[1:4] - at[0]).T
        off = [at[4 + e] - at[ends].mean(axis=0) for e, ends in enumerate(edges)]
        size = max(np.linalg.norm(at[k] - at[0]) for k in (1, 2, 3))
        assert found.off[cell] == pytest.approx(max(np.linalg.norm(b) for b in off) / size, rel=1e-9, abs=1e-14)
        changes = [np.linalg.norm(np.linalg.solve(jacobian, b)) * most[e] for e, b in enumerate(off)]
        assert found.change[cell] == pytest.approx(np.max(changes), rel=1e-9, abs=1e-13)


def dense(operator):
    """The operator without what is held."""
    free = np.setdiff1d(np.arange(operator.owned), operator.held)
    found = np.empty((len(free), len(free)))
    x, y = operator.vector(), operator.vector()
    for k, unknown in enumerate(free):
        x.array[:] = y.array[:] = 0.0
        x.array[unknown] = 1.0
        operator.add(x, y)
        found[k] = y.array[free]
    return (found + found.T) / 2


def bent_cube(bend, seed):
    """Six cells, and by how much they are bent."""
    fine, _ = levels(cube(MPI.COMM_SELF, 1, bend, seed), even())
    return fine, bends(fine.space.mesh, DOUBLE).change


@settings(max_examples=20, deadline=None)
@given(share=st.floats(0.2, 0.999), seed=st.integers(0, 1000))
def test_what_is_hardly_bent_is_as_stiff_when_straight(share, seed):
    """Within a factor of two, for any displacement, up to where a cell is just not straightened any more."""
    most = bent_cube(0.01, seed)[1].max()
    fine, bent = bent_cube(0.01 * share * matrix_free.BENT / most, seed)
    assert bent.max() == pytest.approx(share * matrix_free.BENT, rel=1e-6)
    assert all(len(batch.barycentric) == 0 for batch in stiffness(fine)[1].batches)
    changed = eigh(dense(stiffness(fine)[1]), dense(exactly(fine)[0]), eigvals_only=True)
    assert changed.min() > 0.5 and changed.max() < 2.0


def test_blocks_are_those_of_the_diagonal():
    fine, _ = levels(cube(MPI.COMM_SELF, 2, 0.1), differing(5))
    dense = replace(fine, conditions=[]).matrix("aij").convert("dense").getDenseArray()
    blocks = np.array([dense[3 * n : 3 * n + 3, 3 * n : 3 * n + 3] for n in range(len(dense) // 3)])
    for operator in exactly(fine):
        assert off(operator.blocks(), blocks) < EXACT[operator.dtype.name]


@pytest.mark.parametrize(
    "moduli",
    [even(), even(nu=0.49), jump(1000.0), jump(1e-3), differing(2)],
    ids=["even", "0.49", "stiff", "soft", "all"],
)
def test_same_answer_and_as_many_iterations_as_with_a_matrix(moduli, monkeypatch):
    fine, coarse = levels(cube(MPI.COMM_SELF, 6, 0.08), moduli)
    free, info = solved(fine, coarse)
    monkeypatch.setattr(library, "_loaded", lambda name: None)
    assert stiffness(fine) is None
    plain, assembled = solved(fine, coarse)
    assert info.residual < 1e-9 and assembled.residual < 1e-9
    assert off(free.x.array, plain.x.array) < 1e-9
    assert info.iterations <= assembled.iterations + 2


@settings(max_examples=5, deadline=None)
@given(e=st.floats(1e-6, 1e12), size=st.floats(1e-6, 1e6))
def test_no_unit_is_too_small_or_too_large(e, size):
    """Single precision covers few orders of magnitude; what it works on is scaled."""
    domain = cube(MPI.COMM_SELF, 2, 0.1)
    domain.geometry.x[:] *= size
    fine, coarse = levels(domain, even(e))
    u, info = solved(fine, coarse)
    assert info.residual < 1e-9 and np.isfinite(u.x.array).all()


RANKS = """
import sys
sys.path.insert(0, "tests")
import solvers
import numpy as np
from mpi4py import MPI
from elastic_levels import cube, levels, solved
from test_matrix_free import EXACT, differing, products
from solvers.kernels import library

comm = MPI.COMM_WORLD
fine, coarse = levels(cube(comm, 3, 0.1), differing(4))
exact, found = products(fine)
largest = comm.allreduce(np.abs(exact).max(), MPI.MAX)
errors = {k: comm.allreduce(np.abs(v - exact).max(), MPI.MAX) / largest for k, v in found.items()}
u, info = solved(fine, coarse)
library._loaded = lambda name: None
plain, assembled = solved(fine, coarse)
gap, whole = (comm.allreduce(np.abs(v).max(), MPI.MAX) for v in (u.x.array - plain.x.array, u.x.array))
size = comm.allreduce(np.sum(u.x.array[: 3 * fine.space.dofmap.index_map.size_local] ** 2))
if comm.rank == 0:
    numbers = errors["float64"], errors["float32"], gap / whole, info.iterations - assembled.iterations, size
    print([float(number) for number in numbers])
"""


def test_ranks_do_not_matter():
    sizes = []
    for ranks in (1, 2):
        double, single, gap, more, size = ast.literal_eval(on_ranks(RANKS, ranks))
        assert double < EXACT["float64"] and single < EXACT["float32"]
        assert gap < 1e-9 and more <= 2
        sizes.append(size)
    assert sizes == pytest.approx([sizes[0]] * 2, rel=1e-8)


def test_without_flags_for_this_machine(monkeypatch):
    """The compiler's most general processor (SSE2 on x86) gives the same product."""
    fine, _ = levels(cube(MPI.COMM_SELF, 3, 0.1), differing(6))
    monkeypatch.setattr(library, "MACHINES", ((),))
    library._loaded.cache_clear()
    try:
        exact, found = products(fine)
    finally:
        library._loaded.cache_clear()
    for dtype, values in found.items():
        assert off(values, exact) < EXACT[dtype]


def test_without_a_compiler(monkeypatch, tmp_path):
    """Nothing is raised; the caller takes a matrix."""
    monkeypatch.setenv("CC", str(tmp_path / "none"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    library._loaded.cache_clear()
    try:
        assert library.kernels(np.dtype(np.float64), MPI.COMM_SELF) is None
    finally:
        library._loaded.cache_clear()


LOAD = "import solvers; from solvers.kernels import library; print(library._loaded('float32') is not None)"


def test_processes_that_compile_at_once(tmp_path):
    environment = os.environ | {"XDG_CACHE_HOME": str(tmp_path)}
    command = [sys.executable, "-c", LOAD]
    running = [subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE) for _ in range(3)]
    assert [process.communicate(timeout=120)[0].strip() for process in running] == [b"True"] * 3
    assert len(list((tmp_path / "benchtwin" / "kernels").glob("*.so"))) == 1


def test_what_single_precision_cannot_do_is_solved_directly(monkeypatch):
    """An eigenvalue that is not a number ends the iteration, not the program."""
    fine, coarse = levels(cube(MPI.COMM_SELF, 2, 0.1), even())
    monkeypatch.setattr(VCycle, "_largest_eigenvalue", lambda self: float("nan"))
    _, info = solved(fine, coarse, linear.solve)
    assert info.direct and info.residual < 1e-9 and "solved directly" in info.note
