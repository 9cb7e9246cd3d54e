"""Hip stem endurance test, distal potting (HIP-4)."""

from __future__ import annotations

from devices.parameters import parameter
from protocols.hip import HipStemTest
from protocols.result import Specimen

SHORTEST, LONGEST = 120.0, 250.0  # mm, head centre to tip


class HipIso7206_4(HipStemTest):
    """Endurance of a stemmed femoral component held distally.

    In the style of ISO 7206-4 as a static finite element test after ASTM F2996: the stem is held 10 mm lower than the
    potting level, so that the clamp does not disturb the stress read from there up.
    """

    style_of = "ISO 7206-4:2010 and ASTM F2996-20"
    sources = (
        "ISO 7206-4:2010, scope only: its text was not available here",
        "ISO 7206-8:1995 as quoted on a public page: 300 N to 2300 N, no fracture",
        "Prosthesis 7 (2025) 144: F2996 test with 2300 N at the head centre, stem fixed 90 mm below it",
    )

    force: float = parameter(2300, "N", (1, 20000), "Peak load on the head", source=sources[1], verified=True)
    load_ratio: float = parameter(
        300 / 2300, "", (0, 0.99), "Smallest over largest load of the cycle", source=sources[1], verified=True
    )
    adduction: float = parameter(
        10, "deg", (0, 45), "Tilt of the stem axis in the frontal plane", source="assumed: from memory", verified=False
    )
    flexion: float = parameter(
        9, "deg", (0, 45), "Tilt of the stem axis in the sagittal plane", source="assumed: from memory", verified=False
    )
    potting_depth: float = parameter(
        80, "mm", (20, 300), "Potting level below the head centre", source="assumed: from memory", verified=False
    )
    fixture_depth: float = parameter(
        90, "mm", (20, 320), "Level below the head centre from which the stem is held", source=sources[2], verified=True
    )

    def levels(self, specimen: Specimen) -> tuple[float, float]:
        head = float(specimen.landmarks["head_centre"][2])
        return head - self.potting_depth, head - self.fixture_depth

    def level_names(self) -> tuple[str, ...]:
        return "potting_depth", "fixture_depth"

    def remarks(self, specimen: Specimen) -> list[str]:
        length = float(specimen.landmarks["head_centre"][2] - specimen.low[2])
        remarks = super().remarks(specimen)
        if not SHORTEST < length <= LONGEST:
            remarks.append(
                f"the stem is {length:.0f} mm long from head centre to tip; load and levels are those for "
                f"{SHORTEST:.0f} mm to {LONGEST:.0f} mm (assumed: from memory), other stems have others"
            )
        return remarks
