"""What a bench would measure, read off a solution. Every function is collective."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import ufl
from dolfinx import fem
from numpy.typing import NDArray

from solvers.body import Body
from solvers.elasticity import DEGREE, Displacement
from solvers.errors import SolverError
from solvers.loads import DEGREE as WEIGHT_DEGREE
from solvers.loads import Strip, Wrench, integral, surface_measure
from solvers.solution import Solution

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Point = tuple[float, float, float]


RIVAL = 0.5  # share of the peak from which a place may become the peak on a finer mesh


@dataclass(frozen=True)
class Peak:
    """Largest nodal value and where it stands, mm.

    ``near``, (n,) bool, are the nodes of this rank whose value comes near it: the peak may be there on another mesh.
    """

    value: float
    location: Point
    near: Mask


def as_point(x: Array) -> Point:
    """Three coordinates as plain numbers."""
    return float(x[0]), float(x[1]), float(x[2])


def node_points(solution: Solution) -> Array:
    """Coordinates (n, 3) of the nodes of this rank, ghosts included, mm."""
    return solution.problem.places


def on_surface(solution: Solution, label: str) -> Mask:
    """Which nodes of this rank lie on the surface ``label``."""
    space = solution.problem.space
    mask = np.zeros(len(node_points(solution)), dtype=bool)
    mask[fem.locate_dofs_topological(space, 2, solution.body.facets(label))] = True
    return mask


def peak(solution: Solution, values: Array, where: Mask) -> Peak:
    """Largest of nodal ``values`` (n,) over the nodes ``where``.

    Raises
    ------
    SolverError
        If no node of any rank is meant.
    """
    owned = solution.problem.space.dofmap.index_map.size_local
    x, chosen = node_points(solution)[:owned], np.flatnonzero(where[:owned])
    best: tuple[float, Point] = (-np.inf, (0.0, 0.0, 0.0))
    if len(chosen):
        k = chosen[int(np.argmax(values[chosen]))]
        best = (float(values[k]), as_point(x[k]))
    value, location = max(solution.body.comm.allgather(best))
    if value == -np.inf:
        raise SolverError("the zone in which the peak is sought holds no node")
    return Peak(value, location, where & (values >= value - (1 - RIVAL) * abs(value)))


def at(solution: Solution, values: Array, point: Array) -> tuple[float, Mask]:
    """Nodal value at a point, mm, that is a node of the mesh, and which node of this rank that is.

    Raises
    ------
    SolverError
        If no node is there.
    """
    low, high = solution.body.bounds
    near = 1e-6 * float(np.linalg.norm(high - low))
    nodes = np.linalg.norm(node_points(solution) - point, axis=1) < near
    if not any(solution.body.comm.allgather(bool(nodes.any()))):
        raise SolverError(f"no node of the mesh is at {as_point(point)} mm")
    return nodal_mean(solution, values, nodes), nodes


def nodal_mean(solution: Solution, values: Array, where: Mask) -> float:
    """Mean of nodal values (n,) over the nodes ``where`` of all ranks."""
    owned = solution.problem.space.dofmap.index_map.size_local
    chosen = values[:owned][where[:owned]]
    number = solution.body.sum(float(len(chosen)))
    if number == 0:
        raise SolverError("the zone over which the mean is taken holds no node")
    return solution.body.sum(float(chosen.sum())) / number


def volume(body: Body, label: str | None = None) -> float:
    """Volume of the mesh, or of the cells that carry ``label``, mm^3."""
    dx = ufl.Measure("dx", body.mesh, subdomain_data=body.cell_tags, metadata={"quadrature_degree": DEGREE})
    tags = tuple(body.volumes if label is None else body.volume_tags(label))
    return integral(body, fem.Constant(body.mesh, 1.0) * dx(tags))


def surface_mean(body: Body, surface: str, weight: Strip, expression: Any) -> float:
    """Mean of a scalar UFL expression over a strip of a surface, in its unit."""
    w, ds = weight.on(body), surface_measure(body, surface)
    return integral(body, w * expression * ds) / strip_area(body, surface, weight)


def strip_area(body: Body, surface: str, weight: Strip) -> float:
    """Area of a strip, weighted by it: half of its width times its length, if nothing is missing, mm^2."""
    area = integral(body, weight.on(body) * surface_measure(body, surface))
    if area <= 1e-9:
        raise SolverError(f"nothing of the surface '{surface}' lies in the strip at {weight.point} mm")
    return area


def section_rotation(solution: Displacement, weight: Strip) -> float:
    """Rotation of a cross-section across x about y, radians: least-squares slope of u_x over z in a thin slab."""
    body, u = solution.body, solution.u
    x = ufl.SpatialCoordinate(body.mesh)
    dx = ufl.Measure("dx", body.mesh, metadata={"quadrature_degree": WEIGHT_DEGREE})
    w = weight.on(body)
    size = integral(body, w * dx)
    middle = fem.Constant(body.mesh, integral(body, w * x[2] * dx) / size)
    z = x[2] - middle
    return integral(body, w * u[0] * z * dx) / integral(body, w * z**2 * dx)


def section_resultant(solution: Displacement, section: str, side: str, about: Array) -> tuple[Array, Array]:
    """Force, N, and moment about a point, N mm, that the volume ``side`` exerts through an inner surface.

    Nodal forces of the elements of one side, summed over the nodes of the section (a free-body cut): they balance the
    loads beyond the section to the tolerance of the solve, whatever the mesh.

    Parameters
    ----------
    section : str
        Label of the inner surface.
    side : str
        Label of the volumes on one side of it.
    about : (3,) array, mm
    """
    where, cells = on_surface(solution, section), solution.body.cells(side)
    there = where[solution.problem.space.dofmap.list[cells]].any(axis=1)  # no other element has forces on its nodes
    return resultant(solution, solution.internal_forces(cells[there]), where, about)


def resultant(solution: Displacement, forces: fem.Function, where: Mask, about: Array) -> tuple[Array, Array]:
    """Sum, N, and moment about a point, N mm, of nodal forces over some nodes."""
    owned = solution.problem.space.dofmap.index_map.size_local
    chosen = np.flatnonzero(where[:owned])
    f = forces.x.array.reshape(-1, 3)[chosen]
    arm = node_points(solution)[chosen] - about
    comm = solution.body.comm
    # Sums in rank order: the same answer for the same number of ranks.
    force = np.sum(comm.allgather(f.sum(axis=0)), axis=0)
    moment = np.sum(comm.allgather(np.cross(arm, f).sum(axis=0)), axis=0)
    return force, moment


def work(solution: Displacement, load: Wrench) -> float:
    """Work of a load's traction on the displacement, N mm: displacement and rotation conjugate to it."""
    body = solution.body
    density = ufl.dot(load.traction(body), solution.u)
    return integral(body, density * surface_measure(body, load.surface))


def surface_mean_displacement(solution: Displacement, surface: str) -> Array:
    """Mean displacement (3,) of a surface, mm."""
    ds = surface_measure(solution.body, surface)
    area = integral(solution.body, fem.Constant(solution.body.mesh, 1.0) * ds)
    return np.array([integral(solution.body, solution.u[k] * ds) / area for k in range(3)])
