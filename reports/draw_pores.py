"""The pictures of creeping flow through a porous block: streamlines between the walls, and the speed on a section."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyvista as pv
from numpy.typing import NDArray

from reports import theme
from reports.fields import cells_of
from reports.numbers import words
from reports.ranges import pore_top
from reports.scenery import Drawing, Picture, Scenery
from reports.sheet import Sheet
from reports.stage import Stage
from reports.view import View

Array = NDArray[np.float64]

SEEDS = 160  # streamlines
SHOWN = "velocity_x"
STREAMLINES, SECTION = "streamlines.png", "section.png"
FLUID = "a fluid of 1 mPa s under a fall of pressure of 1 Pa/mm along x"


def draw_pores(folder: Path, scenery: Scenery) -> Drawing:
    canvas, top = scenery.view.canvas, top_of(scenery)
    yield [
        Picture(
            STREAMLINES,
            f"Streamlines coloured by the speed of {FLUID}. The near half of the wall is cut away.",
            f"Streamlines through the pores along x, speeds 0 to {top:g} mm/s.",
            canvas.wide,
            canvas.size,
        ),
        Picture(
            SECTION,
            f"Speed of {FLUID} on a section through the middle of the block.",
            f"Speed on a section, 0 to {top:g} mm/s.",
            canvas.wide,
            canvas.size,
        ),
    ]
    near = f"Speed of {FLUID}; the near half of the wall is cut away."
    _draw(folder / STREAMLINES, scenery, streamlines_stage(scenery, scenery.view, top), "streamlines along x", near)
    _draw(
        folder / SECTION, scenery, section_stage(scenery, scenery.view, top), "speed on a section", f"Speed of {FLUID}."
    )


def top_of(scenery: Scenery) -> float:
    """The end of the colours, mm/s."""
    return pore_top(np.asarray(np.linalg.norm(scenery.fields.volume[SHOWN], axis=1)))


def streamlines_stage(scenery: Scenery, view: View, top: float) -> Stage:
    """Streamlines before the far half of the wall, coloured by speed up to ``top``, mm/s."""
    lines = _traced(scenery)
    tubes = pv.PolyData(lines.tube(radius=0.0035 * scenery.fields.size, n_sides=12)) if lines.n_cells else lines
    return _stage(scenery, view, tubes, top, lit=True)


def section_stage(scenery: Scenery, view: View, top: float) -> Stage:
    """A section before the far half of the wall, coloured by speed up to ``top``, mm/s."""
    fields, scene = scenery.fields, scenery.record.scene
    # Through the middle of a cell an exact plane of the lattice may only graze the wall.
    cut = fields.section(np.array(scene.section_origin) + 1e-4 * fields.size, np.array(scene.section_normal))
    if cut.n_cells:
        cut["speed"] = np.linalg.norm(cut[SHOWN], axis=1)
    return _stage(scenery, view, cut, top, lit=False)


def _stage(scenery: Scenery, view: View, shown: pv.PolyData, top: float, *, lit: bool) -> Stage:
    stage = Stage(view)
    stage.part(_far_wall(scenery), theme.METAL)
    stage.lines(pv.PolyData(pv.Box(scenery.fields.surface.bounds).extract_feature_edges()))
    if shown.n_cells:
        stage.field(shown, "speed", top, lit=lit)
    return stage


def _draw(path: Path, scenery: Scenery, stage: Stage, title: str, subtitle: str) -> None:
    sheet = Sheet(stage.shoot(), scenery.view)
    sheet.title(f"{words(scenery.record.device)}: {title}", subtitle)
    sheet.colour_bar("Speed", "mm/s", top_of(scenery), "max")
    sheet.scale_bar()
    sheet.save(path)


def _far_wall(scenery: Scenery) -> pv.PolyData:
    scene = scenery.record.scene
    normal = np.array(scene.section_normal)
    # The half that is cut away is the one towards the camera.
    side = np.sign(normal @ scenery.towards)
    return pv.PolyData(scenery.wall.clip(normal=side * normal, origin=scene.section_origin, invert=True))


def _traced(scenery: Scenery) -> pv.PolyData:
    """Streamlines from the low face across x, with "speed" on them."""
    fields, record = scenery.fields, scenery.record
    cells: Any = fields.volume.cells_dict
    corners = cells[pv.CellType.QUADRATIC_TETRA][:, :4]
    used, local = np.unique(corners, return_inverse=True)
    mesh = pv.UnstructuredGrid(
        {pv.CellType.TETRA: local.reshape(corners.shape)}, np.asarray(fields.volume.points)[used]
    )
    mesh["v"] = fields.volume[SHOWN][used]
    mesh["speed"] = np.linalg.norm(mesh["v"], axis=1)
    entry = [n for n, name in record.regions.surfaces.items() if name == "low_x"]
    face = cells_of(fields.surface, np.isin(np.asarray(fields.surface["surface"]), entry))
    centres = np.asarray(face.cell_centers().points)
    chosen = np.random.default_rng(1).permutation(len(centres))[:SEEDS]
    inside = centres[chosen] + np.array([1e-3 * fields.size, 0.0, 0.0])
    source: Any = mesh
    return pv.PolyData(
        source.streamlines_from_source(
            pv.PolyData(inside),
            vectors="v",
            integration_direction="forward",
            max_length=5 * fields.size,
            initial_step_length=0.2,
            max_step_length=0.5,
            terminal_speed=1e-6 * float(mesh["speed"].max()),
        )
    )
