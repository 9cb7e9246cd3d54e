"""Compiling forms so that a killed process cannot spoil the cache.

FFCx marks a form that is being compiled by an empty file and waits for it to be finished; if the process that made the
mark was killed, everyone waits in vain from then on. Here only one process compiles at a time, under a lock that goes
with it, and marks without a finished module are removed first.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dolfinx import fem
from mpi4py import MPI
from numpy.typing import NDArray

SETTLED = 1_000_000_000  # ns

_seen: dict[Path, int] = {}


def cache_folder() -> Path:
    """Where compiled forms are kept: benchtwin/forms in $XDG_CACHE_HOME, by default ~/.cache."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "benchtwin" / "forms"


def form(expression: Any, comm: MPI.Comm) -> fem.Form:
    """Compile a UFL form. Collective."""
    with _alone(comm) as options:
        return fem.form(expression, jit_options=options)


def expression(value: Any, points: NDArray[Any], comm: MPI.Comm) -> fem.Expression:
    """Compile a UFL expression to be evaluated at reference ``points`` (n, 3). Collective."""
    with _alone(comm) as options:
        return fem.Expression(value, points, jit_options=options)


@contextmanager
def _alone(comm: MPI.Comm) -> Iterator[dict[str, str]]:
    folder = cache_folder()
    options = {"cache_dir": str(folder)}
    if comm.rank != 0:  # waits inside for what rank 0 compiles
        yield options
        return
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _clean(folder)
        yield options


def _clean(folder: Path) -> None:
    """Remove marks without a module; nothing to do where nothing has changed since this process looked last."""
    if _seen.get(folder) == folder.stat().st_mtime_ns:
        return
    with os.scandir(folder) as entries:  # hundreds of forms gather here, and a run looks a hundred times
        names = {entry.name for entry in entries}
    for name in names:
        if name.endswith(".c") and f"{name}.cached" not in names:
            (folder / name).unlink()
    changed = folder.stat().st_mtime_ns
    # Another change may still leave the same time, if clocks are coarse: then one looks again.
    if time.time_ns() - changed > SETTLED:
        _seen[folder] = changed
