"""The picture of a flow along the axis of the device: speed on a section, and below it velocity and pressure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pyvista as pv
from matplotlib.axes import Axes
from matplotlib.tri import LinearTriInterpolator, Triangulation
from numpy.typing import NDArray

from reports.curves import curve
from reports.fields import cells_of
from reports.numbers import words
from reports.scenery import Drawing, Picture, Scenery
from reports.theme import COLOUR_MAP, INK, LOAD, MUTED, OUTLINE, WARNING

Array = NDArray[np.float64]

STREAMS = (400, 60)  # points along and across from which streamlines are drawn


def draw_along(folder: Path, scenery: Scenery) -> Drawing:
    record, axis = scenery.record, curve(folder, "axis")
    assert axis is not None
    figure, (top, middle, bottom) = plt.subplots(
        3, 1, figsize=(10.4, 7.6), sharex=True, layout="constrained", height_ratios=(1.25, 1, 1)
    )
    stretch = _section(figure, top, scenery)
    middle.plot(axis["z_mm"], axis["u_m_per_s"], color=LOAD, linewidth=1.4, label="computed")
    measured = curve(folder, "axis_measured")
    if measured is not None:
        middle.errorbar(
            measured["z_mm"],
            measured["mean_m_per_s"],
            yerr=measured["sd_m_per_s"],
            fmt="o",
            color=WARNING,
            markersize=4,
            capsize=3,
            linewidth=1.1,
            label="measured, mean and standard deviation of the laboratories' sets",
        )
        middle.legend(frameon=False, fontsize=9, labelcolor=INK)
    middle.set_ylabel("axial velocity\non the axis (m/s)")
    middle.set_ylim(bottom=min(0.0, float(axis["u_m_per_s"].min())))
    bottom.plot(axis["z_mm"], axis["p_Pa"], color=LOAD, linewidth=1.4)
    bottom.set_ylabel("pressure\non the axis (Pa)")
    bottom.set_xlabel("z (mm)")
    for panel in (middle, bottom):
        panel.grid(color="#e3e6ea", linewidth=0.7)
        panel.set_axisbelow(True)
        for side in ("top", "right"):
            panel.spines[side].set_visible(False)
    figure.suptitle(f"{words(record.device)}: flow along the axis", x=0.01, ha="left", fontweight="bold", color=INK)
    figure.savefig(folder / "along.png", dpi=170)
    plt.close(figure)
    across = f"; lengths across are drawn {stretch:.1f} times as large as along" if stretch > 1.3 else ""
    picture = Picture(  # what is to be said of it is known only when it is drawn
        "along.png",
        f"Speed and streamlines on the section through the axis{across}. Below: velocity and pressure on the axis.",
        f"Speed on a section, 0 to {float(np.max(speed_of(scenery.fields.volume))):.2g} m/s, with velocity and "
        "pressure along the axis below.",
        True,
    )
    yield [picture]


def speed_of(mesh: Any) -> Array:
    """Speed (n,) at the points of a mesh, m/s."""
    return np.asarray(np.linalg.norm(mesh["velocity"], axis=1))


def _section(figure: Any, axes: Axes, scenery: Scenery) -> float:
    """Draw the section; by how much it is stretched across."""
    mesh, mirrored = meridian_cut(scenery)
    z, x = np.asarray(mesh.points, dtype=float)[:, [2, 0]].T
    triangles = mesh.regular_faces
    speed = speed_of(mesh)
    top = float(speed.max())
    flat = Triangulation(z, x, triangles)
    for sign in (1, -1) if mirrored else (1,):
        drawn = axes.tripcolor(
            Triangulation(z, sign * x, triangles), speed, shading="gouraud", cmap=COLOUR_MAP, vmin=0, vmax=top
        )
    reach = (z.min(), z.max()), (x.min(), x.max())
    grid_z, grid_x = (np.linspace(*ends, n) for ends, n in zip(reach, STREAMS, strict=True))
    uz, ux = (LinearTriInterpolator(flat, mesh["velocity"][:, k])(*np.meshgrid(grid_z, grid_x)) for k in (2, 0))
    style: Any = {"color": OUTLINE, "linewidth": 0.45, "arrowsize": 0.6, "density": (2.2, 0.7)}
    axes.streamplot(grid_z, grid_x, uz.filled(np.nan), ux.filled(np.nan), **style)
    if mirrored:
        axes.streamplot(grid_z, -grid_x[::-1], uz[::-1].filled(np.nan), -ux[::-1].filled(np.nan), **style)
    half = max(abs(x.min()), abs(x.max()))
    axes.set_ylim(-1.05 * half, 1.05 * half)
    axes.set_xlim(z.min(), z.max())
    axes.set_ylabel("x (mm)")
    for side in axes.spines.values():
        side.set_visible(False)
    bar = figure.colorbar(drawn, ax=axes, pad=0.01, fraction=0.03, aspect=14)
    bar.set_label("speed (m/s)", color=INK)
    bar.outline.set_edgecolor(MUTED)
    box = axes.get_window_extent()
    return float((box.height / (2.1 * half)) / (box.width / np.ptp(z)))


def meridian_cut(scenery: Scenery) -> tuple[pv.PolyData, bool]:
    """Triangles of the section across y through the axis, and whether the other half is its mirror image."""
    fields, record = scenery.fields, scenery.record
    planes = [n for n, name in record.regions.surfaces.items() if "symmetry_y" in name.split("+")]
    if planes:
        chosen = np.isin(np.asarray(fields.surface["surface"]), planes)
        mirrored = any("symmetry_x" in name.split("+") for name in record.regions.surfaces.values())
        return pv.PolyData(cells_of(fields.surface, chosen).triangulate()), mirrored
    scene = record.scene
    cut = fields.section(np.array(scene.section_origin), np.array(scene.section_normal))
    return pv.PolyData(cut.triangulate()), False
