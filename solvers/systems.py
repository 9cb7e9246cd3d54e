"""Linear systems: a discretised problem, how its solution went, and the iteration to the true residual."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np
from dolfinx import fem
from dolfinx.fem import petsc
from numpy.typing import NDArray
from petsc4py import PETSc

from solvers.forms import form

Array = NDArray[np.float64]

TOLERANCE = 1e-10  # of the true relative residual |b - A x| / |b|, aimed at
ROUNDS = 3
_prefixes = (f"benchtwin_{k}_" for k in count())


@dataclass(frozen=True)
class SolveInfo:
    """How a linear solve went.

    Attributes
    ----------
    iterations : int
    residual : float
        True relative residual |b - A x| / |b|, computed after the solve.
    note : str
        What was out of the ordinary.
    direct : bool
        Whether it took a factorisation, with the memory of one.
    rough : bool
        Whether something near the solution was found only.
    """

    iterations: int
    residual: float
    note: str = ""
    direct: bool = False
    rough: bool = False


@dataclass(frozen=True)
class Level:
    """Isotropic elasticity on one space, positive definite.

    Attributes
    ----------
    space : FunctionSpace
    bilinear : UFL form
    conditions : sequence of DirichletBC
        Homogeneous.
    lame : pair of (n,) arrays, MPa
        lambda and mu of the cells of this rank without ghosts.
    degree : int
        Of the quadrature.
    """

    space: fem.FunctionSpace
    bilinear: Any
    conditions: Sequence[fem.DirichletBC]
    lame: tuple[Array, Array]
    degree: int

    @property
    def size(self) -> int:
        """Number of unknowns on all ranks."""
        return int(self.space.dofmap.index_map.size_global * self.space.dofmap.index_map_bs)

    def matrix(self, kind: str) -> PETSc.Mat:
        """The assembled matrix, in PETSc's format ``kind``."""
        a = form(self.bilinear, self.space.mesh.comm)
        matrix = petsc.create_matrix(a, kind)
        petsc.assemble_matrix(matrix, a, bcs=list(self.conditions))
        matrix.assemble()
        return matrix


def iterate(ksp: Any, matrix: Any, b: Any, x: Any, max_iterations: int) -> tuple[int, float]:
    """Solve until the true residual is at `TOLERANCE`, not only the one that the recursion carries along.

    In slender, weakly held bodies the two drift apart by rounding; solving again for what is left mends that.

    Returns
    -------
    iterations, residual
    """
    norm = b.norm()
    if norm == 0.0:
        return 0, 0.0
    iterations, residual = 0, 1.0
    rest, step = b.copy(), b.duplicate()
    for _ in range(ROUNDS):
        ksp.setTolerances(rtol=TOLERANCE / residual / 2, atol=0.0, max_it=max_iterations)
        ksp.solve(rest, step)
        iterations += ksp.getIterationNumber()
        x.axpy(1.0, step)
        matrix.mult(x, rest)
        rest.aypx(-1.0, b)
        before, residual = residual, rest.norm() / norm
        if ksp.getConvergedReason() <= 0 or residual <= TOLERANCE or residual > before / 2:
            break
    for vector in (rest, step):
        vector.destroy()
    return iterations, residual


@contextmanager
def options(chosen: dict[str, Any]) -> Iterator[str]:
    """PETSc's global options under a prefix of their own, removed afterwards."""
    prefix = next(_prefixes)
    with plain_options({prefix + name: value for name, value in chosen.items()}):
        yield prefix


@contextmanager
def plain_options(chosen: dict[str, Any]) -> Iterator[None]:
    """Global options for what takes no prefix, removed afterwards."""
    database = PETSc.Options()
    for name, value in chosen.items():
        database.setValue(name, value)
    try:
        yield
    finally:
        for name in chosen:
            database.delValue(name)
