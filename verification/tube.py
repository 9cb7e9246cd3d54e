"""Developed flow in a round tube: closed forms of pressure drop and wall shear."""

from __future__ import annotations

from math import pi
from typing import ClassVar

from geometry.lumen import lumen_of_revolution
from geometry.solid import Solid
from protocols.result import Measured
from solvers.body import Body
from solvers.flow import Flow, FlowState, Inlet
from solvers.recovery import nodal_stress
from solvers.viscosity import Fluid, Newtonian
from solvers.wall_shear import WallShear
from studies.case import FluidCase, Observed
from verification.problem import Known, Reference, overall

RADIUS, LENGTH, FLOW_RATE = 3.0, 12.0, 3000.0  # mm, mm, mm^3/s: Reynolds number 192
DENSITY, VISCOSITY = 1.056e-9, 3.5e-9  # tonne/mm^3, MPa s
_SOURCE = "Hagen and Poiseuille; White, Viscous Fluid Flow, 2006, section 3-3.1"
_DROP = 8 * VISCOSITY * LENGTH * FLOW_RATE / (pi * RADIUS**4) * 1e6
_SHEAR = 4 * VISCOSITY * FLOW_RATE / (pi * RADIUS**3) * 1e6


class TubeFlow(Known[FlowState], FluidCase):
    """Developed flow of 3 ml/s of a fluid of 3.5 mPa s through a tube of 6 mm bore and 12 mm length; a quarter of it.
    The wall shear stress is the same everywhere.
    """

    title = "Flow through a round tube"
    references: ClassVar[dict[str, Reference]] = {
        "pressure_drop": Reference(_DROP, _SOURCE),
        "mean_wall_shear_stress": Reference(_SHEAR, _SOURCE),
        "peak_wall_shear_stress": Reference(_SHEAR, _SOURCE),
        "energy_loss": Reference(_DROP * FLOW_RATE * 1e-6, _SOURCE),
    }
    memory = 8_000.0

    def solid(self) -> Solid:
        return lumen_of_revolution([(RADIUS, 0.0), (RADIUS, LENGTH)], quarter=True)

    def problem(self, body: Body) -> Flow:
        fluid, inlet = Fluid(DENSITY, Newtonian(VISCOSITY)), Inlet("inlet", FLOW_RATE / 4)
        return Flow(body, fluid, [inlet], ["wall"], ["outlet"], {"symmetry_x": 0, "symmetry_y": 1})

    def observe(self, solution: FlowState) -> Observed:
        stress = nodal_stress(solution)
        wall = WallShear.of(solution, stress)
        peak = wall.peak()
        loss = -4 * (solution.power("inlet") + solution.power("outlet"))  # mW
        measured = [
            overall("pressure_drop", "Pa", solution.pressure_drop() * 1e6),
            overall("mean_wall_shear_stress", "Pa", wall.mean() * 1e6),
            Measured("peak_wall_shear_stress", peak.value * 1e6, "Pa", "largest", peak.location, nodes=peak.near),
            overall("energy_loss", "mW", loss),
        ]
        return Observed(measured, stress, {"": stress})


PROBLEMS = (TubeFlow,)
