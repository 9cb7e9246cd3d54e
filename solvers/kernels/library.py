"""The C kernels: compiled when first needed, for this machine, and loaded."""

from __future__ import annotations

import ctypes
import fcntl
import hashlib
import os
import platform
import shlex
import subprocess
import sysconfig
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from mpi4py import MPI

from solvers.forms import cache_folder

SOURCE = Path(__file__).with_name("elasticity.c")
REAL = {"float64": "double", "float32": "float"}
LANES = {"float64": 8, "float32": 16}  # numbers in 64 bytes
_COMMON = ("-O3", "-fPIC", "-shared", "-std=gnu11", "-Wno-psabi")
MACHINES = (("-march=native",), ())  # for this processor; where the compiler does not know how, for any


def kernels(dtype: np.dtype[Any], comm: MPI.Comm) -> ctypes.CDLL | None:
    """The kernels in a precision, float64 or float32; None where some rank cannot compile them. Collective."""
    library = _loaded(dtype.name)
    return library if all(comm.allgather(library is not None)) else None


@cache
def _loaded(name: str) -> ctypes.CDLL | None:
    defined = (f"-DREAL={REAL[name]}", f"-DLANES={LANES[name]}")
    for machine in MACHINES:
        with suppress(OSError, subprocess.CalledProcessError):  # no compiler, not this one, or no place to write
            return ctypes.CDLL(str(_compiled((*_COMMON, *machine, *defined))))
    return None


def _compiled(flags: tuple[str, ...]) -> Path:
    compiler = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")
    key = hashlib.sha256(repr((SOURCE.read_text(), compiler, flags, _processor())).encode()).hexdigest()[:24]
    path = cache_folder().with_name("kernels") / f"elasticity_{key}.so"
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    with (path.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one process compiles, the others find what it made
        if not path.exists():
            with tempfile.TemporaryDirectory(dir=path.parent) as folder:
                made = Path(folder) / path.name
                subprocess.run([*compiler, *flags, str(SOURCE), "-o", str(made)], check=True, capture_output=True)
                made.rename(path)
    return path


def _processor() -> str:
    """What tells one kind of processor from another: -march=native must not outlive a move to another machine."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    kind = ("model name", "flags", "Features", "CPU part")
    return "\n".join([platform.machine(), platform.processor(), *sorted({x for x in lines if x.startswith(kind)})])
