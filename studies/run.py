"""One run: found in the store, or computed in processes of its own and put there."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studies.job import Job
from studies.record import RunRecord
from studies.store import RunStore
from studies.supervise import ChildFailed, OnEvent, python_module, run_child
from studies.worker import PROGRESS, WRONG_INPUT

JOB, LOG = "job.json", "run.log"


@dataclass(frozen=True)
class Outcome:
    """The folder of a finished run, whether it was there before, and what is missing beside its numbers."""

    folder: Path
    from_store: bool
    trouble: str = ""


class RunFailed(RuntimeError):
    """A run without result.

    Attributes
    ----------
    wrong_input : bool
        The parameters make no run (rather than: the run went wrong).
    folder : Path or None
        Where its log is kept.
    """

    def __init__(self, message: str, wrong_input: bool, folder: Path | None) -> None:
        self.wrong_input, self.folder = wrong_input, folder
        super().__init__(message)


def available_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run(
    job: Job,
    store: RunStore,
    ranks: int,
    on_event: OnEvent = lambda event: None,
    finish: Callable[[Path], Sequence[str]] | None = None,
) -> Outcome:
    """Do a job, unless the store has it.

    Parameters
    ----------
    job : Job
    store : RunStore
    ranks : int
        MPI processes that solve together.
    on_event : callable
        Told the progress.
    finish : callable or None
        Gives, for the folder aside, the command that completes it (pictures, report) before it is put in place.

    Raises
    ------
    RunFailed
        With the cause in words; an earlier run is never touched.
    """
    store.prepare()
    key, place = job.key(), (job.device.name, job.protocol.name)
    with store.lock(key):
        if found := stored(job, store):
            return Outcome(found, from_store=True)
        aside = store.aside(key)
        try:
            _compute(job, aside, ranks, on_event)
            on_event({"stage": "report"})
            return complete(aside, store, store.place(*place, key), finish)
        except ChildFailed as error:
            if error.event.get("status") == WRONG_INPUT:
                shutil.rmtree(aside, ignore_errors=True)
                raise RunFailed(str(error), True, None) from error
            raise RunFailed(str(error), False, store.keep_failed(aside, key)) from error
        except OSError as error:
            shutil.rmtree(aside, ignore_errors=True)
            raise RunFailed(f"the run cannot be written: {error.strerror or error}", False, None) from error
        except BaseException:
            shutil.rmtree(aside, ignore_errors=True)
            raise


def stored(job: Job, store: RunStore) -> Path | None:
    """The folder of a job that was done before, unless a budget stopped it that is larger now."""
    found = store.find(job.device.name, job.protocol.name, job.key())
    return found if found and not _may_get_further(job, found) else None


def complete(aside: Path, store: RunStore, place: Path, finish: Callable[[Path], Sequence[str]] | None) -> Outcome:
    """Add pictures and report to a computed folder and put it in its place."""
    trouble = ""
    if finish:
        try:
            run_child(finish(aside), aside / LOG)
        except ChildFailed as error:  # the numbers are good: a run is not lost for want of pictures
            trouble = f"pictures or report are incomplete ({error}); {LOG} in the run folder says why"
    for name in (JOB, PROGRESS):
        (aside / name).unlink()
    store.commit(aside, place)
    return Outcome(place, from_store=False, trouble=trouble)


def _may_get_further(job: Job, found: Path) -> bool:
    """Whether a run was stopped by a budget that is larger now."""
    spent = RunRecord.read(found).budget
    return (spent.exhausted == "memory" and job.budget.memory > 1.2 * spent.memory_MB) or (
        spent.exhausted == "time" and job.budget.minutes > 1.2 * spent.minutes
    )


def _compute(job: Job, folder: Path, ranks: int, on_event: OnEvent) -> None:
    (folder / JOB).write_text(job.file().model_dump_json(indent=2))
    command = python_module("studies.worker", folder / JOB, folder)
    if ranks > 1:
        command = [mpiexec(), "-n", str(ranks), *command]
    run_child(command, folder / LOG, folder / PROGRESS, on_event)


def mpiexec() -> str:
    """The launcher that belongs to this environment's MPI."""
    beside = Path(sys.executable).with_name("mpiexec")
    found: Any = str(beside) if beside.exists() else shutil.which("mpiexec")
    if not found:
        raise RunFailed("there is no mpiexec; run with --ranks 1", False, None)
    return str(found)
