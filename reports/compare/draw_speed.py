"""The speed of the fluid on the section through the axis, of all runs below one another."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.tri import Triangulation

from reports.draw_along import meridian_cut, speed_of
from reports.numbers import round_up
from reports.scenery import Picture, Scenery
from reports.theme import COLOUR_MAP, INK, MUTED

FILE = "speed.png"


def draw_speed(folder: Path, letters: Sequence[str], sceneries: Sequence[Scenery], scale: float = 1.0) -> Picture:
    """One panel a run, of one range of colours and one scale of lengths."""
    cuts = [meridian_cut(scenery) for scenery in sceneries]
    speeds = [speed_of(mesh) for mesh, _ in cuts]
    points = np.concatenate([np.asarray(mesh.points) for mesh, _ in cuts])
    top = round_up(max(float(speed.max()) for speed in speeds) or 1.0)
    half = 1.05 * float(np.abs(points[:, 0]).max())
    figure, panels = plt.subplots(
        len(letters), 1, figsize=(10.4, 0.9 + 1.5 * len(letters)), sharex=True, squeeze=False, layout="constrained"
    )
    for letter, panel, (mesh, mirrored), speed in zip(letters, panels[:, 0], cuts, speeds, strict=True):
        z, x = np.asarray(mesh.points, dtype=float)[:, [2, 0]].T
        for sign in (1, -1) if mirrored else (1,):
            drawn = panel.tripcolor(
                Triangulation(z, sign * x, mesh.regular_faces),
                speed,
                shading="gouraud",
                cmap=COLOUR_MAP,
                vmin=0,
                vmax=top,
            )
        panel.set_ylim(-half, half)
        panel.set_xlim(points[:, 2].min(), points[:, 2].max())
        panel.set_ylabel("x (mm)")
        panel.set_title(letter, loc="left", fontweight="bold", color=INK, fontsize=11)
        for side in panel.spines.values():
            side.set_visible(False)
    panels[-1, 0].set_xlabel("z (mm)")
    bar = figure.colorbar(drawn, ax=list(panels[:, 0]), pad=0.01, fraction=0.03, aspect=10 + 8 * len(letters))
    bar.set_label("speed (m/s)", color=INK)
    bar.outline.set_edgecolor(MUTED)
    figure.canvas.draw()
    box = panels[0, 0].get_window_extent()
    stretch = (box.height / (2 * half)) / (box.width / float(np.ptp(points[:, 2])))
    across = f"; lengths across are drawn {stretch:.1f} times as large as along" if stretch > 1.3 else ""
    figure.savefig(folder / FILE, dpi=150 * scale)
    plt.close(figure)
    return Picture(
        FILE,
        f"Speed on the section through the axis, of one range of colours and one scale of lengths{across}.",
        f"Speed of {len(letters)} runs on a section, colours from 0 to {top:g} m/s in all.",
        True,
    )
