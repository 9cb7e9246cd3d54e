"""Where a scenario is played, and how studies are started there."""

from __future__ import annotations

import itertools
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from studies.supervise import python_module
from verification.faults.audit import Reference
from verification.faults.outcome import FaultOutcome, Tell
from verification.faults.started import Started

ENDED_WELL = (0, 3)  # exit status: done; done, but not every variant came out well
_PATCHED = Path(__file__).with_name("patched.py")


@dataclass(frozen=True)
class Ground:
    """A folder of its own for a scenario.

    Parameters
    ----------
    folder : Path
    seed : int
        Of all that is drawn at random.
    plain : bool
        Whether the reports of studies are left away, for haste.
    workers : int
        Runs at a time.
    tell : callable
        Told how it goes on.
    known : dict
        Undisturbed studies, by the text of their files; to be shared between scenarios of the same studies.
    """

    folder: Path
    seed: int = 1
    plain: bool = False
    workers: int = 2
    tell: Tell = lambda words: None
    known: dict[tuple[str, ...], Reference] = field(default_factory=dict)
    _logs: Iterator[int] = field(default_factory=itertools.count)

    def command(self, study: Path, results: Path, *words: str, grace: float | None = None) -> list[str]:
        """Command of a study; ``grace`` as in `patched`."""
        changes = ["report=no"] * self.plain + [f"grace={grace}"] * (grace is not None)
        base = python_module("benchtwin")
        if changes:
            base = [*base[: base.index("-m")], str(_PATCHED), *changes, "--"]
        if "--scheduler" not in words:
            words = ("--workers", str(self.workers), *words)
        return [*base, "study", str(study), "--results", str(results), *words]

    def start(
        self,
        study: Path,
        results: Path,
        *words: str,
        grace: float | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Started:
        """Start a study."""
        log = self.folder / "logs" / f"{next(self._logs)}.txt"
        return Started(self.command(study, results, *words, grace=grace), log, environment)

    def undisturbed(self, *studies: Path) -> Reference:
        """Do studies without any fault, in a folder of their own: what all others are held against."""
        texts = tuple(study.read_text() for study in studies)
        if texts in self.known:
            return self.known[texts]
        results = self.folder / "undisturbed"
        begun = time.monotonic()
        for study in studies:
            started = self.start(study, results)
            if started.wait() not in ENDED_WELL:
                raise RuntimeError(f"the undisturbed study failed: {started.said}")
        seconds = time.monotonic() - begun
        self.tell(f"undisturbed in {seconds:.1f} s")
        return self.known.setdefault(texts, Reference.of(results, seconds))

    def results(self, name: str) -> Path:
        """An empty results folder."""
        path = self.folder / name
        shutil.rmtree(path, ignore_errors=True)
        return path


def completes(started: Started, outcome: FaultOutcome) -> None:
    """Wait for a study that nobody disturbs any more: it must end well, and leave no process."""
    status = started.wait()
    if status not in ENDED_WELL:
        outcome.breach(f"the study ended with status {status}, undisturbed")
        outcome.notes.append(f"the last words of a study that ended with status {status}: {started.said[-300:]}")
    outcome.expect("Traceback" not in started.said, "a traceback was shown")
    outcome.expect("is incomplete" not in started.said, "the report of the study was not drawn")
    gone(started, outcome)


def gone(started: Started, outcome: FaultOutcome) -> None:
    """After the end of a study: its processes must be gone in time."""
    seconds, left = started.deaths()
    outcome.slowest_death = max(outcome.slowest_death, seconds)
    if left:
        outcome.survivors += len(left)
        outcome.breach("a process outlived the study by more than 5 s")
