"""A Dask scheduler and its workers on this machine, and what becomes of a study when one of them is killed."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from studies.store import RunStore
from studies.supervise import python_module
from verification.faults import files
from verification.faults.audit import Reference, Watch, asides, opened, study_folders
from verification.faults.ground import Ground, completes, gone
from verification.faults.outcome import FaultOutcome, timed
from verification.faults.started import Started, end

LOOPBACK = "127.0.0.1"
PATIENCE = 60.0  # s
AT_RANDOM = 0.3  # share of the kills that do not wait for a run in hand
NOTICED = 2.0  # s, after which a loss is in the ledger
# Long enough to be struck in the middle.
STUDY = files.sums("on_dask", range(6), [0.0, 1.0, 2.0, 3.0], pause=0.5)
ERROR = 1


@dataclass
class Cluster:
    """A scheduler and workers of one thread each."""

    folder: Path
    address: str
    scheduler: Started
    workers: list[Started] = field(default_factory=list)

    def add(self, *, nanny: bool = False) -> Started:
        """Start one more worker; a nanny starts a killed one anew."""
        words = ["--nthreads", "1", "--host", LOOPBACK, "--no-dashboard", "--nanny" if nanny else "--no-nanny"]
        words += ["--local-directory", str(self.folder)]
        command = python_module("distributed.cli.dask_worker", self.address, *words)
        worker = Started(command, self.folder / f"worker{len(self.workers)}.txt")
        self.workers.append(worker)
        return worker

    def strike(self, pid: int) -> None:
        """Kill one of the processes."""
        end(pid)
        for each in (*self.workers, self.scheduler):
            if each.pid == pid:
                each.child.wait()  # or it would stay in the list of processes as ours

    def close(self) -> None:
        """End all of them."""
        for each in (*self.workers, self.scheduler):
            each.close()


@contextmanager
def cluster(folder: Path, workers: int, *, nanny: bool = False) -> Iterator[Cluster]:
    """A scheduler and so many workers, all ready."""
    folder.mkdir(parents=True, exist_ok=True)
    facts = folder / "scheduler.json"
    facts.unlink(missing_ok=True)
    words = ["--host", LOOPBACK, "--port", "0", "--no-dashboard", "--scheduler-file", str(facts)]
    scheduler = Started(python_module("distributed.cli.dask_scheduler", *words), folder / "scheduler.txt")
    await_(facts.exists, "the scheduler did not start")
    found = Cluster(folder, json.loads(facts.read_text())["address"], scheduler)
    try:
        for _ in range(workers):
            await_(partial(_registered, found.add(nanny=nanny)), "a worker did not start")
        yield found
    finally:
        found.close()


def _registered(worker: Started) -> bool:
    return "Registered to" in worker.said


def await_(condition: Callable[[], bool], otherwise: str) -> None:
    """Wait for something that must come."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(otherwise)
        time.sleep(0.05)


@dataclass(frozen=True)
class _Play:
    """A study on a cluster, beside the same study on this machine."""

    ground: Ground
    study: Path
    reference: Reference
    outcome: FaultOutcome

    def begin(self, dask: Cluster, results: Path) -> Started:
        return self.ground.start(self.study, results, "--scheduler", dask.address)

    def owners(self, results: Path) -> list[int]:
        """Processes that have a run in hand."""
        return [int(name.rpartition("-")[2]) for name in asides(results)]


def one_worker(ground: Ground, kills: int, *, nanny: bool = False, text: str = STUDY) -> FaultOutcome:
    """A worker killed while it has a run in hand; another one takes its place."""
    kind = "with a nanny" if nanny else "without a nanny"
    outcome = FaultOutcome(
        name=f"a Dask worker killed, {kind}",
        what=f"SIGKILL to one of two Dask workers {kind}, mostly while it had a run in hand; "
        + ("the nanny starts it anew" if nanny else "a new one is started each time"),
    )
    with timed(outcome):
        play, rng = _play(ground, outcome, text), random.Random(ground.seed)
        while outcome.counts.get("kills", 0) < kills:
            results = ground.results("dask")
            watch = Watch(results, play.reference, outcome)
            with cluster(ground.folder / "cluster", 2, nanny=nanny) as dask:
                started = play.begin(dask, results)
                struck = 0
                # Not more than one in hand of the same variant: a second loss would cost it.
                while struck < 4 and outcome.counts.get("kills", 0) < kills:
                    victim = _in_hand(play, results, started, rng)
                    if victim and not nanny and rng.random() < AT_RANDOM:  # perhaps as it hands a result back
                        time.sleep(rng.uniform(0.0, 1.0))
                        victim = rng.choice([worker.pid for worker in dask.workers if worker.running()])
                    if not victim:
                        break
                    dask.strike(victim)
                    struck += 1
                    outcome.count("kills")
                    if not nanny:
                        dask.add()
                    _settled(results, started)
                completes(started, outcome)
                _retried(results, struck, outcome)
                RunStore(results).prepare()  # what the next run does first: it sweeps what the dead have left aside
                watch.finish()
            outcome.count("studies completed")
    return outcome


