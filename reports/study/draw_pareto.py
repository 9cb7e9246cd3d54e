"""Objectives against one another: the front, with error bars in both."""

from __future__ import annotations

import math
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

from reports.scenery import Picture
from reports.study.choose import groups
from reports.study.frame import LABEL, LOOKS, NOTE, WIDE, Look, bars, legend, plain_ticks, point, save, tidy
from reports.study.labels import name_points
from reports.study.words import SIGNS, count_of, inline, labelled, usable, with_unit
from reports.theme import INK, LOAD
from studies.findings.study_record import Constraint, Objective, Optimum, StudyRecord, Variant

Point = tuple[float, float]

PANELS = 4  # pairs of objectives that are drawn
MANY = 60  # points; with more, only those on the front and the doubtful keep their error bars
TIED = Look("o", INK, "none", 11, "-", 1.0)


def draw_pareto(folder: Path, record: StudyRecord, finding: Optimum, scale: float) -> Picture | None:
    """A panel to each pair of objectives; None for a single objective."""
    pairs = list(combinations(finding.objectives, 2))[:PANELS]
    if not pairs:
        return None
    columns = min(len(pairs), 2)
    rows = math.ceil(len(pairs) / columns)
    figure, panels = plt.subplots(
        rows, columns, figsize=(WIDE, 5.2 if columns == 1 else 0.6 + 4.2 * rows), squeeze=False, layout="constrained"
    )
    crowded = len(record.variants) > MANY
    _legend(figure, record, finding)
    unnamed = 0
    for panel, pair in zip(panels.ravel(), pairs, strict=False):
        unnamed += _panel(panel, record, finding, pair, crowded)
    for panel in panels.ravel()[len(pairs) :]:
        panel.set_visible(False)
    caption = _caption(record, finding)
    if crowded:
        caption.append("The many that are beaten, or not feasible, are drawn without error bars.")
    if unnamed:
        caption.append(f"Without a number for lack of room: {unnamed}.")
    alt = f"{len(finding.front)} variants on the front, {len(finding.feasible)} feasible, {len(finding.doubtful)} open."
    return save(figure, folder, Picture("pareto.png", " ".join(caption), alt, True), scale)


def _caption(record: StudyRecord, finding: Optimum) -> list[str]:
    caption = [
        f"Objectives: {' and '.join(f'{inline(o.quantity)} ({o.sense}d)' for o in finding.objectives)}. Bars: 95 % "
        "numerical uncertainty. Diamonds are on the front: no other feasible variant beats them in all objectives; "
        "their numbers are those of the table."
    ]
    if len(finding.objectives) == 2:
        caption.append("What the front dominates begins at the stepped line.")
    if finding.tied:
        caption.append("Ringed: beaten by less than the error bars.")
    if finding.doubtful:
        caption.append("Triangles: an error bar holds a limit, so whether they are feasible is open.")
    caption.append("Crosses: not feasible.")
    on_axes = {o.quantity for o in finding.objectives}
    if any(c.quantity in on_axes for c in finding.constraints):
        caption.append("Dashed line: a constraint; its hatched side is not allowed.")
    hidden = [c for c in finding.constraints if c.quantity not in on_axes]
    if hidden:
        caption.append(f"Constraints that are on no axis: {'; '.join(_constraint(c) for c in hidden)}.")
    gone = sum(v.status in ("failed", "impossible") for v in record.variants)
    if gone:
        caption.append(f"Not drawn, for want of values: {count_of(gone, 'variant')}.")
    return caption


def _legend(figure: Any, record: StudyRecord, finding: Optimum) -> None:
    handles = [point(LOOKS[g.look], f"{g.word} ({len(g.variants)})") for g in groups(record)]
    if finding.tied:
        handles.append(point(TIED, f"tied ({len(finding.tied)})"))
    legend(figure, handles)


