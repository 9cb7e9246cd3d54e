"""Seconds of a whole job of a million unknowns, from drawing to picture, on one rank and on two."""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.codes import CORES, mpi
from benchmarks.rows import Row
from benchmarks.watch import watch
from studies.budget import free_memory

WANTED, QUICK = 245e3, 5e3  # tetrahedra
LIMIT = 900.0  # s


def time_jobs(repeats: int, quick: bool) -> list[Row]:
    """Run it ``repeats`` times on each number of ranks, by turns; print medians, lowest and highest."""
    print(f"seconds of the clock: median (lowest to highest) of {repeats}, load {os.getloadavg()[0]:.1f}")
    runs = [(ranks, k, *_run(ranks, QUICK if quick else WANTED)) for k in range(repeats) for ranks in (1, CORES)]
    rows: list[Row] = []
    for ranks in (1, CORES):
        mine = [(k, told, whole, load) for r, k, told, whole, load in runs if r == ranks]
        print(f"{mine[0][1]['dofs']:,} unknowns, {ranks} rank(s), {mine[0][1]['iterations']} iterations")
        for stage in (*mine[0][1]["seconds"], "whole"):
            values = [whole if stage == "whole" else told["seconds"][stage] for _, told, whole, _ in mine]
            print(
                f"  {stage:<10}{statistics.median(values):>7.2f} ({min(values):.2f} to {max(values):.2f})", flush=True
            )
            common = Row("job", "hip_stem", "benchtwin", threads=ranks, dofs=mine[0][1]["dofs"], unit="s")
            rows += [
                replace(common, repeat=k + 1, quantity=f"wall_time_{stage}", value=value, load=load)
                for (k, _, _, load), value in zip(mine, values, strict=True)
            ]
    return rows


def _run(ranks: int, wanted: float) -> tuple[dict[str, Any], float, float]:
    """What the job tells, its seconds, and the load when it began."""
    with tempfile.TemporaryDirectory(prefix="bench-job-") as folder:
        out = Path(folder) / "job.json"
        command = mpi(ranks, "benchmarks.whole_job", str(out), str(wanted), str(time.time()))
        watched = watch(command, Path(folder) / "log", LIMIT, free_memory(), {"OMP_NUM_THREADS": "1"})
        if watched.failure:
            raise SystemExit(f"whole job on {ranks} rank(s): {watched.failure}")
        told = json.loads(out.read_text())
        return told, sum(told["seconds"].values()), watched.load
