"""Linear systems with a saddle point, as flow has them, for the steps of Newton's method."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from dolfinx import fem
from dolfinx.fem import petsc
from petsc4py import PETSc

from solvers.errors import SolverError
from solvers.systems import options

TOLERANCE = 1e-6  # of a Newton step, relative

_OPTIONS = {
    "ksp_type": "gmres",
    "ksp_pc_side": "right",  # the residual that is watched is the true one
    "ksp_gmres_restart": 40,
    "pc_type": "lu",
    "pc_factor_mat_solver_type": "mumps",
    # Low-rank factors are cheaper, and good enough to precondition with (Amestoy et al., SIAM J. Sci. Comput. 37,
    # 2015, A1451).
    "mat_mumps_icntl_35": 2,
    "mat_mumps_cntl_7": 1e-5,
    "mat_mumps_icntl_14": 40,  # spare memory, %
}


class Saddle:
    """J dx = -F, block by block, on the spaces of velocity and pressure.

    Parameters
    ----------
    residual, jacobian : compiled forms
        Lists of blocks.
    spaces : sequence of FunctionSpace
    conditions : sequence of DirichletBC
        Homogeneous.

    Attributes
    ----------
    most, enough : int
        Iterations with the factors of an earlier step that are put up with, and after which the next step has new ones.
    """

    most: ClassVar[int] = 10
    enough: ClassVar[int] = 5

    def __init__(
        self,
        residual: Sequence[fem.Form],
        jacobian: Sequence[Sequence[fem.Form]],
        spaces: Sequence[fem.FunctionSpace],
        conditions: Sequence[fem.DirichletBC],
    ) -> None:
        self._comm = spaces[0].mesh.comm
        self._residual, self._jacobian = residual, jacobian
        self._conditions = list(conditions)
        self._matrix = petsc.create_matrix(jacobian)
        self._vector, self._step = petsc.create_vector(list(spaces)), petsc.create_vector(list(spaces))
        self._ksp = PETSc.KSP().create(self._matrix.comm)
        with options(_OPTIONS) as prefix:
            self._ksp.setOptionsPrefix(prefix)
            self._ksp.setOperators(self._matrix)
            self._ksp.setFromOptions()
            self._ksp.getPC().setFromOptions()
            self._ksp.getPC().setFactorSetUpSolverType()
        self._stale = True

    def residual(self) -> float:
        """Assemble the residual; its norm over the free unknowns. Collective."""
        with self._vector.localForm() as local:
            local.set(0.0)
        petsc.assemble_vector(self._vector, self._residual)
        self._vector.ghostUpdate(addv=PETSc.InsertMode.ADD, mode=PETSc.ScatterMode.REVERSE)
        values = self._vector.array
        for condition in self._conditions:  # all of the first block, which comes first
            dofs, owned = condition.dof_indices()
            values[dofs[:owned]] = 0.0
        self._vector.array = values
        return float(self._vector.norm())

    def step(self, into: Sequence[fem.Function]) -> None:
        """Solve for the increment of the residual last assembled. Collective.

        Raises
        ------
        SolverError
            If the matrix is singular.
        """
        self._vector.scale(-1.0)
        for attempt, fresh in enumerate(dict.fromkeys((self._stale, True))):
            if self._outdated(attempt == 0, fresh):
                self._matrix.zeroEntries()
                petsc.assemble_matrix(self._matrix, self._jacobian, bcs=self._conditions)
                self._matrix.assemble()
            self._ksp.getPC().setReusePreconditioner(not fresh)
            self._ksp.setTolerances(rtol=TOLERANCE, max_it=40 if fresh else self.most)
            self._step.set(0.0)
            self._ksp.solve(self._vector, self._step)
            good = self._ksp.is_converged
            self._stale = not good or self._ksp.getIterationNumber() > self.enough
            if good:
                break
        else:
            raise SolverError(
                "the linear system of the flow is singular: is there an outlet, and does it hang together?"
            )
        petsc.assign(self._step, list(into))
        for function in into:
            function.x.scatter_forward()

    def _outdated(self, first: bool, fresh: bool) -> bool:
        """Whether the matrix must be assembled, at the first attempt of a step or not, for new factors or not."""
        return first

    def destroy(self) -> None:
        items: list[Any] = [self._ksp, self._matrix, self._vector, self._step]
        for item in items:
            item.destroy()
        PETSc.garbage_cleanup(self._comm)  # of that mesh
