"""The picture of the von Mises stress on a plane section."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from reports.annotate import in_a_sentence, mark_peak
from reports.fields import rim
from reports.numbers import place, ticks, words
from reports.ranges import extend, range_top
from reports.scenery import Drawing, Picture, Scenery, limit, quantity
from reports.sheet import Sheet
from reports.stage import Stage
from reports.view import View


def draw_section(folder: Path, scenery: Scenery) -> Drawing:
    fields, record = scenery.fields, scenery.record
    scene = record.scene
    normal = np.array(scene.section_normal) / np.linalg.norm(scene.section_normal)
    if normal @ scenery.towards < 0:
        normal = -normal
    peak = quantity(record, "peak_von_mises_stress")
    origin = np.array(scene.section_origin)
    cut = fields.section(origin, normal)
    through = False
    if peak is not None and peak.location is not None and peak.status != "singular":
        at_peak = fields.section(np.array(peak.location), normal)
        # A peak at the far end of the part along the normal is only grazed there, and the section would show nothing.
        if at_peak.n_cells and (not cut.n_cells or at_peak.area > 0.5 * cut.area):
            cut, origin, through = at_peak, np.array(peak.location), True
    if not cut.n_cells:
        yield []
        return
    top = range_top(peak, np.asarray(fields.surface["von_mises"]))
    view = View.of(np.asarray(cut.points), normal, np.array(scene.up), scenery.scale)
    values = [t for t in ticks(top) if t > 0]
    step = values[0]
    where = "through the peak" if through else f"at {place(origin)} mm"
    said = in_a_sentence(peak, hidden=False) if through else ""
    picture = Picture(
        "section.png",
        f"Section {where}, with a line every {step:g} MPa; the rest of the part is grey.",
        f"von Mises stress on a plane section, 0 to {top:g} MPa. {said}".strip(),
        view.canvas.wide,
        view.canvas.size,
    )
    yield [picture]
    stage = Stage(view)
    stage.part(fields.beyond(origin, normal), "#e4e7eb")
    stage.field(cut, "von_mises", top, lit=False)
    stage.lines(cut.contour(values, scalars="von_mises"), width=0.6, opacity=0.6)
    stage.lines(rim(cut), width=1.1, opacity=0.9)
    sheet = Sheet(stage.shoot(), view)
    sheet.title("von Mises stress on a section", f"{words(record.device)}, cut {where}. A line every {step:g} MPa.")
    sheet.colour_bar("von Mises stress", "MPa", top, extend(np.asarray(cut["von_mises"]), top), limit(peak))
    sheet.scale_bar()
    if through:
        mark_peak(sheet, peak, hidden=False)
    sheet.save(folder / picture.file)
