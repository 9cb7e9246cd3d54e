"""``python -m reports.compare FOLDER``: write the comparison that the `request.json` of a folder asks for."""

from __future__ import annotations

import sys
from pathlib import Path

from pydantic import ValidationError

from reports import graphics
from reports.compare.comparison import Comparison, NotComparable, compare
from reports.compare.page import Drawn, name, write
from reports.compare.record import ComparisonRecord
from reports.compare.request import Request
from reports.compare.stills import Alike, draw_beside, draw_flow, draw_outlines
from reports.fields import FieldsMissing
from reports.graphics import NoGraphics
from reports.scenery import Scenery
from reports.stage import BlankPicture
from reports.viewer.html import viewer_html
from reports.viewer.scene import MOST_BYTES, Scene, TooLarge


def main(arguments: list[str]) -> int:
    """Exit status: 0 done; 1 something could not be drawn; 2 the runs cannot be compared."""
    if len(arguments) != 1:
        print("usage: python -m reports.compare FOLDER", file=sys.stderr)
        return 2
    folder = Path(arguments[0])
    try:
        request = Request.read(folder)
        comparison = compare(request.folders(folder), request)
    except (OSError, ValidationError, NotComparable) as error:
        print(error, file=sys.stderr)
        return 2
    names = {side.letter: name(side, comparison.parameters) for side in comparison.sides}
    ComparisonRecord.of(comparison, names).write(folder)
    if comparison.sides[0].record.physics == "formula":
        write(folder, comparison, Drawn())
        return 0
    # First without pictures: drawing may take the process down where there is no OpenGL.
    write(folder, comparison, Drawn(trouble="The pictures could not be drawn on this machine."))
    try:
        write(folder, comparison, _draw(folder, comparison))
    except (FieldsMissing, NoGraphics, BlankPicture) as reason:
        write(folder, comparison, Drawn(trouble=f"There are no pictures: {reason}."))
        return 1
    return 0


def _draw(folder: Path, comparison: Comparison) -> Drawn:
    graphics.choose()
    sides = comparison.sides
    sceneries = [Scenery.read(side.folder, side.record) for side in sides]
    alike = Alike([side.letter for side in sides], sceneries)
    try:
        scenes = [
            Scene.of(scenery, f"{side.letter}: {name(side, comparison.parameters)}", 2 * MOST_BYTES // len(sides))
            for side, scenery in zip(sides, sceneries, strict=True)
        ]
        view, trouble = viewer_html(scenes), ""
    except TooLarge as reason:
        view, trouble = Drawn().view, f"There is no view to be turned: {reason}."
    return Drawn(draw_outlines(folder, alike), draw_beside(folder, alike), draw_flow(folder, alike), view, trouble)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
