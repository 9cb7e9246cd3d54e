"""Ladders that begin with the meshes of a part much alike."""

from __future__ import annotations

import ast
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from mpi4py import MPI

import solvers  # noqa: F401
from geometry.errors import GeometryError
from geometry.mesh import SizeBox
from solvers.errors import SolverError
from studies.budget import Budget
from studies.ladder import LEADING, climb
from studies.run import mpiexec
from studies.shown import read_shown, write_shown
from verification.plane import Kirsch
from verification.singular import SharpBracket

ROOT = Path(__file__).parents[1]


class Wider(Kirsch):
    AXES = (5.6, 5.6)


class Uneven(Wider):
    """With a corner where elements may be far larger: an even mesh of that size would be none of it, as of a stem."""

    def draw(self, comm):
        drawing = super().draw(comm)
        if drawing is None:
            return None
        low, high = drawing.solid.box()
        return replace(drawing, boxes=[SizeBox(tuple(high - 0.1 * (high - low)), tuple(high), factor=3.0, blend=1.0)])


@pytest.fixture(scope="module")
def uneven():
    with climb(Uneven(), 0.05, MPI.COMM_SELF) as ladder:
        return ladder.shown(), ladder


@pytest.fixture(scope="module")
def even():
    with climb(Wider(), 0.05, MPI.COMM_SELF) as ladder:
        return ladder.shown(), ladder


def values(ladder):
    return {name: (found.value, found.uncertainty) for name, found in ladder.estimates.items()}


def test_meshes_are_shown_graded_by_the_finest_solution(uneven):
    shown, own = uneven
    assert len(shown) == own.case.fewest == 2
    assert [mesh.scale for mesh in shown] == [1.0, pytest.approx((1 / 2) ** (1 / 3))]  # little is asked for
    assert LEADING * own.steps[0].cells < shown[0].cells < own.steps[0].cells
    assert 1.6 * shown[0].cells < shown[1].cells < 3.5 * shown[0].cells
    assert all(mesh.cells == len(mesh.mesh.cells) for mesh in shown)


def test_where_an_even_mesh_has_as_many_cells_the_meshes_of_the_ladder_are_shown(even):
    shown, own = even
    assert [mesh.cells for mesh in shown] == [rung.cells for rung in own.steps]
    assert [mesh.scale for mesh in shown] == [rung.scale for rung in own.steps]
    assert shown[-1].mesh is own.mesh


@pytest.mark.parametrize("of", ["uneven", "even"])
def test_a_ladder_begins_with_them(of, request):
    shown, _ = request.getfixturevalue(of)
    with climb(Kirsch(), 0.1, MPI.COMM_SELF, known=shown) as ladder:
        assert not ladder.open and list(ladder.known) == shown
        assert [rung.scale for rung in ladder.rungs] == [mesh.scale for mesh in shown]
        assert [rung.cells for rung in ladder.rungs] == pytest.approx([mesh.cells for mesh in shown], rel=0.01)
        assert all(check.passed for check in ladder.checks.values()) and not ladder.warnings
        for name, found in ladder.estimates.items():
            assert abs(found.value - Kirsch().references[name].value) <= found.uncertainty, name


def test_a_ladder_goes_on_where_they_do_not_settle_it(even):
    shown, _ = even
    with climb(Kirsch(), 0.004, MPI.COMM_SELF, known=shown) as ladder:
        assert len(ladder.rungs) > len(shown) and list(ladder.known) == shown
        assert [rung.moved for rung in ladder.rungs][: len(shown) + 1] == [True] * len(shown) + [False]
        assert ladder.rungs[len(shown)].cells > 1.5 * ladder.rungs[len(shown) - 1].cells
        for name, found in ladder.estimates.items():
            assert abs(found.value - Kirsch().references[name].value) <= found.uncertainty, name


def test_a_part_that_is_not_much_alike_is_done_as_alone(even):
    with climb(SharpBracket(), 0.2, MPI.COMM_SELF) as alone:
        pass
    with climb(SharpBracket(), 0.2, MPI.COMM_SELF, known=even[0]) as ladder:
        assert not ladder.known and values(ladder) == values(alone) and ladder.warnings == alone.warnings
        assert [rung.cells for rung in ladder.rungs] == [rung.cells for rung in alone.rungs]


def test_one_that_cannot_be_moved_ends_what_was_shown(even):
    """The meshes before it stay; the next is graded to the solution on them."""
    shown, _ = even
    foreign = replace(shown[1], mesh=replace(shown[1].mesh, placed=None))
    with climb(Kirsch(), 0.05, MPI.COMM_SELF, known=[shown[0], foreign]) as ladder:
        assert list(ladder.known) == shown[:1] and not ladder.open and not ladder.warnings
        assert ladder.rungs[0].scale == 1.0 and len(ladder.steps) == len(ladder.rungs)


