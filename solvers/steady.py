"""The steady flow by Newton's method, from a creeping flow or from a flow known on another mesh."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import ufl
from dolfinx import fem
from numpy.typing import NDArray

from solvers.carry_over import carry_over
from solvers.direct import MOST_UNKNOWNS
from solvers.errors import SolverError
from solvers.flow import Flow, FlowState
from solvers.forms import form
from solvers.saddle import Saddle
from solvers.saddle_two_level import TwoLevel
from solvers.systems import SolveInfo

Array = NDArray[np.float64]
Known = tuple[float, Array, Array]  # logarithm of the factor of the viscosity, and the flow

TOLERANCE = 1e-9  # of the residual, by that of a fluid at rest between the moving boundaries
MOST_STEPS = 15
RISE = 4.0  # of the lowest residual so far, that is put up with
INTERMEDIATE = 1e-3
CREEPING, FIRST, NEARLY = 1e5, 200.0, 1.25  # times the viscosity: practically no inertia; the next; practically 1
FASTEST, SLOWEST = 0.2, 0.9  # ratio of viscosities from one flow to the next
ROUGH = 5.0  # times the viscosity
LARGE = 200_000  # unknowns from which the iterative solver is the faster one, and takes a fraction of the memory


class Newton:
    """Newton's method with step halving for one flow problem."""

    def __init__(self, flow: Flow, u: fem.Function, P: fem.Function) -> None:
        self.flow, self.u, self.P = flow, u, P
        comm, spaces = flow.body.comm, [flow.space, flow.pressures]
        v, q = (ufl.TestFunction(space) for space in spaces)
        du, dp = (ufl.TrialFunction(space) for space in spaces)
        F = flow.residual(u, P, v, q)
        J = [[ufl.derivative(F[i], x, d) for x, d in ((u, du), (P, dp))] for i in (0, 1)]
        J[1][1] = None  # no form: the block is empty
        residual, jacobian = form(list(F), comm), form(J, comm)
        self._direct = partial(Saddle, residual, jacobian, spaces, flow.conditions)
        self.saddle: Saddle | TwoLevel = (
            TwoLevel(flow, u, P, residual, jacobian[0][0]) if flow.unknowns > LARGE else self._direct()
        )
        self.du, self.dp = fem.Function(flow.space), fem.Function(flow.pressures)
        self.steps, self.handed_over = 0, False

    @property
    def direct(self) -> bool:
        """Whether the steps are solved for by factorisation."""
        return isinstance(self.saddle, Saddle)

    def _step(self) -> bool:
        """Solve for a step, by factorisation from where on the iterative solver fails; False if that is too large."""
        try:
            self.saddle.step([self.du, self.dp])
            return True
        except SolverError:
            if self.direct:
                raise
        if self.flow.unknowns > MOST_UNKNOWNS:
            return False
        self.saddle.destroy()
        self.saddle = self._direct()
        self.handed_over = True
        self.saddle.residual()
        self.saddle.step([self.du, self.dp])
        return True

    def rest(self) -> float:
        """Residual of the fluid at rest between the boundaries, the measure of all others."""
        self.u.x.array[:] = self.flow.boundary_velocity.x.array
        self.P.x.array[:] = 0.0
        return self.saddle.residual()

    def solve(self, reference: float, tolerance: float) -> float | None:
        """Relative residual reached; None if there is no convergence. Collective."""
        residual = lowest = self.saddle.residual() / reference
        for _ in range(MOST_STEPS):
            if residual <= tolerance:
                return residual
            if not self._step():
                return None
            self.steps += 1
            before = residual
            u, P = self.u.x.array.copy(), self.P.x.array.copy()
            for length in (1.0, 0.5, 0.25):
                self.u.x.array[:] = u + length * self.du.x.array
                self.P.x.array[:] = P + length * self.dp.x.array
                residual = self.saddle.residual() / reference
                # It may rise a little on the way: the residual of the momentum is a poor measure of distance.
                if math.isfinite(residual) and residual < RISE * lowest:
                    break
            else:
                return None
            lowest = min(lowest, residual)
            if residual > 0.5 * before and residual <= 100 * TOLERANCE:  # rounding
                return residual
        return residual if residual <= tolerance else None


