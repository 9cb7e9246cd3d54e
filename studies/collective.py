"""Work that one rank does for all."""

from __future__ import annotations

import time
from collections.abc import Callable

from mpi4py import MPI

_PAUSE = 1e-3  # s


def on_root[T](comm: MPI.Comm, work: Callable[[], T]) -> T:
    """Do something on rank 0 alone and give every rank its result, or its exception. Collective."""
    outcome: tuple[T | None, Exception | None] = (None, None)
    if comm.rank == 0:
        try:
            outcome = (work(), None)
        except Exception as raised:
            outcome = (None, raised)
    wait_for_all(comm)
    value, error = comm.bcast(outcome, root=0)
    if error is not None:
        raise error
    return value  # type: ignore[no-any-return]


def wait_for_all(comm: MPI.Comm) -> None:
    """Sleep until every rank has come here. Collective.

    MPI itself would have those that wait spin, and take a core from others.
    """
    come = comm.Ibarrier()
    while not come.Test():
        time.sleep(_PAUSE)
