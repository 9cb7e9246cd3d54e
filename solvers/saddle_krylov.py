"""Large symmetric saddle point problems, as creeping flow has them, by a block-preconditioned Krylov method."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from petsc4py import PETSc

from solvers.errors import SolverError
from solvers.multigrid import cycle
from solvers.systems import SolveInfo, options

TOLERANCE = 1e-9  # of the true residual, relative
MOST_ITERATIONS = 400
# The eigenvalues of a mass matrix of linear tetrahedra are 1/2 to 5/2 by its diagonal (Wathen, IMA J. Numer. Anal. 7,
# 1987, 449, table 1).
_MASS = {
    "ksp_type": "chebyshev",
    "ksp_chebyshev_eigenvalues": "0.5,2.5",
    "ksp_max_it": 5,
    "ksp_norm_type": "none",
    "pc_type": "jacobi",
}


@dataclass(frozen=True)
class Blocks:
    """Matrices of a discretised flow.

    Attributes
    ----------
    viscous : (n, n) matrix
        A, with the wall's unknowns taken out.
    divergence : (m, n) matrix
        B: A u + B' p = f, B u = 0.
    mass : (m, m) matrix
        Of the pressures, at unit viscosity: what the Schur complement of the pressure is like.
    coarse, transfer : matrices
        A on linear elements, and the interpolation from these.
    """

    viscous: PETSc.Mat
    divergence: PETSc.Mat
    mass: PETSc.Mat
    coarse: PETSc.Mat
    transfer: PETSc.Mat

    def destroy(self) -> None:
        """Collective."""
        for matrix in (self.viscous, self.divergence, self.mass, self.coarse, self.transfer):
            matrix.destroy()


class SaddleKrylov:
    """FGMRES with a block triangular preconditioner: multigrid for the velocity, the mass matrix for the pressure
    (Elman, Silvester and Wathen, Finite Elements and Fast Iterative Solvers, 2014, section 4.2).
    """

    def __init__(self, blocks: Blocks) -> None:
        self._blocks = blocks
        comm = blocks.viscous.comm
        B = blocks.divergence
        self._transposed = B.transpose(PETSc.Mat())
        rows: list[list[Any]] = [[blocks.viscous, self._transposed], [B, None]]
        self._matrix = PETSc.Mat().createNest(rows, comm=comm)
        self._matrix.assemble()
        self._velocity = cycle(blocks.viscous, blocks.coarse, blocks.transfer)
        self._pressure = mass_solver(blocks.mass)
        self._ksp = PETSc.KSP().create(comm)
        self._ksp.setType("fgmres")
        self._ksp.setGMRESRestart(100)
        self._ksp.setOperators(self._matrix)
        self._ksp.setTolerances(rtol=TOLERANCE, atol=0.0, max_it=MOST_ITERATIONS)
        pc = self._ksp.getPC()
        pc.setType("python")
        pc.setPythonContext(self)

    def apply(self, pc: Any, residual: PETSc.Vec, step: PETSc.Vec) -> None:
        """One application of the preconditioner."""
        (ru, rp), (u, p) = residual.getNestSubVecs(), step.getNestSubVecs()
        self._pressure.solve(rp, p)
        p.scale(-1.0)
        rest = ru.duplicate()
        self._transposed.mult(p, rest)
        rest.aypx(-1.0, ru)
        self._velocity.solve(rest, u)
        rest.destroy()

    def solve(self, force: PETSc.Vec, velocity: PETSc.Vec) -> SolveInfo:
        """Solve for one force. Collective.

        Raises
        ------
        SolverError
            If there is no convergence.
        """
        pressure = self._blocks.mass.createVecRight()
        nothing = pressure.duplicate()
        right, x = (PETSc.Vec().createNest(parts) for parts in ([force, nothing], [velocity, pressure]))
        for part in (nothing, pressure, velocity):
            part.set(0.0)
        self._ksp.solve(right, x)
        rest = right.duplicate()
        self._matrix.mult(x, rest)
        rest.aypx(-1.0, right)
        left, given = (float(vector.norm()) for vector in (rest, right))  # type: ignore[arg-type]
        residual, iterations = left / given, self._ksp.getIterationNumber()
        if not (math.isfinite(residual) and residual <= 10 * TOLERANCE):
            raise SolverError(
                f"the creeping flow did not converge: {iterations} iterations left a relative residual of "
                f"{residual:.1e}; the pores may be closed, or the mesh too coarse for them"
            )
        return SolveInfo(iterations, residual)

    def free(self) -> None:
        """Free all but the blocks. Collective.

        The method and its preconditioner hold each other: without this they would never be freed.
        """
        self._ksp.destroy()
        for item in (self._velocity, self._pressure, self._matrix, self._transposed):
            item.destroy()


def mass_solver(mass: PETSc.Mat) -> PETSc.KSP:
    """Solver for a mass matrix of linear elements, as a preconditioner."""
    ksp = PETSc.KSP().create(mass.comm)
    with options(_MASS) as prefix:
        ksp.setOptionsPrefix(prefix)
        ksp.setOperators(mass)
        ksp.setFromOptions()
        ksp.setUp()
    return ksp
