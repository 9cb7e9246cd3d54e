"""A device and a test by formula with known Sobol' indices, for studies that run in no time."""

import math

from devices import Device, parameter
from geometry.solid import Solid
from protocols import Formula, Measured
from protocols import parameter as setting


class Angles(Device):
    """Three angles."""

    x1: float = parameter(0.5, "", (-math.pi, math.pi), "First")
    x2: float = parameter(0.5, "", (-math.pi, math.pi), "Second")
    x3: float = parameter(0.5, "", (-math.pi, math.pi), "Third")

    def build(self) -> Solid:
        raise NotImplementedError


class Ishigami(Formula):
    """The function of Ishigami and Homma (1990)."""

    a: float = setting(7.0, "", (0, 100), "Weight of the second")
    b: float = setting(0.1, "", (0, 10), "Weight of the third")

    def evaluate(self, device):
        x1, x2, x3 = device.x1, device.x2, device.x3
        value = math.sin(x1) + self.a * math.sin(x2) ** 2 + self.b * x3**4 * math.sin(x1)
        return [Measured("response", value, "", "value of the function")]
