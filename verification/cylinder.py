"""The flow past a cylinder in a square channel: a benchmark with published values."""

from __future__ import annotations

from functools import cached_property
from typing import ClassVar

import gmsh
import numpy as np
from dolfinx import fem
from numpy.typing import NDArray

from geometry.mesh import SizeBox
from geometry.solid import Solid
from protocols.result import Measured
from solvers.body import Body
from solvers.flow import Flow, FlowState, Inlet
from solvers.probe import sample
from solvers.recovery import nodal_stress
from solvers.viscosity import Fluid, Newtonian
from studies.case import FluidCase, Observed
from verification.problem import Known, Reference, overall

Array = NDArray[np.float64]

# In cm: the numbers of the source are in m.
LENGTH, HEIGHT, DIAMETER, CENTRE = 250.0, 41.0, 10.0, (50.0, 20.0)
FASTEST, MEAN, VISCOSITY = 45.0, 20.0, 10.0  # cm/s, cm/s, cm^2/s: Reynolds number 20
LENGTH_2D, CENTRE_2D, DEPTH, FASTEST_2D = 220.0, (20.0, 20.0), 2.0, 30.0
_SOURCE = "Schafer and Turek, Notes Numer. Fluid Mech. 52, 1996, 547, case 3D-1Z"
_FINE = "high-order value of Braack and Richter, Comput. Fluids 35, 2006, 372, inside the interval of " + _SOURCE
_PLANE = "case 2D-1 of Schafer and Turek 1996, value of Nabh, On High Order Methods, dissertation, Heidelberg 1998"


def _inflow(x: Array) -> Array:
    y, z = x[1], x[2]
    along = 16 * FASTEST * y * z * (HEIGHT - y) * (HEIGHT - z) / HEIGHT**4
    return np.stack([along, 0 * y, 0 * y])


def _plane_inflow(x: Array) -> Array:
    along = 4 * FASTEST_2D * x[1] * (HEIGHT - x[1]) / HEIGHT**2
    return np.stack([along, 0 * along, 0 * along])


class ChannelFlow(Flow):
    """With the inflow that the benchmark asks for, 16 U y z (H - y)(H - z) / H^4, which is not a developed one."""

    inflow = staticmethod(_inflow)

    @cached_property
    def boundary_velocity(self) -> fem.Function:
        given, profile = fem.Function(self.space), fem.Function(self.space)
        profile.interpolate(self.inflow)
        nodes = self.nodes_on(["inlet"])
        given.x.array.reshape(-1, 3)[nodes] = profile.x.array.reshape(-1, 3)[nodes]
        given.x.array.reshape(-1, 3)[self.nodes_on(self.walls)] = 0.0
        return given


class PlaneFlow(ChannelFlow):
    """With the inflow 4 U y (H - y) / H^2."""

    inflow = staticmethod(_plane_inflow)


