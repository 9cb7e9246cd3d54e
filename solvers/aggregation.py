"""Multigrid by smoothed aggregation for elasticity on linear elements, in single precision.

The nodes of a level are joined to aggregates that move as rigid bodies, and these motions, smoothed once by the matrix,
span the level below (Vanek, Mandel and Brezina, Computing 56, 1996, 179). A cycle sweeps once down by Gauss-Seidel and
once up in the opposite order, and is therefore symmetric; between ranks a sweep takes what it knows from before, with
some weight added to the diagonal there, so that the cycle stays positive.

Products of matrices are double, so that the levels below are those of the matrix above. The cycle itself only
preconditions: what single precision rounds off is small beside the residual it is given.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from dolfinx import common, la
from mpi4py import MPI
from numpy.typing import NDArray

from solvers.aggregates import MODES, Frames, aggregates
from solvers.block_rows import WIDE, BlockRows, padded, total
from solvers.halo import Halo
from solvers.kernels.library import Kernels
from solvers.linear_elements import matrix_by_nodes
from solvers.matrix_free import held
from solvers.spectrum import largest_eigenvalue
from solvers.systems import Level

Array = NDArray[np.float64]
Single = NDArray[np.float32]

SMALLEST = 600  # unknowns that are solved at once
STRENGTH, STRENGTH_BELOW = 0.08, 0.05  # thresholds of strong couplings, on the level of nodes and below
DAMPING = 4 / 3  # over the largest eigenvalue, for smoothing the motions (Vanek et al. 1996, section 3)
STEPS = 6  # to the largest eigenvalue
SAFETY = 1.05  # for what they underestimate
_SINGLE = np.dtype(np.float32)
_SINGULAR = 1e-13  # eigenvalue of the lowest level, scaled to a diagonal of 1, below which nothing is moved
_SEED = 11


class Aggregation:
    """Approximate solution on linear elements. Collective.

    Levels below that of the nodes are the same on every rank.

    Parameters
    ----------
    level : Level
        On linear elements.
    double, single : Kernels
    """

    def __init__(self, level: Level, double: Kernels, single: Kernels) -> None:
        matrix, assembled = matrix_by_nodes(level, double)
        owned, constrained = matrix.count, held(level)
        free = np.ones((owned, 3), dtype=bool)
        free.ravel()[constrained[constrained < 3 * owned]] = False
        frames = Frames.of_nodes(level.space.tabulate_dof_coordinates()[:owned], free)
        self._stage = Stage(matrix, frames, Halo(assembled.index_map(1)), STRENGTH, double, single)

    def solve(self, right: Single, answer: Single) -> None:
        """One cycle from zero, for the unknowns of this rank. Collective."""
        answer[:] = self._stage.cycle(right)

    def destroy(self) -> None:
        """Nothing here is PETSc's."""


class _Cycle(Protocol):
    def cycle(self, right: Single) -> Single:
        """The answer, which the next call overwrites."""


class Stage:
    """A level, and what is below it. Collective.

    Parameters
    ----------
    matrix : BlockRows
        Rows of this rank, columns with its ghosts.
    frames : Frames
        Of these rows.
    halo : Halo
    threshold : float
        See `aggregates`.
    double, single : Kernels
    """

    def __init__(
        self, matrix: BlockRows, frames: Frames, halo: Halo, threshold: float, double: Kernels, single: Kernels
    ) -> None:
        size = matrix.blocks.shape[1]
        inverse = _inverse(matrix.blocks[matrix.diagonal])
        transfer, motions = _transfer(matrix, inverse, frames, halo, threshold, double)
        coarse = _galerkin(matrix, transfer, halo, double)
        self._below: _Cycle = (
            Coarsest(coarse)
            if MODES * coarse.count <= SMALLEST
            else Stage(
                coarse, motions, Halo(common.IndexMap(MPI.COMM_SELF, coarse.count)), STRENGTH_BELOW, double, single
            )
        )
        self._call, self._comm, self._owned = single.call, halo.comm, size * matrix.count
        excess = _excess(matrix)
        if excess.any():
            inverse = _inverse(matrix.blocks[matrix.diagonal] + excess[:, None, None] * np.eye(size))
        by_column = [padded(blocks.transpose(0, 2, 1), _SINGLE) for blocks in (matrix.blocks, inverse)]
        pattern = matrix.pointers, matrix.diagonal, matrix.columns
        self._level = size, matrix.count, *pattern, *by_column, excess.astype(_SINGLE)
        blocks = padded(transfer.blocks, _SINGLE)
        self._transfer = size, matrix.count, transfer.pointers, transfer.columns, blocks
        self._x, self._r = la.vector(halo.index_map, size, _SINGLE), np.empty(self._owned, dtype=_SINGLE)
        self._e = np.zeros(MODES * coarse.count + WIDE, dtype=_SINGLE)

    def cycle(self, right: Single) -> Single:
        """One cycle from zero for the rows of this rank (size n,); the next overwrites the answer. Collective."""
        x, e = self._x.array, self._e[:-WIDE]
        self._call("forward", *self._level, right, x)
        self._x.scatter_forward()
        self._call("residual", *self._level, x, self._r)
        e[:] = 0.0
        self._call("restrict_blocks", *self._transfer, self._r, e)
        self._comm.Allreduce(MPI.IN_PLACE, e)
        e[:] = self._below.cycle(e)
        self._call("prolong_blocks", *self._transfer, self._e, x)
        self._x.scatter_forward()
        self._call("backward", *self._level, right, x)
        return x[: self._owned]


