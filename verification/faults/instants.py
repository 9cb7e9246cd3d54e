"""When to strike: at a random instant, or just as something happens that only lasts for a moment."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from studies.pool.ledger import OWNERS
from studies.pool.study import FILE as STUDY_FILE
from verification.faults.audit import asides, run_folders, study_folders
from verification.faults.started import Started

POLL = 0.0005  # s
LATE = 0.03  # s: at most so long after what was waited for

Seen = Callable[[], bool]


@dataclass(frozen=True)
class Instant:
    """A moment in the life of a study.

    Attributes
    ----------
    name : str
        In words, for the page.
    awaited : callable
        Given the results folder, before the study starts; gives a function that says whether it has come.
    delay : float
        s, from then on.
    """

    name: str
    awaited: Callable[[Path], Seen]
    delay: float = 0.0

    def wait(self, study: Started, awaited: Seen) -> bool:
        """False if the study has ended before it."""
        while not awaited():
            if not study.running():
                return False
            time.sleep(POLL)
        time.sleep(self.delay)
        return study.running()


def draw(rng: random.Random, seconds: float, runs: int) -> Instant:
    """One of all kinds, of a study of so many runs that takes so long undisturbed."""
    late, n = rng.choice((0.0, rng.uniform(0.0, LATE))), rng.randint(1, max(runs // 5, 1))
    return rng.choices(
        [
            Instant("at random", lambda results: lambda: True, rng.uniform(0.0, 0.8 * seconds)),
            Instant("as the study enters its ledger", _entered, late),
            Instant("as a folder aside appears", lambda results: _more(lambda: asides(results), n), late),
            Instant("as a run is put in its place", lambda results: _more(lambda: run_folders(results), n), late),
            Instant("as the record or a table is written", _recorded, late),
            Instant("as the report is drawn", _reported, 30 * late),
        ],
        weights=(10, 2, 5, 5, 1, 1),
    )[0]


def _more(listed: Callable[[], list[str] | list[Path]], many: int) -> Seen:
    """Whether so many have come since now."""
    known = set(listed())
    return lambda: len(set(listed()) - known) >= many


def _entered(results: Path) -> Seen:
    return _more(lambda: [path for study in study_folders(results) for path in study.glob(f"{OWNERS}/*")], 1)


def _recorded(results: Path) -> Seen:
    """A part of a record or a table is there, or one was written since now."""
    before = _stamps(results)

    return lambda: any(_parts(study) for study in study_folders(results)) or _stamps(results) != before


def _parts(study: Path) -> list[Path]:
    """What is being written; the copy of the study file is not meant."""
    return [path for path in study.glob("*.part") if not path.name.startswith(f".{STUDY_FILE}")]


def _stamps(results: Path) -> list[int]:
    found = []
    for study in study_folders(results):
        for name in ("study.json", "variants.csv", "variants.parquet"):
            try:
                found.append((study / name).stat().st_mtime_ns)
            except FileNotFoundError:
                found.append(0)
    return found


def _reported(results: Path) -> Seen:
    return lambda: any((study / "report.log").exists() for study in study_folders(results))
