"""Unknowns that a peak stress needs: meshes graded by benchtwin's ladder against uniform refinement."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.climbed import CASES, GOAL, MINUTES, Climbed, Step
from benchmarks.codes import CORES, mpi
from benchmarks.rows import Row
from benchmarks.watch import watch
from studies.budget import free_memory

WANTED = 0.02  # relative error of the goal
ACCURACY = 0.003  # of the graded ladder that gives the reference
MOST = 2e6  # unknowns of the finest uniform mesh, about


def compare_ladders(accuracy: float, most: float) -> list[Row]:
    """Climb both ladders for every case, print them and the unknowns from which on they stay within `WANTED`."""
    rows = list[Row]()
    for case in CASES:
        ladders = {kind: _climb(kind, case, accuracy, most) for kind in ("graded", "uniform")}
        graded = ladders["graded"]
        reference = graded.limit or graded.steps[-1].value
        whence = f"extrapolated by the graded ladder at accuracy {accuracy}"
        if graded.limit is None:
            whence = "finest graded mesh, as the ladder has not converged"
        print(f"\nhip_stem, {case}: {GOAL}, reference {reference:.2f} MPa ({whence})")
        for kind, climbed in ladders.items():
            print(f"  {kind:<8}{'unknowns':>12}{'MPa':>10}{'error':>9}{'s':>8}   place, mm")
            for step in climbed.steps:
                print(_line(step, reference))
            enough = sufficient(climbed.steps, reference)
            needs = f"{enough:,}" if enough else f"more than {max(step.dofs for step in climbed.steps):,}"
            print(f"  {kind}: {needs} unknowns for {100 * WANTED:.0f} %")
            rows += _rows(case, kind, climbed.steps, enough)
        _print_ratio(ladders, reference)
    return rows


def sufficient(steps: Sequence[Step], reference: float) -> int | None:
    """Unknowns from which on all finer meshes are within `WANTED`; None if the finest is not."""
    found = None
    for step in sorted(steps, key=lambda s: s.dofs, reverse=True):
        if abs(step.value / reference - 1) > WANTED:
            break
        found = step.dofs
    return found


def _climb(kind: str, case: str, accuracy: float, most: float) -> Climbed:
    with tempfile.TemporaryDirectory(prefix="bench-ladder-") as folder:
        out = Path(folder) / "steps.json"
        command = mpi(CORES, "benchmarks.ladders", str(out), kind, case, str(accuracy), str(most))
        watched = watch(command, Path(folder) / "log", 120 * MINUTES, free_memory(), {"OMP_NUM_THREADS": "1"})
        if watched.failure:
            raise SystemExit(f"the {kind} ladder of {case}: {watched.failure}")
        return Climbed.read(out)


def _line(step: Step, reference: float) -> str:
    place = "" if step.location is None else " ".join(f"{x:.1f}" for x in step.location)
    error = 100 * (step.value / reference - 1)
    return f"  {'':<8}{step.dofs:>12,}{step.value:>10.2f}{error:>+8.2f}%{step.seconds:>8.1f}   {place}"


def _print_ratio(ladders: dict[str, Climbed], reference: float) -> None:
    graded, uniform = (sufficient(ladders[kind].steps, reference) for kind in ("graded", "uniform"))
    if graded and uniform:
        print(f"  uniform refinement needs {uniform / graded:.1f} times the unknowns of the graded ladder")


def _rows(case: str, kind: str, steps: Sequence[Step], enough: int | None) -> list[Row]:
    common = Row("grading", case, f"benchtwin, {kind}", threads=CORES)
    rows = [
        replace(common, repeat=k, dofs=step.dofs, quantity=name, value=value, unit=unit)
        for k, step in enumerate(steps, start=1)
        for name, value, unit in ((GOAL, step.value, "MPa"), ("wall_time", step.seconds, "s"))
    ]
    note = "" if enough is not None else "not reached"
    return [*rows, replace(common, quantity=f"dofs_to_{WANTED}", value=enough, note=note)]