class Coarsest:
    """What is left is solved by its eigenvectors, without motions that move nothing."""

    def __init__(self, matrix: BlockRows) -> None:
        count = matrix.count
        by_block = np.zeros((count, MODES, count, MODES))
        by_block[matrix.rows, :, matrix.columns] = matrix.blocks
        dense = by_block.reshape(MODES * count, MODES * count)
        stiffness = np.diag(dense)
        scale = np.where(stiffness > 0.0, 1 / np.sqrt(np.where(stiffness > 0.0, stiffness, 1.0)), 0.0)
        values, vectors = np.linalg.eigh(scale[:, None] * dense * scale)
        there = values > _SINGULAR
        self._inverse = scale[:, None] * (vectors[:, there] / values[there]) @ vectors[:, there].T * scale

    def cycle(self, right: Single) -> Single:
        """The solution for all unknowns."""
        return np.asarray(self._inverse @ right, dtype=_SINGLE)


def _excess(matrix: BlockRows) -> Array:
    """What sweeps add to the diagonal (n,): half the norms of the blocks of other ranks.

    With A = D + L + U + O, O between ranks, a sweep and its opposite are positive if 2 (D + E) - D - O is, which is D
    and 2 E - O. Without E they need not be (Baker, Falgout, Kolev and Yang, SIAM J. Sci. Comput. 33, 2011, 2864).
    """
    others = matrix.columns >= matrix.count
    norms = np.linalg.norm(matrix.blocks[others], axis=(1, 2))
    return np.asarray(np.bincount(matrix.rows[others], weights=norms, minlength=matrix.count) / 2)


def _inverse(blocks: Array) -> Array:
    """Inverse blocks (n, a, a); unknowns whose diagonal is zero, which do not move anything, have rows of zeros."""
    idle = ~(np.einsum("naa->na", blocks) > 0.0)
    row, unknown = np.nonzero(idle)
    blocks = blocks.copy()
    blocks[row, unknown] = blocks[row, :, unknown] = 0.0
    blocks[row, unknown, unknown] = 1.0
    found = np.linalg.inv(blocks)
    found[row, unknown, unknown] = 0.0
    return np.asarray(found)


def _transfer(
    matrix: BlockRows, inverse: Array, frames: Frames, halo: Halo, threshold: float, kernels: Kernels
) -> tuple[BlockRows, Frames]:
    """P = (I - w D^-1 A) T from the motions of all aggregates to the rows of this rank; the frames of the aggregates.

    T has the motions themselves; w is `DAMPING` over the largest eigenvalue of D^-1 A.
    """
    diagonal = matrix.blocks[matrix.diagonal]
    weights = halo.extended(np.einsum("nab,nab->n", diagonal, diagonal))
    of, count = aggregates(matrix, weights, threshold, kernels)
    motions, mine = frames.joined(of, count)
    told = halo.comm.allgather((mine.modes, mine.places, mine.sizes))
    counts = [len(sizes) for _, _, sizes in told]
    of = np.where(of >= 0, of + np.int32(sum(counts[: halo.comm.rank])), of)
    of_all, motions_of_all = halo.extended(of), halo.extended(motions)
    some = of_all >= 0
    pointers = np.concatenate([[0], np.cumsum(some)]).astype(np.int32)
    tentative = BlockRows(pointers, of_all[some], motions_of_all[some], sum(counts))
    moved = matrix.product(tentative, kernels)
    blocks = -DAMPING / _largest_eigenvalue(matrix, inverse, halo) * (inverse[moved.rows] @ moved.blocks)
    own = moved.columns == of[moved.rows]
    blocks[own] += motions[moved.rows[own]]
    found = BlockRows(moved.pointers, moved.columns, blocks, moved.width)
    return found, Frames(*(np.concatenate(values) for values in zip(*told, strict=True)))


def _largest_eigenvalue(matrix: BlockRows, inverse: Array, halo: Halo) -> float:
    """Of D^-1 A."""
    count, size = inverse.shape[:2]

    def multiply(x: Array) -> Array:
        return matrix.times(halo.extended(x.reshape(count, size)).ravel())

    def precondition(r: Array) -> Array:
        return (inverse @ r.reshape(count, size, 1)).ravel()

    right = np.random.default_rng((_SEED, halo.comm.rank)).standard_normal(count * size)
    return SAFETY * (largest_eigenvalue(multiply, precondition, right, STEPS, halo.comm) or 1.0)


def _galerkin(matrix: BlockRows, transfer: BlockRows, halo: Halo, kernels: Kernels) -> BlockRows:
    """P' A P, of all ranks on every rank."""
    through = matrix.product(halo.extended_rows(transfer), kernels)
    part = transfer.transposed().product(through, kernels)
    if halo.comm.size == 1:
        return part
    parts = halo.comm.allgather((part.pointers, part.columns, part.blocks))
    return total([BlockRows(pointers, columns, blocks, part.width) for pointers, columns, blocks in parts])
