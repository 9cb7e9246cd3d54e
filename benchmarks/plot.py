"""bench.png: time and memory of every code against the unknowns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib
import numpy as np

matplotlib.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator

from benchmarks.peers import Run, median_of

MARKERS = "osD^v<>P"
GAP = 0.05  # between two labels, as a share of the height of the axes
ROOM = 2.8  # right of the largest mesh, for the labels


def plot(runs: Sequence[Run], path: Path) -> None:
    """Draw the medians on logarithmic axes, each line labelled at its end."""
    names = list(dict.fromkeys(run.code.name for run in runs))
    sizes = sorted({run.dofs for run in runs})
    figure, panels = plt.subplots(1, 2, figsize=(13, 6), layout="constrained")
    for axes, what, unit in zip(panels, ("total time", "peak memory"), ("s", "MB"), strict=True):
        ends: list[tuple[float, float, str, str]] = []
        for k, name in enumerate(names):
            found = [median for n in sizes if (median := median_of(runs, name, n))]
            if not found:
                continue
            x = [m.run.dofs for m in found]
            y = [m.run.answer.total if unit == "s" else m.run.memory for m in found if m.run.answer]
            axes.loglog(
                x, y, marker=MARKERS[k % len(MARKERS)], color=f"C{k}", lw=2.5 if found[0].run.code.ours else 1.3
            )
            ends.append((x[-1], y[-1], name, f"C{k}"))
        axes.set(xlabel="million unknowns", ylabel=f"{what}, {unit}", xlim=(sizes[0] / 1.2, sizes[-1] * ROOM))
        axes.set_xticks(sizes, [f"{n / 1e6:.2g}" for n in sizes])
        axes.minorticks_off()
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter("{x:g}")
        axes.grid(True, alpha=0.4)
        _label(axes, ends)
    figure.suptitle("One body, the same curved second-order meshes and nodal forces; total: from mesh file to stress")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150)
    plt.close(figure)


def _label(axes: Axes, ends: list[tuple[float, float, str, str]]) -> None:
    """Names at the right of the lines' ends; those of lines that end at the same size are kept apart."""
    low, high = np.log(axes.get_ylim())
    for size in {x for x, *_ in ends}:
        here = sorted(((np.log(y) - low) / (high - low), y, name, colour) for x, y, name, colour in ends if x == size)
        places = np.array([height for height, *_ in here])
        for k in range(1, len(places)):
            places[k] = max(places[k], places[k - 1] + GAP)
        places -= max(0.0, places[-1] - 0.98)
        for (_, y, name, colour), place in zip(here, places, strict=True):
            axes.annotate(
                name,
                xy=(size, y),
                xytext=(size * 1.12, np.exp(low + place * (high - low))),
                color=colour,
                va="center",
                fontsize=9,
                arrowprops={"arrowstyle": "-", "color": colour, "lw": 0.6, "shrinkA": 0, "shrinkB": 3},
            )
