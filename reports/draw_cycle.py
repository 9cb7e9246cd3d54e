"""The picture of a cycle: flow rate and pressure drop over time."""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt

from reports.curves import curve
from reports.numbers import words
from reports.scenery import Drawing, Picture, Scenery
from reports.theme import INK, LOAD


def draw_cycle(folder: Path, scenery: Scenery) -> Drawing:
    """One picture, or none of a steady flow."""
    cycle = curve(folder, "pressure_drop")
    if cycle is None:
        yield []
        return
    figure, panels = plt.subplots(2, 1, figsize=(10.4, 5.2), sharex=True, layout="constrained")
    shown = ((cycle["q_mm3_per_s"] / 1000, "flow rate (ml/s)"), (cycle["dp_Pa"], "pressure drop (Pa)"))
    for panel, (values, label) in zip(panels, shown, strict=True):
        panel.plot(cycle["t_s"], values, color=LOAD, linewidth=1.4)
        panel.set_ylabel(label)
        panel.axhline(0.0, color="#9aa3ad", linewidth=0.7)
        panel.grid(color="#e3e6ea", linewidth=0.7)
        panel.set_axisbelow(True)
        for side in ("top", "right"):
            panel.spines[side].set_visible(False)
    panels[1].set_xlabel("time in the last cycle (s)")
    figure.suptitle(f"{words(scenery.record.device)}: the last cycle", x=0.01, ha="left", fontweight="bold", color=INK)
    figure.savefig(folder / "cycle.png", dpi=170)
    plt.close(figure)
    yield [
        Picture(
            "cycle.png",
            "Flow rate and pressure drop, inlets less outlets, over the last cycle.",
            "Curves of flow rate and pressure drop over time.",
            True,
        )
    ]
