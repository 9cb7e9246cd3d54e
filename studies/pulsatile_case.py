"""Pulsatile flow on a ladder of meshes: the time step goes with the elements."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

import numpy as np
from dolfinx import fem
from numpy.typing import NDArray

from protocols.flow_pulsatile import FlowPulsatile
from protocols.flow_result import PA
from protocols.pulsatile_result import PulsatileResult
from solvers.body import Body
from solvers.checks import Check
from solvers.flow import Flow, FlowState
from solvers.flow_checks import BALANCE
from solvers.pulsatile import PulsatileFlow, pulsate
from studies.case import FlowCase, FluidCase, Observed

Array = NDArray[np.float64]

ROUGH_CYCLES = 2  # on a mesh that only finds the grading
RESIDUAL = 1e-6


class PulsatileFluid(FluidCase):
    """Pulsatile flow.

    The time step is as much finer as the elements are, mesh by mesh of the ladder. Both errors are of second order,
    fall together, and are covered by the extrapolation over the ladder.
    """

    # One step alone: what makes a mesh finer is then known without being told.
    step: ClassVar[float] = 1.25
    _level: int = 0  # meshes of the ladder so far

    @abstractmethod
    def pulse(self, problem: Flow, finer: float, start: fem.Function | None, rough: bool) -> PulsatileFlow:
        """The flow from a velocity, or from rest, with time steps ``finer`` than on the first mesh. Collective."""

    def solve(self, body: Body, known: FlowState | None, rough: bool) -> PulsatileFlow:
        """It starts from the end of the last cycle on the mesh before, or at rest: a connector took as many cycles from
        there as from the steady flow at the mean flow rate, which need not exist.
        """
        problem, start = self.problem(body), known.beginning() if isinstance(known, PulsatileFlow) else None
        if rough:
            return self.pulse(problem, 1.0, start, rough)
        finer = self.step**self._level
        self._level += 1
        return self.pulse(problem, finer, start, rough)

    def factorised(self, last: FlowState, unknowns: float) -> bool:
        return last.info.direct

    def checks(self, solution: FlowState) -> dict[str, Check]:
        assert isinstance(solution, PulsatileFlow)
        balance = "inflow less outflow at the worst time, by the peak inflow"
        residual = "residual of momentum and mass after the last step, by that of a fluid at rest"
        return {
            "flow_balance": Check(solution.cycle.imbalance, BALANCE, balance),
            "residual": Check(solution.info.residual, RESIDUAL, residual),
        }


class PulsatileCase(PulsatileFluid, FlowCase):
    """The pulsating fluid in a device.

    Attributes
    ----------
    result : PulsatileResult
        Of the mesh last observed.
    """

    protocol: FlowPulsatile
    result: PulsatileResult

    def pulse(self, problem: Flow, finer: float, start: fem.Function | None, rough: bool) -> PulsatileFlow:
        test = self.protocol
        steps = round(test.steps_per_cycle * finer)
        cycles = ROUGH_CYCLES if rough else test.most_cycles
        return pulsate(problem, test.factor(), steps, cycles, start, test.behind(self.specimen))

    def observe(self, solution: FlowState) -> Observed:
        assert isinstance(solution, PulsatileFlow)
        self.result = result = PulsatileResult(self.specimen, solution)
        measured = self.named(self.protocol.measure(result))
        return Observed(measured, result.stress, {"": result.stress}, result.warnings, result.tables, result.outside)

    def fields(self, solution: Any, observed: Observed) -> dict[str, Array]:
        """Velocity, pressure and wall shear at the time of the largest inflow; TAWSS (Pa), OSI and RRT (1/Pa) on the
        wall, 0 elsewhere; at the nodes of this rank. Collective.
        """
        wall = self.result.wall_cycle
        return super().fields(solution, observed) | {
            "time_averaged_wall_shear": wall.average.nodal() * PA,
            "oscillatory_shear_index": wall.index.nodal(),
            "relative_residence_time": wall.residence.nodal() / PA,
        }
