"""Graded meshes: size fields, the local error, the ladder's promises."""

from __future__ import annotations

import ast
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import gmsh
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpi4py import MPI

import solvers  # noqa: F401
from geometry.errors import GeometryError
from geometry.mesh import generate
from geometry.sizefield import SizeField, scaled_to
from geometry.solid import Solid, cad
from solvers import measures
from solvers.body import Body
from solvers.errors import SolverError
from studies.budget import Budget
from studies.ladder import climb
from studies.run import mpiexec
from verification.plane import Kirsch, LameCylinder
from verification.singular import SharpBracket
from verification.spatial import LameSphere

ROOT = Path(__file__).parents[1]


def line_of_tetrahedra(n: int, sizes: np.ndarray) -> SizeField:
    """Tetrahedra in a row along x, each sharing three points with the next."""
    k = np.arange(n + 3)
    points = np.stack([k / 3.0, np.cos(2.1 * k), np.sin(2.1 * k)], axis=1)
    cells = np.stack([k[:-3], k[1:-2], k[2:-1], k[3:]], axis=1)
    return SizeField(points, cells, sizes)


@settings(deadline=None)
@given(st.lists(st.floats(0.01, 100.0), min_size=23, max_size=23), st.floats(0.1, 1.0))
def test_limited_sizes_grow_slowly_and_are_never_larger(sizes, growth):
    field = line_of_tetrahedra(20, np.array(sizes))
    limited = field.limited(growth)
    assert np.all(limited.sizes <= field.sizes * (1 + 1e-12))
    assert limited.sizes.min() == pytest.approx(min(sizes))
    for cell in field.cells:
        for a in cell:
            for b in cell:
                step = growth * np.linalg.norm(field.points[a] - field.points[b])
                assert limited.sizes[b] <= limited.sizes[a] + step + 1e-4 * limited.sizes[b]


def test_scaled_to_a_number_of_cells():
    field = line_of_tetrahedra(20, np.linspace(0.5, 2.0, 23))
    found = scaled_to(500.0, lambda a: field.with_sizes(a * field.sizes), cap=1e9)
    assert found.cell_count() == pytest.approx(500.0, rel=0.1)


def test_mesh_follows_a_size_field():
    with cad():
        solid = Solid.of({"block": gmsh.model.occ.addBox(0, 0, 0, 10, 10, 10)})
        corners = np.array([[0, 0, 0], [30, 0, 0], [0, 30, 0], [0, 0, 30]], dtype=float)
        fine_at_origin = SizeField(corners, np.array([[0, 1, 2, 3]]), np.array([0.4, 6.0, 6.0, 6.0]))
        plain = generate(solid, 3.0)
        graded = generate(solid, 3.0, field=fine_at_origin)
        near = np.linalg.norm(graded.points, axis=1) < 3.0
        assert graded.quality.cells > 2 * plain.quality.cells and near.mean() > 0.2
        assert graded.quality.min_sicn > 0.1


def test_points_on_the_rim_of_the_field_do_not_end_the_process():
    """gmsh aborted for points on the bounding box of a view; the field reaches beyond it."""
    with cad():
        solid = Solid.of({"block": gmsh.model.occ.addBox(0, 0, 0, 1, 1, 1)})
        corners = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], dtype=float)
        assert (
            generate(solid, 0.5, field=SizeField(corners, np.array([[0, 1, 2, 3]]), np.full(4, 0.3))).quality.cells > 50
        )


@pytest.mark.parametrize("problem", [LameCylinder, Kirsch])
def test_intervals_hold_the_truth(problem):
    with climb(problem(), 0.02, MPI.COMM_SELF) as ladder:
        assert not ladder.open and len(ladder.steps) >= 2
        assert all(check.passed for check in ladder.checks.values())
        for name, found in ladder.estimates.items():
            assert abs(found.value - problem.references[name].value) <= found.uncertainty, name
        # Finest where the error is: at the hole, not at the far side.
        assert ladder.finest.dofs < 200_000
        assert 3 * sum(rung.cells for rung in ladder.rungs[:-1]) <= ladder.finest.cells


TWO_RANKS = """
from mpi4py import MPI
import solvers
from studies.ladder import climb
from studies.run import mpiexec
from verification.plane import HeatedCylinder, Kirsch
for problem in (Kirsch, HeatedCylinder):
    with climb(problem(), 0.05, MPI.COMM_WORLD) as ladder:
        assert all(check.passed for check in ladder.checks.values()), ladder.checks
        if MPI.COMM_WORLD.rank == 0:
            print([ladder.finest.dofs, *((e.value, e.uncertainty) for e in ladder.estimates.values())])
"""


