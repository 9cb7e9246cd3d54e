"""The codes that are compared, how each is started and what it may cost."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from studies.supervise import ROOT

PEERS_PYTHON = "BENCH_PEERS"  # environment variable: the Python that has the peers' packages
CORES = 2  # threads or ranks of every code that can use them


@dataclass(frozen=True)
class Code:
    """One way to solve the case.

    Attributes
    ----------
    name : str
    threads : int
        Threads or ranks.
    command : callable
        Takes the folder of the case and that of the answer.
    missing : callable
        What is not installed; empty if all is there.
    time_growth, memory_growth : float
        Assumed exponents of time and memory against unknowns, to foresee a cost beyond the limits from one smaller run.
    ours : bool
    """

    name: str
    threads: int
    command: Callable[[Path, Path], list[str]]
    missing: Callable[[], str]
    time_growth: float = 1.1
    memory_growth: float = 1.0
    ours: bool = False
    environment: dict[str, str] = field(default_factory=lambda: {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)})


def all_codes() -> list[Code]:
    """benchtwin first: the others are compared with it."""
    return [
        *(
            Code(
                name=f"benchtwin, {ranks} rank{'s' if ranks > 1 else ''}",
                threads=ranks,
                command=_benchtwin(ranks),
                missing=lambda: "",
                ours=True,
            )
            for ranks in (CORES, 1)
        ),
        Code("CalculiX direct", CORES, _calculix("SPOOLES"), _no_calculix, 1.8, 1.4),
        Code("CalculiX iterative", CORES, _calculix("ITERATIVE CHOLESKY"), _no_calculix, 1.4, 1.0),
        Code("NGSolve BDDC", CORES, _peer("ngsolve_peer", str(CORES), "bddc"), _no_module("ngsolve"), 1.2, 1.0),
        Code("NGSolve direct", CORES, _peer("ngsolve_peer", str(CORES), "direct"), _no_module("ngsolve"), 1.7, 1.3),
        Code("scikit-fem + pyamg", 1, _peer("scikit_fem_peer"), _no_module("skfem", "pyamg"), 1.2, 1.0),
    ]


def mpi(ranks: int, module: str, *arguments: str) -> list[str]:
    """Command that runs one of our modules on so many ranks."""
    start = [str(Path(sys.executable).with_name("mpiexec")), "-n", str(ranks)] if ranks > 1 else []
    return [*start, sys.executable, "-m", module, *arguments]


def _benchtwin(ranks: int) -> Callable[[Path, Path], list[str]]:
    return lambda case, out: mpi(ranks, "benchmarks.ours", str(case), str(out))


def _calculix(solver: str) -> Callable[[Path, Path], list[str]]:
    return lambda case, out: mpi(1, "benchmarks.calculix", str(case), str(out), str(CORES), solver)


def _no_calculix() -> str:
    try:
        subprocess.run(["ccx", "-v"], capture_output=True, check=False)
    except FileNotFoundError:
        return "ccx"
    return ""


def _peers_python() -> str:
    return os.environ.get(PEERS_PYTHON) or sys.executable


def _peer(module: str, *arguments: str) -> Callable[[Path, Path], list[str]]:
    return lambda case, out: [_peers_python(), "-m", f"benchmarks.{module}", str(case), str(out), *arguments]


def _no_module(*names: str) -> Callable[[], str]:
    def missing() -> str:
        for name in names:
            try:
                done = subprocess.run([_peers_python(), "-c", f"import {name}"], capture_output=True, check=False)
            except OSError:
                return f"the Python {_peers_python()}"
            if done.returncode != 0:
                return name
        return ""

    return missing
