"""Pulsatile laminar flow through a device."""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import field_validator, model_validator

from devices.parameters import choice, parameter
from protocols.flow_test import FlowTest
from protocols.pulsatile_result import PulsatileResult
from protocols.result import Measured, Specimen
from protocols.waveforms import BUILT_IN, highest_harmonic, pinned, waveform_of
from solvers.waveform import Waveform
from solvers.windkessel import Windkessel


class FlowPulsatile(FlowTest):
    """Pulsatile flow: wall shear over the cycle, its oscillation, pressure drop.

    The time step is in proportion to the elements: `steps_per_cycle` on the first mesh of the ladder, and 1.25 times as
    many wherever the next mesh has elements 1.25 times smaller. Both are of second order, so that the error bars, which
    come from the values on the ladder, hold the error of both.
    """

    style_of = "studies of arterial flow (He and Ku 1996)"
    sources = (
        "He and Ku, J. Biomech. Eng. 118, 1996, 74: oscillatory shear index",
        "Himburg et al., Ann. Biomed. Eng. 32, 2004, 383: relative residence time",
        "Westerhof et al., Med. Biol. Eng. Comput. 47, 2009, 131: windkessel",
    )
    needs_landmarks: ClassVar[tuple[str, ...]] = ("inlet_centre", "outlet_centre", "inlet_radius")

    flow_rate: float = parameter(
        1500.0, "mm^3/s", (1e-3, 1e7), "Mean flow rate through the inlet", source="assumed", verified=False
    )
    period: float = parameter(
        0.857, "s", (1e-3, 1e3), "Period of the pulse", source="assumed: 70 beats a minute", verified=False
    )
    waveform: str = choice("arterial", f"Flow rate over the period: {', '.join(BUILT_IN)} (assumed), or a file.csv")
    steps_per_cycle: int = parameter(60, "", (8, 10_000), "Time steps of a cycle on the first mesh")
    most_cycles: int = parameter(20, "", (3, 1000), "Cycles after which a flow counts as not periodic")
    proximal_resistance: float = parameter(0.0, "MPa*s/mm^3", (0.0, 1e6), "R_p of a windkessel behind the outlet")
    distal_resistance: float = parameter(0.0, "MPa*s/mm^3", (0.0, 1e6), "R_d of the windkessel; 0: there is none")
    compliance: float = parameter(0.0, "mm^3/MPa", (0.0, 1e12), "C of the windkessel")

    @field_validator("waveform")
    @classmethod
    def _pin(cls, value: str) -> str:
        return pinned(value)

    @model_validator(mode="after")
    def _check_steps(self) -> Self:
        highest = highest_harmonic(self.waveform)
        if self.steps_per_cycle <= 2 * highest:
            raise ValueError(
                f"steps_per_cycle, {self.steps_per_cycle}, must be more than twice the highest harmonic of the "
                f"waveform, {highest}: the steps would take it for another"
            )
        return self

    @model_validator(mode="after")
    def _check_windkessel(self) -> Self:
        if self.distal_resistance == 0.0 and (self.proximal_resistance or self.compliance):
            raise ValueError("a windkessel needs a distal_resistance above 0")
        return self

    def inflow(self) -> float:
        return self.flow_rate

    def factor(self) -> Waveform:
        """Flow rate by its mean."""
        return waveform_of(self.waveform, self.period)

    def behind(self, specimen: Specimen) -> Windkessel | None:
        """What lies behind the outlet of the part that is computed: one of the ``copies`` of the specimen."""
        if self.distal_resistance == 0.0:
            return None
        n = specimen.copies
        return Windkessel(n * self.proximal_resistance, n * self.distal_resistance, self.compliance / n)

    def measure(self, result: PulsatileResult) -> list[Measured]:
        measured = [*result.wall_measures(), *result.cycle_measures(), result.jet_reynolds_number()]
        result.tables.append(result.along_axis())
        return [*measured, result.inlet_pressure()] if self.distal_resistance else measured

    def remarks(self, specimen: Specimen) -> list[str]:
        said = [
            "pulsatile laminar flow between rigid walls; at every instant the profile at the inlet is that of a "
            "developed steady flow (quasi-steady), not Womersley's",
            "velocity, pressure, wall shear and the curve along the axis are those at the largest inflow",
        ]
        if self.waveform in BUILT_IN:
            said.append(f"the waveform '{self.waveform}' is assumed: of no measured vessel")
        if self.factor().lowest < 0:
            said.append(
                "the flow rate is negative for part of the cycle: what then enters through the outlet has half of its "
                "inertia taken away"
            )
        return said
