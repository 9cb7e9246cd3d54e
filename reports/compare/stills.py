"""Still pictures of runs side by side: one camera, one range of colours, one scale of deformation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyvista as pv
from matplotlib.colors import to_rgb
from numpy.typing import NDArray

from reports import theme
from reports.annotate import is_hidden, mark_peak
from reports.draw_stress import STRESSES
from reports.draw_wall_shear import PULSATILE, STEADY
from reports.ranges import extend, range_top, wall_top
from reports.scenery import Picture, Scenery, put_around, quantity
from reports.sheet import Sheet
from reports.stage import Stage, ghost_surface
from reports.view import View
from studies.record import Quantity

Array = NDArray[np.float64]

SHADE = 0.3
SCALE = 0.72  # of a picture that stands beside others
# One colour a run, told apart by the colour-blind and by their darkness (Okabe and Ito, 2008, without the yellow).
OUTLINES = ("#000000", "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9")


@dataclass(frozen=True)
class _Field:
    """A field that all runs have, on the surface that shows it."""

    name: str
    title: str
    unit: str
    peak: str
    end: str = ""


@dataclass(frozen=True)
class Alike:
    """Runs to be drawn alike.

    Attributes
    ----------
    letters : sequence of str
    sceneries : sequence of Scenery
    """

    letters: Sequence[str]
    sceneries: Sequence[Scenery]

    def factor(self) -> float:
        """By how much displacements are drawn larger: the least of all; 0 where one has none to draw."""
        return min(scenery.factor for scenery in self.sceneries)

    def view(self) -> View:
        """The camera that holds all of them."""
        points = []
        for scenery in self.sceneries:
            points.append(np.asarray(scenery.fields.surface.points))
            if self.factor():
                points.append(np.asarray(scenery.fields.deformed(self.factor()).points))
            points += [np.asarray(ghost_surface(g).points) for g in scenery.record.scene.ghosts]
            points += [np.array([tail, tip]) for tail, tip, _ in scenery.arrows()]
        first = self.sceneries[0]
        return View.of(np.concatenate(points), first.towards, np.array(first.record.scene.up), SCALE)


def draw_beside(folder: Path, alike: Alike) -> list[list[Picture]]:
    """Each field of all runs: a list of pictures, one a run, for each field."""
    view = alike.view()
    return [_row(folder, alike, view, field) for field in _fields(alike)]


def draw_outlines(folder: Path, alike: Alike) -> Picture:
    """The shapes over each other, each by its outline and its sharp edges."""
    view = alike.view()
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
    named = ", ".join(f"{letter} {_colour_name(k)}" for k, letter in enumerate(alike.letters))
    sheet.title("Shapes over each other", f"As made, from one camera: {named}.")
    sheet.scale_bar()
    sheet.save(folder / "outlines.png")
    return Picture(
        "outlines.png",
        f"Outlines and sharp edges of the parts as made, over each other: {named}.",
        f"Outlines over each other: {named}.",
        view.canvas.wide,
    )


def _colour_name(k: int) -> str:
    return ("black", "blue", "vermilion", "green", "purple", "sky blue")[k]


def _fields(alike: Alike) -> list[_Field]:
    first = alike.sceneries[0]
    if first.record.physics == "solid":
        return [_Field(name, title, "MPa", peak) for name, (title, peak) in STRESSES.items()]
    if first.record.physics == "flow":
        shown = PULSATILE if PULSATILE[0].field in first.fields.surface.point_data else STEADY
        return [_Field(s.field, s.title, s.unit, s.peak, s.end) for s in shown]
    return []


def _row(folder: Path, alike: Alike, view: View, field: _Field) -> list[Picture]:
    top = max(_top(scenery, field) for scenery in alike.sceneries)
    return [
        _draw(folder, letter, scenery, view, field, top, alike.factor())
        for letter, scenery in zip(alike.letters, alike.sceneries, strict=True)
    ]


def _surface(scenery: Scenery) -> pv.PolyData:
    return scenery.fields.shaded if scenery.record.physics == "solid" else scenery.wall


def _top(scenery: Scenery, field: _Field) -> float:
    values = np.asarray(_surface(scenery)[field.name])
    if scenery.record.physics == "solid":
        return range_top(quantity(scenery.record, field.peak), values)
    return wall_top(quantity(scenery.record, field.end), values)


def _draw(folder: Path, letter: str, scenery: Scenery, view: View, field: _Field, top: float, factor: float) -> Picture:
    surface, peak = _surface(scenery), quantity(scenery.record, field.peak)
    stage = Stage(view)
    stage.field(surface, field.name, top)
    stage.lines(scenery.fields.edges)
    stage.silhouette(scenery.fields.surface)
    if factor:
        stage.shadow(scenery.fields.deformed(factor))
    put_around(stage, scenery)
    sheet = Sheet(stage.shoot(), view)
    overlay = f" Pale outline: displacement × {factor:g}." if factor else ""
    sheet.title(f"{letter}: {field.title}", f"Camera and colours are those of all runs here.{overlay}")
    sheet.colour_bar(field.title, field.unit, top, extend(np.asarray(surface[field.name]), top))
    sheet.scale_bar()
    said = _marked(sheet, scenery, view, peak)
    file = f"{letter}_{field.name}.png"
    sheet.save(folder / file)
    return Picture(
        file,
        f"{letter}: {field.title}; colours from 0 to {top:g} {field.unit} in all.",
        f"{field.title} of {letter} in colours from 0 to {top:g} {field.unit}. {said}".strip(),
        view.canvas.wide,
    )


def _marked(sheet: Sheet, scenery: Scenery, view: View, peak: Quantity | None) -> str:
    return mark_peak(sheet, peak, hidden=is_hidden(scenery.fields, view, peak))
