"""The stiffness of quadratic elasticity as an operator that stores no matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import basix
import numpy as np
from dolfinx import la
from numpy.typing import NDArray
from petsc4py import PETSc

from solvers.bends import bends
from solvers.kernels.library import LANES, Kernels, kernels
from solvers.systems import Level

Array = NDArray[Any]
Integers = NDArray[np.int32]

STRAIGHT = 1e-12  # by how much a middle node may be off the middle of its edge, by the size of the cell
# Change of the Jacobian by a bent edge up to which a cell is straight-sided in the preconditioner. Its stiffness is
# then off by less than a factor of two, which costs an iteration at most; a bent cell takes three times as long.
BENT = 0.2
EDGES = ((2, 3), (1, 3), (1, 2), (0, 3), (0, 2), (0, 1))  # of the nodes after the vertices, in Basix's order


@dataclass(frozen=True)
class Batch:
    """Cells of one kind, packed for the kernels (see `kernels/elasticity.c`).

    Attributes
    ----------
    nodes : (n, 10, lanes) int32 array
    places : (n, 1 or points, 11, lanes) array
    barycentric : (points, 4) array
        Of the quadrature; without points the cells are straight-sided.
    """

    nodes: Integers
    places: Array
    barycentric: Array


class Stiffness:
    """A x of quadratic elasticity on the cells of this rank, in single or double precision.

    Parameters
    ----------
    level : Level
        On quadratic tetrahedra.
    kernels : Kernels
        In that precision.
    straight : (n,) bool array
        Cells of this rank that are straight-sided.

    Attributes
    ----------
    held : (k,) array
        Constrained unknowns of this rank, ghosts included.
    """

    def __init__(self, level: Level, kernels: Kernels, straight: NDArray[np.bool_]) -> None:
        self.level, self.kernels, self.dtype, self.call = level, kernels, kernels.dtype, kernels.call
        self.held = held(level)
        points, weights = map(np.asarray, basix.make_quadrature(basix.CellType.tetrahedron, level.degree))
        barycentric = np.column_stack([1 - points.sum(axis=1), points])
        self.batches = [
            self._packed(cells, rule, factors)
            for cells, rule, factors in (
                (np.flatnonzero(straight), np.empty((0, 4)), np.empty(0)),
                (np.flatnonzero(~straight), barycentric, weights),
            )
            if len(cells)
        ]

    def _packed(self, cells: NDArray[np.int64], barycentric: Array, weights: Array) -> Batch:
        lanes = LANES[self.dtype.name]
        mesh = self.level.space.mesh
        number = -(-len(cells) // lanes)
        filled = np.concatenate([cells, np.repeat(cells[-1:], number * lanes - len(cells))])

        def packed(table: Integers) -> Integers:
            return np.ascontiguousarray(table[filled].reshape(number, lanes, -1).swapaxes(1, 2))

        lam, mu = (values[filled].astype(self.dtype) for values in self.level.lame)
        lam[len(cells) :] = mu[len(cells) :] = 0.0
        corners = mesh.geometry.dofmaps[0]
        if corners.shape[1] == 4:  # a straight-sided mesh; the kernel asks for ten nodes
            corners = np.pad(corners, ((0, 0), (0, 6)))
        barycentric, weights = (np.ascontiguousarray(values, dtype=self.dtype) for values in (barycentric, weights))
        places = np.empty((number, max(1, len(weights)), 11, lanes), dtype=self.dtype)
        nodes = packed(corners)
        self.call("fill_places", number, nodes, mesh.geometry.x, lam, mu, len(weights), barycentric, weights, places)
        return Batch(packed(self.level.space.dofmap.list), places, barycentric)

    def vector(self) -> la.Vector:
        """A vector with the ghosts of this rank."""
        return la.vector(self.level.space.dofmap.index_map, 3, self.dtype)

    def add(self, x: la.Vector, y: la.Vector) -> None:
        """y += A x without regard to what is held. Collective.

        Parameters
        ----------
        x : Vector
            Its ghosts are renewed.
        y : Vector
            Its ghosts must be 0, and are in the end.
        """
        x.scatter_forward()
        for batch in self.batches:
            self._on(batch, "add", x.array, y.array)
        y.scatter_reverse(la.InsertMode.add)
        y.array[self.owned :] = 0.0

    def blocks(self) -> Array:
        """The diagonal blocks (n, 3, 3) of the nodes of this rank. Collective."""
        diagonal = la.vector(self.level.space.dofmap.index_map, 9, self.dtype)
        for batch in self.batches:
            self._on(batch, "add_blocks", diagonal.array)
        diagonal.scatter_reverse(la.InsertMode.add)
        return diagonal.array[: 3 * self.owned].reshape(-1, 3, 3)

    def _on(self, batch: Batch, name: str, *vectors: Array) -> None:
        points = len(batch.barycentric)
        self.call(name, len(batch.nodes), batch.nodes, batch.places, points, batch.barycentric, *vectors)

    @property
    def owned(self) -> int:
        """Unknowns of this rank without ghosts."""
        return int(3 * self.level.space.dofmap.index_map.size_local)


def stiffness(level: Level) -> tuple[Stiffness, Stiffness] | None:
    """The operator of a level in double precision, and in single to precondition it. Collective.

    None where it must be a matrix. In single precision cells that are hardly bent are straight-sided.
    """
    element, geometry = level.space.element.basix_element, level.space.mesh.geometry
    if element.cell_type != basix.CellType.tetrahedron or element.degree != 2 or geometry.cmaps[0].degree > 2:
        return None
    double, single = (kernels(np.dtype(real), level.space.mesh.comm) for real in (np.float64, np.float32))
    if double is None or single is None:
        return None
    off, change = bends(level.space.mesh, double)
    straight = off <= STRAIGHT
    return Stiffness(level, double, straight), Stiffness(level, single, straight | (change < BENT))


class Shell:
    """What PETSc calls for the products of a matrix that is not there.

    As in the assembled one, rows and columns of what is held are those of the identity.
    """

    def __init__(self, stiffness: Stiffness) -> None:
        self._stiffness = stiffness
        self._x, self._y = stiffness.vector(), stiffness.vector()
        self._held = stiffness.held[stiffness.held < stiffness.owned]

    def mult(self, matrix: PETSc.Mat, x: PETSc.Vec, y: PETSc.Vec) -> None:
        owned, given = self._stiffness.owned, x.array_r
        self._x.array[:owned] = given
        self._x.array[self._held] = 0.0
        self._y.array[:] = 0.0
        self._stiffness.add(self._x, self._y)
        self._y.array[self._held] = given[self._held]
        y.array[:] = self._y.array[:owned]


def shell(stiffness: Stiffness) -> PETSc.Mat:
    """The operator as a PETSc matrix."""
    rows = stiffness.owned, 3 * stiffness.level.space.dofmap.index_map.size_global
    matrix = PETSc.Mat().createPython((rows, rows), Shell(stiffness), comm=stiffness.level.space.mesh.comm)
    matrix.setUp()
    return matrix


def held(level: Level) -> Integers:
    """Constrained unknowns of this rank, ghosts included."""
    dofs: Sequence[Integers] = [condition.dof_indices()[0] for condition in level.conditions]
    return np.unique(np.concatenate(dofs)) if dofs else np.empty(0, dtype=np.int32)
