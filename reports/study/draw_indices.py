"""How much of the variance each input explains."""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from reports.numbers import words
from reports.scenery import Picture
from reports.study.frame import HALF, LABEL, Look, bars, file_name, legend, point, save, tidy
from reports.study.words import inline, labelled, wrapped
from reports.theme import INK, LOAD, MUTED
from studies.findings.study_record import Indices

FIRST = Look("o", LOAD, LOAD, 5.5, "-", 1.0)
TOTAL = Look("s", INK, "white", 5.5, "-", 1.0)
APART = 0.14  # of a row, between the two indices of an input


def draw_indices(folder: Path, finding: Indices, scale: float) -> Picture:
    """First and total index of each input with 95 % intervals, the largest total first."""
    rows = sorted(finding.rows, key=lambda row: -row.total)
    figure, axes = plt.subplots(figsize=(HALF, 1.5 + 0.42 * len(rows)), layout="constrained")
    y = np.arange(len(rows))
    bars(axes, [r.first for r in rows], y - APART, FIRST, xerr=[r.first_interval for r in rows])
    bars(axes, [r.total for r in rows], y + APART, TOTAL, xerr=[r.total_interval for r in rows])
    axes.axvline(0, color=MUTED, linewidth=0.9)
    axes.set_yticks(y, [wrapped(words(row.input), 20) for row in rows])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    low = min(0.0, *(min(r.first - r.first_interval, r.total - r.total_interval) for r in rows))
    high = max(1.0, *(max(r.first + r.first_interval, r.total + r.total_interval) for r in rows))
    axes.set_xlim(low - 0.03, high + 0.03)
    axes.set_xlabel(f"share of the variance of\n{wrapped(inline(finding.quantity), 40, 1)} (1)", fontsize=LABEL)
    tidy(axes, "x")
    axes.tick_params(axis="y", labelsize=LABEL, length=0)
    legend(figure, [point(FIRST, "first: alone", True), point(TOTAL, "total: with interactions", True)])
    whence = "from a surrogate, not from runs alone" if finding.from_surrogate else "from runs alone"
    caption = (
        f"Sobol' indices of {inline(finding.quantity)}, {whence}. Bars: 95 % intervals. A total index above the first "
        f"says that the input acts together with others. Method: {finding.method}."
    )
    alt = f"{labelled(finding.quantity, '')}: " + ", ".join(
        f"{inline(r.input)} {r.first:.2f} first, {r.total:.2f} total" for r in rows
    )
    return save(figure, folder, Picture(file_name("indices", finding.quantity), caption, alt, False), scale)
