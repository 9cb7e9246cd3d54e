"""The sizes of a family, most probably the worst first."""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Patch

from reports.numbers import probability
from reports.scenery import Picture
from reports.study.choose import members
from reports.study.frame import (
    LABEL,
    LOOKS,
    NOTE,
    PALE,
    WIDE,
    bars,
    file_name,
    legend,
    limit_line,
    plain_ticks,
    point,
    save,
    tidy,
)
from reports.study.words import called, inline, labelled, listed, wrapped
from reports.theme import LOAD
from studies.findings.study_record import Ranking, RankRow, StudyRecord

MOST = 40  # rows; the table has them all
TWO_SIDED = 1.96  # standard deviations of a normal distribution to either side that hold 95 %


def draw_ranking(folder: Path, record: StudyRecord, finding: Ranking, scale: float) -> Picture:
    """Value of each size, numerical error bar and scatter told apart, and how probably it is the worst."""
    rows = finding.rows[:MOST]
    states = {v.number: v.status for v in record.variants}
    figure, (left, right) = plt.subplots(
        1,
        2,
        figsize=(WIDE, 1.6 + 0.36 * len(rows)),
        sharey=True,
        width_ratios=[3, 1],
        layout="constrained",
    )
    heights = np.arange(len(rows))
    reach = np.array([TWO_SIDED * row.scatter for row in rows])
    values = np.array([row.value for row in rows])
    left.use_sticky_edges = False  # bars would begin at the very edge of the plot
    left.barh(heights, 2 * reach, left=values - reach, height=0.5, color=PALE, linewidth=0)
    top = max(range(len(rows)), key=lambda i: rows[i].probability)
    for i, row in enumerate(rows):
        look = LOOKS["best" if i == top else "plain"]
        if states.get(row.variant) == "not_converged":
            look = LOOKS["open"]
        bars(left, [row.value], [i], look, xerr=[row.uncertainty])
    left.set_yticks(heights, [wrapped(_size(row), 30) for row in rows])
    left.get_yticklabels()[top].set_fontweight("bold")
    left.set_ylim(len(rows) - 0.4, -0.6)
    left.set_xlabel(labelled(finding.quantity, finding.unit), fontsize=LABEL)
    plain_ticks(left, "x")
    tidy(left, "x")
    output = next((o for o in record.outputs if o.name == finding.quantity), None)
    limit = limit_line(left, output, "x") if output else ""

    chances = [row.probability for row in rows]
    right.barh(heights, chances, height=0.5, color=[LOAD if i == top else PALE for i in range(len(rows))])
    for i, chance in enumerate(chances):
        right.annotate(
            probability(chance), (chance, i), xytext=(4, 0), textcoords="offset points", va="center", fontsize=NOTE
        )
    right.set_xlim(0, 1.2)
    right.set_xticks([0, 0.5, 1])
    right.set_xlabel("probability of\nbeing the worst", fontsize=LABEL)
    tidy(right, "x")
    for panel in (left, right):
        panel.tick_params(axis="y", length=0)
    value = point(LOOKS["plain"], "value with numerical uncertainty, 95 %", whisker=True)
    legend(figure, [value, Patch(color=PALE, label="scatter of the inputs, 95 %")])

    extreme = "largest" if finding.worst == "maximum" else "smallest"
    gone = [called(v) for v in members(record) if v.number not in {row.variant for row in finding.rows}]
    caption = [
        f"{labelled(finding.quantity, '')} of each size; the worst has the {extreme}.",
        "Bars: numerical uncertainty, 95 %. Bands: what the scatter of the inputs does, 1.96 standard deviations to "
        "either side, known no better than the error bars of the runs it comes from. The probability of being the "
        "worst counts both.",
        limit,
    ]
    if any(states.get(row.variant) == "not_converged" for row in rows):
        caption.append("Triangles: not converged to the accuracy asked for.")
    if len(finding.rows) > MOST:
        caption.append(f"The first {MOST} of {len(finding.rows)} sizes are drawn.")
    if gone:
        caption.append(f"Not ranked, as they have no value: {listed(gone)}.")
    likely = probability(rows[top].probability)
    alt = f"{_size(rows[top])} is the worst in {inline(finding.quantity)} with probability {likely}."
    name = file_name("ranking", finding.quantity)
    return save(figure, folder, Picture(name, " ".join(filter(None, caption)), alt, True), scale)


def _size(row: RankRow) -> str:
    return f"size {row.label}" if row.label.isdigit() else row.label
