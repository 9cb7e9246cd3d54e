"""Wall shear stress: the traction of the viscous stress along the wall."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from dolfinx import la
from mpi4py import MPI
from numpy.typing import NDArray

from solvers.facets import Facets
from solvers.flow import FlowState
from solvers.measures import RIVAL, Peak, as_point
from solvers.recovery import NodalStress
from solvers.tensors import full

Array = NDArray[np.float64]


@dataclass(frozen=True)
class WallShear:
    """tau = s n - (n . s n) n, s the recovered viscous stress and n the outward normal, MPa: the force on the fluid.

    Attributes
    ----------
    facets : Facets
        Of the walls, on this rank.
    vectors : (k, q, 3) array
        At the quadrature points.
    at_nodes : (k, 6) array
        Magnitude at the nodes, as each facet's normal gives it.
    solution : FlowState
    """

    facets: Facets
    vectors: Array
    at_nodes: Array
    solution: FlowState

    @classmethod
    def of(cls, solution: FlowState, stress: NodalStress) -> WallShear:
        """On all walls of a flow. Collective."""
        body, space = solution.body, solution.problem.space
        parts = [Facets.of(body, space, wall) for wall in solution.problem.walls]
        facets = Facets(*(np.concatenate([getattr(p, name) for p in parts]) for name in ("nodes", "points", "inside")))
        vectors = tangential(facets.at_points(stress.six), facets.normals)
        at_nodes = np.linalg.norm(tangential(stress.six[facets.nodes], facets.node_normals), axis=-1)
        return cls(facets, vectors, at_nodes, solution)

    @property
    def magnitude(self) -> Array:
        """At the quadrature points (k, q), MPa."""
        return np.asarray(np.linalg.norm(self.vectors, axis=-1))

    def _sum(self, values: Array) -> float:
        return self.solution.body.sum(float((values * self.facets.weights).sum()))

    def area(self) -> float:
        """mm^2. Collective."""
        return self._sum(np.ones_like(self.facets.weights))

    def mean(self) -> float:
        """Over the wall, MPa. Collective."""
        return self._sum(self.magnitude) / self.area()

    def share(self, low: float, high: float) -> float:
        """Share of the wall where the magnitude lies between two values, MPa. Collective."""
        return self._sum(((self.magnitude >= low) & (self.magnitude < high)).astype(float)) / self.area()

    def percentile(self, share: float) -> float:
        """The magnitude that this share of the wall does not exceed, MPa. Collective."""
        comm = self.solution.body.comm
        parts = comm.gather((self.magnitude.ravel(), self.facets.weights.ravel()), root=0)
        found = 0.0
        if parts is not None:
            values, weights = (np.concatenate([part[k] for part in parts]) for k in (0, 1))
            order = np.argsort(values)
            below = np.cumsum(weights[order]) - weights[order] / 2
            found = float(np.interp(share, below / weights.sum(), values[order]))
        return float(comm.bcast(found, root=0))

    def against(self, direction: Array) -> float:
        """Area of the wall along which the fluid next to it runs against a direction, mm^2. Collective.

        Walls across the direction do not count.
        """
        along = np.linalg.norm(self.facets.normals - (self.facets.normals @ direction)[..., None] * direction, axis=-1)
        # The force on the fluid points against its motion.
        return self._sum(((self.vectors @ direction > 0) & (along > 0.7)).astype(float))

    def nodal(self) -> Array:
        """Magnitude (n,) at the nodes of this rank, MPa, the largest of all facets there, else 0. Collective."""
        index_map = self.solution.problem.space.dofmap.index_map
        found = la.vector(index_map, 1)
        np.maximum.at(found.array, self.facets.nodes.ravel(), self.at_nodes.ravel())
        # A node may have its facets on another rank alone: the largest of what any rank knows.
        everywhere = self._globally(found.array)
        found.array[:] = everywhere
        return np.asarray(found.array)

    def _globally(self, values: Array) -> Array:
        index_map, comm = self.solution.problem.space.dofmap.index_map, self.solution.body.comm
        if comm.size == 1:
            return values
        here = index_map.local_to_global(np.arange(len(values), dtype=np.int32))
        total = np.zeros(index_map.size_global)
        total[here] = values
        comm.Allreduce(MPI.IN_PLACE, total, op=MPI.MAX)
        return np.asarray(total[here])

    def peak(self) -> Peak:
        """Largest magnitude, where it stands, and the nodes that come near it. Collective."""
        nodal = self.nodal()
        space, comm = self.solution.problem.space, self.solution.body.comm
        owned = space.dofmap.index_map.size_local
        x = space.tabulate_dof_coordinates()
        k = int(np.argmax(nodal[:owned])) if owned else 0
        value, location = max(comm.allgather((float(nodal[k]), as_point(x[k])) if owned else (-1.0, (0.0, 0.0, 0.0))))
        return Peak(value, location, (nodal > 0) & (nodal >= RIVAL * value))


def tangential(six: Array, normals: Array) -> Array:
    """Tangential part (..., 3) of the traction of stresses (..., 6) on surfaces with normals (..., 3)."""
    traction = np.einsum("...ij,...j->...i", full(six.reshape(-1, 6)).reshape(*six.shape[:-1], 3, 3), normals)
    across = np.einsum("...i,...i->...", traction, normals)
    return np.asarray(traction - across[..., None] * normals)
