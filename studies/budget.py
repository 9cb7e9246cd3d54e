"""What a run may cost: memory and time."""

from __future__ import annotations

import os
import resource
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from mpi4py import MPI

# What another million unknowns take: whole runs on two ranks took 744 MB at 0.12, 1,326 at 0.47, 4,517 at 2.2 and
# 5,844 at 2.94 million; with a factorisation 7.4 GB at 0.5 million.
MB_PER_MILLION, MB_PER_MILLION_DIRECT = 2_000.0, 15_000.0
MB_PER_PROCESS = 250.0  # of a process that has done nothing much yet
SHARE = 0.8  # of the memory that is free
DEFAULT_MB = 8_000.0  # a solid of 3 million unknowns on two ranks
DEFAULT_MINUTES = 30.0


def free_memory() -> float:
    """Memory that a new process may take, MB: of the machine, or of the control group if that is less."""
    limits = [os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**20]
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                limits = [float(line.split()[1]) / 1024]
        allowed = Path("/sys/fs/cgroup/memory.max").read_text().strip()
        if allowed != "max":
            used = float(Path("/sys/fs/cgroup/memory.current").read_text())
            limits.append((float(allowed) - used) / 2**20)
    except (OSError, ValueError):  # not Linux, or no such group
        pass
    return min(limits)


@dataclass(frozen=True)
class Budget:
    """Memory, MB of all processes together, and time, minutes, that the meshes of a run may take.

    Never more memory than the machine has free.
    """

    memory: float = field(default_factory=lambda: min(DEFAULT_MB, SHARE * free_memory()))
    minutes: float = DEFAULT_MINUTES
    started: float = field(default_factory=time.monotonic, compare=False)

    @classmethod
    def of(cls, memory: float | None, minutes: float | None) -> Budget:
        """What was asked for, as far as the machine has it, or else the defaults."""
        free = SHARE * free_memory()
        return cls(min(memory or DEFAULT_MB, free), minutes or DEFAULT_MINUTES)

    def exceeded_by(self, memory: float, seconds: float) -> Literal["memory", "time"] | None:
        """What would be exceeded by a mesh that needs so much memory, MB, and takes so long; None if it fits."""
        if memory > self.memory:
            return "memory"
        if time.monotonic() - self.started + seconds > 60 * self.minutes:
            return "time"
        return None

    def processes(self, cores: int) -> int:
        """How many processes to start on so many cores: as many as half of the memory carries."""
        return max(1, min(cores, int(self.memory / 2 / MB_PER_PROCESS)))


def peak_memory(comm: MPI.Comm) -> float:
    """Largest resident memory so far, MB, summed over the ranks. Collective."""
    return float(comm.allreduce(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))
