"""Notches, fillets and holes: one exact, the others after charts, which are no better than their tolerance says."""

from __future__ import annotations

from typing import ClassVar

import gmsh
import numpy as np

from geometry.solid import Solid
from protocols.result import Measured
from solvers import measures
from solvers.body import Body
from solvers.elasticity import Displacement, Elasticity, Isotropic
from solvers.loads import Traction
from solvers.recovery import NodalStress
from solvers.supports import Held, Imposed, Sliding, Support
from verification.problem import Array, Problem, Reference, at, overall, peak
from verification.pulled import PULL, STEEL, Pulled, steady
from verification.shapes import drawn_out, name_planes, prism, rounded, turned
from verification.singular import STAYS, WILLIAMS, moved, singular, steep
from verification.strip_series import hole_factor

NEUBER = "Neuber, Kerbspannungslehre, 1937"
ROARK = "Young and Budynas, Roark's Formulas for Stress and Strain, 2002, table 17.1"


class Hyperboloid:
    """Neuber's deep notch: a hyperboloid of revolution in tension, with the notch radius ``rho`` at the throat ``a``.

    With R^2 = r^2 + (z + ic)^2 and L = ln(R + z + ic), the potentials of Papkovich and Neuber are
    Phi = k1 Re L + k2 Im((z + ic) L - R) and Psi = Im L - pi/2, 2 G u = grad(Phi + z Psi) - 4 (1 - nu) Psi e_z.
    In spheroidal coordinates L = ln(sinh xi + i) + ln(1 + cos eta). k1 and k2 free the surface of traction at one
    point; that they do so everywhere is what makes the solution exact. Stresses are scaled to a pull at the throat.
    """

    def __init__(self, a: float, rho: float, pull: float, material: Isotropic) -> None:
        self.a, self.b = a, np.sqrt(a * rho)  # half-axes of the hyperbola
        self.c = np.hypot(a, self.b)
        self.nu, self.shear_modulus = material.poisson_ratio, material.lame[1]
        self.weights = np.ones(3)
        r, z = a * np.cosh(1.0), self.b * np.sinh(1.0)
        across = np.array([[r / a**2], [-z / self.b**2]])
        rr, _, zz, rz = self._stresses(np.array([r]), np.array([z]))
        tractions = np.concatenate([rr * across[0] + rz * across[1], rz * across[0] + zz * across[1]], axis=1).T
        self.weights = np.append(np.linalg.solve(tractions[:, :2], -tractions[:, 2]), 1.0)
        nodes, share = np.polynomial.legendre.leggauss(60)
        radius = a * (nodes + 1) / 2
        mean = np.sum(share * radius * self.stresses(radius, 0 * radius)[2]) / a
        self.weights *= pull / mean

    def _roots(self, r: Array, z: Array) -> tuple[Array, Array]:
        w = z + 1j * self.c
        root = np.sqrt(r**2 + w**2)
        return w, np.where(root.imag < 0, -root, root)

    def _stresses(self, r: Array, z: Array) -> Array:
        """Stresses rr, tt, zz, rz (4, 3, n) of each of the three functions."""
        w, root = self._roots(r, z)
        l_r, l_z, l_zz, l_rz = r / (root * (root + w)), 1 / root, -w / root**3, -r / root**3
        l_rr = -l_zz - l_r / r
        m_r, m_zz, m_rz = -r / (root + w), 1 / root, l_r
        m_rr = -m_zz - m_r / r
        nu = self.nu
        psi = (
            z * l_rr - 2 * nu * l_z,
            z * l_r / r - 2 * nu * l_z,
            z * l_zz - 2 * (1 - nu) * l_z,
            z * l_rz - (1 - 2 * nu) * l_r,
        )
        first, second = (l_rr, l_r / r, l_zz, l_rz), (m_rr, m_r / r, m_zz, m_rz)
        return np.array([[p.real, q.imag, s.imag] for p, q, s in zip(first, second, psi, strict=True)])

    def stresses(self, r: Array, z: Array) -> Array:
        """Stresses rr, tt, zz, rz (4, n) at r > 0."""
        return np.einsum("k,skn->sn", self.weights, self._stresses(r, z))

    def displacement(self, p: Array) -> Array:
        """Displacement (3, n) of points (3, n); zero along z at the throat."""
        r, z = np.hypot(p[0], p[1]), p[2]
        w, root = self._roots(r, z)
        k1, k2, k3 = self.weights
        angle = np.log(root + w).imag - np.pi / 2
        over_r = k1 * (1 / (root * (root + w))).real - k2 * (1 / (root + w)).imag
        over_r = over_r + k3 * z * (1 / (root * (root + w))).imag
        along = k1 * (1 / root).real + k2 * angle + k3 * (z * (1 / root).imag - (3 - 4 * self.nu) * angle)
        return np.array([over_r * p[0], over_r * p[1], along]) / (2 * self.shear_modulus)


