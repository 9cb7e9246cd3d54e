"""Supports: where the body is held."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from dolfinx import fem
from dolfinx.mesh import entities_to_geometry
from numpy.typing import NDArray

from solvers.body import Body, bounding_box
from solvers.rigid import rigid_modes

Array = NDArray[np.float64]


class Support(ABC):
    """Something that holds displacement components."""

    @abstractmethod
    def conditions(self, body: Body, space: fem.FunctionSpace) -> list[fem.DirichletBC]:
        """Homogeneous Dirichlet conditions on a vector space of any order. Collective."""

    def displace(self, body: Body, u: fem.Function) -> bool:
        """Write the displacement that is imposed into ``u``, mm; False if it is zero. Collective."""
        return False


@dataclass(frozen=True)
class Clamp(Support):
    """Encastre: u = 0 on a surface, as if bonded to something rigid."""

    surface: str

    def conditions(self, body: Body, space: fem.FunctionSpace) -> list[fem.DirichletBC]:
        dofs = fem.locate_dofs_topological(space, 2, body.facets(self.surface))
        return [fem.dirichletbc(np.zeros(3), dofs, space)]


@dataclass(frozen=True)
class Imposed(Clamp):
    """A surface whose displacement is given, mm: ``function`` takes points (3, n) and gives (3, n)."""

    function: Callable[[Array], Array]

    def displace(self, body: Body, u: fem.Function) -> bool:
        space = u.function_space
        dofs = fem.locate_dofs_topological(space, 2, body.facets(self.surface))
        x = space.tabulate_dof_coordinates()[dofs]
        u.x.array.reshape(-1, 3)[dofs] = self.function(x.T).T
        return True


@dataclass(frozen=True)
class Sliding(Support):
    """No displacement along an axis (0, 1, 2) on a surface: a plane of symmetry, or a frictionless guide."""

    surface: str
    axis: int

    def conditions(self, body: Body, space: fem.FunctionSpace) -> list[fem.DirichletBC]:
        part = space.sub(self.axis)
        dofs = fem.locate_dofs_topological(part, 2, body.facets(self.surface))
        return [fem.dirichletbc(0.0, dofs, part)]


@dataclass(frozen=True)
class Held(Support):
    """No displacement along some axes at the nodes for which ``where`` (points (3, n) to a mask) holds.

    For lines and points. Under load their stress, and in three dimensions their displacement, is singular.
    """

    where: Callable[[Array], NDArray[np.bool_]]
    axes: Sequence[int]

    def conditions(self, body: Body, space: fem.FunctionSpace) -> list[fem.DirichletBC]:
        nodes = np.flatnonzero(self.where(space.tabulate_dof_coordinates().T)).astype(np.int32)
        conditions = []
        for axis in self.axes:
            part = space.sub(axis)
            conditions.append(fem.dirichletbc(0.0, 3 * nodes + np.int32(axis), part))
        return conditions


@dataclass(frozen=True)
class ThreePoints(Support):
    """Three points that take away the six rigid-body motions, and no more (the 3-2-1 rule).

    For loads that are in equilibrium by themselves: the reactions vanish, and no stress comes from the support.
    """

    def conditions(self, body: Body, space: fem.FunctionSpace) -> list[fem.DirichletBC]:
        body.mesh.topology.create_connectivity(0, 3)
        first = _extreme(body, lambda x: -(x @ np.array([1.0, 0.01, 0.001])))
        second = _extreme(body, lambda x: np.linalg.norm(x - first, axis=1))
        along = second - first
        third = _extreme(body, lambda x: np.linalg.norm(np.cross(x - first, along), axis=1))
        normal = np.cross(along, third - first)
        held = (
            (first, (0, 1, 2)),
            (second, tuple(k for k in range(3) if k != int(np.argmax(np.abs(along))))),
            (third, (int(np.argmax(np.abs(normal))),)),
        )
        conditions = []
        for point, components in held:
            vertex = _vertex_at(body, point)
            for k in components:
                sub = space.sub(k)
                dofs = fem.locate_dofs_topological(sub, 0, vertex)
                conditions.append(fem.dirichletbc(0.0, dofs, sub))
        return conditions


def _vertices(body: Body) -> Array:
    """Coordinates of the vertices of this rank, ghosts included, mm."""
    topology = body.mesh.topology
    count = topology.index_map(0).size_local + topology.index_map(0).num_ghosts
    topology.create_connectivity(0, 3)
    nodes = entities_to_geometry(body.mesh, 0, np.arange(count, dtype=np.int32)).ravel()
    return body.mesh.geometry.x[nodes]


def _extreme(body: Body, measure: object) -> Array:
    """The vertex, of all ranks, where ``measure`` is largest; of several the lowest, so that ranks do not matter."""
    x = _vertices(body)
    best: tuple[float, tuple[float, ...]] = (-np.inf, (0.0, 0.0, 0.0))
    if len(x):
        values = np.round(measure(x), 9)  # type: ignore[operator]
        ties = x[values >= values.max()]
        best = (float(values.max()), tuple(ties[np.lexsort(ties.T)[0]]))
    found = body.comm.allgather(best)
    return np.array(min(found, key=lambda one: (-one[0], one[1][::-1]))[1])


def _vertex_at(body: Body, point: Array) -> NDArray[np.int32]:
    distance = np.linalg.norm(_vertices(body) - point, axis=1)
    return np.flatnonzero(distance < 1e-9).astype(np.int32)


def unheld_motions(space: fem.FunctionSpace, conditions: list[fem.DirichletBC]) -> list[str]:
    """Rigid-body motions that the conditions leave free, in words; empty if the body is held. Collective."""
    owned = space.dofmap.index_map.size_local
    dofs = np.unique(np.concatenate([bc.dof_indices()[0] for bc in conditions] or [np.empty(0, np.int32)]))
    nodes, axes = np.divmod(dofs[dofs < 3 * owned], 3)
    comm = space.mesh.comm
    low, high = bounding_box(space.mesh)
    size = float(np.linalg.norm(high - low))
    x = space.tabulate_dof_coordinates()[nodes]
    modes = rigid_modes((x - (low + high) / 2) / size)[np.arange(len(nodes)), axes]
    gram = comm.allreduce(modes.T @ modes)
    values, vectors = np.linalg.eigh(gram)
    names = [f"{motion} {axis}" for motion in ("translation along", "rotation about") for axis in "xyz"]
    free = vectors[:, values < 1e-10 * max(1.0, values.max())]
    return [names[int(np.argmax(np.abs(mode)))] for mode in free.T]
