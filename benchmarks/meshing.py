"""Curved tetrahedra a second, from the solid to a labelled DOLFINx mesh, and the seconds of the transfer."""

from __future__ import annotations

import json
import os
import statistics
import tempfile
from dataclasses import replace
from pathlib import Path

from benchmarks.codes import CORES, mpi
from benchmarks.rows import Row
from benchmarks.watch import watch
from studies.budget import free_memory

CASES = ("hip_stem", "bone_plate", "connector", "examples/my_bracket.py")
SIZES, QUICK_SIZES = (15e3, 100e3, 250e3), (5e3,)  # tetrahedra
LARGE, QUICK_LARGE = 230e3, 5e3  # tetrahedra of a million unknowns
LIMIT = 900.0  # s


def time_meshing(repeats: int, quick: bool) -> list[Row]:
    """Mesh every case at every size on one rank, and distribute a large mesh to one and two; print medians."""
    print(f"processor seconds on one core, medians of {repeats}, load {os.getloadavg()[0]:.1f}")
    print("tets/s: whole way; curving: middles of edges and quality; transfer: to DOLFINx")
    print(f"{'case':<26}{'tets':>10}{'tets/s':>10}{'mesh':>9}{'curving':>9}{'transfer':>10}")
    rows: list[Row] = []
    for device in CASES:
        for wanted in QUICK_SIZES if quick else SIZES:
            runs, load = _run(1, device, wanted, repeats)
            mesh, curving, transfer = (_median(runs, name) for name in ("mesh", "curving", "transfer"))
            cells = int(runs[0]["cells"])
            print(
                f"{Path(device).stem:<26}{cells:>10,}{cells / (mesh + transfer):>10,.0f}"
                f"{mesh:>9.2f}{curving:>9.2f}{transfer:>10.2f}",
                flush=True,
            )
            common = Row("meshing", f"{Path(device).stem} {wanted:.0f}", "benchtwin", dofs=_dofs(runs), load=load)
            for k, run in enumerate(runs, start=1):
                rate = run["cells"] / (run["mesh"] + run["transfer"])
                rows.append(replace(common, repeat=k, quantity="tets_per_cpu_second", value=rate, unit="1/s"))
                rows += [
                    replace(common, repeat=k, quantity=f"cpu_time_{name}", value=run[name], unit="s")
                    for name in ("mesh", "curving", "transfer")
                ]
    for ranks in (1, CORES):
        runs, load = _run(ranks, "hip_stem", QUICK_LARGE if quick else LARGE, repeats)
        cpu, wall = _median(runs, "transfer"), _median(runs, "transfer_wall")
        print(
            f"transfer of {_dofs(runs):,} unknowns to {ranks} rank(s): {cpu:.2f} s of processor, {wall:.2f} s of time"
        )
        common = Row("meshing", "hip_stem transfer", "benchtwin", threads=ranks, dofs=_dofs(runs), unit="s", load=load)
        rows += [
            replace(common, repeat=k, quantity=quantity, value=run[name])
            for k, run in enumerate(runs, start=1)
            for name, quantity in (("transfer", "cpu_time_transfer"), ("transfer_wall", "wall_time_transfer"))
        ]
    return rows


def _run(ranks: int, device: str, wanted: float, repeats: int) -> tuple[list[dict[str, float]], float]:
    """Seconds of each repeat, and the load when they began."""
    with tempfile.TemporaryDirectory(prefix="bench-mesh-") as folder:
        out = Path(folder) / "runs.json"
        command = mpi(ranks, "benchmarks.mesher", str(out), device, str(wanted), str(repeats))
        watched = watch(command, Path(folder) / "log", LIMIT, free_memory(), {"OMP_NUM_THREADS": "1"})
        if watched.failure:
            raise SystemExit(f"meshing of {device}: {watched.failure}")
        return json.loads(out.read_text()), watched.load


def _median(runs: list[dict[str, float]], name: str) -> float:
    return statistics.median(run[name] for run in runs)


def _dofs(runs: list[dict[str, float]]) -> int:
    return 3 * int(runs[0]["nodes"])
