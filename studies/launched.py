"""A run inside processes that somebody else has started: under `mpiexec` or `srun`, on one node or several.

The program then starts none of its own: all ranks solve together, and rank 0 keeps the store.
"""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

from mpi4py import MPI

from studies.collective import on_root, wait_for_all
from studies.job import Job
from studies.run import JOB, LOG, Finish, Outcome, RunFailed, complete, stored
from studies.store import RunStore


def run_together(job: Job, store: RunStore, comm: MPI.Comm, finish: Finish | None = None) -> Outcome:
    """Do a job in the processes that are there, unless the store has it. Collective.

    A failure of the calculation ends all of them, with the exit status of the command line.

    Parameters
    ----------
    job : Job
    store : RunStore
    comm : MPI communicator
    finish : callable or None
        As for `studies.run.run`.

    Raises
    ------
    StoreError
        If the results folder cannot be written, on all ranks.
    RunFailed
        If the run cannot be written, on all ranks.
    """
    from studies import worker

    key, place = job.key(), (job.device.name, job.protocol.name)
    on_root(comm, store.prepare)
    with store.lock(key) if comm.rank == 0 else nullcontext():

        def begin() -> tuple[Path | None, Path]:
            if found := stored(job, store):
                return found, found
            aside = store.aside(key)
            (aside / JOB).write_text(job.file().model_dump_json(indent=2))
            (aside / LOG).write_text(f"{comm.size} ranks of an outer launcher; their output is in its log\n")
            return None, aside

        try:
            found, aside = on_root(comm, begin)
            if found:
                return Outcome(found, from_store=True)
            worker.main(aside / JOB, aside)
            wait_for_all(comm)
            return on_root(comm, lambda: complete(aside, store, store.place(*place, key), finish))
        except OSError as error:
            raise RunFailed(f"the run cannot be written: {error.strerror or error}", "disk", None) from error
