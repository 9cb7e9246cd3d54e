"""Beams with exact end sections, whose displacement is known besides the stress."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import ufl

from geometry.solid import Solid
from protocols.result import Measured
from solvers import measures
from solvers.body import Body
from solvers.elasticity import Displacement, Elasticity
from solvers.loads import BodyForce, Traction
from solvers.recovery import NodalStress
from solvers.supports import Imposed, Sliding
from verification.problem import T_AND_G, Array, Problem, Reference, at, overall
from verification.pulled import STEEL
from verification.shapes import name_planes
from verification.torsion import quarter, strain_energy

E, NU = STEEL.young_modulus, STEEL.poisson_ratio


class RoundCantilever(Problem):
    """A round bar, radius 5 mm, 25 mm long, with 2 kN along x through its end, a quarter of it.

    The root z = 0 moves as in the exact solution, in which it warps; the end bears the exact shear.
    """

    title = "Round cantilever with a warped root"
    R, LENGTH, FORCE = 5.0, 25.0, 2e3
    INERTIA = np.pi * R**4 / 4
    _source = (
        "Saint-Venant 1856; Love, Mathematical Theory of Elasticity, 1927, art. 229-231; "
        f"{T_AND_G}, chapter 11 (bending of bars)"
    )
    references: ClassVar = {
        "bending_stress": Reference(-FORCE * LENGTH * R / INERTIA, _source),
        "shear_on_axis": Reference((3 + 2 * NU) / (8 * (1 + NU)) * FORCE * R**2 / INERTIA, _source),
        "shear_at_side": Reference((1 + 2 * NU) / (4 * (1 + NU)) * FORCE * R**2 / INERTIA, _source),
        "deflection": Reference(FORCE * LENGTH**3 / (3 * E * INERTIA), _source),
    }

    def solid(self) -> Solid:
        solid = Solid.of({"bar": quarter(self.R, self.R, self.LENGTH)})
        name_planes(solid, x0=(0, 0.0), y0=(1, 0.0), root=(2, 0.0), end=(2, self.LENGTH))
        return solid

    def warping(self, p: Array) -> Array:
        """Love's displacement of the section z = 0, with his function chi of the circle."""
        x, y, _ = p
        chi = -(3 + 2 * NU) / 4 * self.R**2 * x + (x**3 - 3 * x * y**2) / 4
        aside = NU * self.LENGTH * np.array([(x**2 - y**2) / 2, x * y])
        return self.FORCE / (E * self.INERTIA) * np.array([*aside, -chi - x * y**2])

    def shear(self, p: Any, n: Any) -> Any:
        x, y, k = p[0], p[1], self.FORCE / (4 * (1 + NU) * self.INERTIA)
        along_x = k / 2 * ((3 + 2 * NU) * (self.R**2 - x**2) - (1 - 2 * NU) * y**2)
        return ufl.as_vector([along_x, -k * (1 + 2 * NU) * x * y, 0])

    def problem(self, body: Body) -> Elasticity:
        # Bending is symmetric about y = 0 and antisymmetric about x = 0.
        held = [Sliding("y0", 1), Sliding("x0", 1), Sliding("x0", 2), Imposed("root", self.warping)]
        return Elasticity(body, {"bar": STEEL}, held, [Traction("end", self.shear)])

    def measure(self, solution: Displacement, stress: NodalStress) -> list[Measured]:
        along_x = stress.six[:, 5]
        return [
            at("bending_stress", "MPa", solution, stress.six[:, 2], (self.R, 0.0, 0.0)),
            at("shear_on_axis", "MPa", solution, along_x, (0.0, 0.0, self.LENGTH)),
            at("shear_at_side", "MPa", solution, along_x, (0.0, self.R, self.LENGTH)),
            overall("deflection", "mm", measures.surface_mean_displacement(solution, "end")[0]),
        ]


class HangingBar(Problem):
    """A round bar, radius 5 mm, 40 mm long, hanging from its top by its weight of 0.02 N/mm^3, a quarter of it.

    The top z = 40 mm moves as in the exact solution, in which plane sections become bowls.
    """

    title = "Bar under its own weight"
    R, LENGTH, WEIGHT = 5.0, 40.0, 0.02
    _source = f"{T_AND_G}, chapter 9 (stretching of a bar by its own weight)"
    references: ClassVar = {
        "stress_at_top": Reference(WEIGHT * LENGTH, _source),
        "sinking": Reference(WEIGHT / (2 * E) * (NU * R**2 / 2 - LENGTH**2), _source),
        "energy": Reference(np.pi * R**2 * WEIGHT**2 * LENGTH**3 / (6 * E), _source),
    }

    def solid(self) -> Solid:
        solid = Solid.of({"bar": quarter(self.R, self.R, self.LENGTH)})
        name_planes(solid, x0=(0, 0.0), y0=(1, 0.0), bottom=(2, 0.0), top=(2, self.LENGTH))
        return solid

    def exact(self, p: Array) -> Array:
        x, y, z = p
        down = (z**2 + NU * (x**2 + y**2) - self.LENGTH**2) / 2
        return self.WEIGHT / E * np.array([-NU * z * x, -NU * z * y, down])

    def problem(self, body: Body) -> Elasticity:
        held = [Sliding("x0", 0), Sliding("y0", 1), Imposed("top", self.exact)]
        weight = BodyForce(lambda p: ufl.as_vector([0, 0, -self.WEIGHT]))
        return Elasticity(body, {"bar": STEEL}, held, [weight])

    def measure(self, solution: Displacement, stress: NodalStress) -> list[Measured]:
        return [
            at("stress_at_top", "MPa", solution, stress.six[:, 2], (self.R, 0.0, self.LENGTH)),
            overall("sinking", "mm", measures.surface_mean_displacement(solution, "bottom")[2]),
            overall("energy", "N mm", 4 * strain_energy(solution)),
        ]


PROBLEMS = (RoundCantilever, HangingBar)
