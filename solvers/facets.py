"""The curved facets of a labelled surface as arrays: points, normals and weights to integrate by."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import basix
import numpy as np
from dolfinx import fem
from numpy.typing import NDArray

from solvers.body import Body

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

DEGREE = 6  # of the quadrature

_triangle: Any = basix.create_element(basix.ElementFamily.P, basix.CellType.triangle, 2)
_tetrahedron: Any = basix.create_element(basix.ElementFamily.P, basix.CellType.tetrahedron, 2)
_CLOSURE = np.array(_tetrahedron.entity_closure_dofs[2])  # in the order of the triangle's own nodes


@dataclass(frozen=True)
class Facets:
    """Quadratic triangles of a surface that this rank owns.

    Attributes
    ----------
    nodes : (k, 6) array
        Nodes of the quadratic space, numbered on this rank: corners, then edges in the order of Basix.
    points : (k, 6, 3) array, mm
    inside : (k, 3) array, mm
        The corner of the cell that is not on the facet.
    """

    nodes: Integers
    points: Array
    inside: Array

    @classmethod
    def of(cls, body: Body, space: fem.FunctionSpace, label: str) -> Facets:
        """Facets that carry ``label``, each on the rank that owns its cell; ``space`` is quadratic."""
        topology = body.mesh.topology
        topology.create_connectivity(2, 3)
        topology.create_connectivity(3, 2)
        to_cell, to_facet = topology.connectivity(2, 3), topology.connectivity(3, 2)
        owned = topology.index_map(3).size_local
        facets = body.facets(label)
        cells = np.array([to_cell.links(f)[0] for f in facets], dtype=np.int64)
        facets, cells = facets[cells < owned], cells[cells < owned]
        sides = np.array(
            [np.flatnonzero(to_facet.links(c) == f)[0] for f, c in zip(facets, cells, strict=True)], dtype=np.int64
        )
        dofs, x = space.dofmap.list[cells], space.tabulate_dof_coordinates()
        nodes = np.take_along_axis(dofs, _CLOSURE[sides], axis=1)
        return cls(nodes, x[nodes], x[dofs[np.arange(len(cells)), sides]])

    @cached_property
    def _rule(self) -> tuple[Array, Array, Array]:
        points: Any
        weights: Any
        points, weights = basix.make_quadrature(basix.CellType.triangle, DEGREE)
        table = _triangle.tabulate(1, points)[..., 0]
        return table[0], table[1:], weights

    def at_points(self, nodal: Array) -> Array:
        """Nodal values (n, ...) of this rank at the quadrature points: (k, q, ...)."""
        return np.asarray(np.einsum("qa,ka...->kq...", self._rule[0], nodal[self.nodes]))

    def _areas(self, derivatives: Array) -> Array:
        """Area vectors (k, q, 3), outwards, at points where the basis has these derivatives (2, q, 6)."""
        a, b = (np.einsum("qa,kac->kqc", d, self.points) for d in derivatives)
        vector = np.cross(a, b)
        out = self.points.mean(axis=1) - self.inside
        return np.asarray(vector * np.sign(np.einsum("kqc,kc->kq", vector, out))[..., None])

    @cached_property
    def weights(self) -> Array:
        """Area (k, q) that belongs to each quadrature point, mm^2."""
        return np.linalg.norm(self._areas(self._rule[1]), axis=-1) * self._rule[2]

    @cached_property
    def normals(self) -> Array:
        """Outward unit normals (k, q, 3) at the quadrature points."""
        area = self._areas(self._rule[1])
        return np.asarray(area / np.linalg.norm(area, axis=-1, keepdims=True))

    @cached_property
    def node_normals(self) -> Array:
        """Outward unit normals (k, 6, 3) at the nodes, as each facet has them."""
        area = self._areas(_triangle.tabulate(1, _triangle.points)[1:, ..., 0])
        return np.asarray(area / np.linalg.norm(area, axis=-1, keepdims=True))

    @cached_property
    def stiffness(self) -> Array:
        """Int grad_s phi_a . grad_s phi_b (k, 6, 6) over each facet, grad_s along the surface."""
        a, b = (np.einsum("qa,kac->kqc", d, self.points) for d in self._rule[1])
        tangents = np.stack([a, b], axis=-2)
        metric = np.linalg.inv(tangents @ tangents.swapaxes(-1, -2))
        return np.einsum("iqa,kqij,jqb,kq->kab", self._rule[1], metric, self._rule[1], self.weights)

    @cached_property
    def load(self) -> Array:
        """Int phi_a (k, 6) over each facet, mm^2."""
        return np.einsum("qa,kq->ka", self._rule[0], self.weights)
