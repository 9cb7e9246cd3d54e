"""The close-up of the peak, from where it is seen, with the borders of the elements."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reports.annotate import in_a_sentence, mark_peak
from reports.fields import Fields
from reports.numbers import words
from reports.ranges import extend, range_top
from reports.scenery import Drawing, Picture, Scenery, limit, quantity
from reports.sheet import Sheet
from reports.stage import Stage
from reports.view import View, axes

Array = NDArray[np.float64]

REACH = 0.07  # half the height of the close-up, of the size of the part


def draw_peak(folder: Path, scenery: Scenery) -> Drawing:
    """Draw `peak.png`; nothing if the run has no place of a peak."""
    fields, record = scenery.fields, scenery.record
    peak = quantity(record, "peak_von_mises_stress")
    if peak is None or peak.location is None:
        yield []
        return
    point = np.array(peak.location)
    towards = best_side(fields, point, scenery.towards)
    right, up, towards = axes(towards, np.array(record.scene.up))
    high = REACH * fields.size
    across = 2.1 * high if scenery.view.canvas.wide else 0.7 * high
    corners = np.array([point + a * across * right + b * high * up for a in (-1, 1) for b in (-1, 1)])
    view = View.of(corners, towards, up, scenery.scale)
    top = range_top(peak, np.asarray(fields.surface["von_mises"]))
    hidden = bool(fields.hidden(point[None], towards)[0])
    turned = towards @ scenery.towards / np.linalg.norm(scenery.towards) < 0.99
    side = "seen from its own side of the part" if turned else "seen from the same side as the whole part"
    picture = Picture(
        "peak.png",
        f"The surface around the peak, {side}, with the elements of the mesh.",
        f"Close-up of the von Mises stress with element borders. {in_a_sentence(peak, hidden=hidden)}",
        view.canvas.wide,
        view.canvas.size,
    )
    yield [picture]
    stage = Stage(view)
    stage.field(fields.shaded, "von_mises", top)
    stage.lines(fields.edges)
    stage.lines(fields.element_borders(point, 2.5 * max(across, high)), width=0.45, opacity=0.35)
    stage.silhouette(fields.surface)
    sheet = Sheet(stage.shoot(), view, window=corners)
    sheet.title("The peak, close up", f"{words(record.device)}, von Mises stress. Thin lines: borders of the elements.")
    sheet.colour_bar("von Mises stress", "MPa", top, extend(np.asarray(fields.surface["von_mises"]), top), limit(peak))
    sheet.scale_bar()
    mark_peak(sheet, peak, hidden=hidden)
    sheet.save(folder / picture.file)


def best_side(fields: Fields, point: Array, towards: Array) -> Array:
    """The direction nearest to that of the other pictures from which a point of the surface is seen well."""
    towards = towards / np.linalg.norm(towards)
    normal = fields.normal_near(point)
    for turn in (0.0, 0.4, 0.7, 1.0):
        direction = (1 - turn) * towards + turn * normal
        length = float(np.linalg.norm(direction))
        if length < 0.1:
            continue
        direction = direction / length
        if direction @ normal > 0.5 and not fields.hidden(point[None], direction)[0]:
            return np.asarray(direction)
    return normal
