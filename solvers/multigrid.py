"""Conjugate gradients with two-level p-multigrid for quadratic elasticity.

The fine level (P2) is smoothed by Chebyshev polynomials of its 3x3 diagonal blocks; the coarse level is linear
elasticity (P1) on the same mesh, solved directly when small and by smoothed aggregation when large. Where the fine
level is no matrix (`solvers.matrix_free`) the aggregation is that of `solvers.aggregation`, otherwise PETSc's.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from dolfinx import fem
from dolfinx.fem import petsc
from numpy.typing import NDArray
from petsc4py import PETSc

from solvers.aggregation import Aggregation
from solvers.matrix_free import Stiffness, shell, stiffness
from solvers.rigid import rigid_modes
from solvers.systems import Level, SolveInfo, iterate, options
from solvers.vcycle import ESTIMATE, HIGH, LOW, STEPS, Below, VCycle

Array = NDArray[Any]

MAX_ITERATIONS = 500
DIRECT_COARSE = 60_000  # dofs up to which a factorisation is faster than PETSc's aggregation
FACTORED = 12_000  # and faster than ours

_CONJUGATE_GRADIENTS = {"ksp_type": "cg", "ksp_norm_type": "unpreconditioned"}
_ONE_CYCLE = {"ksp_type": "preonly"}
_LEVELS = {
    "pc_type": "mg",
    "mg_levels_ksp_type": "chebyshev",
    "mg_levels_ksp_max_it": STEPS,
    "mg_levels_pc_type": "pbjacobi",
    "mg_levels_ksp_chebyshev_esteig": f"0,{LOW},0,{HIGH}",
    "mg_levels_esteig_ksp_type": "cg",
    "mg_levels_esteig_ksp_max_it": ESTIMATE,
}
_COARSE = {"mg_coarse_ksp_type": "preonly"}
_COARSE_DIRECT = {
    "mg_coarse_pc_type": "cholesky",
    "mg_coarse_pc_factor_mat_solver_type": "mumps",
}
_COARSE_AGGREGATION = {
    "mg_coarse_pc_type": "gamg",
    "mg_coarse_pc_gamg_threshold": 0.02,
    "mg_coarse_pc_gamg_aggressive_coarsening": 1,
    "mg_coarse_pc_gamg_esteig_ksp_max_it": 8,
    "mg_coarse_mg_levels_ksp_type": "richardson",
    "mg_coarse_mg_levels_ksp_max_it": 1,
    "mg_coarse_mg_levels_pc_type": "sor",  # forward and backward: symmetric
}


def solve(fine: Level, coarse: Level, b: PETSc.Vec, solution: fem.Function) -> SolveInfo:
    """Solve A x = b by conjugate gradients; the residual says how well. Collective.

    Parameters
    ----------
    fine, coarse : Level
        The same elasticity on the P2 and on the P1 space of one mesh.
    b : PETSc vector
        Right-hand side with zeros at the constrained dofs.
    solution : Function
        Takes the answer.
    """
    operators = stiffness(fine)
    solver = _assembled(fine, coarse) if operators is None else _matrix_free(*operators, coarse)
    x = b.duplicate()
    x.set(0.0)
    try:
        iterations, residual = iterate(solver.ksp, solver.matrix, b, x, MAX_ITERATIONS)
        petsc.assign(x, solution)
        solution.x.scatter_forward()
        return SolveInfo(iterations, residual)
    finally:
        for item in (x, solver.ksp, solver.matrix, *solver.rest):
            item.destroy()


class _Solver(NamedTuple):
    """What solves, and what it needs until then."""

    ksp: PETSc.KSP
    matrix: PETSc.Mat
    rest: tuple[Below | PETSc.Mat, ...]


def _matrix_free(double: Stiffness, single: Stiffness, coarse: Level) -> _Solver:
    matrix = shell(double)
    small = coarse.size <= FACTORED
    below: Below = _Factored(coarse) if small else Aggregation(coarse, double.kernels, single.kernels)
    ksp = PETSc.KSP().create(matrix.comm)
    with options(_CONJUGATE_GRADIENTS) as prefix:
        ksp.setOptionsPrefix(prefix)
        ksp.setOperators(matrix)
        ksp.setFromOptions()
    pc = ksp.getPC()
    pc.setType("python")
    pc.setPythonContext(VCycle(single, coarse, below))
    return _Solver(ksp, matrix, (below,))


def _assembled(fine: Level, coarse: Level) -> _Solver:
    matrix, coarse_matrix = fine.matrix("baij"), coarse.matrix("aij")
    coarse_matrix.setNearNullSpace(_near_nullspace(coarse.space))
    transfer = _prolongation(coarse, fine)
    ksp = _two_levels(matrix, coarse_matrix, transfer, _CONJUGATE_GRADIENTS)
    return _Solver(ksp, matrix, (coarse_matrix, transfer))


class _Factored:
    """Linear elements by a factorisation."""

    def __init__(self, level: Level) -> None:
        self._matrix = level.matrix("aij")
        self._ksp = PETSc.KSP().create(self._matrix.comm)
        with options(_COARSE | _COARSE_DIRECT) as prefix:
            self._ksp.setOptionsPrefix(prefix + "mg_coarse_")
            self._ksp.setOperators(self._matrix)
            self._ksp.setFromOptions()
            self._ksp.setUp()
        self._right, self._answer = self._matrix.createVecRight(), self._matrix.createVecLeft()

    def solve(self, right: Array, answer: Array) -> None:
        self._right.array[:] = right
        self._ksp.solve(self._right, self._answer)
        answer[:] = self._answer.array_r

    def destroy(self) -> None:
        for item in (self._ksp, self._right, self._answer, self._matrix):
            item.destroy()


def _coarse_options(matrix: PETSc.Mat) -> dict[str, Any]:
    return _COARSE | (_COARSE_DIRECT if matrix.getSize()[0] <= DIRECT_COARSE else _COARSE_AGGREGATION)


def cycle(matrix: PETSc.Mat, coarse: PETSc.Mat, transfer: PETSc.Mat) -> PETSc.KSP:
    """One multigrid cycle as a solver, to precondition with.

    Parameters
    ----------
    matrix, coarse : PETSc matrices
        The same form on quadratic and on linear elements.
    transfer : PETSc matrix
        Interpolation from these to those.
    """
    return _two_levels(matrix, coarse, transfer, _ONE_CYCLE)


def _two_levels(matrix: PETSc.Mat, coarse: PETSc.Mat, transfer: PETSc.Mat, outer: dict[str, str]) -> PETSc.KSP:
    ksp = PETSc.KSP().create(matrix.comm)
    with options(outer | _LEVELS | _coarse_options(coarse)) as prefix:
        ksp.setOptionsPrefix(prefix)
        ksp.setOperators(matrix)
        pc = ksp.getPC()
        pc.setType("mg")
        pc.setMGLevels(2)
        pc.setMGInterpolation(1, transfer)
        pc.getMGCoarseSolve().setOperators(coarse)
        pc.getMGSmoother(1).setOperators(matrix)
        ksp.setFromOptions()
        ksp.setUp()
    return ksp


def _prolongation(coarse: Level, fine: Level) -> PETSc.Mat:
    """Interpolation P1 -> P2 without the constrained dofs, which otherwise spoil the convergence."""
    transfer = petsc.interpolation_matrix(coarse.space, fine.space)
    transfer.assemble()
    rows, columns = transfer.createVecLeft(), transfer.createVecRight()
    for vector, level in ((rows, fine), (columns, coarse)):
        vector.set(1.0)
        for condition in level.conditions:
            dofs, owned = condition.dof_indices()
            vector.array[dofs[:owned]] = 0.0
    transfer.diagonalScale(rows, columns)
    return transfer


def _near_nullspace(space: fem.FunctionSpace) -> PETSc.NullSpace:
    """The rigid-body motions as an orthonormal basis: what aggregation must reproduce."""
    owned = space.dofmap.index_map.size_local
    x = space.tabulate_dof_coordinates()[:owned]
    modes = rigid_modes(x).reshape(3 * owned, 6)
    comm = space.mesh.comm
    gram = comm.allreduce(modes.T @ modes)
    basis = modes @ np.linalg.inv(np.linalg.cholesky(gram)).T
    columns: list[Any] = [np.ascontiguousarray(basis[:, k]) for k in range(6)]
    vectors = [PETSc.Vec().createWithArray(column, bsize=3, comm=comm) for column in columns]
    return PETSc.NullSpace().create(vectors=vectors, comm=comm)
