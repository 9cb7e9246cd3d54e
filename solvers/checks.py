"""Checks that every solution passes or is marked for: balance, energy, residual."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from dolfinx import fem

from solvers.elasticity import Displacement
from solvers.loads import integral
from solvers.measures import resultant
from solvers.supports import Imposed, ThreePoints
from solvers.tensors import ddot, sym_grad

BALANCE = 1e-6
ENERGY = 1e-6
RESIDUAL = 1e-8


@dataclass(frozen=True)
class Check:
    """A number that must not exceed its limit; ``description`` says what it is."""

    value: float
    limit: float
    description: str

    @property
    def passed(self) -> bool:
        return bool(self.value <= self.limit)


def check_solution(solution: Displacement) -> dict[str, Check]:
    """Equilibrium, energy balance and linear residual of a solution. Collective."""
    reactions = _reactions(solution)
    checks = {
        "equilibrium": Check(
            _imbalance(solution, reactions),
            BALANCE,
            "reactions and prescribed loads, force and moment: what is left over, relative to the loads",
        ),
        "energy": Check(
            _energy_gap(solution, reactions),
            ENERGY,
            "work of the stress against that of loads and supports, relative gap",
        ),
        "linear_residual": Check(solution.info.residual, RESIDUAL, "true residual of the linear solve, relative"),
    }
    if any(isinstance(support, ThreePoints) for support in solution.problem.supports):
        checks["self_equilibrium"] = Check(
            _idle_reaction(solution, reactions),
            BALANCE,
            "largest reaction of points that only take rigid motion, relative to the loads",
        )
    return checks


def _reactions(solution: Displacement) -> fem.Function:
    """Nodal forces of the supports, N."""
    problem = solution.problem
    reactions = solution.internal_forces()
    loads = problem.load_vector()
    owned = 3 * problem.space.dofmap.index_map.size_local
    reactions.x.array[:owned] -= loads.array
    loads.destroy()
    held = np.zeros(len(reactions.x.array), dtype=bool)
    for condition in problem.conditions(problem.space):
        held[condition.dof_indices()[0]] = True
    held[owned:] = False
    reactions.x.array[~held] = 0.0
    return reactions


def _idle_reaction(solution: Displacement, reactions: fem.Function) -> float:
    largest = float(np.abs(reactions.x.array).max(initial=0.0))
    centre = np.zeros(3)
    scale = sum(load.resultant(solution.body, centre).size for load in solution.problem.loads)
    scale = scale or _sum_of_sizes(solution, solution.internal_forces()) or 1.0
    return max(solution.body.comm.allgather(largest)) / scale


def _imbalance(solution: Displacement, reactions: fem.Function) -> float:
    problem, body = solution.problem, solution.body
    low, high = body.bounds
    centre, extent = (low + high) / 2, float(np.linalg.norm(high - low))
    every = np.ones(len(reactions.x.array) // 3, dtype=bool)
    force, moment = resultant(solution, reactions, every, centre)
    force_scale = moment_scale = 0.0
    if problem.free_strain is not None or any(isinstance(support, Imposed) for support in problem.supports):
        # A displacement or a temperature acts: the reactions it calls up must balance each other.
        force_scale, moment_scale = _sum_of_sizes(solution, reactions), float(np.linalg.norm(moment))
    for load in problem.loads:
        r = load.resultant(body, centre)
        force, moment = force + r.force, moment + r.moment
        force_scale += r.size
        moment_scale += float(np.linalg.norm(r.moment))
    moment_scale = max(moment_scale, force_scale * extent / 10)
    force_scale = max(force_scale, moment_scale / extent)
    return max(float(np.linalg.norm(force)) / force_scale, float(np.linalg.norm(moment)) / moment_scale)


def _sum_of_sizes(solution: Displacement, forces: fem.Function) -> float:
    owned = solution.problem.space.dofmap.index_map.size_local
    return solution.body.sum(float(np.linalg.norm(forces.x.array.reshape(-1, 3)[:owned], axis=1).sum()))


def _energy_gap(solution: Displacement, reactions: fem.Function) -> float:
    problem, u = solution.problem, solution.u
    twice_energy = integral(solution.body, ddot(problem.sigma(u), sym_grad(u)) * problem.dx)
    b = problem.load_vector()
    owned = len(b.array)
    forces = b.array + reactions.x.array[:owned]  # reactions work where a displacement is imposed
    b.destroy()
    work = solution.body.sum(float(forces @ u.x.array[:owned]))
    return abs(twice_energy - work) / abs(work) if work else 0.0
