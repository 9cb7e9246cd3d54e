"""The pictures of a run: set-up; stresses, section and peak of a solid; flow along the axis and wall shear;
streamlines through pores."""

from __future__ import annotations

from pathlib import Path

from reports import graphics
from reports.draw_along import draw_along
from reports.draw_cycle import draw_cycle
from reports.draw_peak import draw_peak
from reports.draw_pores import draw_pores
from reports.draw_profiles import draw_profiles
from reports.draw_section import draw_section
from reports.draw_setup import draw_setup
from reports.draw_stress import STRESSES, draw_stress
from reports.draw_wall_shear import draw_wall_shear
from reports.scenery import Picture, Scenery


def draw(folder: Path, scenery: Scenery, full: bool = True) -> list[Picture]:
    """Draw the pictures of a run into its folder: all, or unless ``full`` the principal one of a field.

    Raises
    ------
    NoGraphics, BlankPicture
        If nothing can be drawn on this machine.
    """
    graphics.choose()
    view, physics = scenery.view(), scenery.record.physics
    if not full:
        if physics == "permeation":
            return draw_pores(folder, scenery, view)
        if physics == "flow":
            return [draw_along(folder, scenery)]
        return [draw_stress(folder, scenery, view, next(iter(STRESSES)))]
    if physics == "permeation":
        return [draw_setup(folder, scenery, view), *draw_pores(folder, scenery, view)]
    if physics == "flow":
        return [
            draw_setup(folder, scenery, view),
            draw_along(folder, scenery),
            *draw_profiles(folder, scenery),
            *draw_cycle(folder, scenery),
            *draw_wall_shear(folder, scenery, view),
        ]
    pictures = [draw_setup(folder, scenery, view)]
    pictures += [draw_stress(folder, scenery, view, name) for name in STRESSES]
    more = [draw_section(folder, scenery), draw_peak(folder, scenery, view.canvas.wide)]
    return pictures + [picture for picture in more if picture is not None]
