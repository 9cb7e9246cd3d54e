"""What each mesh by itself tells of the errors of the quantities measured on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geometry.units import convert, same_kind
from protocols.result import Measured
from solvers.convergence import LOCAL, OVERALL
from solvers.grading import energy_of_error, size_at
from solvers.measures import node_points
from solvers.recovery import NodalStress, standard_error
from solvers.solution import Solution
from solvers.tensors import norm_square


@dataclass(frozen=True)
class Indication:
    """Of one quantity on one mesh.

    Attributes
    ----------
    size : float, mm
        Mean size of the elements: of those at its place, if it is local, else of all.
    error : float
        What its error is taken to be proportional to: the spread of the stress at the place, relative to it, of what is
        local; the energy of the error of the stress, N mm, for what is of the whole, since the error of a linear
        functional is at most the product of that norm and the one of the dual problem, which falls alike (Becker and
        Rannacher, Acta Numerica 10, 2001, 1); the size cubed, for what is of the shape alone.
    local : bool
        Whether it is a spread.
    mean : float, mm
        Mean size of all elements.
    energy : float, N mm
        Of the error of the stress.
    """

    size: float
    error: float
    local: bool
    mean: float
    energy: float


def effective_sizes(told: Sequence[Indication]) -> list[float]:
    """Sizes that the values of one quantity depend on, by that of the first mesh.

    What is local has the error of its own elements, of second order in their size, and what comes to it from elsewhere:
    that falls with the energy of the error, or, where a singular place elsewhere keeps that up, with all elements.

    Parameters
    ----------
    told : sequence of Indication
        One a mesh, coarse to fine.
    """
    first = told[0]
    if not first.local:
        return [t.mean for t in told]

    def by(value: float, reference: float) -> float:
        return value / reference if reference > 0.0 else 1.0

    return [
        max(by(t.size, first.size), min(by(t.energy, first.energy) ** (1 / LOCAL), by(t.mean, first.mean)))
        for t in told
    ]


def standard_errors(
    measured: Sequence[Measured], solution: Solution, parts: dict[str, NodalStress]
) -> dict[str, float]:
    """Standard error, in its unit, of each quantity that is a local stress or follows from one. Collective.

    Parameters
    ----------
    measured : sequence of Measured
    solution : Solution
    parts : dict of str to NodalStress
        Recovered stress by volume label.
    """
    found: dict[str, float] = {}
    for quantity in measured:
        if quantity.nodes is None or not (same_kind(quantity.unit, "MPa") or same_kind(quantity.unit, "")):
            continue
        errors = [_at_place(quantity, solution, part) for part in parts.values()]
        if same_kind(quantity.unit, "MPa") and not quantity.averaged:
            found[quantity.name] = max(convert(error, "MPa", quantity.unit) for error, _ in errors)
        else:  # a strain, a factor: as sure as the stress there
            spread = max((error / stress for error, stress in errors if stress), default=0.0)
            found[quantity.name] = spread * abs(quantity.value)
    by_name = {m.name: m for m in measured}
    for quantity in measured:
        source = by_name.get(quantity.rests_on)
        alike = source is not None and (quantity.location == source.location or quantity.nodes is None)
        if source and alike and source.name in found and source.value:
            found[quantity.name] = found[source.name] / abs(source.value) * abs(quantity.value)
    return found


def _at_place(quantity: Measured, solution: Solution, part: NodalStress) -> tuple[float, float]:
    """Standard error and size of the recovered stress where a quantity is measured, MPa. Collective."""
    nodes, alone, comm = quantity.nodes, False, solution.body.comm
    assert nodes is not None
    if quantity.location is not None:
        there = np.linalg.norm(node_points(solution) - np.array(quantity.location), axis=1) < 1e-9
        alone = any(comm.allgather(bool(there.any())))  # else it is no node: a mean, say
        nodes = there if alone else nodes
    chosen = nodes & part.touched
    sizes = np.sqrt(norm_square(part.six[chosen]))
    return standard_error(solution, part, chosen, alone), max(comm.allgather(float(sizes.max(initial=0.0))))


def indications(
    measured: Sequence[Measured],
    solution: Solution,
    parts: dict[str, NodalStress],
    size: float,
    noise: dict[str, float],
) -> dict[str, Indication]:
    """Of each quantity, by name. Collective.

    Parameters
    ----------
    measured, solution, parts
        As in `standard_errors`.
    size : float, mm
        Mean size of all elements.
    noise : dict of str to float
        What that gave.
    """
    energy = energy_of_error(solution, parts)
    by_name = {m.name: m for m in measured}
    found: dict[str, Indication] = {}
    for quantity in measured:
        source = by_name.get(quantity.rests_on, quantity)
        nodes = quantity.nodes if quantity.nodes is not None else source.nodes
        if quantity.name in noise and nodes is not None:
            reference = max(abs(quantity.value), abs(quantity.scale or 0.0))
            spread = noise[quantity.name] / reference if reference else 0.0
            found[quantity.name] = Indication(size_at(solution, nodes), spread, True, size, energy)
        else:
            error = size**OVERALL if quantity.of_shape else energy
            found[quantity.name] = Indication(size, error, False, size, energy)
    return found
