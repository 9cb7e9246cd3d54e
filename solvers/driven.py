"""The steady flow that a given fall of pressure drives."""

from __future__ import annotations

import math

import numpy as np

from solvers.errors import SolverError
from solvers.flow import Flow, FlowState
from solvers.steady import steady

TOLERANCE = 1e-6  # of the fall of pressure, relative
MOST_FLOWS = 12
STEEPEST, FLATTEST = 2.5, 0.5  # exponent of the fall of pressure over the flow rate: 1 creeping, 2 inertial
NEAR = 0.5  # logarithm of their ratio, where the flow has only to show where the mesh must be finer
LARGEST = 8.0  # by how much the flow rate may change from one flow to the next


def driven(flow: Flow, drop: float, start: FlowState | None = None, rough: bool = False) -> FlowState:
    """The flow whose mean pressure falls by ``drop``, MPa, from inlets to outlets. Collective.

    The flow rate is found by the secant method on the logarithms of both, which are nearly proportional.

    Parameters
    ----------
    flow : Flow
        Its flow rate is the first guess, unless there is a start.
    drop : float, MPa
    start, rough
        As in `steady`.

    Raises
    ------
    SolverError
        If no such flow is found.
    """
    factor, known = 1.0, start
    if start is not None:
        factor = start.problem.inlets[0].flow_rate / flow.inlets[0].flow_rate
    points: list[tuple[float, float]] = []
    reached = math.nan
    for _ in range(MOST_FLOWS):
        try:
            found = steady(flow.scaled(factor), known, rough)
        except SolverError:  # too fast to be steady: back towards the last that was
            factor = math.sqrt(factor * math.exp(points[-1][0])) if points else factor / LARGEST
            continue
        reached = found.pressure_drop()
        if not reached > 0.0:
            raise SolverError(f"the pressure does not fall from inlet to outlet, at {factor:.3g} times the flow rate")
        if abs(reached / drop - 1) <= TOLERANCE or (rough and abs(math.log(reached / drop)) <= NEAR):
            return found
        points.append((math.log(factor), math.log(reached / drop)))
        exponent = 1.0
        if len(points) > 1:
            (a, ya), (b, yb) = points[-2:]
            exponent = float(np.clip((yb - ya) / (b - a), FLATTEST, STEEPEST)) if a != b else 1.0
        step = -points[-1][1] / exponent
        factor *= math.exp(float(np.clip(step, -math.log(LARGEST), math.log(LARGEST))))
        known = found
    raise SolverError(
        f"no steady flow was found for this fall of pressure: the last of {MOST_FLOWS} that were tried has "
        f"{reached / drop:.4g} times as much; it may be unsteady or turbulent, or the mesh is too coarse"
    )
