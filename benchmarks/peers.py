"""benchtwin against other codes, on the same meshes and nodal forces."""

from __future__ import annotations

import os
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.answer import ANSWER, DISPLACEMENT, STAGES, Answer
from benchmarks.codes import Code, all_codes, mpi
from benchmarks.rows import Row
from benchmarks.stored import StoredCase, folder_of
from benchmarks.watch import Watched, watch
from studies.budget import free_memory

REPEATS = 3
BUSY = 0.5  # load average above which times mislead
LONG = 60.0  # s; a peer that takes longer is run once
SHARE = 0.85  # of the free memory that a code may take
MESHING_LIMIT = 3600.0  # s


@dataclass(frozen=True)
class Run:
    """One run of one code at one size.

    Attributes
    ----------
    answer : Answer or None
    watched : Watched
        With the reason, if there is no answer.
    difference : float or None
        Of the displacement from that of benchtwin, |u - u0| / |u0| over all nodes.
    """

    code: Code
    dofs: int
    answer: Answer | None
    watched: Watched
    difference: float | None = None

    @property
    def memory(self) -> float:
        """Peak memory, MB."""
        alone = self.answer.memory if self.answer else None
        return self.watched.memory if alone is None else alone


@dataclass(frozen=True)
class Median:
    """All runs of one code at one size, as one: the one whose total is in the middle."""

    run: Run
    repeats: int
    lowest: float
    highest: float
    load: float


def compare(millions: Sequence[float], repeats: int, seconds: float, meshes: Path | None) -> Iterator[list[Run]]:
    """Run all codes that are installed at all sizes, one after the other; give the runs of each size when it is done.

    Parameters
    ----------
    millions : sequence of float
        Unknowns of each mesh, in millions, about.
    repeats : int
    seconds : float
        Limit of one run.
    meshes : Path or None
        Where the cases are kept; None: in a temporary folder.
    """
    if (load := os.getloadavg()[0]) > BUSY:
        print(f"the machine is busy (load {load:.1f}): codes whose threads wait for each other suffer most")
    codes, runs = _installed(), list[Run]()
    with _folder(meshes) as root:
        targets = [1e6 * m for m in sorted(millions)]
        print(f"meshing {', '.join(f'{t:,.0f}' for t in targets)} unknowns ...", flush=True)
        command = mpi(1, "benchmarks.cases", str(root), *(str(t) for t in targets))
        made = watch(command, root / "cases.log", MESHING_LIMIT, free_memory(), codes[0].environment)
        if made.failure:
            raise SystemExit(f"the meshes could not be made: {made.failure}")
        for target in targets:
            done = _at_size(codes, folder_of(root, target), repeats, seconds, runs)
            runs += done
            yield done


