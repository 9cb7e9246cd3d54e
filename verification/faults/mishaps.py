"""Variants that go wrong by themselves: each may cost itself, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from studies.findings.study_record import Status
from verification.faults import files
from verification.faults.audit import opened, run_folders, study_folders
from verification.faults.device.formula import MARKS
from verification.faults.ground import Ground, completes
from verification.faults.outcome import FaultOutcome, timed

GRACE = 9.0  # s over the least budget, 0.1 minutes: 18 s in all
NOT_CONVERGED = 3  # exit status of a study not all of whose variants came out well


@dataclass(frozen=True)
class Fate:
    """What must become of a variant: its status, the outcome of each try, and what is said of it."""

    status: Status
    outcomes: tuple[str, ...]
    said: str = ""


FATES = {
    "none": Fate("done", ("computed",)),
    "segfault": Fate("failed", ("crash", "crash"), "SIGSEGV"),
    "segfault_once": Fate("done", ("crash", "computed")),
    "killed": Fate("failed", ("crash", "crash"), "SIGKILL"),
    "quits": Fate("failed", ("crash", "crash"), "ended"),
    "endless": Fate("failed", ("time", "time"), "minutes"),
    "greedy": Fate("failed", ("memory", "memory"), "GB in use"),
    "noisy": Fate("done", ("computed",)),
    "raises": Fate("failed", ("error",), "a fault in the formula"),
    "nan": Fate("failed", ("error",)),
    "wrong": Fate("impossible", ("input",), "does not go with"),
}


def formulas(ground: Ground, words: Sequence[str] = tuple(FATES), plain: int = 12) -> FaultOutcome:
    """Formulas that go wrong in every way that we could think of, between others that do not."""
    mixed: list[str] = []
    for word in words:
        mixed += [word, "none"] if word != "none" else []
    mixed += ["none"] * max(plain - mixed.count("none"), 0)
    outcome = FaultOutcome(
        name="formulas that go wrong",
        what=f"a study of {len(mixed)} formula runs, among them one that does each of: "
        f"{', '.join(word for word in words if word != 'none')}",
    )
    fates = {f"{k} {word}": FATES[word] for k, word in enumerate(mixed, 1)}
    return _judged(ground, files.mishaps(mixed), fates, outcome, GRACE)


def meshes(ground: Ground) -> FaultOutcome:
    """Real parts: one good, one with a stress without bound, one that cannot be drawn, one that cannot be asked for."""
    variants = [
        {"label": "good", "width": "8 mm", "corner": "6 mm"},
        {"label": "never converges", "width": "8 mm", "corner": "0 mm"},
        {"label": "no solid", "width": "8 mm", "corner": "20 mm"},
        {"label": "also good", "width": "9 mm", "corner": "6 mm"},
    ]
    outcome = FaultOutcome(
        name="real parts that go wrong",
        what="four angle brackets on meshes: two good ones, one with a sharp corner, whose stress has no bound and "
        "never reaches its accuracy, one whose fillet does not fit",
    )
    fates = {
        "good": Fate("done", ("computed",)),
        "never converges": Fate("not_converged", ("computed",)),
        "no solid": Fate("impossible", ("input",), "corner"),
        "also good": Fate("done", ("computed",)),
    }
    return _judged(ground, files.brackets(variants, files.ANGLE, accuracy=0.1), fates, outcome, None)


def _judged(
    ground: Ground, text: str, fates: dict[str, Fate], outcome: FaultOutcome, grace: float | None
) -> FaultOutcome:
    with timed(outcome):
        study, results = files.write(ground.folder, text), ground.results("mishaps")
        marks = ground.folder / "marks"
        marks.mkdir(exist_ok=True)
        started = ground.start(study, results, grace=grace, environment={MARKS: str(marks)})
        status = started.wait()
        outcome.expect(status == NOT_CONVERGED, f"the status was {status}, not {NOT_CONVERGED}")
        outcome.expect("Traceback" not in started.said, "a traceback was shown")
        outcome.count("mishaps", sum(not label.endswith(("none", "good")) for label in fates))
        _compare(results, fates, outcome)
        before = _stamps(results)
        again = ground.start(study, results, environment={MARKS: str(marks)})
        outcome.expect(again.wait() == NOT_CONVERGED, "started again, it had another status")
        outcome.expect(_stamps(results) == before, "started again, something was computed again")
        for each in (started, again):
            completes(each, outcome)
    return outcome


def _compare(results: Path, fates: dict[str, Fate], outcome: FaultOutcome) -> None:
    """What became of each variant, and what should have."""
    found: dict[str, Fate] = {}
    for folder in study_folders(results):
        with opened(folder) as ledger:
            attempts = ledger.attempts()
            for entry in ledger.entries():
                tries = tuple(a.outcome for a in attempts if a.number == entry.number)
                found[entry.label] = Fate(entry.status, tries, entry.message)
    for label, fate in fates.items():
        if label not in found:
            outcome.lost += 1
            outcome.breach(f"{label}: not in the ledger")
            continue
        came = found[label]
        outcome.count(came.status)
        outcome.count("retries", max(len(came.outcomes) - 1, 0))
        outcome.expect(
            (came.status, came.outcomes) == (fate.status, fate.outcomes),
            f"{label.lstrip('0123456789 ')}: {came.status} after {', '.join(came.outcomes)}, not {fate.status} after "
            f"{', '.join(fate.outcomes)} ({came.said})",
        )
        outcome.expect(fate.said in came.said, f"{label}: the message does not say why: {came.said!r}")


def _stamps(results: Path) -> dict[str, int]:
    return {run.name: (run / "run.json").stat().st_mtime_ns for run in run_folders(results)}