def all_workers(ground: Ground, times: int) -> FaultOutcome:
    """Nobody left to compute."""
    outcome = FaultOutcome(
        name="all Dask workers killed",
        what="SIGKILL to both Dask workers while they had runs in hand; then the same command on a new cluster",
    )
    return _stopped(ground, times, outcome, lambda dask: [worker.pid for worker in dask.workers])


def scheduler(ground: Ground, times: int) -> FaultOutcome:
    """Nobody left to hand out."""
    outcome = FaultOutcome(
        name="the Dask scheduler killed",
        what="SIGKILL to the Dask scheduler while runs were in hand; then the same command on a new cluster",
    )
    return _stopped(ground, times, outcome, lambda dask: [dask.scheduler.pid])


def _stopped(
    ground: Ground, times: int, outcome: FaultOutcome, victims: Callable[[Cluster], list[int]]
) -> FaultOutcome:
    with timed(outcome):
        play, rng = _play(ground, outcome, STUDY), random.Random(ground.seed)
        for _ in range(times):
            results = ground.results("dask")
            watch = Watch(results, play.reference, outcome)
            with cluster(ground.folder / "cluster", 2) as dask:
                started = play.begin(dask, results)
                if not _in_hand(play, results, started, rng):
                    raise RuntimeError(f"the study did not begin: {started.said}")
                for pid in victims(dask):
                    dask.strike(pid)
                outcome.count("kills")
                begun = time.monotonic()
                status = started.wait(PATIENCE)
                seconds = round(1000 * (time.monotonic() - begun))
                outcome.counts["slowest end, ms"] = max(outcome.counts.get("slowest end, ms", 0), seconds)
                outcome.expect(status == ERROR, f"the status was {status}, not {ERROR}")
                outcome.expect("Traceback" not in started.said, "a traceback was shown")
                outcome.expect("error: " in started.said, "no message says why it ended")
                outcome.expect("Dask" in started.said.rpartition("error: ")[2], "the message does not name the cause")
                ground.tell(started.said[-300:])
                gone(started, outcome)
                watch.look()
            with cluster(ground.folder / "cluster", 2) as dask:
                completes(play.begin(dask, results), outcome)
                watch.look()
            RunStore(results).prepare()  # what the next run does first: it sweeps what the dead have left aside
            watch.finish()
            outcome.count("studies completed")
    return outcome


def _play(ground: Ground, outcome: FaultOutcome, text: str) -> _Play:
    study = files.write(ground.folder, text)
    return _Play(ground, study, ground.undisturbed(study), outcome)


def _in_hand(play: _Play, results: Path, started: Started, rng: random.Random) -> int:
    """A process that has a run in hand, at a random instant of it; 0 if the study ends first."""
    time.sleep(rng.uniform(0.0, 1.0))
    while started.running():
        if owners := play.owners(results):
            return rng.choice(owners)
        time.sleep(0.002)
    return 0


def _settled(results: Path, started: Started) -> None:
    """Until what was lost has ended."""
    time.sleep(NOTICED)
    while started.running():
        for folder in study_folders(results):
            with opened(folder) as ledger:
                lost = {a.number for a in ledger.attempts() if a.outcome == "lost"}
                open_ = {e.number for e in ledger.entries() if e.status in ("waiting", "running")}
            if not lost & open_:
                return
        time.sleep(0.2)


def _retried(results: Path, kills: int, outcome: FaultOutcome) -> None:
    for folder in study_folders(results):
        with opened(folder) as ledger:
            outcomes = [attempt.outcome for attempt in ledger.attempts()]
            failed = ledger.counts().get("failed", 0)
        lost = outcomes.count("lost")
        outcome.count("retries", lost)
        outcome.lost += failed
        outcome.expect(not failed, "a variant was given up")
        outcome.expect(lost <= kills, f"{lost} runs were lost by {kills} kills: others were disturbed")
