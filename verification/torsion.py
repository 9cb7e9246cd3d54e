"""Torsion of prismatic bars after Saint-Venant, with his tractions or his warping on the ends: exact everywhere."""

from __future__ import annotations

from typing import Any, ClassVar

import gmsh
import numpy as np
import ufl
from numpy.typing import NDArray
from scipy.integrate import dblquad

from geometry.solid import Solid
from protocols.result import Measured
from solvers import measures
from solvers.body import Body
from solvers.elasticity import Displacement, Elasticity
from solvers.loads import Traction, Wrench, integral
from solvers.recovery import NodalStress
from solvers.supports import Held, Imposed, Sliding, Support, ThreePoints
from verification.problem import T_AND_G, Point, Problem, Reference, at, overall, peak
from verification.pulled import STEEL
from verification.shapes import name_planes, prism

Array = NDArray[np.float64]

RATE = 2e-4  # rad/mm
SHEAR = STEEL.lame[1] * RATE  # stress for each mm of lever, MPa/mm


def antisymmetric(surface: str, normal: int) -> list[Support]:
    """A plane on which the displacement along it vanishes: the load is odd in the coordinate across it."""
    return [Sliding(surface, axis) for axis in range(3) if axis != normal]


def strain_energy(solution: Displacement) -> float:
    """Strain energy, N mm, of a body without free strain."""
    return integral(solution.body, solution.problem.bilinear(solution.u, solution.u)) / 2


class Twisted(Problem):
    """A bar along z, twisted by RATE about its axis; the base z = 0 and the planes of symmetry only warp.

    Attributes
    ----------
    length : float, mm
    parts : int
        Of how many like parts the bar consists, of which one is meshed.
    point : (3,) mm
        A corner of the solid where the shear stress is known.
    """

    length: ClassVar[float] = 8.0
    parts: ClassVar[int] = 4
    point: ClassVar[Point]

    @staticmethod
    def shear(x: Any, y: Any) -> tuple[Any, Any]:
        """tau_xz and tau_yz over G times the rate, mm."""
        raise NotImplementedError

    @classmethod
    def known(cls, source: str, peak: float, at_point: float, torque: float, nature: Any = "regular") -> dict[str, Any]:
        """References from the largest shear stress and that at the point, mm, and the torque, mm^4, over G and rate."""
        return {
            "peak_shear": Reference(SHEAR * peak, source, nature=nature),
            "shear_at_point": Reference(SHEAR * at_point, source, nature=nature),
            "twist": Reference(RATE * cls.length, "given: the rate times the length"),
            "energy": Reference(SHEAR * torque * RATE * cls.length / 2, f"{source}; half of torque times twist"),
        }

    def section(self) -> int:
        """The volume of the part that is meshed, on z = 0."""
        raise NotImplementedError

    def solid(self) -> Solid:
        solid = Solid.of({"bar": self.section()})
        planes = {"bottom": (2, 0.0), "top": (2, self.length), "y0": (1, 0.0)}
        name_planes(solid, **planes, **({"x0": (0, 0.0)} if self.parts == 4 else {}))
        return solid

    def held(self) -> list[Support]:
        held = antisymmetric("bottom", 2) + antisymmetric("y0", 1)
        if self.parts == 4:
            return held + antisymmetric("x0", 0)
        x, y, _ = self.point  # half a bar can still turn about x; in equilibrium as it is, the point bears nothing
        return [*held, Held(lambda p: np.linalg.norm(p.T - (x, y, self.length), axis=1) < 1e-6, (1,))]

    def pull(self, x: Any, n: Any) -> Any:
        tau_xz, tau_yz = self.shear(x[0], x[1])
        return SHEAR * n[2] * ufl.as_vector([tau_xz, tau_yz, 0])

    def problem(self, body: Body) -> Elasticity:
        return Elasticity(body, {"bar": STEEL}, self.held(), [Traction("top", self.pull)])

    def twist(self, solution: Displacement) -> float:
        """Rotation of the top about z: what a unit torque would work on."""
        return measures.work(solution, Wrench("top", (0.0, 0.0, 0.0), (0.0, 0.0, 0.0), (0.0, 0.0, 1.0)))

    def measure(self, solution: Displacement, stress: NodalStress) -> list[Measured]:
        shear = np.hypot(stress.six[:, 4], stress.six[:, 5])
        return [
            peak("peak_shear", "MPa", solution, shear),
            at("shear_at_point", "MPa", solution, shear, self.point),
            overall("twist", "rad", self.twist(solution)),
            overall("energy", "N mm", self.parts * strain_energy(solution)),
        ]


def quarter(rx: float, ry: float, length: float) -> int:
    """Quarter x, y > 0 of an elliptic bar; returns the volume."""
    occ = gmsh.model.occ
    drawn = occ.extrude([(2, occ.addDisk(0, 0, 0, rx, ry))], 0, 0, length)
    bar = next(part for part in drawn if part[0] == 3)
    return occ.intersect([bar], [(3, occ.addBox(0, 0, 0, rx, ry, length))])[0][0][1]


