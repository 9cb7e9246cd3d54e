"""A place where runs are done one after the other, in processes that are kept."""

from __future__ import annotations

import time
from contextlib import suppress
from functools import partial
from pathlib import Path

from studies.job import Job, JobFile
from studies.pool.task import Ended, Task
from studies.run import JOB, LOG, RunFailed, run
from studies.store import RunStore
from studies.supervise import ChildFailed, OnEvent
from studies.warm import Limits, Warm
from studies.worker import PROGRESS

REPORT = "report.html"
DRAWING = Limits(seconds=600.0, memory=4_000.0)


class Slot:
    """One process that computes and one that draws, both started when first needed, if not before."""

    def __init__(self) -> None:
        self._solver = Warm("studies.worker")
        self._drawers: dict[str, Warm] = {}

    def start(self) -> None:
        """Have the one that computes ready for the first task."""
        with suppress(Exception):  # the task will tell what is wrong; here nobody listens
            self._solver.start()

    def perform(self, task: Task, on_event: OnEvent = lambda event: None) -> Ended:
        """Do a task; whatever goes wrong with the run is told, not raised."""
        start = time.monotonic()
        stages: dict[str, float] = {}

        def compute(folder: Path, on_event: OnEvent) -> None:
            request = {"job": str(folder / JOB), "folder": str(folder)}
            limits = Limits(task.seconds, task.memory)
            self._solver.do(request, folder / LOG, limits, folder / PROGRESS, on_event)

        def finish(module: str, folder: Path) -> None:
            begun = time.monotonic()
            self._drawer(module).do({"folder": str(folder)}, folder / LOG, DRAWING)
            stages["report"] = time.monotonic() - begun

        try:
            job = Job.of(JobFile.model_validate_json(task.job))
            drawn = partial(finish, task.finisher) if task.finisher else None
            outcome = run(job, RunStore(Path(task.results)), compute, on_event, drawn)
            if outcome.from_store and task.finisher and not (outcome.folder / REPORT).exists():
                self._draw_late(task.finisher, outcome.folder)
        except RunFailed as error:
            stages["all"] = time.monotonic() - start
            return Ended(task.number, error.trouble, str(error), str(error.folder or ""), stages=stages)
        except OSError as error:  # of the store itself
            return Ended(task.number, "disk", str(error), "")
        stages["all"] = time.monotonic() - start
        return Ended(task.number, None, outcome.trouble, str(outcome.folder), outcome.from_store, stages)

    def _draw_late(self, module: str, folder: Path) -> None:
        """For a run that was done without its report."""
        with suppress(ChildFailed):
            self._drawer(module).do({"folder": str(folder)}, folder / LOG, DRAWING)

    def _drawer(self, module: str) -> Warm:
        return self._drawers.setdefault(module, Warm(module))

    def stop(self) -> None:
        """End the processes for good, whatever they are doing: `perform` then raises `studies.warm.Stopped`."""
        for process in (self._solver, *list(self._drawers.values())):
            process.stop()