class DeepNotch(Problem):
    """A round bar with a hyperbolic notch, throat radius 10 mm, notch radius 2 mm, pulled by 100 MPa at the throat.

    An eighth of it, up to z = 8 mm, where it moves as in the exact solution.
    """

    title = "Deep hyperbolic notch"
    A, RHO, HEIGHT = 10.0, 2.0, 8.0
    EXACT = Hyperboloid(A, RHO, PULL, STEEL)
    _root = EXACT.stresses(np.array([A]), np.zeros(1))[:, 0]
    _source = f"{NEUBER}, deep external notch of revolution in tension; potentials rebuilt in verification/notches.py"
    references: ClassVar = {
        "axial_stress_at_root": Reference(_root[2], _source, nature="steep"),
        "hoop_stress_at_root": Reference(_root[1], _source, nature="steep"),
        "axial_stress_on_axis": Reference(EXACT.stresses(np.array([1e-6 * A]), np.zeros(1))[2, 0], _source),
        "peak_principal": Reference(_root[2], _source, nature="steep"),
        "force": Reference(PULL * np.pi * A**2 / 4, "given: the pull times a quarter of the throat"),
    }

    def solid(self) -> Solid:
        occ, a, b, h = gmsh.model.occ, self.A, self.EXACT.b, self.HEIGHT
        half = np.arcsinh(h / b) / 2
        # An arc of a hyperbola is a conic: a rational curve of degree 2 is exact.
        corners = [occ.addPoint(*p) for p in ((a, 0, 0), (a, 0, b * np.tanh(half)), (a * np.cosh(2 * half), 0, h))]
        notch = occ.addBSpline(
            corners, degree=2, weights=[1, np.cosh(half), 1], knots=[0.0, 1.0], multiplicities=[3, 3]
        )
        foot, head = occ.addPoint(0, 0, 0), occ.addPoint(0, 0, h)
        lines = [occ.addLine(foot, corners[0]), notch, occ.addLine(corners[2], head), occ.addLine(head, foot)]
        face = occ.addPlaneSurface([occ.addCurveLoop(lines)])
        drawn = occ.revolve([(2, face)], 0, 0, 0, 0, 0, 1, np.pi / 2)
        solid = Solid.of({"body": next(tag for dim, tag in drawn if dim == 3)})
        name_planes(solid, x0=(0, 0.0), y0=(1, 0.0), z0=(2, 0.0), end=(2, h))
        return solid

    def problem(self, body: Body) -> Elasticity:
        held = [Sliding("x0", 0), Sliding("y0", 1), Sliding("z0", 2), Imposed("end", self.EXACT.displacement)]
        return Elasticity(body, {"body": STEEL}, held, [])

    def measure(self, solution: Displacement, stress: NodalStress) -> list[Measured]:
        root, axial = (self.A, 0.0, 0.0), stress.six[:, 2]
        end = measures.on_surface(solution, "end")
        force, _ = measures.resultant(solution, solution.internal_forces(), end, np.zeros(3))
        return [
            at("axial_stress_at_root", "MPa", solution, axial, root),
            at("hoop_stress_at_root", "MPa", solution, stress.six[:, 1], root),
            at("axial_stress_on_axis", "MPa", solution, axial, (0.0, 0.0, 0.0)),
            peak("peak_principal", "MPa", solution, stress.first_principal),
            overall("force", "N", float(force[2])),
        ]


