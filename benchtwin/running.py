"""`benchtwin run`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from mpi4py import MPI
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from benchtwin.progress import show_progress
from benchtwin.reporting import Reporter, tell_missing
from benchtwin.saying import fail, shown
from benchtwin.status import DONE, ERROR, NOT_CONVERGED, WRONG_INPUT
from devices.parameters import InputError
from reports.numbers import place
from studies.budget import Budget
from studies.job import Job
from studies.launched import run_together
from studies.launcher import launched
from studies.record import RunRecord
from studies.run import RunFailed, available_cores, in_processes, run
from studies.store import RunStore, StoreError


def run_and_report(
    device: str,
    protocol: str | None,
    pairs: Sequence[str],
    accuracy: float,
    results: Path,
    ranks: int | None,
    memory: float | None = None,
    minutes: float | None = None,
) -> int:
    """Do a run with pictures and report; print its folder last. Returns the exit status."""
    try:
        job = Job.make(device, protocol, _settings(pairs), accuracy, _budget(memory, minutes))
        if ranks is not None and not 1 <= ranks <= 512:
            raise InputError(f"ranks = {ranks} is out of range: 1 to 512")
        store = RunStore(results.resolve())
        rank, size = launched()
        if size > 1:
            if ranks not in (None, size):
                raise InputError(f"ranks = {ranks}: the launcher has started {size}")
            with Reporter() as reporter:
                outcome = run_together(job, store, MPI.COMM_WORLD, reporter.write)
            if rank > 0:
                return DONE
        else:
            with show_progress(job) as on_event, Reporter() as reporter:
                together = ranks or job.budget.processes(available_cores())
                outcome = run(job, store, in_processes(together), reporter.beside(on_event), reporter.write)
    except (InputError, StoreError) as error:
        return fail(str(error), WRONG_INPUT)
    except RunFailed as error:
        where = f"\nlog: {error.folder / 'run.log'}" if error.folder else ""
        return fail(f"{error}{where}", WRONG_INPUT if error.trouble == "input" else ERROR)
    record = RunRecord.read(outcome.folder)
    _tell(record, outcome.from_store)
    if outcome.trouble:
        print(f"note: {outcome.trouble}", file=sys.stderr)
    tell_missing(outcome.folder)
    print(shown(outcome.folder))
    return DONE if record.status == "done" else NOT_CONVERGED


def _settings(pairs: Sequence[str]) -> dict[str, str]:
    settings: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise InputError(f"--set {pair}: it must be name=value, such as neck_diameter=12mm")
        if name.strip() in settings:
            raise InputError(f"--set {name.strip()} is given twice")
        settings[name.strip()] = value.strip()
    return settings


def _budget(gigabytes: float | None, minutes: float | None) -> Budget:
    for name, value, low, high in (("memory", gigabytes, 0.5, 1e5), ("minutes", minutes, 0.1, 1e5)):
        if value is not None and not low <= value <= high:
            raise InputError(f"{name} = {value:g} is out of range: {low:g} to {high:g}")
    return Budget.of(None if gigabytes is None else 1000 * gigabytes, minutes)


def _tell(record: RunRecord, from_store: bool) -> None:
    """The table of quantities, on standard error: standard output belongs to the folder."""
    table = Table(
        box=SIMPLE,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        title=f"{record.device} under {record.protocol}" + (", from the store" if from_store else ""),
    )
    for column in ("quantity", "value", "±", "unit", "status", "verdict"):
        # In a narrow terminal it is the names that are broken: no digit and no status may be lost.
        right, name = column in ("value", "±"), column == "quantity"
        table.add_column(
            column, justify="right" if right else "left", no_wrap=not name, overflow="fold" if name else "ellipsis"
        )
    for q in record.quantities:
        error = "" if q.uncertainty is None else f"{q.uncertainty:.2g}"
        value = "none" if q.status == "singular" else f"{q.value:.5g}"
        status = q.status.replace("_", " ")
        verdict = (q.verdict or "").replace("_", " ")
        table.add_row(q.name, value, error, q.unit, status, verdict)
    console = Console(stderr=True)
    console.print(table)
    for note in [*_stopped(record), *_singular(record), *record.warnings]:
        console.print(f"note: {note}", highlight=False)
    console.print(f"verdict: {record.verdict.replace('_', ' ')}", highlight=False)


def _stopped(record: RunRecord) -> list[str]:
    """That a budget ended the run, and which one to raise."""
    spent = record.budget
    if spent.exhausted == "memory":
        return [f"stopped by memory ({spent.memory_MB / 1000:.3g} GB): allow more with --memory"]
    if spent.exhausted == "time":
        return [f"stopped by time ({spent.minutes:.3g} minutes): allow more with --minutes"]
    if spent.exhausted == "meshes":
        return [f"stopped after {len(record.levels)} meshes: the values do not settle; see the report"]
    return []


def _singular(record: RunRecord) -> list[str]:
    """Where singular values stand; the report says what to do."""
    return [
        f"{q.name} has no value: it rests on what grows without bound at {place(q.location)} mm (give a corner its "
        "fillet, or leave the zone out)"
        for q in record.quantities
        if q.status == "singular" and q.location is not None
    ]
