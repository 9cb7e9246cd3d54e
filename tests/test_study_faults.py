"""Studies killed, raced, interrupted and starved: small editions of `verification.faults`, which has them all.

They are played two at a time, for most of a study as short as these is waiting for processes that start.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from verification.faults import children, cluster, copies, files, full_disk, interrupted, kills, mishaps, replaced
from verification.faults.ground import Ground
from verification.faults.outcome import FaultOutcome
from verification.faults.page import page
from verification.faults.scenarios import SCENARIOS

RUNS = 8
MISHAPS = ("segfault", "segfault_once", "raises", "wrong")
# What is played, and what it must have counted.
SMALL = {
    "kills": (lambda ground: kills.formulas(ground, 5, RUNS), {"kills": 5}),
    "mishaps": (lambda ground: mishaps.formulas(ground, MISHAPS, 4), {"failed": 2, "impossible": 1, "retries": 2}),
    "dask": (lambda ground: cluster.one_worker(ground, 1, text=files.ishigami(RUNS)), {"kills": 1}),
    "disk": (lambda ground: full_disk.formulas(ground, 1, RUNS), {"fillings": 1}),
    "disk_runs": (lambda ground: full_disk.runs(ground, 2), {"fillings": 4}),
    "copies": (lambda ground: copies.together(ground, 1, RUNS), {"races": 1, "runs": RUNS}),
    "interrupt": (lambda ground: interrupted.formulas(ground, 1, RUNS), {"interrupts": 1}),
    "workers": (lambda ground: children.workers(ground, 1, RUNS), {"kills": 1}),
    "replaced": (lambda ground: replaced.commits(ground, 3, RUNS), {"kills": 3}),
    "entering": (lambda ground: copies.entering(ground, 10), {"races": 10}),
}


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """The outcomes to come, by name."""
    folder, known = tmp_path_factory.mktemp("faults"), {}
    grounds = {name: Ground(folder / name, plain=True, workers=1, known=known) for name in SMALL}
    grounds["kills"].undisturbed(files.write(folder, files.ishigami(RUNS)))  # the same for most of them
    with ThreadPoolExecutor(2) as pool:
        yield {name: pool.submit(play, grounds[name]) for name, (play, _) in SMALL.items()}


@pytest.mark.parametrize("name", SMALL)
def test_claim_holds(name, played):
    outcome = played[name].result()
    if outcome.skipped:
        pytest.skip(outcome.skipped)
    assert not outcome.broken, (outcome.notes, outcome.repeated(), outcome.counts)
    assert outcome.counts | SMALL[name][1] == outcome.counts


def test_page_tells_what_broke():
    outcomes = [FaultOutcome(name=name, what="something is done", counts={"kills": 3}) for name in SCENARIOS]
    outcomes[0].breach("a finished run is gone")
    outcomes[1].skipped = "no rights"
    text = page(outcomes)
    assert "BROKEN (1)" in text and "a finished run is gone" in text and "not done" in text and "no rights" in text


@pytest.mark.slow
def test_study_killed_two_hundred_times(tmp_path):
    outcome = kills.formulas(Ground(tmp_path), 200)
    assert not outcome.broken and outcome.counts["kills"] == 200
