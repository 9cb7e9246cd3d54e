"""Whether a results folder is as it must be: whole runs only, none changed, none that nobody asked for."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from studies.findings.study_record import ENDED
from studies.layout import ASIDE, FAILED, LOCKS, STUDIES
from studies.pool.ledger import FILE as LEDGER
from studies.pool.ledger import OWNERS, Ledger
from studies.record import RunRecord
from verification.faults.outcome import FaultOutcome
from verification.faults.table import differences


def run_folders(results: Path) -> list[Path]:
    """All folders where finished runs stand, whatever is in them."""
    rooms = [path for path in _folders(results) if path.name not in (ASIDE, LOCKS, FAILED, STUDIES)]
    return sorted(run for device in rooms for protocol in _folders(device) for run in _folders(protocol))


def study_folders(results: Path) -> list[Path]:
    """All folders of studies."""
    return sorted(_folders(results / STUDIES))


def asides(results: Path) -> list[str]:
    """Names of the folders in which runs are being written, or were."""
    return sorted(path.name for path in _folders(results / ASIDE))


@dataclass(frozen=True)
class Reference:
    """What an undisturbed study has left: files of each run by its key, the table, how long it took, s."""

    results: Path
    files: dict[str, frozenset[str]]
    seconds: float

    @classmethod
    def of(cls, results: Path, seconds: float = 0.0) -> Reference:
        return cls(results, {run.name: _names(run) for run in run_folders(results)}, seconds)

    def study(self, key: str) -> Path:
        """The study folder of a key."""
        return self.results / STUDIES / key


@dataclass
class Watch:
    """Looks at a results folder again and again.

    Parameters
    ----------
    results : Path
    reference : Reference
    outcome : FaultOutcome
        Takes what is found wrong.
    """

    results: Path
    reference: Reference
    outcome: FaultOutcome
    _seen: dict[str, tuple[int, int]] = field(default_factory=dict)
    _told: set[tuple[str, str]] = field(default_factory=set)

    def look(self) -> None:
        """Every run folder whole, as it was and asked for; every ledger sound."""
        present = set()
        for run in run_folders(self.results):
            present.add(run.name)
            trouble = self._unlike(run)
            if trouble and (run.name, trouble) not in self._told:
                self._told.add((run.name, trouble))
                self.outcome.half_written += 1
                self.outcome.breach(f"run folder {trouble}")
                continue
            self._unchanged(run)
        gone = set(self._seen) - present
        if gone:
            self.outcome.lost += len(gone)
            self.outcome.breach("a finished run is gone")
            for key in gone:
                del self._seen[key]
        for study in study_folders(self.results):
            self._sound(study)

    def _unlike(self, run: Path) -> str:
        if run.name not in self.reference.files:
            return "that nobody asked for"
        names = _names(run)
        if missing := self.reference.files[run.name] - names:
            return f"without {', '.join(sorted(missing))}"
        if surplus := names - self.reference.files[run.name]:
            return f"with {', '.join(sorted(surplus))} too"
        try:
            RunRecord.read(run)
        except (OSError, ValidationError) as error:
            return f"with a record that cannot be read ({type(error).__name__})"
        return ""

    def _unchanged(self, run: Path) -> None:
        status = (run / "run.json").stat()
        stamp = status.st_ino, status.st_mtime_ns
        if self._seen.setdefault(run.name, stamp) != stamp:
            self._seen[run.name] = stamp
            self.outcome.duplicated += 1
            self.outcome.breach("a run that was in the store was computed again")

    def _sound(self, study: Path) -> None:
        if not (study / LEDGER).is_file():
            return
        with copied(study) as folder, closing(sqlite3.connect(folder / LEDGER)) as database:
            said = [row[0] for row in database.execute("PRAGMA integrity_check")]
        if said != ["ok"]:
            self.outcome.breach(f"the ledger is damaged: {said[0]}")

    def finish(self) -> None:
        """At the end of all studies there: each complete, each variant computed once at most, tables as undisturbed."""
        self.look()
        missing = set(self.reference.files) - {run.name for run in run_folders(self.results)}
        if missing:
            self.outcome.lost += len(missing)
            self.outcome.breach("a variant has no run in the end")
        if left := asides(self.results):
            self.outcome.breach(f"folders aside were not swept ({len(left)})")
        self._each_once()
        for study in study_folders(self.results):
            self._complete(study)

    def _complete(self, study: Path) -> None:
        """The files and the table of a study folder as undisturbed; the dead leave their names among the owners."""
        reference = self.reference.study(study.name)
        ours, theirs = _names(study), _names(reference)
        for name in sorted(theirs - ours):
            self.outcome.breach(f"the study folder has no {name}")
        for name in sorted(ours - theirs):
            self.outcome.expect(name.startswith(OWNERS), f"{name} was left in the study folder")
        self.outcome.tables += 1
        for words in differences(study, reference):
            self.outcome.wrong_tables += 1
            self.outcome.breach(words)

    def _each_once(self) -> None:
        computed: Counter[str] = Counter()
        for study in study_folders(self.results):
            with opened(study) as ledger:
                keys = {entry.number: entry.key for entry in ledger.entries()}
                open_, attempts = ledger.open(), ledger.attempts()
            computed.update(keys[a.number] for a in attempts if a.outcome == "computed")
            if open_:
                self.outcome.lost += open_
                self.outcome.breach("a variant has not ended in the end")
        twice = [key for key, times in computed.items() if times > 1]
        if twice:
            self.outcome.duplicated += len(twice)
            self.outcome.breach("a variant was computed more than once")


@contextmanager
def copied(study: Path) -> Iterator[Path]:
    """A copy of a ledger as it stands; opening the ledger itself would tidy up what a kill has left."""
    with tempfile.TemporaryDirectory() as folder:
        for path in study.glob(f"{LEDGER}*"):
            if not path.name.endswith("-shm"):  # made anew from the log
                try:
                    shutil.copy(path, folder)
                except FileNotFoundError:  # it ended in between
                    continue
        yield Path(folder)


@contextmanager
def opened(study: Path) -> Iterator[Ledger]:
    """A ledger for reading, by a copy of it."""
    with copied(study) as folder, closing(Ledger(folder)) as ledger:
        yield ledger


def ended(study: Path) -> tuple[int, int]:
    """How many variants of a study have ended, and how many it has so far."""
    if not (study / LEDGER).is_file():
        return 0, 0
    with opened(study) as ledger:
        counts = ledger.counts()
    return sum(counts.get(status, 0) for status in ENDED), sum(counts.values())


def _folders(path: Path) -> list[Path]:
    try:
        return [Path(entry.path) for entry in os.scandir(path) if entry.is_dir()]
    except OSError:  # it has gone in between
        return []


def _names(folder: Path) -> frozenset[str]:
    return frozenset(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
