"""How each quantity settled on the ladder of meshes, as SVG."""

from __future__ import annotations

import io
import math
from functools import cache

import matplotlib.pyplot as plt
from matplotlib.ticker import MaxNLocator

from reports.numbers import pretty_unit, words
from reports.theme import INK, LOAD, MUTED, WARNING
from studies.record import Level, Quantity


def convergence(quantity: Quantity, levels: list[Level]) -> str | None:
    """The values of a quantity against the relative element size, with its extrapolation and error bar.

    Parameters
    ----------
    quantity : Quantity
    levels : list of Level

    Returns
    -------
    str or None
        An SVG picture; None if fewer than two meshes have the quantity.
    """
    pairs = [
        (level.scale, level.values[quantity.name])
        for level in levels
        if level.scale is not None and quantity.name in level.values
    ]
    if len(pairs) < 2:
        return None
    return _drawn(quantity.model_dump_json(), tuple(sorted(pairs, reverse=True)))


@cache
def _drawn(quantity_json: str, pairs: tuple[tuple[float, float], ...]) -> str:
    """The picture; kept, for a report is written before its pictures are drawn, and again after that."""
    quantity = Quantity.model_validate_json(quantity_json)
    sizes, values = zip(*pairs, strict=True)
    figure = plt.figure(figsize=(3.5, 2.5))
    axes = figure.add_axes((0.2, 0.19, 0.77, 0.68))  # a layout found anew for each plot takes longer than drawing it
    colour = INK if quantity.status == "converged" else WARNING
    reach = 1.12 * max(sizes)
    if quantity.status != "singular" and quantity.uncertainty is not None:
        low, high = quantity.value - quantity.uncertainty, quantity.value + quantity.uncertainty
        axes.axhspan(low, high, color=LOAD, alpha=0.13, linewidth=0)
        axes.errorbar(
            [sizes[-1]], [quantity.value], yerr=[quantity.uncertainty], color=LOAD, capsize=4, elinewidth=1.3, zorder=2
        )
    axes.plot(sizes, values, color=colour, linewidth=1.1, zorder=3)
    axes.plot(sizes, values, "o", color="white", markeredgecolor=colour, markeredgewidth=1.3, markersize=5.5, zorder=4)
    if quantity.extrapolated is not None and quantity.status != "singular":
        axes.plot([0], [quantity.extrapolated], "D", color=LOAD, markersize=5.5, zorder=4, clip_on=False)
        axes.plot([0, sizes[-1]], [quantity.extrapolated, values[-1]], ":", color=MUTED, linewidth=1)
    if quantity.limit is not None and _near(quantity.limit, values):
        axes.axhline(quantity.limit, color=INK, linewidth=1, linestyle=(0, (6, 3)))
        axes.annotate("limit", (reach, quantity.limit), fontsize=8, ha="right", va="bottom", color=INK)
    axes.set_xlim(0, reach)
    axes.margins(y=0.18)
    low, high = axes.get_ylim()
    least = 1e-3 * abs(quantity.value)  # or round-off would fill the picture of a value that does not change
    if high - low < least:
        axes.set_ylim(quantity.value - least / 2, quantity.value + least / 2)
    axes.set_xlabel("element size, relative", fontsize=8.5)
    unit = f" ({pretty_unit(quantity.unit)})" if quantity.unit else ""
    axes.set_title(words(quantity.name) + unit, fontsize=9, fontweight="bold", loc="left", color=INK)
    axes.tick_params(labelsize=8)
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.ticklabel_format(axis="y", useOffset=False)
    axes.grid(axis="y", color="#e3e6ea", linewidth=0.7)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    plt.close(figure)
    return buffer.getvalue()


def _near(limit: float, values: tuple[float, ...]) -> bool:
    """Whether a limit can be shown without pressing the values flat."""
    span = max(max(values) - min(values), 1e-3 * abs(values[-1]), math.ulp(values[-1]))
    return abs(limit - values[-1]) < 4 * span
