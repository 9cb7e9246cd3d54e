"""Single processes that compute killed at random, while the study goes on."""

from __future__ import annotations

import random
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from studies.findings.study_record import ENDED
from studies.pool.ledger import FILE as LEDGER
from verification.faults import files
from verification.faults.audit import Watch, copied, opened, study_folders
from verification.faults.ground import Ground, completes
from verification.faults.outcome import FaultOutcome, timed
from verification.faults.started import Started, end


def workers(ground: Ground, kills: int, runs: int = 40) -> FaultOutcome:
    """Each costs at most the run it had in hand, which is done again."""
    outcome = FaultOutcome(
        name="kill -9 of processes that compute",
        what=f"SIGKILL to single processes that compute, at random instants of a study of {runs} formula runs; the "
        "next only when the variant of the one before has ended, since two failures cost a variant",
    )
    with timed(outcome):
        study, rng = files.write(ground.folder, files.ishigami(runs)), random.Random(ground.seed)
        reference = ground.undisturbed(study)
        while outcome.counts.get("kills", 0) < kills:
            results = ground.results("children")
            watch = Watch(results, reference, outcome)
            started = ground.start(study, results)
            while outcome.counts.get("kills", 0) < kills and _strike(started, results, rng):
                outcome.count("kills")
            completes(started, outcome)
            watch.finish()
            for folder in study_folders(results):
                with opened(folder) as ledger:
                    outcomes = [attempt.outcome for attempt in ledger.attempts()]
                    failed = ledger.counts().get("failed", 0)
                outcome.count("retries", outcomes.count("crash"))
                outcome.lost += failed
                outcome.expect(not failed, "a variant was given up")
                outcome.expect(set(outcomes) <= {"computed", "crash"}, "an outcome that no kill explains")
            outcome.count("studies completed")
        outcome.expect(outcome.counts["retries"] <= outcome.counts["kills"], "more retries than kills")
    return outcome


def _strike(started: Started, results: Path, rng: random.Random) -> bool:
    """Kill one of the processes; False if the study has ended."""
    time.sleep(rng.uniform(0.0, 1.5))
    while started.running():
        if _calm(results) and (found := started.workers()):
            end(rng.choice(found))
            return True
        time.sleep(0.01)
    return False


def _calm(results: Path) -> bool:
    """Whether every variant that failed once has ended."""
    marks = ", ".join("?" * len(ENDED))
    for study in study_folders(results):
        try:
            # A copy: a reader of the ledger itself, open as the study ends, would have it leave files behind.
            with copied(study) as folder, closing(sqlite3.connect(folder / LEDGER)) as database:
                waiting = database.execute(
                    "SELECT COUNT(*) FROM variant WHERE number IN (SELECT number FROM attempt WHERE outcome = 'crash') "
                    f"AND status NOT IN ({marks})",
                    ENDED,
                ).fetchone()[0]
        except sqlite3.OperationalError:  # not made yet
            return True
        if waiting:
            return False
    return True
