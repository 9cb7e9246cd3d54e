"""A run that a small budget stopped is done again with a larger one, and killed as it takes the place of the first."""

from __future__ import annotations

import random
import shutil
import sys
import time
from pathlib import Path

from pydantic import ValidationError

from studies.record import RunRecord
from studies.store import RunStore
from verification.faults import files
from verification.faults.audit import asides, run_folders
from verification.faults.ground import Ground, gone
from verification.faults.outcome import FaultOutcome, timed
from verification.faults.started import Started

LONGEST = 0.3  # s
WRITER = Path(__file__).with_name("replacing.py")


def commits(ground: Ground, kills: int, runs: int = 2) -> FaultOutcome:
    """The earlier run or the later one must be there whole at every instant."""
    outcome = FaultOutcome(
        name="kill -9 as a run takes the place of an earlier one",
        what="a process that puts one whole run after the other into the same place of the store, each renaming "
        "delayed by 10 ms, killed at random",
    )
    with timed(outcome):
        rng = random.Random(ground.seed)
        reference = ground.undisturbed(files.write(ground.folder, files.ishigami(runs)))
        store = RunStore(ground.folder / "store")
        place = store.place("device", "protocol", "key")
        shutil.copytree(run_folders(reference.results)[0], place)
        while outcome.counts.get("kills", 0) < kills:
            started = Started([sys.executable, "-P", str(WRITER), str(place)], ground.folder / "logs" / "writer.txt")
            while started.running() and "ready" not in started.said:
                time.sleep(0.01)
            time.sleep(rng.uniform(0.0, LONGEST))
            started.kill()
            outcome.count("kills")
            gone(started, outcome)
            _look(place, outcome)
        store.prepare()
        outcome.expect(not asides(store.root), "a folder aside was not swept")
    return outcome


def _look(place: Path, outcome: FaultOutcome) -> None:
    try:
        RunRecord.read(place)
    except FileNotFoundError:
        outcome.lost += 1
        outcome.breach("neither the earlier run nor the later one was there")
        aside = max(place.parents[2].glob(f".aside/{place.name}.*/"), key=lambda path: path.stat().st_mtime)
        (aside / "earlier" if (aside / "earlier").exists() else aside).rename(place)  # for the next kill
    except ValidationError:
        outcome.half_written += 1
        outcome.breach("a run that was half there")
