"""A run as a view shows it: its mesh, its fields, what stands around it, where to look from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reports.numbers import words
from reports.scenery import Scenery
from reports.viewer.choices import Choice, Peak, choices
from reports.viewer.mesh import DETAILS, Mesh

MOST_BYTES = 4_500_000  # 6 MB in the page, which leaves as much as they need to its pictures


class TooLarge(Exception):
    """Not even the surface of the mesh fits into a page."""


@dataclass(frozen=True)
class Scene:
    """A run that is ready for a page.

    Attributes
    ----------
    title : str
        To be told from others by.
    choices : list of Choice
        The fields on offer.
    factor : float
        By how much the pictures draw the displacement larger than it is; 0: there is none to draw.
    note : str
        How much of the mesh is there.
    plan : dict
        What the browser must know, for JSON.
    packed : bytes
        Mesh and fields.
    """

    title: str
    choices: list[Choice]
    factor: float
    note: str
    plan: dict[str, Any]
    packed: bytes

    @classmethod
    def of(cls, scenery: Scenery, title: str = "", most: int = MOST_BYTES) -> Scene:
        """Make a run ready, in as much detail as ``most`` bytes hold.

        Raises
        ------
        TooLarge
            If not even its surface fits.
        """
        offered = choices(scenery)
        mesh = Mesh.of(scenery.fields, list(dict.fromkeys(choice.source for choice in offered)))
        for detail in DETAILS:
            plan, packed = mesh.packed(detail)
            if len(packed) <= most:
                around = _around(scenery, offered, plan["regions"])
                title = title or words(scenery.record.device)
                return cls(title, offered, scenery.factor, detail.note, plan | around, packed)
        raise TooLarge("the mesh is too large to be shown in a page")


def _around(scenery: Scenery, offered: list[Choice], regions: list[int]) -> dict[str, Any]:
    record, names = scenery.record, scenery.record.regions.surfaces
    return {
        "regions": [names.get(n, "").replace("_", " ").replace("+", " · ") for n in regions],
        "walls": [n in scenery.wall_numbers for n in regions],
        "towards": record.scene.view_direction,
        "up": record.scene.up,
        "arrows": [
            {"tail": tail.tolist(), "tip": tip.tolist(), "label": label} for tail, tip, label in scenery.arrows()
        ],
        "ghosts": [ghost.model_dump() for ghost in record.scene.ghosts],
        "marks": {c.name: _mark(scenery, c.peak) for c in offered if c.peak is not None},
        "over": {c.name: c.over for c in offered if c.over is not None},
        "cut": _first_cut(scenery),
    }


def _mark(scenery: Scenery, peak: Peak) -> dict[str, Any]:
    volume, shift = scenery.fields.volume, np.zeros(3)
    if scenery.factor:
        shift = np.asarray(volume["displacement"][volume.find_closest_point(peak.point)])
    return {
        "place": peak.point.tolist(),
        "shift": shift.tolist(),
        "towards": peak.towards.tolist(),
        "text": peak.text,
        "detail": peak.detail,
        "sure": peak.sure,
    }


def _first_cut(scenery: Scenery) -> dict[str, Any] | None:
    """Where a view begins with a cut: through a flow that is closed all around, for at its walls it stands still."""
    record, scene = scenery.record, scenery.record.scene
    if record.physics == "solid" or any("symmetry" in name for name in record.regions.surfaces.values()):
        return None
    axis = int(np.argmax(np.abs(scene.section_normal)))
    low, high = np.reshape(scenery.fields.volume.bounds, (3, 2))[axis]
    return {"axis": axis, "place": float((scene.section_origin[axis] - low) / (high - low))}
