"""benchtwin on a stored case: python -m benchmarks.ours CASE OUT, alone or under mpiexec.

Stages are read off PETSc's own clock where Elasticity.solve does not show them: setting up the preconditioner is the
event PCSetUp, solving KSPSolve (which begins after it), assembly all the rest of the call (forms, pattern, matrices,
loads, interpolation between the levels).
"""

from __future__ import annotations

import sys
from contextlib import nullcontext
from importlib.metadata import version
from pathlib import Path

import numpy as np
from mpi4py import MPI
from petsc4py import PETSc

from benchmarks.answer import Answer
from benchmarks.cases import file_nodes
from benchmarks.stored import MESH, read_facts
from geometry.mesh_file import read_mesh
from geometry.solid import cad
from solvers import measures
from solvers.body import Body
from solvers.elasticity import Displacement, Elasticity, Isotropic
from solvers.loads import Wrench
from solvers.recovery import nodal_stress
from solvers.supports import Clamp
from solvers.systems import TOLERANCE


def main(case: Path, out: Path) -> None:
    """Solve and write the answer."""
    comm = MPI.COMM_WORLD
    PETSc.Log.begin()
    facts = read_facts(case)
    versions = f"{version('benchtwin')} (DOLFINx {version('dolfinx-solver-real')})"
    answer = Answer(versions, comm.size, tolerance=f"{TOLERANCE:.0e} |b - A x| / |b|")
    with cad() if comm.rank == 0 else nullcontext(), answer.timed("read"):
        body = Body.from_mesh(read_mesh(case / MESH) if comm.rank == 0 else None, comm)
        comm.barrier()
    with answer.timed("assembly"):
        problem = Elasticity(
            body,
            {facts.volume: Isotropic(facts.young_modulus, facts.poisson_ratio)},
            [Clamp(facts.held)],
            [Wrench(facts.loaded, facts.force, facts.about)],
        )
        solution = problem.solve()
        comm.barrier()
    answer.stages["preconditioner"] = _seconds("PCSetUp")
    answer.stages["solve"] = _seconds("KSPSolve")
    answer.stages["assembly"] -= answer.stages["preconditioner"] + answer.stages["solve"]
    with answer.timed("stress"):
        stress = nodal_stress(solution)
        zone = (measures.node_points(solution)[:, 2] >= facts.level - 1e-6) & ~measures.on_surface(
            solution, facts.loaded
        )
        answer.peak_stress = measures.peak(solution, stress.von_mises, zone).value
    answer.residual, answer.iterations = solution.info.residual, solution.info.iterations
    answer.note = solution.info.note
    u = _gathered(solution)
    if comm.rank == 0:
        answer.write(out, u)


def _seconds(event: str) -> float:
    return float(PETSc.Log.Event(event).getPerfInfo()["time"])


def _gathered(solution: Displacement) -> np.ndarray:
    """Displacement (n, 3) by the nodes of the mesh file, on rank 0. Collective."""
    problem = solution.problem
    owned = problem.space.dofmap.index_map.size_local
    mine = file_nodes(problem)[:owned], solution.u.x.array.reshape(-1, 3)[:owned]
    pieces = solution.body.comm.gather(mine)
    u = np.zeros((problem.space.dofmap.index_map.size_global, 3))
    for nodes, values in pieces or []:
        u[nodes] = values
    return u


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
