"""What the hip stem tests have in common: a load at the head centre, a stem held below a level."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from geometry.errors import GeometryError
from geometry.mesh import SizeBox
from geometry.scene import Arrow, Ghost, Scene
from geometry.solid import Cut, Solid
from protocols.result import Measured, Result, Specimen
from protocols.solid_test import SolidTest
from solvers import measures
from solvers.loads import Wrench
from solvers.supports import Clamp, Support

Array = NDArray[np.float64]

UP = (0.0, 0.0, 1.0)


class HipStemTest(SolidTest):
    """A stem held below a horizontal level and loaded at the centre of its head.

    z is the stem axis, x points medially, y anteriorly; the load is carried to the taper as a traction with the same
    force and moment. A subclass says where the levels are.
    """

    needs_surfaces = ("trunnion",)
    needs_landmarks: ClassVar[tuple[str, ...]] = ("head_centre",)

    force: float
    adduction: float
    flexion: float
    load_ratio: float

    @abstractmethod
    def levels(self, specimen: Specimen) -> tuple[float, float]:
        """Heights z, mm: from where the peaks are sought, and below which the stem is held."""

    @abstractmethod
    def level_names(self) -> tuple[str, ...]:
        """Parameters that place the levels, for messages."""

    def head_force(self) -> tuple[float, float, float]:
        """Force on the head, N: along (-tan adduction, tan flexion, -1)."""
        direction = np.array([-np.tan(np.radians(self.adduction)), np.tan(np.radians(self.flexion)), -1.0])
        fx, fy, fz = self.force * direction / np.linalg.norm(direction)
        return float(fx), float(fy), float(fz)

    def prepare(self, solid: Solid, size: float) -> list[SizeBox]:
        specimen = Specimen.of(solid, {})
        potting, fixture = self.levels(specimen)
        low, high = specimen.low, specimen.high
        if not low[2] + 1.0 < fixture < potting < high[2]:
            raise GeometryError(
                f"the stem must reach from above the potting level (z = {potting:.1f} mm) to at least 1 mm below the "
                f"level where it is held (z = {fixture:.1f} mm); it ends at z = {low[2]:.1f} mm",
                ("stem_length", *self.level_names()),
            )
        solid.cut(
            Cut((0, 0, potting), UP, "potting", above="exposed", below="potted"),
            Cut((0, 0, fixture), UP, "fixture", below="held"),
        )
        margin = 1.0
        below = SizeBox(
            (low[0] - margin, low[1] - margin, low[2] - margin),
            (high[0] + margin, high[1] + margin, fixture - 2 * size),
            factor=2.0,
            blend=4 * size,
        )
        return [below]

    def supports(self, specimen: Specimen) -> list[Support]:
        return [Clamp("held")]

    def loads(self, specimen: Specimen) -> list[Wrench]:
        return [Wrench("trunnion", self.head_force(), measures.as_point(specimen.landmarks["head_centre"]))]

    def measure(self, result: Result) -> list[Measured]:
        solution, specimen = result.solution, result.specimen
        potting, _ = self.levels(specimen)
        taper = measures.on_surface(solution, "trunnion")
        peaks = result.peak_stresses((result.points[:, 2] >= potting - 1e-6) & ~taper)
        wrench = self.loads(specimen)[0]
        # The head is rigid: it follows the mean motion of the taper, which the load is conjugate to.
        deflection = wrench.conjugate_displacement(solution.body, solution.u)
        along = float(deflection @ np.array(self.head_force())) / self.force
        axis = np.array([0.0, 0.0, potting])
        _, moment = measures.section_resultant(solution, "potting", "exposed", axis)
        bending, torque = float(np.hypot(moment[0], moment[1])), float(moment[2])
        return [
            *peaks,
            Measured(
                "head_deflection",
                float(np.linalg.norm(deflection)),
                "mm",
                "displacement of the head centre carried along by the mean motion of the taper",
                measures.as_point(specimen.landmarks["head_centre"]),
            ),
            Measured("stiffness", self.force / along, "N/mm", "load over deflection of the head along the load"),
            Measured(
                "section_moment",
                bending / 1e3,
                "N*m",
                "bending moment through the section at the potting level, across the stem axis",
            ),
            Measured(
                "section_torque",
                abs(torque) / 1e3,
                "N*m",
                "torque through the section at the potting level, about the stem axis",
                scale=bending / 1e3,
            ),
            result.mass(),
            *result.safety_factors(peaks, self.load_ratio),
        ]

    def remarks(self, specimen: Specimen) -> list[str]:
        return [
            "the head is not modelled: its load acts on the taper as a traction; head and taper joint are not judged"
        ]

    def scene(self, specimen: Specimen) -> Scene:
        x, y, z = (float(c) for c in specimen.landmarks["head_centre"])
        potting, fixture = self.levels(specimen)
        ux, uy, uz = (c / self.force for c in self.head_force())
        bottom = float(specimen.low[2]) - 6.0
        radius = float(np.max(specimen.high[:2] - specimen.low[:2])) / 3
        pot = Ghost(
            kind="cylinder",
            role="fixture",
            centre=(0.0, 0.0, (potting + bottom) / 2),
            axis=UP,
            size=(radius, potting - bottom),
            label=f"potting, level {z - potting:.0f} mm below the head centre",
        )
        return Scene(
            view_direction=(0.17, -0.97, 0.17),
            up=UP,
            section_origin=(0.0, 0.0, 0.0),
            section_normal=(0.0, 1.0, 0.0),
            arrows=[Arrow(point=(x, y, z), vector=(ux, uy, uz), label=f"{self.force:.0f} N")],
            ghosts=[pot, *specimen.ghosts],
            excluded=(
                f"below the potting level (z < {potting:.1f} mm): the stem is held from z = {fixture:.1f} mm down, and "
                "the stress at the edge of a clamp grows without bound"
            ),
        )
