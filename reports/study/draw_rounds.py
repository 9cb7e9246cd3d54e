"""What each round of an optimisation gained."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from reports.scenery import Picture
from reports.study.choose import groups
from reports.study.frame import HALF, LABEL, LOOKS, WIDE, bars, file_name, legend, plain_ticks, point, save, tidy
from reports.study.words import inline, labelled, usable
from reports.theme import LOAD
from studies.findings.study_record import Optimum, StudyRecord, Variant

SPREAD = 0.5  # of a round: within it the variants stand side by side


def draw_rounds(folder: Path, record: StudyRecord, finding: Optimum, scale: float) -> Picture | None:
    """Value by round and the best so far, or the hypervolume by round; None without rounds."""
    if not finding.rounds:
        return None
    single = len(finding.objectives) == 1
    figure, axes = plt.subplots(figsize=(WIDE if single else HALF, 4.2 if single else 3.4), layout="constrained")
    rounds = finding.first_round + np.arange(len(finding.rounds))
    if single:
        objective = finding.objectives[0]
        handles: list[Any] = []
        for group in reversed(groups(record)):
            found = [(v, usable(v, objective.quantity)) for v in group.variants]
            points = [(_place(record, v), value.value, value.uncertainty or 0.0) for v, value in found if value]
            if points:
                x, y, error = zip(*points, strict=True)
                bars(axes, x, y, LOOKS[group.look], yerr=error)
                handles.insert(0, point(LOOKS[group.look], f"{group.word} ({len(points)})"))
        reach = (SPREAD + 0.1) / 2
        for number, value in zip(rounds, finding.rounds, strict=True):
            axes.plot([number - reach, number + reach], [value] * 2, color=LOAD, linewidth=2, zorder=2)
        axes.set_ylabel(labelled(objective.quantity, objective.unit), fontsize=LABEL)
        legend(figure, [*handles, Line2D([], [], color=LOAD, linewidth=2, label="best so far")])
        best = "least" if objective.sense == "minimise" else "most"
        text = (
            f"{labelled(objective.quantity, '')} ({objective.sense}d) of each variant by round, with 95 % numerical "
            f"uncertainty. Lines: the {best} that a feasible variant had reached after the round."
        )
    else:
        axes.plot(rounds, finding.rounds, "o-", color=LOAD, linewidth=1.4, markersize=5.5)
        axes.set_ylabel("dominated hypervolume\n(product of the units)", fontsize=LABEL)
        text = (
            "Hypervolume that the front dominates after each round, in the product of the units of "
            f"{' and '.join(inline(o.quantity) for o in finding.objectives)}. Where it "
            "levels off, more rounds gain little."
        )
    axes.set_xlabel("round", fontsize=LABEL)
    axes.margins(x=0.06, y=0.1)
    plain_ticks(axes, "y")
    axes.xaxis.set_major_locator(MaxNLocator(12, integer=True))
    tidy(axes, "y")
    alt = f"{len(finding.rounds)} rounds, the last at {finding.rounds[-1]:.4g}."
    return save(figure, folder, Picture(file_name("rounds"), text, alt, single), scale)


def _round(variant: Variant) -> int:
    match = re.search(r"round (\d+)", variant.role)
    return int(match[1]) if match else 1


def _place(record: StudyRecord, variant: Variant) -> float:
    """Where a variant stands: in its round, by its order there."""
    peers = [v.number for v in record.variants if _round(v) == _round(variant)]
    share = peers.index(variant.number) / max(len(peers) - 1, 1) - 0.5 if len(peers) > 1 else 0.0
    return _round(variant) + SPREAD * share
