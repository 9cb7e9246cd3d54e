"""Stress at the nodes, by averaging over the elements that meet there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from dolfinx import la
from numpy.typing import NDArray

from solvers.elasticity import Displacement
from solvers.forms import expression
from solvers.solution import Solution
from solvers.tensors import components, first_principal, norm_square, von_mises

Array = NDArray[np.float64]


@dataclass(frozen=True)
class NodalStress:
    """Recovered stress at the nodes of this rank, ghosts included.

    The stress of each quadratic element is evaluated at its ten nodes, surface included, and averaged where elements
    meet. On curved meshes it converges to the surface value, where an L2 projection overshoots.

    Attributes
    ----------
    six : (n, 6) array, MPa
        Components in the order of `solvers.tensors.VOIGT`; 0 at nodes that touch none of the cells asked for.
    touched : (n,) bool array
    spread : (n,) array, MPa
        Standard error of the average: by how much the elements at a node differ, over the root of their number.
    """

    six: Array
    touched: NDArray[np.bool_]
    spread: Array

    @cached_property
    def von_mises(self) -> Array:
        return von_mises(self.six)

    @cached_property
    def first_principal(self) -> Array:
        return first_principal(self.six)


def nodal_stress(solution: Solution, cells: NDArray[np.int32] | None = None) -> NodalStress:
    """Recover the stress over some cells, or all. Collective.

    Parameters
    ----------
    solution : Solution
    cells : (k,) array or None
        Cells of this rank. For bodies of several materials take those of one: stress jumps between them.
    """
    mesh, space = solution.body.mesh, solution.problem.space
    owned = mesh.topology.index_map(3).size_local
    chosen = np.arange(owned, dtype=np.int32) if cells is None else cells[cells < owned]
    values = element_stress(solution, chosen).reshape(-1, 6)
    nodes = space.dofmap.list[chosen].ravel()
    sums = la.vector(space.dofmap.index_map, 8)
    table = sums.array.reshape(-1, 8)
    for k in range(6):
        table[:, k] = np.bincount(nodes, weights=values[:, k], minlength=len(table))
    table[:, 6] = np.bincount(nodes, weights=norm_square(values), minlength=len(table))
    table[:, 7] = np.bincount(nodes, minlength=len(table))
    sums.scatter_reverse(la.InsertMode.add)
    sums.scatter_forward()
    number = np.maximum(table[:, 7], 1.0)
    six = table[:, :6] / number[:, None]
    variance = np.maximum(table[:, 6] / number - norm_square(six), 0.0)
    return NodalStress(six, table[:, 7] > 0, np.sqrt(variance / number))


def stress_by_material(solution: Displacement) -> dict[str, NodalStress]:
    """Recovered stress of each volume label by itself: it jumps where materials meet. Collective."""
    labels = list(solution.problem.materials)
    if len(labels) == 1:
        return {labels[0]: nodal_stress(solution)}
    return {label: nodal_stress(solution, solution.body.cells(label)) for label in labels}


def standard_error(solution: Solution, stress: NodalStress, nodes: NDArray[np.bool_], alone: bool) -> float:
    """Standard error of the recovered stress at some nodes of this rank, MPa. Collective.

    At a place ``alone`` it is the largest of all nodes of the elements that meet there: a node with few elements knows
    little of its error. Over many nodes it is their mean.
    """
    comm = solution.body.comm
    owned = solution.problem.space.dofmap.index_map.size_local
    if not alone:
        chosen = stress.spread[:owned][nodes[:owned]]
        total, number = comm.allreduce(np.array([chosen.sum(), len(chosen)]))
        return float(total / max(number, 1.0))
    cells = solution.problem.space.dofmap.list[: solution.body.mesh.topology.index_map(3).size_local]
    near = cells[nodes[cells].any(axis=1)]
    return max(comm.allgather(float(stress.spread[near].max(initial=0.0))))


def element_stress(solution: Solution, cells: NDArray[np.int32]) -> Array:
    """Stress (k, 6 m) of each of k cells at its m nodes, as the element itself has it, MPa. Collective."""
    points = solution.problem.space.element.interpolation_points
    stress = expression(components(solution.problem.sigma(solution.u)), points, solution.body.comm)
    return np.asarray(stress.eval(solution.body.mesh, cells))
