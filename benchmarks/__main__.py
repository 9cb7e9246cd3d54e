"""Time default runs of the built-in devices, several times each, and print medians with the load of the machine.

python -m benchmarks [REPEATS]
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from studies.record import RunRecord
from studies.run import available_cores

CASES = (
    ("hip_stem", "hip_iso7206_4", "0.05"),
    ("hip_stem", "hip_iso7206_4", "0.02"),
    ("bone_plate", "plate_f382", "0.05"),
    ("bone_plate", "plate_f382", "0.02"),
)


def main(repeats: int) -> None:
    """Run every case ``repeats`` times in an empty store."""
    print(f"{available_cores()} cores, load {os.getloadavg()[0]:.1f}; seconds: median (lowest to highest) of {repeats}")
    print(f"{'case':<42}{'whole':>20}{'mesh':>8}{'solve':>8}{'measure':>9}{'unknowns':>12}{'MB':>8}")
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
        print(
            f"{device + ' ' + protocol + ' ' + accuracy:<42}{whole:>20}{mesh:>8.1f}{solve:>8.1f}{measure:>9.1f}"
            f"{last.levels[-1].dofs:>12,}{last.peak_memory_MB:>8.0f}"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
