"""Linear elasticity: the weak form, the problem and its solution."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
from solvers.errors import NotHeld
from solvers.forms import form
from solvers.linear import solve, solve_directly
from solvers.loads import Load
from solvers.solution import StressProblem
from solvers.supports import Support, unheld_motions
from solvers.systems import Level, SolveInfo
from solvers.tensors import ddot, sym_grad

Array = NDArray[np.float64]

# Degree 3 integrates the cofactors of a curved quadratic element exactly, so that a constant stress is in
# equilibrium on curved meshes too (patch test).
DEGREE = 3
COARSE_DEGREE = 1  # of the level below, which only preconditions


@dataclass(frozen=True)
class Isotropic:
    """Hooke's law, sigma = lambda tr(eps) I + 2 mu eps.

    Attributes
    ----------
    young_modulus : float, MPa
    poisson_ratio : float
    """

    young_modulus: float
    poisson_ratio: float

    @property
    def lame(self) -> tuple[float, float]:
        """Lame's constants lambda and mu, MPa."""
        e, nu = self.young_modulus, self.poisson_ratio
        return e * nu / ((1 + nu) * (1 - 2 * nu)), e / (2 * (1 + nu))


class Elasticity(StressProblem):
    """Find u in V: a(u, v) = L(v) for all v in V, with

        a(u, v) = Int sigma(u) : eps(v) dx,    L(v) = Int t . v ds

    (Hughes, The Finite Element Method, 2000, section 2.7) plus the work of body forces, on tetrahedra of the mesh's own
    geometry.

    Parameters
    ----------
    body : Body
    materials : dict of str to Isotropic
        By the label of the volumes made of it.
    supports : sequence of Support
    loads : sequence of Load
    degree : int
        Of the displacement: 2, or 1 for comparison.
    free_strain : callable or None
        Thermal strain alpha (T - T0) of the unloaded material as a function of position (a UFL scalar); then
        sigma(u) is Hooke's law of eps(u) less this strain (Timoshenko and Goodier,
        Theory of Elasticity, 1970, chapter on thermal stress).
    """

    def __init__(
        self,
        body: Body,
        materials: dict[str, Isotropic],
        supports: Sequence[Support],
        loads: Sequence[Load],
        degree: int = 2,
        free_strain: Callable[[Any], Any] | None = None,
    ) -> None:
        self.body, self.materials, self.free_strain = body, materials, free_strain
        self.supports, self.loads = list(supports), list(loads)
        self.space = fem.functionspace(body.mesh, ("Lagrange", degree, (3,)))
        self._lame = _by_cell(body, {label: m.lame for label, m in materials.items()})
        self.dx = ufl.Measure("dx", body.mesh, metadata={"quadrature_degree": DEGREE})

    def hooke(self, strain: Any) -> Any:
        """Stress of a strain, MPa."""
        lam, mu = self._lame
        return lam * ufl.tr(strain) * ufl.Identity(3) + 2 * mu * strain

    def sigma(self, u: Any) -> Any:
        """Stress, MPa."""
        return self.hooke(sym_grad(u) - self._thermal())

    def _thermal(self) -> Any:
        if self.free_strain is None:
            return ufl.zero(3, 3)
        return self.free_strain(ufl.SpatialCoordinate(self.body.mesh)) * ufl.Identity(3)

    def lame_of(self, cells: NDArray[np.int32]) -> tuple[Array, Array]:
        """Lame's constants lambda and mu (k,) of some cells of this rank, MPa."""
        lam, mu = self._lame
        return lam.x.array[cells], mu.x.array[cells]

    def bilinear(self, u: Any, v: Any) -> Any:
        """a(u, v)."""
        return ddot(self.hooke(sym_grad(u)), sym_grad(v)) * self.dx

    @cached_property
    def work_of_loads(self) -> fem.Form:
        """L(v)."""
        v = ufl.TestFunction(self.space)
        terms = [load.virtual_work(self.body, v) for load in self.loads]
        nothing = ufl.dot(fem.Constant(self.body.mesh, np.zeros(3)), v) * self.dx
        return form(sum(terms, nothing), self.body.comm)

    def conditions(self, space: fem.FunctionSpace) -> list[fem.DirichletBC]:
        return [bc for support in self.supports for bc in support.conditions(self.body, space)]

    def load_vector(self) -> PETSc.Vec:
        """Nodal forces of the loads, N, before any condition."""
        b = petsc.assemble_vector(self.work_of_loads)
        b.ghostUpdate(addv=PETSc.InsertMode.ADD, mode=PETSc.ScatterMode.REVERSE)
        return b

    def solve(self) -> Displacement:
        """Solve for the displacement. Collective.

        Raises
        ------
        NotHeld
            If a rigid-body motion is left free.
        SolverError
            If the linear solver fails.
        """
        conditions = self.conditions(self.space)
        free = unheld_motions(self.space, conditions)
        if free:
            raise NotHeld(f"the body is not held against {', '.join(free)}: support more of it")
        fine = self._level(self.space, conditions, DEGREE)
        b, given = self._right_hand_side(conditions)
        u = fem.Function(self.space, name="displacement")
        if self.space.element.basix_element.degree == 1:
            info = solve_directly(fine, b, u)
        else:
            linear = fem.functionspace(self.body.mesh, ("Lagrange", 1, (3,)))
            info = solve(fine, self._level(linear, self.conditions(linear), COARSE_DEGREE), b, u)
        b.destroy()
        if given is not None:
            u.x.array[:] += given.x.array
        return Displacement(self, u, info)

    def _level(self, space: fem.FunctionSpace, conditions: list[fem.DirichletBC], degree: int) -> Level:
        u, v = ufl.TrialFunction(space), ufl.TestFunction(space)
        a = ddot(self.hooke(sym_grad(u)), sym_grad(v)) * self.dx(degree=degree)
        cells = np.arange(self.body.mesh.topology.index_map(3).size_local, dtype=np.int32)
        return Level(space, a, conditions, self.lame_of(cells), degree)

    def _right_hand_side(self, conditions: list[fem.DirichletBC]) -> tuple[PETSc.Vec, fem.Function | None]:
        """Nodal forces, zero where the displacement is known, and the imposed displacement if there is any.

        With u = u0 + g, g the imposed part, and the thermal strain e: a(u0, v) = L(v) + Int C e : eps(v) dx - a(g, v).
        """
        b = self.load_vector()
        if self.free_strain is not None:
            self._add(b, 1.0, ddot(self.hooke(self._thermal()), sym_grad(ufl.TestFunction(self.space))) * self.dx)
        given = fem.Function(self.space)
        imposed = [support.displace(self.body, given) for support in self.supports]
        if any(imposed):
            given.x.scatter_forward()
            self._add(b, -1.0, self.bilinear(given, ufl.TestFunction(self.space)))
        petsc.set_bc(b, conditions)
        return b, given if any(imposed) else None

    def _add(self, b: PETSc.Vec, factor: float, linear: Any) -> None:
        """Add a multiple of an assembled linear form to nodal forces."""
        vector = petsc.assemble_vector(form(linear, self.body.comm))
        vector.ghostUpdate(addv=PETSc.InsertMode.ADD, mode=PETSc.ScatterMode.REVERSE)
        b.axpy(factor, vector)
        vector.destroy()


