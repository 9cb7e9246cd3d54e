"""benchtwin's ladder on a flow case: python -m benchmarks.flow_ours CASE MINUTES ANSWER"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from mpi4py import MPI

import solvers  # noqa: F401  (before any module that needs DOLFINx)
from devices.fda_nozzle import FdaNozzle
from protocols.flow_steady import FlowSteady
from studies.budget import Budget
from studies.case import Case, FlowCase
from studies.ladder import climb
from verification.cylinder import CylinderInChannel

CASES = {
    "cylinder": ("drag_coefficient", CylinderInChannel),
    "nozzle": ("pressure_drop", lambda: FlowCase(FdaNozzle(), FlowSteady(), lambda solid: None)),
}
FINEST = 1e-4  # accuracy asked for: the budget ends the ladder


def main(name: str, minutes: float, answer: Path) -> None:
    """Climb, and write (unknowns, value, seconds since the start) of each mesh of the ladder."""
    start = time.perf_counter()
    goal, make = CASES[name]
    case: Case[Any] = make()
    ends: list[float] = []

    def progress(stage: str, facts: dict[str, Any]) -> None:
        if stage == "level":
            ends.append(time.perf_counter() - start)

    with climb(case, FINEST, MPI.COMM_WORLD, progress, Budget.of(None, minutes)) as ladder:
        steps = [
            (rung.dofs, next(m.value for m in rung.measured if m.name == goal), seconds)
            for rung, seconds in zip(ladder.rungs, ends, strict=True)
            if rung.scale is not None
        ]
        found = ladder.estimates[goal]
    if MPI.COMM_WORLD.rank == 0:
        limit = found.value if found.extrapolated is None else found.extrapolated
        answer.write_text(json.dumps({"steps": steps, "limit": limit, "uncertainty": found.uncertainty}))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), Path(sys.argv[3]))
