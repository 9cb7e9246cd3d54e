"""A run inside processes that somebody else has started: under `mpiexec` or `srun`, on one node or several.

The program then starts none of its own: all ranks solve together, and rank 0 keeps the store.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from studies.job import Job
from studies.run import JOB, LOG, Outcome, complete, stored
from studies.store import RunStore

# What the launchers of MPICH, Open MPI and Slurm tell each process.
_SIZES = ("PMI_SIZE", "OMPI_COMM_WORLD_SIZE", "SLURM_STEP_NUM_TASKS")


def launched_ranks() -> int:
    """Number of processes that a launcher has started; 1 without one."""
    return max((int(os.environ[name]) for name in _SIZES if os.environ.get(name, "").isdigit()), default=1)


def run_together(
    job: Job, store: RunStore, comm: Any, finish: Callable[[Path], Sequence[str]] | None = None
) -> Outcome:
    """Do a job in the processes that are there, unless the store has it. Collective.

    A failure ends all of them, with the exit status of the command line.

    Parameters
    ----------
    job : Job
    store : RunStore
    comm : MPI communicator
    finish : callable or None
        As for `studies.run.run`.
    """
    from studies import worker

    root = comm.rank == 0
    if root:
        store.prepare()
    key, place = job.key(), (job.device.name, job.protocol.name)
    with store.lock(key) if root else nullcontext():
        found = comm.bcast(stored(job, store) if root else None, root=0)
        if found:
            return Outcome(found, from_store=True)
        aside = comm.bcast(store.aside(key) if root else None, root=0)
        if root:
            (aside / JOB).write_text(job.file().model_dump_json(indent=2))
            (aside / LOG).write_text(f"{comm.size} ranks of an outer launcher; their output is in its log\n")
        comm.Barrier()
        worker.main(aside / JOB, aside)
        comm.Barrier()
        outcome = complete(aside, store, store.place(*place, key), finish) if root else None
        return comm.bcast(outcome, root=0)