class CylinderInChannel(Known[FlowState], FluidCase):
    """Steady flow past a cylinder of diameter D = 0.1 m across a channel of H = 0.41 m square at Reynolds number 20;
    half of it, up to the plane of symmetry. Coefficients are 2 F / (rho U^2 D H) with the mean velocity U.
    """

    title = "Cylinder in a channel"
    references: ClassVar[dict[str, Reference]] = {
        "drag_coefficient": Reference(6.1853, _FINE, tolerance=5e-5),
        "lift_coefficient": Reference(0.0094, _FINE, tolerance=5e-5),
        "pressure_difference": Reference(0.170, _SOURCE + ", 0.165 to 0.175", tolerance=0.005),
    }
    coarseness = 0.55
    memory = 8_000.0
    growth = 1.5

    def solid(self) -> Solid:
        occ = gmsh.model.occ
        channel = occ.addBox(0, 0, 0, LENGTH, HEIGHT, HEIGHT / 2)
        cylinder = occ.addCylinder(*CENTRE, -1.0, 0, 0, HEIGHT, DIAMETER / 2)
        occ.cut([(3, channel)], [(3, cylinder)])
        solid = Solid.of({"fluid": channel})
        solid.name("inlet", lambda s: s.high[0] < 1e-3)
        solid.name("outlet", lambda s: s.low[0] > LENGTH - 1e-3)
        solid.name("symmetry_z", lambda s: s.low[2] > HEIGHT / 2 - 1e-3)
        solid.name("cylinder", lambda s: s.kind == "Cylinder")
        solid.name_rest("wall")
        return solid

    def boxes(self, size: float) -> list[SizeBox]:
        return [SizeBox((38.0, 8.0, -1.0), (75.0, 32.0, HEIGHT), 0.5, 20.0)]

    def problem(self, body: Body) -> Flow:
        fluid = Fluid(1.0, Newtonian(VISCOSITY))
        walls, inflow = ["wall", "cylinder"], MEAN * HEIGHT**2 / 2
        return ChannelFlow(body, fluid, [Inlet("inlet", inflow)], walls, ["outlet"], {"symmetry_z": 2})

    def observe(self, solution: FlowState) -> Observed:
        scale = MEAN**2 * DIAMETER * HEIGHT / 2
        drag, lift, _ = 2 * solution.force("cylinder") / scale  # of both halves
        return self.observed(solution, float(drag), float(lift), CENTRE, HEIGHT / 2 - 1e-3)

    def observed(
        self, solution: FlowState, drag: float, lift: float, centre: tuple[float, float], z: float
    ) -> Observed:
        """Coefficients, and the pressure before the cylinder less that behind it at a height z, cm."""
        near = 1e-3
        ends = np.array([[centre[0] + s * (DIAMETER / 2 + near), centre[1], z] for s in (-1, 1)])
        before, behind = sample(solution.P, ends)[:, 0] / 1e4  # m^2/s^2
        stress = nodal_stress(solution)
        measured: list[Measured] = [
            overall("drag_coefficient", "", drag),
            overall("lift_coefficient", "", lift, scale=0.1),
            overall("pressure_difference", "Pa", float(before - behind)),
        ]
        return Observed(measured, stress, {"": stress})


class CylinderInPlane(CylinderInChannel):
    """Plane steady flow past a cylinder of diameter D = 0.1 m in a channel of H = 0.41 m at Reynolds number 20, as a
    slab between two planes of symmetry. Coefficients are 2 F / (rho U^2 D) per depth with the mean velocity U.
    """

    title = "Cylinder in a plane channel"
    references: ClassVar[dict[str, Reference]] = {
        "drag_coefficient": Reference(5.57953523384, _PLANE),
        "lift_coefficient": Reference(0.010618948146, _PLANE),
        "pressure_difference": Reference(0.11752016697, _PLANE),
    }
    coarseness = 0.5

    def solid(self) -> Solid:
        occ = gmsh.model.occ
        channel = occ.addBox(0, 0, 0, LENGTH_2D, HEIGHT, DEPTH)
        cylinder = occ.addCylinder(*CENTRE_2D, -1.0, 0, 0, DEPTH + 2.0, DIAMETER / 2)
        occ.cut([(3, channel)], [(3, cylinder)])
        solid = Solid.of({"fluid": channel})
        solid.name("inlet", lambda s: s.high[0] < 1e-3)
        solid.name("outlet", lambda s: s.low[0] > LENGTH_2D - 1e-3)
        solid.name("symmetry_z", lambda s: abs(s.normal[2]) > 0.9)
        solid.name("cylinder", lambda s: s.kind == "Cylinder")
        solid.name_rest("wall")
        return solid

    def boxes(self, size: float) -> list[SizeBox]:
        return [SizeBox((10.0, 10.0, -1.0), (40.0, 30.0, DEPTH + 1.0), 0.3, 20.0)]

    def problem(self, body: Body) -> Flow:
        fluid = Fluid(1.0, Newtonian(VISCOSITY))
        walls, inflow = ["wall", "cylinder"], MEAN * HEIGHT * DEPTH
        return PlaneFlow(body, fluid, [Inlet("inlet", inflow)], walls, ["outlet"], {"symmetry_z": 2})

    def observe(self, solution: FlowState) -> Observed:
        drag, lift, _ = solution.force("cylinder") / (MEAN**2 * DIAMETER * DEPTH / 2)
        return self.observed(solution, float(drag), float(lift), CENTRE_2D, DEPTH / 2)


PROBLEMS = (CylinderInChannel, CylinderInPlane)
