"""Quantities that have no finite value, and others nearby or alike that have one: which is which must be found out.

Most have no closed form; then only the verdict is checked.
"""

from __future__ import annotations

from typing import ClassVar

import gmsh
import numpy as np
from numpy.typing import NDArray

from geometry.mesh import SizeBox
from geometry.solid import Solid
from protocols.result import Measured
from solvers import measures
from solvers.body import Body
from solvers.elasticity import Displacement, Elasticity, Isotropic
from solvers.loads import Strip, Traction
from solvers.recovery import NodalStress, nodal_stress
from solvers.supports import Clamp, Held, Sliding, Support
from verification.problem import Problem, Reference, at, overall, peak
from verification.pulled import PULL, STEEL, Pulled, steady
from verification.shapes import Outline, drawn_out, name_planes, prism, rounded, turned
from verification.torsion import strain_energy

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

SOFT = Isotropic(10e3, 0.35)
WILLIAMS = "Williams, J. Appl. Mech. 19, 1952, 526"

STAYS = Reference(None, "finite: no closed form, the verdict alone is checked")


def steep(why: str) -> Reference:
    """A stress that is high but bounded."""
    return Reference(None, f"{why}: bounded, no closed form, the verdict alone is checked", nature="steep")


def singular(why: str) -> Reference:
    return Reference(None, why, nature="singular")


def near(solution: Displacement, radius: float, *line: float | None) -> Mask:
    """Nodes within a radius of a point, or of the line along the axis whose coordinate is None."""
    points = measures.node_points(solution)
    gaps = [points[:, k] - c for k, c in enumerate(line) if c is not None]
    return np.linalg.norm(gaps, axis=0) < radius


def moved(solution: Displacement, axis: int) -> Array:
    """Displacement of the nodes along an axis, mm."""
    return solution.u.x.array.reshape(-1, 3)[:, axis]


class SharpBracket(Pulled):
    """An L of two legs 10 mm wide and 10 mm thick, outer edges 30 mm, one end clamped, the other sheared by 10 MPa.

    Half of it, on a plane of symmetry. The re-entrant corner is sharp.
    """

    title = "L bracket with a sharp corner"
    traction = (0.0, -10.0, 0.0)
    FILLET: ClassVar[dict[int, float]] = {}
    references: ClassVar = {
        "peak_at_corner": singular(f"{WILLIAMS}: stress ~ r^-0.46 at a re-entrant right angle"),
        "outer_edge_stress": STAYS,
        "tip_deflection": STAYS,
        "energy": STAYS,
    }

    def solid(self) -> Solid:
        outline = [(0, 0), (30, 0), (30, 10), (10, 10), (10, 30), (0, 30), (0, 20)]
        solid = Solid.of({"body": drawn_out(rounded(outline, self.FILLET), 5.0)})
        name_planes(solid, z0=(2, 0.0), end=(0, 30.0), root=(1, 30.0))
        return solid

    def held(self) -> list[Support]:
        return [Clamp("root"), Sliding("z0", 2)]

    def measure(self, solution: Displacement, stress: NodalStress) -> list[Measured]:
        corner = near(solution, 3.0, 10.0, 10.0, None)
        return [
            peak("peak_at_corner", "MPa", solution, stress.von_mises, corner),
            at("outer_edge_stress", "MPa", solution, stress.six[:, 1], (0.0, 20.0, 5.0)),
            overall("tip_deflection", "mm", measures.surface_mean_displacement(solution, "end")[1]),
            overall("energy", "N mm", strain_energy(solution)),
        ]


class RoundedBracket(SharpBracket):
    """The same with a fillet of 0.5 mm, a twentieth of the thickness."""

    title = "L bracket with a small fillet"
    FILLET: ClassVar = {3: 0.5}
    references: ClassVar = SharpBracket.references | {"peak_at_corner": steep("a fillet has a finite radius")}


