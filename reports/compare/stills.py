"""Still pictures of runs side by side: one camera, one range of colours, one scale of deformation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyvista as pv
from matplotlib.colors import to_rgb
from numpy.typing import NDArray

from reports import theme
from reports.annotate import in_a_sentence, is_hidden, mark_peak
from reports.compare.draw_speed import draw_speed
from reports.compare.frame import ALONE, BESIDE, fitted
from reports.draw_pores import FLUID, SECTION, STREAMLINES, section_stage, streamlines_stage, top_of
from reports.draw_stress import STRESSES
from reports.draw_wall_shear import shown_on_wall
from reports.ranges import extend, range_top
from reports.scenery import Picture, Scenery, put_around, quantity
from reports.sheet import Sheet
from reports.stage import Stage, ghost_surface
from reports.view import View

Array = NDArray[np.float64]

PORES = (
    (STREAMLINES, "Speed along streamlines", streamlines_stage),
    (SECTION, "Speed on a section", section_stage),
)
SHADE = 0.3
# One colour a run, told apart by the colour-blind and by their darkness (Okabe and Ito, 2008, without the yellow).
OUTLINES = ("#000000", "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9")


@dataclass(frozen=True)
class _Field:
    """A field that all runs have, with the end of its colours in all of them."""

    name: str
    title: str
    unit: str
    peak: str
    top: float


@dataclass(frozen=True)
class Row:
    """Pictures of one field side by side, one a run, with the colours that they share.

    Attributes
    ----------
    title, unit : str
    top : float
        What the darkest colour stands for; the lightest is zero.
    extend : str
        Where fields go on beyond the colours: "neither", "min", "max" or "both".
    note : str
        How the pictures are to be read.
    """

    title: str
    unit: str
    top: float
    extend: str
    note: str
    pictures: Sequence[Picture]


@dataclass(frozen=True)
class Alike:
    """Runs to be drawn alike.

    Attributes
    ----------
    letters : sequence of str
    sceneries : sequence of Scenery
    scale : float
        Resolution, relative to that for a page.
    """

    letters: Sequence[str]
    sceneries: Sequence[Scenery]
    scale: float = 1.0

    @cached_property
    def factor(self) -> float:
        """By how much displacements are drawn larger: the least of all; 0 where one has none to draw."""
        return min(scenery.factor for scenery in self.sceneries)

    @cached_property
    def moved(self) -> list[pv.PolyData]:
        """The surfaces as deformed; none without a factor."""
        return [scenery.fields.deformed(self.factor) for scenery in self.sceneries] if self.factor else []

    @cached_property
    def view(self) -> View:
        """The camera that holds all of them, with what is drawn around them."""
        points = [np.asarray(moved.points) for moved in self.moved]
        for scenery in self.sceneries:
            points.append(np.asarray(scenery.fields.surface.points))
            points += [np.asarray(ghost_surface(g).points) for g in scenery.record.scene.ghosts]
            points += [np.array([tail, tip]) for tail, tip, _ in scenery.arrows()]
        return self._fitted(points, BESIDE)

    @cached_property
    def bare_view(self) -> View:
        """The same camera, no farther away than the parts need, as made."""
        return self._fitted([np.asarray(scenery.fields.surface.points) for scenery in self.sceneries], ALONE)

    def _fitted(self, points: Sequence[Array], zoom: float) -> View:
        first = self.sceneries[0]
        return fitted(np.concatenate(points), first.towards, np.array(first.record.scene.up), self.scale, zoom)


def draw_beside(folder: Path, alike: Alike) -> list[Row]:
    """Each field of all runs: a row of pictures, one a run, for each field."""
    if alike.sceneries[0].record.physics == "permeation":
        return [_pores(folder, alike, *way) for way in PORES]
    return [_row(folder, alike, field) for field in _fields(alike)]


def draw_flow(folder: Path, alike: Alike) -> Picture | None:
    """The speed of all runs; None of solids and pores."""
    if any(scenery.record.physics != "flow" for scenery in alike.sceneries):
        return None
    return draw_speed(folder, alike.letters, alike.sceneries, alike.scale)


def draw_outlines(folder: Path, alike: Alike) -> Picture:
    """The shapes over each other, each by its outline and its sharp edges."""
    view = alike.bare_view
    ink = np.ones((view.canvas.height, view.canvas.width, 3))
    for scenery, colour in zip(alike.sceneries, OUTLINES, strict=False):
        stage = Stage(view)
        stage.part(scenery.fields.surface, theme.PAPER)
        stage.lines(scenery.fields.edges, width=1.8, opacity=1.0)
        stage.silhouette(scenery.fields.surface, width=2.4, opacity=1.0)
        drawn = stage.shoot().astype(float) / 255
        # The body hides the lines behind it; its own shades are paler than any line and are left out.
        darkness = np.clip((1.0 - drawn.min(axis=2) - SHADE) / (1.0 - 2 * SHADE), 0, 1)[..., None]
        ink = np.minimum(ink, 1 - darkness * (1 - np.array(to_rgb(colour))))
    sheet = Sheet((255 * ink).astype(np.uint8), view)
    named = ", ".join(f"{letter} {colour_name(k)}" for k, letter in enumerate(alike.letters))
    sheet.scale_bar()
    sheet.save(folder / "outlines.png")
    return Picture(
        "outlines.png",
        f"The shapes as made, over each other, by their outlines and sharp edges: {named}.",
        f"Outlines over each other: {named}.",
        view.canvas.wide,
    )


def colour_name(k: int) -> str:
    """Of the outlines of run number k."""
    return ("black", "blue", "vermilion", "green", "purple", "sky blue")[k]


def _fields(alike: Alike) -> list[_Field]:
    first, records = alike.sceneries[0], [scenery.record for scenery in alike.sceneries]
    surfaces = [_surface(scenery) for scenery in alike.sceneries]

    def top(name: str, of: Any) -> float:
        return max(of(record, np.asarray(surface[name])) for record, surface in zip(records, surfaces, strict=True))

    if first.record.physics == "solid":
        return [
            _Field(name, title, "MPa", peak, top(name, lambda r, v, p=peak: range_top(quantity(r, p), v)))
            for name, (title, peak) in STRESSES.items()
        ]
    if first.record.physics == "flow":
        return [_Field(s.field, s.title, s.unit, s.peak, top(s.field, s.top)) for s in shown_on_wall(first.fields)]
    return []


def _surface(scenery: Scenery) -> pv.PolyData:
    return scenery.fields.shaded if scenery.record.physics == "solid" else scenery.wall


def _row(folder: Path, alike: Alike, field: _Field) -> Row:
    pictures = [_draw(folder, alike, k, field) for k in range(len(alike.letters))]
    reach = {extend(np.asarray(_surface(scenery)[field.name]), field.top) for scenery in alike.sceneries}
    beyond = reach.pop() if len(reach) == 1 else "max" if reach <= {"neither", "max"} else "both"
    deformed = f"; pale: the displacement, {alike.factor:g} times as large" if alike.factor else ""
    note = f"One camera, light and range of colours for all{deformed}"
    return Row(field.title, field.unit, field.top, beyond, note, pictures)


def _pores(folder: Path, alike: Alike, file: str, title: str, stage: Callable[[Scenery, View, float], Stage]) -> Row:
    top, view = max(top_of(scenery) for scenery in alike.sceneries), alike.view
    pictures = []
    for letter, scenery in zip(alike.letters, alike.sceneries, strict=True):
        sheet = Sheet(stage(scenery, view, top).shoot(), view)
        sheet.scale_bar()
        name = f"{letter}_{file}"
        sheet.save(folder / name)
        alt = f"{title} of {letter} in colours from 0 to {top:g} mm/s."
        pictures.append(Picture(name, letter, alt, view.canvas.wide))
    note = f"Speed of {FLUID}. One camera, light and range of colours for all; the near half of the wall is cut away"
    return Row(title, "mm/s", top, "max", note, pictures)


def _draw(folder: Path, alike: Alike, k: int, field: _Field) -> Picture:
    letter, scenery, view = alike.letters[k], alike.sceneries[k], alike.view
    peak = quantity(scenery.record, field.peak)
    stage = Stage(view)
    stage.field(_surface(scenery), field.name, field.top)
    stage.lines(scenery.fields.edges)
    stage.silhouette(scenery.fields.surface)
    if alike.moved:
        stage.shadow(alike.moved[k])
    put_around(stage, scenery)
    sheet = Sheet(stage.shoot(), view)
    sheet.scale_bar()
    hidden = is_hidden(scenery.fields, view, peak)
    mark_peak(sheet, peak, hidden=hidden)
    said = in_a_sentence(peak, hidden=hidden)
    file = f"{letter}_{field.name}.png"
    sheet.save(folder / file)
    return Picture(
        file,
        letter,
        f"{field.title} of {letter} in colours from 0 to {field.top:g} {field.unit}. {said}".strip(),
        view.canvas.wide,
    )
