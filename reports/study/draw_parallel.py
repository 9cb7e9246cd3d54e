"""All variants as lines across inputs and quantities."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D

from reports.numbers import ends
from reports.scenery import Picture
from reports.study.choose import Group, groups, key_outputs, members
from reports.study.frame import LABEL, LOOKS, NOTE, TICK, WIDE, legend, save
from reports.study.words import labelled, limit_text, usable, wrapped
from reports.theme import INK, MUTED
from studies.findings.study_record import Output, StudyRecord, Variant

MOST = 12  # axes
FEWEST = 3
NAMED = 8  # highlighted lines that carry their name
STEP = 0.045  # of the height: least distance of two names


@dataclass(frozen=True)
class Scale:
    """One axis: its title, where a variant crosses it, and what is written at its ends."""

    title: str
    note: str
    places: dict[int, float]
    errors: dict[int, float]
    ticks: list[tuple[float, str]]
    limit: float | None
    is_input: bool


def draw_parallel(folder: Path, record: StudyRecord, scale: float) -> Picture | None:
    """Parallel coordinates; None if there are too few axes or lines to tell anything."""
    parts = groups(record)
    lines = [v for group in parts for v in group.variants]
    made = [_input_scale(record, i.name, i.unit, lines) for i in record.inputs]
    scales = [s for s in made if s is not None]
    best = {v.number for group in parts if group.look == "best" for v in group.variants}
    values = [s for s in (_output_scale(o, lines, best) for o in key_outputs(record)) if s is not None]
    left_out = max(len(scales) - max(MOST - len(values), 1), 0)
    scales = [*scales[: len(scales) - left_out], *values[: MOST - 1]]
    if len(scales) < FEWEST or len(lines) < 2 or not values:
        return None
    figure, axes = plt.subplots(figsize=(WIDE, 5.0), layout="constrained")
    for x, axis in enumerate(scales):
        _axis(axes, x, axis)
    for group in reversed(parts):
        _draw_lines(axes, group, scales, len(lines))
    missing = _name_ends(axes, parts, scales)
    axes.set_xlim(-0.35, len(scales) - 1 + 0.5)
    axes.set_ylim(-0.08, 1.0)
    axes.set_axis_off()
    width = max(int(120 / len(scales)), 8)
    for x, axis in enumerate(scales):
        title = wrapped(axis.title, width, 4)
        axes.annotate(
            title, (x, 1), (0, 35), textcoords="offset points", ha="center", va="bottom", fontsize=LABEL,
            fontweight="normal" if axis.is_input else "bold", annotation_clip=False,
        )  # fmt: skip
        axes.annotate(
            wrapped(axis.note, width, 1), (x, 1), (0, 22), textcoords="offset points", ha="center", va="bottom",
            fontsize=NOTE, annotation_clip=False,
        )  # fmt: skip
    handles = []
    for group in parts:
        look = LOOKS[group.look]
        label = f"{group.word} ({len(group.variants)})"
        handles.append(Line2D([], [], color=look.colour, linestyle=look.dash, linewidth=look.width + 0.4, label=label))
    legend(figure, handles)
    caption = [
        "Each line is a variant; each axis runs from the least to the largest value, written at its ends. Inputs stand "
        "left, quantities right in bold.",
    ]
    if best:
        caption.append("The highlighted have their error bars, 95 %, at the quantities.")
    if any(axis.limit is not None for axis in scales):
        caption.append("Short thick marks: limits.")
    drawable = members(record)
    gone = len(drawable) - len(lines)
    if gone:
        caption.append(f"Without values and not drawn: {gone} of {len(drawable)}.")
    if any(v.number not in axis.places for axis in scales for v in lines):
        caption.append("A gap in a line: no value.")
    if len(drawable) < len(record.variants):
        caption.append("Of each size the nominal run is drawn.")
    if left_out:
        caption.append(f"Inputs left out for lack of room: {left_out}.")
    if missing:
        caption.append("Only the first of the highlighted carry their name.")
    alt = f"{len(lines)} variants across {len(scales)} axes."
    return save(figure, folder, Picture("parallel.png", " ".join(caption), alt, True), scale)


def _input_scale(record: StudyRecord, name: str, unit: str, lines: list[Variant]) -> Scale | None:
    """An axis for an input; None if it does not vary."""
    settings = {v.number: v.settings[name] for v in lines if name in v.settings}
    if len(set(settings.values())) < 2:
        return None
    if any(isinstance(s, str) for s in settings.values()):
        order = list(dict.fromkeys(str(s) for s in settings.values()))
        height = {s: i / (len(order) - 1) for i, s in enumerate(order)}
        ticks = [(height[s], wrapped(s, 14, 1)) for s in order]
        return Scale(labelled(name, unit), "", {n: height[str(s)] for n, s in settings.items()}, {}, ticks, None, True)
    numbers = {n: float(s) for n, s in settings.items()}
    low, high = min(numbers.values()), max(numbers.values())
    places = {n: (s - low) / (high - low) for n, s in numbers.items()}
    return Scale(labelled(name, unit), "", places, {}, _ends(low, high), None, True)


def _output_scale(output: Output, lines: list[Variant], best: set[int]) -> Scale | None:
    """An axis for a quantity with the error bars of the best; None if it is the same everywhere or nowhere known."""
    found = {v.number: value for v in lines if (value := usable(v, output.name)) is not None}
    if len({value.value for value in found.values()}) < 2:
        return None
    reach = {n: v.uncertainty or 0.0 if n in best else 0.0 for n, v in found.items()}
    low = min(v.value - reach[n] for n, v in found.items())
    high = max(v.value + reach[n] for n, v in found.items())
    places = {n: (v.value - low) / (high - low) for n, v in found.items()}
    errors = {n: error / (high - low) for n, error in reach.items()}
    near = output.limit is not None and low <= output.limit <= high
    limit = (output.limit - low) / (high - low) if near and output.limit is not None else None
    note = f"limit {limit_text(output)}" if output.limit is not None else ""
    return Scale(labelled(output.name, output.unit), note, places, errors, _ends(low, high), limit, False)


def _ends(low: float, high: float) -> list[tuple[float, str]]:
    return list(zip((0.0, 1.0), ends(low, high), strict=True))


def _axis(axes: Any, x: int, axis: Scale) -> None:
    axes.plot([x, x], [0, 1], color=INK if not axis.is_input else MUTED, linewidth=1.6 if not axis.is_input else 1.0)
    halo = {"facecolor": "white", "edgecolor": "none", "pad": 1.0, "alpha": 0.85}
    for height, text in axis.ticks:
        if height in (0.0, 1.0):
            side = {"va": "bottom" if height else "top", "ha": "center"}
            axes.annotate(
                text,
                (x, height),
                (0, 5 if height else -5),
                textcoords="offset points",
                fontsize=TICK,
                annotation_clip=False,
                **side,
            )
        else:
            axes.annotate(text, (x, height), (5, 0), textcoords="offset points", fontsize=TICK, va="center", bbox=halo)
    if axis.limit is not None:
        axes.plot([x - 0.07, x + 0.07], [axis.limit] * 2, color=INK, linewidth=3.0, zorder=6, solid_capstyle="butt")


def _draw_lines(axes: Any, group: Group, scales: list[Scale], total: int) -> None:
    """The lines of a group; a value that is missing leaves a gap."""
    look = LOOKS[group.look]
    segments = []
    for variant in group.variants:
        places = [axis.places.get(variant.number, np.nan) for axis in scales]
        points = np.column_stack([np.arange(len(scales)), places])
        pairs = np.stack([points[:-1], points[1:]], axis=1)
        segments += list(pairs[~np.isnan(pairs).any(axis=(1, 2))])
        if group.look == "best":
            at = [x for x, axis in enumerate(scales) if variant.number in axis.errors]
            axes.errorbar(at, [places[x] for x in at], yerr=[scales[x].errors[variant.number] for x in at], fmt="none",
                          ecolor=look.colour, elinewidth=1.4, capsize=3, zorder=5)  # fmt: skip
            axes.plot(points[:, 0], points[:, 1], "o", color=look.colour, markersize=3.5, zorder=5)
    thin = 1.0 if group.look == "best" else float(np.clip(40 / total, 0.25, 0.85))
    axes.add_collection(
        LineCollection(
            segments, colors=look.colour, linewidths=look.width, linestyles=[look.dash], alpha=thin,
            zorder=4 if group.look == "best" else 2,
        )
    )  # fmt: skip


def _name_ends(axes: Any, parts: list[Group], scales: list[Scale]) -> bool:
    """Names of the highlighted lines at the last axis, pushed apart; returns whether some have none."""
    best = [v for group in parts if group.look == "best" for v in group.variants if v.number in scales[-1].places]
    named = sorted(best[:NAMED], key=lambda v: scales[-1].places[v.number])
    heights: list[float] = []
    for variant in named:
        wanted = scales[-1].places[variant.number]
        heights.append(max(wanted, heights[-1] + STEP) if heights else wanted)
    for variant, height in zip(named, heights, strict=True):
        x, y = len(scales) - 1, scales[-1].places[variant.number]
        axes.plot([x + 0.03, x + 0.12], [y, height], color=MUTED, linewidth=0.6)
        axes.text(x + 0.14, height, wrapped(_short(variant), 14, 1), fontsize=NOTE, va="center", color=INK)
    return len(best) > len(named)


def _short(variant: Variant) -> str:
    return str(variant.number) if variant.label == str(variant.number) else variant.label
