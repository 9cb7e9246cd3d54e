"""``python -m reports FOLDER``: draw the pictures of a run, or the plots of a study, and write its report."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from markupsafe import Markup
from pydantic import ValidationError

from reports import graphics, page, pdf
from reports.drawing.views import Drawn, drawing
from reports.fields import FieldsMissing
from reports.graphics import NoGraphics
from reports.helper import Helper
from reports.paper import FILE, NoPdf
from reports.pictures import draw_principal, tasks
from reports.review.statements import Statements, StatementsError, write_template
from reports.scenery import Picture, Scenery
from reports.stage import BlankPicture
from reports.viewer.html import run_view
from studies.record import RunRecord
from studies.served import SERVE, serve

FEWER = "Of a variant of a study one picture is drawn, and small; benchtwin report, given its folder, draws all else."
SMALL = 0.5  # size of that picture by the usual one
# First a report is written without pictures: drawing may take the process down where there is no OpenGL; the rest must
# stay.
UNDRAWN = "The pictures are missing: drawing them was broken off, or this machine cannot draw."


def main(arguments: list[str], full: bool = True) -> int:
    """Write the report of a run or a study.

    Parameters
    ----------
    arguments : list of str
        The folder.
    full : bool
        With all pictures, the report on paper, and a file to state in what only a person can say. Not for the variants
        of a study, of which few are read: `benchtwin report` does it for those.

    Returns
    -------
    int
        Exit status: 0 done; 1 the report has no pictures; 2 the folder, or its statements, cannot be read.
    """
    if len(arguments) != 1:
        print("usage: python -m reports FOLDER", file=sys.stderr)
        return 2
    folder = Path(arguments[0])
    if (folder / "study.json").exists():
        return _study(folder)
    try:
        record, statements = RunRecord.read(folder), Statements.read(folder)
    except (OSError, ValidationError) as error:
        print(f"{folder}: no run record that can be read: {error}", file=sys.stderr)
        return 2
    except StatementsError as error:
        print(error, file=sys.stderr)
        return 2
    make = _Making(folder, record, statements)
    gc.disable()  # of the millions of objects of a layout none is garbage before its end; looking takes a fifth
    try:
        if record.physics == "formula":  # there is nothing to be seen
            make.plain("", full)
        elif full:
            make.whole()
        else:
            make.short()
    except (FieldsMissing, NoGraphics, BlankPicture) as reason:
        print(f"{folder}: {reason}", file=sys.stderr)
        make.plain(f"There are no pictures: {reason}.", full)
        return 1
    finally:
        gc.enable()
    return 0


@dataclass
class _Making:
    """The report of a run in the making: whole or short, or, if that raises for want of pictures, plain."""

    folder: Path
    record: RunRecord
    statements: Statements
    view: Markup = page.NO_VIEW
    drawn: Drawn | None = None

    def whole(self) -> None:
        """With all there is; it is set for paper while its pictures are still being drawn."""
        write_template(self.folder)
        scenery = Scenery.read(self.folder, self.record)
        part = partial(drawing, scenery.fields, self.record)
        with Helper(tasks(self.folder, scenery), part) as helper, self._paper() as paper:
            self.view = run_view(scenery)
            self.drawn = helper.first()
            self._report((), UNDRAWN).write()
            report = self._report(helper.announced())
            if paper:
                print(paper.write(report.text(paper.image), helper.draw), file=sys.stderr)
            else:
                helper.draw()
            print(report.write(), file=sys.stderr)

    def short(self) -> None:
        """With one picture, and none of it on paper."""
        scenery = Scenery.read(self.folder, self.record, SMALL)
        self.view = run_view(scenery)
        self._report((), UNDRAWN).write()
        print(self._report(draw_principal(self.folder, scenery), FEWER).write(), file=sys.stderr)

    def plain(self, trouble: str, full: bool) -> None:
        """Without pictures, and why."""
        report = self._report((), trouble)
        print(report.write(), file=sys.stderr)
        if not full:
            return
        write_template(self.folder)
        with self._paper() as paper:
            if paper:
                print(paper.write(report.text(paper.image)), file=sys.stderr)

    def _report(self, pictures: Sequence[Picture], trouble: str = "") -> page.Report:
        shown = page.Shown(tuple(pictures), trouble, self.view, self.drawn)
        return page.Report(self.folder, self.record, shown, self.statements)

    def _paper(self) -> AbstractContextManager[pdf.Paper | None]:
        try:
            return pdf.Paper(self.folder)
        except NoPdf as reason:  # the report itself is there
            print(f"{self.folder}: no {FILE}: {reason}", file=sys.stderr)
            return nullcontext()


def _study(folder: Path) -> int:
    """As `main`, for the folder of a study."""
    from reports.study import page as study_page  # far more than the report of a run needs
    from reports.study import plots as study_plots
    from studies.findings.study_record import StudyRecord

    try:
        record = StudyRecord.read(folder)
    except (OSError, ValidationError) as error:
        print(f"{folder}: no study record that can be read: {error}", file=sys.stderr)
        return 2
    # First without plots, so that the tables stay whatever becomes of them.
    study_page.write(folder, record, [], "The plots could not be drawn.")
    print(study_page.write(folder, record, study_plots.draw(folder, record)), file=sys.stderr)
    return 0


def _serve(request: dict[str, Any]) -> int:
    """The report of the run in a folder, in full, or short because others draw beside us."""
    full = bool(request.get("full"))
    if not full:
        graphics.one_core()
    return main([request["folder"]], full)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # folders under way are cleared away
    status = 0
    try:
        if sys.argv[1:] == [SERVE]:
            serve(_serve)
        else:
            status = main(sys.argv[1:])
    except SystemExit as ended:
        status = int(ended.code or 0)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)  # to take a million objects apart takes half a second
