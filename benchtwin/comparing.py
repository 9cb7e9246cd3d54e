"""`benchtwin compare`."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path

from benchtwin.saying import fail, shown
from benchtwin.status import DONE, ERROR, WRONG_INPUT
from reports.compare.comparison import NotComparable, compare
from reports.compare.words import sentences
from studies.layout import COMPARISONS
from studies.supervise import ChildFailed, python_module, run_child


def compare_runs(runs: Sequence[Path], results: Path) -> int:
    """Write a comparison; say what can be claimed, and print its folder last. Returns the exit status."""
    try:
        comparison = compare(runs)
    except NotComparable as error:
        return fail(str(error), WRONG_INPUT)
    keys = "/".join(side.record.key for side in comparison.sides)
    first = comparison.sides[0].record
    name = f"{first.device}-{len(runs)}-{hashlib.sha256(keys.encode()).hexdigest()[:12]}"
    folder = results.resolve() / COMPARISONS / name
    log = folder / "report.log"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        run_child(python_module("reports.compare", folder, *(run.resolve() for run in runs)), log)
        log.unlink()
    except ChildFailed as error:
        if not (folder / "report.html").is_file():
            return fail(f"{error}\nlog: {log}", ERROR)
        print(f"note: pictures are incomplete ({error}); {log} says why", file=sys.stderr)
    except OSError as error:
        return fail(f"the comparison cannot be written in {folder}: {error.strerror}", ERROR)
    for line in sentences(comparison):
        print(line, file=sys.stderr)
    print(shown(folder))
    return DONE