@dataclass(frozen=True)
class Displacement:
    """The solution of an elasticity problem: displacement, mm, and how it was found."""

    problem: Elasticity
    u: fem.Function
    info: SolveInfo

    @property
    def body(self) -> Body:
        return self.problem.body

    @property
    def unknowns(self) -> int:
        """On all ranks."""
        return int(3 * self.problem.space.dofmap.index_map.size_global)

    def internal_forces(self, cells: NDArray[np.int32] | None = None) -> fem.Function:
        """Nodal forces Int sigma(u) : eps(phi_i) dx, N, of all cells or of some of them. Collective.

        Together with the loads they give the reactions at the supports, and, taken over the cells on one side, the
        forces that pass through a section.

        Parameters
        ----------
        cells : (k,) array or None
            Cells of this rank, each once; those that are ghosts count on the rank whose they are.
        """
        problem, v = self.problem, ufl.TestFunction(self.problem.space)
        dx = problem.dx
        if cells is not None:
            mine = cells[cells < self.body.mesh.topology.index_map(3).size_local]
            dx = dx(1, subdomain_data=[(1, np.sort(mine))])
        work = form(ddot(problem.sigma(self.u), sym_grad(v)) * dx, self.body.comm)
        forces = fem.Function(problem.space)
        vector = petsc.assemble_vector(work)
        vector.ghostUpdate(addv=PETSc.InsertMode.ADD, mode=PETSc.ScatterMode.REVERSE)
        petsc.assign(vector, forces)
        vector.destroy()
        return forces


def _by_cell(body: Body, constants: dict[str, tuple[float, ...]]) -> list[fem.Function]:
    """Constants of each cell's material as piecewise constant functions: new values need no new compilation."""
    space = fem.functionspace(body.mesh, ("DG", 0))
    functions = [fem.Function(space) for _ in next(iter(constants.values()))]
    for label, values in constants.items():
        cells = body.cells(label)
        for function, value in zip(functions, values, strict=True):
            function.x.array[cells] = value
    for function in functions:
        function.x.scatter_forward()
    return functions
