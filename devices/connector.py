"""A connector between two tubes of different bore."""

from __future__ import annotations

import itertools

from devices.device import Device
from devices.parameters import choice, parameter
from geometry.errors import GeometryError
from geometry.lumen import lumen_of_revolution
from geometry.solid import Solid

INCH = 25.4


class Connector(Device):
    """Straight tube connector."""

    usual_protocol = "flow_steady"

    inlet_diameter: float = parameter(INCH / 4, "mm", (0.5, 50), "Bore of the tube before it: 1/4 inch")
    outlet_diameter: float = parameter(3 * INCH / 8, "mm", (0.5, 50), "Bore of the tube behind it: 3/8 inch")
    bore: float = parameter(5.0, "mm", (0.3, 50), "Bore of the connector itself, where its wall narrows the tubes")
    bore_length: float = parameter(40.0, "mm", (1, 300), "Length of the connector")
    inlet_taper: float = parameter(0.0, "mm", (0, 50), "Length over which the inlet narrows to the bore; 0: a step")
    outlet_taper: float = parameter(0.0, "mm", (0, 50), "Length over which the bore widens to the outlet; 0: a step")
    inlet_length: float = parameter(20.0, "mm", (1, 500), "Tube before it; the flow enters developed")
    outlet_length: float = parameter(120.0, "mm", (1, 1000), "Tube behind it")
    sector: str = choice(
        "quarter",
        "How much of the lumen is computed: its flow is symmetric as long as it is laminar",
        ("quarter", "full"),
    )

    def build(self) -> Solid:
        """The lumen. z runs along the flow, z = 0 is where the bore begins."""
        for name in ("inlet_diameter", "outlet_diameter"):
            if self.bore > getattr(self, name):
                raise GeometryError(f"the bore is wider than the {name.replace('_', ' ')}", ("bore", name))
        inlet, bore, outlet = self.inlet_diameter / 2, self.bore / 2, self.outlet_diameter / 2
        corners = [
            (inlet, -self.inlet_taper - self.inlet_length),
            (inlet, -self.inlet_taper),
            (bore, 0.0),
            (bore, self.bore_length),
            (outlet, self.bore_length + self.outlet_taper),
            (outlet, self.bore_length + self.outlet_taper + self.outlet_length),
        ]
        distinct = [corners[0]] + [b for a, b in itertools.pairwise(corners) if a != b]
        return lumen_of_revolution(distinct, quarter=self.sector == "quarter")
