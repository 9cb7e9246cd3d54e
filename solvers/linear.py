"""The one way to solve a linear system: multigrid first, a direct solver where it stagnates, and an error otherwise."""

from __future__ import annotations

from dataclasses import replace

from dolfinx import fem
from petsc4py import PETSc

from solvers import direct, multigrid
from solvers.errors import SolverError
from solvers.systems import Level, SolveInfo

ACCEPTED = 1e-6  # true relative residual; above it there is no answer; up to 1e-8 the check of the residual fails


def solve(fine: Level, coarse: Level, b: PETSc.Vec, solution: fem.Function) -> SolveInfo:
    """Solve A x = b in the true residual. Collective.

    Parameters
    ----------
    fine, coarse : Level
        The same elasticity on the P2 and on the P1 space of one mesh.
    b : PETSc vector
        Right-hand side with zeros at the constrained dofs.
    solution : Function
        Takes the answer.

    Raises
    ------
    SolverError
        If there is no answer.
    """
    info = multigrid.solve(fine, coarse, b, solution)
    _release(fine)
    if info.residual <= ACCEPTED:
        return info
    stagnated = (
        f"conjugate gradients stopped after {info.iterations} iterations at a true relative residual of "
        f"{info.residual:.1e}: the body may be almost free to move, an element almost flat, or the material almost "
        "incompressible"
    )
    if fine.size > direct.MOST_UNKNOWNS:
        raise SolverError(f"{stagnated}; the system is too large for a direct solver")
    try:
        found = solve_directly(fine, b, solution)
    except SolverError as error:
        raise SolverError(f"{stagnated}; {error}") from error
    return replace(found, iterations=info.iterations, note=f"solved directly, because {stagnated}")


def solve_directly(level: Level, b: PETSc.Vec, solution: fem.Function) -> SolveInfo:
    """Solve A x = b by factorisation. Collective.

    Raises
    ------
    SolverError
        If the factorisation fails or its answer is none.
    """
    info = direct.solve(level, b, solution)
    _release(level)
    if not info.residual <= ACCEPTED:
        raise SolverError(f"the direct solver left a relative residual of {info.residual:.1e}: the system is singular")
    return info


def _release(level: Level) -> None:
    """Free what a solver has let go of. Collective.

    PETSc keeps it until all ranks of its communicator ask, and each mesh has a communicator of its own.
    """
    PETSc.garbage_cleanup(level.space.mesh.comm)
