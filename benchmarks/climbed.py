"""What a ladder of meshes of a hip stem gave; read without loading any solver."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

GOAL = "peak_von_mises_stress"
MINUTES = 60.0  # for one ladder
CASES: dict[str, dict[str, float]] = {"fillet 8 mm": {}, "fillet 2 mm": {"neck_fillet_radius": 2.0}}


@dataclass(frozen=True)
class Step:
    """The goal, MPa, on one mesh, where it is found, mm, and what the mesh took, s."""

    dofs: int
    value: float
    location: tuple[float, float, float] | None
    seconds: float


@dataclass(frozen=True)
class Climbed:
    """One ladder, coarse to fine, and the goal to which it tends, if the ladder knows it."""

    steps: list[Step]
    limit: float | None

    @classmethod
    def read(cls, path: Path) -> Climbed:
        given = json.loads(path.read_text())
        return cls([Step(**step) for step in given["steps"]], given["limit"])
