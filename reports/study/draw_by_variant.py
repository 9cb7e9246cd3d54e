"""Quantities by variant: what there is to see of a list without findings."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt

from reports.scenery import Picture
from reports.study.choose import key_outputs
from reports.study.frame import LABEL, LOOKS, WIDE, bars, limit_line, plain_ticks, remark, save, tidy
from reports.study.words import STATUSES, in_full, labelled, output_unit, usable, wrapped
from studies.findings.study_record import ENDED, StudyRecord, Variant

NAMED = 40  # variants; more stand by their numbers alone
COLUMNS = 3


def draw_by_variant(folder: Path, record: StudyRecord, scale: float) -> Picture | None:
    """A dot with its error bar for each variant, a panel to each quantity; None if nothing has a value."""
    rows = [v for v in record.variants if v.status in ENDED]
    outputs = [o for o in key_outputs(record) if any(usable(v, o.name) for v in rows)]
    if not outputs:
        return None
    limits = []
    if len(rows) > NAMED:
        figure, panels = plt.subplots(
            len(outputs), 1, figsize=(WIDE, 0.6 + 2.3 * len(outputs)), sharex=True, squeeze=False, layout="constrained"
        )
        for panel, output in zip(panels.ravel(), outputs, strict=True):
            _dots(panel, rows, output.name, by_number=True)
            panel.set_ylabel(wrapped(labelled(output.name, output_unit(record, output.name)), 26, 3), fontsize=LABEL)
            plain_ticks(panel, "y", 5)
            tidy(panel)
            limits.append(limit_line(panel, output, "y"))
        panels[-1, 0].set_xlabel("number of the variant", fontsize=LABEL)
    else:
        columns = min(len(outputs), COLUMNS)
        lines = math.ceil(len(outputs) / columns)
        figure, panels = plt.subplots(
            lines, columns, figsize=(WIDE, lines * (1.0 + 0.36 * len(rows))), sharey=True, squeeze=False,
            layout="constrained",
        )  # fmt: skip
        for panel, output in zip(panels.ravel(), outputs, strict=False):
            _dots(panel, rows, output.name, by_number=False)
            panel.set_xlabel(labelled(output.name, output_unit(record, output.name)), fontsize=LABEL)
            panel.set_yticks(range(len(rows)), [wrapped(in_full(v), 30) for v in rows])
            panel.set_ylim(len(rows) - 0.5, -0.5)
            plain_ticks(panel, "x", 5)
            tidy(panel)
            panel.tick_params(axis="y", length=0)
            limits.append(limit_line(panel, output, "x"))
        for panel in panels.ravel()[len(outputs) :]:
            panel.set_visible(False)
    caption = [
        "Quantities by variant. Bars: numerical uncertainty, 95 %. Triangles: not converged to the accuracy asked for.",
        *dict.fromkeys(filter(None, limits)),
    ]
    alt = f"{len(outputs)} quantities of {len(rows)} variants."
    return save(figure, folder, Picture("by_variant.png", " ".join(caption), alt, True), scale)


def _dots(panel: Any, rows: list[Variant], quantity: str, by_number: bool) -> None:
    known = [(i, v, usable(v, quantity)) for i, v in enumerate(rows)]
    for look, wanted in (("plain", "converged"), ("open", "not_converged")):
        points = [(v.number if by_number else i, x) for i, v, x in known if x is not None and x.status == wanted]
        if not points:
            continue
        places = [place for place, _ in points]
        values, errors = [x.value for _, x in points], [x.uncertainty or 0.0 for _, x in points]
        if by_number:
            bars(panel, places, values, LOOKS[look], yerr=errors)
        else:
            bars(panel, values, places, LOOKS[look], xerr=errors)
    panel.margins(0.08)
    if not by_number:
        left = panel.get_xlim()[0]
        for i, variant, value in known:
            if value is None:
                remark(panel, left, i, _why(variant, quantity))


def _why(variant: Variant, quantity: str) -> str:
    """Why there is no dot."""
    value = variant.values.get(quantity)
    if value is None:
        return STATUSES[variant.status] if not variant.values else "not measured"
    return "singular, no value" if value.status == "singular" else "no error bar"
