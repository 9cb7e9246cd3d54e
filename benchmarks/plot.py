"""bench.png: time and memory of every code against the unknowns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.ticker import LogLocator

from benchmarks.peers import Run, median_of

MARKERS = "osD^v<>P"


def plot(runs: Sequence[Run], path: Path) -> None:
    """Draw the medians on logarithmic axes."""
    names = list(dict.fromkeys(run.code.name for run in runs))
    sizes = sorted({run.dofs for run in runs})
    figure, panels = plt.subplots(1, 2, figsize=(13, 6), layout="constrained")
    for axes, what, unit in zip(panels, ("total time", "peak memory"), ("s", "MB"), strict=True):
        for k, name in enumerate(names):
            found = [median for n in sizes if (median := median_of(runs, name, n))]
            if not found:
                continue
            x = [m.run.dofs for m in found]
            y = [m.run.answer.total if unit == "s" else m.run.memory for m in found if m.run.answer]
            width = 2.5 if found[0].run.code.ours else 1.3
            axes.loglog(x, y, marker=MARKERS[k % len(MARKERS)], color=f"C{k}", lw=width, label=name)
        axes.set(xlabel="million unknowns", ylabel=f"{what}, {unit}")
        axes.set_xticks(sizes, [f"{n / 1e6:.2g}" for n in sizes])
        axes.minorticks_off()
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter("{x:g}")
        axes.grid(True, alpha=0.4)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside right upper")
    figure.suptitle("One body, the same curved second-order meshes and nodal forces; total: from mesh file to stress")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150)
    plt.close(figure)
