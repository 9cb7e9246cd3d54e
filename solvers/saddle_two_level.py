"""Large linear systems of Newton's method for flow, by a Krylov method with a two-level preconditioner."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any

import numpy as np
import ufl
from dolfinx import fem
from dolfinx.fem import petsc
from petsc4py import PETSc

from solvers.errors import SolverError
from solvers.flow import Flow
from solvers.forms import form
from solvers.saddle_krylov import mass_solver
from solvers.systems import options

TOLERANCE = 1e-4  # of a Newton step, relative: inexact Newton
MOST = 200  # iterations
ENOUGH = 40  # after which the next step has a preconditioner of its own
UPWIND = 0.1  # of |u| h, added to the viscosity that the smoother sees: without it incomplete factors are unstable
COARSE_DEGREE = 4  # of quadrature

_SMOOTHER = {"ksp_type": "preonly", "pc_type": "bjacobi", "sub_pc_type": "ilu"}
_COARSE = {
    "ksp_type": "preonly",
    "pc_type": "lu",
    "pc_factor_mat_solver_type": "mumps",
    "mat_mumps_icntl_14": 40,  # spare memory, %
}


class TwoLevel:
    """J dx = -F by FGMRES, for flows in lumens however slender.

    Where the mass matrix stands for the Schur complement of the pressure, pressures that change along a slender lumen
    take hundreds of iterations. They are smooth: a coarse level has them, with linear velocities on the same mesh, made
    stable by streamline and pressure terms (Tezduyar et al., Comput. Methods Appl. Mech. Engrg. 95, 1992, 221) and
    solved by MUMPS with a fifth of the unknowns. What it leaves is left to one block
    triangular step (Elman, Silvester and Wathen, Finite Elements and Fast Iterative Solvers, 2014, chapter 9):
    incomplete factors of the Oseen operator for the velocity, the mass matrix by the viscosity for the pressure.

    Parameters
    ----------
    flow : Flow
    u, P : Function
        The flow linearised about.
    residual : sequence of compiled forms
        Of momentum and mass.
    jacobian : compiled form
        Of the momentum, by the velocity.
    """

    def __init__(
        self, flow: Flow, u: fem.Function, P: fem.Function, residual: Sequence[fem.Form], jacobian: fem.Form
    ) -> None:
        self._comm, self._residual, self._jacobian = flow.body.mesh.comm, residual, jacobian
        self._conditions = flow.conditions
        spaces = [flow.space, flow.pressures]
        linear = fem.functionspace(flow.body.mesh, ("Lagrange", 1, (3,)))
        v, q = (ufl.TestFunction(space) for space in spaces)
        du, dp = (ufl.TrialFunction(space) for space in spaces)
        nu = flow.thickening * flow.viscosity(u) / flow.fluid.density
        h = _sizes(flow)
        self._oseen = form(_oseen(flow, u, P, du, v, h), self._comm)
        self._mass_form = form(dp * q / nu * flow.dx, self._comm)
        self._coarse_forms = form(_stabilised(flow, u, P, linear, nu, h), self._comm)
        self._velocity = petsc.create_matrix(jacobian, "baij")
        self._smoothed = petsc.create_matrix(self._oseen, "baij")
        self._mass, self._coarse = petsc.create_matrix(self._mass_form), petsc.create_matrix(self._coarse_forms)
        free = self._free(flow)
        self._gradient = _assembled(form(-dp * ufl.div(v) * flow.dx, self._comm), rows=free)
        self._divergence = _assembled(form(-q * ufl.div(du) * flow.dx, self._comm), columns=free)
        self._transfer, self._coarse_conditions = _transfer(linear, flow.space, free)
        self._vector = petsc.create_vector(spaces, "nest")
        self._step = self._vector.duplicate()
        rows: list[list[Any]] = [[self._velocity, self._gradient], [self._divergence, None]]
        self._matrix = PETSc.Mat().createNest(rows, comm=self._velocity.comm)
        self._ksp = PETSc.KSP().create(self._velocity.comm)
        self._ksp.setType("fgmres")
        self._ksp.setGMRESRestart(60)
        self._ksp.setOperators(self._matrix)
        self._ksp.setTolerances(rtol=TOLERANCE, atol=0.0, max_it=MOST)
        pc = self._ksp.getPC()
        pc.setType("python")
        pc.setPythonContext(_Preconditioner(self))
        self._smoother = _solver(self._smoothed, _SMOOTHER)
        self._coarse_solver = _solver(self._coarse, _COARSE)
        self._pressure: PETSc.KSP | None = None
        self._work: list[PETSc.Vec] = [
            self._step.duplicate(),
            self._step.duplicate(),
            self._transfer.createVecRight(),
            self._coarse.createVecRight(),
            self._coarse.createVecRight(),
        ]
        self._flow, self._fluid, self._stale = flow, (0.0, 0.0), True
        free.destroy()

    def _free(self, flow: Flow) -> PETSc.Vec:
        """1 at the velocities that are looked for, 0 at those given."""
        free = self._velocity.createVecRight()
        free.set(1.0)
        for condition in flow.conditions:
            dofs, owned = condition.dof_indices()
            free.array[dofs[:owned]] = 0.0
        return free

    def residual(self) -> float:
        """Assemble the residual; its norm over the free unknowns. Collective."""
        for part, block in zip(self._vector.getNestSubVecs(), self._residual, strict=True):
            with part.localForm() as local:
                local.set(0.0)
            petsc.assemble_vector(part, block)
            part.ghostUpdate(addv=PETSc.InsertMode.ADD, mode=PETSc.ScatterMode.REVERSE)
        momentum = self._vector.getNestSubVecs()[0]
        values = momentum.array
        for condition in self._conditions:
            dofs, owned = condition.dof_indices()
            values[dofs[:owned]] = 0.0
        momentum.array = values
        return float(self._vector.norm())

    def step(self, into: Sequence[fem.Function]) -> None:
        """Solve for the increment of the residual last assembled. Collective.

        Raises
        ------
        SolverError
            If there is no convergence.
        """
        self._vector.scale(-1.0)
        self._assemble(self._velocity, self._jacobian, self._conditions)
        self._matrix.assemble()
        fluid = (float(self._flow.thickening.value), float(self._flow.lawful.value))
        self._stale, self._fluid = self._stale or fluid != self._fluid, fluid
        for fresh in dict.fromkeys((self._stale, True)):
            if fresh:
                self._renew()
            self._step.set(0.0)
            self._ksp.solve(self._vector, self._step)
            self._stale = not self._ksp.is_converged or self._ksp.getIterationNumber() > ENOUGH
            if self._ksp.is_converged:
                break
        else:
            raise SolverError(f"the linear system of the flow was not solved in {MOST} iterations")
        for part, function in zip(self._step.getNestSubVecs(), into, strict=True):
            petsc.assign(part, function)
            function.x.scatter_forward()

    def _renew(self) -> None:
        """A preconditioner for the present flow."""
        self._assemble(self._smoothed, self._oseen, self._conditions)
        self._assemble(self._mass, self._mass_form, [])
        self._assemble(self._coarse, self._coarse_forms, self._coarse_conditions)
        for solver in (self._smoother, self._coarse_solver):
            solver.setUp()
        if self._pressure is not None:
            self._pressure.destroy()
        self._pressure = mass_solver(self._mass)

    def _assemble(self, matrix: PETSc.Mat, a: Any, conditions: list[fem.DirichletBC]) -> None:
        matrix.zeroEntries()
        petsc.assemble_matrix(matrix, a, bcs=conditions)
        matrix.assemble()

    def precondition(self, residual: PETSc.Vec, step: PETSc.Vec) -> None:
        """One application of the preconditioner: the coarse level, then the block triangular step."""
        rest, correction, velocity, right, answer = self._work
        (ru, rp), (u, p) = residual.getNestSubVecs(), step.getNestSubVecs()
        n = velocity.getLocalSize()
        self._transfer.multTranspose(ru, velocity)
        right.array[:n], right.array[n:] = velocity.array_r, rp.array_r
        self._coarse_solver.solve(right, answer)
        velocity.array[:] = answer.array_r[:n]
        self._transfer.mult(velocity, u)
        p.array[:] = answer.array_r[n:]
        step.assemble()
        self._matrix.mult(step, rest)
        rest.aypx(-1.0, residual)
        (ru, rp), (du, dp) = rest.getNestSubVecs(), correction.getNestSubVecs()
        assert self._pressure is not None
        self._pressure.solve(rp, dp)
        dp.scale(-1.0)
        self._gradient.mult(dp, du)
        ru.axpy(-1.0, du)
        self._smoother.solve(ru, du)
        step.axpy(1.0, correction)

    def destroy(self) -> None:
        """Free all. Collective."""
        items: list[Any] = [self._ksp, self._smoother, self._coarse_solver, self._pressure, *self._work]
        items += [self._matrix, self._velocity, self._smoothed, self._mass, self._coarse]
        items += [self._gradient, self._divergence, self._transfer, self._vector, self._step]
        for item in items:
            if item is not None:
                item.destroy()
        PETSc.garbage_cleanup(self._comm)  # of that mesh


class _Preconditioner:
    """What PETSc calls. It must not keep alive what owns the solver that it is part of: neither would ever be freed."""

    def __init__(self, owner: TwoLevel) -> None:
        self._owner = weakref.ref(owner)

    def apply(self, pc: Any, residual: PETSc.Vec, step: PETSc.Vec) -> None:
        owner = self._owner()
        assert owner is not None
        owner.precondition(residual, step)


def _oseen(flow: Flow, u: fem.Function, P: fem.Function, du: Any, v: Any, h: fem.Function) -> Any:
    """The momentum by the velocity, carried by u and with some more viscosity."""
    carried = fem.Function(flow.space)
    momentum, _ = flow.oseen(u, carried, P, v, ufl.TestFunction(flow.pressures))
    more = UPWIND * h * ufl.sqrt(ufl.dot(u, u))
    return ufl.derivative(momentum, carried, du) + more * ufl.inner(ufl.grad(du), ufl.grad(v)) * flow.dx


def _stabilised(
    flow: Flow, u: fem.Function, P: fem.Function, linear: fem.FunctionSpace, nu: Any, h: fem.Function
) -> list[list[Any]]:
    """Newton's system on linear velocities and pressures:

        J(u; du, v) - dp div v + tau r . (grad v) u,    -q div du - tau r . grad q,
        r = (grad du) u + (grad u) du + grad dp,   tau = ((2 |u| / h)^2 + (12 nu / h^2)^2)^(-1/2)

    (Tezduyar et al. 1992, with the tau of Shakib, Hughes and Johan, Comput. Methods Appl. Mech. Engrg. 89, 1991, 141).
    """
    du, v = ufl.TrialFunction(linear), ufl.TestFunction(linear)
    dp, q = ufl.TrialFunction(flow.pressures), ufl.TestFunction(flow.pressures)
    momentum, _ = flow.residual(u, P, v, q)
    dx = ufl.Measure("dx", flow.body.mesh, metadata={"quadrature_degree": COARSE_DEGREE})
    tau = 1 / ufl.sqrt((2 / h) ** 2 * ufl.dot(u, u) + (12 * nu / h**2) ** 2)
    carried = ufl.dot(ufl.grad(du), u) + ufl.dot(ufl.grad(u), du)
    upwind = ufl.dot(ufl.grad(v), u)
    return [
        [
            ufl.derivative(momentum, u, du) + tau * ufl.dot(carried, upwind) * dx,
            -dp * ufl.div(v) * dx + tau * ufl.dot(ufl.grad(dp), upwind) * dx,
        ],
        [
            -q * ufl.div(du) * dx - tau * ufl.dot(carried, ufl.grad(q)) * dx,
            -tau * ufl.dot(ufl.grad(dp), ufl.grad(q)) * dx,
        ],
    ]


def _sizes(flow: Flow) -> fem.Function:
    """Half of the longest edge of each element, mm."""
    mesh = flow.body.mesh
    space = fem.functionspace(mesh, ("DG", 0))
    h, dofs = fem.Function(space), space.dofmap.list[:, 0]
    h.x.array[dofs] = mesh.h(3, np.arange(len(dofs), dtype=np.int32)) / 2
    return h


def _assembled(a: fem.Form, rows: PETSc.Vec | None = None, columns: PETSc.Vec | None = None) -> PETSc.Mat:
    matrix = petsc.assemble_matrix(a)
    matrix.assemble()
    matrix.diagonalScale(rows, columns)
    return matrix


def _transfer(
    coarse: fem.FunctionSpace, fine: fem.FunctionSpace, free: PETSc.Vec
) -> tuple[PETSc.Mat, list[fem.DirichletBC]]:
    """Interpolation from linear to quadratic velocities without those given, and these conditions at the vertices."""
    mark, at_vertices = fem.Function(fine), fem.Function(coarse)
    mark.x.array[: free.getLocalSize()] = free.array_r
    mark.x.scatter_forward()
    at_vertices.interpolate(mark)
    at_vertices.x.scatter_forward()
    given = at_vertices.x.array < 0.5
    conditions = []
    for axis in range(3):
        dofs = 3 * np.flatnonzero(given[axis::3]) + axis
        conditions.append(fem.dirichletbc(0.0, dofs.astype(np.int32), coarse.sub(axis)))
    transfer = petsc.interpolation_matrix(coarse, fine)
    transfer.assemble()
    columns = transfer.createVecRight()
    columns.array[:] = np.where(given[: columns.getLocalSize()], 0.0, 1.0)
    transfer.diagonalScale(free, columns)
    columns.destroy()
    return transfer, conditions


def _solver(matrix: PETSc.Mat, chosen: dict[str, Any]) -> PETSc.KSP:
    ksp = PETSc.KSP().create(matrix.comm)
    with options(chosen) as prefix:
        ksp.setOptionsPrefix(prefix)
        ksp.setOperators(matrix)
        ksp.setFromOptions()
        if ksp.getPC().getType() == "lu":
            ksp.getPC().setFactorSetUpSolverType()
    return ksp
