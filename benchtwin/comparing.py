"""`benchtwin compare`."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path

from benchtwin.reporting import report_of
from benchtwin.saying import fail, shown
from benchtwin.status import DONE, ERROR, WRONG_INPUT
from reports.compare.comparison import Comparison, NotComparable, compare
from reports.compare.request import Compared, OfStudy, Request, relative
from reports.compare.words import sentences
from reports.study.picks import LEAST, PickError, pick_words, picked, picks
from reports.study.words import in_full
from studies.findings.study_record import StudyRecord
from studies.layout import COMPARISONS
from studies.pool.writing import writing
from studies.supervise import ChildFailed, python_module, run_child


def home_of(folders: Sequence[Path]) -> Path:
    """The results folder that a comparison belongs to: that of a study, else ``results`` here."""
    study = folders[0] if folders and _is_study(folders[0]) else None
    return study.resolve().parents[1] if study else Path("results")


def compare_folders(folders: Sequence[Path], words: Sequence[str], results: Path) -> int:
    """Compare runs, or variants of a study. Returns the exit status.

    Parameters
    ----------
    folders : sequence of Path
        Two to six runs, or one study.
    words : sequence of str
        Variants of the study; those that its findings name if empty.
    results : Path
        Folder of the comparisons' folder.
    """
    studies = [folder for folder in folders if _is_study(folder)]
    if studies and len(folders) > 1:
        return fail(f"{studies[0]} is a study: give one study, or 2 to 6 runs, not both", WRONG_INPUT)
    if studies:
        return _compare_variants(studies[0], words, results)
    if words:
        return fail(f"--pick chooses variants of a study; {folders[0]} is none, it has no study.json", WRONG_INPUT)
    try:
        comparison = compare(folders)
    except NotComparable as error:
        return fail(str(error), WRONG_INPUT)
    return _write(comparison, [Compared(folder=str(folder)) for folder in folders], None, results)


def _is_study(folder: Path) -> bool:
    return (folder / "study.json").is_file()


def _compare_variants(study: Path, words: Sequence[str], results: Path) -> int:
    try:
        record = StudyRecord.read(study)
    except (OSError, ValueError):
        return fail(f"{study}/study.json cannot be read", WRONG_INPUT)
    try:
        chosen, left = (picked(record, words), 0) if words else picks(record)
        if len(chosen) < LEAST:
            raise PickError(f"the findings of {study} name fewer than {LEAST} variants that have a run: use --pick")
        comparison = compare([study / str(pick.variant.folder) for pick in chosen])
    except (PickError, NotComparable) as error:
        return fail(str(error), WRONG_INPUT)
    print("variants compared:", *pick_words(chosen), sep="\n  ", file=sys.stderr)
    if left:
        print(f"note: {left} more that the findings name are left out: choose by --pick", file=sys.stderr)
    if not record.complete:
        print("note: the study is not finished: its findings may come to name others", file=sys.stderr)
    runs = [
        Compared(folder=str(study / str(pick.variant.folder)), label=in_full(pick.variant), why=pick.why)
        for pick in chosen
    ]
    of = OfStudy(key=record.key, title=record.title, folder=str(study), by_findings=not words, left_out=left)
    status = _write(comparison, runs, of, results)
    if status == DONE:
        try:
            with writing(study):
                report_of(study)  # it links to the comparison
        except (ChildFailed, OSError) as error:
            print(f"note: the report of the study could not be written anew: {error}", file=sys.stderr)
    return status


def _write(comparison: Comparison, runs: Sequence[Compared], study: OfStudy | None, results: Path) -> int:
    keys = "/".join([*(side.record.key for side in comparison.sides), *([study.key] if study else [])])
    name = f"{comparison.sides[0].record.device}-{len(runs)}-{hashlib.sha256(keys.encode()).hexdigest()[:12]}"
    folder = results.resolve() / COMPARISONS / name
    log = folder / "report.log"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        Request(
            runs=[run.model_copy(update={"folder": relative(Path(run.folder), folder)}) for run in runs],
            study=study and study.model_copy(update={"folder": relative(Path(study.folder), folder)}),
        ).write(folder)
        run_child(python_module("reports.compare", folder), log)
        log.unlink()
    except ChildFailed as error:
        if not (folder / "report.html").is_file():
            return fail(f"{error}\nlog: {log}", ERROR)
        print(f"note: pictures are incomplete ({error}); {log} says why", file=sys.stderr)
    except OSError as error:
        return fail(f"the comparison cannot be written in {folder}: {error.strerror}", ERROR)
    for line in sentences(comparison):
        print(line, file=sys.stderr)
    print(shown(folder))  # the last line on standard output, whatever else is written
    return DONE
