"""Direct solution by MUMPS, for what multigrid does not solve."""

from __future__ import annotations

import math

from dolfinx import fem
from dolfinx.fem import petsc
from petsc4py import PETSc

from solvers.systems import Level, SolveInfo, iterate, options

MOST_UNKNOWNS = 400_000  # about 6 GB of factor (0.5 M unknowns of a solid took 7.4 GB)

_OPTIONS = {
    "ksp_type": "richardson",  # iterative refinement
    "ksp_norm_type": "unpreconditioned",
    "pc_type": "lu",  # an indefinite or singular matrix must come to light, not end the process
    "pc_factor_mat_solver_type": "mumps",
}


def solve(level: Level, b: PETSc.Vec, solution: fem.Function) -> SolveInfo:
    """Solve A x = b; the residual says how well. Collective.

    Parameters
    ----------
    level : Level
    b : PETSc vector
    solution : Function
        Takes the answer, if it is finite.
    """
    comm = level.space.mesh.comm
    matrix = level.matrix("aij")
    ksp, x = PETSc.KSP().create(comm), b.duplicate()
    x.set(0.0)
    try:
        with options(_OPTIONS) as prefix:
            ksp.setOptionsPrefix(prefix)
            ksp.setOperators(matrix)
            ksp.setFromOptions()
            _, residual = iterate(ksp, matrix, b, x, max_iterations=10)
        if math.isfinite(residual):
            petsc.assign(x, solution)
            solution.x.scatter_forward()
        return SolveInfo(0, residual, direct=True)
    finally:
        for item in (ksp, x, matrix):
            item.destroy()
