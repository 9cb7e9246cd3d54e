"""Checks that every flow passes or is marked for."""

from __future__ import annotations

from solvers.checks import Check
from solvers.flow import FlowState
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


def check_flow(solution: FlowState) -> dict[str, Check]:
    """Flow balance and residual. Collective."""
    return {
        "flow_balance": Check(flow_balance(solution), BALANCE, "inflow less outflow, relative to the inflow"),
        "residual": Check(
            solution.info.residual, 100 * TOLERANCE, "residual of momentum and mass, by that of a fluid at rest"
        ),
    }
