"""The pictures of what the flow does to the wall: its shear stress, over a cycle its mean and how it oscillates."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reports.annotate import is_hidden, mark_peak
from reports.fields import cells_of
from reports.numbers import round_up, words
from reports.scenery import Picture, Scenery, name_around, put_around, quantity
from reports.sheet import Sheet
from reports.stage import Stage
from reports.view import View


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


def draw_wall_shear(folder: Path, scenery: Scenery, view: View) -> list[Picture]:
    """One picture of a steady flow, two of a pulsatile one."""
    pulsatile = PULSATILE[0].field in scenery.fields.surface.point_data
    return [_draw(folder, scenery, view, shown) for shown in (PULSATILE if pulsatile else STEADY)]


def _draw(folder: Path, scenery: Scenery, view: View, shown: Shown) -> Picture:
    fields, record = scenery.fields, scenery.record
    walls = [n for n, name in record.regions.surfaces.items() if "wall" in name.split("+")]
    wall = cells_of(fields.shaded, np.isin(np.asarray(fields.surface["surface"]), walls))
    peak, high = quantity(record, shown.peak), quantity(record, shown.end)
    values = np.asarray(wall[shown.field])
    # The peak may stand at an edge alone; a range up to it would leave the wall in one colour.
    end = high.value if high is not None else float(np.percentile(values, 99))
    top = shown.most or round_up(end if end > 0 else float(values.max()) or 1.0)
    stage = Stage(view)
    stage.field(wall, shown.field, top)
    stage.lines(fields.edges)
    put_around(stage, scenery)
    sheet = Sheet(stage.shoot(), view)
    said = "" if shown.most else " Colours end at what one per cent of the wall exceeds."
    sheet.title(shown.title, f"{words(record.device)}.{said}")
    sheet.colour_bar(shown.title, shown.unit, top, "neither" if shown.most else "max")
    sheet.scale_bar()
    marked = mark_peak(sheet, peak, hidden=is_hidden(fields, view, peak))
    name_around(sheet, scenery)
    file = f"{shown.field}.png"
    sheet.save(folder / file)
    return Picture(
        file,
        f"{shown.title}; planes of symmetry and openings are left out.",
        f"{shown.title} in colours from 0 to {top:g} {shown.unit}. {marked}".strip(),
        view.canvas.wide,
    )
