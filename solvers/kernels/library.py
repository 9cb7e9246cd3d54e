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
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from mpi4py import MPI

from solvers.forms import cache_folder

SOURCES = sorted(Path(__file__).parent.glob("*.c"))
REAL = {"float64": "double", "float32": "float"}
LANES = {"float64": 8, "float32": 16}  # numbers in 64 bytes
_COMMON = ("-O3", "-fPIC", "-shared", "-std=gnu11", "-Wno-psabi")
MACHINES = (("-march=native",), ())  # for this processor; where the compiler does not know how, for any


@dataclass(frozen=True)
class Kernels:
    """The kernels in one precision."""

    library: ctypes.CDLL
    dtype: np.dtype[Any]

    def call(self, name: str, *arguments: Any) -> None:
        """Call a kernel: arrays go by their address, whole numbers as 64 bits, others in this precision."""
        real = ctypes.c_double if self.dtype == np.float64 else ctypes.c_float
        words = list[Any]()
        for value in arguments:
            if isinstance(value, np.ndarray):
                assert value.flags.c_contiguous
                words.append(ctypes.c_void_p(value.ctypes.data))
            else:
                words.append(ctypes.c_int64(value) if isinstance(value, int) else real(value))
        getattr(self.library, name)(*words)


def kernels(dtype: np.dtype[Any], comm: MPI.Comm) -> Kernels | None:
    """The kernels in a precision, float64 or float32; None where some rank cannot compile them. Collective."""
    library = _loaded(dtype.name)
    return Kernels(library, dtype) if all(comm.allgather(library is not None)) and library else None


@cache
def _loaded(name: str) -> ctypes.CDLL | None:
    defined = (f"-DREAL={REAL[name]}", f"-DLANES={LANES[name]}")
    for machine in MACHINES:
        with suppress(OSError, subprocess.CalledProcessError):  # no compiler, not this one, or no place to write
            return ctypes.CDLL(str(_compiled((*_COMMON, *machine, *defined))))
    return None


def _compiled(flags: tuple[str, ...]) -> Path:
    compiler = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")
    written = [source.read_text() for source in SOURCES]
    key = hashlib.sha256(repr((written, compiler, flags, _processor())).encode()).hexdigest()[:24]
    path = cache_folder().with_name("kernels") / f"kernels_{key}.so"
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    with (path.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one process compiles, the others find what it made
        if not path.exists():
            with tempfile.TemporaryDirectory(dir=path.parent) as folder:
                made = Path(folder) / path.name
                subprocess.run(
                    [*compiler, *flags, *map(str, SOURCES), "-o", str(made)], check=True, capture_output=True
                )
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
