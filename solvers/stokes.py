"""Creeping flow through a periodic cell: the weak form, the problem and its solution."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import ufl
from dolfinx import fem
from dolfinx.fem import petsc
from numpy.typing import NDArray
from petsc4py import PETSc

from solvers.body import Body
from solvers.forms import form
from solvers.loads import integral
from solvers.periodic import periodic
from solvers.saddle_krylov import Blocks, SaddleKrylov
from solvers.solution import StressProblem
from solvers.systems import SolveInfo
from solvers.tensors import ddot, sym_grad

Array = NDArray[np.float64]

DEGREE = 5


class PeriodicStokes(StressProblem):
    """Find u and p, periodic, u = 0 on the walls, and for all v, q

        Int 2 mu eps(u) : eps(v) - p div v - q div u dx = Int f . v dx

    for a uniform body force f along each axis in turn, which stands for a fall of pressure (Sanchez-Palencia,
    Non-Homogeneous Media and Vibration Theory, 1980, chapter 7). Taylor-Hood elements. The answer for mu = f = 1 is
    that for any fluid, but for a factor.

    Parameters
    ----------
    body : Body
        The pores of one cell.
    walls : str
        Label of the surface where the fluid stands still.
    low, high : (3,) arrays, mm
        Corners of the cell.
    """

    def __init__(self, body: Body, walls: str, low: Array, high: Array) -> None:
        self.body, self.walls, self.low, self.high = body, walls, low, high
        mesh = body.mesh
        self.space = fem.functionspace(mesh, ("Lagrange", 2, (3,)))
        self.coarse = fem.functionspace(mesh, ("Lagrange", 1, (3,)))
        self.pressures = fem.functionspace(mesh, ("Lagrange", 1))
        self.dx = ufl.Measure("dx", mesh, metadata={"quadrature_degree": DEGREE})

    @property
    def unknowns(self) -> int:
        """On all ranks, the repeated ones included."""
        u, p = self.space.dofmap.index_map, self.pressures.dofmap.index_map
        return int(3 * u.size_global + p.size_global)

    @property
    def cell_volume(self) -> float:
        """Of the whole cell, mm^3."""
        return float(np.prod(self.high - self.low))

    def sigma(self, u: Any) -> Any:
        """2 mu eps(u) for mu = 1."""
        return 2 * sym_grad(u)

    def lame_of(self, cells: NDArray[np.int32]) -> tuple[Array, Array]:
        """0 and the viscosity (k,)."""
        return np.zeros(len(cells)), np.ones(len(cells))

    def viscous(self, u: Any, v: Any) -> Any:
        """Int 2 mu eps(u) : eps(v) dx."""
        return ddot(self.sigma(u), sym_grad(v)) * self.dx

    def divergence(self, u: Any, q: Any) -> Any:
        """- Int q div u dx."""
        return -q * ufl.div(u) * self.dx

    def _on_walls(self, space: fem.FunctionSpace) -> NDArray[np.int32]:
        return np.asarray(fem.locate_dofs_topological(space, 2, self.body.facets(self.walls)))

    def solve(self) -> Permeation:
        """Solve for the three forces. Collective.

        Raises
        ------
        SolverError
            If the mesh is not periodic, or there is no convergence.
        """
        flows, infos = self._solve()
        PETSc.garbage_cleanup(self.body.mesh.comm)  # each mesh has one of its own
        worst = max(infos, key=lambda info: info.residual)
        return Permeation(self, flows, SolveInfo(sum(info.iterations for info in infos), worst.residual))

    def _solve(self) -> tuple[list[fem.Function], list[SolveInfo]]:
        comm = self.body.comm
        spaces = (self.space, self.coarse, self.pressures)
        (R, fine), (C, coarse), (S, _) = (
            periodic(space, self.low, self.high, self._on_walls(space)) for space in spaces
        )
        u, v = ufl.TrialFunction(self.space), ufl.TestFunction(self.space)
        p, q = ufl.TrialFunction(self.pressures), ufl.TestFunction(self.pressures)
        w, z = ufl.TrialFunction(self.coarse), ufl.TestFunction(self.coarse)
        walls, coarse_walls = (
            [fem.dirichletbc(fem.Function(space), nodes)]
            for space, nodes in ((self.space, fine), (self.coarse, coarse))
        )

        def assembled(a: Any, conditions: list[fem.DirichletBC]) -> PETSc.Mat:
            matrix = petsc.assemble_matrix(form(a, comm), bcs=conditions)
            matrix.assemble()
            return matrix

        def reduced(a: Any, conditions: list[fem.DirichletBC], R: PETSc.Mat) -> PETSc.Mat:
            whole = assembled(a, conditions)
            matrix = whole.ptap(R)
            whole.destroy()
            return matrix

        B = assembled(self.divergence(u, q), walls)
        across = B.matMult(R)
        blocks = Blocks(
            viscous=reduced(self.viscous(u, v), walls, R),
            divergence=S.transposeMatMult(across),
            mass=reduced(p * q * self.dx, [], S),
            coarse=reduced(self.viscous(w, z), coarse_walls, C),
            transfer=self._transfer(R, C, walls, coarse_walls),
        )
        for matrix in (B, across):
            matrix.destroy()
        PETSc.garbage_cleanup(self.body.mesh.comm)
        solver = SaddleKrylov(blocks)
        flows, infos = [], []
        for axis in range(3):
            f = fem.Constant(self.body.mesh, np.eye(3)[axis])
            b = petsc.assemble_vector(form(ufl.dot(f, v) * self.dx, comm))
            b.ghostUpdate(addv=PETSc.InsertMode.ADD, mode=PETSc.ScatterMode.REVERSE)
            petsc.set_bc(b, walls)
            right, answer, whole = R.createVecRight(), R.createVecRight(), b.duplicate()
            R.multTranspose(b, right)
            infos.append(solver.solve(right, answer))
            R.mult(answer, whole)
            flow = fem.Function(self.space, name=f"velocity_{'xyz'[axis]}")
            petsc.assign(whole, flow)
            flow.x.scatter_forward()
            flows.append(flow)
        solver.free()
        blocks.destroy()
        return flows, infos

    def _transfer(
        self, R: PETSc.Mat, C: PETSc.Mat, walls: list[fem.DirichletBC], coarse_walls: list[fem.DirichletBC]
    ) -> PETSc.Mat:
        """Interpolation from the linear to the quadratic velocities, neither repeated, the walls left out."""
        plain = petsc.interpolation_matrix(self.coarse, self.space)
        plain.assemble()
        rows, columns = plain.createVecLeft(), plain.createVecRight()
        for vector, conditions in ((rows, walls), (columns, coarse_walls)):
            vector.set(1.0)
            for condition in conditions:
                dofs, owned = condition.dof_indices()
                vector.array[dofs[:owned]] = 0.0
        plain.diagonalScale(rows, columns)
        # Nodes that are repeated would count more than once.
        times, ones = R.createVecRight(), R.createVecLeft()
        ones.set(1.0)
        R.multTranspose(ones, times)
        times.reciprocal()
        transfer = R.transposeMatMult(plain.matMult(C))
        transfer.diagonalScale(times, None)
        return transfer


@dataclass(frozen=True)
class Permeation:
    """Creeping flows of a fluid of unit viscosity under a unit force along each axis, mm^2 a unit."""

    problem: PeriodicStokes
    flows: list[fem.Function]
    info: SolveInfo

    @property
    def body(self) -> Body:
        return self.problem.body

    @property
    def unknowns(self) -> int:
        return self.problem.unknowns

    @property
    def u(self) -> fem.Function:
        """The flow along x."""
        return self.flows[0]

    @cached_property
    def permeability(self) -> Array:
        """Darcy's tensor (3, 3), mm^2: entry ij is the mean over the cell, solid included, of u_i of a force along j.
        Collective (Sanchez-Palencia 1980, chapter 7).
        """
        means = [[integral(self.body, u[i] * self.problem.dx) for u in self.flows] for i in range(3)]
        return np.array(means) / self.problem.cell_volume

    @cached_property
    def dissipation(self) -> Array:
        """Int 2 eps(u_i) : eps(u_j) dx by the volume of the cell (3, 3), mm^2: equal to the permeability of an exact
        solution. Collective.
        """
        work = [[integral(self.body, self.problem.viscous(a, b)) for b in self.flows] for a in self.flows]
        return np.array(work) / self.problem.cell_volume
