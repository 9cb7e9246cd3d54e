"""Pulsating flow in a tube: Womersley's closed form."""

from __future__ import annotations

from functools import cached_property
from math import pi, sqrt
from typing import ClassVar

import numpy as np
from dolfinx import fem
from numpy.typing import NDArray
from scipy.special import jv

from geometry.lumen import lumen_of_revolution
from geometry.solid import Solid
from solvers.body import Body
from solvers.flow import Flow, FlowState, Inlet
from solvers.pulsatile import PulsatileFlow, periodic
from solvers.recovery import nodal_stress
from solvers.viscosity import Fluid, Newtonian
from solvers.wall_cycle import WallCycle
from studies.case import Observed
from studies.pulsatile_case import ROUGH_CYCLES, PulsatileFluid
from verification.problem import Known, Reference, overall

Array = NDArray[np.float64]

RADIUS, LENGTH, PERIOD = 3.0, 4.0, 0.857  # mm, mm, s
DENSITY, VISCOSITY = 1.056e-9, 3.5e-9  # tonne/mm^3, MPa s
MEAN, SWING = 1500.0, 600.0  # mm^3/s
STEPS, MOST_CYCLES = 24, 10
_OMEGA = 2 * pi / PERIOD
_LAMBDA = RADIUS * sqrt(_OMEGA * DENSITY / VISCOSITY) * 1j**1.5
# Amplitude of -dp/dz, MPa/mm, that moves SWING cos(omega t) through the whole tube.
_GRADIENT = SWING * 1j * _OMEGA * DENSITY / (pi * RADIUS**2 * (1 - 2 * jv(1, _LAMBDA) / (_LAMBDA * jv(0, _LAMBDA))))
_SOURCE = "Womersley, J. Physiol. 127, 1955, 553"
_POISEUILLE = "Poiseuille 1846: the mean of a parallel flow is that of a steady one"


def axial(r: Array, t: float) -> Array:
    """Velocity along the tube, mm/s, at distances r from its axis, mm: 2 Q / (pi R^2) (1 - r^2/R^2) +
    Re (A / (i omega rho) (1 - J0(L r/R) / J0(L)) e^(i omega t)), L = i^(3/2) R (omega rho / mu)^(1/2).
    """
    wave = _GRADIENT / (1j * _OMEGA * DENSITY) * (1 - jv(0, _LAMBDA * r / RADIUS) / jv(0, _LAMBDA))
    return np.asarray(2 * MEAN / (pi * RADIUS**2) * (1 - (r / RADIUS) ** 2) + (wave * np.exp(1j * _OMEGA * t)).real)


class PulsatingTube(Flow):
    """With Womersley's own profile at the inlet, which the tube then carries on."""

    @cached_property
    def _inlet(self) -> tuple[NDArray[np.int32], Array]:
        nodes = np.setdiff1d(self.nodes_on(["inlet"]), self.nodes_on(self.walls)).astype(np.int32)
        return nodes, np.linalg.norm(self.space.tabulate_dof_coordinates()[nodes, :2], axis=1)

    def at(self, time: float) -> Array:
        """Velocity (3 n,) on the boundary, mm/s, at a time, s; 0 elsewhere."""
        nodes, r = self._inlet
        given = np.zeros_like(self.boundary_velocity.x.array).reshape(-1, 3)
        given[nodes, 2] = axial(r, time)
        return given.ravel()


class WomersleyTube(Known[FlowState], PulsatileFluid):
    """Blood in a tube of radius 3 mm, 4 mm of its length, flow rate 1500 + 600 cos(omega t) mm^3/s with a period of
    0.857 s: Womersley number 4.5; a quarter of it. The flow nowhere runs backwards. The first mesh has 24 time steps a
    period, finer ones more.
    """

    title = "Pulsating flow in a tube"
    references: ClassVar[dict[str, Reference]] = {
        "pressure_amplitude": Reference(float(abs(_GRADIENT)) * LENGTH * 1e6, _SOURCE),
        "pressure_phase": Reference(float(np.angle(_GRADIENT, deg=True)), _SOURCE),
        "mean_pressure_drop": Reference(8 * VISCOSITY * LENGTH * MEAN / (pi * RADIUS**4) * 1e6, _POISEUILLE),
        "mean_time_averaged_wall_shear_stress": Reference(4 * VISCOSITY * MEAN / (pi * RADIUS**3) * 1e6, _POISEUILLE),
    }
    memory = 8_000.0

    def solid(self) -> Solid:
        return lumen_of_revolution([(RADIUS, 0.0), (RADIUS, LENGTH)], quarter=True)

    def problem(self, body: Body) -> PulsatingTube:
        fluid = Fluid(DENSITY, Newtonian(VISCOSITY))
        mirrors = {"symmetry_x": 0, "symmetry_y": 1}
        return PulsatingTube(body, fluid, [Inlet("inlet", MEAN / 4)], ["wall"], ["outlet"], mirrors)

    def pulse(self, problem: Flow, finer: float, start: fem.Function | None, rough: bool) -> PulsatileFlow:
        assert isinstance(problem, PulsatingTube)
        cycles = ROUGH_CYCLES if rough else MOST_CYCLES
        return periodic(problem, problem.at, PERIOD, round(STEPS * finer), cycles, start)

    def observe(self, solution: FlowState) -> Observed:
        assert isinstance(solution, PulsatileFlow)
        cycle = solution.cycle
        drop = (cycle.upstream - cycle.downstream) * 1e6
        wave = 2 * np.mean(drop * np.exp(-1j * _OMEGA * cycle.times))
        stress = nodal_stress(solution)
        measured = [
            overall("pressure_amplitude", "Pa", float(abs(wave))),
            overall("pressure_phase", "degree", float(np.angle(wave, deg=True))),
            overall("mean_pressure_drop", "Pa", float(drop.mean())),
            overall("mean_time_averaged_wall_shear_stress", "Pa", WallCycle.of(solution).average.mean() * 1e6),
        ]
        return Observed(measured, stress, {"": stress})


PROBLEMS = (WomersleyTube,)
