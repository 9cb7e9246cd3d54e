"""A device and a test by formula with known optima."""

import math

from devices import Device, parameter
from geometry.solid import Solid
from protocols import Formula, Measured
from protocols import parameter as setting


class Place(Device):
    """A place on a map."""

    x: float = parameter(0.0, "mm", (-5, 10), "To the east")
    y: float = parameter(5.0, "mm", (0, 15), "To the north")

    def build(self) -> Solid:
        raise NotImplementedError


class Branin(Formula):
    """The function of Branin (1972): three minima of 0.397887, one of them at (pi, 2.275)."""

    lift: float = setting(0.0, "", (-10, 10), "Added to the function")

    def evaluate(self, device):
        x, y = device.x, device.y
        bowl = (y - 5.1 / (4 * math.pi**2) * x**2 + 5 / math.pi * x - 6) ** 2
        height = bowl + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10 + self.lift
        return [
            Measured("height", height, "", "value of the function"),
            Measured("way", math.hypot(x - 3, y - 3), "mm", "distance from (3, 3)"),
        ]
