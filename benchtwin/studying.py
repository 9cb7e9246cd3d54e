"""`benchtwin study`."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from rich.console import Console

from benchtwin.reporting import report_of
from benchtwin.saying import fail, shown
from benchtwin.status import DONE, ERROR, NOT_CONVERGED, WRONG_INPUT
from benchtwin.study_progress import show_study, status_lines
from devices.parameters import InputError
from studies.findings.study_record import StudyRecord
from studies.plan.plan import MANY, MOST, Plan
from studies.pool.conduct import StudyStopped
from studies.pool.ledger import FILE as LEDGER
from studies.pool.ledger import Ledger
from studies.pool.pools import LocalPool, Pool
from studies.pool.study import run_study, study_folder, write_record
from studies.pool.writing import writing
from studies.store import RunStore, StoreError
from studies.supervise import ChildFailed

LEAST_FREE = 50 * 2**20  # bytes


def study(path: Path, results: Path, scheduler: str | None, workers: int | None, yes: bool, retry: bool) -> int:
    """Run a study and print its folder last. Returns the exit status."""
    results = results.resolve()
    try:
        plan = Plan.read(path)
        _check_size(plan, yes)
        if workers is not None and not 1 <= workers <= 10_000:
            raise InputError(f"workers = {workers} is out of range: 1 to 10000")
        _check_room(results)
        RunStore(results).prepare()
        pool = _pool(plan, scheduler, workers)
        try:
            with show_study(plan, pool) as tell:
                record = run_study(plan, results, pool, "reports", tell, retry)
        except KeyboardInterrupt:
            pool.close()
            write_record(plan, results)
            raise
        finally:
            pool.close()
    except (InputError, StoreError) as error:
        return fail(str(error), WRONG_INPUT)
    except StudyStopped as error:
        return fail(str(error), ERROR)
    folder = study_folder(plan, results)
    try:
        with writing(folder):
            report_of(folder)
    except (ChildFailed, OSError) as error:
        print(f"note: the report of the study is incomplete: {error}", file=sys.stderr)
    tell_record(record)
    print(shown(folder))
    return DONE if all(v.status == "done" for v in record.variants) else NOT_CONVERGED


def study_status(path: Path, results: Path) -> int:
    """Say how far a study has come. Returns the exit status."""
    try:
        plan = Plan.read(path)
        folder = study_folder(plan, results.resolve())
        if not (folder / LEDGER).is_file():
            print(f"{plan.file.study.name}: not begun ({plan.count()} variants)")
            return DONE
        with closing(Ledger(folder)) as ledger:
            for line in status_lines(plan, ledger):
                print(line)
    except (InputError, StoreError) as error:
        return fail(str(error), WRONG_INPUT)
    except sqlite3.Error as error:
        return fail(f"the ledger in {folder} cannot be read: {error}", ERROR)
    print(shown(folder))
    return DONE


def tell_record(record: StudyRecord) -> None:
    """The answer, on standard error."""
    console = Console(stderr=True, highlight=False, markup=False)
    for finding in record.findings:
        conclusion = getattr(finding, "conclusion", "")
        if conclusion:
            console.print(conclusion)
    for warning in record.warnings:
        console.print(f"note: {warning}")
    for v in record.variants:
        if v.status in ("failed", "impossible"):
            console.print(f"{v.status}: {' '.join(filter(None, (v.label, v.role)))}: {v.message}")
    e = record.execution
    if not e.computed:
        return
    lost, pages = (sum(e.shares.get(name, 0.0) for name in names) for names in (("write", "other"), ("report",)))
    console.print(
        f"{e.computed} runs computed, {e.from_store} found in the store; {e.variants_per_hour:.0f} variants an hour on "
        f"{e.workers} workers"
        + (f"; of their time {100 * lost:.0f} % on starting, waiting and writing" if lost + pages < 0.9 else "")
        + (f", {100 * pages:.0f} % on reports of variants" if 0.0 < pages < 0.9 - lost else "")
    )


def _check_size(plan: Plan, yes: bool) -> None:
    count = plan.count()
    if count > MOST:
        raise InputError(f"{plan.path}: {count:,} variants are more than a study can have ({MOST:,}): split it")
    if count > MANY and not yes:
        raise InputError(f"{plan.path}: that makes {count:,} variants; if you mean it, add --yes")


def _check_room(results: Path) -> None:
    there = next(path for path in (results, *results.parents) if path.exists())
    if shutil.disk_usage(there).free < LEAST_FREE:
        raise StudyStopped(f"the disk of {results} is full: free some space first")


def _pool(plan: Plan, scheduler: str | None, workers: int | None) -> Pool:
    if scheduler is None:
        memory = plan.file.study.memory_GB
        return LocalPool(workers, None if memory is None else 1000 * memory)
    from studies.pool.cluster import DaskPool, NoScheduler

    try:
        return DaskPool(scheduler, workers)
    except NoScheduler as error:
        raise InputError(str(error)) from error
