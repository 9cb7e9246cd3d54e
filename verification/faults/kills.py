"""The process of a study killed again and again, at random and at chosen instants, until the study completes."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

from verification.faults import files
from verification.faults.audit import Reference, Watch, asides, ended, opened, study_folders
from verification.faults.ground import Ground, completes, gone
from verification.faults.instants import Instant, draw
from verification.faults.outcome import FaultOutcome, timed
from verification.faults.started import Started

BRACKETS = [{"label": f"{width} mm", "width": f"{width} mm"} for width in (8, 9, 10)]


def formulas(ground: Ground, kills: int, runs: int = 40) -> FaultOutcome:
    """A study of formula runs."""
    outcome = FaultOutcome(
        name="kill -9, formula runs",
        what=f"SIGKILL to the process of a study of {runs} formula runs, started again until it completes; then anew",
    )
    return _killed(ground, files.ishigami(runs), kills, outcome)


def meshes(ground: Ground, kills: int) -> FaultOutcome:
    """A study of runs on meshes, with pictures and reports."""
    outcome = FaultOutcome(
        name="kill -9, runs on meshes",
        what=f"the same to a study of {len(BRACKETS)} runs on meshes, with pictures and reports",
    )
    return _killed(ground, files.brackets(BRACKETS), kills, outcome)


def moved(ground: Ground, kills: int) -> FaultOutcome:
    """A study whose other runs begin with the meshes of the first."""
    outcome = FaultOutcome(
        name="kill -9, runs on meshes of the first",
        what=f"the same to a study of {len(BRACKETS)} runs on meshes, the others on those of the first, moved",
    )
    return _killed(ground, files.brackets(BRACKETS, start="first"), kills, outcome)


def _killed(ground: Ground, text: str, kills: int, outcome: FaultOutcome) -> FaultOutcome:
    with timed(outcome):
        study, rng = files.write(ground.folder, text), random.Random(ground.seed)
        reference = ground.undisturbed(study)
        while outcome.counts.get("kills", 0) < kills:
            _life(ground, study, reference, rng, kills, outcome)
    return outcome


def _life(
    ground: Ground, study: Path, reference: Reference, rng: random.Random, kills: int, outcome: FaultOutcome
) -> None:
    """One study from an empty folder to its end, killed on its way as often as it comes."""
    results, aside = ground.results("killed"), set[str]()
    watch = Watch(results, reference, outcome)
    while True:
        instant = draw(rng, reference.seconds, len(reference.files))
        awaited = instant.awaited(results)
        started = ground.start(study, results)
        if outcome.counts.get("kills", 0) >= kills or not instant.wait(started, awaited):
            break
        started.kill()
        gone(started, outcome)
        aside = _note(results, started, instant, aside, outcome)
        watch.look()
        ground.tell(f"kill {outcome.counts['kills']} {instant.name}, {phase(results, started)}")
    completes(started, outcome)
    watch.finish()
    outcome.count("studies completed")
    shutil.rmtree(results)


def _note(results: Path, started: Started, instant: Instant, before: set[str], outcome: FaultOutcome) -> set[str]:
    """Count a kill, and check that what the kill before had left aside was swept; what is left now."""
    now, when = set(asides(results)), phase(results, started)
    for name in ("kills", instant.name, when):
        outcome.count(name)
    if when != "while it started":
        outcome.count("folders aside swept", len(before - now))
        outcome.expect(not before & now, "a folder aside was not swept by the next start")
    return now


def phase(results: Path, started: Started) -> str:
    """How far a study had come when it ended."""
    for folder in study_folders(results):
        with opened(folder) as ledger:
            if not any(session.pid == started.pid for session in ledger.sessions()):
                continue
        done, known = ended(folder)
        if known and done == known:
            return "while it closed"
        return "with runs in hand" if asides(results) else "between runs"
    return "while it started"
