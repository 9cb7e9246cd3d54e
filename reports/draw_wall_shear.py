"""The pictures of what the flow does to the wall: its shear stress, over a cycle its mean and how it oscillates."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reports.annotate import in_a_sentence, is_hidden, mark_peak
from reports.fields import Fields
from reports.numbers import words
from reports.ranges import wall_top
from reports.scenery import Drawing, Picture, Scenery, name_around, put_around, quantity
from reports.sheet import Sheet
from reports.stage import Stage
from studies.record import RunRecord

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Shown:
    """A field on the wall: its name in the files and in words, its unit, the quantities that are its peak and the end
    of the colours, and its largest possible value.
    """

    field: str
    title: str
    unit: str
    peak: str
    end: str = ""
    most: float | None = None

    @property
    def note(self) -> str:
        return "" if self.most else "Colours end at what one per cent of the wall exceeds."

    def top(self, record: RunRecord, values: Array) -> float:
        """The end of its colours, from its values on the wall."""
        return self.most or wall_top(quantity(record, self.end), values)


STEADY = (Shown("wall_shear", "Wall shear stress", "Pa", "peak_wall_shear_stress", "wall_shear_stress_p99"),)
PULSATILE = (
    Shown(
        "time_averaged_wall_shear",
        "Time-averaged wall shear stress",
        "Pa",
        "peak_time_averaged_wall_shear_stress",
    ),
    Shown("oscillatory_shear_index", "Oscillatory shear index", "", "peak_oscillatory_shear_index", most=0.5),
)


def shown_on_wall(fields: Fields) -> tuple[Shown, ...]:
    """One field of a steady flow, two of a pulsatile one."""
    return PULSATILE if PULSATILE[0].field in fields.surface.point_data else STEADY


def draw_wall_shear(folder: Path, scenery: Scenery) -> Drawing:
    drawings = [_draw(folder, scenery, shown) for shown in shown_on_wall(scenery.fields)]
    yield [picture for drawing in drawings for picture in next(drawing)]
    for drawing in drawings:
        yield from drawing


def _draw(folder: Path, scenery: Scenery, shown: Shown) -> Drawing:
    fields, record, view = scenery.fields, scenery.record, scenery.view
    peak = quantity(record, shown.peak)
    top = shown.top(record, np.asarray(scenery.wall[shown.field]))
    hidden = is_hidden(fields, view, peak)
    said = in_a_sentence(peak, hidden=hidden)
    picture = Picture(
        f"{shown.field}.png",
        f"{shown.title}; planes of symmetry and openings are left out.",
        f"{shown.title} in colours from 0 to {top:g} {shown.unit}. {said}".strip(),
        view.canvas.wide,
        view.canvas.size,
    )
    yield [picture]
    stage = Stage(view)
    stage.field(scenery.wall, shown.field, top)
    stage.lines(fields.edges)
    put_around(stage, scenery)
    sheet = Sheet(stage.shoot(), view)
    sheet.title(shown.title, f"{words(record.device)}. {shown.note}".strip())
    sheet.colour_bar(shown.title, shown.unit, top, "neither" if shown.most else "max")
    sheet.scale_bar()
    mark_peak(sheet, peak, hidden=hidden)
    name_around(sheet, scenery)
    sheet.save(folder / picture.file)
