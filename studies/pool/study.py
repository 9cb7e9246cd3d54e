"""A study from its file to its folder: `study.db` while it runs, then `study.json` and the tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from studies.findings.study_record import StudyRecord
from studies.findings.tables import write_tables
from studies.layout import STUDIES
from studies.plan.plan import Plan
from studies.pool.conclude import conclude
from studies.pool.conduct import Conductor, News, StudyStopped
from studies.pool.ledger import Ledger
from studies.pool.pools import Pool
from studies.pool.writing import writing
from studies.store import StoreError

FILE = "study.toml"


def study_folder(plan: Plan, results: Path) -> Path:
    """Where a study stands; another file, or another version of the program, makes another one."""
    return results / STUDIES / plan.key


def run_study(
    plan: Plan,
    results: Path,
    pool: Pool,
    finisher: str = "",
    tell: Callable[[News], None] = lambda news: None,
    retry: bool = False,
) -> StudyRecord:
    """Run what has not been run, and write what was found; also when the study is stopped on its way.

    Parameters
    ----------
    plan : Plan
    results : Path
        Folder of all runs and studies.
    pool : Pool
    finisher : str
        Module that draws the pictures of a run; none if empty.
    tell : callable
        Told the news.
    retry : bool
        Whether variants that have failed are tried again.

    Raises
    ------
    StudyStopped
        If it cannot go on now.
    StudyError
        If the study file speaks of quantities that there are not.
    StoreError
        If the results folder cannot be written.
    """
    folder = study_folder(plan, results)
    with _ledger(folder, plan) as ledger:
        ledger.enter(pool.slots, pool.scheduler)
        ledger.recover()
        ledger.missing()
        if retry:
            ledger.retry_failed()
        drawn = finisher if plan.file.study.reports else ""
        conductor = Conductor(plan, folder, results, ledger, pool, drawn, tell)
        try:
            conductor.conduct()
        finally:
            ledger.seen(pool.slots)
            ledger.release()
        return _conclude(plan, folder, ledger)


def write_record(plan: Plan, results: Path) -> StudyRecord:
    """Write what a study has found so far."""
    folder = study_folder(plan, results)
    with _ledger(folder, plan) as ledger:
        return _conclude(plan, folder, ledger)


def _conclude(plan: Plan, folder: Path, ledger: Ledger) -> StudyRecord:
    record = conclude(plan, folder, ledger)
    try:
        with writing(folder):
            record.write(folder)
            write_tables(record, folder)
    except OSError as error:
        raise StudyStopped(f"the study cannot be written: {error.strerror or error}") from error
    return record


@contextmanager
def _ledger(folder: Path, plan: Plan) -> Iterator[Ledger]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with writing(folder):
            part = folder / f".{FILE}.part"
            part.write_text(plan.text, encoding="utf-8")
            part.replace(folder / FILE)
        ledger = Ledger(folder)
    except (OSError, sqlite3.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise StoreError(f"the study folder {folder} cannot be written: {reason}") from error
    try:
        yield ledger
    except sqlite3.Error as error:
        raise StudyStopped(f"the ledger of the study cannot be written: {error}; start it again once it can") from error
    finally:
        ledger.close()
