"""Whether this process is one of several that a launcher has started, such as `mpiexec` or `srun`."""

from __future__ import annotations

import os

# Number and place of a process, as the launchers of MPICH, Open MPI and Slurm tell it.
_LAUNCHERS = (
    ("PMI_SIZE", "PMI_RANK"),
    ("OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"),
    ("SLURM_STEP_NUM_TASKS", "SLURM_PROCID"),
)


def launched() -> tuple[int, int]:
    """Rank of this process and number of processes that a launcher has started; 0 and 1 without one."""
    for size, rank in _LAUNCHERS:
        told = os.environ.get(size, ""), os.environ.get(rank, "")
        if all(word.isdigit() for word in told) and int(told[0]) > 1:
            return int(told[1]), int(told[0])
    return 0, 1