def _panel(panel: Any, record: StudyRecord, finding: Optimum, pair: tuple[Objective, Objective], crowded: bool) -> int:
    """Draw one pair of objectives; returns how many points of the front have no number."""
    x_name, y_name = (objective.quantity for objective in pair)

    def spots(variants: list[Variant]) -> list[tuple[float, float, float, float, Variant]]:
        found = [(usable(v, x_name), usable(v, y_name), v) for v in variants]
        return [(x.value, y.value, x.uncertainty or 0.0, y.uncertainty or 0.0, v) for x, y, v in found if x and y]

    named: list[tuple[float, float, str]] = []
    others: list[Point] = []
    for group in reversed(groups(record)):
        points = spots(group.variants)
        if not points:
            continue
        x, y, dx, dy, _ = zip(*points, strict=True)
        errors = {} if crowded and group.look in ("plain", "poor") else {"xerr": dx, "yerr": dy}
        bars(panel, x, y, LOOKS[group.look], **errors)
        if group.look == "best":
            named = [(p[0], p[1], str(p[4].number)) for p in points]
            for p in points:
                others += _along((p[0] - p[2], p[1]), (p[0] + p[2], p[1]))
                others += _along((p[0], p[1] - p[3]), (p[0], p[1] + p[3]))
        else:
            others += [(p[0], p[1]) for p in points]
    tied = spots([v for v in record.variants if v.number in finding.tied])
    if tied:
        bars(panel, [p[0] for p in tied], [p[1] for p in tied], TIED)
    panel.margins(0.07)
    panel.axis(panel.axis())  # the stairs and the constraints must not widen it
    if len(finding.objectives) == 2:
        others += _stairs(panel, pair, sorted((x, y) for x, y, _ in named))
    for constraint in finding.constraints:
        if constraint.quantity in (x_name, y_name):
            others += _constrain(panel, constraint, "x" if constraint.quantity == x_name else "y")
    better = ["← better" if objective.sense == "minimise" else "better →" for objective in pair]
    panel.set_xlabel(f"{labelled(x_name, pair[0].unit)}   {better[0]}", fontsize=LABEL)
    panel.set_ylabel(f"{labelled(y_name, pair[1].unit)}   {better[1]}", fontsize=LABEL)
    for axis in "xy":
        plain_ticks(panel, axis, 7)
    tidy(panel)
    return name_points(panel, named, others)


def _stairs(panel: Any, pair: tuple[Objective, Objective], front: list[Point]) -> list[Point]:
    """The border of what the front dominates, over the corners that are worse in both; returns points along it."""
    worse_x, worse_y = (min if objective.sense == "maximise" else max for objective in pair)
    path = front[:1]
    for (x0, y0), (x1, y1) in pairwise(front):
        path += [(worse_x(x0, x1), worse_y(y0, y1)), (x1, y1)]
    panel.plot(*np.array(path).T, color=LOAD, linewidth=1.2, alpha=0.7, zorder=2)
    return [spot for start, end in pairwise(path) for spot in _along(start, end)]


def _along(start: Point, end: Point, count: int = 24) -> list[Point]:
    """Points of a line, that no name may hide."""
    (x0, y0), (x1, y1) = start, end
    return [(x0 + t * (x1 - x0), y0 + t * (y1 - y0)) for t in np.linspace(0, 1, count)]


def _constrain(panel: Any, constraint: Constraint, axis: str) -> list[Point]:
    """A constraint across an axis, the side that is not allowed hatched; returns points along it."""
    low, high = getattr(panel, f"get_{axis}lim")()
    room = 0.05 * (high - low)
    low, high = min(low, constraint.limit - room), max(high, constraint.limit + room)
    line, span = (panel.axvline, panel.axvspan) if axis == "x" else (panel.axhline, panel.axhspan)
    line(constraint.limit, color=INK, linewidth=1.1, linestyle=(0, (6, 3)), zorder=2)
    far = high if constraint.kind == "maximum" else low
    span(constraint.limit, far, facecolor="none", edgecolor="#d9dde2", hatch="//", linewidth=0, zorder=0)
    getattr(panel, f"set_{axis}lim")(low, high)
    text = f"{SIGNS[constraint.kind]} {with_unit(constraint.limit, constraint.unit)}"
    ground = {"facecolor": "white", "edgecolor": "none", "pad": 1.0, "alpha": 0.85}
    more: dict[str, Any] = {"textcoords": "offset points", "fontsize": NOTE, "annotation_clip": False, "bbox": ground}
    if axis == "x":
        panel.annotate(text, (constraint.limit, 1.0), (0, 3), xycoords=("data", "axes fraction"), ha="center", **more)
        low, high = panel.get_ylim()
        return _along((constraint.limit, low), (constraint.limit, high), 80)
    panel.annotate(text, (1.0, constraint.limit), (-3, 4), xycoords=("axes fraction", "data"), ha="right", **more)
    low, high = panel.get_xlim()
    return _along((low, constraint.limit), (high, constraint.limit), 80)


def _constraint(constraint: Constraint) -> str:
    return f"{inline(constraint.quantity)} {SIGNS[constraint.kind]} {with_unit(constraint.limit, constraint.unit)}"
