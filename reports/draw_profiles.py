"""Velocity profiles across the flow, with what was measured there."""

from __future__ import annotations

import math
import re
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from reports.curves import curve
from reports.scenery import Drawing, Picture, Scenery
from reports.theme import INK, LOAD, WARNING

_NAME = re.compile(r"tables/profile_z(-?\d+)\.csv")


def draw_profiles(folder: Path, scenery: Scenery) -> Drawing:
    """One picture of all stations; none if the run has no profiles."""
    matches = [_NAME.fullmatch(name) for name in scenery.record.tables]
    stations = sorted(int(match[1]) for match in matches if match)
    if not stations:
        yield []
        return
    columns = 4
    figure, panels = plt.subplots(
        math.ceil(len(stations) / columns), columns, figsize=(10.4, 7.8), layout="constrained", squeeze=False
    )
    for panel, z in zip(panels.ravel(), stations, strict=False):
        computed, measured = curve(folder, f"profile_z{z}"), curve(folder, f"measured_z{z}")
        assert computed is not None
        if measured is not None:
            mean, spread = measured["mean_m_per_s"], np.nan_to_num(measured["sd_m_per_s"])
            panel.fill_between(measured["r_mm"], mean - spread, mean + spread, color=WARNING, alpha=0.18, linewidth=0)
            panel.plot(measured["r_mm"], mean, color=WARNING, linewidth=1.0, label="measured")
        panel.plot(computed["r_mm"], computed["u_m_per_s"], color=LOAD, linewidth=1.4, label="computed")
        panel.set_title(f"z = {z} mm".replace("-", "\u2212"), fontsize=9.5, loc="left", color=INK)
        panel.tick_params(labelsize=8)
        panel.grid(color="#e3e6ea", linewidth=0.6)
        panel.set_axisbelow(True)
        for side in ("top", "right"):
            panel.spines[side].set_visible(False)
    for panel in panels.ravel()[len(stations) :]:
        panel.set_visible(False)
    panels[0, 0].legend(frameon=False, fontsize=8.5, labelcolor=INK)
    figure.supxlabel("r (mm)", fontsize=10)
    figure.supylabel("axial velocity (m/s)", fontsize=10)
    figure.savefig(folder / "profiles.png", dpi=170)
    plt.close(figure)
    yield [
        Picture(
            "profiles.png",
            "Axial velocity across the flow. Where it was measured: mean of the laboratories' sets and one standard "
            "deviation of them.",
            f"Velocity profiles at {len(stations)} stations.",
            True,
        )
    ]
