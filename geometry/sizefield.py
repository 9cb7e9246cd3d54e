"""Element sizes that vary over the solid, known at the vertices of an earlier mesh of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import gmsh
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

GROWTH = 0.5  # by how much the size may grow per length
# Volume of one of gmsh's tetrahedra by the cube of the size asked for: 0.22 to 0.24 on fine meshes of the 55 solids of
# verification/; a regular one has 0.118. Less where curved surfaces are resolved more finely than asked for.
_PACKING = 0.22


@dataclass(frozen=True)
class SizeField:
    """Element sizes between the vertices of a tetrahedral mesh, linear in each cell.

    Attributes
    ----------
    points : (n, 3) array, mm
    cells : (m, 4) array
        Indices into ``points``.
    sizes : (n,) array, mm
        At the points.
    """

    points: Array
    cells: Integers
    sizes: Array

    @cached_property
    def _lengths(self) -> csr_array:
        """Lengths of the edges, both ways, as a sparse matrix."""
        pairs = self.cells[:, [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]]].reshape(-1, 2)
        a, b = np.unique(np.sort(pairs, axis=1), axis=0).T
        length = np.linalg.norm(self.points[a] - self.points[b], axis=1)
        ends = (np.concatenate([a, b]), np.concatenate([b, a]))
        return csr_array((np.concatenate([length, length]), ends), shape=(len(self.points),) * 2)

    @cached_property
    def _volumes(self) -> Array:
        corners = self.points[self.cells]
        return np.abs(np.linalg.det(corners[:, 1:] - corners[:, :1])) / 6

    def with_sizes(self, sizes: Array) -> SizeField:
        """Other sizes on the same mesh."""
        field = replace(self, sizes=sizes)
        field.__dict__.update(_lengths=self._lengths, _volumes=self._volumes)  # worked out once for a mesh
        return field

    def limited(self, growth: float = GROWTH) -> SizeField:
        """The largest sizes below these that nowhere grow by more than ``growth`` per length."""
        edges, n = self._lengths, len(self.points)
        # Shortest paths from one more vertex that is as far from each of the others as its size.
        graph = csr_array(
            (
                np.concatenate([growth * edges.data, self.sizes]),
                np.concatenate([edges.indices, np.arange(n)]),
                np.concatenate([edges.indptr, [edges.nnz + n]]),
            ),
            shape=(n + 1, n + 1),
        )
        return self.with_sizes(dijkstra(graph, indices=n)[:n])

    def even(self, size: float) -> SizeField:
        """The same size, mm, everywhere."""
        return self.with_sizes(np.full_like(self.sizes, size))

    def scaled(self, factor: float) -> SizeField:
        """These sizes times a factor."""
        return self.with_sizes(factor * self.sizes)

    def cell_count(self, cap: float = np.inf) -> float:
        """About how many tetrahedra a mesh of these sizes, none larger than ``cap``, has: integral of dV/(0.22 h^3)."""
        density = np.mean(np.minimum(self.sizes, cap)[self.cells] ** -3.0, axis=1)
        return float(self._volumes @ density) / _PACKING

    def background(self) -> int:
        """A gmsh field of these sizes; gives its tag."""
        view = gmsh.view.add("element size")
        corners, values = self.points[self.cells], self.sizes[self.cells]
        # Tiny tetrahedra far outside keep every point of the solid well inside the search tree of gmsh, which ends the
        # process for a point on its rim.
        low, high = self.points.min(axis=0), self.points.max(axis=0)
        reach = float(np.linalg.norm(high - low))
        tiny = 1e-3 * reach * np.vstack([np.zeros(3), np.eye(3)])
        corners = np.concatenate([corners, [low - reach + tiny, high + reach + tiny]])
        values = np.concatenate([values, np.full((2, 4), self.sizes.max())])
        rows = np.concatenate([corners.transpose(0, 2, 1).reshape(-1, 12), values], axis=1)
        gmsh.view.addListData(view, "SS", len(rows), rows.ravel())
        tag = gmsh.model.mesh.field.add("PostView")
        gmsh.model.mesh.field.setNumber(tag, "ViewTag", view)
        return int(tag)


def scaled_to(
    count: float, field: Callable[[float], SizeField], cap: float, low: float = 1e-3, high: float = 1e3
) -> SizeField:
    """The field of a family, falling in number of cells with its parameter, that has about ``count`` cells.

    They are counted with no size larger than ``cap``, mm. The end of the range that comes nearest, if none has so many.
    """

    def excess(logarithm: float) -> float:
        return float(np.log(field(np.exp(logarithm)).cell_count(cap) / count))

    a, b = np.log(low), np.log(high)
    if excess(a) <= 0:
        return field(low)
    if excess(b) >= 0:
        return field(high)
    return field(float(np.exp(brentq(excess, a, b, xtol=0.02))))