def fitted(rows: tuple[tuple[float, float, float], ...], ratio: float, depth: float) -> float:
    """Stress concentration factor after Roark and Peterson: cubic in the depth, its coefficients in sqrt(h / r)."""
    return sum((c0 + c1 * np.sqrt(ratio) + c2 * ratio) * depth**k for k, (c0, c1, c2) in enumerate(rows))


class Bent(Problem):
    """Half of a round bar, z > 0 and y > 0 up, bent about y by a stress of 100 MPa at the edge of its thin section."""

    D, d = 30.0, 20.0
    NAME = "peak_stress"

    def problem(self, body: Body) -> Elasticity:
        held: list[Support] = [Sliding("y0", 1), Sliding("x0", 1), Sliding("x0", 2), Sliding("z0", 2)]
        # Bending is antisymmetric about x = 0; the point takes the shift along x, and bears nothing.
        held.append(Held(lambda x: np.linalg.norm(x, axis=0) < 1e-6, (0,)))
        slope = PULL * (self.d / 2) ** 3 / self.end_radius**4
        return Elasticity(body, {"body": STEEL}, held, [Traction("end", lambda x, n: slope * x[0] * n)])

    @property
    def end_radius(self) -> float:
        """Of the loaded end, mm: the bar is loaded on its thin end, or its thick one if the thin section is between."""
        return self.d / 2

    def measure(self, solution: Displacement, stress: NodalStress) -> list[Measured]:
        return [peak(self.NAME, "MPa", solution, stress.first_principal)]


class BentShoulder(Bent):
    """A round bar stepped from 30 to 20 mm diameter, fillet 3 mm, bent to 100 MPa at the thin end; a quarter of it."""

    title = "Shoulder fillet in bending"
    FILLET = 3.0
    # For 0.25 <= h / r <= 2.
    FACTOR = fitted(
        ((0.927, 1.149, -0.086), (0.015, -3.281, 0.837), (0.847, 1.716, -0.506), (-0.790, 0.417, -0.246)), 5 / 3, 1 / 3
    )
    references: ClassVar = {
        "peak_stress": Reference(
            FACTOR * PULL,
            f"{ROARK}, case 17b (fit to Peterson's chart); tolerance 5 % for chart and fit",
            tolerance=0.05 * FACTOR * PULL,
            nature="steep",
        )
    }

    def solid(self) -> Solid:
        outline = [(0, 0), (15, 0), (15, 25), (10, 25), (10, 50), (0, 50)]
        solid = Solid.of({"body": turned(outline, fillets={3: self.FILLET})})
        name_planes(solid, x0=(0, 0.0), y0=(1, 0.0), z0=(2, 0.0), end=(2, 50.0))
        return solid


class BentGroove(Bent):
    """A round bar, 40 mm, with a semicircular groove of 4 mm radius round it, bent to 100 MPa in the groove."""

    title = "Round bar with a groove in bending"
    D, d = 40.0, 32.0
    # h / r = 1, 2 h / D = 0.2.
    FACTOR = fitted(
        ((0.455, 3.354, -0.769), (0.891, -12.721, 4.593), (0.286, 15.481, -6.392), (-0.632, -6.115, 2.568)), 1.0, 0.2
    )
    references: ClassVar = {
        "peak_stress": Reference(
            FACTOR * PULL,
            f"{ROARK}, case 15b (fit); tolerance 7 %: fits of Roark and of Peterson, the latter after Neuber's rule, "
            "differ by that much",
            tolerance=0.07 * FACTOR * PULL,
            nature="steep",
        )
    }

    @property
    def end_radius(self) -> float:
        return self.D / 2

    def solid(self) -> Solid:
        solid = Solid.of({"body": grooved(self.D / 2, (self.D - self.d) / 2, 50.0)})
        name_planes(solid, x0=(0, 0.0), y0=(1, 0.0), z0=(2, 0.0), end=(2, 50.0))
        return solid


def grooved(radius: float, groove: float, height: float) -> int:
    """Quarter of a round bar from the middle of a semicircular groove round it up; returns the volume."""
    occ = gmsh.model.occ
    bar = occ.addCylinder(0, 0, 0, 0, 0, height, radius, angle=np.pi / 2)
    return occ.cut([(3, bar)], [(3, occ.addTorus(0, 0, 0, radius, groove))])[0][0][1]


