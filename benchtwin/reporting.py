"""`benchtwin report`; and the report at the end of other commands."""

from __future__ import annotations

import math
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from benchtwin.saying import fail, shown
from benchtwin.status import DONE, ERROR, WRONG_INPUT
from reports.paper import FILE, NoPdf, available
from reports.review.statements import Statements, StatementsError
from studies.record import STATEMENTS
from studies.run import LOG, available_cores
from studies.supervise import ChildFailed, OnEvent, python_module, run_child
from studies.warm import Limits, Warm

UNLIMITED = Limits(math.inf, math.inf)
PATIENCE = 2.0  # s; folders of a paper under way are cleared away


class Reporter:
    """Draws pictures and report of a run, in a process that gets ready while the run is computed.

    Rendering crashes a process where the machine has no OpenGL, so it has one of its own.
    """

    def __init__(self) -> None:
        self._process, self._begun = Warm("reports", PATIENCE), False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.close()

    def beside(self, on_event: OnEvent) -> OnEvent:
        """Who is told the progress of the run; at the first word the process is started, if there is a core for it.

        The run begins with what only one of its ranks does.
        """

        def told(event: dict[str, Any]) -> None:
            if not self._begun and available_cores() > 1:
                with suppress(OSError):  # if there is still no process when there is something to draw, that is told
                    self._process.start()
            self._begun = True  # where it ends at once, it need not do so at every word
            on_event(event)

        return told

    def write(self, folder: Path) -> None:
        """Draw pictures and report.

        Raises
        ------
        ChildFailed
            If they are not complete.
        """
        self._process.do({"folder": str(folder), "full": True}, folder / LOG, UNLIMITED)


def write_report(folder: Path) -> int:
    """Draw pictures and report of a finished run or study anew. Returns the exit status."""
    if not any((folder / name).is_file() for name in ("run.json", "study.json")):
        return fail(f"{folder} is neither a run nor a study: it has no run.json and no study.json", WRONG_INPUT)
    run = (folder / "run.json").is_file() and not (folder / "study.json").is_file()
    try:
        if run:
            Statements.read(folder)  # here, where it can be said what is wrong with them
        report_of(folder)
    except StatementsError as error:
        return fail(str(error), WRONG_INPUT)
    except ChildFailed as error:
        return fail(f"{error}\nlog: {error.log}", ERROR)
    except OSError as error:
        return fail(f"the report cannot be written in {folder}: {error.strerror}", ERROR)
    if run:
        tell_missing(folder)
    print(shown(folder / "report.html"))
    return DONE


def report_of(folder: Path) -> None:
    """Draw pictures and report of a finished run or study.

    Raises
    ------
    ChildFailed
        If they are not complete; its log is kept then.
    """
    log = folder / "report.log"
    run_child(python_module("reports", folder), log)
    log.unlink()


def tell_missing(folder: Path) -> None:
    """What the report still lacks, on standard error: its form on paper, and what only a person can say."""
    if not (folder / FILE).is_file():
        try:
            available()
            print(f"note: there is no {FILE}: benchtwin report {shown(folder)} writes it", file=sys.stderr)
        except NoPdf as reason:
            print(f"note: there is no {FILE}: {reason}", file=sys.stderr)
    try:
        missing = Statements.read(folder).missing
    except StatementsError as error:
        print(f"note: {error}", file=sys.stderr)
        return
    if missing:
        statements = "1 statement is" if len(missing) == 1 else f"{len(missing)} statements are"
        print(f"note: {statements} missing in {shown(folder / STATEMENTS)}", file=sys.stderr)
