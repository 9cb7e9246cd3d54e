"""What a flow protocol measures on: the specimen, the flow, and the measures common to all."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from math import pi

import numpy as np
from numpy.typing import NDArray

from protocols import haemolysis
from protocols.result import Measured, Specimen, Table
from solvers.flow import FlowState
from solvers.flow_checks import backflow, flow_balance
from solvers.probe import sample
from solvers.recovery import NodalStress, nodal_stress
from solvers.viscosity import shear_rate
from solvers.wall_shear import WallShear

Array = NDArray[np.float64]

PA = 1e6  # Pa in a MPa
CAUTION, LAMINAR = 1000.0, 2000.0  # Reynolds numbers of a jet: with care from the first, no prediction from the second
PERCENTILES = (5, 50, 95, 99)  # of the wall shear stress, by area
LOW_SHEAR, HIGH_SHEAR = 0.5, 10.0  # Pa
BACKFLOW = 1e-3  # share of the inflow that may come back through an outlet before that is said


@dataclass
class FlowResult:
    """A flow with the measures that every protocol needs. All of them are collective.

    Attributes
    ----------
    warnings : list of str
        What was found while measuring, for the record.
    tables : list of Table
    outside : str
        Why the model does not hold, if it does not: then none of the numbers is a prediction.
    """

    specimen: Specimen
    solution: FlowState
    warnings: list[str] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    outside: str = ""

    @cached_property
    def stress(self) -> NodalStress:
        """Recovered viscous stress."""
        return nodal_stress(self.solution)

    @cached_property
    def wall_shear(self) -> WallShear:
        return WallShear.of(self.solution, self.stress)

    @cached_property
    def flow_rate(self) -> float:
        """What flows into the whole device, mm^3/s."""
        return -self.specimen.copies * sum(
            self.solution.flow_rate(inlet.surface) for inlet in self.solution.problem.inlets
        )

    def flow_measures(self) -> list[Measured]:
        """Pressure drop, energy loss, flow balance, Reynolds number of the jet."""
        solution = self.solution
        inlets = [inlet.surface for inlet in solution.problem.inlets]
        outlets = solution.problem.outlets
        loss = -self.specimen.copies * sum(solution.power(s) for s in (*inlets, *outlets))
        balance = flow_balance(solution)
        self.watch_outlets()
        return [
            Measured(
                "pressure_drop",
                solution.pressure_drop() * PA,
                "Pa",
                "mean pressure of the inlets less that of the outlets",
            ),
            Measured("energy_loss", loss, "mW", "(p + rho u^2 / 2) u . n, what enters less what leaves"),
            Measured(
                "flow_balance",
                balance,
                "",
                "inflow less outflow, relative to the inflow, 0 if nothing is lost",
                scale=1.0,
            ),
            self.jet_reynolds_number(),
        ]

    def watch_outlets(self, when: str = "") -> None:
        """Warn where fluid comes back through an outlet; ``when`` says of which time the solution is."""
        returning = backflow(self.solution)
        if returning > BACKFLOW:
            self.warnings.append(
                f"fluid comes back through an outlet ({returning:.1%} of the inflow{when}): the outlet is too near to "
                "a recirculation; lengthen the outlet"
            )

    def jet_reynolds_number(self) -> Measured:
        """rho U D / mu of the fastest stream, U and D those of a parabolic profile of the same peak and flow rate."""
        solution = self.solution
        owned = solution.problem.space.dofmap.index_map.size_local
        speed = np.linalg.norm(solution.u.x.array.reshape(-1, 3)[:owned], axis=1)
        fastest = max(solution.body.comm.allgather(float(speed.max(initial=0.0))))
        fluid = solution.problem.fluid
        # U = u_max / 2 and Q = U pi D^2 / 4.
        number = fluid.density * np.sqrt(2 * self.flow_rate * fastest / pi) / fluid.viscosity.high_rate
        if number > LAMINAR:
            self.outside = (f"{self.outside}; " if self.outside else "") + (
                f"the Reynolds number of the jet is {number:.0f}: above {LAMINAR:.0f} a steady laminar flow is no "
                "prediction of the real one, which will be unsteady or turbulent"
            )
        elif number > CAUTION:
            self.warnings.append(
                f"the Reynolds number of the jet is {number:.0f}: above {CAUTION:.0f} the real flow may become "
                "unsteady; take the numbers with care"
            )
        return Measured("jet_reynolds_number", float(number), "", "rho U D / mu of the fastest stream as a parabola")

    def shear_measures(self) -> list[Measured]:
        """Peak, mean and percentiles of the wall shear stress; shares of the wall below 0.5 and above 10 Pa."""
        wall, peak = self.wall_shear, self.wall_shear.peak()
        return [
            Measured(
                "peak_wall_shear_stress",
                peak.value * PA,
                "Pa",
                "largest wall shear stress",
                peak.location,
                nodes=peak.near,
            ),
            Measured("mean_wall_shear_stress", wall.mean() * PA, "Pa", "mean over all walls", bounded=True),
            *(
                Measured(
                    f"wall_shear_stress_p{percent}",
                    wall.percentile(percent / 100) * PA,
                    "Pa",
                    f"exceeded on {100 - percent} % of the wall",
                    bounded=True,
                )
                for percent in PERCENTILES
            ),
            Measured(
                "low_shear_area_fraction",
                wall.share(0.0, LOW_SHEAR / PA),
                "",
                f"share of the wall below {LOW_SHEAR} Pa (stagnation)",
                scale=1.0,
                bounded=True,
                note="the limit of 0.5 Pa is assumed",
            ),
            Measured(
                "high_shear_area_fraction",
                wall.share(HIGH_SHEAR / PA, np.inf),
                "",
                f"share of the wall above {HIGH_SHEAR:g} Pa",
                scale=1.0,
                bounded=True,
                note="the limit of 10 Pa is assumed",
            ),
        ]

    def recirculation(self, diameter: float, length: float) -> Measured:
        """Wall along which the fluid runs backwards, as a length of a wall of this diameter, mm."""
        area = self.specimen.copies * self.wall_shear.against(self.specimen.axis())
        return Measured(
            "recirculation_length",
            area / (pi * diameter),
            "mm",
            f"area of the wall along which the fluid runs backwards, by the circumference of {diameter:g} mm",
            scale=0.1 * length,
            bounded=True,
        )

    def haemolysis_measures(self, constants: str) -> list[Measured]:
        """Index of haemolysis relative to that of a straight tube of the inlet's diameter and the device's length."""
        law, solution = haemolysis.CONSTANTS[constants], self.solution
        m = law.stress_exponent / law.time_exponent
        rate = shear_rate(solution.u)
        stress = solution.problem.viscosity(solution.u) * rate * PA
        damage = haemolysis.index(self.specimen.copies * solution.volume_integral(stress**m), self.flow_rate, law)
        radius, length = self.specimen.landmarks["inlet_radius"][0], self.specimen.length()
        viscosity = solution.problem.fluid.viscosity.high_rate * PA
        tube = haemolysis.index_of_tube(radius, length, self.flow_rate, viscosity, law)
        return [
            Measured(
                "relative_haemolysis_index",
                damage / tube,
                "",
                "index of haemolysis by that of a straight tube of the inlet's diameter and the same length, "
                "at the viscosity of high rates",
                # At an edge the stress grows by r^-1/2 at most (Moffatt, J. Fluid Mech. 18, 1964, 1), its power by
                # less than r^-2, so that the integral stays finite.
                bounded=True,
                note=f"power law of {law.source}; for comparing designs, not for absolute values: power laws are off "
                "by orders of magnitude",
            )
        ]

    def along_axis(self, number: int = 401) -> Table:
        """Velocity along the axis and pressure on it, from inlet to outlet."""
        start, end = (self.specimen.landmarks[name] for name in ("inlet_centre", "outlet_centre"))
        axis = self.specimen.axis()
        t = np.linspace(1e-4, 1 - 1e-4, number)[:, None]
        points = start + t * (end - start)
        u = sample(self.solution.u, points) @ axis
        p = sample(self.solution.P, points)[:, 0] * self.solution.problem.fluid.density
        inside = np.isfinite(u)
        columns = {"z_mm": points[inside, 2], "u_m_per_s": u[inside] / 1000, "p_Pa": p[inside] * PA}
        return Table("axis", columns)
