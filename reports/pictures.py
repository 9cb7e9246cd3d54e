"""The pictures of a run: set-up, von Mises stress, first principal stress, section, peak."""

from __future__ import annotations

from pathlib import Path

from reports import graphics
from reports.draw_peak import draw_peak
from reports.draw_section import draw_section
from reports.draw_setup import draw_setup
from reports.draw_stress import STRESSES, draw_stress
from reports.fields import Fields
from reports.scenery import Picture, Scenery
from studies.record import RunRecord


def draw(folder: Path, record: RunRecord, scale: float = 1.0) -> list[Picture]:
    """Draw all pictures of a run into its folder.

    Parameters
    ----------
    folder : Path
        Run folder with `fields.vtu` and `surface.vtu`.
    record : RunRecord
    scale : float
        Size of the pictures, relative to that for a report.

    Raises
    ------
    FieldsMissing
        If the fields are not there.
    NoGraphics, BlankPicture
        If nothing can be drawn on this machine.
    """
    graphics.choose()
    scenery = Scenery(record, Fields.read(folder), scale)
    view = scenery.view()
    pictures = [draw_setup(folder, scenery, view)]
    pictures += [draw_stress(folder, scenery, view, name) for name in STRESSES]
    more = [draw_section(folder, scenery), draw_peak(folder, scenery, view.canvas.wide)]
    return pictures + [picture for picture in more if picture is not None]
