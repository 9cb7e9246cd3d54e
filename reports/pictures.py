"""The pictures of a run: set-up; stresses, section and peak of a solid; flow along the axis and wall shear;
streamlines through pores.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
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
from reports.helper import Helper, Task, finish
from reports.scenery import Drawing, Picture, Scenery

_Draw = Callable[[Path, Scenery], Drawing]

_STRESSES = [partial(draw_stress, name=name) for name in STRESSES]
# In the order of the report.
_DRAWN: dict[str, Sequence[_Draw]] = {
    "solid": (draw_setup, *_STRESSES, draw_section, draw_peak),
    "flow": (draw_setup, draw_along, draw_profiles, draw_cycle, draw_wall_shear),
    "permeation": (draw_setup, draw_pores),
}
_PRINCIPAL: dict[str, _Draw] = {"solid": _STRESSES[0], "flow": draw_along, "permeation": draw_pores}


def tasks(folder: Path, scenery: Scenery) -> list[Task]:
    """What there is to be drawn into the folder of a run, in the order of its report; each task raises as `draw`."""
    return [_task(draw_one, folder, scenery) for draw_one in _DRAWN[scenery.record.physics]]


def draw(folder: Path, scenery: Scenery) -> list[Picture]:
    """Draw all pictures of a run into its folder.

    Raises
    ------
    NoGraphics, BlankPicture
        If nothing can be drawn on this machine.
    """
    with Helper(tasks(folder, scenery), lambda: None) as helper:
        helper.draw()
        return helper.announced()


def draw_principal(folder: Path, scenery: Scenery) -> list[Picture]:
    """Draw the principal field of a run alone; raises as `draw`."""
    drawing = _task(_PRINCIPAL[scenery.record.physics], folder, scenery)()
    pictures = list(next(drawing))
    finish(drawing)
    return pictures


def _task(draw_one: _Draw, folder: Path, scenery: Scenery) -> Task:
    def task() -> Drawing:
        graphics.choose()
        yield from draw_one(folder, scenery)

    return task
