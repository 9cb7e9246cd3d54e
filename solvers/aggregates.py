"""Aggregates of nodes, and the motions of one as a rigid body.

A group of strongly coupled nodes moves, as far as smooth displacements go, as one rigid body: the six numbers of its
motion are the unknowns of the next coarser level (Vanek, Mandel and Brezina, Computing 56, 1996, 179).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solvers.block_rows import BlockRows, pointers_of
from solvers.kernels.library import Kernels
from solvers.rigid import rigid_modes

Array = NDArray[np.float64]
Integers = NDArray[np.int32]

MODES = 6
# Of the largest eigenvalue of the modes' products in an aggregate: below it a motion is none, as that about the line of
# two nodes. Modes are taken about the middle of the aggregate, by its size, so that the others are near 1.
_NO_MOTION = 1e-8


@dataclass(frozen=True)
class Frames:
    """How nodes or aggregates move when the body they belong to moves as a rigid one.

    Attributes
    ----------
    modes : (n, a, 6) array
        Unknowns by each motion: translations, then rotations about ``places``, their lever ``sizes``.
    places : (n, 3) array, mm
    sizes : (n,) array, mm
    """

    modes: Array
    places: Array
    sizes: Array

    @classmethod
    def of_nodes(cls, places: Array, free: NDArray[np.bool_]) -> Frames:
        """Nodes (n, 3) with three displacements, of which some are free (n, 3)."""
        modes = np.zeros((len(places), 3, MODES))
        modes[:, :, :3] = np.eye(3) * free[:, :, None]
        return cls(modes, places, np.ones(len(places)))

    def joined(self, of: Integers, count: int) -> tuple[Array, Frames]:
        """How members follow the orthonormal motions of their aggregates (n, a, 6), and the frames of these.

        Parameters
        ----------
        of : (n,) int array
            Aggregate of each; -1 for none.
        count : int
            Of aggregates; none is empty.
        """
        inside = of >= 0
        aggregate = of[inside]
        order = np.argsort(aggregate, kind="stable")
        first = pointers_of(aggregate[order], count)[:-1]

        def sums(values: Array) -> Array:
            return np.add.reduceat(values[order], first) if count else np.empty((0, *values.shape[1:]))

        members = np.maximum(sums(np.ones(len(aggregate))), 1.0)
        places = sums(self.places[inside]) / members[:, None]
        arms = self.places[inside] - places[aggregate]
        sizes = np.sqrt(sums((arms**2).sum(axis=1)) / members)
        sizes[sizes == 0.0] = 1.0
        modes = self.modes[inside] @ _moved(arms, self.sizes[inside], sizes[aggregate])
        values, vectors = np.linalg.eigh(sums(modes.transpose(0, 2, 1) @ modes))
        there = values > _NO_MOTION * values[:, -1:]
        roots = np.sqrt(np.where(there, values, 1.0))
        followed = np.zeros_like(self.modes)
        followed[inside] = modes @ (vectors * np.where(there, 1 / roots, 0.0)[:, None])[aggregate]
        return followed, Frames((vectors * np.where(there, roots, 0.0)[:, None]).transpose(0, 2, 1), places, sizes)


def _moved(arms: Array, sizes: Array, larger: Array) -> Array:
    """Motions (k, 6, 6) about places ``arms`` away, with levers ``sizes``, for those about the origin, ``larger``."""
    found = np.zeros((len(arms), MODES, MODES))
    found[:, :3] = rigid_modes(arms)
    found[:, 3:, 3:] = np.eye(3) * sizes[:, None, None]
    found[:, :, 3:] /= larger[:, None, None]
    return found


def aggregates(matrix: BlockRows, weights: Array, threshold: float, kernels: Kernels) -> tuple[Integers, int]:
    """The aggregate (n,) of each row, -1 for none, and how many there are.

    Rows i and j are strongly coupled if |A_ij| > threshold (|A_ii| |A_jj|)^(1/2), in Frobenius' norm (Vanek et al.
    1996, section 3), or if i has no stronger neighbour. A row with no neighbour is in no aggregate; one with neighbours
    on other ranks only makes its own.

    Parameters
    ----------
    matrix : BlockRows
    weights : (width,) array
        Frobenius' norm, squared, of the diagonal block of each column.
    """
    squared = np.einsum("kab,kab->k", matrix.blocks, matrix.blocks)
    relative = squared**2 / (weights[matrix.rows] * weights[matrix.columns])
    relative[matrix.diagonal] = 0.0
    strongest = np.maximum.reduceat(relative, matrix.pointers[:-1])[matrix.rows] if matrix.count else relative
    strong = (relative > threshold**4) | ((relative == strongest) & (relative > 0.0))
    inner = strong & (matrix.columns < matrix.count)
    pointers, columns = pointers_of(matrix.rows[inner], matrix.count), matrix.columns[inner]
    of = np.empty(matrix.count, dtype=np.int32)
    kernels.call("aggregate", matrix.count, pointers, columns, of)
    count = int(of.max(initial=-1)) + 1
    alone = (of < 0) & (np.bincount(matrix.rows[strong], minlength=matrix.count) > 0)
    of[alone] = count + np.arange(alone.sum())
    return of, count + int(alone.sum())
