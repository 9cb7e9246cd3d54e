"""``python -m reports FOLDER``: draw the pictures of a run, or the plots of a study, and write its report."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from pydantic import ValidationError

from reports import graphics, page, pdf
from reports.drawing.views import drawing
from reports.fields import FieldsMissing
from reports.graphics import NoGraphics
from reports.helper import Helper
from reports.pictures import draw_principal, tasks
from reports.review.statements import Statements, StatementsError, write_template
from reports.scenery import Scenery
from reports.stage import BlankPicture
from reports.viewer.html import run_view
from studies.record import RunRecord
from studies.served import SERVE, serve

FEWER = "Of a variant of a study one picture is drawn, and small; benchtwin report, given its folder, draws all else."
SMALL = 0.6  # size of that picture by the usual one


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
    if full:
        write_template(folder)
    shown, status = _shown(folder, record, statements, full)
    report = page.Report(folder, record, shown, statements)
    print(report.write(), file=sys.stderr)
    if full:
        try:
            print(pdf.write(folder, report.text(paper=True)), file=sys.stderr)
        except pdf.NoPdf as reason:  # the report itself is there
            print(f"{folder}: no {pdf.FILE}: {reason}", file=sys.stderr)
    return status


def _shown(folder: Path, record: RunRecord, statements: Statements, full: bool) -> tuple[page.Shown, int]:
    """What the report is to show besides the record, as far as it can be drawn here; 1 if there is less than all."""
    if record.physics == "formula":  # there is nothing to be seen
        return page.Shown(), 0
    view, drawn = page.NO_VIEW, None
    try:
        scenery = Scenery.read(folder, record, 1.0 if full else SMALL)
        with Helper(tasks(folder, scenery) if full else []) as helper:
            view = run_view(scenery)
            drawn = drawing(scenery.fields, record) if full else None
            # First without pictures: drawing may take the process down where there is no OpenGL; the rest must stay.
            trouble = "The pictures could not be drawn on this machine."
            page.Report(folder, record, page.Shown(trouble=trouble, view=view, drawn=drawn), statements).write()
            if full:
                helper.draw()
                pdf.load()
            pictures = helper.pictures() if full else draw_principal(folder, scenery)
        return page.Shown(tuple(pictures), "" if full else FEWER, view, drawn), 0
    except (FieldsMissing, NoGraphics, BlankPicture) as reason:
        print(f"{folder}: {reason}", file=sys.stderr)
        return page.Shown(trouble=f"There are no pictures: {reason}.", view=view, drawn=drawn), 1


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


if __name__ == "__main__":
    if sys.argv[1:] == [SERVE]:
        graphics.one_core()
        serve(lambda request: main([request["folder"]], full=False))
    else:
        status = main(sys.argv[1:])
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)  # to take a million objects apart takes half a second
