"""How a problem was discretised and solved, for the record: the very settings of the solvers, in words."""

from __future__ import annotations

import math
import platform
from pathlib import Path

from solvers import elasticity, flow, saddle, saddle_krylov, saddle_two_level, steady, stokes, systems
from solvers.elasticity import Displacement
from solvers.flow import FlowState
from solvers.pulsatile import PulsatileFlow
from solvers.solution import Solution
from solvers.stokes import Permeation
from solvers.viscosity import Newtonian
from studies.record import Method, TimeSteps

QUADRATIC = "tetrahedra with quadratic displacement (Lagrange, 10 nodes) and quadratic, curved edges"
TAYLOR_HOOD = "Taylor-Hood tetrahedra: quadratic velocity, linear pressure, quadratic, curved edges"


def method_of(solution: Solution) -> Method | None:
    """Of the finest mesh; None for a solution of another kind."""
    if isinstance(solution, Displacement):
        return _solid(solution)
    if isinstance(solution, PulsatileFlow):
        return _pulsatile(solution)
    if isinstance(solution, FlowState):
        return _steady(solution)
    if isinstance(solution, Permeation):
        return Method(
            elements=TAYLOR_HOOD + ", periodic unknowns one and the same",
            quadrature_degree=stokes.DEGREE,
            linear_solver="flexible GMRES; block triangular preconditioner of one multigrid cycle for the velocity and "
            "the mass matrix for the pressure (PETSc)",
            tolerance=saddle_krylov.TOLERANCE,
            tolerance_of="true residual of the linear system, relative",
            residual=solution.info.residual,
            notes=solution.info.note,
        )
    return None


def _solid(solution: Displacement) -> Method:
    direct = "LU factorisation by MUMPS, with iterative refinement"
    iterative = (
        "conjugate gradients; two-level p-multigrid: Chebyshev polynomials of the 3 x 3 diagonal blocks on the "
        "quadratic level, linear elements by MUMPS or smoothed aggregation below, by PETSc where that is assembled"
    )
    return Method(
        elements=QUADRATIC,
        quadrature_degree=elasticity.DEGREE,
        linear_solver=direct if solution.info.direct else iterative,
        tolerance=systems.TOLERANCE,
        tolerance_of="true residual of the linear system, relative",
        residual=solution.info.residual,
        notes=solution.info.note,
    )


def _steady(solution: FlowState) -> Method:
    direct = f"GMRES to {saddle.TOLERANCE:g}, preconditioned by low-rank factors of MUMPS (PETSc)"
    two_levels = (
        f"flexible GMRES to {saddle_two_level.TOLERANCE:g} a step; two levels: linear velocities by MUMPS, incomplete "
        "factors of the Oseen operator and the pressure mass matrix (PETSc)"
    )
    law = solution.problem.fluid.viscosity
    more = "" if isinstance(law, Newtonian) else ", the derivative of the viscosity included"
    return Method(
        elements=TAYLOR_HOOD,
        quadrature_degree=flow.DEGREE,
        nonlinear_solver=f"Newton's method with step halving{more}",
        linear_solver=direct if solution.info.direct else two_levels,
        tolerance=steady.TOLERANCE,
        tolerance_of="residual of momentum and mass, by that of a fluid at rest between the moving boundaries",
        residual=solution.info.residual,
        notes=solution.info.note,
    )


def _pulsatile(solution: PulsatileFlow) -> Method:
    cycle = solution.cycle
    return Method(
        elements=TAYLOR_HOOD,
        quadrature_degree=flow.DEGREE,
        nonlinear_solver="none: the carrier velocity is extrapolated, so that every step is linear",
        linear_solver=f"GMRES to {saddle.TOLERANCE:g}, preconditioned by low-rank factors of MUMPS (PETSc)",
        tolerance=saddle.TOLERANCE,
        tolerance_of="residual of the linear system of a time step, relative",
        residual=solution.info.residual,
        notes=solution.info.note,
        time=TimeSteps(
            scheme="second backward difference (BDF2), extrapolated carrier velocity; first step backward Euler",
            step_s=cycle.dt,
            steps_per_cycle=len(cycle.times),
            cycles=cycle.count,
            distance=cycle.distance if math.isfinite(cycle.distance) else None,
            courant=cycle.courant,
        ),
    )


def processor() -> str:
    """Name of the processor; as much as the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0]}, {len(names)} logical" if names else platform.processor()
