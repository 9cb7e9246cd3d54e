"""Hip stem neck test, potted to the resection level (HIP-6)."""

from __future__ import annotations

from devices.parameters import parameter
from protocols.hip import HipStemTest
from protocols.result import Specimen

MEMORY = "assumed: from memory, the text of ISO 7206-6 was not available"


class HipIso7206_6(HipStemTest):
    """Endurance of the neck region of a stemmed femoral component.

    In the style of ISO 7206-6 as a static finite element test: potted up to the resection level, held a little lower,
    so that the clamp does not disturb the stress read from the potting level up.
    """

    style_of = "ISO 7206-6:2013"
    sources = ("ISO 7206-6:2013, scope only: its text was not available here; loads and levels are from memory",)
    needs_landmarks = ("head_centre", "resection_centre")

    force: float = parameter(5340, "N", (1, 20000), "Peak load on the head", source=MEMORY, verified=False)
    load_ratio: float = parameter(
        0.1, "", (0, 0.99), "Smallest over largest load of the cycle", source=MEMORY, verified=False
    )
    adduction: float = parameter(
        10, "deg", (0, 45), "Tilt of the stem axis in the frontal plane", source=MEMORY, verified=False
    )
    flexion: float = parameter(
        9, "deg", (0, 45), "Tilt of the stem axis in the sagittal plane", source=MEMORY, verified=False
    )
    potting_rise: float = parameter(
        0, "mm", (-60, 30), "Potting level above the centre of the resection plane", source=MEMORY, verified=False
    )
    clamp_margin: float = parameter(
        10,
        "mm",
        (1, 60),
        "How far below the potting level the stem is held",
        source="assumed: as in ISO 7206-4 after ASTM F2996",
        verified=False,
    )

    def levels(self, specimen: Specimen) -> tuple[float, float]:
        potting = float(specimen.landmarks["resection_centre"][2]) + self.potting_rise
        return potting, potting - self.clamp_margin

    def level_names(self) -> tuple[str, ...]:
        return "potting_rise", "clamp_margin"