class RoundBar(Twisted):
    """A whole round bar, radius 10 mm, twisted by the tractions on both ends and held at three points."""

    title = "Torsion of a round bar"
    R = 10.0
    length, parts, point = 10.0, 1, (R, 0.0, 0.0)
    references: ClassVar = {
        "peak_von_mises": Reference(np.sqrt(3) * SHEAR * R, "Coulomb 1784: tau = G rate r, von Mises = sqrt(3) tau"),
        "shear_at_point": Reference(SHEAR * R, "Coulomb 1784: tau = G rate r"),
        "twist": Reference(RATE * length, "given: the rate times the length"),
        "energy": Reference(SHEAR * np.pi * R**4 / 2 * RATE * length / 2, "Coulomb 1784; half of torque times twist"),
    }

    @staticmethod
    def shear(x: Any, y: Any) -> tuple[Any, Any]:
        return -y, x

    def solid(self) -> Solid:
        solid = Solid.of({"bar": gmsh.model.occ.addCylinder(0, 0, 0, 0, 0, self.length, self.R)})
        name_planes(solid, bottom=(2, 0.0), top=(2, self.length))
        return solid

    def problem(self, body: Body) -> Elasticity:
        loads = [Traction("top", self.pull), Traction("bottom", self.pull)]
        return Elasticity(body, {"bar": STEEL}, [ThreePoints()], loads)

    def twist(self, solution: Displacement) -> float:
        ends = (Wrench(end, (0.0, 0.0, 0.0), (0.0, 0.0, 0.0), (0.0, 0.0, 1.0)) for end in ("top", "bottom"))
        top, bottom = (measures.work(solution, end) for end in ends)
        return top - bottom

    def measure(self, solution: Displacement, stress: NodalStress) -> list[Measured]:
        return [peak("peak_von_mises", "MPa", solution, stress.von_mises), *super().measure(solution, stress)[1:]]


class EllipticBar(Twisted):
    """An elliptic bar, half axes 10 and 5 mm: the shear is largest at the ends of the short axis."""

    title = "Torsion of an elliptic bar"
    A, B = 10.0, 5.0
    point = (A, 0.0, 0.0)

    @staticmethod
    def shear(x: Any, y: Any) -> tuple[Any, Any]:
        a2, b2 = EllipticBar.A**2, EllipticBar.B**2
        return -2 * a2 / (a2 + b2) * y, 2 * b2 / (a2 + b2) * x

    def section(self) -> int:
        return quarter(self.A, self.B, self.length)


EllipticBar.references = EllipticBar.known(
    f"Saint-Venant 1855; {T_AND_G}, chapter 10 (torsion)",
    peak=2 * EllipticBar.A**2 * EllipticBar.B / (EllipticBar.A**2 + EllipticBar.B**2),
    at_point=2 * EllipticBar.A * EllipticBar.B**2 / (EllipticBar.A**2 + EllipticBar.B**2),
    torque=np.pi * EllipticBar.A**3 * EllipticBar.B**3 / (EllipticBar.A**2 + EllipticBar.B**2),
)


class HollowEllipticBar(EllipticBar):
    """The same with a hole half as large in both axes: a line of shear stress, so that nothing changes outside it."""

    title = "Torsion of a hollow elliptic bar"
    HOLE = 0.5

    def section(self) -> int:
        a, b, occ = self.HOLE * self.A, self.HOLE * self.B, gmsh.model.occ
        whole, hole = (3, super().section()), (3, quarter(a, b, self.length))
        return occ.cut([whole], [hole])[0][0][1]


HollowEllipticBar.references = HollowEllipticBar.known(
    f"{T_AND_G}, chapter 10 (torsion): a hole along a line of shear stress leaves the stress as it was",
    peak=2 * EllipticBar.A**2 * EllipticBar.B / (EllipticBar.A**2 + EllipticBar.B**2),
    at_point=2 * EllipticBar.A * EllipticBar.B**2 / (EllipticBar.A**2 + EllipticBar.B**2),
    torque=np.pi
    * EllipticBar.A**3
    * EllipticBar.B**3
    / (EllipticBar.A**2 + EllipticBar.B**2)
    * (1 - HollowEllipticBar.HOLE**4),
)


class TriangularBar(Twisted):
    """An equilateral triangle of 15 mm altitude: the shear is largest in the middle of the sides, 0 at the corners."""

    title = "Torsion of a triangular bar"
    H = 15.0
    parts, point = 2, (-H / 3, 0.0, 0.0)

    @staticmethod
    def shear(x: Any, y: Any) -> tuple[Any, Any]:
        return -y - 3 / TriangularBar.H * x * y, x - 1.5 / TriangularBar.H * (x**2 - y**2)

    def section(self) -> int:
        h = self.H
        return prism([(-h / 3, 0), (2 * h / 3, 0), (-h / 3, h / np.sqrt(3))], 0, self.length)


