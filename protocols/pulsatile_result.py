"""What a pulsatile protocol measures on: the measures over the last cycle."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import pi, sqrt

from protocols.flow_result import PA, FlowResult
from protocols.result import Measured, Table
from solvers.pulsatile import PERIODIC, PulsatileFlow
from solvers.wall_cycle import LEAST, WallCycle

TENTH = 0.9


@dataclass
class PulsatileResult(FlowResult):
    """A pulsatile flow with its measures. All of them are collective.

    ``solution``, and what `FlowResult` measures on it, is the flow at the time of the largest inflow.
    """

    solution: PulsatileFlow

    @cached_property
    def wall_cycle(self) -> WallCycle:
        return WallCycle.of(self.solution)

    def wall_measures(self) -> list[Measured]:
        """Mean and peak of TAWSS and OSI over the wall, and the residence time that a tenth of the wall exceeds."""
        average, index, residence = self.wall_cycle.average, self.wall_cycle.index, self.wall_cycle.residence
        peak, swing = average.peak(), index.peak()
        stay = residence.percentile(TENTH)
        if stay > 0.99 / LEAST:
            self.warnings.append(
                f"a tenth of the wall has a mean wall shear stress below {LEAST * PA:g} Pa: the relative residence "
                "time is cut off there and not known"
            )
        return [
            Measured(
                "peak_time_averaged_wall_shear_stress",
                peak.value * PA,
                "Pa",
                "largest magnitude of the wall shear stress, averaged over the cycle (TAWSS)",
                peak.location,
                nodes=peak.near,
                averaged=True,
            ),
            Measured(
                "mean_time_averaged_wall_shear_stress",
                average.mean() * PA,
                "Pa",
                "TAWSS, mean over all walls",
                bounded=True,
            ),
            Measured(
                "peak_oscillatory_shear_index",
                swing.value,
                "",
                "largest oscillatory shear index (OSI) at a node of the wall, 0.5 at most",
                swing.location,
                scale=0.5,
                bounded=True,
            ),
            Measured(
                "mean_oscillatory_shear_index", index.mean(), "", "OSI, mean over all walls", scale=0.5, bounded=True
            ),
            Measured(
                "relative_residence_time_p90",
                stay / PA,
                "1/Pa",
                "relative residence time (RRT) that a tenth of the wall exceeds",
                bounded=True,
                note="no mean is given: it is infinite where the flow separates",
            ),
        ]

    def cycle_measures(self) -> list[Measured]:
        """Pressure drops, balance, Courant and Womersley number, time step, cycles."""
        cycle, fluid = self.solution.cycle, self.solution.problem.fluid
        drop = (cycle.upstream - cycle.downstream) * PA
        q = self.specimen.copies * cycle.inflow
        self.tables += [
            Table("waveform", {"t_s": cycle.times, "q_mm3_per_s": q}),
            Table("pressure_drop", {"t_s": cycle.times, "q_mm3_per_s": q, "dp_Pa": drop}),
        ]
        if not cycle.periodic:
            self.outside = self.outside or (
                f"the flow is not periodic: after {cycle.count} cycles it is still about {cycle.distance:.2g} away "
                f"from the periodic one ({PERIODIC:g} is allowed); raise most_cycles"
            )
        self.watch_outlets(" when that is largest")
        period = float(cycle.times[-1])
        radius = float(self.specimen.landmarks["inlet_radius"][0])
        womersley = radius * sqrt(2 * pi / period * fluid.density / fluid.viscosity.high_rate)
        return [
            Measured("peak_pressure_drop", float(drop.max()), "Pa", "largest of the cycle, inlets less outlets"),
            Measured(
                "mean_pressure_drop",
                float(drop.mean()),
                "Pa",
                "mean over the cycle, inlets less outlets",
                scale=float(abs(drop).max()),
            ),
            Measured(
                "flow_balance",
                cycle.imbalance,
                "",
                "inflow less outflow at the worst time, by the peak inflow",
                scale=1.0,
            ),
            _chosen("courant_number", cycle.courant, "", "largest |u| dt / h of all cells and times"),
            _chosen("time_step", cycle.dt, "s", "in proportion to the elements"),
            _chosen(
                "cycles_to_periodic",
                float(cycle.count),
                "",
                f"until {PERIODIC:g} at most is left",
            ),
            Measured("womersley_number", womersley, "", "R (omega rho / mu)^(1/2) of the inlet, mu at high rates"),
        ]

    def inlet_pressure(self) -> Measured:
        """What the windkessel behind the outlet adds to."""
        return Measured(
            "peak_inlet_pressure", float(self.solution.cycle.upstream.max()) * PA, "Pa", "largest of the cycle"
        )


def _chosen(name: str, value: float, unit: str, description: str) -> Measured:
    return Measured(name, value, unit, description, note="of the finest mesh", chosen=True)
