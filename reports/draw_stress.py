"""The picture of a stress on the surface, with the deformed part behind it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from reports.annotate import in_a_sentence, is_hidden, mark_excluded, mark_peak
from reports.numbers import words
from reports.ranges import extend, range_top
from reports.scenery import Drawing, Picture, Scenery, limit, name_around, put_around, quantity
from reports.sheet import Sheet
from reports.stage import Stage

STRESSES = {
    "von_mises": ("von Mises stress", "peak_von_mises_stress"),
    "first_principal": ("First principal stress", "peak_first_principal_stress"),
}


def draw_stress(folder: Path, scenery: Scenery, name: str) -> Drawing:
    fields, record, view = scenery.fields, scenery.record, scenery.view
    title, quantity_name = STRESSES[name]
    peak = quantity(record, quantity_name)
    top = range_top(peak, np.asarray(fields.surface[name]))
    hidden = is_hidden(fields, view, peak)
    overlay = f"Pale outline: displacement × {scenery.factor:g}." if scenery.factor else "No displacement."
    left_out = f" Left out of the peak: {record.scene.excluded}." if record.scene.excluded else ""
    picture = Picture(
        f"{name}.png",
        f"{title} on the part as made; {overlay[:1].lower()}{overlay[1:]}",
        f"{title} in colours from 0 to {top:g} MPa. {in_a_sentence(peak, hidden=hidden)}{left_out}",
        view.canvas.wide,
        view.canvas.size,
    )
    yield [picture]
    stage = Stage(view)
    stage.field(fields.shaded, name, top)
    stage.lines(fields.edges)
    stage.silhouette(fields.surface)
    if scenery.factor:
        stage.shadow(fields.deformed(scenery.factor))
    put_around(stage, scenery)
    sheet = Sheet(stage.shoot(), view)
    subtitle = f"{words(record.device)}. {overlay}"
    # Said beside the points themselves if there are any.
    sheet.title(f"{title} on the surface", subtitle + ("" if record.scene.excluded_points else left_out))
    sheet.colour_bar(title, "MPa", top, extend(np.asarray(fields.surface[name]), top), limit(peak))
    sheet.scale_bar()
    mark_peak(sheet, peak, hidden=hidden)
    mark_excluded(sheet, fields, view, record)
    name_around(sheet, scenery)
    sheet.save(folder / picture.file)