class BluntBracket(SharpBracket):
    """Two legs 10 mm wide and thick that meet at a re-entrant corner of 190 degrees only; clamped and loaded alike.

    Tried after the rules for singular values were set.
    """

    title = "Bracket with a very blunt corner"
    BEND: ClassVar[float] = 10.0  # degrees
    references: ClassVar = {
        "peak_at_corner": singular(f"{WILLIAMS}: any re-entrant corner, here a weak one"),
        "tip_deflection": STAYS,
    }

    def solid(self) -> Solid:
        bend = np.radians(self.BEND)
        along, across = np.array([-np.cos(bend), np.sin(bend)]), np.array([-np.sin(bend), -np.cos(bend)])
        far = np.array([15.0, 10.0]) + 14.0 * along
        outer = far + 10.0 * across
        below = outer - outer[1] / along[1] * along
        corners = np.array([below, (30, 0), (30, 10), (15, 10), far, outer])
        outline = [(float(x), float(y)) for x, y in corners]
        solid = Solid.of({"body": drawn_out(rounded(outline, {}), 5.0)})
        name_planes(solid, z0=(2, 0.0), end=(0, 30.0))
        solid.name("root", lambda surface: float(np.dot(surface.normal[:2], along)) > 0.99)
        return solid

    def measure(self, solution: Displacement, stress: NodalStress) -> list[Measured]:
        return [
            peak("peak_at_corner", "MPa", solution, stress.von_mises, near(solution, 3.0, 15.0, 10.0, None)),
            overall("tip_deflection", "mm", measures.surface_mean_displacement(solution, "end")[1]),
        ]


class ClampedBar(Pulled):
    """A square bar, 10 x 10 x 30 mm, clamped at one end and pulled at the other by 100 MPa; a quarter of it."""

    title = "Clamped bar in tension"
    references: ClassVar = {
        "peak_at_clamp": singular(f"{WILLIAMS}: stress ~ r^-0.29 at the edge of a clamp for nu = 0.3"),
        "stress_at_end": Reference(PULL, "the traction itself; the other faces that meet there are free"),
        "elongation": STAYS,
        "energy": STAYS,
    }

    def solid(self) -> Solid:
        solid = Solid.of({"body": prism([(0, 0), (30, 0), (30, 5), (0, 5)], 0, 5)})
        name_planes(solid, root=(0, 0.0), end=(0, 30.0), y0=(1, 0.0), z0=(2, 0.0))
        return solid

    def held(self) -> list[Support]:
        return [Clamp("root"), Sliding("y0", 1), Sliding("z0", 2)]

    def measure(self, solution: Displacement, stress: NodalStress) -> list[Measured]:
        return [
            peak("peak_at_clamp", "MPa", solution, stress.von_mises, "root"),
            at("stress_at_end", "MPa", solution, stress.six[:, 0], (30.0, 5.0, 5.0)),
            overall("elongation", "mm", measures.surface_mean_displacement(solution, "end")[0]),
            overall("energy", "N mm", strain_energy(solution)),
        ]


class ClampedBeam(ClampedBar):
    """The same in bending by a shear of 10 MPa on its end; half of it."""

    title = "Clamped beam"
    traction = (0.0, 10.0, 0.0)
    references: ClassVar = {
        "peak_at_clamp": ClampedBar.references["peak_at_clamp"],
        "stress_half_way": STAYS,
        "deflection": STAYS,
        "energy": STAYS,
    }

    def solid(self) -> Solid:
        solid = Solid.of({"body": prism([(0, -5), (15, -5), (30, -5), (30, 5), (0, 5)], 0, 5)})
        name_planes(solid, root=(0, 0.0), end=(0, 30.0), z0=(2, 0.0))
        return solid

    def held(self) -> list[Support]:
        return [Clamp("root"), Sliding("z0", 2)]

    def measure(self, solution: Displacement, stress: NodalStress) -> list[Measured]:
        return [
            peak("peak_at_clamp", "MPa", solution, stress.von_mises, "root"),
            at("stress_half_way", "MPa", solution, stress.six[:, 0], (15.0, -5.0, 5.0)),
            overall("deflection", "mm", measures.surface_mean_displacement(solution, "end")[1]),
            overall("energy", "N mm", strain_energy(solution)),
        ]