def median_of(runs: Sequence[Run], code: str, dofs: int) -> Median | None:
    """What the runs of a code at a size come to; None if it has no answer there."""
    done = [run for run in runs if run.code.name == code and run.dofs == dofs and run.answer]
    if not done:
        return None
    totals = {id(run): run.answer.total for run in done if run.answer}
    ordered = sorted(done, key=lambda run: totals[id(run)])
    middle = ordered[(len(ordered) - 1) // 2]
    return Median(
        run=replace(middle, watched=replace(middle.watched, memory=max(run.watched.memory for run in done))),
        repeats=len(done),
        lowest=min(totals.values()),
        highest=max(totals.values()),
        load=statistics.median(run.watched.load for run in done),
    )


@contextmanager
def _folder(given: Path | None) -> Iterator[Path]:
    if given:
        given.mkdir(parents=True, exist_ok=True)
        yield given.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
        yield Path(temporary)


def _installed() -> list[Code]:
    codes = []
    for code in all_codes():
        if missing := code.missing():
            print(f"{code.name}: not installed, skipped (no {missing})")
        else:
            codes.append(code)
    return codes


def _at_size(codes: list[Code], case: Path, repeats: int, seconds: float, before: Sequence[Run]) -> list[Run]:
    """Every code once, then all again: what else the machine does meets them all alike."""
    dofs, runs, reference = StoredCase.read(case).dofs, list[Run](), None
    for repeat in range(repeats):
        for code in codes:
            mine = [run for run in runs if run.code is code]
            if any(run.answer is None or (not code.ours and run.watched.seconds > LONG) for run in mine):
                continue
            if not mine and (why := _too_dear(code, dofs, seconds, before)):
                run = Run(code, dofs, None, Watched(why, 0.0, 0.0, 0.0))
            else:
                with tempfile.TemporaryDirectory(prefix="bench-run-") as temporary:
                    run, u = _run(code, case, Path(temporary), dofs, seconds)
                if u is not None:
                    reference = u if reference is None else reference
                    run = replace(run, difference=float(np.linalg.norm(u - reference) / np.linalg.norm(reference)))
            runs.append(run)
            told = f"{run.answer.total:.2f} s" if run.answer else run.watched.failure
            print(f"  {dofs:>10,}  {code.name:<20} run {repeat + 1}: {told}", flush=True)
    return runs


def _run(code: Code, case: Path, out: Path, dofs: int, seconds: float) -> tuple[Run, np.ndarray | None]:
    watched = watch(code.command(case, out), out / "log", seconds, SHARE * free_memory(), code.environment)
    if watched.failure or not (out / ANSWER).exists():
        failure = watched.failure or "it gave no answer"
        return Run(code, dofs, None, replace(watched, failure=failure)), None
    return Run(code, dofs, Answer.read(out), watched), np.load(out / DISPLACEMENT)


def _too_dear(code: Code, dofs: int, seconds: float, before: Sequence[Run]) -> str:
    """Why a run would exceed the limits, as foreseen from the next smaller size; empty if it would not."""
    smaller = [run for run in before if run.code is code]
    if not smaller:
        return ""
    last = max(smaller, key=lambda run: run.dofs)
    growth = dofs / last.dofs
    if last.answer is None:
        return last.watched.failure if last.watched.failure.startswith("not run") else f"not run: {_again(last)}"
    free = SHARE * free_memory()
    if last.memory * growth**code.memory_growth > free:
        return f"not run: would need more than {free:,.0f} MB"
    if last.watched.seconds * growth**code.time_growth > seconds:
        return f"not run: would take more than {seconds:.0f} s"
    return ""


def _again(last: Run) -> str:
    return f"{last.watched.failure} at {last.dofs:,} unknowns"


def rows(runs: Sequence[Run]) -> list[Row]:
    """Every number of every run, in long format."""
    found = list[Row]()
    numbers: dict[tuple[str, int], int] = {}
    for run in runs:
        key = run.code.name, run.dofs
        numbers[key] = numbers.get(key, 0) + 1
        answer, watched = run.answer, run.watched
        common = Row(
            part="peers",
            case=f"{run.dofs}",
            code=run.code.name,
            version=answer.version if answer else "",
            threads=run.code.threads,
            dofs=run.dofs,
            repeat=numbers[key],
            load=watched.load,
        )
        if answer is None:
            found.append(replace(common, quantity="status", note=watched.failure))
            continue
        values: list[tuple[str, float | int | None, str, str]] = [
            *((f"{stage}_time", answer.stages.get(stage), "s", "") for stage in STAGES),
            ("total_time", answer.total, "s", answer.note),
            ("wall_time", watched.seconds, "s", "whole process, with its start"),
            ("memory", run.memory, "MB", "peak of all its processes"),
            ("largest_displacement", answer.largest_displacement, "mm", ""),
            ("peak_von_mises_stress", answer.peak_stress, "MPa", "averaged at nodes"),
            ("residual", answer.residual, "", f"true, |b - A x| / |b|; aimed at: {answer.tolerance}"),
            ("iterations", answer.iterations, "", ""),
            ("displacement_difference", run.difference, "", "|u - u0| / |u0|, u0: benchtwin"),
        ]
        found += [
            replace(common, quantity=name, value=value, unit=unit, note=note)
            for name, value, unit, note in values
            if value is not None
        ]
    return found
