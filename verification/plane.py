"""Plane strain: a slice between two frictionless planes, loaded in its plane."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Literal

import gmsh
import numpy as np
import ufl
from numpy.typing import NDArray

from geometry.solid import Solid
from protocols.result import Measured
from solvers.body import Body
from solvers.elasticity import Displacement, Elasticity, Isotropic
from solvers.loads import BodyForce, Load, Pressure, Traction, integral, surface_measure
from solvers.measures import node_points, on_surface, surface_mean_displacement
from solvers.recovery import NodalStress
from solvers.supports import Held, Imposed, Sliding, Support
from verification.problem import T_AND_G, Array, Problem, Reference, at, mean_over, overall, peak
from verification.pulled import STEEL

# Constants that make the plane-stress formulas of the books those of plane strain: Hooke's law without axial strain.
PLANE = Isotropic(STEEL.young_modulus / (1 - STEEL.poisson_ratio**2), STEEL.poisson_ratio / (1 - STEEL.poisson_ratio))
QUARTER = (Sliding("x0", 0), Sliding("y0", 1), Sliding("ends", 2))
Nature = Literal["regular", "steep", "singular"]
CIRCULAR_HOLE = f"Kirsch 1898; {T_AND_G}, chapter 4 (effect of circular holes)"
ELLIPTIC_HOLE = f"Inglis 1913; {T_AND_G}, chapter 6 (elliptic hole in tension)"


def quarter_slice(hole: tuple[float, float], radius: float, thickness: float) -> Solid:
    """First quadrant of a round slice with an elliptic hole of two half-axes; the hole is "bore", the outside "rim"."""
    occ = gmsh.model.occ
    long, short = max(hole), min(hole)
    opening = (2, occ.addDisk(0, 0, -thickness, long, short))
    if hole[0] < hole[1]:
        occ.rotate([opening], 0, 0, 0, 0, 0, 1, np.pi / 2)
    plug = [part for part in occ.extrude([opening], 0, 0, 3 * thickness) if part[0] == 3]
    plate = [(3, occ.addCylinder(0, 0, 0, 0, 0, thickness, radius, angle=np.pi / 2))]
    solid = Solid.of({"slice": occ.cut(plate, plug)[0][0][1]})
    solid.name("x0", lambda s: s.kind == "Plane" and abs(s.normal[0]) > 0.9)
    solid.name("y0", lambda s: s.kind == "Plane" and abs(s.normal[1]) > 0.9)
    solid.name("ends", lambda s: s.kind == "Plane" and abs(s.normal[2]) > 0.9)
    solid.name("rim", lambda s: s.high[0] > 0.99 * radius)
    solid.name("bore", lambda s: True)
    return solid


def hoop(solution: Displacement, stress: NodalStress) -> Array:
    """Hoop stress about the z axis (n,), MPa; 0 on the axis."""
    x, y, _ = node_points(solution).T
    xx, yy, _, xy, _, _ = stress.six.T
    square = x**2 + y**2
    return (xx * y**2 + yy * x**2 - 2 * xy * x * y) / np.where(square > 0, square, np.inf)


def mean_hoop(name: str, solution: Displacement, stress: NodalStress, surface: str) -> Measured:
    """Hoop stress on a round surface along which it is the same, mean over the nodes."""
    return mean_over(name, "MPa", solution, hoop(solution, stress), on_surface(solution, surface))


def outflow(solution: Displacement, surface: str) -> float:
    """Volume swept by a surface that moves outwards, mm^3."""
    normal = ufl.FacetNormal(solution.body.mesh)
    return integral(solution.body, ufl.dot(solution.u, normal) * surface_measure(solution.body, surface))


def expansion(name: str, solution: Displacement, surface: str, normal: int = -1) -> Measured:
    """Mean displacement of a round surface away from the axis or centre; ``normal`` is -1 for a bore, 1 for a rim."""
    area = integral(solution.body, 1.0 * surface_measure(solution.body, surface))
    return overall(name, "mm", normal * outflow(solution, surface) / area)


class Ring(Problem):
    """Quarter of a thick cylinder of radii A and B, mm, in plane strain."""

    A: ClassVar[float] = 10.0
    B: ClassVar[float] = 20.0
    THICKNESS: ClassVar[float] = 5.0

    def solid(self) -> Solid:
        return quarter_slice((self.A, self.A), self.B, self.THICKNESS)

    def loads(self) -> list[Load]:
        return []

    def free_strain(self) -> Callable[[Any], Any] | None:
        return None

    def problem(self, body: Body) -> Elasticity:
        return Elasticity(body, {"slice": STEEL}, QUARTER, self.loads(), free_strain=self.free_strain())

    def measure(self, solution: Displacement, stress: NodalStress) -> list[Measured]:
        return [
            at("hoop_stress_at_bore", "MPa", solution, stress.six[:, 1], (self.A, 0.0, 0.0)),
            mean_hoop("hoop_stress_at_rim", solution, stress, "rim"),
            expansion("bore_expansion", solution, "bore"),
        ]


def lame_cylinder(a: float, b: float, p: float, nature: Nature) -> dict[str, Reference]:
    """Thick cylinder of radii a and b under inner pressure p, plane strain."""
    source = f"Lame 1852; {T_AND_G}, eq. 46"
    k = p * a**2 / (b**2 - a**2)
    hoop_at_bore = k * (1 + b**2 / a**2)
    strain = (hoop_at_bore + PLANE.poisson_ratio * p) / PLANE.young_modulus
    return {
        "hoop_stress_at_bore": Reference(hoop_at_bore, source, nature=nature),
        "hoop_stress_at_rim": Reference(2 * k, source),
        "bore_expansion": Reference(a * strain, f"Hooke's law of the stress of {source}"),
    }


class LameCylinder(Ring):
    """Quarter of a thick cylinder, radii 10 and 20 mm, 5 mm long in plane strain, 100 MPa inside."""

    title = "Thick cylinder under inner pressure"
    references: ClassVar = lame_cylinder(10.0, 20.0, 100.0, "regular")

    def loads(self) -> list[Load]:
        return [Pressure("bore", 100.0)]


class ThickestCylinder(Ring):
    """Quarter of a cylinder of radii 5 and 30 mm, 5 mm long in plane strain, 100 MPa inside."""

    title = "Very thick cylinder under inner pressure"
    A, B = 5.0, 30.0
    references: ClassVar = lame_cylinder(A, B, 100.0, "steep")

    def loads(self) -> list[Load]:
        return [Pressure("bore", 100.0)]


class RotatingCylinder(Ring):
    """Quarter of a steel tube, radii 10 and 40 mm, at 3000 rad/s about its axis, plane strain."""

    title = "Rotating hollow cylinder"
    A, B, THICKNESS = 10.0, 40.0, 8.0
    LOAD = 7.85e-9 * 3000.0**2  # density times squared speed, N/mm^4
    _nu = PLANE.poisson_ratio
    _k = (3 + _nu) / 8 * LOAD
    _bore = _k * (2 * B**2 + A**2 - (1 + 3 * _nu) / (3 + _nu) * A**2)
    _rim = _k * (2 * A**2 + B**2 - (1 + 3 * _nu) / (3 + _nu) * B**2)
    _source = f"{T_AND_G}, chapter 4 (rotating disks), with the constants of plane strain"
    references: ClassVar = {
        "hoop_stress_at_bore": Reference(_bore, _source),
        "hoop_stress_at_rim": Reference(_rim, _source),
        "bore_expansion": Reference(A * _bore / PLANE.young_modulus, _source),
    }

    def loads(self) -> list[Load]:
        return [BodyForce(lambda x: self.LOAD * ufl.as_vector([x[0], x[1], 0.0 * x[2]]))]


class HeatedCylinder(Ring):
    """Quarter of a tube, radii 10 and 25 mm, 100 K hotter inside than outside (steady conduction), plane strain."""

    title = "Thick cylinder with a radial temperature gradient"
    A, B = 10.0, 25.0
    ALPHA_T = 12e-6 * 100.0  # free strain of the bore
    _log = np.log(B / A)
    _k = ALPHA_T * STEEL.young_modulus / (2 * (1 - STEEL.poisson_ratio) * _log)
    _bore = _k * (1 - _log * 2 * B**2 / (B**2 - A**2))
    _rim = _k * (1 - _log * 2 * A**2 / (B**2 - A**2))
    _mean = ALPHA_T / _log * ((B**2 - A**2) / 4 - A**2 / 2 * _log)  # integral of the free strain times r
    _source = f"{T_AND_G}, chapter 13 (the long circular cylinder)"
    references: ClassVar = {
        "hoop_stress_at_bore": Reference(_bore, _source),
        "hoop_stress_at_rim": Reference(_rim, _source),
        "bore_expansion": Reference(2 * (1 + STEEL.poisson_ratio) * A * _mean / (B**2 - A**2), _source),
    }

    def free_strain(self) -> Callable[[Any], Any] | None:
        def strain(x: Any) -> Any:
            return self.ALPHA_T / self._log * ufl.ln(self.B / ufl.sqrt(x[0] ** 2 + x[1] ** 2))

        return strain


class CurvedBeam(Ring):
    """Quarter of a ring, radii 10 and 20 mm, straightened by a moment of 5000 N mm per mm, plane strain.

    The stress of the exact solution acts on one end; the other is a plane of symmetry.
    """

    title = "Curved beam in pure bending"
    A, B, MOMENT = 10.0, 20.0, 5000.0
    _log = np.log(B / A)
    _n = (B**2 - A**2) ** 2 - 4 * A**2 * B**2 * _log**2
    _k = -4 * MOMENT / _n
    _bore = _k * (B**2 - A**2 - 2 * B**2 * _log)
    _rim = _k * (B**2 - A**2 - 2 * A**2 * _log)
    _source = f"Golovin 1881; {T_AND_G}, art. 29"
    references: ClassVar = {
        "hoop_stress_at_bore": Reference(_bore, _source),
        "hoop_stress_at_rim": Reference(_rim, _source),
        # u_theta = 4 B r theta / E with the coefficient B = -2 M (b^2 - a^2) / N.
        "rotation": Reference(
            8 * MOMENT / _n * (B**2 - A**2) * np.pi / 2 / PLANE.young_modulus,
            f"{_source} ff. (displacements)",
        ),
    }

    def bending(self, x: Any, n: Any) -> Any:
        """Traction on the end, a plane through the axis."""
        square = x[0] ** 2 + x[1] ** 2
        a, b = self.A, self.B
        one = -(a**2) * b**2 / square * self._log
        two = b**2 / 2 * ufl.ln(square / b**2) - a**2 / 2 * ufl.ln(square / a**2) + b**2 - a**2
        return self._k * (one + two) * n

    @property
    def end(self) -> Traction:
        return Traction("x0", self.bending)

    def problem(self, body: Body) -> Elasticity:
        corner = Held(lambda x: np.hypot(x[0] - self.A, x[1]) < 1e-6, [0])
        return Elasticity(body, {"slice": STEEL}, [Sliding("y0", 1), Sliding("ends", 2), corner], [self.end])

    def measure(self, solution: Displacement, stress: NodalStress) -> list[Measured]:
        body = solution.body
        work = integral(body, ufl.dot(self.end.traction(body), solution.u) * surface_measure(body, "x0"))
        return [
            at("hoop_stress_at_bore", "MPa", solution, stress.six[:, 1], (self.A, 0.0, 0.0)),
            mean_hoop("hoop_stress_at_rim", solution, stress, "rim"),
            overall("rotation", "rad", work / (self.MOMENT * self.THICKNESS)),
        ]


class Cantilever(Problem):
    """Upper half of a beam 40 mm long and 10 mm high, 100 N per mm across its free end, plane strain.

    The load is spread over the end as a parabola; the root moves as in the exact solution.
    """

    title = "Cantilever with an end load"
    LENGTH, HALF, LOAD, THICKNESS = 40.0, 5.0, 100.0, 5.0
    INERTIA = 2 * HALF**3 / 3
    _source = f"{T_AND_G}, art. 21, with the constants of plane strain"
    references: ClassVar = {
        "bending_stress_at_root": Reference(-LOAD * LENGTH * HALF / INERTIA, _source),
        "shear_stress_on_axis": Reference(-LOAD * HALF**2 / (2 * INERTIA), _source),
        "tip_deflection": Reference(LOAD * LENGTH**3 / (3 * PLANE.young_modulus * INERTIA), _source),
    }

    def solid(self) -> Solid:
        box = gmsh.model.occ.addBox(0, 0, 0, self.LENGTH, self.HALF, self.THICKNESS)
        solid = Solid.of({"beam": box})
        solid.name("tip", lambda s: s.normal[0] < -0.9)
        solid.name("root", lambda s: s.normal[0] > 0.9)
        solid.name("axis", lambda s: s.normal[1] < -0.9)
        solid.name("ends", lambda s: abs(s.normal[2]) > 0.9)
        return solid

    def exact(self, points: Array) -> Array:
        """Displacement (3, n), mm, at points (3, n)."""
        x, y, _ = points
        e, nu, c, length = PLANE.young_modulus, PLANE.poisson_ratio, self.HALF, self.LENGTH
        g = STEEL.lame[1]
        k = self.LOAD / self.INERTIA
        u = k * (
            -(x**2) * y / (2 * e) - nu * y**3 / (6 * e) + y**3 / (6 * g) + (length**2 / (2 * e) - c**2 / (2 * g)) * y
        )
        v = k / e * (nu * x * y**2 / 2 + x**3 / 6 - length**2 * x / 2 + length**3 / 3)
        return np.array([u, v, 0 * x])

    def problem(self, body: Body) -> Elasticity:
        def shear(x: Any, n: Any) -> Any:
            k = self.LOAD / (2 * self.INERTIA)
            return ufl.as_vector([0.0, k * (self.HALF**2 - x[1] ** 2), 0.0])

        # The beam bends antisymmetrically about its axis, which therefore does not move along itself.
        held: list[Support] = [Sliding("axis", 0), Sliding("ends", 2), Imposed("root", self.exact)]
        return Elasticity(body, {"beam": STEEL}, held, [Traction("tip", shear)])

    def measure(self, solution: Displacement, stress: NodalStress) -> list[Measured]:
        corner = (self.LENGTH, self.HALF, 0.0)
        return [
            at("bending_stress_at_root", "MPa", solution, stress.six[:, 0], corner),
            mean_over("shear_stress_on_axis", "MPa", solution, stress.six[:, 3], on_surface(solution, "axis")),
            overall("tip_deflection", "mm", float(surface_mean_displacement(solution, "tip")[1])),
        ]


class EllipticHole:
    """Infinite body with a free elliptic hole under stress along its axes: Kolosov's potentials in plane strain.

    The outside of the unit circle is mapped to the outside of the hole by z = R (zeta + m / zeta). With
    phi = R Gamma zeta + A / zeta the free edge gives psi, and psi at infinity gives A (Muskhelishvili, Some Basic
    Problems of the Mathematical Theory of Elasticity, 1953, art. 82a).

    Parameters
    ----------
    axes : half-axes along x and y, mm
    remote : stress along x and y far away, MPa
    """

    def __init__(self, axes: tuple[float, float], remote: tuple[float, float]) -> None:
        self.axes = axes
        self.size, self.m = sum(axes) / 2, (axes[0] - axes[1]) / sum(axes)
        self.gamma = sum(remote) / 4
        self.a = -self.size * ((remote[1] - remote[0]) / 2 + self.m * self.gamma)

    def _map(self, zeta: Any) -> Any:
        return self.size * (zeta + self.m / zeta)

    def _phi(self, zeta: Any) -> Any:
        return self.size * self.gamma * zeta + self.a / zeta

    def complex_displacement(self, z: NDArray[np.complex128]) -> NDArray[np.complex128]:
        """u + i v, mm, at x + i y outside the hole."""
        zeta = z * (1 + np.sqrt(1 - (self.axes[0] ** 2 - self.axes[1] ** 2) / z**2)) / (2 * self.size)
        slope = (self.size * self.gamma - self.a / zeta**2) / (self.size * (1 - self.m / zeta**2))  # d phi / dz
        psi = -self._phi(1 / zeta) - self._map(1 / zeta) * slope
        kappa = 3 - 4 * STEEL.poisson_ratio
        return (kappa * self._phi(zeta) - z * np.conj(slope) - np.conj(psi)) / (2 * STEEL.lame[1])

    def displacement(self, points: Array) -> Array:
        """Displacement (3, n), mm, at points (3, n)."""
        w = self.complex_displacement(points[0] + 1j * points[1])
        return np.array([w.real, w.imag, 0 * w.real])

    def opening(self) -> float:
        """By how much a quarter of the hole grows, mm^2: the trapezoidal rule is exact for these few harmonics."""
        t = np.arange(64) * 2 * np.pi / 64
        a, b = self.axes
        w = self.complex_displacement(a * np.cos(t) + 1j * b * np.sin(t))
        return float(np.mean(w.real * b * np.cos(t) + w.imag * a * np.sin(t)) * 2 * np.pi / 4)


def hole_references(axes: tuple[float, float], remote: tuple[float, float], source: str) -> dict[str, Reference]:
    """Stress at the ends of both axes of an elliptic hole, and its opening."""
    (a, b), (along, across) = axes, remote
    return {
        "stress_at_x_axis": Reference(across * (1 + 2 * a / b) - along, source, nature="steep"),
        "stress_at_y_axis": Reference(along * (1 + 2 * b / a) - across, source, nature="steep"),
        "opening": Reference(EllipticHole(axes, remote).opening(), "Muskhelishvili 1953, art. 82a, integrated"),
    }


class Hole(Problem):
    """Quarter of a round slice with a hole, whose rim moves as in the infinite body."""

    AXES: ClassVar[tuple[float, float]] = (5.0, 5.0)
    REMOTE: ClassVar[tuple[float, float]]
    RADIUS: ClassVar[float] = 20.0
    THICKNESS: ClassVar[float] = 4.0

    def solid(self) -> Solid:
        return quarter_slice(self.AXES, self.RADIUS, self.THICKNESS)

    def problem(self, body: Body) -> Elasticity:
        moved = Imposed("rim", EllipticHole(self.AXES, self.REMOTE).displacement)
        return Elasticity(body, {"slice": STEEL}, [*QUARTER, moved], [])

    def measure(self, solution: Displacement, stress: NodalStress) -> list[Measured]:
        (a, b), six = self.AXES, stress.six
        return [
            at("stress_at_x_axis", "MPa", solution, six[:, 1], (a, 0.0, 0.0)),
            at("stress_at_y_axis", "MPa", solution, six[:, 0], (0.0, b, 0.0)),
            overall("opening", "mm^2", -outflow(solution, "bore") / self.THICKNESS),
        ]


class Kirsch(Hole):
    """Hole of radius 5 mm under 100 MPa along y far away, cut out at 20 mm; plane strain."""

    title = "Circular hole in tension"
    REMOTE = (0.0, 100.0)
    references: ClassVar = hole_references(Hole.AXES, REMOTE, CIRCULAR_HOLE) | {
        "largest_hoop_stress": Reference(300.0, CIRCULAR_HOLE, nature="steep")
    }

    def measure(self, solution: Displacement, stress: NodalStress) -> list[Measured]:
        highest = peak("largest_hoop_stress", "MPa", solution, hoop(solution, stress), "bore")
        return [*super().measure(solution, stress), highest]


class BiaxialHole(Hole):
    """Hole of radius 5 mm under 100 MPa along y and 50 MPa along x far away, cut out at 20 mm; plane strain."""

    title = "Circular hole in biaxial tension"
    REMOTE = (50.0, 100.0)
    references: ClassVar = hole_references(Hole.AXES, REMOTE, f"{CIRCULAR_HOLE}, superposed")


class ShearedHole(Hole):
    """Hole of radius 5 mm under 100 MPa along y and -100 MPa along x far away (pure shear), cut out at 20 mm."""

    title = "Circular hole in pure shear"
    REMOTE = (-100.0, 100.0)
    references: ClassVar = hole_references(Hole.AXES, REMOTE, f"{CIRCULAR_HOLE}, superposed") | {
        "opening": Reference(0.0, "antisymmetry: the load is its own negative when the axes are exchanged")
    }

    def measure(self, solution: Displacement, stress: NodalStress) -> list[Measured]:
        first, second, opening = super().measure(solution, stress)
        return [first, second, overall("opening", "mm^2", opening.value, scale=self.uniform_stretch())]

    def uniform_stretch(self) -> float:
        """What a quarter of the hole would sweep without its own disturbance, mm^2; the opening itself is zero."""
        return np.pi / 4 * self.AXES[0] ** 2 * self.REMOTE[1] / (2 * STEEL.lame[1])


class Inglis2(Hole):
    """Elliptic hole, half-axes 6 and 3 mm, under 100 MPa along y far away, cut out at 24 mm; plane strain."""

    title = "Elliptic hole of axis ratio 2 in tension"
    AXES, REMOTE, RADIUS = (6.0, 3.0), (0.0, 100.0), 24.0
    references: ClassVar = hole_references(AXES, REMOTE, ELLIPTIC_HOLE)


class Inglis4(Hole):
    """Elliptic hole, half-axes 8 and 2 mm, under 100 MPa along y far away, cut out at 32 mm; plane strain."""

    title = "Elliptic hole of axis ratio 4 in tension"
    AXES, REMOTE, RADIUS = (8.0, 2.0), (0.0, 100.0), 32.0
    references: ClassVar = hole_references(AXES, REMOTE, ELLIPTIC_HOLE)


PROBLEMS = (
    LameCylinder,
    ThickestCylinder,
    RotatingCylinder,
    HeatedCylinder,
    CurvedBeam,
    Cantilever,
    Kirsch,
    BiaxialHole,
    ShearedHole,
    Inglis2,
    Inglis4,
)
