"""What each mesh by itself tells of the errors of the quantities measured on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geometry.units import convert, same_kind
from protocols.result import Measured
from solvers.convergence import OVERALL
from solvers.grading import energy_of_error, size_at
from solvers.measures import node_points
from solvers.recovery import NodalStress, standard_error
from solvers.solution import Solution


@dataclass(frozen=True)
class Indication:
    """Of one quantity on one mesh.

    Attributes
    ----------
    size : float, mm
        Mean size of the elements: of those at its place, if it is a local stress, else of all.
    error : float
        What its error is taken to be proportional to: the spread of a local stress, relative to it; the energy of the
        error of the stress, N mm, for what is of the whole, since the error of a linear functional is at most the
        product of that norm and the one of the dual problem, which falls alike (Becker and Rannacher, Acta Numerica
        10, 2001, 1); the size cubed, for what is of the shape alone.
    local : bool
        Whether it is a spread.
    """

    size: float
    error: float
    local: bool = False


def standard_errors(
    measured: Sequence[Measured], solution: Solution, parts: dict[str, NodalStress]
) -> dict[str, float]:
    """Standard error, in its unit, of each quantity that is a local stress or rests on one. Collective.

    Parameters
    ----------
    measured : sequence of Measured
    solution : Solution
    parts : dict of str to NodalStress
        Recovered stress by volume label.
    """
    found: dict[str, float] = {}
    points, comm = node_points(solution), solution.body.comm
    for quantity in measured:
        if not is_local_stress(quantity):
            continue
        nodes, alone = quantity.nodes, False
        assert nodes is not None
        if quantity.location is not None:
            there = np.linalg.norm(points - np.array(quantity.location), axis=1) < 1e-9
            alone = any(comm.allgather(bool(there.any())))  # else it is no node: a mean, say
            nodes = there if alone else nodes
        found[quantity.name] = max(
            convert(standard_error(solution, part, nodes & part.touched, alone), "MPa", quantity.unit)
            for part in parts.values()
        )
    values = {m.name: m.value for m in measured}
    for quantity in measured:
        if quantity.rests_on in found and values[quantity.rests_on]:
            share = found[quantity.rests_on] / abs(values[quantity.rests_on])
            found[quantity.name] = share * abs(quantity.value)
    return found


def is_local_stress(quantity: Measured) -> bool:
    """Whether a quantity is the stress at a place."""
    return quantity.nodes is not None and same_kind(quantity.unit, "MPa")


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
        if is_local_stress(source):
            assert source.nodes is not None
            reference = max(abs(quantity.value), abs(quantity.scale or 0.0))
            spread = noise.get(quantity.name, 0.0) / reference if reference else 0.0
            found[quantity.name] = Indication(size_at(solution, source.nodes), spread, local=True)
        else:
            found[quantity.name] = Indication(size, size**OVERALL if quantity.of_shape else energy)
    return found
