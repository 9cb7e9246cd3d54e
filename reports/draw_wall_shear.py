"""The picture of the wall shear stress."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from reports.annotate import is_hidden, mark_peak
from reports.fields import cells_of
from reports.numbers import round_up, words
from reports.scenery import Picture, Scenery, name_around, put_around, quantity
from reports.sheet import Sheet
from reports.stage import Stage
from reports.view import View


def draw_wall_shear(folder: Path, scenery: Scenery, view: View) -> Picture:
    fields, record = scenery.fields, scenery.record
    walls = [n for n, name in record.regions.surfaces.items() if "wall" in name.split("+")]
    wall = cells_of(fields.shaded, np.isin(np.asarray(fields.surface["surface"]), walls))
    peak, high = quantity(record, "peak_wall_shear_stress"), quantity(record, "wall_shear_stress_p99")
    # The peak may stand at an edge alone; a range up to it would leave the wall in one colour.
    top = round_up(high.value if high is not None and high.value > 0 else float(np.max(wall["wall_shear"])) or 1.0)
    stage = Stage(view)
    stage.field(wall, "wall_shear", top)
    stage.lines(fields.edges)
    put_around(stage, scenery)
    sheet = Sheet(stage.shoot(), view)
    sheet.title("Wall shear stress", f"{words(record.device)}. Colours end at what one per cent of the wall exceeds.")
    sheet.colour_bar("Wall shear stress", "Pa", top, "max")
    sheet.scale_bar()
    said = mark_peak(sheet, peak, hidden=is_hidden(fields, view, peak))
    name_around(sheet, scenery)
    sheet.save(folder / "wall_shear.png")
    return Picture(
        "wall_shear.png",
        "Wall shear stress; planes of symmetry and openings are left out.",
        f"Wall shear stress in colours from 0 to {top:g} Pa. {said}".strip(),
        view.canvas.wide,
    )
