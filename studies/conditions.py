"""What was prescribed in the problem that was solved, in words and numbers, for the record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from solvers.elasticity import Displacement
from solvers.flow import FlowState
from solvers.loads import Load, Pressure, Wrench
from solvers.pulsatile import PulsatileFlow
from solvers.solution import Solution
from solvers.stokes import Permeation
from solvers.supports import Sliding, Support
from studies.record import Condition

AXES = "xyz"
FREE = 1e-9  # N mm, a moment below which none was given


def conditions_of(solution: Solution, windkessel: bool = False) -> list[Condition]:
    """Supports and loads of a solid; inlets, outlets, walls and planes of symmetry of a flow; what repeats in a cell.

    Parameters
    ----------
    solution : Solution
    windkessel : bool
        Whether one stands behind the outlet.
    """
    if isinstance(solution, Displacement):
        problem = solution.problem
        return [*map(_support, problem.supports), *map(_load, problem.loads)]
    if isinstance(solution, FlowState):
        return _flow(solution, windkessel)
    if isinstance(solution, Permeation):
        return _cell(solution)
    return []


def _support(support: Support) -> Condition:
    values = f"no displacement along {AXES[support.axis]}" if isinstance(support, Sliding) else ""
    return Condition(kind="support", where=getattr(support, "surface", ""), law=_first_line(support), values=values)


def _load(load: Load) -> Condition:
    values = ""
    if isinstance(load, Wrench):
        values = f"force {_vector(load.force)} N acting at {_vector(load.about)} mm"
        if np.abs(load.moment).max() > FREE:
            values += f", moment {_vector(load.moment)} N mm"
    elif isinstance(load, Pressure):
        values = f"{load.pressure:.6g} MPa"
    return Condition(kind="load", where=getattr(load, "surface", ""), law=_first_line(load), values=values)


def _flow(solution: FlowState, windkessel: bool) -> list[Condition]:
    flow, pulsating = solution.problem, isinstance(solution, PulsatileFlow)
    entering = "profile of a developed flow in a straight duct of this cross-section"
    if pulsating:
        entering += ", at every instant that of a steady flow, times the waveform"
    found = [
        Condition(
            kind="inlet",
            where=inlet.surface,
            law=f"velocity given: {entering}",
            values=f"{'mean ' if pulsating else ''}flow rate {inlet.flow_rate:.6g} mm^3/s through what was computed",
        )
        for inlet in flow.inlets
    ]
    leaving = (
        "nu du/dn - P n = 0, which a developed flow satisfies; half of the inertia of what flows back is taken away"
    )
    if windkessel:
        leaving += "; behind it a windkessel"
    found += [Condition(kind="outlet", where=outlet, law=leaving) for outlet in flow.outlets]
    found += [Condition(kind="wall", where=wall, law="no slip on a rigid wall: u = 0") for wall in flow.walls]
    found += [
        Condition(
            kind="symmetry",
            where=label,
            law="plane of symmetry: nothing flows through, nothing drags along it",
            values=f"u_{AXES[axis]} = 0",
        )
        for label, axis in flow.mirrors.items()
    ]
    if pulsating:
        found.append(Condition(kind="initial", law="a cycle starts from the end of the cycle before it"))
    return found


def _cell(solution: Permeation) -> list[Condition]:
    problem = solution.problem
    size = " x ".join(f"{edge:.6g}" for edge in problem.high - problem.low)
    return [
        Condition(kind="wall", where=problem.walls, law="no slip on a rigid wall: u = 0"),
        Condition(
            kind="periodic",
            law="velocity and pressure repeat from each face of the cell to the one opposite",
            values=f"cell of {size} mm",
        ),
        Condition(
            kind="load",
            law="uniform body force along x, y and z in turn, which stands for a fall of pressure",
            values="1 N/mm^3 at a viscosity of 1 MPa s: the problem is linear, its permeability independent of both",
        ),
    ]


def _first_line(of: Any) -> str:
    """The first paragraph of what a support or load says of itself."""
    text = " ".join((type(of).__doc__ or type(of).__name__).split("\n\n")[0].split())
    return text.rstrip(".")


def _vector(components: Sequence[float]) -> str:
    return "(" + ", ".join(f"{c + 0.0:.6g}" for c in np.round(components, 6)) + ")"