class HeldAtPoint(Pulled):
    """A cube of 20 mm on one point in the middle of its base, pressed on its top by 100 MPa; a quarter of it."""

    title = "Block on a point"
    traction = (0.0, 0.0, -PULL)
    references: ClassVar = {
        "sinking": singular("Boussinesq 1885: the displacement under a point load is ~ 1/r"),
        "peak_von_mises": singular("Boussinesq 1885: the stress under a point load is ~ 1/r^2"),
        "stress_at_top": Reference(-PULL, "the traction itself; the other faces that meet there are free"),
        "widening": Reference(
            STEEL.poisson_ratio * PULL / STEEL.young_modulus * 10.0,
            "Betti 1872: a uniform pull on the sides works on their mean displacement what the top load, whatever its "
            "support, works on the uniform widening",
        ),
    }

    def solid(self) -> Solid:
        solid = Solid.of({"body": prism([(0, 0), (10, 0), (10, 10), (0, 10)], 0, 20)})
        name_planes(solid, x0=(0, 0.0), y0=(1, 0.0), end=(2, 20.0), side=(0, 10.0))
        return solid

    def held(self) -> list[Support]:
        base = Held(lambda x: np.linalg.norm(x, axis=0) < 1e-6, (2,))
        return [base, Sliding("x0", 0), Sliding("y0", 1)]

    def measure(self, solution: Displacement, stress: NodalStress) -> list[Measured]:
        return [
            overall("sinking", "mm", measures.surface_mean_displacement(solution, "end")[2]),
            peak("peak_von_mises", "MPa", solution, stress.von_mises),
            at("stress_at_top", "MPa", solution, stress.six[:, 2], (10.0, 10.0, 20.0)),
            overall("widening", "mm", measures.surface_mean_displacement(solution, "side")[0]),
        ]


class HeldOnLine(HeldAtPoint):
    """The same cube on a line across the middle of its base."""

    title = "Block on a line"
    references: ClassVar = HeldAtPoint.references | {
        "sinking": singular("Flamant 1892: the displacement under a line load is ~ log r"),
        "peak_von_mises": singular("Flamant 1892: the stress under a line load is ~ 1/r"),
    }

    def held(self) -> list[Support]:
        base = Held(lambda x: np.hypot(x[0], x[2]) < 1e-6, (2,))
        return [base, Sliding("x0", 0), Sliding("y0", 1)]


class SharpNotch(Pulled):
    """A bar, 20 x 10 mm, with one sharp 60-degree notch 5 mm deep, pulled by 100 MPa; a quarter of it."""

    title = "Bar with a sharp V notch"
    traction = (0.0, PULL, 0.0)
    FILLET: ClassVar[dict[int, float]] = {}
    TIP = 5.0
    references: ClassVar = {
        "peak_at_notch": singular(f"{WILLIAMS}: stress ~ r^-0.49 at the tip of a 60-degree notch"),
        "stress_behind": STAYS,
        "notch_opening": STAYS,
        "energy": STAYS,
    }

    def outline(self) -> Outline:
        mouth = self.TIP * np.tan(np.pi / 6)
        return [(self.TIP, 0), (20, 0), (20, 30), (0, 30), (0, mouth)]

    def solid(self) -> Solid:
        return self.named(drawn_out(rounded(self.outline(), self.FILLET), 5.0))

    def named(self, volume: int) -> Solid:
        solid = Solid.of({"body": volume})
        name_planes(solid, y0=(1, 0.0), end=(1, 30.0), z0=(2, 0.0))
        return solid

    def held(self) -> list[Support]:
        # Nothing pulls along x: the point bears nothing. A line would, where the section warps.
        behind = Held(lambda x: np.linalg.norm(x.T - (20, 0, 0), axis=1) < 1e-6, (0,))
        return [Sliding("y0", 1), Sliding("z0", 2), behind]

    def measure(self, solution: Displacement, stress: NodalStress) -> list[Measured]:
        tip, mouth = near(solution, 2.0, self.TIP, 0.0, None), (0.0, self.outline()[-1][1], 0.0)
        return [
            peak("peak_at_notch", "MPa", solution, stress.von_mises, tip),
            at("stress_behind", "MPa", solution, stress.six[:, 1], (20.0, 0.0, 0.0)),
            overall("notch_opening", "mm", measures.at(solution, moved(solution, 1), np.array(mouth))[0]),
            overall("energy", "N mm", strain_energy(solution)),
        ]


