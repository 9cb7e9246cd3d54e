"""The picture of the set-up: the part by its named regions, how it is held and loaded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reports import theme
from reports.fields import Fields, cells_of
from reports.numbers import words
from reports.scenery import Drawing, Picture, Scenery, name_around, put_around
from reports.sheet import Sheet
from reports.stage import Stage
from reports.view import View
from studies.record import RunRecord

Array = NDArray[np.float64]


def draw_setup(folder: Path, scenery: Scenery) -> Drawing:
    fields, record, view = scenery.fields, scenery.record, scenery.view
    names = sorted(set(record.regions.surfaces.values()))
    loads = ", ".join(a.label for a in record.scene.arrows) or "no load arrow"
    fixtures = ", ".join(sorted({g.label for g in record.scene.ghosts})) or "nothing"
    picture = Picture(
        "setup.png",
        "The part as it was loaded and held, with the names of its regions. What is translucent was not meshed.",
        f"Part with loads ({loads}) and, translucent, {fixtures}; named regions: {', '.join(names)}.",
        view.canvas.wide,
        view.canvas.size,
    )
    yield [picture]
    tint = {name: theme.REGION_TINTS[i % len(theme.REGION_TINTS)] for i, name in enumerate(names)}
    stage = Stage(view)
    numbers = np.asarray(fields.surface["surface"])
    for name in names:
        mine = [n for n, region in record.regions.surfaces.items() if region == name]
        piece = cells_of(fields.shaded, np.isin(numbers, mine))
        if piece.n_cells:
            stage.part(piece, tint[name], polished=True)
    stage.lines(fields.edges)
    stage.lines(fields.borders(), width=1.0, opacity=0.8)
    stage.silhouette(fields.surface)
    put_around(stage, scenery)
    sheet = Sheet(stage.shoot(), view)
    sheet.title(f"{words(record.device)}: set-up", f"{record.protocol_description}. In the style of {record.style_of}.")
    sheet.scale_bar()
    name_around(sheet, scenery)
    spots = _region_spots(fields, record, view)
    sheet.reserve(np.array(list(spots.values())).reshape(-1, 3))
    for name, spot in spots.items():
        sheet.label(spot, name.replace("_", " ").replace("+", " · "), marker="none", colour=theme.MUTED)
    sheet.save(folder / picture.file)


def _region_spots(fields: Fields, record: RunRecord, view: View) -> dict[str, Array]:
    """A well visible point on each region; regions on the far side have none."""
    surface = fields.surface.compute_cell_sizes(length=False, volume=False)
    numbers = np.asarray(surface["surface"])
    centres = np.asarray(surface.cell_centers().points)
    normals = np.asarray(surface.compute_normals(point_normals=False, consistent_normals=False)["Normals"])
    facing = normals @ view.towards
    spots: dict[str, Array] = {}
    for name in sorted(set(record.regions.surfaces.values())):
        mine = [n for n, region in record.regions.surfaces.items() if region == name]
        cells = np.flatnonzero(np.isin(numbers, mine) & (facing > 0.3))
        if not len(cells):
            continue
        flat = view.pixels(centres[cells])
        order = np.argsort(np.linalg.norm(flat - np.median(flat, axis=0), axis=1))
        candidates = centres[cells[order[:: max(len(order) // 40, 1)]]]
        seen = np.flatnonzero(~fields.hidden(candidates, view.towards))
        if len(seen):
            spots[name] = candidates[seen[0]]
    return spots
