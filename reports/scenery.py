"""What all pictures of one run share: its fields, its surroundings, its colour range, its camera."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyvista as pv
from numpy.typing import NDArray

from reports import theme
from reports.fields import FLOW, PERMEATION, SOLID, Fields, cells_of
from reports.numbers import round_down
from reports.sheet import Sheet
from reports.stage import Stage, arrow_ends, ghost_surface
from reports.view import View
from studies.record import Ghost, Quantity, RunRecord

Array = NDArray[np.float64]

NEEDED = {"solid": SOLID, "flow": FLOW, "permeation": PERMEATION}


@dataclass(frozen=True)
class Picture:
    """A picture that is drawn, or will be.

    Attributes
    ----------
    file : str
        Its name in the run folder.
    caption, alt : str
        What to read below it, and instead of it.
    wide : bool
        Whether it wants the full width of a page.
    size : (int, int)
        Width and height, pixels; (0, 0) where only the file itself tells.
    """

    file: str
    caption: str
    alt: str
    wide: bool
    size: tuple[int, int] = (0, 0)


# Pictures under way: they are told first, all that they are and how large, and drawn then, so that a page can be set
# meanwhile. A picture of which it is not known before what is to be said of it is told when it is there.
Drawing = Iterator[Sequence[Picture]]


@dataclass(frozen=True)
class Scenery:
    """All that the pictures of one run share."""

    record: RunRecord
    fields: Fields
    scale: float

    @classmethod
    def read(cls, folder: Path, record: RunRecord, scale: float = 1.0) -> Scenery:
        """The scenery of a run folder, for pictures of a size relative to that for a report.

        Raises
        ------
        FieldsMissing
            If `fields.vtu` or `surface.vtu` is not there, or lacks a field.
        """
        return cls(record, Fields.read(folder, NEEDED[record.physics]), scale)

    @property
    def factor(self) -> float:
        """By how much the displacement is drawn larger than it is; 0: there is none to draw."""
        largest = self.fields.largest_displacement
        return max(round_down(0.06 * self.fields.size / largest), 1.0) if largest > 1e-12 else 0.0

    @property
    def arrow_length(self) -> float:
        return 0.17 * self.fields.size

    @property
    def towards(self) -> Array:
        return np.array(self.record.scene.view_direction)

    @property
    def wall_numbers(self) -> list[int]:
        """The regions of the surface that are a wall, and neither opening nor plane of symmetry."""
        return [n for n, name in self.record.regions.surfaces.items() if "wall" in name.split("+")]

    @cached_property
    def wall(self) -> pv.PolyData:
        """The walls alone."""
        return cells_of(self.fields.shaded, np.isin(np.asarray(self.fields.surface["surface"]), self.wall_numbers))

    def arrows(self) -> list[tuple[Array, Array, str]]:
        """Tail, tip (mm) and label of each load; a tip that would be inside the part stops at its surface."""
        drawn = []
        for arrow in self.record.scene.arrows:
            tail, tip = arrow_ends(arrow, self.record.scene.ghosts, self.arrow_length)
            hit = self.fields.first_hit(2 * tail - tip, tip)
            back = hit - tip if hit is not None else np.zeros(3)
            drawn.append((tail + back, tip + back, arrow.label))
        return drawn

    @cached_property
    def view(self) -> View:
        """The one camera for set-up and stresses: it holds the part, deformed and not, ghosts and loads."""
        points = [np.asarray(self.fields.surface.points)]
        if self.factor:
            points.append(np.asarray(self.fields.deformed(self.factor).points))
        points += [np.asarray(ghost_surface(g).points) for g in self.record.scene.ghosts]
        points += [np.array([tail, tip]) for tail, tip, _ in self.arrows()]
        return View.of(np.concatenate(points), self.towards, np.array(self.record.scene.up), self.scale)


def put_around(stage: Stage, scenery: Scenery) -> None:
    for ghost in scenery.record.scene.ghosts:
        stage.ghost(ghost)
    for tail, tip, _ in scenery.arrows():
        stage.arrow(tail, tip)


def name_around(sheet: Sheet, scenery: Scenery) -> None:
    for tail, tip, label in scenery.arrows():
        sheet.label(tail + 0.12 * (tip - tail), label, marker="none", colour=theme.LOAD)
    for label in dict.fromkeys(ghost.label for ghost in scenery.record.scene.ghosts):
        alike = [ghost for ghost in scenery.record.scene.ghosts if ghost.label == label]
        spots = np.concatenate([_visible_spots(ghost, scenery.fields, sheet.view) for ghost in alike])
        sheet.label(spots, label, marker="none", colour=theme.GHOST_TEXT[alike[0].role])


def _visible_spots(ghost: Ghost, fields: Fields, view: View) -> Array:
    """Points of a ghost where a leader line can end: near its rim, and beside the part, not before or behind it."""
    skin = np.asarray(ghost_surface(ghost).points)[::7]
    clear = skin[~fields.hidden(skin, view.towards) & ~fields.hidden(skin, -view.towards)]
    if not len(clear):
        return np.array([ghost.centre])
    outer = np.linalg.norm(view.pixels(clear) - view.pixels(np.array(ghost.centre)), axis=1)
    far = clear[outer > 0.7 * outer.max()]
    centre = np.array(ghost.centre)
    return np.asarray(centre + 0.88 * (far[:: max(len(far) // 8, 1)] - centre))


def quantity(record: RunRecord, name: str) -> Quantity | None:
    try:
        return record.quantity(name)
    except KeyError:
        return None


def limit(peak: Quantity | None) -> tuple[float, str] | None:
    return (peak.limit, "limit") if peak is not None and peak.limit is not None else None
