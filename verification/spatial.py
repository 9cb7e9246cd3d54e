"""Bodies in space: spheres, pipes, bars, a plate, and a half-space under a Hertzian pressure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, ClassVar

import gmsh
import numpy as np
import ufl
from scipy.optimize import minimize_scalar

from geometry.solid import Solid, Surface
from protocols.result import Measured
from solvers.body import Body
from solvers.elasticity import Displacement, Elasticity, Isotropic
from solvers.loads import BodyForce, Load, Pressure, Traction, integral, surface_measure
from solvers.measures import node_points, on_surface, surface_mean_displacement
from solvers.recovery import NodalStress, nodal_stress
from solvers.supports import Held, Imposed, Sliding, ThreePoints
from verification.plane import QUARTER, Nature, expansion, quarter_slice
from verification.problem import T_AND_G, Array, Problem, Reference, at, mean_over, overall, peak
from verification.pulled import STEEL

E, NU = STEEL.young_modulus, STEEL.poisson_ratio
TITANIUM = Isotropic(110e3, 0.34)
POLYMER = Isotropic(4e3, 0.4)
OCTANT = (Sliding("x0", 0), Sliding("y0", 1), Sliding("z0", 2))


def ball(radius: float) -> tuple[int, int]:
    """First octant of a ball as an OpenCASCADE volume."""
    return 3, gmsh.model.occ.addSphere(0, 0, 0, radius, angle1=0, angle2=np.pi / 2, angle3=np.pi / 2)


def octant(inner: float, outer: float) -> Solid:
    """First octant of a ball, hollow unless ``inner`` is 0; the inner surface is "bore", the outer one "rim"."""
    shell = gmsh.model.occ.cut([ball(outer)], [ball(inner)])[0][0] if inner > 0 else ball(outer)
    return named(Solid.of({"ball": shell[1]}), inner, outer)


def named(solid: Solid, inner: float, outer: float) -> Solid:
    """Name the planes of symmetry x0, y0, z0, and the round surfaces of radii ``inner`` and ``outer``."""
    for axis, label in enumerate(("x0", "y0", "z0")):
        solid.name(label, partial(_flat, axis))
    solid.name("rim", lambda s: s.kind != "Plane" and s.high[0] > outer - 0.01)
    if inner > 0:
        solid.name("bore", lambda s: s.kind != "Plane" and s.high[0] < inner + 0.01)
    return solid


def _flat(axis: int, surface: Surface) -> bool:
    """Whether a surface lies in the plane through the origin across an axis."""
    return surface.kind == "Plane" and abs(surface.high[axis]) < 0.01


def end_work(solution: Displacement, loads: Sequence[Traction]) -> float:
    """Work of tractions on the displacement, N mm."""
    body = solution.body
    return sum(
        integral(body, ufl.dot(load.traction(body), solution.u) * surface_measure(body, load.surface)) for load in loads
    )


# --- spheres --------------------------------------------------------------------------------------


class Sphere(Problem):
    """Octant of a hollow sphere of radii A and B, mm."""

    A: ClassVar[float] = 10.0
    B: ClassVar[float] = 20.0

    def solid(self) -> Solid:
        return octant(self.A, self.B)

    def loads(self) -> list[Load]:
        return []

    def free_strain(self) -> Callable[[Any], Any] | None:
        return None

    def problem(self, body: Body) -> Elasticity:
        return Elasticity(body, {"ball": STEEL}, OCTANT, self.loads(), free_strain=self.free_strain())

    def measure(self, solution: Displacement, stress: NodalStress) -> list[Measured]:
        outside = on_surface(solution, "rim")
        return [
            at("hoop_stress_at_bore", "MPa", solution, stress.six[:, 1], (self.A, 0.0, 0.0)),
            mean_over("mises_stress_at_rim", "MPa", solution, stress.von_mises, outside),
            expansion("bore_expansion", solution, "bore"),
        ]


def lame_sphere(a: float, b: float, p: float, nature: Nature) -> dict[str, Reference]:
    """Hollow sphere of radii a and b under inner pressure p."""
    source = f"Lame 1852; {T_AND_G}, chapter 12 (spherical container)"
    k = p * a**3 / (b**3 - a**3)
    hoop = k * (1 + b**3 / (2 * a**3))
    return {
        "hoop_stress_at_bore": Reference(hoop, source, nature=nature),
        "mises_stress_at_rim": Reference(1.5 * k, source),  # the radial stress is 0 there, the two others are equal
        "bore_expansion": Reference(a / E * ((1 - NU) * hoop + NU * p), f"Hooke's law of the stress of {source}"),
    }


class LameSphere(Sphere):
    """Octant of a hollow sphere, radii 10 and 20 mm, 100 MPa inside."""

    title = "Thick sphere under inner pressure"
    references: ClassVar = lame_sphere(10.0, 20.0, 100.0, "regular")

    def loads(self) -> list[Load]:
        return [Pressure("bore", 100.0)]


class ThickestSphere(Sphere):
    """Octant of a hollow sphere, radii 5 and 30 mm, 100 MPa inside."""

    title = "Very thick sphere under inner pressure"
    A, B = 5.0, 30.0
    references: ClassVar = lame_sphere(A, B, 100.0, "steep")

    def loads(self) -> list[Load]:
        return [Pressure("bore", 100.0)]


class HeatedSphere(Sphere):
    """Octant of a hollow sphere, radii 10 and 25 mm, 100 K hotter inside than outside (steady conduction)."""

    title = "Thick sphere with a radial temperature gradient"
    A, B = 10.0, 25.0
    ALPHA_T = 12e-6 * 100.0  # free strain of the bore
    _k = ALPHA_T * A / (B - A)  # the free strain is k (B / r - 1)
    _sum = _k * (B * (B**2 - A**2) / 2 - (B**3 - A**3) / 3)  # its integral with r^2
    _bore = 2 * E / (1 - NU) * (3 * _sum / (2 * (B**3 - A**3)) - ALPHA_T / 2)
    _rim = 2 * E / (1 - NU) * 3 * _sum / (2 * (B**3 - A**3))
    _source = f"{T_AND_G}, chapter 13 (the sphere)"
    references: ClassVar = {
        "hoop_stress_at_bore": Reference(_bore, _source),
        "mises_stress_at_rim": Reference(_rim, _source),
        "bore_expansion": Reference(A * ((1 - NU) * _bore / E + ALPHA_T), f"Hooke's law of the stress of {_source}"),
    }

    def free_strain(self) -> Callable[[Any], Any] | None:
        return lambda x: self._k * (self.B / ufl.sqrt(ufl.dot(x, x)) - 1)


class RotatingSphere(Problem):
    """Octant of a solid steel sphere of radius 20 mm at 5000 rad/s about the z axis.

    The displacement is u_x = x (a + b s + c z^2), u_y alike, u_z = z (d + e s + f z^2) with s = x^2 + y^2: Navier's
    equation and the free surface give six linear equations for the six constants.
    """

    title = "Rotating sphere"
    RADIUS = 20.0
    LOAD = 7.85e-9 * 5000.0**2  # density times squared speed, N/mm^4

    @staticmethod
    def constants(radius: float, load: float) -> Array:
        """a ... f of the displacement."""
        lam, mu = STEEL.lame
        square = radius**2
        # divergence = (2 a + d) + (4 b + e) s + (2 c + 3 f) z^2; on the surface s = radius^2 - z^2.
        level = np.array([2, 4 * square, 0, 1, square, 0]) * lam
        slope = np.array([0, -4, 2, 0, -1, 3]) * lam
        matrix = [
            [0, 8 * (lam + mu) + 8 * mu, 2 * mu, 0, 2 * (lam + mu), 0],
            [0, 0, 4 * (lam + mu), 0, 4 * mu, 6 * (lam + mu) + 6 * mu],
            level + mu * np.array([2, 6 * square, 0, 0, 0, 0]),
            slope + mu * np.array([0, -6, 4, 0, 2, 0]),
            level + mu * np.array([0, 0, 2 * square, 2, 4 * square, 0]),
            slope + mu * np.array([0, 0, -2, 0, -4, 6]),
        ]
        size = np.array([1.0, square, square, 1.0, square, square])  # makes the unknowns alike
        return np.linalg.solve(np.array(matrix) / size, [-load, 0, 0, 0, 0, 0]) / size

    _lam, _mu = STEEL.lame
    _c = constants(RADIUS, LOAD)
    _source = "Chree 1889; polynomial solution derived in RotatingSphere.constants"
    references: ClassVar = {
        "radial_stress_at_centre": Reference(_lam * (2 * _c[0] + _c[3]) + 2 * _mu * _c[0], _source),
        "axial_stress_at_centre": Reference(_lam * (2 * _c[0] + _c[3]) + 2 * _mu * _c[3], _source),
        "hoop_stress_at_equator": Reference(
            _lam * (2 * _c[0] + _c[3] + (4 * _c[1] + _c[4]) * RADIUS**2) + 2 * _mu * (_c[0] + _c[1] * RADIUS**2),
            _source,
        ),
        # Mean over the sphere of n . u: the means of s, z^2 and so on times radius to a power.
        "rim_expansion": Reference(
            RADIUS * (2 / 3 * _c[0] + _c[3] / 3)
            + RADIUS**3 * (8 / 15 * _c[1] + 2 / 15 * (_c[2] + _c[4]) + 1 / 5 * _c[5]),
            _source,
        ),
    }

    def solid(self) -> Solid:
        return octant(0.0, self.RADIUS)

    def problem(self, body: Body) -> Elasticity:
        force = BodyForce(lambda x: self.LOAD * ufl.as_vector([x[0], x[1], 0.0 * x[2]]))
        return Elasticity(body, {"ball": STEEL}, OCTANT, [force])

    def measure(self, solution: Displacement, stress: NodalStress) -> list[Measured]:
        six, centre = stress.six, (0.0, 0.0, 0.0)
        return [
            at("radial_stress_at_centre", "MPa", solution, six[:, 0], centre),
            at("axial_stress_at_centre", "MPa", solution, six[:, 2], centre),
            at("hoop_stress_at_equator", "MPa", solution, six[:, 1], (self.RADIUS, 0.0, 0.0)),
            expansion("rim_expansion", solution, "rim", 1),
        ]


class Cavity(Problem):
    """Octant of a sphere of radius 20 mm with a cavity of radius 4 mm; the outside moves as in the infinite body under
    100 MPa along z.
    """

    title = "Spherical cavity in tension"
    A, B, S = 4.0, 20.0, 100.0

    @staticmethod
    def exact(points: Array, a: float = A, s: float = S) -> Array:
        """Displacement (3, n), mm, at points (3, n) of the infinite body."""
        x, y, z = points
        across = np.hypot(x, y)
        r = np.hypot(across, z)
        sine, cosine = across / r, z / r
        k = s / (8 * STEEL.lame[1] * (7 - 5 * NU))
        ca, cb, cc = -k * (13 - 10 * NU) * a**3, k * a**5, k * 5 * (1 - 2 * NU) * a**3
        radial = (
            -ca / r**2
            - 3 * cb / r**4
            + ((5 - 4 * NU) / (1 - 2 * NU) * cc / r**2 - 9 * cb / r**4) * (cosine**2 - sine**2)
        )
        polar = -(2 * cc / r**2 + 6 * cb / r**4) * 2 * sine * cosine
        out, up = radial * sine + polar * cosine, radial * cosine - polar * sine
        share = out / np.where(across > 0, across, 1.0)
        return np.array([x * (share - NU * s / E), y * (share - NU * s / E), up + z * s / E])

    _source = f"Goodier 1933; {T_AND_G}, chapter 12 (spherical cavity)"
    _equator, _pole = exact(np.array([[A, 0], [0, 0], [0, A]])).T
    references: ClassVar = {
        "axial_stress_at_equator": Reference(S * (27 - 15 * NU) / (2 * (7 - 5 * NU)), _source, nature="steep"),
        "hoop_stress_at_equator": Reference(S * (15 * NU - 3) / (2 * (7 - 5 * NU)), _source, nature="steep"),
        "stress_at_pole": Reference(-S * (3 + 15 * NU) / (2 * (7 - 5 * NU)), _source, nature="steep"),
        # The radial displacement is p + q cos^2 of the polar angle, with 1/3 for the mean of cos^2.
        "cavity_expansion": Reference(_equator[0] * 2 / 3 + _pole[2] / 3, _source),
    }

    def solid(self) -> Solid:
        return octant(self.A, self.B)

    def problem(self, body: Body) -> Elasticity:
        return Elasticity(body, {"ball": STEEL}, [*OCTANT, Imposed("rim", self.exact)], [])

    def measure(self, solution: Displacement, stress: NodalStress) -> list[Measured]:
        six, equator, pole = stress.six, (self.A, 0.0, 0.0), (0.0, 0.0, self.A)
        largest = 2 * self.S
        hoop = at("hoop_stress_at_equator", "MPa", solution, six[:, 1], equator)
        return [
            at("axial_stress_at_equator", "MPa", solution, six[:, 2], equator),
            Measured(hoop.name, hoop.value, "MPa", hoop.description, equator, scale=largest, nodes=hoop.nodes),
            at("stress_at_pole", "MPa", solution, six[:, 0], pole),
            expansion("cavity_expansion", solution, "bore"),
        ]


# --- two materials --------------------------------------------------------------------------------


class Layers:
    """Round layers bonded to each other under pressure inside and outside, in plane strain or as spheres.

    In each layer u = a r + b / r^(d-1) (Lame 1852); the constants follow from the pressures and from the continuity of
    displacement and radial stress.

    Parameters
    ----------
    radii : inner, interfaces, outer, mm
    materials : one a layer
    pressures : inside and outside, MPa
    dimension : 2 for cylinders, 3 for spheres
    """

    def __init__(
        self, radii: Sequence[float], materials: Sequence[Isotropic], pressures: tuple[float, float], dimension: int
    ) -> None:
        self.materials, self.d = materials, dimension
        n = len(materials)
        matrix, right = np.zeros((2 * n, 2 * n)), np.zeros(2 * n)
        matrix[0, :2], right[0] = self._radial(0, radii[0]), -pressures[0]
        for k in range(n - 1):
            here, there, r = slice(2 * k, 2 * k + 2), slice(2 * k + 2, 2 * k + 4), radii[k + 1]
            matrix[2 * k + 1, here], matrix[2 * k + 1, there] = self._radial(k, r), -self._radial(k + 1, r)
            matrix[2 * k + 2, here], matrix[2 * k + 2, there] = self._moved(r), -self._moved(r)
        matrix[-1, -2:], right[-1] = self._radial(n - 1, radii[-1]), -pressures[1]
        self.constants = np.linalg.solve(matrix, right).reshape(n, 2)

    def _moved(self, r: float) -> Array:
        return np.array([r, r ** (1 - self.d)])

    def _radial(self, k: int, r: float) -> Array:
        lam, mu = self.materials[k].lame
        return np.array([self.d * lam + 2 * mu, -2 * (self.d - 1) * mu / r**self.d])

    def displacement(self, k: int, r: float) -> float:
        """Radial displacement, mm."""
        return float(self._moved(r) @ self.constants[k])

    def radial(self, k: int, r: float) -> float:
        """Radial stress in layer k, MPa."""
        return float(self._radial(k, r) @ self.constants[k])

    def hoop(self, k: int, r: float) -> float:
        """Hoop stress in layer k, MPa."""
        lam, mu = self.materials[k].lame
        return float(np.array([self.d * lam + 2 * mu, 2 * mu / r**self.d]) @ self.constants[k])


class Bonded(Problem):
    """Two round layers, "core" and "shell", with the pressure INSIDE, MPa, at the bore and OUTSIDE at the rim."""

    A: ClassVar[float]
    C: ClassVar[float]
    B: ClassVar[float]
    MATERIALS: ClassVar[tuple[Isotropic, Isotropic]]
    INSIDE: ClassVar[float] = 0.0
    OUTSIDE: ClassVar[float] = 0.0

    def problem(self, body: Body) -> Elasticity:
        materials = dict(zip(("core", "shell"), self.MATERIALS, strict=True))
        held = QUARTER if "ends" in body.surfaces.values() else OCTANT
        return Elasticity(body, materials, held, [Pressure("bore", self.INSIDE), Pressure("rim", self.OUTSIDE)])

    def measure(self, solution: Displacement, stress: NodalStress) -> list[Measured]:
        body, point = solution.body, (self.C, 0.0, 0.0)
        core, shell = (nodal_stress(solution, body.cells(label)).six for label in ("core", "shell"))
        return [
            at("interface_pressure", "MPa", solution, -core[:, 0], point),
            at("core_hoop_stress_at_interface", "MPa", solution, core[:, 1], point),
            at("shell_hoop_stress_at_interface", "MPa", solution, shell[:, 1], point),
            at("core_hoop_stress_at_bore", "MPa", solution, core[:, 1], (self.A, 0.0, 0.0)),
            expansion("bore_expansion", solution, "bore"),
        ]


def bonded_references(layers: Layers, a: float, c: float) -> dict[str, Reference]:
    """Of two layers with bore a and interface c."""
    source = "Lame 1852, two layers joined"
    return {
        "interface_pressure": Reference(-layers.radial(0, c), source),
        "core_hoop_stress_at_interface": Reference(layers.hoop(0, c), source),
        "shell_hoop_stress_at_interface": Reference(layers.hoop(1, c), source),
        "core_hoop_stress_at_bore": Reference(layers.hoop(0, a), source),
        "bore_expansion": Reference(layers.displacement(0, a), source),
    }


def two_volumes(inner: tuple[int, int], outer: tuple[int, int]) -> Solid:
    """Two volumes that share a surface, the smaller one being "core"."""
    parts = gmsh.model.occ.fragment([inner], [outer])[0]
    core, shell = sorted((tag for dim, tag in parts if dim == 3), key=lambda t: gmsh.model.occ.getBoundingBox(3, t)[3])
    return Solid.of({"core": core, "shell": shell})


class BondedSphere(Bonded):
    """Octant of a titanium sphere, radii 6 and 10 mm, in a steel one up to 15 mm, 100 MPa inside."""

    title = "Sphere of two materials under inner pressure"
    A, C, B, INSIDE = 6.0, 10.0, 15.0, 100.0
    MATERIALS = (TITANIUM, STEEL)
    references: ClassVar = bonded_references(Layers((A, C, B), MATERIALS, (INSIDE, 0.0), 3), A, C)

    def solid(self) -> Solid:
        occ = gmsh.model.occ
        core = occ.cut([ball(self.C)], [ball(self.A)])[0][0]
        shell = occ.cut([ball(self.B)], [ball(self.C)])[0][0]
        return named(two_volumes(core, shell), self.A, self.B)


class CoatedCylinder(Bonded):
    """Quarter of a polymer tube, radii 6 and 10 mm, in a steel one up to 12 mm, 100 MPa outside; plane strain."""

    title = "Tube of two materials under outer pressure"
    A, C, B, OUTSIDE = 6.0, 10.0, 12.0, 100.0
    THICKNESS = 4.0
    MATERIALS = (POLYMER, STEEL)
    references: ClassVar = bonded_references(Layers((A, C, B), MATERIALS, (0.0, OUTSIDE), 2), A, C)

    def solid(self) -> Solid:
        occ = gmsh.model.occ

        def tube(inner: float, outer: float) -> tuple[int, int]:
            bars = [(3, occ.addCylinder(0, 0, 0, 0, 0, self.THICKNESS, r, angle=np.pi / 2)) for r in (outer, inner)]
            return occ.cut(bars[:1], bars[1:])[0][0]

        solid = two_volumes(tube(self.A, self.C), tube(self.C, self.B))
        solid.name("ends", lambda s: s.kind == "Plane" and abs(s.normal[2]) > 0.9)
        solid.name("x0", lambda s: s.kind == "Plane" and abs(s.normal[0]) > 0.9)
        solid.name("y0", lambda s: s.kind == "Plane" and abs(s.normal[1]) > 0.9)
        solid.name("rim", lambda s: s.high[0] > self.B - 0.01)
        solid.name("bore", lambda s: s.high[0] < self.A + 0.01)
        return solid


# --- pipes, bars, plates --------------------------------------------------------------------------


class ClosedPipe(Problem):
    """Quarter of a pipe, radii 10 and 15 mm, 20 mm long, 100 MPa inside, with the pull of its closed end."""

    title = "Pipe with closed ends under inner pressure"
    A, B, P, LENGTH = 10.0, 15.0, 100.0, 20.0
    PULL = P * A**2 / (B**2 - A**2)
    _hoop = PULL * (1 + B**2 / A**2)
    _source = f"Lame 1852; {T_AND_G}, eq. 46, with the axial stress of the end"
    references: ClassVar = {
        "hoop_stress_at_bore": Reference(_hoop, _source),
        # The deviator of the three stresses at the bore: their mean is the axial one.
        "mises_stress_at_bore": Reference(np.sqrt(3) * (_hoop - PULL), _source),
        "bore_expansion": Reference(A / E * (_hoop + NU * P - NU * PULL), _source),
        "elongation": Reference(LENGTH / E * PULL * (1 - 2 * NU), _source),
    }

    def solid(self) -> Solid:
        solid = quarter_slice((self.A, self.A), self.B, self.LENGTH)
        solid.name("near", lambda s: s.high[2] < 0.01, only_unnamed=False)
        solid.name("far", lambda s: s.low[2] > self.LENGTH - 0.01, only_unnamed=False)
        return solid

    def problem(self, body: Body) -> Elasticity:
        held = [Sliding("x0", 0), Sliding("y0", 1), Sliding("near", 2)]
        return Elasticity(
            body, {"slice": STEEL}, held, [Pressure("bore", self.P), Traction("far", lambda x, n: self.PULL * n)]
        )

    def measure(self, solution: Displacement, stress: NodalStress) -> list[Measured]:
        inside = on_surface(solution, "bore")
        return [
            at("hoop_stress_at_bore", "MPa", solution, stress.six[:, 1], (self.A, 0.0, 0.0)),
            mean_over("mises_stress_at_bore", "MPa", solution, stress.von_mises, inside),
            expansion("bore_expansion", solution, "bore"),
            overall("elongation", "mm", float(surface_mean_displacement(solution, "far")[2])),
        ]


class BentBar(Problem):
    """Round bar of diameter 12 mm and 30 mm long, bent by 20 N m; the exact stress acts on both ends."""

    title = "Round bar in pure bending"
    RADIUS, LENGTH, MOMENT = 6.0, 30.0, 20e3
    INERTIA = np.pi * RADIUS**4 / 4
    _source = f"Saint-Venant 1856; {T_AND_G}, chapter 10 (pure bending of prismatical bars)"
    references: ClassVar = {
        "stress_at_edge": Reference(MOMENT * RADIUS / INERTIA, _source),
        "largest_stress": Reference(MOMENT * RADIUS / INERTIA, _source),
        "rotation": Reference(MOMENT * LENGTH / (E * INERTIA), _source),
    }

    def solid(self) -> Solid:
        bar = gmsh.model.occ.addCylinder(0, 0, 0, 0, 0, self.LENGTH, self.RADIUS)
        solid = Solid.of({"bar": bar})
        solid.name("ends", lambda s: s.kind == "Plane")
        return solid

    def loads(self) -> list[Traction]:
        return [Traction("ends", lambda x, n: self.MOMENT / self.INERTIA * x[0] * n)]

    def problem(self, body: Body) -> Elasticity:
        return Elasticity(body, {"bar": STEEL}, [ThreePoints()], self.loads())

    def measure(self, solution: Displacement, stress: NodalStress) -> list[Measured]:
        return [
            at("stress_at_edge", "MPa", solution, stress.six[:, 2], (self.RADIUS, 0.0, 0.0)),
            peak("largest_stress", "MPa", solution, stress.first_principal, "free"),
            overall("rotation", "rad", end_work(solution, self.loads()) / self.MOMENT),
        ]


class EllipticCantilever(Problem):
    """Quarter of an elliptic bar, half-axes 8 (x) and 5 mm, 30 mm long, with 4 kN along x through its end.

    The exact stress acts on both ends, z = 0 (built in) and z = 30 mm (loaded). The bar bends symmetrically about y = 0
    and antisymmetrically about x = 0.
    """

    title = "Cantilever of elliptic section"
    A, B, LENGTH, FORCE = 8.0, 5.0, 30.0, 4e3
    INERTIA = np.pi * A**3 * B / 4

    @staticmethod
    def stresses(x: Any, y: Any, a: float = A, b: float = B, k: float = FORCE / INERTIA) -> tuple[Any, Any]:
        """Shear stress xz and yz, MPa."""
        one, two = 2 * (1 + NU) * a**2 + b**2, (1 + NU) * (3 * a**2 + b**2)
        xz = k / 2 * one / two * (a**2 - x**2 - (1 - 2 * NU) * a**2 / one * y**2)
        yz = -k * ((1 + NU) * a**2 + NU * b**2) / two * x * y
        return xz, yz

    @staticmethod
    def twice_energy(
        stresses: Callable[..., tuple[Any, Any]], a: float, b: float, length: float, force: float, inertia: float
    ) -> float:
        """Work of the end loads on the exact displacement of the quarter, N mm; the quadrature is exact."""
        nodes, weights = np.polynomial.legendre.leggauss(6)
        s, t = np.meshgrid((1 + nodes) / 2, np.arange(16) * np.pi / 8)
        xz, yz = stresses(a * s * np.cos(t), b * s * np.sin(t))
        area = a * b * s * weights / 2 * np.pi / 8
        shear = float(np.sum(area * (xz**2 + yz**2))) * length / STEEL.lame[1]
        return (force**2 * length**3 / (3 * E * inertia) + shear) / 4

    _source = f"Saint-Venant 1856; {T_AND_G}, chapter 11 (bending of bars, elliptic cross section)"
    references: ClassVar = {
        "bending_stress": Reference(-FORCE * LENGTH * A / INERTIA, _source),
        "shear_stress_on_axis": Reference(stresses(0.0, 0.0)[0], _source),
        "shear_stress_at_side": Reference(stresses(0.0, B)[0], _source),
        "work": Reference(twice_energy(stresses, A, B, LENGTH, FORCE, INERTIA), f"energy of the stress of {_source}"),
    }

    def solid(self) -> Solid:
        occ = gmsh.model.occ
        bar = [p for p in occ.extrude([(2, occ.addDisk(0, 0, 0, self.A, self.B))], 0, 0, self.LENGTH) if p[0] == 3]
        box = [(3, occ.addBox(0, 0, -1, 2 * self.A, 2 * self.A, self.LENGTH + 2))]
        solid = Solid.of({"bar": occ.intersect(bar, box)[0][0][1]})
        solid.name("x0", lambda s: s.high[0] < 0.01)
        solid.name("y0", lambda s: s.high[1] < 0.01)
        solid.name("ends", lambda s: abs(s.normal[2]) > 0.9)
        return solid

    def loads(self) -> list[Traction]:
        def traction(x: Any, n: Any) -> Any:
            xz, yz = self.stresses(x[0], x[1])
            zz = -self.FORCE / self.INERTIA * (self.LENGTH - x[2]) * x[0]
            return n[2] * ufl.as_vector([xz, yz, zz])

        return [Traction("ends", traction)]

    def problem(self, body: Body) -> Elasticity:
        # The planes of symmetry leave a shift along x and a rotation about y; the loads are in equilibrium.
        ends = Held(lambda x: (np.hypot(x[0], x[1]) < 1e-6) & (np.minimum(x[2], self.LENGTH - x[2]) < 1e-6), [0])
        held = [Sliding("x0", 1), Sliding("x0", 2), Sliding("y0", 1), ends]
        return Elasticity(body, {"bar": STEEL}, held, self.loads())

    def measure(self, solution: Displacement, stress: NodalStress) -> list[Measured]:
        x, y, _ = node_points(solution).T
        axis, side = np.hypot(x, y) < 1e-6, np.hypot(x, y - self.B) < 1e-6
        xz = stress.six[:, 5]
        return [
            at("bending_stress", "MPa", solution, stress.six[:, 2], (self.A, 0.0, 0.0)),
            mean_over("shear_stress_on_axis", "MPa", solution, xz, axis),
            mean_over("shear_stress_at_side", "MPa", solution, xz, side),
            overall("work", "N mm", end_work(solution, self.loads())),
        ]


class PressedPlate(Problem):
    """Quarter of a round plate, radius 20 mm, 8 mm thick, 10 MPa on top; its rim moves as in the exact solution.

    Radial stress (K1 r^2 + BETA z^2 + GAMMA) z, hoop stress alike with K2, axial stress
    -P/2 (1 + 3/2 z/c - 1/2 (z/c)^3); GAMMA is such that the rim carries no moment, the other constants follow from
    Hooke's law and equilibrium, and so does the displacement.
    """

    title = "Thick round plate under pressure"
    RADIUS, HALF, P = 20.0, 4.0, 10.0
    K1, K2 = 3 * P * (3 + NU) / (32 * HALF**3), 3 * P * (1 + 3 * NU) / (32 * HALF**3)
    BETA = -P * (2 + NU) / (8 * HALF**3)
    GAMMA = -K1 * RADIUS**2 - 3 / 5 * BETA * HALF**2
    _bending = (3 * P / (4 * HALF) - (1 - NU) * GAMMA) / E
    _source = f"Love 1927, moderately thick plates; {T_AND_G}, chapter 12 (bending of a circular plate)"

    def exact(self, points: Array) -> Array:
        """Displacement (3, n), mm, at points (3, n)."""
        x, y, z = points
        square, c, p = x**2 + y**2, self.HALF, self.P
        axial = -p / 2 * (1 + 3 / 2 * z / c - z**3 / (2 * c**3))
        share = (
            (self.K2 - NU * self.K1) * z * square + (1 - NU) * (self.BETA * z**3 + self.GAMMA * z) - NU * axial
        ) / E
        pressed = -p / 2 * (z + 3 * z**2 / (4 * c) - z**4 / (8 * c**3))
        contracted = (self.K1 + self.K2) * square * z**2 / 2 + self.BETA * z**4 / 2 + self.GAMMA * z**2
        down = (pressed - NU * contracted - (self.K2 - NU * self.K1) * square**2 / 4) / E + self._bending * square / 2
        return np.array([x * share, y * share, down])

    references: ClassVar = {
        "stress_at_bottom": Reference(-(BETA * HALF**2 + GAMMA) * HALF, _source),
        "stress_at_top": Reference((BETA * HALF**2 + GAMMA) * HALF, _source),
        # Mean over the bottom, z = -c, of the polynomial above: r^2 has the mean R^2 / 2, r^4 has R^4 / 3.
        "mean_deflection_of_bottom": Reference(
            (
                -P / 2 * (-HALF + 3 * HALF / 4 - HALF / 8)
                - NU * ((K1 + K2) * RADIUS**2 * HALF**2 / 4 + BETA * HALF**4 / 2 + GAMMA * HALF**2)
                - (K2 - NU * K1) * RADIUS**4 / 12
            )
            / E
            + _bending * RADIUS**2 / 4,
            _source,
        ),
    }

    def solid(self) -> Solid:
        plate = gmsh.model.occ.addCylinder(0, 0, -self.HALF, 0, 0, 2 * self.HALF, self.RADIUS, angle=np.pi / 2)
        solid = Solid.of({"plate": plate})
        solid.name("x0", lambda s: s.high[0] < 0.01)
        solid.name("y0", lambda s: s.high[1] < 0.01)
        solid.name("top", lambda s: s.low[2] > self.HALF - 0.01)
        solid.name("bottom", lambda s: s.high[2] < 0.01 - self.HALF)
        solid.name("rim", lambda s: s.kind != "Plane")
        return solid

    def problem(self, body: Body) -> Elasticity:
        held = [Sliding("x0", 0), Sliding("y0", 1), Imposed("rim", self.exact)]
        return Elasticity(body, {"plate": STEEL}, held, [Pressure("top", self.P)])

    def measure(self, solution: Displacement, stress: NodalStress) -> list[Measured]:
        radial = stress.six[:, 0]
        return [
            at("stress_at_bottom", "MPa", solution, radial, (0.0, 0.0, -self.HALF)),
            at("stress_at_top", "MPa", solution, radial, (0.0, 0.0, self.HALF)),
            overall("mean_deflection_of_bottom", "mm", float(surface_mean_displacement(solution, "bottom")[2])),
        ]


# --- contact --------------------------------------------------------------------------------------


class HertzPressure(Problem):
    """Octant of a ball of radius 10 mm, cut out of the half-space z > 0 that is under 1000 MPa sqrt(1 - r^2 / a^2) on a
    circle of radius a = 2 mm.

    The outside moves as in the half-space: Boussinesq's displacement of a point force, summed over the circle by Gauss'
    rule, which is exact to all digits at this distance.
    """

    title = "Half-space under a Hertzian pressure"
    A, R, P = 2.0, 10.0, 1000.0

    @staticmethod
    def highest_mises(p: float) -> float:
        """Of the stress on the axis, MPa, where the von Mises stress of the half-space is largest."""

        def negative(t: float) -> float:  # t is the depth over a
            pressed = -1 / (1 + t**2)
            across = -(1 + NU) * (1 - t * np.arctan(1 / t)) - pressed / 2
            return -abs(pressed - across)

        return -p * float(minimize_scalar(negative, bounds=(0.1, 2.0), method="bounded", options={"xatol": 1e-10}).fun)

    _source = "Johnson, Contact Mechanics, 1985, section 3.4"
    references: ClassVar = {
        "highest_mises_stress": Reference(highest_mises(P), f"{_source}, eqs. 3.45", nature="steep"),
        "radial_stress_at_centre": Reference(-P * (1 + 2 * NU) / 2, f"{_source}, eqs. 3.43", nature="steep"),
        "radial_stress_at_edge": Reference(P * (1 - 2 * NU) / 3, f"{_source}, eq. 3.44", nature="steep"),
        "depth_of_centre": Reference((1 - NU**2) * np.pi * P * A / (2 * E), f"{_source}, eq. 3.41a"),
    }

    def solid(self) -> Solid:
        occ = gmsh.model.occ
        whole = ball(self.R)
        circle = [(2, occ.addDisk(0, 0, 0, self.A, self.A))]
        sector = occ.intersect(circle, [whole], removeTool=False)[0]
        parts = occ.fragment([whole], sector)[0]
        solid = Solid.of({"ball": next(tag for dim, tag in parts if dim == 3)})
        solid.name("x0", lambda s: s.kind == "Plane" and s.high[0] < 0.01)
        solid.name("y0", lambda s: s.kind == "Plane" and s.high[1] < 0.01)
        solid.name("rim", lambda s: s.kind != "Plane")
        solid.name("patch", lambda s: s.high[0] < self.A + 0.01)
        return solid

    def far(self, points: Array) -> Array:
        """Displacement (3, n), mm, at points (3, n) well away from the circle."""
        nodes, weights = np.polynomial.legendre.leggauss(16)
        phi = (1 + nodes) * np.pi / 4
        t = np.arange(32) * np.pi / 16
        # With r = a sin(phi) the pressure is p cos(phi), and the integrand is smooth.
        share = self.P * self.A**2 * np.sin(phi) * np.cos(phi) ** 2 * weights * np.pi / 4 * np.pi / 16
        mu = STEEL.lame[1]
        moved = np.zeros_like(points)
        for radius, force in zip(self.A * np.sin(phi), share, strict=True):
            x = points[0][:, None] - radius * np.cos(t)
            y = points[1][:, None] - radius * np.sin(t)
            z = points[2][:, None]
            rho = np.sqrt(x**2 + y**2 + z**2)
            side = z / rho**3 - (1 - 2 * NU) / (rho * (rho + z))
            k = force / (4 * np.pi * mu)
            moved += k * np.sum([x * side, y * side, z**2 / rho**3 + 2 * (1 - NU) / rho], axis=-1)
        return moved

    def problem(self, body: Body) -> Elasticity:
        def pressure(x: Any, n: Any) -> Any:
            share = 1 - (x[0] ** 2 + x[1] ** 2) / self.A**2
            return -self.P * ufl.sqrt(ufl.max_value(share, 0.0)) * n

        held = [Sliding("x0", 0), Sliding("y0", 1), Imposed("rim", self.far)]
        return Elasticity(body, {"ball": STEEL}, held, [Traction("patch", pressure)])

    def measure(self, solution: Displacement, stress: NodalStress) -> list[Measured]:
        centre, edge, radial = (0.0, 0.0, 0.0), (self.A, 0.0, 0.0), stress.six[:, 0]
        depth = solution.u.x.array.reshape(-1, 3)[:, 2]
        return [
            peak("highest_mises_stress", "MPa", solution, stress.von_mises),
            at("radial_stress_at_centre", "MPa", solution, radial, centre),
            at("radial_stress_at_edge", "MPa", solution, radial, edge),
            at("depth_of_centre", "mm", solution, depth, centre),
        ]


PROBLEMS = (
    LameSphere,
    ThickestSphere,
    HeatedSphere,
    RotatingSphere,
    Cavity,
    BondedSphere,
    CoatedCylinder,
    ClosedPipe,
    BentBar,
    EllipticCantilever,
    PressedPlate,
    HertzPressure,
)