def test_two_ranks_grade_and_estimate_alike():
    """Imposed displacement, planes of symmetry, heat, local error and standard error on one and on two ranks."""
    answers = []
    for ranks in (1, 2):
        command = [mpiexec(), "-n", str(ranks), sys.executable, "-c", TWO_RANKS]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, cwd=ROOT)
        assert done.returncode == 0, done.stderr
        lines = [line for line in done.stdout.splitlines() if line.startswith("[")]
        answers.append([np.hstack([np.ravel(part) for part in ast.literal_eval(line)]) for line in lines])
    for one, two in zip(*answers, strict=True):
        assert one[0] == two[0] > 10_000
        assert two[1:] == pytest.approx(one[1:], rel=1e-5)


def test_peak_of_compression_is_in_its_own_neighbourhood():
    with cad():
        solid = LameCylinder().solid()
        solid.name_rest("free")
        body = Body.from_mesh(generate(solid, 3.0), MPI.COMM_SELF)
    solution = LameCylinder().problem(body).solve()
    values = -1.0 - np.linalg.norm(measures.node_points(solution), axis=1)
    found = measures.peak(solution, values, np.ones(len(values), dtype=bool))
    assert found.near[np.argmax(values)] and not found.near.all()


def test_sharp_corner_is_singular_and_the_rest_is_not():
    with climb(SharpBracket(), 0.05, MPI.COMM_SELF) as ladder:
        status = {name: found.status for name, found in ladder.estimates.items()}
    assert status.pop("peak_at_corner") == "singular"
    assert set(status.values()) == {"converged"}


def test_budget_of_time_stops_the_ladder_with_a_reason():
    with climb(LameCylinder(), 1e-4, MPI.COMM_SELF, budget=Budget(memory=8000, minutes=0.0)) as ladder:
        assert ladder.exhausted == "time" and ladder.open
        assert all(ladder.estimates[name].reason.startswith("budget of time spent") for name in ladder.open)


@pytest.mark.parametrize(
    "error", [pytest.param(GeometryError("no mesh"), marks=pytest.mark.slow), SolverError("no solution")]
)
def test_a_finer_mesh_that_fails_leaves_what_is_known(error):
    """And the mesh is the one that belongs to the solution."""

    class Failing(LameSphere):
        made = 0

        def problem(self, body):
            self.made += 1
            if self.made > 3:
                raise error
            return super().problem(body)

    with climb(Failing(), 1e-4, MPI.COMM_SELF) as ladder:
        assert ladder.exhausted == ("mesh" if isinstance(error, GeometryError) else "solver")
        assert len(ladder.steps) == 2 and str(error) in ladder.warnings[0]
        assert all(found.decides for found in ladder.estimates.values())
        assert len(ladder.mesh.cells) == ladder.finest.cells


def test_a_mesh_that_came_out_finer_does_not_spoil_the_ladder(monkeypatch):
    from studies import case as cases

    real, made = cases.generate, []

    def generate(solid, size, boxes, refinement, wanted):
        made.append(refinement)
        if len(made) in (2, 3):
            raise GeometryError("a curved detail")
        return real(solid, size, boxes, refinement, wanted)

    monkeypatch.setattr(cases, "generate", generate)
    with climb(LameSphere(), 0.05, MPI.COMM_SELF) as ladder:
        scales = [rung.scale for rung in ladder.steps]
        assert scales[0] < 1.0 and all(coarse > 1.2 * fine for coarse, fine in pairwise(scales))
        assert not ladder.open


def test_what_was_unusual_in_a_mesh_is_said_in_the_record(monkeypatch):
    from studies import case as cases

    real = cases.generate
    monkeypatch.setattr(cases, "generate", lambda *given: replace(real(*given), note="meshed otherwise"))
    with climb(LameSphere(), 0.05, MPI.COMM_SELF) as ladder:
        assert ladder.warnings[:2] == ["mesh 1: meshed otherwise", "mesh 2: meshed otherwise"]


def test_a_mesh_that_came_out_too_fine_for_the_budget_is_not_solved_on(monkeypatch):
    """And what the meshes before have shown stays."""
    from studies import case as cases

    real, made = cases.generate, []

    def generate(solid, size, boxes, refinement, wanted):
        made.append(refinement)
        if 3 <= len(made) <= 6:  # only the last retry, twice as fine, works
            raise GeometryError("a curved detail")
        return real(solid, size, boxes, refinement, wanted)

    monkeypatch.setattr(cases, "generate", generate)
    budget = Budget(memory=8000)
    monkeypatch.setattr(Budget, "exceeded_by", lambda self, memory, seconds: "memory" if len(made) > 2 else None)
    with climb(LameSphere(), 0.05, MPI.COMM_SELF, budget=budget) as ladder:
        assert ladder.exhausted == "memory" and len(ladder.rungs) == 2 and len(made) == 7
        assert len(ladder.mesh.cells) == ladder.finest.cells


def test_memory_is_foreseen_from_what_was_taken():
    budget = Budget(memory=8000, minutes=30)
    assert budget.processes(1) == 1 and budget.processes(12) == 12 and budget.processes(64) == 16
    assert budget.exceeded_by(8001, 1.0) == "memory" and budget.exceeded_by(7999, 1.0) is None
    assert budget.exceeded_by(1.0, 1e6) == "time"
