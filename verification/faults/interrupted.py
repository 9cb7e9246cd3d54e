"""Ctrl-C: what is done is kept and told, and the study goes on where it was."""

from __future__ import annotations

import json
import random
import signal
import time
from pathlib import Path

from verification.faults import files
from verification.faults.audit import Reference, Watch, run_folders, study_folders
from verification.faults.ground import Ground, completes, gone
from verification.faults.kills import BRACKETS
from verification.faults.outcome import FaultOutcome, timed
from verification.faults.started import Started

STATUS = 130


def formulas(ground: Ground, times: int, runs: int = 40) -> FaultOutcome:
    """A study of formula runs."""
    outcome = FaultOutcome(
        name="Ctrl-C, formula runs",
        what=f"SIGINT to a study of {runs} formula runs that has begun to run; then started again",
    )
    return _interrupted(ground, files.ishigami(runs), times, outcome)


def meshes(ground: Ground, times: int) -> FaultOutcome:
    """A study of runs on meshes, interrupted while a run is computed or drawn."""
    outcome = FaultOutcome(
        name="Ctrl-C, runs on meshes",
        what=f"the same to a study of {len(BRACKETS)} runs on meshes with pictures and reports, every second time "
        "while pictures are drawn",
    )
    return _interrupted(ground, files.brackets(BRACKETS), times, outcome)


def _interrupted(ground: Ground, text: str, times: int, outcome: FaultOutcome) -> FaultOutcome:
    with timed(outcome):
        study, rng = files.write(ground.folder, text), random.Random(ground.seed)
        reference = ground.undisturbed(study)
        while outcome.counts.get("interrupts", 0) < times:
            _life(ground, study, reference, rng, times, outcome)
    return outcome


def _life(
    ground: Ground, study: Path, reference: Reference, rng: random.Random, times: int, outcome: FaultOutcome
) -> None:
    results = ground.results("interrupted")
    watch = Watch(results, reference, outcome)
    while True:
        started = ground.start(study, results)
        if outcome.counts.get("interrupts", 0) >= times or len(run_folders(results)) == len(reference.files):
            break
        drawn = outcome.counts.get("interrupts", 0) % 2 == 1
        while started.running() and not _at(results, started, drawn):
            time.sleep(0.002)
        time.sleep(rng.uniform(0.0, 0.3 if drawn else 0.3 * reference.seconds / len(reference.files)))
        if len(run_folders(results)) == len(reference.files) or not started.running():
            break
        started.child.send_signal(signal.SIGINT)
        begun = time.monotonic()
        status = started.wait(60)
        outcome.count("interrupts")
        ground.tell(f"interrupt {outcome.counts['interrupts']}: {time.monotonic() - begun:.1f} s")
        outcome.counts["slowest, ms"] = max(
            outcome.counts.get("slowest, ms", 0), round(1000 * (time.monotonic() - begun))
        )
        outcome.expect(status == STATUS, f"the status was {status}, not {STATUS}")
        outcome.expect("Traceback" not in started.said, "a traceback was shown")
        gone(started, outcome)
        outcome.expect(not list(results.glob("failed/*")), "an interrupted run was taken for a failed one")
        for folder in study_folders(results):
            complete = json.loads((folder / "study.json").read_text())["complete"]
            outcome.expect(not complete, "an interrupted study was called complete")
        watch.look()
    completes(started, outcome)
    watch.finish()
    outcome.count("studies completed")


def _at(results: Path, started: Started, drawn: bool) -> bool:
    """Whether a run of this start is being computed; or has been, and is drawn."""
    mine = f".aside/*-{started.pid}"
    return any(results.glob(f"{mine}/run.json" if drawn else f"{mine}/progress.jsonl"))
