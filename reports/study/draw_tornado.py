"""What each input does alone, largest effect first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.patches import Patch

from reports.numbers import plain, pretty_unit, rounded, words
from reports.scenery import Picture
from reports.study.answer import known, unknown
from reports.study.frame import LABEL, NOTE, PALE, TICK, WIDE, file_name, legend, plain_ticks, remark, save, tidy
from reports.study.words import inline, input_unit, labelled, with_unit, wrapped
from reports.theme import INK, LOAD, MUTED
from studies.findings.study_record import Bar, Published, Setting, StudyRecord, Tornado

THICK = 0.30  # of a bar; rows of the plot are counted in ones
GAP = 0.36  # between the bars of two inputs
ROOM = 0.12  # of the width, at either side for the settings


def draw_tornado(folder: Path, record: StudyRecord, finding: Tornado, scale: float) -> Picture:
    """Change at the low and the high setting of each input, with whiskers; published changes as hollow bars."""
    rows: list[tuple[str, Bar | None, list[Published]]] = []
    alone = {bar.input for bar in finding.bars}
    for bar in finding.bars:
        rows.append((bar.input, bar, [p for p in finding.published if p.inputs == [bar.input]]))
    for other in finding.published:
        if len(other.inputs) != 1 or other.inputs[0] not in alone:
            rows.append((words(" and ".join(inline(name) for name in other.inputs)), None, [other]))
    count = sum((2 if bar else 0) + len(published) for _, bar, published in rows)
    span = THICK * count + GAP * len(rows)
    figure, axes = plt.subplots(figsize=(WIDE, 1.7 + 0.72 * span), layout="constrained")
    axes.axvspan(
        finding.nominal - finding.uncertainty, finding.nominal + finding.uncertainty, color=MUTED, alpha=0.16, lw=0
    )
    axes.axvline(finding.nominal, color=INK, linewidth=1)
    y, places, names = GAP / 2, [], []
    for name, own, published in rows:
        start = y
        if own is not None:
            unit = input_unit(record, own.input)
            ends = ((own.high, own.value_high, own.uncertainty_high), (own.low, own.value_low, own.uncertainty_low))
            for high, (setting, value, error) in zip((True, False), ends, strict=True):
                _half(axes, finding.nominal, y + THICK / 2, setting, unit, value, error, high, own.significant)
                y += THICK
        for other in published:
            low, high_ = (finding.nominal * (1 + p / 100) for p in (other.low_percent, other.high_percent))
            axes.barh(y + THICK / 2, high_ - low, THICK * 0.72, low, fill=False, edgecolor=INK, ls=(0, (3, 2)), lw=1.1)
            y += THICK
        places.append((start + y) / 2)
        names.append(wrapped(words(name) if own is not None else f"{name} (published)", 26, 3))
        y += GAP
    axes.set_yticks(places, names, fontsize=LABEL)
    axes.set_ylim(y - GAP / 2, 0)
    low, high = axes.dataLim.intervalx
    axes.set_xlim(low - ROOM * (high - low), high + ROOM * (high - low))
    axes.set_xlabel(labelled(finding.quantity, finding.unit), fontsize=LABEL)
    plain_ticks(axes, "x", 8)
    tidy(axes, "x")
    axes.tick_params(axis="y", labelsize=LABEL, length=0)
    if finding.nominal:
        top = axes.secondary_xaxis(
            "top",
            functions=(
                lambda v: 100 * (v / finding.nominal - 1),
                lambda percent: finding.nominal * (1 + percent / 100),
            ),
        )
        top.tick_params(labelsize=TICK, length=3)
        top.set_xlabel("change (%)", fontsize=LABEL)
    handles = [
        Patch(facecolor=LOAD, edgecolor=LOAD, label="high setting"),
        Patch(facecolor=PALE, edgecolor=LOAD, hatch="////", label="low setting"),
    ]
    if not all(bar.significant or not known(bar) for bar in finding.bars):
        handles.append(Patch(facecolor="#eceff2", edgecolor=MUTED, label="within the error bars"))
    if finding.published:
        handles.append(Patch(fill=False, edgecolor=INK, linestyle=(0, (3, 2)), label="published"))
    legend(figure, handles)

    nominal = rounded(finding.nominal, finding.uncertainty).text(finding.unit)
    caption = [
        f"{labelled(finding.quantity, '')} when one input at a time goes to its low and its high setting and all "
        f"others stay nominal ({nominal}: line and band).",
        "Whiskers: 95 % numerical uncertainty of the run at that setting.",
    ]
    small = [inline(bar.input) for bar in finding.bars if not bar.significant and known(bar)]
    if small:
        caption.append(f"Grey: no change larger than the uncertainties of both runs together ({', '.join(small)}).")
    if gone := [inline(bar.input) for bar in finding.bars if unknown(bar)]:
        caption.append(f"Not known at a setting, as its run has no value: {', '.join(gone)}.")
    for p in finding.published:
        change = f"{plain(p.low_percent)} % to {'+' if p.high_percent > 0 else ''}{plain(p.high_percent)} %"
        caption.append(f"Hollow: {' and '.join(inline(n) for n in p.inputs)}, {change}, by {p.source}.")
    alt = f"Effect of each input on {inline(finding.quantity)}, largest first: " + ", ".join(
        inline(bar.input) for bar in finding.bars
    )
    picture = Picture(file_name("tornado", finding.quantity), " ".join(caption), f"{alt}.", True)
    return save(figure, folder, picture, scale)


def _half(
    axes: Any,
    nominal: float,
    y: float,
    setting: Setting,
    unit: str,
    value: float | None,
    error: float | None,
    high: bool,
    significant: bool,
) -> None:
    """One bar from the nominal value, its whisker, and the setting at its end."""
    text = with_unit(setting, unit) if pretty_unit(unit) or isinstance(setting, str) else plain(setting)
    if value is None:
        remark(axes, nominal, y, f"{text}: no value")
        return
    look: dict[str, Any] = {"facecolor": LOAD} if high else {"facecolor": PALE, "hatch": "////"}
    if not significant:
        look = {"facecolor": "#eceff2", "edgecolor": MUTED} | ({} if high else {"hatch": "////"})
    axes.barh(y, value - nominal, THICK, nominal, linewidth=0.8, **({"edgecolor": LOAD} | look))
    axes.errorbar([value], [y], xerr=[error or 0.0], color=INK, elinewidth=1.0, capsize=2.5, zorder=4)
    right = value >= nominal
    end = max(value + (error or 0.0), nominal) if right else min(value - (error or 0.0), nominal)
    axes.annotate(
        text,
        (end, y),
        xytext=(5 if right else -5, 0),
        textcoords="offset points",
        va="center",
        ha="left" if right else "right",
        fontsize=NOTE,
        color=INK,
    )
