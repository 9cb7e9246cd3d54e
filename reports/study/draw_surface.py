"""The surrogate over two inputs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import ListedColormap

from reports.numbers import probability, rounded
from reports.scenery import Picture
from reports.study.frame import HALF, LABEL, NOTE, TICK, file_name, save
from reports.study.words import inline, input_unit, labelled, usable
from reports.theme import COLOUR_MAP, INK
from studies.findings.study_record import StudyRecord, Surface, SurrogateFinding

LEVELS = 9
LIGHT, DARK = 0.02, 0.72  # of the colour map: black lines and marks must stay readable on it


def draw_surface(folder: Path, record: StudyRecord, finding: SurrogateFinding, scale: float) -> Picture | None:
    """Contours of a trusted surrogate, hatched where it is unsure, with the runs; None if there is none to draw."""
    surface = finding.surface
    if surface is None or not finding.trusted:
        return None
    mean, deviation = np.array(surface.mean), np.array(surface.deviation)
    figure, axes = plt.subplots(figsize=(HALF, 4.3), layout="constrained")
    shades = ListedColormap(COLOUR_MAP(np.linspace(LIGHT, DARK, 256)))
    filled = axes.contourf(surface.x, surface.y, mean, LEVELS, cmap=shades)
    axes.contour(surface.x, surface.y, mean, filled.levels, colors=INK, linewidths=0.5, alpha=0.6)
    unsure = bool((deviation > finding.error).any())
    if unsure:
        reach = [finding.error, max(float(deviation.max()), finding.error) * 1.01]
        hatched = axes.contourf(surface.x, surface.y, deviation, reach, colors="none", hatches=["///"])
        hatched.set(edgecolor=INK, linewidth=0)
        axes.contour(surface.x, surface.y, deviation, [finding.error], colors=INK, linewidths=1.1, linestyles="--")
    points = _runs(record, finding, surface)
    if points:
        axes.scatter(
            *zip(*points, strict=True), s=26, facecolor="white", edgecolor=INK, linewidth=1.0, zorder=4, clip_on=False
        )
    axes.set_xlabel(labelled(surface.input_x, input_unit(record, surface.input_x)), fontsize=LABEL)
    axes.set_ylabel(labelled(surface.input_y, input_unit(record, surface.input_y)), fontsize=LABEL)
    axes.tick_params(labelsize=TICK)
    axes.margins(0.03)
    bar = figure.colorbar(filled, ax=axes, pad=0.02)
    bar.set_label(labelled(finding.quantity, finding.unit), fontsize=LABEL)
    bar.ax.tick_params(labelsize=NOTE)
    bar.outline.set_visible(False)
    error = rounded(finding.error, digits=2).text(finding.unit)
    others = [inline(name) for name in finding.inputs if name not in (surface.input_x, surface.input_y)]
    caption = [
        f"Surrogate, not runs: {inline(finding.quantity)} by a Gaussian process through {finding.runs} runs (circles).",
        f"Its root mean square error at runs left out one at a time is {error} "
        f"(Q² {probability(finding.predictivity)}; {100 * finding.coverage:.0f} % of the runs lie inside its 95 % "
        "interval).",
    ]
    if finding.kernel_runs is not None:
        caption.append(f"Its length scales are those of {finding.kernel_runs} of the runs.")
    if unsure:
        caption.append("Hatched: its own standard deviation is larger than that.")
    if others:
        caption.append(f"At the middle: {', '.join(others)}.")
    alt = f"Contours of {inline(finding.quantity)} over {inline(surface.input_x)} and {inline(surface.input_y)}."
    return save(figure, folder, Picture(file_name("surface", finding.quantity), " ".join(caption), alt, False), scale)


def _runs(record: StudyRecord, finding: SurrogateFinding, surface: Surface) -> list[tuple[Any, Any]]:
    able = [v for v in record.variants if usable(v, finding.quantity) is not None]
    names = (surface.input_x, surface.input_y)
    return [(v.settings[names[0]], v.settings[names[1]]) for v in able if all(name in v.settings for name in names)]
