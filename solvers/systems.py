"""Linear systems: a discretised problem, how its solution went, and the iteration to the true residual."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

from dolfinx import fem
from dolfinx.fem import petsc
from petsc4py import PETSc

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
    """A symmetric positive definite problem on one space: bilinear form and homogeneous conditions."""

    space: fem.FunctionSpace
    form: fem.Form
    conditions: Sequence[fem.DirichletBC]

    @property
    def size(self) -> int:
        """Number of unknowns on all ranks."""
        return int(self.space.dofmap.index_map.size_global * self.space.dofmap.index_map_bs)

    def matrix(self, kind: str) -> PETSc.Mat:
        """The assembled matrix, in PETSc's format ``kind``."""
        matrix = petsc.create_matrix(self.form, kind)
        petsc.assemble_matrix(matrix, self.form, bcs=list(self.conditions))
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
    prefix, database = next(_prefixes), PETSc.Options()
    for name, value in chosen.items():
        database.setValue(prefix + name, value)
    try:
        yield prefix
    finally:
        for name in chosen:
            database.delValue(prefix + name)