class Crack(SharpNotch):
    """A bar 20 mm wide in plane strain with an edge crack of 5 mm, pulled by 100 MPa; half of it, 2 mm thick."""

    title = "Cracked bar"
    references: ClassVar = SharpNotch.references | {
        "peak_at_notch": singular(f"{WILLIAMS}: stress ~ r^-0.5 at the tip of a crack")
    }

    def outline(self) -> Outline:
        return [(self.TIP, 0), (20, 0), (20, 30), (0, 30), (0, 0)]

    def solid(self) -> Solid:
        solid = Solid.of({"body": prism(self.outline(), 0, 2)})
        name_planes(solid, end=(1, 30.0), z0=(2, 0.0), z1=(2, 2.0))
        solid.name("y0", lambda s: s.high[1] < 1e-5 and s.low[0] > self.TIP - 1e-5)
        return solid

    def held(self) -> list[Support]:
        return [*super().held(), Sliding("z1", 2)]


class BondedBar(Problem):
    """A square bar of 10 mm, 20 mm steel bonded to 20 mm of E = 10 GPa, nu = 0.35, pulled by 100 MPa; a quarter."""

    title = "Bar of two materials"
    references: ClassVar = {
        "peak_at_bond": singular("Bogy, J. Appl. Mech. 38, 1971, 377: singular at the free edge of a butt joint"),
        "stress_at_end": Reference(PULL, "the traction itself; the other faces that meet there are free"),
        "elongation": STAYS,
        "energy": STAYS,
    }

    def solid(self) -> Solid:
        solid = Solid.of({"bar": prism([(0, 0), (40, 0), (40, 5), (0, 5)], 0, 5)})
        name_planes(solid, root=(0, 0.0), end=(0, 40.0), y0=(1, 0.0), z0=(2, 0.0))
        solid.split((20.0, 0, 0), (1, 0, 0), name="bond", above="soft", below="stiff")
        return solid

    def problem(self, body: Body) -> Elasticity:
        held = [Sliding("root", 0), Sliding("y0", 1), Sliding("z0", 2)]
        return Elasticity(body, {"stiff": STEEL, "soft": SOFT}, held, [Traction("end", steady(PULL))])

    def measure(self, solution: Displacement, stress: NodalStress) -> list[Measured]:
        soft = nodal_stress(solution, solution.body.cells("soft"))  # some components jump at the bond
        return [
            peak("peak_at_bond", "MPa", solution, soft.first_principal, soft.touched & near(solution, 2.0, 20.0)),
            at("stress_at_end", "MPa", solution, stress.six[:, 0], (40.0, 5.0, 5.0)),
            overall("elongation", "mm", measures.surface_mean_displacement(solution, "end")[0]),
            overall("energy", "N mm", strain_energy(solution)),
        ]