class PulledGroove(Pulled):
    """The same bar pulled by a mean stress of 100 MPa in the groove; an eighth of it."""

    title = "Round bar with a groove in tension"
    D, d = BentGroove.D, BentGroove.d
    traction = (0.0, 0.0, PULL * (d / D) ** 2)
    FACTOR = fitted(
        ((0.455, 3.354, -0.769), (3.129, -15.955, 7.404), (-6.909, 29.286, -16.104), (4.325, -16.685, 9.469)), 1.0, 0.2
    )
    references: ClassVar = {
        "peak_stress": Reference(
            FACTOR * PULL,
            f"{ROARK}, case 15a (fit); tolerance 7 %: fits of Roark and of Peterson, the latter after Neuber's rule, "
            "differ by that much",
            tolerance=0.07 * FACTOR * PULL,
            nature="steep",
        )
    }

    solid = BentGroove.solid

    def held(self) -> list[Support]:
        return [Sliding("x0", 0), Sliding("y0", 1), Sliding("z0", 2)]

    measure = Bent.measure
    NAME = Bent.NAME


class ThickPlate(Pulled):
    """A plate 60 mm wide and 20 mm thick with a hole of 20 mm, pulled by 100 MPa; an eighth of it.

    The stress at the hole is not the same all through the thickness.
    """

    title = "Thick plate with a hole"
    R, HALF_WIDTH, HALF_LENGTH, HALF_THICKNESS = 10.0, 30.0, 60.0, 10.0
    traction = (0.0, PULL, 0.0)
    FACTOR, LEFT_OVER = hole_factor(HALF_WIDTH / R, HALF_LENGTH / R)
    references: ClassVar = {
        "stress_in_the_middle": Reference(
            FACTOR * PULL,
            "plane value by series; Sternberg and Sadowsky, J. Appl. Mech. 16, 1949, 27: the largest stress of a thick "
            "plate is up to 3 % above it; tolerance 4 %",
            tolerance=0.04 * FACTOR * PULL,
            nature="steep",
        ),
        "stress_on_face": steep("lower than in the middle"),
        "elongation": STAYS,
    }

    def solid(self) -> Solid:
        occ, w, h, t = gmsh.model.occ, self.HALF_WIDTH, self.HALF_LENGTH, self.HALF_THICKNESS
        plate = prism([(0, 0), (w, 0), (w, h), (0, h)], 0, t)
        cut = occ.cut([(3, plate)], [(3, occ.addCylinder(0, 0, -1, 0, 0, t + 2, self.R))])[0][0][1]
        solid = Solid.of({"body": cut})
        name_planes(solid, x0=(0, 0.0), y0=(1, 0.0), z0=(2, 0.0), end=(1, h))
        return solid

    def held(self) -> list[Support]:
        return [Sliding("x0", 0), Sliding("y0", 1), Sliding("z0", 2)]

    def measure(self, solution: Displacement, stress: NodalStress) -> list[Measured]:
        along = stress.six[:, 1]
        return [
            at("stress_in_the_middle", "MPa", solution, along, (self.R, 0.0, 0.0)),
            at("stress_on_face", "MPa", solution, along, (self.R, 0.0, self.HALF_THICKNESS)),
            overall("elongation", "mm", measures.surface_mean_displacement(solution, "end")[1]),
        ]


