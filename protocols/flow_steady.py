"""Steady laminar flow through a device."""

from __future__ import annotations

from devices.parameters import choice, parameter
from protocols.flow_result import PA, FlowResult
from protocols.flow_test import FlowTest
from protocols.haemolysis import CONSTANTS
from protocols.result import Measured, Specimen


class FlowSteady(FlowTest):
    """Steady flow: pressure drop, wall shear, recirculation, blood damage."""

    style_of = "the FDA's benchmark of flow and blood damage (Hariharan et al. 2011)"
    sources = (
        "Hariharan et al., J. Biomech. Eng. 133, 2011, 041002: fluid and flow rate of throat Reynolds number 500",
        "Garon and Farinas, Artif. Organs 28, 2004, 1016: index of haemolysis of a flow",
    )

    flow_rate: float = parameter(
        5206.0,
        "mm^3/s",
        (1e-3, 1e7),
        "Flow rate through the inlet",
        source="Hariharan et al. 2011: 5.206e-6 m^3/s for throat Reynolds number 500",
        verified=True,
    )
    driving_pressure: float = parameter(
        0.0, "Pa", (0.0, 1e6), "Mean pressure of inlet less outlet; above 0 it is given, and the flow rate is sought"
    )
    haemolysis_constants: str = choice("giersiepen", "Constants of the power law of haemolysis", tuple(CONSTANTS))

    def inflow(self) -> float:
        return self.flow_rate

    def drop(self) -> float | None:
        return self.driving_pressure / PA if self.driving_pressure > 0 else None

    def measure(self, result: FlowResult) -> list[Measured]:
        result.tables.append(result.along_axis())
        radius = float(result.specimen.landmarks["outlet_radius"][0])
        return [
            *result.flow_measures(),
            Measured("flow_rate", result.flow_rate, "mm^3/s", "through the inlet"),
            *result.shear_measures(),
            result.recirculation(2 * radius, result.specimen.length()),
            *result.haemolysis_measures(self.haemolysis_constants),
        ]

    def remarks(self, specimen: Specimen) -> list[str]:
        return [
            "steady laminar flow between rigid walls, developed at the inlet and at the outlet; the index of "
            "haemolysis is for comparing designs, its absolute value is not to be relied upon"
        ]
