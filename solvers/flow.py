"""Incompressible flow: the weak form, the steady problem and its solution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import ufl
from dolfinx import fem
from dolfinx.fem import petsc
from numpy.typing import NDArray
from petsc4py import PETSc

from solvers.body import Body
from solvers.forms import expression, form
from solvers.inflow import developed
from solvers.loads import integral, surface_measure
from solvers.solution import StressProblem
from solvers.systems import SolveInfo
from solvers.tensors import ddot, sym_grad
from solvers.viscosity import Fluid, Newtonian, shear_rate

Array = NDArray[np.float64]

DEGREE = 5
BACKFLOW = 0.5  # half of the inertia that flows in is taken away: the energy of the outlet then only falls


@dataclass(frozen=True)
class Inlet:
    """A surface through which a developed flow enters.

    Attributes
    ----------
    surface : str
    flow_rate : float, mm^3/s
    """

    surface: str
    flow_rate: float


class Flow(StressProblem):
    """Find u and P = p/rho with u given on inlets and walls, and for all v, q

        Int (u . grad) u . v + 2 nu eps(u) : eps(v) - P div v - q div u dx
            - Int nu (grad u)^T n . v ds = 0

    (Elman, Silvester and Wathen, Finite Elements and Fast Iterative Solvers, 2014, section 8.1) with Taylor-Hood
    elements: quadratic velocity, linear pressure. The integral over the outlets makes nu du/dn - P n = 0 there, which a
    developed flow satisfies; without it the symmetric gradient would make the flow spread (Heywood, Rannacher and
    Turek, Int. J. Numer. Meth. Fluids 22, 1996, 325). Where fluid comes back through an outlet, half of its inertia is
    taken away (Bertoglio et al., Int. J. Numer. Meth. Biomed. Eng. 34, 2018, e2918).

    Parameters
    ----------
    body : Body
    fluid : Fluid
    inlets : sequence of Inlet
    walls, outlets : sequence of str
        Labels of surfaces.
    mirrors : dict of str to int
        Planes of symmetry, and the axis each lies across: nothing flows through, nothing drags along them.
    """

    def __init__(
        self,
        body: Body,
        fluid: Fluid,
        inlets: Sequence[Inlet],
        walls: Sequence[str],
        outlets: Sequence[str],
        mirrors: dict[str, int] | None = None,
    ) -> None:
        self.body, self.fluid = body, fluid
        self.inlets, self.walls, self.outlets = list(inlets), list(walls), list(outlets)
        self.mirrors = mirrors or {}
        mesh = body.mesh
        self.space = fem.functionspace(mesh, ("Lagrange", 2, (3,)))
        self.pressures = fem.functionspace(mesh, ("Lagrange", 1))
        self.dx = ufl.Measure("dx", mesh, metadata={"quadrature_degree": DEGREE})
        self.thickening = fem.Constant(mesh, 1.0)
        self.lawful = fem.Constant(mesh, 1.0)
        law = fluid.viscosity
        self._law = law.with_constants(tuple(fem.Constant(mesh, float(c)) for c in law.constants))
        self._density = fem.Constant(mesh, float(fluid.density))

    def scaled(self, factor: float) -> Flow:
        """The same problem with ``factor`` times the flow rate."""
        inlets = [replace(inlet, flow_rate=factor * inlet.flow_rate) for inlet in self.inlets]
        return type(self)(self.body, self.fluid, inlets, self.walls, self.outlets, self.mirrors)

    @property
    def unknowns(self) -> int:
        """On all ranks."""
        u, p = self.space.dofmap.index_map, self.pressures.dofmap.index_map
        return int(3 * u.size_global + p.size_global)

    def viscosity(self, u: Any) -> Any:
        """Dynamic viscosity, MPa s, of the flow u: that of the law, or that at high rates while ``lawful`` is 0."""
        if isinstance(self.fluid.viscosity, Newtonian):
            return self._law.of(None)
        return self.lawful * self._law.of(shear_rate(u)) + (1 - self.lawful) * self._law.high_rate

    def sigma(self, u: Any) -> Any:
        """Viscous stress 2 mu eps(u), MPa."""
        return 2 * self.viscosity(u) * sym_grad(u)

    def lame_of(self, cells: NDArray[np.int32]) -> tuple[Array, Array]:
        """0 and the viscosity at high rates (k,), MPa s: what the energy of an error of the stress is measured by."""
        return np.zeros(len(cells)), np.full(len(cells), self.fluid.viscosity.high_rate)

    def nodes_on(self, labels: Sequence[str]) -> NDArray[np.int32]:
        """Nodes of this rank on some surfaces."""
        found = [fem.locate_dofs_topological(self.space, 2, self.body.facets(label)) for label in labels]
        return np.unique(np.concatenate(found)).astype(np.int32)

    @cached_property
    def boundary_velocity(self) -> fem.Function:
        """What is given on inlets and walls, mm/s; 0 elsewhere."""
        walls, given = self.nodes_on(self.walls), fem.Function(self.space)
        table = given.x.array.reshape(-1, 3)
        for inlet in self.inlets:
            table += developed(self.body, self.space, inlet.surface, walls, inlet.flow_rate)
        table[walls] = 0.0
        given.x.scatter_forward()
        return given

    @cached_property
    def conditions(self) -> list[fem.DirichletBC]:
        """Where the velocity is known; the values are those of an increment, 0."""
        nodes = self.nodes_on([*(inlet.surface for inlet in self.inlets), *self.walls])
        across = []
        for mirror, axis in self.mirrors.items():
            component = self.space.sub(axis)
            dofs = fem.locate_dofs_topological(component, 2, self.body.facets(mirror))
            across.append(fem.dirichletbc(0.0, dofs, component))
        return [fem.dirichletbc(fem.Function(self.space), nodes), *across]

    def residual(self, u: Any, P: Any, v: Any, q: Any) -> tuple[Any, Any]:
        """The weak form, of momentum and of mass."""
        return self.oseen(u, u, P, v, q)

    def oseen(self, w: Any, u: Any, P: Any, v: Any, q: Any) -> tuple[Any, Any]:
        """The weak form with the flow w in place of u where it carries u along and where it sets the viscosity."""
        nu = self.thickening * self.viscosity(w) / self._density
        momentum = (
            ddot(ufl.dot(ufl.grad(u), w), v) + 2 * nu * ddot(sym_grad(u), sym_grad(v)) - P * ufl.div(v)
        ) * self.dx
        n = ufl.FacetNormal(self.body.mesh)
        for outlet in self.outlets:
            ds = surface_measure(self.body, outlet)
            back = (ufl.dot(w, n) - abs(ufl.dot(w, n))) / 2
            momentum += (-ufl.dot(nu * ufl.grad(u).T * n, v) - BACKFLOW * back * ufl.dot(u, v)) * ds
        return momentum, -q * ufl.div(u) * self.dx


@dataclass(frozen=True)
class FlowState:
    """A flow: velocity, mm/s, and kinematic pressure p/rho, mm^2/s^2, of a fluid ``thickness`` times as viscous."""

    problem: Flow
    u: fem.Function
    P: fem.Function
    info: SolveInfo
    thickness: float = 1.0

    @property
    def body(self) -> Body:
        return self.problem.body

    @property
    def unknowns(self) -> int:
        return self.problem.unknowns

    def flow_rate(self, surface: str) -> float:
        """Volume that leaves through a surface, mm^3/s. Collective."""
        n = ufl.FacetNormal(self.body.mesh)
        return integral(self.body, ufl.dot(self.u, n) * surface_measure(self.body, surface))

    def returning(self, surface: str) -> float:
        """Volume that comes in through an outlet, mm^3/s. Collective."""
        through = ufl.dot(self.u, ufl.FacetNormal(self.body.mesh))
        return integral(self.body, (abs(through) - through) / 2 * surface_measure(self.body, surface))

    def power(self, surface: str) -> float:
        """Energy that leaves through a surface with the flow, (p + rho u^2 / 2) u . n, N mm/s. Collective."""
        density, n = self.problem.fluid.density, ufl.FacetNormal(self.body.mesh)
        head = density * (self.P + ufl.dot(self.u, self.u) / 2)
        return integral(self.body, head * ufl.dot(self.u, n) * surface_measure(self.body, surface))

    def volume_integral(self, integrand: Any) -> float:
        """Collective."""
        return integral(self.body, integrand * self.problem.dx)

    def nodal(self, shear: Array) -> dict[str, Array]:
        """Fields at the nodes of the velocity on this rank. Collective.

        Parameters
        ----------
        shear : (n,) array, MPa
            Wall shear stress.

        Returns
        -------
        dict of str to (n, ...) array
            "velocity" (m/s), "pressure" and "wall_shear" (Pa).
        """
        return {
            "velocity": self.u.x.array.reshape(-1, 3) / 1000,
            "pressure": self.pressure_at_nodes() * 1e6,
            "wall_shear": shear * 1e6,
        }

    def pressure_at_nodes(self) -> Array:
        """p (n,) at the nodes of the velocity on this rank, MPa. Collective."""
        space, P = self.problem.space, self.P
        both = fem.Function(space)  # in the space of the velocity, so that the nodes are numbered alike
        points = space.element.interpolation_points
        both.interpolate(expression(ufl.as_vector([P, P, P]), points, self.body.comm))
        return np.asarray(self.problem.fluid.density * both.x.array[::3])

    def force(self, surface: str) -> Array:
        """Force (3,) of the fluid on a wall, N, as the nodal forces that hold the fluid there. Collective.

        They converge twice as fast as the traction of the computed stress (John and Matthies, Int. J. Numer. Meth.
        Fluids 37, 2001, 885).
        """
        problem = self.problem
        v, q = ufl.TestFunction(problem.space), ufl.TestFunction(problem.pressures)
        held = petsc.assemble_vector(form(problem.residual(self.u, self.P, v, q)[0], self.body.comm))
        held.ghostUpdate(addv=PETSc.InsertMode.ADD, mode=PETSc.ScatterMode.REVERSE)
        owned = problem.space.dofmap.index_map.size_local
        nodes = problem.nodes_on([surface])
        total = held.array.reshape(-1, 3)[nodes[nodes < owned]].sum(axis=0)
        held.destroy()
        return np.asarray(-problem.fluid.density * self.body.comm.allreduce(total))

    def pressure_drop(self) -> float:
        """Mean pressure of the inlets less that of the outlets, MPa. Collective."""
        before = [self.mean_pressure(inlet.surface) for inlet in self.problem.inlets]
        return float(np.mean(before) - np.mean([self.mean_pressure(s) for s in self.problem.outlets]))

    def mean_pressure(self, surface: str) -> float:
        """Mean over a surface, MPa. Collective."""
        ds = surface_measure(self.body, surface)
        area = integral(self.body, fem.Constant(self.body.mesh, 1.0) * ds)
        return self.problem.fluid.density * integral(self.body, self.P * ds) / area
