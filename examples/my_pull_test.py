"""A bench test of one's own, for any device with the surfaces "foot" and "tip"."""

import numpy as np

from protocols import Measured, SolidTest, parameter
from solvers.loads import Wrench
from solvers.measures import surface_mean_displacement
from solvers.supports import Clamp


class MyPullTest(SolidTest):
    """Sideways pull on the tip of a part that is clamped at its foot."""

    style_of = "no standard: an in-house test"
    needs_surfaces = ("foot", "tip")

    pull: float = parameter(200, "N", (1, 5000), "Force on the tip, along x")
    clearance: float = parameter(5, "mm", (0, 50), "Height above the clamp from which peaks are sought")

    def supports(self, specimen):
        return [Clamp("foot")]

    def loads(self, specimen):
        low, high = specimen.low, specimen.high
        return [Wrench("tip", (self.pull, 0, 0), (low[0], (low[1] + high[1]) / 2, high[2]))]

    def measure(self, result):
        peaks = result.peak_stresses(result.points[:, 2] > result.specimen.low[2] + self.clearance)
        travel = surface_mean_displacement(result.solution, "tip")
        deflection = Measured("tip_deflection", float(np.linalg.norm(travel)), "mm", "mean displacement of the tip")
        return [*peaks, deflection, result.mass(), *result.safety_factors(peaks, load_ratio=0.0)]
