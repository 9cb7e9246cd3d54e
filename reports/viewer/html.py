"""The part of a page that shows one or several runs in views that can be turned.

A page with views includes `viewer/style.css` in its style and `viewer/script.html` at its end, once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from markupsafe import Markup
from matplotlib.colors import to_hex

from reports import numbers, theme
from reports.document import template
from reports.scenery import Scenery
from reports.viewer.choices import Choice
from reports.viewer.packing import text
from reports.viewer.scene import Scene, TooLarge

COLOURS = 256  # of the table that the browser gets


def run_view(scenery: Scenery) -> Markup:
    """The view of one run, or why there is none."""
    try:
        return viewer_html([Scene.of(scenery)])
    except TooLarge as reason:
        return Markup('<p class="trouble">There is no view to be turned: {}.</p>').format(reason)


def viewer_html(scenes: Sequence[Scene]) -> Markup:
    """One view of each run, linked: one camera, one cut, one range of colours, one scale of deformation.

    Parameters
    ----------
    scenes : sequence of Scene
        At least one. Fields that not all of them have are left out; a range of colours holds those of all.

    Returns
    -------
    Markup
        For a page that includes the style and the script.
    """
    offered = _shared(scenes)
    start = {
        "choice": offered[0].name,
        "azimuth": 0.0,
        "elevation": 0.0,  # that of the first run, which the browser knows
        "zoom": 1.0,
        "pan": [0.0, 0.0],
        "cut": {"axis": -1, "place": 0.5, "above": False} | (scenes[0].plan["cut"] or {}),
        "deformed": False,
        "factor": min((scene.factor for scene in scenes if scene.factor), default=0.0),
        "around": True,
        "elements": False,
    }
    html = template("viewer/view.html").render(
        plan={"start": start, "choices": [_plan(choice) for choice in offered], "look": _look()},
        scenes=[{"title": scene.title, "plan": scene.plan, "mesh": text(scene.packed)} for scene in scenes],
        surrounded=any(scene.plan["arrows"] or scene.plan["ghosts"] for scene in scenes),
        notes=list(dict.fromkeys(scene.note for scene in scenes)),
    )
    return Markup(html)


def _shared(scenes: Sequence[Scene]) -> list[Choice]:
    """The fields that all runs have, with a range that holds those of all."""
    by_name = [{choice.name: choice for choice in scene.choices} for scene in scenes]
    shared = []
    for name, first in by_name[0].items():
        alike = [choices[name] for choices in by_name if name in choices]
        if len(alike) == len(scenes):
            low, high = min(c.low for c in alike), max(c.high for c in alike)
            limit = first.limit if all(c.limit == first.limit for c in alike) else None
            shared.append(replace(first, low=low, high=high, limit=limit))
    return shared


def _plan(choice: Choice) -> dict[str, Any]:
    """What the browser must know of a field. Strengths and peaks differ from run to run and are in their scenes."""
    return {
        "name": choice.name,
        "title": choice.title,
        "unit": choice.unit,
        "source": choice.source,
        "low": choice.low,
        "high": choice.high,
        "logarithmic": choice.over is not None,
        "wall": choice.wall,
        "limit": choice.limit,
        "note": choice.note,
        "ticks": [[tick, numbers.plain(tick, 4)] for tick in _ticks(choice)],
    }


def _ticks(choice: Choice) -> list[float]:
    if choice.over is not None:
        decades = range(math.floor(math.log10(choice.low)), math.ceil(math.log10(choice.high)) + 1)
        marks = [m * 10.0**n for n in decades for m in (1, 2, 3, 5)]
    elif choice.low == 0:
        marks = numbers.ticks(choice.high)
    else:
        marks = numbers.enclosing(choice.low, choice.high)
    return [mark for mark in marks if choice.low * 0.999 <= mark <= choice.high * 1.001 or mark == choice.low]


def _look() -> dict[str, Any]:
    return {
        "colours": [to_hex(theme.COLOUR_MAP(i / (COLOURS - 1))) for i in range(COLOURS)],
        "paper": theme.PAPER,
        "outline": theme.OUTLINE,
        "shadow": theme.SHADOW,
        "load": theme.LOAD,
        "ghosts": theme.GHOST_COLOURS,
        "veil": theme.GHOST_VEIL,
    }
