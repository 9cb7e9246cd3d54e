"""Mean of each quantity at each setting of each input."""

from __future__ import annotations

from itertools import batched, pairwise
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.transforms import ScaledTranslation

from reports.numbers import plain
from reports.scenery import Picture
from reports.study.frame import HALF, LABEL, TICK, WIDE, file_name, plain_ticks, save, tidy
from reports.study.words import inline, input_unit, labelled, listed, output_unit, usable, wrapped
from reports.theme import LOAD, MUTED
from studies.findings.study_record import MainEffect, StudyRecord

COLUMNS, ROWS = 5, 6  # panels of one picture
ASIDE = 5.0  # points
FEW = 5  # settings that each get a tick, of no more letters than that


def draw_main_effects(folder: Path, record: StudyRecord, effects: list[MainEffect], scale: float) -> list[Picture]:
    """Small multiples: one row a quantity, one column an input; as many pictures as the panels need."""
    inputs = list(dict.fromkeys(effect.input for effect in effects))
    quantities = list(dict.fromkeys(effect.quantity for effect in effects))
    cells = {(effect.quantity, effect.input): effect for effect in effects}
    pictures: list[Picture] = []
    for rows in batched(quantities, ROWS):
        for columns in batched(inputs, COLUMNS):
            name = file_name("main_effects", *([str(len(pictures) + 1)] if pictures else []))
            pictures.append(_sheet(folder, record, cells, list(rows), list(columns), name, scale))
    return pictures


def _sheet(
    folder: Path,
    record: StudyRecord,
    cells: dict[tuple[str, str], MainEffect],
    rows: list[str],
    columns: list[str],
    file: str,
    scale: float,
) -> Picture:
    wide = len(columns) > 1
    figure, panels = plt.subplots(
        len(rows),
        len(columns),
        figsize=(WIDE if wide else HALF, 0.6 + 2.3 * len(rows)),
        sharex="col",
        sharey="row",
        squeeze=False,
        layout="constrained",
    )
    for line, quantity in zip(panels, rows, strict=True):
        for panel, name in zip(line, columns, strict=True):
            effect = cells.get((quantity, name))
            if effect is not None:
                _panel(panel, record, effect)
            tidy(panel, "y")
        for panel in line[1:]:
            panel.tick_params(axis="y", length=0)
        plain_ticks(line[0], "y", 5)
        line[0].set_ylabel(wrapped(labelled(quantity, output_unit(record, quantity)), 24, 3), fontsize=LABEL)
    for panel, name in zip(panels[-1], columns, strict=True):
        panel.set_xlabel(wrapped(labelled(name, input_unit(record, name)), 26), fontsize=LABEL)
    drawn = [e for (q, n), e in cells.items() if q in rows and n in columns]
    counts = sorted({p.runs for e in drawn for p in e.points})
    runs = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    bars = (
        "numerical uncertainty; there is no chance in them, as the runs are all combinations of the settings shown"
        if all(e.complete for e in drawn)
        else "95 % intervals of the mean; that of one run among several inputs has none"
    )
    caption = (
        f"Main effects: mean of {listed([inline(q) for q in rows])} at each setting, or range of settings, of an "
        f"input, over all else ({runs} run{'s' if runs != '1' else ''} to a mean). Bars: {bars}. Grey dots: the runs."
    )
    alt = f"Means of {len(rows)} quantities against {len(columns)} inputs."
    return save(figure, folder, Picture(file, caption, alt, wide), scale)


def _panel(panel: Any, record: StudyRecord, effect: MainEffect) -> None:
    numeric = not any(isinstance(point.setting, str) for point in effect.points)
    position: dict[Any, float] = {
        point.setting: float(point.setting) if numeric else i for i, point in enumerate(effect.points)
    }
    dots = [(v.settings.get(effect.input), usable(v, effect.quantity)) for v in record.variants]
    seen = [
        (float(s) if numeric else position[s], value.value)
        for s, value in dots
        if value is not None and s is not None and (not isinstance(s, str) if numeric else s in position)
    ]
    levels = {place for place, _ in seen} <= set(position.values())
    if seen:
        # Dots would be hidden by the bars where they are just above one another.
        shift = ScaledTranslation(ASIDE / 72 if levels else 0.0, 0, panel.figure.dpi_scale_trans)
        dots_at = panel.transData + shift
        panel.plot(*zip(*seen, strict=True), ".", color=MUTED, alpha=0.55, markersize=4, zorder=1, transform=dots_at)
        panel.update_datalim(seen)
    panel.errorbar(
        [position[p.setting] for p in effect.points],
        [p.mean for p in effect.points],
        yerr=[float("nan") if p.interval is None else p.interval for p in effect.points],
        fmt="o-" if numeric else "o",
        color=LOAD,
        linewidth=1.2,
        markersize=5,
        elinewidth=1.1,
        capsize=3,
        zorder=3,
    )
    panel.margins(x=0.1)
    texts = [plain(setting, 4) for setting in position]
    if numeric and levels and len(texts) <= FEW and _apart(list(position.values())) and max(map(len, texts)) <= FEW:
        panel.set_xticks(list(position.values()), texts)
    elif numeric:
        plain_ticks(panel, "x", 5)
    else:
        panel.set_xticks(list(position.values()), [wrapped(str(s), 12) for s in position], fontsize=TICK)


def _apart(settings: list[float]) -> bool:
    """Whether each two neighbours leave room for their ticks."""
    steps = [b - a for a, b in pairwise(sorted(settings))]
    return not steps or min(steps) > 0.12 * sum(steps)
