"""Several studies on one results folder at once."""

from __future__ import annotations

import random
import time
from pathlib import Path

from studies.pool.ledger import Attempt
from studies.store import RunStore
from verification.faults import files
from verification.faults.audit import Reference, Watch, opened, study_folders
from verification.faults.ground import Ground, completes, gone
from verification.faults.openings import PROCESSES, VARIANTS, played
from verification.faults.outcome import FaultOutcome, timed
from verification.faults.started import Started

APART = 1.0  # s, at most, between the starts


def together(ground: Ground, times: int, runs: int = 40) -> FaultOutcome:
    """Two copies of a study."""
    outcome = FaultOutcome(
        name="two copies at once",
        what=f"the same study of {runs} formula runs started twice within a second, on one folder",
    )
    study = files.write(ground.folder, files.ishigami(runs))
    return _raced(ground, [study, study], times, outcome)


def one_killed(ground: Ground, times: int, runs: int = 40) -> FaultOutcome:
    """Two copies of a study, one of which is killed."""
    outcome = FaultOutcome(
        name="two copies at once, one killed",
        what=f"the same study of {runs} formula runs started twice within a second, one of the two killed at random",
    )
    study = files.write(ground.folder, files.ishigami(runs))
    return _raced(ground, [study, study], times, outcome, kill=True)


def ended(ground: Ground, times: int, runs: int = 8) -> FaultOutcome:
    """Copies of a study in which nothing is left to be run: they all write the same record at the same time."""
    outcome = FaultOutcome(
        name="four copies of an ended study at once",
        what=f"a study of {runs} formula runs that has ended, started four times at the same instant",
    )
    with timed(outcome):
        study = files.write(ground.folder, files.ishigami(runs))
        reference, results = ground.undisturbed(study), ground.results("race")
        completes(ground.start(study, results), outcome)
        watch = Watch(results, reference, outcome)
        for _ in range(times):
            for started in [ground.start(study, results) for _ in range(4)]:
                completes(started, outcome)
            watch.finish()
            outcome.count("races")
    return outcome


def entering(ground: Ground, times: int) -> FaultOutcome:
    """Copies that open the same new ledger; without a race at just that instant, one would hardly ever see it."""
    outcome = FaultOutcome(
        name="one new ledger opened by many",
        what=f"a ledger that is not there yet opened by {PROCESSES} processes at the same instant, which then share "
        f"its {VARIANTS} variants",
    )
    with timed(outcome):
        for answers in played(times):
            outcome.count("races")
            done = [answer for answer in answers if isinstance(answer, int)]
            for trouble in set(map(str, answers)) - set(map(str, done)):
                outcome.breach(trouble)
            outcome.lost += max(VARIANTS - sum(done), 0)
            outcome.duplicated += max(sum(done) - VARIANTS, 0)
            outcome.expect(sum(done) == VARIANTS, f"{sum(done)} variants of {VARIANTS} were handed out")
    return outcome


def overlapping(ground: Ground, times: int) -> FaultOutcome:
    """Two studies that have variants in common."""
    outcome = FaultOutcome(
        name="two studies with the same variants in part",
        what="two studies of 24 formula runs each, 16 of them the same, started within a second, on one folder",
    )
    y = [0.0, 1.0, 2.0, 3.0]
    one = files.write(ground.folder, files.sums("one", range(6), y), "one.toml")
    other = files.write(ground.folder, files.sums("other", range(2, 8), y), "other.toml")
    return _raced(ground, [one, other], times, outcome)


def _raced(
    ground: Ground, studies: list[Path], times: int, outcome: FaultOutcome, *, kill: bool = False
) -> FaultOutcome:
    with timed(outcome):
        rng = random.Random(ground.seed)
        reference = ground.undisturbed(*dict.fromkeys(studies))
        for _ in range(times):
            _race(ground, studies, reference, rng, outcome, kill)
            outcome.count("races")
            ground.tell(f"race {outcome.counts['races']}")
    return outcome


def _race(
    ground: Ground, studies: list[Path], reference: Reference, rng: random.Random, outcome: FaultOutcome, kill: bool
) -> None:
    results = ground.results("race")
    watch = Watch(results, reference, outcome)
    started: list[Started] = []
    for study in studies:
        time.sleep(rng.choice((0.0, rng.uniform(0.0, APART))) if started else 0.0)
        started.append(ground.start(study, results))
    if kill:
        victim = started.pop(rng.randrange(len(started)))
        time.sleep(rng.uniform(0.0, 0.7 * reference.seconds))
        if victim.running():
            victim.kill()
            outcome.count("kills")
            gone(victim, outcome)
    for each in started:
        completes(each, outcome)
    watch.look()
    RunStore(results).prepare()  # what the next run does first: it sweeps what a killed one has left aside
    watch.finish()
    outcome.count("runs", len(reference.files))
    outcome.count("runs done by each of both", _shared(results))


def _shared(results: Path) -> int:
    """Runs that the one with the smaller share has done: 0 would mean that they did not run at once."""
    done: dict[str, int] = {}
    for folder in study_folders(results):
        with opened(folder) as ledger:
            attempts: list[Attempt] = ledger.attempts()
        for attempt in attempts:
            if attempt.outcome == "computed":
                done[attempt.owner] = done.get(attempt.owner, 0) + 1
    return min(done.values()) if len(done) > 1 else 0
