"""What a code has to tell of its run: the time of each stage and its answer. Standard library and numpy only."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ANSWER, DISPLACEMENT = "answer.json", "displacement.npy"
STAGES = ("read", "assembly", "preconditioner", "solve", "stress")


@dataclass
class Answer:
    """Stages and results of one run.

    Attributes
    ----------
    version : str
    threads : int
        Threads, or ranks.
    stages : dict of str to float
        Seconds of each of `STAGES` that the code has.
    largest_displacement : float, mm
        At a node.
    peak_stress : float, MPa
        Largest von Mises stress, averaged at the nodes, in the zone of the case.
    residual : float or None
        True relative residual |b - A x| / |b| of the code's own system, free unknowns only.
    tolerance : str
        What the iteration aimed at, and in which norm.
    iterations : int or None
    straight : bool
        The code had to do without the curved edges.
    note : str
    """

    version: str
    threads: int
    stages: dict[str, float] = field(default_factory=dict)
    largest_displacement: float = 0.0
    peak_stress: float = 0.0
    residual: float | None = None
    tolerance: str = ""
    iterations: int | None = None
    memory: float | None = None
    note: str = ""

    @property
    def total(self) -> float:
        """Seconds from the mesh file to the stress; the start of the program is not in it."""
        return sum(self.stages.values())

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.stages[stage] = self.stages.get(stage, 0.0) + time.perf_counter() - start

    def write(self, folder: Path, displacement: NDArray[np.float64]) -> None:
        """Write the answer and the displacement (n, 3) of the nodes of the case."""
        self.largest_displacement = float(np.linalg.norm(displacement, axis=1).max())
        np.save(folder / DISPLACEMENT, displacement)
        (folder / ANSWER).write_text(json.dumps(asdict(self)))

    @classmethod
    def read(cls, folder: Path) -> Answer:
        given: dict[str, Any] = json.loads((folder / ANSWER).read_text())
        return cls(**given)