class SharpShoulder(Pulled):
    """A round bar stepped sharply from 20 to 12 mm diameter, pulled by 100 MPa on the thin end; a quarter of it."""

    title = "Stepped bar with a sharp shoulder"
    traction = (0.0, 0.0, PULL)
    FILLET: ClassVar[dict[int, float]] = {}
    references: ClassVar = {
        "peak_at_shoulder": singular(f"{WILLIAMS}: stress ~ r^-0.46 at a re-entrant right angle"),
        "stress_at_end": Reference(PULL, "the traction itself; the rim is free"),
        "elongation": STAYS,
        "energy": STAYS,
    }

    def solid(self) -> Solid:
        outline = [(0, 0), (10, 0), (10, 15), (6, 15), (6, 30), (0, 30)]
        solid = Solid.of({"body": turned(outline, fillets=self.FILLET)})
        name_planes(solid, x0=(0, 0.0), y0=(1, 0.0), z0=(2, 0.0), end=(2, 30.0))
        return solid

    def held(self) -> list[Support]:
        return [Sliding("x0", 0), Sliding("y0", 1), Sliding("z0", 2)]

    def measure(self, solution: Displacement, stress: NodalStress) -> list[Measured]:
        return [
            peak("peak_at_shoulder", "MPa", solution, stress.von_mises),
            at("stress_at_end", "MPa", solution, stress.six[:, 2], (6.0, 0.0, 30.0)),
            overall("elongation", "mm", measures.surface_mean_displacement(solution, "end")[2]),
            overall("energy", "N mm", strain_energy(solution)),
        ]


class RoundedShoulder(SharpShoulder):
    """The same with a fillet of 0.6 mm, a twentieth of the thin end."""

    title = "Stepped bar with a small fillet"
    FILLET: ClassVar = {3: 0.6}
    references: ClassVar = SharpShoulder.references | {"peak_at_shoulder": steep("a fillet has a finite radius")}


class RoundedNotch(SharpNotch):
    """The bar with a 60-degree notch, its tip rounded with 0.25 mm, a twentieth of the depth."""

    title = "Bar with a rounded V notch"
    RADIUS = 0.25
    references: ClassVar = SharpNotch.references | {"peak_at_notch": steep("the tip has a finite radius")}

    def solid(self) -> Solid:
        # The whole notch, cut to the half that is meshed: its tip is not where the two flanks would meet.
        mouth = self.TIP * np.tan(np.pi / 6)
        whole = [(self.TIP, 0), (0, mouth), (0, 30), (20, 30), (20, -30), (0, -30), (0, -mouth)]
        occ, box = gmsh.model.occ, gmsh.model.occ.addBox(-1, 0, -1, 30, 40, 10)
        bar = drawn_out(rounded(whole, {0: self.RADIUS}), 5.0)
        return self.named(occ.intersect([(3, bar)], [(3, box)])[0][0][1])


class NarrowStrip(Problem):
    """A block 20 mm wide and high in plane strain under 100 MPa cos^2 on a strip of 1 mm; half of it, 2 mm thick."""

    title = "Narrow pressure strip"
    WIDTH = 1.0
    references: ClassVar = {
        "pressure_below": Reference(-PULL, "the pressure itself, in the middle of the strip", nature="steep"),
        "peak_von_mises": steep("the pressure falls smoothly to zero"),
        "sinking": STAYS,
    }

    def solid(self) -> Solid:
        solid = Solid.of({"body": prism([(0, 0), (10, 0), (10, 20), (0, 20)], 0, 2)})
        name_planes(solid, x0=(0, 0.0), base=(1, 0.0), end=(1, 20.0), z0=(2, 0.0), z1=(2, 2.0))
        return solid

    def boxes(self, size: float) -> list[SizeBox]:
        reach = 2 * self.WIDTH
        return [SizeBox((0, 20 - reach, 0), (reach, 20, 2), 0.5 * self.WIDTH / size, 4 * reach)]

    def problem(self, body: Body) -> Elasticity:
        strip = Strip((0.0, 20.0, 0.0), (1.0, 0.0, 0.0), self.WIDTH).on(body)
        held = [Sliding("x0", 0), Sliding("base", 1), Sliding("z0", 2), Sliding("z1", 2)]
        return Elasticity(body, {"body": STEEL}, held, [Traction("end", lambda x, n: -PULL * strip * n)])

    def measure(self, solution: Displacement, stress: NodalStress) -> list[Measured]:
        middle = (0.0, 20.0, 0.0)
        return [
            at("pressure_below", "MPa", solution, stress.six[:, 1], middle),
            peak("peak_von_mises", "MPa", solution, stress.von_mises),
            overall("sinking", "mm", measures.at(solution, moved(solution, 1), np.array(middle))[0]),
        ]