class EdgeNotches(Pulled):
    """A strip 20 mm wide in plane strain with a semicircular notch of 4 mm in each edge, pulled by a mean net 100 MPa.

    A quarter of it, 2 mm thick. The stress in the plane is that of plane stress.
    """

    title = "Strip with two edge notches"
    R, HALF_WIDTH, HALF_LENGTH = 4.0, 10.0, 40.0
    traction = (0.0, PULL * (1 - R / HALF_WIDTH), 0.0)
    _depth = R / HALF_WIDTH
    FACTOR = 3.065 - 3.472 * _depth + 1.009 * _depth**2 + 0.405 * _depth**3
    references: ClassVar = {
        "stress_at_notch": Reference(
            FACTOR * PULL,
            "Pilkey, Peterson's Stress Concentration Factors, 1997, opposite semicircular notches (fit to Isida 1953, "
            "Ling 1968); tolerance 1 % for the fit",
            tolerance=0.01 * FACTOR * PULL,
            nature="steep",
        )
    }

    def solid(self) -> Solid:
        occ, w, h = gmsh.model.occ, self.HALF_WIDTH, self.HALF_LENGTH
        strip = prism([(0, 0), (w, 0), (w, h), (0, h)], 0, 2)
        cut = occ.cut([(3, strip)], [(3, occ.addCylinder(w, 0, -1, 0, 0, 4, self.R))])[0][0][1]
        solid = Solid.of({"body": cut})
        name_planes(solid, x0=(0, 0.0), y0=(1, 0.0), z0=(2, 0.0), z1=(2, 2.0), end=(1, h))
        return solid

    def held(self) -> list[Support]:
        return [Sliding("x0", 0), Sliding("y0", 1), Sliding("z0", 2), Sliding("z1", 2)]

    def measure(self, solution: Displacement, stress: NodalStress) -> list[Measured]:
        root = (self.HALF_WIDTH - self.R, 0.0, 0.0)
        return [at("stress_at_notch", "MPa", solution, stress.six[:, 1], root)]


class CookMembrane(Problem):
    """Cook's membrane, (0, 0), (48, 44), (48, 60), (0, 44) mm, 1 mm thick, E = 1 MPa, nu = 1/3, one newton on its end.

    Half of the thickness; the root is held in its plane and free across it, as in plane stress.
    """

    title = "Cook's membrane"
    THICKNESS = 1.0
    coarseness = 6.0
    references: ClassVar = {
        "end_deflection": Reference(
            23.96,
            "Cook, Malkus and Plesha, Concepts and Applications of Finite Element Analysis, 1989, sect. 6.13; plane "
            "stress; tolerance 0.5 % for the thickness at the root and the digits",
            tolerance=0.005 * 23.96,
        ),
        "stress_below": Reference(
            0.237,
            "plane stress, 64 x 64 elements of two kinds: 0.2376 and 0.2368 (Enercalc verification C-04, after Bergan "
            "and Felippa, Comput. Meth. Appl. Mech. Engng. 50, 1985, 25: 0.236); tolerance: their spread",
            tolerance=0.001,
        ),
        "stress_above": Reference(
            0.2036,
            "the same: -0.2038 and -0.2035, here its size (Bergan and Felippa: 0.201)",
            tolerance=0.001,
        ),
        "peak_at_root": singular(f"{WILLIAMS}: a clamp and a free edge that meet at 108 degrees"),
    }

    def solid(self) -> Solid:
        outline = [(0, 0), (24, 22), (48, 44), (48, 52), (48, 60), (24, 52), (0, 44)]
        solid = Solid.of({"body": drawn_out(rounded(outline, {}), self.THICKNESS / 2)})
        name_planes(solid, root=(0, 0.0), end=(0, 48.0), z0=(2, 0.0))
        return solid

    def problem(self, body: Body) -> Elasticity:
        held = [Sliding("root", 0), Sliding("root", 1), Sliding("z0", 2)]
        load = Traction("end", steady(y=1.0 / (16 * self.THICKNESS)))
        return Elasticity(body, {"body": Isotropic(1.0, 1 / 3)}, held, [load])

    def measure(self, solution: Displacement, stress: NodalStress) -> list[Measured]:
        height = moved(solution, 1)
        return [
            overall("end_deflection", "mm", measures.at(solution, height, np.array([48.0, 52.0, 0.0]))[0]),
            at("stress_below", "MPa", solution, stress.first_principal, (24.0, 22.0, 0.0)),
            at("stress_above", "MPa", solution, stress.von_mises, (24.0, 52.0, 0.0)),
            peak("peak_at_root", "MPa", solution, stress.von_mises, "root"),
        ]


PROBLEMS = (DeepNotch, BentShoulder, BentGroove, PulledGroove, ThickPlate, EdgeNotches, CookMembrane)
