"""The matrix-free operator beside the assembled matrix; one body: python -m benchmarks.operator OUT BODY DOFS REPEATS.

Times are those of the processor, on one rank, so that what else the machine does disturbs them little.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from unittest.mock import patch

import numpy as np

from benchmarks.codes import mpi
from benchmarks.elastic_bodies import BODIES
from benchmarks.rows import Row
from benchmarks.watch import watch
from geometry.solid import cad
from solvers import multigrid
from studies.budget import free_memory

WAYS = ("matrix", "operator")


@dataclass(frozen=True)
class Solve:
    """One body solved in one way.

    Attributes
    ----------
    dofs, iterations : int
    seconds : float
        Of the processor, from the problem to the displacement; median.
    memory : float, MB
        That it took at most, on top of what there was before.
    residual : float
        True, relative.
    note : str
    """

    way: str
    dofs: int
    iterations: int
    seconds: float
    memory: float
    residual: float
    note: str


def compare_operators(sizes: list[float], repeats: int, limit: float) -> list[Row]:
    """Solve every body, at every size, both ways, and print what they took; by how much the answers differ."""
    rows = list[Row]()
    print(f"{'':<28}{'unknowns':>10}{'matrix':>23}{'operator':>23}{'ratio':>8}{'difference':>12}")
    for name in BODIES:
        for size in sizes:
            load = os.getloadavg()[0]
            with tempfile.TemporaryDirectory(prefix="bench-operator-") as folder:
                out = Path(folder) / "solves.json"
                command = mpi(1, "benchmarks.operator", str(out), name, str(size), str(repeats))
                watched = watch(command, Path(folder) / "log", limit, free_memory(), {"OMP_NUM_THREADS": "1"})
                if watched.failure:
                    print(f"{name:<28}{watched.failure}")
                    rows.append(Row("operator", name, note=watched.failure, load=load))
                    continue
                told = json.loads(out.read_text())
            matrix, operator = (Solve(**solve) for solve in told["solves"])
            cells = "".join(f"{s.seconds:>7.2f} s{s.iterations:>4}{s.memory:>6.0f} MB" for s in (matrix, operator))
            ratio = matrix.seconds / operator.seconds
            print(f"{name:<28}{matrix.dofs:>10,}{cells}{ratio:>8.1f}{told['difference']:>12.0e}", flush=True)
            for solve in (matrix, operator):
                common = Row("operator", name, f"benchtwin, {solve.way}", dofs=solve.dofs, load=load, note=solve.note)
                rows += [
                    Row(**(asdict(common) | {"quantity": quantity, "value": value, "unit": unit}))
                    for quantity, value, unit in (
                        ("cpu", solve.seconds, "s"),
                        ("memory", solve.memory, "MB"),
                        ("iterations", solve.iterations, ""),
                        ("residual", solve.residual, ""),
                    )
                ]
    return rows


def main(out: Path, name: str, dofs: float, repeats: int) -> None:
    """Solve one body both ways and write what they took."""
    solves, answers = list[Solve](), []
    with cad():
        problem = BODIES[name](dofs)
    for way in WAYS:
        seconds, memory = list[float](), list[float]()
        with _as(way):
            for _ in range(repeats + 1):  # the first compiles
                before = _memory("VmRSS", fresh=True)
                start = time.process_time()
                solution = problem.solve()
                seconds.append(time.process_time() - start)
                memory.append(_memory("VmHWM") - before)
        info = solution.info
        taken = statistics.median(seconds[1:])
        solves.append(Solve(way, solution.unknowns, info.iterations, taken, max(memory), info.residual, info.note))
        answers.append(solution.u.x.array.copy())
    difference = float(np.abs(answers[1] - answers[0]).max() / np.abs(answers[0]).max())
    out.write_text(json.dumps({"solves": [asdict(solve) for solve in solves], "difference": difference}))


@contextmanager
def _as(way: str) -> Iterator[None]:
    if way == "operator":
        yield
        return
    with patch.object(multigrid, "stiffness", lambda level: None):
        yield


def _memory(which: str, fresh: bool = False) -> float:
    """Resident memory of this process, MB, now or at its peak; ``fresh``: the peak begins anew."""
    if fresh:
        Path("/proc/self/clear_refs").write_text("5")
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(float(line.split()[1]) / 1024 for line in lines if line.startswith(which))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]), int(sys.argv[4]))
