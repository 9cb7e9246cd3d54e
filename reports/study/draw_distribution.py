"""How a quantity scatters with its inputs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from reports.numbers import rounded
from reports.scenery import Picture
from reports.study.frame import LABEL, NOTE, PALE, WIDE, file_name, legend, limit_line, plain_ticks, save, tidy
from reports.study.words import inline, labelled, usable
from reports.theme import INK, LOAD, MUTED
from studies.findings.study_record import Distribution, Output, StudyRecord

BAND = 0.28  # opacity of the tolerance interval


def draw_distribution(folder: Path, record: StudyRecord, finding: Distribution, scale: float) -> Picture:
    """Empirical cumulative distribution of the runs, each with its error bar; tolerance interval and limit."""
    found = [usable(v, finding.quantity) for v in record.variants if v.role != "nominal"]
    values = sorted((v for v in found if v is not None), key=lambda v: v.value)
    x = np.array([v.value for v in values])
    errors = np.array([v.uncertainty or 0.0 for v in values])
    share = (np.arange(len(values)) + 0.5) / max(len(values), 1)
    figure, axes = plt.subplots(figsize=(WIDE, 4.4), layout="constrained")
    handles: list[Any] = []
    if finding.tolerance is not None:
        axes.axvspan(*finding.tolerance, color=PALE, alpha=BAND, linewidth=0)
        handles.append(Patch(color=PALE, alpha=BAND, label="tolerance interval"))
    if len(values):
        axes.ecdf(x, color=LOAD, linewidth=1.6, zorder=3)
        axes.errorbar(x, share, xerr=errors, fmt="none", ecolor=MUTED, elinewidth=0.7, alpha=0.6, zorder=2)
    axes.errorbar(
        [finding.mean],
        [0.5],
        xerr=[finding.standard_deviation],
        fmt="D",
        color=INK,
        elinewidth=1.6,
        capsize=4,
        zorder=5,
    )
    handles += [
        Line2D([], [], color=LOAD, linewidth=1.6, label=f"{len(values)} runs"),
        Line2D([], [], color=MUTED, linewidth=0.8, label="numerical uncertainty of a run, 95 %"),
        Line2D([], [], color=INK, marker="D", linewidth=1.6, label="mean and one standard deviation"),
    ]
    axes.set_ylim(0, 1.02)
    axes.set_xlabel(labelled(finding.quantity, finding.unit), fontsize=LABEL)
    axes.set_ylabel("share of the runs at or below (1)", fontsize=LABEL)
    plain_ticks(axes, "x", 9)
    tidy(axes)
    output = Output(
        name=finding.quantity, unit=finding.unit, description="", limit=finding.limit, limit_kind=finding.limit_kind
    )
    limit = limit_line(axes, output, "x")
    if limit.startswith("Dashed") and finding.failures is not None:
        _beyond(axes, finding)
    legend(figure, handles)
    band = (
        f"Band: {finding.tolerance_text}." if finding.tolerance else f"No tolerance interval: {finding.tolerance_text}."
    )
    caption = (
        f"Cumulative distribution of {inline(finding.quantity)} over the runs, with the numerical uncertainty of each "
        f"(median {rounded(finding.numerical, digits=2).text(finding.unit)}). {band} {limit} Method: {finding.method}."
    )
    mean = rounded(finding.mean, finding.standard_deviation)
    alt = f"{labelled(finding.quantity, finding.unit)}: mean {mean.value}, standard deviation {mean.uncertainty}."
    return save(figure, folder, Picture(file_name("distribution", finding.quantity), caption, alt, True), scale)


def _beyond(axes: Any, finding: Distribution) -> None:
    """Hatch the side of the limit that is not allowed, and say how many runs are there."""
    assert finding.limit is not None
    low, high = axes.get_xlim()
    above = finding.limit_kind == "maximum"
    far = high if above else low
    axes.axvspan(finding.limit, far, facecolor="none", edgecolor="#c3c9d0", hatch="//", linewidth=0, zorder=0)
    axes.set_xlim(low, high)
    axes.annotate(
        f"{finding.failures} of {finding.runs} beyond",
        (finding.limit, 0.06),
        xytext=(6 if above else -6, 0),
        textcoords="offset points",
        ha="left" if above else "right",
        fontsize=NOTE,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
    )
