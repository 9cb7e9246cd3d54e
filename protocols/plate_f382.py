"""Four-point bend of a bone plate (PLATE-4P)."""

from __future__ import annotations

from typing import Any

import numpy as np

from devices.parameters import parameter
from geometry.errors import GeometryError
from geometry.mesh import SizeBox
from geometry.scene import Arrow, Ghost, Scene
from geometry.solid import Solid
from protocols.result import Measured, Result, Specimen
from protocols.solid_test import SolidTest
from solvers import measures
from solvers.loads import Strip, Wrench
from solvers.supports import Support, ThreePoints

MEMORY = "assumed: from memory, the text of ASTM F382 was not available"
ALONG = (1.0, 0.0, 0.0)


class PlateF382(SolidTest):
    """Four-point bend of a straight bone plate.

    In the style of ASTM F382: two load rollers on the top, two supports below, x along the plate, z up. The rollers act
    as pressure spread over narrow strips (cos^2 across, even along the roller); the specimen is in equilibrium by
    itself and three points only take away its rigid motion. Deflections are those of the strips, as a crosshead sees
    them.
    """

    style_of = "ASTM F382-17, ISO 9585"
    sources = (
        "ASTM F382-17: quantities and load ratio as read on laboratory pages and in PMC5037585, not its text",
        "EI = K h^2 (2h + 3k) / 12: elementary beam theory; consistent with nail data in SA Orthop J 21(4), 2022",
    )
    needs_surfaces = ("top", "bottom")

    force: float = parameter(
        200,
        "N",
        (0.1, 20000),
        "Peak load, both rollers together",
        source="assumed: a free choice below yield",
        verified=False,
    )
    load_ratio: float = parameter(
        0.1, "", (0, 0.99), "Smallest over largest load of the cycle", source=sources[0], verified=True
    )
    support_to_load: float = parameter(
        26, "mm", (3, 150), "Distance h from support to load roller", source=MEMORY, verified=False
    )
    load_span: float = parameter(
        26, "mm", (3, 150), "Distance k between the load rollers", source=MEMORY, verified=False
    )
    contact_width: float = parameter(
        2, "mm", (0.5, 6), "Width over which a roller presses", source="assumed: a free choice", verified=False
    )
    roller_diameter: float = parameter(
        12, "mm", (2, 40), "Diameter of the rollers, drawn only", source=MEMORY, verified=False
    )

    def _rollers(self) -> list[tuple[str, float, float]]:
        """Surface, position x (mm) and share of the force (signed, up) of each roller."""
        inner, outer = self.load_span / 2, self.load_span / 2 + self.support_to_load
        return [("top", -inner, -0.5), ("top", inner, -0.5), ("bottom", -outer, 0.5), ("bottom", outer, 0.5)]

    def _strip(self, x: float) -> Strip:
        return Strip((x, 0.0, 0.0), ALONG, self.contact_width)

    def prepare(self, solid: Solid, size: float) -> list[SizeBox]:
        low, high = solid.box()
        reach = self.load_span / 2 + self.support_to_load + self.contact_width / 2
        if reach > min(-low[0], high[0]):
            raise GeometryError(
                f"the supports stand {2 * reach:.1f} mm apart, but the plate is only {high[0] - low[0]:.1f} mm long",
                ("support_to_load", "load_span", "length"),
            )
        thickness = float(high[2] - low[2])
        if self.load_span < 2 * thickness + 2 * self.contact_width:
            raise GeometryError(
                f"between load rollers {self.load_span:.1f} mm apart nothing of a plate {thickness:.1f} mm thick is in "
                "pure bending",
                ("load_span", "thickness", "contact_width"),
            )
        w = self.contact_width
        return [
            SizeBox((x - w / 2, low[1], low[2]), (x + w / 2, high[1], high[2]), min(1.0, 0.45 * w / size), w)
            for _, x, _ in self._rollers()
        ]

    def supports(self, specimen: Specimen) -> list[Support]:
        return [ThreePoints()]

    def loads(self, specimen: Specimen) -> list[Wrench]:
        return [
            Wrench(surface, (0.0, 0.0, share * self.force), (x, 0.0, 0.0), weight=self._strip(x))
            for surface, x, share in self._rollers()
        ]

    def measure(self, result: Result) -> list[Measured]:
        solution, body = result.solution, result.solution.body
        thickness = float(result.specimen.high[2] - result.specimen.low[2])
        width = float(result.specimen.high[1] - result.specimen.low[1])
        h, k = self.support_to_load, self.load_span
        moment = self.force / 2 * h
        clear = np.ones(len(result.points), dtype=bool)
        deflection = {"top": 0.0, "bottom": 0.0}
        for surface, x, _ in self._rollers():
            clear &= np.abs(result.points[:, 0] - x) > self.exclusion(thickness)
            deflection[surface] += measures.surface_mean(body, surface, self._strip(x), solution.u[2]) / 2
            covered = measures.strip_area(body, surface, self._strip(x)) / (width * self.contact_width / 2)
            if covered < 0.75:
                result.warnings.append(
                    f"the roller at x = {x:.1f} mm touches only {covered:.0%} of the width: a hole or an undercut is "
                    "under it (choose other spans)"
                )
        bending_stiffness = self.force / (deflection["bottom"] - deflection["top"])
        structural = bending_stiffness * h**2 * (2 * h + 3 * k) / 12
        gauge = k / 2 - thickness
        turn = measures.section_rotation(solution, self._strip(gauge)) - measures.section_rotation(
            solution, self._strip(-gauge)
        )
        curvature_stiffness = moment * 2 * gauge / abs(turn)
        middle = measures.strip_area(body, "bottom", self._strip(0.0)) / (width * self.contact_width / 2)
        axial = _axial_stress(result)
        peaks = result.peak_stresses(clear)
        return [
            *peaks,
            Measured(
                "mid_span_stress",
                measures.surface_mean(body, "bottom", self._strip(0.0), axial),
                "MPa",
                "axial stress of the lower (tension) side at mid-span, mean over the width",
                (0.0, 0.0, float(result.specimen.low[2])),
                note="" if middle > 0.95 else f"a hole is there: mean over the {middle:.0%} of the width that is left",
            ),
            Measured(
                "bending_stiffness",
                bending_stiffness,
                "N/mm",
                "load over travel of the load rollers against the supports",
            ),
            Measured(
                "bending_structural_stiffness",
                structural / 1e6,
                "N*m^2",
                "EI_e = K h^2 (2h + 3k) / 12, as the test method computes it from the bending stiffness",
                note="includes shear deflection and the indentation under the rollers, so it is lower than E I",
            ),
            Measured(
                "curvature_stiffness",
                curvature_stiffness / 1e6,
                "N*m^2",
                "moment over curvature between the load rollers: comparable with E I",
            ),
            result.mass(),
            *result.safety_factors(peaks, self.load_ratio),
        ]

    def exclusion(self, thickness: float) -> float:
        """Half-width of the zone about each roller in which no peak is sought, mm."""
        return max(thickness, self.contact_width)

    def remarks(self, specimen: Specimen) -> list[str]:
        return ["rollers are taken as even pressure on narrow strips: friction and rolling are not modelled"]

    def scene(self, specimen: Specimen) -> Scene:
        low, high = (tuple(float(c) for c in corner) for corner in (specimen.low, specimen.high))
        radius, reach = self.roller_diameter / 2, 1.3 * (high[1] - low[1])
        ghosts, arrows = [], []
        for surface, x, share in self._rollers():
            z = high[2] + radius if surface == "top" else low[2] - radius
            ghosts.append(
                Ghost(
                    kind="cylinder",
                    role="load" if surface == "top" else "fixture",
                    centre=(x, 0.0, z),
                    axis=(0.0, 1.0, 0.0),
                    size=(radius, reach),
                    label="load roller" if surface == "top" else "support",
                )
            )
            if surface == "top":
                top = (x, 0.0, high[2] + 2 * radius)
                arrows.append(Arrow(point=top, vector=(0.0, 0.0, -1.0), label=f"{-share * self.force:.0f} N"))
        return Scene(
            view_direction=(0.35, -0.75, -0.56),
            up=(0.0, 0.0, 1.0),
            section_origin=(0.0, 0.0, 0.0),
            section_normal=(0.0, 1.0, 0.0),
            arrows=arrows,
            ghosts=[*ghosts, *specimen.ghosts],
            excluded=(
                f"within {self.exclusion(high[2] - low[2]):.1f} mm of a roller line, where the roller and "
                "not the bending rules the stress"
            ),
        )


def _axial_stress(result: Result) -> Any:
    """sigma_xx as a UFL scalar, MPa."""
    return result.solution.problem.sigma(result.solution.u)[0, 0]
