"""Default runs of the built-in devices, timed as a whole."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.rows import Row
from studies.record import RunRecord

CASES = (
    ("hip_stem", "hip_iso7206_4", "0.05"),
    ("hip_stem", "hip_iso7206_4", "0.02"),
    ("bone_plate", "plate_f382", "0.05"),
    ("bone_plate", "plate_f382", "0.02"),
)


def time_runs(repeats: int) -> list[Row]:
    """Run every case ``repeats`` times in an empty store; print medians with the load of the machine."""
    load = os.getloadavg()[0]
    print(f"{len(os.sched_getaffinity(0))} cores, load {load:.1f}; seconds: median (lowest to highest) of {repeats}")
    print(f"{'case':<42}{'whole':>20}{'mesh':>8}{'solve':>8}{'measure':>9}{'before':>8}{'unknowns':>12}{'MB':>8}")
    print("before: all meshes before the finest, by the seconds of the finest")
    rows = []
    for device, protocol, accuracy in CASES:
        seconds, records = [], []
        for _ in range(repeats):
            with tempfile.TemporaryDirectory() as results:
                start = time.perf_counter()
                command = [sys.executable, "-m", "benchtwin", "run", device, "--protocol", protocol]
                options = ["--accuracy", accuracy, "--results", results]
                done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
                seconds.append(time.perf_counter() - start)
                if done.returncode not in (0, 3):
                    sys.exit(done.stderr)
                records.append(RunRecord.read(Path(done.stdout.splitlines()[-1])))
        whole = f"{statistics.median(seconds):.1f} ({min(seconds):.1f} to {max(seconds):.1f})"
        mesh, solve, measure = (
            statistics.median(record.timings[stage] for record in records) for stage in ("mesh", "solve", "measure")
        )
        last = records[-1]
        dofs = last.levels[-1].dofs
        shares = [sum(mesh.seconds for mesh in r.levels[:-1]) / r.levels[-1].seconds for r in records]
        print(
            f"{device + ' ' + protocol + ' ' + accuracy:<42}{whole:>20}{mesh:>8.1f}{solve:>8.1f}{measure:>9.1f}"
            f"{statistics.median(shares):>8.2f}{dofs:>12,}{last.peak_memory_MB:>8.0f}",
            flush=True,
        )
        case = f"{device} {protocol} {accuracy}"
        rows += [
            Row("runs", case, "benchtwin", dofs=dofs, repeat=k, quantity="wall_time", value=s, unit="s", load=load)
            for k, s in enumerate(seconds, start=1)
        ]
        rows += [
            Row("runs", case, "benchtwin", dofs=dofs, repeat=k, quantity="meshes_before_by_finest", value=s, load=load)
            for k, s in enumerate(shares, start=1)
        ]
    return rows
