"""Checks that every flow passes or is marked for."""

from __future__ import annotations

import math

import ufl
from dolfinx import fem
from dolfinx.fem import petsc
from petsc4py import PETSc

from solvers.checks import Check
from solvers.flow import Flow, FlowState
from solvers.forms import form
from solvers.steady import TOLERANCE

BALANCE = 1e-6


def flow_balance(solution: FlowState) -> float:
    """What flows in and does not flow out, relative to what flows in. Collective."""
    problem = solution.problem
    inflow = sum(-solution.flow_rate(inlet.surface) for inlet in problem.inlets)
    outflow = sum(solution.flow_rate(outlet) for outlet in problem.outlets)
    return abs(inflow - outflow) / abs(inflow)


def backflow(solution: FlowState) -> float:
    """Volume that comes back through the outlets, relative to what flows in. Collective."""
    problem = solution.problem
    inflow = sum(-solution.flow_rate(inlet.surface) for inlet in problem.inlets)
    return sum(solution.returning(outlet) for outlet in problem.outlets) / abs(inflow)


def residual(solution: FlowState) -> float:
    """Residual of the weak form in the free unknowns, by that of a fluid at rest, assembled anew. Collective."""
    problem = solution.problem
    problem.thickening.value = 1.0
    rest, none = problem.boundary_velocity, fem.Function(problem.pressures)
    return _norm(problem, solution.u, solution.P) / _norm(problem, rest, none)


def _norm(problem: Flow, u: fem.Function, P: fem.Function) -> float:
    comm, square = problem.body.comm, 0.0
    v, q = ufl.TestFunction(problem.space), ufl.TestFunction(problem.pressures)
    known = [condition.dof_indices() for condition in problem.conditions]
    for k, block in enumerate(problem.residual(u, P, v, q)):
        vector = petsc.assemble_vector(form(block, comm))
        vector.ghostUpdate(addv=PETSc.InsertMode.ADD, mode=PETSc.ScatterMode.REVERSE)
        values = vector.array.copy()
        vector.destroy()
        for dofs, owned in known if k == 0 else ():
            values[dofs[:owned]] = 0.0
        square += comm.allreduce(float(values @ values))
    return math.sqrt(square)


def check_flow(solution: FlowState) -> dict[str, Check]:
    """Flow balance and residual. Collective."""
    return {
        "flow_balance": Check(flow_balance(solution), BALANCE, "inflow less outflow, relative to the inflow"),
        "residual": Check(
            residual(solution), 100 * TOLERANCE, "residual of momentum and mass, by that of a fluid at rest"
        ),
    }
