"""One multigrid cycle in single precision: the matrix-free operator, smoothed, and linear elements below it."""

from __future__ import annotations

import math
from typing import Any, Protocol

import numpy as np
from dolfinx import fem, la
from numpy.typing import NDArray
from petsc4py import PETSc

from solvers.matrix_free import EDGES, Stiffness, held
from solvers.spectrum import largest_eigenvalue
from solvers.systems import Level

Array = NDArray[Any]
Integers = NDArray[np.int32]

STEPS = 2  # of the smoother, before and after the coarse level
LOW, HIGH = 0.1, 1.05  # the eigenvalues it damps, by the largest one estimated
# 8 underestimated the largest eigenvalue on a mesh with a few poor elements (Cook's membrane graded to its corner):
# the polynomial then amplifies their error, and conjugate gradients break down.
ESTIMATE = 20
_SEED = 7


class Below(Protocol):
    """What solves on linear elements, well enough."""

    def solve(self, right: Array, answer: Array) -> None:
        """For the unknowns of this rank, in single precision. Collective."""

    def destroy(self) -> None:
        """Nothing is solved any more."""


class VCycle:
    """What PETSc calls to precondition.

    Parameters
    ----------
    stiffness : Stiffness
        The fine level, in single precision.
    coarse : Level
        The same elasticity on linear elements.
    below : Below
        Solves on that level.
    """

    def __init__(self, stiffness: Stiffness, coarse: Level, below: Below) -> None:
        self._stiffness, self._below = stiffness, below
        self._parents = parents(coarse.space, stiffness.level.space)
        self._linear = la.vector(coarse.space.dofmap.index_map, 3, stiffness.dtype)
        self._linear_held = held(coarse)
        self._answer = np.empty(3 * coarse.space.dofmap.index_map.size_local, dtype=stiffness.dtype)
        self._x, self._r, self._d = (stiffness.vector() for _ in range(3))
        self._blocks = self._inverse_blocks()
        self._largest = self._largest_eigenvalue()

    def apply(self, pc: PETSc.PC, right: PETSc.Vec, answer: PETSc.Vec) -> None:
        """One cycle from zero."""
        owned, r, x = self._stiffness.owned, self._r.array, self._x.array
        # To the middle of the range of single precision, by a power of two, which costs no digit.
        scale = 2.0 ** -math.frexp(float(right.norm()))[1]  # type: ignore[arg-type]
        np.multiply(right.array_r, scale, out=r[:owned], casting="unsafe")
        x[:owned] = 0.0
        self._smooth()
        self._residual()
        self._correct()
        self._residual()
        self._smooth()
        np.divide(x[:owned], scale, out=answer.array, dtype=np.float64)

    def _smooth(self) -> None:
        """Chebyshev iteration with the inverse blocks (Saad, Iterative Methods for Sparse Linear Systems, 2003,
        algorithm 12.1).
        """
        low, high = LOW * self._largest, HIGH * self._largest
        centre, half = (high + low) / 2, (high - low) / 2
        rho = half / centre
        self._step(0.0, 1 / centre)
        for _ in range(STEPS - 1):
            self._residual()
            before, rho = rho, 1 / (2 * centre / half - rho)
            self._step(rho * before, 2 * rho / half)

    def _step(self, a: float, b: float) -> None:
        """x -= d with d = a d - b B r."""
        s = self._stiffness
        s.call("step", s.owned // 3, self._blocks, self._r.array, a, b, self._d.array, self._x.array)

    def _residual(self) -> None:
        """r += A d, which makes it b - A x again after x -= d."""
        self._stiffness.add(self._d, self._r)

    def _correct(self) -> None:
        """x -= d with d from the coarse level."""
        s, linear = self._stiffness, self._linear
        owned = len(self._answer)
        self._r.array[s.held] = 0.0
        linear.array[:] = 0.0
        s.call("restrict_to", s.owned // 3, self._parents, self._r.array, linear.array)
        linear.scatter_reverse(la.InsertMode.add)
        linear.array[self._linear_held] = 0.0
        self._below.solve(linear.array[:owned], self._answer)
        linear.array[:owned] = self._answer
        linear.scatter_forward()
        linear.array[self._linear_held] = 0.0
        d = self._d.array
        s.call("prolong", len(self._parents), self._parents, linear.array, d)
        d[s.held] = 0.0
        np.negative(d, out=d)
        self._x.array[: s.owned] -= d[: s.owned]

    def _inverse_blocks(self) -> Array:
        s = self._stiffness
        free = np.ones(s.owned, dtype=np.uint8)
        free[s.held[s.held < s.owned]] = 0
        blocks = s.blocks()
        s.call("invert", s.owned // 3, free, blocks)
        return blocks

    def _largest_eigenvalue(self) -> float:
        """Of B A with the inverse blocks B."""
        s, comm = self._stiffness, self._stiffness.level.space.mesh.comm
        owned, product, z = s.owned, s.vector(), np.zeros(s.owned, dtype=s.dtype)
        nothing = np.empty_like(z)

        def multiply(d: Array) -> Array:
            self._d.array[:owned] = d
            product.array[:] = 0.0
            s.add(self._d, product)
            return np.asarray(product.array[:owned])

        def precondition(r: Array) -> Array:
            s.call("step", owned // 3, self._blocks, r, 0.0, -1.0, z, nothing)  # z = B r
            return z

        right = np.random.default_rng((_SEED, comm.rank)).standard_normal(owned, dtype=s.dtype)
        return largest_eigenvalue(multiply, precondition, right, ESTIMATE, comm)


def parents(linear: fem.FunctionSpace, quadratic: fem.FunctionSpace) -> Integers:
    """For each quadratic node, ghosts included, the two linear nodes it lies between, or one twice (n, 2)."""
    fine, coarse = quadratic.dofmap, linear.dofmap
    found = np.empty((fine.index_map.size_local + fine.index_map.num_ghosts, 2), dtype=np.int32)
    for node, (a, b) in enumerate([*((v, v) for v in range(4)), *EDGES]):
        found[fine.list[:, node], 0] = coarse.list[:, a]
        found[fine.list[:, node], 1] = coarse.list[:, b]
    return found
