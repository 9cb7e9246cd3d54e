"""A study of hip stems, timed as a whole: with the pictures of every variant, without, with the meshes of the first."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.rows import Row
from studies.findings.study_record import StudyRecord

STUDY = """
[study]
name = "bench"
kind = "latin_hypercube"
device = "hip_stem"
accuracy = {accuracy}
runs = {runs}
reports = {reports}
start = "{start}"

[vary]
neck_diameter = {{ low = "11 mm", high = "13 mm" }}
stem_length = {{ low = "100 mm", high = "130 mm" }}
"""
CASES = {
    "without pictures": ("false", "own"),
    "meshes of the first": ("false", "first"),
    "with pictures": ("true", "own"),
}


def time_studies(runs: int, accuracy: float = 0.1) -> list[Row]:
    """Run the study in each way, in empty stores; print variants an hour and where the time went."""
    load = os.getloadavg()[0]
    print(f"{len(os.sched_getaffinity(0))} cores, load {load:.1f}; {runs} hip stems at {accuracy:g}")
    rows = []
    for case, (reports, start) in CASES.items():
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "study.toml"
            path.write_text(STUDY.format(accuracy=accuracy, runs=runs, reports=reports, start=start))
            command = [sys.executable, "-m", "benchtwin", "study", str(path), "--results", f"{folder}/results"]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode not in (0, 3):
                sys.exit(done.stderr)
            record = StudyRecord.read(Path(done.stdout.splitlines()[-1]))
        told = record.execution
        dofs = max(v.dofs or 0 for v in record.variants)
        shares = ", ".join(f"{name} {100 * share:.0f} %" for name, share in told.shares.items())
        print(f"{case:<19}{told.variants_per_hour:>6.0f} variants/h on {told.workers} workers; {shares}", flush=True)
        rows.append(
            Row(
                "studies",
                case,
                "benchtwin",
                dofs=dofs,
                quantity="variants_per_hour",
                value=told.variants_per_hour,
                load=load,
            )
        )
        rows += [
            Row("studies", case, "benchtwin", dofs=dofs, quantity=f"share_{name}", value=share, load=load)
            for name, share in told.shares.items()
        ]
    return rows
