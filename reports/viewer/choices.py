"""The fields that a view offers: name, unit, ends of the colours, peak."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reports.annotate import worded
from reports.draw_peak import best_side
from reports.draw_pores import FLUID
from reports.draw_stress import STRESSES
from reports.draw_wall_shear import shown_on_wall
from reports.numbers import enclosing, round_down, round_up
from reports.ranges import pore_top, range_top
from reports.scenery import Scenery, limit, quantity
from studies.record import Quantity

Array = NDArray[np.float64]

# A factor of safety is its value at the peak, where the stress is the peak stress, times that over the stress.
FACTORS = {
    "static_safety_factor": ("Safety factor against yield", "von_mises"),
    "fatigue_safety_factor": ("Fatigue safety factor", "first_principal"),
}
HIGHEST = 10.0  # a factor of safety above it is as good as any


@dataclass(frozen=True)
class Peak:
    """What is marked on a field; its words come from the record.

    Attributes
    ----------
    point : (3,) array, mm
    towards : (3,) array
        From where it is seen well.
    """

    point: Array
    towards: Array
    text: str
    detail: str
    sure: bool


@dataclass(frozen=True)
class Choice:
    """A field on offer.

    Attributes
    ----------
    source : str
        The field of the mesh that it is; of a vector the length.
    low, high : float
        What the ends of the colours stand for.
    over : float or None
        If given, the field is this over that of the mesh, its colours go by its logarithm, and dark is low.
    wall : bool
        Whether it is a field on the walls alone.
    limit : float or None
    note : str
        What must be known to read it.
    """

    name: str
    title: str
    unit: str
    source: str
    low: float
    high: float
    peak: Peak | None = None
    over: float | None = None
    wall: bool = False
    limit: float | None = None
    note: str = ""


def choices(scenery: Scenery) -> list[Choice]:
    """The fields of a run, the one to be shown first at the head."""
    offered = {"solid": _solid, "flow": _flow, "permeation": _permeation}
    return list(offered[scenery.record.physics](scenery))


def _solid(scenery: Scenery) -> Iterator[Choice]:
    fields, record = scenery.fields, scenery.record
    left_out = f"Left out of the peak: {record.scene.excluded}." if record.scene.excluded else ""
    for name, (title, peak_name) in STRESSES.items():
        peak = quantity(record, peak_name)
        top, bound = range_top(peak, np.asarray(fields.surface[name])), limit(peak)
        yield Choice(name, title, "MPa", name, 0.0, top, _peak(scenery, peak), limit=bound and bound[0], note=left_out)
    if scenery.factor:
        yield Choice("displacement", "Displacement", "mm", "displacement", 0.0, round_up(fields.largest_displacement))
    # With several materials the record does not say which strength is whose.
    for name, (title, source) in FACTORS.items() if len(record.materials) == 1 else ():
        factor, stress = quantity(record, name), quantity(record, STRESSES[source][1])
        if factor is None or stress is None or "singular" in (factor.status, stress.status) or stress.value <= 0:
            continue
        low, high = min(1.0, round_down(factor.value)), max(HIGHEST, round_up(2 * factor.value))
        over, marked = factor.value * stress.value, _peak(scenery, factor)
        yield Choice(name, title, "", source, low, high, marked, over=over, limit=factor.limit, note=left_out)


def _flow(scenery: Scenery) -> Iterator[Choice]:
    fields, record = scenery.fields, scenery.record
    on_wall = shown_on_wall(fields)
    # Of a pulsatile flow the files hold the instant of the largest inflow.
    when = " at the largest inflow" if on_wall[0].field != "wall_shear" else ""
    fastest = float(np.linalg.norm(fields.volume["velocity"], axis=1).max())
    yield Choice("speed", f"Speed{when}", "m/s", "velocity", 0.0, fastest or 1.0)
    # Pressure has no bound at a sharp edge either.
    steps = enclosing(*(float(v) for v in np.percentile(fields.volume["pressure"], (0.1, 99.9))))
    yield Choice("pressure", f"Pressure{when}", "Pa", "pressure", steps[0], steps[-1])
    for shown in on_wall:
        top = shown.top(record, np.asarray(scenery.wall[shown.field]))
        peak = _peak(scenery, quantity(record, shown.peak))
        yield Choice(shown.field, shown.title, shown.unit, shown.field, 0.0, top, peak, wall=True, note=shown.note)


def _permeation(scenery: Scenery) -> Iterator[Choice]:
    for axis in "xyz":
        top = pore_top(np.linalg.norm(scenery.fields.volume[f"velocity_{axis}"], axis=1))
        note = f"Speed of {FLUID.replace('along x', f'along {axis}')}."
        yield Choice(f"speed_{axis}", f"Speed of flow along {axis}", "mm/s", f"velocity_{axis}", 0.0, top, note=note)


def _peak(scenery: Scenery, peak: Quantity | None) -> Peak | None:
    if peak is None or peak.location is None:
        return None
    point = np.array(peak.location)
    text, detail = worded(peak)
    if peak.name in FACTORS:
        detail = detail.replace("peak", "smallest")
    return Peak(point, best_side(scenery.fields, point, scenery.towards), text, detail, peak.status == "converged")
