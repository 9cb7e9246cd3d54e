"""Peaks and excluded zones, marked on a picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reports import theme
from reports.fields import Fields
from reports.numbers import place, rounded
from reports.sheet import Sheet
from reports.view import View
from studies.record import Quantity, RunRecord

Array = NDArray[np.float64]

FAR = ", on the far side"


def is_hidden(fields: Fields, view: View, peak: Quantity | None) -> bool:
    return (
        peak is not None
        and peak.location is not None
        and bool(fields.hidden(np.array([peak.location]), view.towards)[0])
    )


def worded(peak: Quantity) -> tuple[str, str]:
    """What stands at a peak: its value, and in smaller type how much it is worth."""
    value = rounded(peak.value, peak.uncertainty).text(peak.unit)
    if peak.status == "singular":
        return "singular", "grows without bound under refinement: no value"
    return value, "peak" if peak.status == "converged" else "peak, not converged"


def in_a_sentence(peak: Quantity | None, *, hidden: bool) -> str:
    """What `mark_peak` marks, for those who do not see it."""
    if peak is None:
        return "The run has no peak value for this field."
    text, detail = worded(peak)
    if peak.location is None:
        return f"Peak: {text} ({detail}), at no recorded place."
    return f"Peak: {text} ({detail}{FAR if hidden else ''}) at {place(np.array(peak.location))} mm."


def mark_peak(sheet: Sheet, peak: Quantity | None, *, hidden: bool) -> None:
    """Annotate the peak, if the run knows where it is."""
    if peak is None or peak.location is None:
        return
    text, detail = worded(peak)
    sheet.label(
        np.array(peak.location),
        text,
        detail + (FAR if hidden else ""),
        colour=theme.INK if peak.status == "converged" else theme.WARNING,
        marker="hollow" if hidden else "dot",
    )


def mark_excluded(sheet: Sheet, fields: Fields, view: View, record: RunRecord) -> None:
    points = np.array(record.scene.excluded_points).reshape(-1, 3)
    if len(points):
        hidden = fields.hidden(points, view.towards)
        shown, marker = (points[~hidden], "dot") if not hidden.all() else (points, "hollow")
        sheet.label(shown, "not in the peak", record.scene.excluded, colour=theme.WARNING, marker=marker)
