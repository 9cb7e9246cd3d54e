"""``python -m reports FOLDER``: draw the pictures of a run, or the plots of a study, and write its report."""

from __future__ import annotations

import sys
from pathlib import Path

from pydantic import ValidationError

from reports import page
from reports.fields import FieldsMissing
from reports.graphics import NoGraphics
from reports.pictures import draw
from reports.scenery import Scenery
from reports.stage import BlankPicture
from reports.study import page as study_page
from reports.study import plots as study_plots
from reports.viewer.html import run_view
from studies.findings.study_record import StudyRecord
from studies.record import RunRecord
from studies.served import SERVE, serve


def main(arguments: list[str]) -> int:
    """Exit status: 0 done; 1 the report has no pictures; 2 the folder cannot be read."""
    if len(arguments) != 1:
        print("usage: python -m reports FOLDER", file=sys.stderr)
        return 2
    folder = Path(arguments[0])
    if (folder / "study.json").exists():
        return _study(folder)
    try:
        record = RunRecord.read(folder)
    except (OSError, ValidationError) as error:
        print(f"{folder}: no run record that can be read: {error}", file=sys.stderr)
        return 2
    if record.physics == "formula":  # there is nothing to be seen
        print(page.write(folder, record, []), file=sys.stderr)
        return 0
    view = page.NO_VIEW
    try:
        scenery = Scenery.read(folder, record)
        view = run_view(scenery)
        # First without pictures: drawing may take the process down where there is no OpenGL, and the rest must stay.
        page.write(folder, record, [], "The pictures could not be drawn on this machine.", view)
        pictures = draw(folder, scenery)
    except (FieldsMissing, NoGraphics, BlankPicture) as reason:
        page.write(folder, record, [], f"There are no pictures: {reason}.", view)
        print(f"{folder}: {reason}", file=sys.stderr)
        return 1
    print(page.write(folder, record, pictures, view=view), file=sys.stderr)
    return 0


def _study(folder: Path) -> int:
    """As `main`, for the folder of a study."""
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
        serve(lambda request: main([request["folder"]]))
    else:
        sys.exit(main(sys.argv[1:]))
