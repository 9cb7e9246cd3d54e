"""One ladder of meshes of a hip stem: python -m benchmarks.ladders OUT KIND CASE ACCURACY MOST [under mpiexec].

KIND "graded" climbs as benchtwin does, to ACCURACY; "uniform" divides the size of its first mesh by 1.26, which about
doubles the unknowns, until there are MOST unknowns.
"""

from __future__ import annotations

import json
import sys
import time
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path

from mpi4py import MPI

from benchmarks.climbed import CASES, GOAL, MINUTES, Climbed, Step
from devices.hip_stem import HipStem
from geometry.curved_mesh import CurvedMesh
from geometry.mesh import generate
from geometry.solid import cad
from protocols.hip_iso7206_4 import HipIso7206_4
from protocols.result import Measured
from solvers.body import Body
from studies.budget import Budget
from studies.case import BenchCase
from studies.collective import on_root
from studies.ladder import climb

RATIO = 1.26  # its cube is 2


def main(out: Path, kind: str, case: str, accuracy: float, most: float) -> None:
    """Climb and write the steps."""
    comm = MPI.COMM_WORLD
    bench = BenchCase(HipStem(**CASES[case]), HipIso7206_4())
    climbed = _graded(bench, accuracy, comm) if kind == "graded" else _uniform(bench, most, comm)
    if comm.rank == 0:
        out.write_text(json.dumps(asdict(climbed)))


def _graded(case: BenchCase, accuracy: float, comm: MPI.Comm) -> Climbed:
    with climb(case, accuracy, comm, budget=Budget.of(None, MINUTES)) as ladder:
        steps = [_step(rung.dofs, rung.measured, rung.seconds) for rung in ladder.rungs]
        estimate = ladder.estimates[GOAL]
        return Climbed(steps, estimate.extrapolated)


def _uniform(case: BenchCase, most: float, comm: MPI.Comm) -> Climbed:
    steps: list[Step] = []
    with cad() if comm.rank == 0 else nullcontext():
        drawing = case.draw(comm)
        finer = 1.0
        made: CurvedMesh | None = None

        def mesh() -> None:
            nonlocal made
            if drawing:
                made = generate(drawing.solid, drawing.size / finer, drawing.boxes, finer)

        while not steps or 2 * steps[-1].dofs < most:
            start = time.perf_counter()
            on_root(comm, mesh)
            solution = case.problem(Body.from_mesh(made, comm)).solve()
            measured = case.observe(solution).measured
            dofs = 3 * int(solution.problem.space.dofmap.index_map.size_global)
            steps.append(_step(dofs, measured, time.perf_counter() - start))
            finer *= RATIO
    return Climbed(steps, None)


def _step(dofs: int, measured: list[Measured], seconds: float) -> Step:
    goal = next(m for m in measured if m.name == GOAL)
    return Step(dofs, goal.value, goal.location, seconds)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], float(sys.argv[4]), float(sys.argv[5]))