def steady(flow: Flow, start: FlowState | None = None, rough: bool = False) -> FlowState:
    """The steady flow. Collective.

    Parameters
    ----------
    flow : Flow
    start : FlowState or None
        A flow to start from, such as that on a coarser mesh; else the flow of a fluid so thick that it creeps is found
        first, and the viscosity lowered step by step.
    rough : bool
        On a mesh too coarse for a steady flow, be content with that of a fluid up to `ROUGH` times as thick.

    Raises
    ------
    SolverError
        If no steady flow is found.
    """
    u, P = fem.Function(flow.space, name="velocity"), fem.Function(flow.pressures, name="pressure")
    newton = Newton(flow, u, P)
    flow.thickening.value = 1.0
    reference = newton.rest()
    found, thickness = None, 1.0
    known: list[Known] = []
    if start is not None:
        _carry_over(start, u, P, flow)
        flow.thickening.value = start.thickness
        found = newton.solve(reference, TOLERANCE if start.thickness == 1.0 else INTERMEDIATE)
        if found is not None and start.thickness > 1.0:
            known, found = [(math.log(start.thickness), u.x.array.copy(), P.x.array.copy())], None
    if found is None:
        found, thickness = _thinned(newton, reference, known, ROUGH if rough else 1.0)
    newton.saddle.destroy()  # not after an error that one rank alone may have: it waits for all
    notes = [] if thickness == 1.0 else [f"the flow was found for a fluid {thickness:.2g} times as thick only"]
    if newton.handed_over:
        notes.append("solved by factorisation, because the iterative solver failed")
    info = SolveInfo(newton.steps, found, "; ".join(notes), newton.direct, rough=thickness > 1.0)
    return FlowState(flow, u, P, info, thickness)


def _thinned(newton: Newton, reference: float, known: list[Known], enough: float) -> tuple[float, float]:
    """From a creeping flow, or the one last known, to the real one by lowering the viscosity.

    Each flow is foretold from the last two as if it changed with the logarithm of the viscosity.

    Returns
    -------
    residual, factor of the viscosity that was reached
    """
    u, P, factor = newton.u.x.array, newton.P.x.array, newton.flow.thickening
    if not known:
        newton.rest()
    wanted = _next(known[-1], FASTEST) if known else CREEPING
    ratio = FASTEST
    while True:
        if len(known) >= 2:
            (a, ua, Pa), (b, ub, Pb) = known[-2:]
            t = (math.log(wanted) - b) / (b - a)
            u[:], P[:] = ub + t * (ub - ua), Pb + t * (Pb - Pa)
        elif known:
            u[:], P[:] = known[-1][1:]
        factor.value = wanted
        newton.flow.lawful.value = 0.0 if wanted == CREEPING else 1.0
        found = newton.solve(reference, TOLERANCE if wanted == 1.0 else INTERMEDIATE)
        if found is not None:
            if wanted == 1.0:
                return found, 1.0
            known.append((math.log(wanted), u.copy(), P.copy()))
            ratio = max(FASTEST, ratio**1.5)
            wanted = FIRST if wanted == CREEPING else _next(known[-1], ratio)
            continue
        if not known:
            raise SolverError("not even the flow of a very thick fluid was found")
        reached = math.exp(known[-1][0])
        ratio = math.sqrt(wanted / reached)
        if reached <= enough or ratio > SLOWEST:
            if reached > enough:
                raise SolverError(
                    f"no steady flow was found: there is one of a fluid {reached:.2g} times as thick, but not of a "
                    "thinner one. It may be unsteady or turbulent (lower the flow rate), or the mesh is too coarse"
                )
            u[:], P[:] = known[-1][1:]
            return INTERMEDIATE, reached
        wanted = reached * ratio


def _next(known: Known, ratio: float) -> float:
    wanted = math.exp(known[0]) * ratio
    return 1.0 if wanted < NEARLY else wanted


def _carry_over(start: FlowState, u: fem.Function, P: fem.Function, flow: Flow) -> None:
    """Take over a flow from another mesh, and the velocities given on the boundary. Collective."""
    carry_over(start.u, u)
    carry_over(start.P, P)
    given = flow.boundary_velocity.x.array
    for condition in flow.conditions:
        dofs, _ = condition.dof_indices()
        u.x.array[dofs] = given[dofs]