class SmallHole(Pulled):
    """A plate 20 mm square in plane strain with a hole of 0.4 mm, pulled by 100 MPa; a quarter of it, 1 mm thick."""

    title = "Small hole in a large plate"
    R = 0.2
    coarseness = 4.0
    references: ClassVar = {
        "stress_at_hole": Reference(
            3 * PULL,
            "Kirsch 1898: 3 for an infinite plate; +0.1 percent for a width of 50 holes (Howland 1930), rounded up",
            tolerance=0.005 * 3 * PULL,
            nature="steep",
        ),
        "stress_at_edge": STAYS,
        "elongation": STAYS,
    }

    def solid(self) -> Solid:
        occ, plate = gmsh.model.occ, prism([(0, 0), (10, 0), (10, 10), (0, 10)], 0, 1)
        cut = occ.cut([(3, plate)], [(3, occ.addCylinder(0, 0, -1, 0, 0, 3, self.R))])[0][0][1]
        solid = Solid.of({"body": cut})
        name_planes(solid, x0=(0, 0.0), y0=(1, 0.0), z0=(2, 0.0), z1=(2, 1.0), end=(0, 10.0))
        return solid

    def held(self) -> list[Support]:
        return [Sliding("x0", 0), Sliding("y0", 1), Sliding("z0", 2), Sliding("z1", 2)]

    def measure(self, solution: Displacement, stress: NodalStress) -> list[Measured]:
        return [
            at("stress_at_hole", "MPa", solution, stress.six[:, 0], (0.0, self.R, 0.0)),
            at("stress_at_edge", "MPa", solution, stress.six[:, 0], (0.0, 10.0, 0.0)),
            overall("elongation", "mm", measures.surface_mean_displacement(solution, "end")[0]),
        ]


class Pore(Pulled):
    """A cube of 20 mm with a spherical pore of 2 mm in the middle, pulled by 100 MPa; an eighth of it."""

    title = "Spherical pore"
    R = 1.0
    references: ClassVar = {
        "stress_at_pore": Reference(
            PULL * (27 - 15 * STEEL.poisson_ratio) / (2 * (7 - 5 * STEEL.poisson_ratio)),
            "Southwell and Gough 1926; Timoshenko and Goodier, Theory of Elasticity, 1970: infinite body; "
            "the pore is 1/10 of the cube, and its stress falls with the third power of the distance",
            tolerance=0.005 * PULL * 2.05,
            nature="steep",
        ),
        "elongation": STAYS,
    }

    def solid(self) -> Solid:
        occ, cube = gmsh.model.occ, prism([(0, 0), (10, 0), (10, 10), (0, 10)], 0, 10)
        cut = occ.cut([(3, cube)], [(3, occ.addSphere(0, 0, 0, self.R))])[0][0][1]
        solid = Solid.of({"body": cut})
        name_planes(solid, x0=(0, 0.0), y0=(1, 0.0), z0=(2, 0.0), end=(0, 10.0))
        return solid

    def held(self) -> list[Support]:
        return [Sliding("x0", 0), Sliding("y0", 1), Sliding("z0", 2)]

    def measure(self, solution: Displacement, stress: NodalStress) -> list[Measured]:
        return [
            at("stress_at_pore", "MPa", solution, stress.six[:, 0], (0.0, 0.0, self.R)),
            overall("elongation", "mm", measures.surface_mean_displacement(solution, "end")[0]),
        ]


PROBLEMS = (
    SharpBracket,
    BluntBracket,
    ClampedBar,
    ClampedBeam,
    HeldAtPoint,
    HeldOnLine,
    SharpNotch,
    Crack,
    BondedBar,
    SharpShoulder,
    RoundedBracket,
    RoundedShoulder,
    RoundedNotch,
    NarrowStrip,
    SmallHole,
    Pore,
)
