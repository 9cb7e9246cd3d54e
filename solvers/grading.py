"""Where a mesh should be finer: the local error of a solution, and the sizes that would even it out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from dolfinx import la
from numpy.typing import NDArray

from geometry.sizefield import SizeField, scaled_to
from solvers.recovery import NodalStress, element_stress
from solvers.solution import Solution
from solvers.tensors import norm_square

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

ORDER = 2  # of the stress
FOCUS_SHARE = 0.5  # of all cells, for the places that decide local quantities
_STRONGEST = 6.0  # by how much a size may change at once
_UNLIMITED = 1e6  # mm
_FLOOR = 1e-3  # least error, relative to its mean: where there is nearly none, the size is not to run away


@dataclass(frozen=True)
class LocalError:
    """Error of the stress at the vertices of a mesh, gathered on rank 0.

    The error is the difference between the stress of each element and the recovered one (Zienkiewicz and Zhu, Int. J.
    Numer. Meth. Eng. 24, 1987, 337): too small to be quoted, good to grade by.

    Attributes
    ----------
    field : SizeField
        The mesh, with its own sizes.
    energy : (n,) array, N mm / mm^3
        Density of the energy of the error.
    stress : (n,) array, MPa
        Norm of the error.
    focus : (n,) bool array
        Vertices whose stress decides a local quantity.
    """

    field: SizeField
    energy: Array
    stress: Array
    focus: Mask

    def graded(self, count: float, cap: float) -> SizeField:
        """Sizes that even out the error, for about ``count`` cells.

        For the energy the integral of the error's density, ~ h^(2p), is smallest for a given number of cells where
        h^(2p+3) is inverse to density/h^(2p); the other half of the cells evens out the stress error, ~ h^p, at the
        places in focus.

        Parameters
        ----------
        count : float
            Tetrahedra of a mesh of these sizes, none larger than ``cap``.
        cap : float, mm
            The sizes themselves may be larger: a finer mesh, of a fraction of them, has them where the error is small.
        """
        old, p = self.field.sizes, ORDER
        dense = np.maximum(self.energy, _FLOOR * self.energy.mean()) / old ** (2 * p)
        even = dense ** (-1 / (2 * p + 3))
        even = _within(even / np.median(even / old), old)
        overall = lambda a: self.field.with_sizes(a * even).limited()  # noqa: E731
        if not self.focus.any():
            return self._settled(scaled_to(count, overall, cap))
        local = np.full(len(old), _UNLIMITED)
        error = np.maximum(self.stress[self.focus], _FLOOR * self.stress[self.focus].max())
        sharp = (error / old[self.focus] ** p) ** (-1 / p)
        local[self.focus] = _within(sharp / np.median(sharp / old[self.focus]), old[self.focus])
        near = lambda a: self.field.with_sizes(a * local).limited()  # noqa: E731
        base = self.field.even(cap).cell_count()
        spare = max(count - base, 0.2 * count)
        first = scaled_to(base + FOCUS_SHARE * spare, near, cap)
        second = scaled_to(base + (1 - FOCUS_SHARE) * spare, overall, cap)
        both = np.minimum(first.sizes, second.sizes)
        return self._settled(scaled_to(count, lambda a: self.field.with_sizes(a * both).limited(), cap))

    def _settled(self, field: SizeField) -> SizeField:
        """Rounded: the last digit of a size may change a mesh, and it follows the last digit of the load."""
        return field.with_sizes(_rounded(field.sizes, 64))


def _within(sizes: Array, old: Array) -> Array:
    return np.clip(sizes, old / _STRONGEST, old * _STRONGEST)


def local_error(solution: Solution, parts: dict[str, NodalStress], focus: Mask) -> LocalError | None:
    """Estimate the local error of a solution. Collective; the answer is on rank 0, None elsewhere.

    Parameters
    ----------
    solution : Solution
    parts : dict of str to NodalStress
        Recovered stress by volume label; of one material alone, under any name.
    focus : (n,) bool array
        Nodes of this rank whose stress decides a local quantity.
    """
    mesh = solution.body.mesh
    topology = mesh.topology
    gap = _gap(solution, parts)
    owned = len(gap.square)
    nodes = solution.problem.space.dofmap.list[:owned]
    energy, norm = gap.energy, np.sqrt(np.max(gap.square, axis=1))
    corners = topology.connectivity(3, 0).array.reshape(-1, 4)[:owned]
    x = _corners(solution)
    size = _sizes(_volumes(x))
    vertices = topology.index_map(0)
    sums = la.vector(vertices, 5)
    table = sums.array.reshape(-1, 5)
    chosen = focus[nodes].any(axis=1)  # any of its nodes: all of the cell
    for k, values in enumerate((energy, norm**2, size, chosen.astype(float), np.ones(owned))):
        table[:, k] = np.bincount(corners.ravel(), weights=np.repeat(values, 4), minlength=len(table))
    sums.scatter_reverse(la.InsertMode.add)
    sums.scatter_forward()
    means = table[:, :4] / np.maximum(table[:, 4:], 1.0)
    numbers = vertices.local_to_global(corners.ravel().astype(np.int32)).reshape(-1, 4)
    gathered = mesh.comm.gather((numbers, x, means[corners]), root=0)
    if gathered is None:
        return None
    numbers, x, values = (np.concatenate(arrays) for arrays in zip(*gathered, strict=True))
    _, first, index = np.unique(numbers.ravel(), return_index=True, return_inverse=True)
    points, at = x.reshape(-1, 3)[first], values.reshape(-1, 4)[first]
    # In an order, and to a precision, that do not depend on the number of ranks: the next mesh must not either.
    order = np.lexsort(points.T)
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    tets = np.sort(place[index.reshape(-1, 4)], axis=1)
    at = at[order]
    field = SizeField(points[order], tets[np.lexsort(tets.T)], _rounded(at[:, 2]))
    return LocalError(field, _rounded(at[:, 0]), _rounded(np.sqrt(at[:, 1])), at[:, 3] > 0)


@dataclass(frozen=True)
class _Gap:
    """What the stress of each of k elements of this rank differs by from the recovered one.

    Attributes
    ----------
    square : (k, m) array, MPa^2
        Its squared norm at the nodes of each element.
    energy : (k,) array, N mm / mm^3
        Mean density of its energy.
    """

    square: Array
    energy: Array


def _gap(solution: Solution, parts: dict[str, NodalStress]) -> _Gap:
    owned = solution.body.mesh.topology.index_map(3).size_local
    cells = np.arange(owned, dtype=np.int32)
    nodes = solution.problem.space.dofmap.list[:owned]
    gap = element_stress(solution, cells).reshape(owned, -1, 6)
    for label, stress in parts.items():
        of_label = cells if len(parts) == 1 else solution.body.cells(label)
        of_label = of_label[of_label < owned]
        gap[of_label] -= stress.six[nodes[of_label]]
    trace = gap[..., :3].sum(axis=-1)
    square = norm_square(gap)
    lam, mu = solution.problem.lame_of(cells)
    # Complementary energy density of an isotropic material, (s:s - lambda / (3 lambda + 2 mu) tr(s)^2) / (4 mu).
    energy = np.mean(square - (lam / (3 * lam + 2 * mu))[:, None] * trace**2, axis=1) / (4 * mu)
    return _Gap(square, energy)


def _corners(solution: Solution) -> Array:
    """Corners (k, 4, 3) of the elements of this rank, mm."""
    mesh = solution.body.mesh
    owned = mesh.topology.index_map(3).size_local
    return np.asarray(mesh.geometry.x[mesh.geometry.dofmaps[0][:owned, :4]])


def _volumes(corners: Array) -> Array:
    return np.asarray(np.abs(np.linalg.det(corners[:, 1:] - corners[:, :1])) / 6)


def _sizes(volumes: Array) -> Array:
    """Edges of regular tetrahedra of these volumes."""
    return (6 * np.sqrt(2) * volumes) ** (1 / 3)


def energy_of_error(solution: Solution, parts: dict[str, NodalStress]) -> float:
    """Energy of the estimated error of the stress, N mm. Collective.

    Parameters
    ----------
    solution : Solution
    parts : dict of str to NodalStress
        Recovered stress by volume label.
    """
    return solution.body.sum(float(_gap(solution, parts).energy @ _volumes(_corners(solution))))


def size_at(solution: Solution, nodes: Mask) -> float:
    """Mean size of the elements that have one of these nodes of this rank, mm. Collective."""
    volumes = _volumes(_corners(solution))
    cells = solution.problem.space.dofmap.list[: len(volumes)]
    sizes = _sizes(volumes[nodes[cells].any(axis=1)])
    total, number = solution.body.comm.allreduce(np.array([sizes.sum(), len(sizes)]))
    return float(total / max(number, 1.0))


def _rounded(values: Array, steps: int = 8) -> Array:
    """To the nearest of some steps to an octave."""
    return np.exp2(np.round(steps * np.log2(np.maximum(values, np.finfo(float).tiny))) / steps)
