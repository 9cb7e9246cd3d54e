"""The FDA's benchmark nozzle against its measurements, throat Reynolds number 500."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from scipy.special import stdtrit

from devices.parameters import parameter
from protocols.fda_nozzle_data import AXIS, PROFILES
from protocols.flow_result import FlowResult
from protocols.flow_test import FlowTest
from protocols.result import Measured, Specimen, Table
from solvers.probe import sample


class FdaNozzleRe500(FlowTest):
    """Benchmark nozzle, sudden expansion at throat Reynolds number 500, against five sets of measurements."""

    style_of = "the FDA's interlaboratory benchmark (Hariharan et al. 2011; Stewart et al. 2012)"
    sources = (
        "Hariharan et al., J. Biomech. Eng. 133, 2011, 041002, doi 10.1115/1.4003440: geometry, fluid, measurements",
        "Stewart et al., Cardiovasc. Eng. Technol. 3, 2012, 139, doi 10.1007/s13239-012-0087-5: global error E_g",
        "ASME V&V 20-2009: validation uncertainty",
    )
    needs_landmarks: ClassVar[tuple[str, ...]] = ("inlet_centre", "outlet_centre", "sudden_expansion")

    flow_rate: float = parameter(
        5206.24,
        "mm^3/s",
        (5206.24, 5206.24),
        "Flow rate of throat Reynolds number 500",
        source="headers of the measured data: 5.20624e-6 m^3/s",
        verified=True,
    )
    flow_uncertainty: float = parameter(
        0.05,
        "",
        (0.0, 0.5),
        "Relative uncertainty of the flow rate of the experiments",
        source="assumed: the measured inlet profile is about 5.5 % below the parabola of the stated flow rate",
        verified=False,
    )

    def inflow(self) -> float:
        return self.flow_rate

    def measure(self, result: FlowResult) -> list[Measured]:
        stations = np.array(sorted(AXIS))
        mean, spread, sets = (np.array([AXIS[z][k] for z in sorted(AXIS)]) for k in range(3))
        axis = self._velocity(result, stations, np.zeros(len(stations)))
        result.tables += [
            result.along_axis(),
            Table("axis_velocity", {"z_mm": stations, "u_m_per_s": axis}),
            Table("axis_measured", {"z_mm": stations, "mean_m_per_s": mean, "sd_m_per_s": spread, "sets": sets}),
        ]
        computed, measured, spreads, numbers = [axis], [mean], [spread], [sets]
        for z, rows in PROFILES.items():
            r, u, sd, n = (np.array(column) for column in zip(*rows, strict=True))
            profile = self._velocity(result, np.full(len(r), z), r)
            result.tables += [
                Table(f"profile_z{z}", {"r_mm": r, "u_m_per_s": profile}),
                Table(f"measured_z{z}", {"r_mm": r, "mean_m_per_s": u, "sd_m_per_s": sd, "sets": n}),
            ]
            for known, values in ((computed, profile), (measured, u), (spreads, sd), (numbers, n)):
                known.append(values)
        across = [np.concatenate(arrays[1:]) for arrays in (computed, measured, spreads, numbers)]
        shares = []
        for name, where, points in (
            ("axis_points_inside", "on the axis", [axis, mean, spread, sets]),
            ("profile_points_inside", "of the profiles", across),
        ):
            for more, words, flow in (
                ("", "", 0.0),
                ("_with_flow", ", that of the flow rate too", self.flow_uncertainty),
            ):
                said = f"share of {len(points[0])} points {where} inside the validation uncertainty{words}"
                shares.append(Measured(name + more, _inside(points, flow), "", said, scale=1.0, bounded=True))
        velocities = [
            Measured(
                f"axis_velocity_z{z}", float(u), "m/s", f"velocity on the axis at z = {z} mm", (0.0, 0.0, float(z))
            )
            for z, u in zip(stations, axis, strict=True)
        ]
        error = Measured(
            "global_error",
            float(np.mean(np.abs(axis - mean) / np.abs(mean))),
            "",
            "E_g: mean of |computed - measured| / |measured| over the stations on the axis",
            scale=1.0,
        )
        return [error, *shares, *velocities, *result.flow_measures(), *result.shear_measures()]

    def _velocity(self, result: FlowResult, z: np.ndarray, r: np.ndarray) -> np.ndarray:
        """Axial velocity, m/s, at distances r from the axis, mm, to the side of x."""
        nudge = 1e-6  # off the axis and the plane of symmetry, so that rounding does not put a point outside
        points = np.stack([np.maximum(r, nudge), np.full(len(r), nudge), z.astype(float)], axis=1)
        return np.asarray(sample(result.solution.u, points)[:, 2] / 1000)

    def remarks(self, specimen: Specimen) -> list[str]:
        return [
            "measured pressures of this case carry an offset of 100 to 250 Pa (Stewart et al. 2012): the pressure drop "
            "is not compared",
            f"the uncertainty of the flow rate, {self.flow_uncertainty:.0%}, is assumed",
        ]


def _inside(points: list[np.ndarray], flow: float) -> float:
    """Share of points whose distance to the mean is within sqrt(interval^2 + (flow x computed)^2).

    The interval of the mean of n sets is t SD / sqrt(n) with Student's t for 95 % and n - 1 degrees of freedom.
    """
    computed, mean, spread, sets = points
    interval = stdtrit(sets - 1, 0.975) * spread / np.sqrt(sets)
    return float(np.mean(np.abs(computed - mean) <= np.sqrt(interval**2 + (flow * computed) ** 2)))
