"""Conducting a study: round after round, every variant handed out, what became of it noted, until all have ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from devices.parameters import InputError
from studies.findings.gather import outputs_of, outputs_of_run, variants_of
from studies.findings.study_record import ENDED, Status
from studies.job import Job
from studies.plan.designs import Point
from studies.plan.plan import Plan
from studies.pool.ledger import Entry, Ledger, New
from studies.pool.pools import Pool, PoolLost
from studies.pool.task import RETRIED, Ended, Task
from studies.record import RunRecord
from studies.store import RunStore

TRIES = 2
WAIT = 0.5  # s
# A run keeps to its budget by itself; what does not is ended by force, s and by how much.
GRACE, EXCESS = 180.0, 1.5


class StudyStopped(RuntimeError):
    """The study cannot go on now, through no fault of a variant; started again, it goes on where it was."""


@dataclass(frozen=True)
class News:
    """What is told while a study runs: what has just ended, and how many variants have which status."""

    counts: dict[Status, int]
    running: Sequence[str]
    label: str = ""
    outcome: str = ""
    message: str = ""
    seconds: float = 0.0


@dataclass
class Conductor:
    """Runs a plan.

    Parameters
    ----------
    plan : Plan
    folder, results : Path
        Of the study and of its runs.
    ledger : Ledger
        Entered.
    pool : Pool
    finisher : str
        See `Task`.
    tell : callable
        Told the news.
    """

    plan: Plan
    folder: Path
    results: Path
    ledger: Ledger
    pool: Pool
    finisher: str = ""
    tell: Callable[[News], None] = lambda news: None
    _running: dict[int, Entry] = field(default_factory=dict)
    _seen: float = 0.0
    _known: bool = False

    def conduct(self) -> None:
        """Until every variant of every round has ended.

        Raises
        ------
        StudyStopped
            If nothing can be written, or all workers are gone.
        StudyError
            If the study file speaks of quantities that there are not.
        """
        self._news()
        try:
            while self._goes_on():
                pass
        except PoolLost as error:
            raise StudyStopped(f"{error}; start the study again later: it goes on where it was") from error

    def _goes_on(self) -> bool:
        """Hand out, take back, or wait; False at the end."""
        self._alive()
        while len(self._running) < self.pool.slots and (entry := self.ledger.claim(self._leader)):
            self._begin(entry)
        if self._running:
            if ended := self.pool.ended(WAIT):
                self._end(ended)
        elif self.ledger.open():
            # Another copy of this study has the rest in hand, or has ended just now.
            if not self.ledger.recover():
                time.sleep(WAIT)
                self._news()
        else:
            return self._next_round()
        return True

    @cached_property
    def _leader(self) -> str:
        """Key of the variant that all others wait for; it is claimed before them, for they are claimed in order."""
        return self.plan.leader.key() if self.plan.leader else ""

    def _next_round(self) -> bool:
        """Add the next round; False if there is none."""
        with self.ledger.proposing():
            if self.ledger.open():  # somebody else was faster
                return True
            if self.ledger.ended():
                return False
            done = self.ledger.rounds()
            entries = self.ledger.entries()
            points = self.plan.round(done + 1, variants_of(entries, self.folder), outputs_of(entries, self.folder))
            self.ledger.add(done + 1, [self._new(point) for point in points])
        self._news()
        return bool(points)

    def _new(self, point: Point) -> New:
        try:
            job = self._job(point, self.pool.memory(self._memory))
        except InputError as error:
            return New(point.label, point.role, point.settings, "", "impossible", str(error))
        return New(point.label, point.role, point.settings, job.key())

    def _job(self, point: Point, memory: float) -> Job:
        job, leader = self.plan.job(point, memory), self.plan.leader
        if leader is None:
            return job
        if (leading := job.leading()).inputs_sha256 == leader.inputs_sha256:
            return leading
        place = RunStore(self.results).place(leader.device.name, leader.protocol.name, leader.key())
        return job.started_from(leader, place)

    @property
    def _memory(self) -> float | None:
        wanted = self.plan.file.study.memory_GB
        return None if wanted is None else 1000 * wanted

    def _begin(self, entry: Entry) -> None:
        memory = self.pool.memory(self._memory)
        job = self._job(Point(entry.label, entry.settings, entry.role), memory)
        if job.start and not Path(job.start.file).is_file():  # the first variant has failed, or was broken off
            job = job.alone()
            self.ledger.rename(entry.number, job.key())
        task = Task(
            number=entry.number,
            job=job.file().model_dump_json(),
            results=str(self.results),
            finisher=self.finisher,
            seconds=60 * EXCESS * job.budget.minutes + GRACE,
            memory=EXCESS * memory,
        )
        self._running[entry.number] = entry
        self.pool.submit(task)
        if job.leads:  # the others wait for it: time to start what will do them
            self.pool.expect(min(self.ledger.open(), self.pool.slots) - 1)
        self._news()

    def _end(self, ended: Ended) -> None:
        entry = self._running.pop(ended.number)
        seconds = ended.stages.get("all", 0.0)
        if ended.trouble == "disk":
            raise StudyStopped(f"{ended.message}; free some space and start the study again: it goes on where it was")
        record: RunRecord | None = None
        if ended.trouble is None:
            record = RunRecord.read(Path(ended.folder))
            outcome = "stored" if ended.from_store else "computed"
            status: Status = record.status
            self.pool.learn(record.peak_memory_MB)
        else:
            outcome = ended.trouble
            again = ended.trouble in RETRIED and self.ledger.tries(ended.number) + 1 < TRIES
            status = "waiting" if again else "impossible" if ended.trouble == "input" else "failed"
        folder = _relative(Path(ended.folder), self.folder) if ended.folder else ""
        if record and not self._known:  # before more runs are spent on a quantity that there is not
            self._known = True
            outputs = outputs_of_run(Path(ended.folder))
            self.plan.check_quantities(outputs)
            self.plan.constraints(outputs)
        stages = ended.stages | (record.timings if record and not ended.from_store else {})
        self.ledger.finish(ended.number, status, outcome, ended.message, folder, stages)
        self._news(entry.label, outcome, ended.message, seconds)

    def _alive(self) -> None:
        if time.monotonic() - self._seen > 1.0:
            self._seen = time.monotonic()
            self.pool.check()
            self.ledger.seen(self.pool.slots)

    def _news(self, label: str = "", outcome: str = "", message: str = "", seconds: float = 0.0) -> None:
        running = [entry.label for entry in self._running.values()]
        self.tell(News(self.ledger.counts(), running, label, outcome, message, seconds))


def finished(counts: dict[Status, int]) -> int:
    """How many variants have ended."""
    return sum(counts.get(status, 0) for status in ENDED)


def _relative(path: Path, start: Path) -> str:
    return str(path.resolve().relative_to(start.resolve(), walk_up=True))
