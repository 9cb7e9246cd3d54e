"""The FDA's benchmark nozzle: a throat between a cone and a sudden change of diameter."""

from __future__ import annotations

from math import radians, tan

from devices.device import Device
from devices.parameters import choice, parameter
from geometry.errors import GeometryError
from geometry.lumen import lumen_of_revolution
from geometry.solid import Solid

_SOURCE = "Hariharan et al., J. Biomech. Eng. 133, 2011, 041002"


class FdaNozzle(Device):
    """FDA benchmark nozzle."""

    usual_protocol = "flow_steady"

    direction: str = choice("sudden_expansion", "Which way the fluid runs", ("sudden_expansion", "conical_diffuser"))
    tube_diameter: float = parameter(
        12, "mm", (1, 100), "Inner diameter of inlet and outlet", source=_SOURCE, verified=True
    )
    throat_diameter: float = parameter(
        4, "mm", (0.3, 50), "Inner diameter of the throat", source=_SOURCE, verified=True
    )
    throat_length: float = parameter(40, "mm", (0.5, 400), "Length of the throat", source=_SOURCE, verified=True)
    cone_angle: float = parameter(20, "deg", (4, 150), "Included angle of the cone", source=_SOURCE, verified=True)
    inlet_length: float = parameter(
        45, "mm", (2, 1000), "Straight tube before nozzle or sudden contraction; the flow enters developed"
    )
    outlet_length: float = parameter(
        250, "mm", (5, 2000), "Straight tube behind; the flow reattaches near 210 mm behind the sudden expansion"
    )

    sector: str = choice(
        "quarter",
        "How much of the lumen is computed: its flow is symmetric as long as it is laminar",
        ("quarter", "full"),
    )

    def build(self) -> Solid:
        """The lumen. z runs along the flow, z = 0 is the sudden change of diameter."""
        if self.throat_diameter >= 0.98 * self.tube_diameter:
            raise GeometryError("the throat is no narrower than the tube", ("throat_diameter", "tube_diameter"))
        R, r = self.tube_diameter / 2, self.throat_diameter / 2
        cone = (R - r) / tan(radians(self.cone_angle / 2))
        if self.direction == "sudden_expansion":
            start = -self.throat_length - cone - self.inlet_length
            steps = [(R, start), (R, start + self.inlet_length), (r, -self.throat_length), (r, 0.0), (R, 0.0)]
            steps.append((R, self.outlet_length))
        else:
            end = self.throat_length + cone + self.outlet_length
            steps = [(R, -self.inlet_length), (R, 0.0), (r, 0.0), (r, self.throat_length)]
            steps += [(R, self.throat_length + cone), (R, end)]
        solid = lumen_of_revolution(steps, quarter=self.sector == "quarter")
        if self.direction == "sudden_expansion":
            solid.landmark("sudden_expansion", (0.0, 0.0, 0.0))
        return solid