def test_a_mesh_of_another_on_which_nothing_is_found_is_left_aside(even):
    class Failing(Kirsch):
        failed = False

        def problem(self, body):
            if not self.failed:
                self.failed = True
                raise SolverError("no solution")
            return super().problem(body)

    with climb(Failing(), 0.05, MPI.COMM_SELF, known=even[0]) as ladder:
        assert not ladder.known and ladder.rungs[0].scale is None and not ladder.open
        assert any("no solution" in warning for warning in ladder.warnings)


def test_one_that_the_budget_does_not_carry_is_not_solved_on(even):
    with climb(Kirsch(), 1e-3, MPI.COMM_SELF, budget=Budget(memory=8000, minutes=0.0), known=even[0]) as ladder:
        assert len(ladder.rungs) == 1 and ladder.exhausted == "time" and len(ladder.known) == 1


def test_of_a_ladder_that_was_broken_off_what_there_is_is_shown():
    with climb(Wider(), 0.05, MPI.COMM_SELF) as ladder:
        del ladder._climbed[1:]
        shown = ladder.shown()
    assert [mesh.scale for mesh in shown] == [1.0]
    with climb(Kirsch(), 0.1, MPI.COMM_SELF, known=shown) as follower:
        assert [rung.moved for rung in follower.rungs][:2] == [True, False] and not follower.open


def test_a_shown_mesh_that_came_out_finer_does_not_spoil_the_ladder(monkeypatch):
    with climb(Uneven(), 0.05, MPI.COMM_SELF) as ladder:
        real, made = type(ladder.drawing).generate, []

        def generate(drawing, *given):
            made.append(given)
            if len(made) < 3:
                raise GeometryError("a curved detail")
            return real(drawing, *given)

        monkeypatch.setattr(type(ladder.drawing), "generate", generate)
        first, second = ladder.shown()
    assert first.scale == pytest.approx(1 / 1.3) and second.scale == pytest.approx(first.scale * 2 ** (-1 / 3))


def test_no_mesh_to_be_shown_can_be_made(monkeypatch):
    with climb(Uneven(), 0.05, MPI.COMM_SELF) as ladder:

        def refused(*_):
            raise GeometryError("no mesh")

        monkeypatch.setattr(type(ladder.drawing), "generate", refused)
        assert ladder.shown() == []


def test_a_file_of_them(even, tmp_path):
    shown, path = even[0], tmp_path / "meshes.npz"
    write_shown(shown, path)
    found = read_shown(path)
    assert [(mesh.cells, mesh.scale) for mesh in found] == [(mesh.cells, mesh.scale) for mesh in shown]
    for one, other in zip(shown, found, strict=True):
        assert np.array_equal(one.mesh.points, other.mesh.points) and np.array_equal(one.mesh.cells, other.mesh.cells)
    whole = path.read_bytes()
    for damaged in (b"", b"nothing of the kind", whole[: len(whole) // 2]):
        path.write_bytes(damaged)
        with pytest.raises((OSError, ValueError)):
            read_shown(path)
    for wrong in ({"points": np.zeros(3)}, {"scales": np.array(1.0)}, {"scales": np.empty(0)}):
        np.savez(path, **wrong)
        with pytest.raises(ValueError):
            read_shown(path)
    np.save(path.with_suffix(".npy"), np.zeros(3))
    path.with_suffix(".npy").replace(path)
    with pytest.raises(ValueError):
        read_shown(path)


TWO_RANKS = """
import sys
sys.path.insert(0, "tests")
from mpi4py import MPI
import solvers
from studies.ladder import climb
from test_shown import Uneven
from verification.plane import Kirsch
comm = MPI.COMM_WORLD
with climb(Uneven(), 0.05, comm) as ladder:
    shown = ladder.shown()
with climb(Kirsch(), 0.1, comm, known=shown) as ladder:
    assert len(ladder.known) == len(ladder.rungs) == 2 and all(check.passed for check in ladder.checks.values())
    assert all((mesh.mesh is None) == (comm.rank > 0) for mesh in shown)
    if comm.rank == 0:
        print([ladder.finest.dofs, *((e.value, e.uncertainty) for e in ladder.estimates.values())])
"""


def test_two_ranks_begin_with_them_alike():
    answers = []
    for ranks in (1, 2):
        command = [
            mpiexec(),
            "-n",
            str(ranks),
            sys.executable,
            "-c",
            TWO_RANKS,
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, cwd=ROOT)
        assert done.returncode == 0, done.stderr
        (line,) = [line for line in done.stdout.splitlines() if line.startswith("[")]
        answers.append(np.hstack([np.ravel(part) for part in ast.literal_eval(line)]))
    assert answers[0][0] == answers[1][0] > 5_000
    assert answers[1][1:] == pytest.approx(answers[0][1:], rel=1e-5)