TriangularBar.references = TriangularBar.known(
    f"Saint-Venant 1855; {T_AND_G}, chapter 10 (torsion)",
    peak=TriangularBar.H / 2,
    at_point=TriangularBar.H / 2,
    torque=TriangularBar.H**4 / (15 * np.sqrt(3)),
)


class SquareBar(Twisted):
    """A square bar of 20 mm, twisted by the exact displacement, warping included, of its end."""

    title = "Torsion of a square bar"
    A = 10.0
    point = (A, 0.0, 0.0)
    N = np.arange(1, 200, 2.0)  # cosh(n pi / 2) stays finite, and the terms fall like 1/n^3

    def section(self) -> int:
        a = self.A
        return prism([(0, 0), (a, 0), (a, a), (0, a)], 0, self.length)

    def end(self, x: Array) -> Array:
        n, w = self.N[:, None], np.pi / (2 * self.A)
        sign = np.where(n % 4 == 1, 1.0, -1.0)
        terms = sign / n**3 * np.sinh(n * w * x[1]) / np.cosh(n * np.pi / 2) * np.sin(n * w * x[0])
        warping = x[0] * x[1] - 32 * self.A**2 / np.pi**3 * terms.sum(axis=0)
        return RATE * np.array([-x[2] * x[1], x[2] * x[0], warping])

    def problem(self, body: Body) -> Elasticity:
        return Elasticity(body, {"bar": STEEL}, [*self.held(), Imposed("top", self.end)], [])

    def measure(self, solution: Displacement, stress: NodalStress) -> list[Measured]:
        return [m for m in super().measure(solution, stress) if m.name != "twist"]


_SHEAR = 2 * SquareBar.A * (1 - 8 / np.pi**2 * np.sum(1 / (SquareBar.N**2 * np.cosh(SquareBar.N * np.pi / 2))))
SquareBar.references = SquareBar.known(
    f"Saint-Venant 1855; {T_AND_G}, chapter 10 (torsion of rectangular bars)",
    peak=_SHEAR,
    at_point=_SHEAR,
    torque=(2 * SquareBar.A) ** 4
    / 3
    * (1 - 192 / np.pi**5 * np.sum(np.tanh(SquareBar.N * np.pi / 2) / SquareBar.N**5)),
)
del SquareBar.references["twist"]


class GroovedShaft(Twisted):
    """A round shaft, radius 10 mm, with a groove of 1 mm radius along it whose centre is on the circle.

    Half of it; the origin is the centre of the groove. The stress function is (r^2 - b^2) (2 a x / r^2 - 1) / 2.
    """

    title = "Torsion of a shaft with a semicircular groove"
    A, B = 10.0, 1.0
    length, parts, point = 5.0, 2, (2 * A, 0.0, 0.0)

    @staticmethod
    def shear(x: Any, y: Any) -> tuple[Any, Any]:
        a, b2, r2 = GroovedShaft.A, GroovedShaft.B**2, x**2 + y**2
        inside, rim = r2 - b2, 1 - 2 * a * x / r2
        along_x = -x * rim - inside * (2 * a * x**2 / r2**2 - a / r2)
        along_y = -y * rim - inside * 2 * a * x * y / r2**2
        return along_y, -along_x

    @classmethod
    def torque(cls) -> float:
        """Twice the integral of the stress function, in polar coordinates about the groove."""
        a, b = cls.A, cls.B

        def twice(r: float, angle: float) -> float:
            return (r**2 - b**2) * (2 * a * np.cos(angle) / r - 1) * r

        return 2 * dblquad(twice, 0, np.arccos(b / (2 * a)), b, lambda angle: 2 * a * np.cos(angle))[0]

    def section(self) -> int:
        occ, a, b = gmsh.model.occ, self.A, self.B
        shaft = occ.addCylinder(a, 0, 0, 0, 0, self.length, a, angle=np.pi)
        return occ.cut([(3, shaft)], [(3, occ.addCylinder(0, 0, -1, 0, 0, self.length + 2, b))])[0][0][1]

    def measure(self, solution: Displacement, stress: NodalStress) -> list[Measured]:
        shear = np.hypot(stress.six[:, 4], stress.six[:, 5])
        bottom = at("shear_at_groove", "MPa", solution, shear, (self.B, 0.0, 0.0))
        return [bottom, *super().measure(solution, stress)]


GroovedShaft.references = {
    "shear_at_groove": Reference(
        SHEAR * (2 * GroovedShaft.A - GroovedShaft.B),
        f"Weber 1921; {T_AND_G}, chapter 10 (torsion): G rate (2 a - b)",
        nature="steep",
    ),
    **GroovedShaft.known(
        f"Weber 1921; {T_AND_G}, chapter 10 (torsion); largest at the bottom of the groove, G rate (2 a - b)",
        peak=2 * GroovedShaft.A - GroovedShaft.B,
        at_point=GroovedShaft.A - GroovedShaft.B**2 / (4 * GroovedShaft.A),
        torque=GroovedShaft.torque(),
        nature="steep",
    ),
}

PROBLEMS = (RoundBar, EllipticBar, HollowEllipticBar, TriangularBar, SquareBar, GroovedShaft)
