"""One run: found in the store, or computed in processes of its own and put there."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from studies.job import Job
from studies.record import STATEMENTS, RunRecord
from studies.store import RunStore
from studies.supervise import ChildFailed, OnEvent, Trouble, python_module, run_child
from studies.worker import PROGRESS

JOB, LOG, RECORD = "job.json", "run.log", "run.json"
LEAST_FREE = 2**20  # bytes

# Computes what the job file of a folder asks for, there; adds pictures and report to a folder. Both raise ChildFailed.
Compute = Callable[[Path, OnEvent], None]
Finish = Callable[[Path], None]


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
    trouble : str
        See `studies.supervise.Trouble`.
    folder : Path or None
        Where its log is kept.
    """

    def __init__(self, message: str, trouble: Trouble, folder: Path | None) -> None:
        self.trouble, self.folder = trouble, folder
        super().__init__(message)


def available_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run(
    job: Job,
    store: RunStore,
    compute: Compute,
    on_event: OnEvent = lambda event: None,
    finish: Finish | None = None,
) -> Outcome:
    """Do a job, unless the store has it.

    Parameters
    ----------
    job : Job
    store : RunStore
    compute : callable
        Such as `in_processes`.
    on_event : callable
        Told the progress.
    finish : callable or None
        Completes the folder aside (pictures, report) before it is put in place.

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
        try:
            aside = store.aside(key)
        except OSError as error:
            raise RunFailed(f"the run cannot be written: {error.strerror or error}", "disk", None) from error
        try:
            (aside / JOB).write_text(job.file().model_dump_json(indent=2))
            compute(aside, on_event)
            if not (aside / RECORD).is_file():
                told = {"trouble": "crash", "message": "the process ended itself before the run was done"}
                raise ChildFailed(0, aside / LOG, told)
            on_event({"stage": "report"})
            return complete(aside, store, store.place(*place, key), finish)
        except ChildFailed as error:
            # Of a full disk not every library says that it is what ails it, and a process may find no room to say so.
            if error.trouble in ("crash", "error") and _full(aside):
                shutil.rmtree(aside, ignore_errors=True)
                raise RunFailed(f"the run cannot be written: {os.strerror(errno.ENOSPC)}", "disk", None) from error
            if error.trouble in ("input", "disk"):
                shutil.rmtree(aside, ignore_errors=True)
                raise RunFailed(str(error), error.trouble, None) from error
            raise RunFailed(str(error), error.trouble, store.keep_failed(aside, key)) from error
        except OSError as error:
            shutil.rmtree(aside, ignore_errors=True)
            raise RunFailed(f"the run cannot be written: {error.strerror or error}", "disk", None) from error
        except BaseException:
            shutil.rmtree(aside, ignore_errors=True)
            raise


def stored(job: Job, store: RunStore) -> Path | None:
    """The folder of a job that was done before, unless a budget stopped it that is larger now."""
    found = store.find(job.device.name, job.protocol.name, job.key())
    return found if found and not _may_get_further(job, found) else None


def complete(aside: Path, store: RunStore, place: Path, finish: Finish | None) -> Outcome:
    """Add pictures and report to a computed folder and put it in its place."""
    trouble = ""
    if (place / STATEMENTS).is_file():  # of a run with less budget, whose place this one takes
        shutil.copy2(place / STATEMENTS, aside / STATEMENTS)
    if finish:
        try:
            finish(aside)
        except ChildFailed as error:  # the numbers are good: a run is not lost for want of pictures
            trouble = f"pictures or report are incomplete ({error}); {LOG} in the run folder says why"
        if _full(aside):  # and then a picture may be half there
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    for name in (JOB, PROGRESS):
        (aside / name).unlink(missing_ok=True)
    store.commit(aside, place)
    return Outcome(place, from_store=False, trouble=trouble)


def _full(folder: Path) -> bool:
    return shutil.disk_usage(folder).free < LEAST_FREE


def in_processes(ranks: int) -> Compute:
    """Computes in processes of their own, so many together."""
    return partial(_compute, ranks)


def _compute(ranks: int, folder: Path, on_event: OnEvent) -> None:
    command = python_module("studies.worker", folder / JOB, folder)
    if ranks > 1:
        command = [mpiexec(), "-n", str(ranks), *command]
    run_child(command, folder / LOG, folder / PROGRESS, on_event)


def _may_get_further(job: Job, found: Path) -> bool:
    """Whether a run was stopped by a budget that is larger now."""
    spent = RunRecord.read(found).budget
    return (spent.exhausted == "memory" and job.budget.memory > 1.2 * spent.memory_MB) or (
        spent.exhausted == "time" and job.budget.minutes > 1.2 * spent.minutes
    )


def mpiexec() -> str:
    """The launcher that belongs to this environment's MPI."""
    beside = Path(sys.executable).with_name("mpiexec")
    found: Any = str(beside) if beside.exists() else shutil.which("mpiexec")
    if not found:
        raise RunFailed("there is no mpiexec; run with --ranks 1", "error", None)
    return str(found)
