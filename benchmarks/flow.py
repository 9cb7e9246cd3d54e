"""Time and memory that a flow takes to a stated accuracy, beside OpenFOAM."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import openfoam
from benchmarks.rows import Row
from benchmarks.watch import watch
from studies.budget import free_memory
from studies.supervise import ROOT

ACCURACIES = (0.02, 0.01, 0.005, 0.001)
# Braack and Richter, Comput. Fluids 35, 2006, 372; of the nozzle the value to which benchtwin's ladder tends.
REFERENCES: dict[str, float | None] = {"cylinder": 6.1853, "nozzle": None}
QUANTITIES = {"cylinder": "drag coefficient of 3D-1Z", "nozzle": "pressure drop of the FDA nozzle"}
FINENESS, QUICK_FINENESS = (2, 3, 4, 6, 8), (2, 3)
MINUTES, QUICK_MINUTES = 4.0, 0.5
SHARE = 0.85  # of the free memory


@dataclass(frozen=True)
class Step:
    """One mesh: unknowns, value, and what it took, s and MB. Of benchtwin with all meshes before it."""

    unknowns: int
    value: float
    seconds: float
    memory: float


@dataclass(frozen=True)
class Sequence:
    """One code on ever finer meshes of one case."""

    case: str
    code: str
    version: str
    steps: list[Step]
    load: float
    limit: float | None = None
    failure: str = ""

    def reaches(self, reference: float, accuracy: float) -> Step | None:
        """The first mesh that is as near to the reference as asked, and all finer ones with it."""
        good = None
        for step in reversed(self.steps):
            if abs(step.value / reference - 1) > accuracy:
                break
            good = step
        return good


def compare_flows(quick: bool, seconds: float) -> list[Row]:
    """Run both codes on both cases, on one core each; print what each accuracy took."""
    rows: list[Row] = []
    for case in QUANTITIES:
        ours = _ours(case, QUICK_MINUTES if quick else MINUTES)
        reference = REFERENCES[case] or ours.limit
        lack = openfoam.missing()
        if lack:
            print(f"OpenFOAM is skipped: {lack} is not installed")
        sequences = [ours] if lack else [ours, _foam(case, QUICK_FINENESS if quick else FINENESS, seconds)]
        for sequence in sequences:
            rows += _rows(sequence, reference)
        if reference is not None:
            _print(case, sequences, reference)
    return rows


def _ours(case: str, minutes: float) -> Sequence:
    with tempfile.TemporaryDirectory() as folder:
        answer, log = Path(folder) / "answer.json", Path(folder) / "log"
        command = [sys.executable, "-m", "benchmarks.flow_ours", case, str(minutes), str(answer)]
        environment = {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
        watched = watch(command, log, 120 * minutes, SHARE * free_memory(), environment)
        if watched.failure or not answer.exists():
            return Sequence(case, "benchtwin", "", [], watched.load, failure=watched.failure or "no answer")
        given = json.loads(answer.read_text())
        steps = [Step(n, value, s, watched.memory) for n, value, s in given["steps"]]
        return Sequence(case, "benchtwin", "", steps, watched.load, given["limit"])


def _foam(name: str, finenesses: tuple[int, ...], seconds: float) -> Sequence:
    case, steps, failure = openfoam.CASES[name], [], ""
    load = os.getloadavg()[0]
    for fineness in finenesses:
        folder = Path(tempfile.mkdtemp())
        try:
            openfoam.write(case, fineness, folder)
            limits = (folder / "log", seconds, SHARE * free_memory(), openfoam.environment())
            meshed = watched = watch(openfoam.meshing(folder), *limits)
            if not meshed.failure:
                openfoam.let_in(case, folder)
                watched = watch(openfoam.solving(folder), *limits)
            if watched.failure:
                failure = f"fineness {fineness}: {watched.failure}"
                break
            words = (folder / "mesh.log").read_text().split()
            cells = int(words[words.index("nCells:") + 1])
            steps.append(Step(4 * cells, case.read(folder), meshed.seconds + watched.seconds, watched.memory))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    return Sequence(name, "OpenFOAM simpleFoam", _version(), steps, load, failure=failure)


def _version() -> str:
    found = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Version}", "openfoam"], capture_output=True, text=True, check=False
    )
    return found.stdout.strip()


def _rows(sequence: Sequence, reference: float | None) -> list[Row]:
    def row(step: Step, quantity: str, value: float | None, unit: str, note: str = "") -> Row:
        return Row(
            "flow", sequence.case, sequence.code, sequence.version, 1, step.unknowns, 1, quantity, value, unit,
            sequence.load, note,
        )  # fmt: skip

    found = []
    for step in sequence.steps:
        found += [row(step, "total", step.seconds, "s"), row(step, "memory", step.memory, "MB")]
        found.append(row(step, QUANTITIES[sequence.case], step.value, ""))
    if reference is not None:
        for accuracy in ACCURACIES:
            first = sequence.reaches(reference, accuracy)
            quantity = f"seconds to {accuracy:.1%}"
            nothing = Step(0, 0.0, 0.0, 0.0)
            note = "" if first else f"not reached. {sequence.failure}"
            found.append(row(first or nothing, quantity, first.seconds if first else None, "s", note))
    return found


def _print(case: str, sequences: list[Sequence], reference: float) -> None:
    table = Table(title=f"{QUANTITIES[case]}, reference {reference:.5g}; one core")
    for column in ("code", "unknowns", "value", "off by", "s", "MB"):
        table.add_column(column, justify="left" if column == "code" else "right")
    for sequence in sequences:
        for step in sequence.steps:
            off = f"{step.value / reference - 1:+.2%}"
            table.add_row(
                sequence.code,
                f"{step.unknowns:,}",
                f"{step.value:.5g}",
                off,
                f"{step.seconds:.1f}",
                f"{step.memory:.0f}",
            )
        if sequence.failure:
            table.add_row(sequence.code, sequence.failure, "", "", "", "")
    console = Console(width=110)
    console.print(table)
    for accuracy in ACCURACIES:
        said = []
        for sequence in sequences:
            first = sequence.reaches(reference, accuracy)
            said.append(f"{sequence.code} {f'{first.seconds:.1f} s' if first else 'not reached'}")
        console.print(f"within {accuracy:.1%}: " + ", ".join(said))
