"""Orders of convergence in space and time on an exact three-dimensional unsteady solution of Navier and Stokes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import pi, sqrt
from typing import Any

import numpy as np
import ufl
from dolfinx import fem
from dolfinx import mesh as dmesh
from mpi4py import MPI
from numpy.typing import NDArray

from solvers.body import Body
from solvers.flow import Flow
from solvers.loads import integral
from solvers.tensors import ddot, sym_grad
from solvers.transient import Transient
from solvers.viscosity import Fluid, Newtonian

Array = NDArray[np.float64]

A, D = pi / 4, pi / 2  # 1/mm
END = 0.1  # s; by then the velocity has fallen by a fifth


class EthierSteinman(Flow):
    """Vortices that fade away in the cube [-1, 1]^3 (Ethier and Steinman, Int. J. Numer. Meth. Fluids 19, 1994, 369),
    viscosity and density 1:

        u = -a (e^(ax) sin(ay + dz) + e^(az) cos(ax + dy)) e^(-d^2 t), and in turn for y, z, with a = pi/4, d = pi/2.

    The velocity is given on all sides but one, where the traction 2 nu eps(u) n - P n is.
    """

    def __init__(self, body: Body) -> None:
        super().__init__(body, Fluid(1.0, Newtonian(1.0)), [], ["sides"], [])
        self.time = fem.Constant(body.mesh, 0.0)

    def oseen(self, w: Any, u: Any, P: Any, v: Any, q: Any) -> tuple[Any, Any]:
        momentum, mass = super().oseen(w, u, P, v, q)
        x, n = ufl.SpatialCoordinate(self.body.mesh), ufl.FacetNormal(self.body.mesh)
        exact = ufl.as_vector(_velocity(x, self.time, ufl))
        given = 2 * sym_grad(exact) * n - _pressure(x, self.time, ufl) * n
        ds = ufl.Measure("ds", self.body.mesh, subdomain_data=self.body.facet_tags, metadata={"quadrature_degree": 8})
        return momentum - ufl.dot(given, v) * ds(2), mass

    def at(self, time: float) -> Array:
        """Exact velocity (3 n,) at the nodes of this rank, mm/s; the traction is set to that of the same time, s."""
        self.time.value = time
        x = self.space.tabulate_dof_coordinates().T
        return np.stack(_velocity(x, time, np)).T.ravel()

    def start(self) -> fem.Function:
        """The exact velocity at time 0."""
        found = fem.Function(self.space)
        found.x.array[:] = self.at(0.0)
        return found

    def errors(self, u: Any, P: Any, time: float) -> tuple[float, float]:
        """Norms in L2 of the errors of velocity and pressure. Collective."""
        self.time.value = time
        x = ufl.SpatialCoordinate(self.body.mesh)
        dx = ufl.Measure("dx", self.body.mesh, metadata={"quadrature_degree": 8})
        gap = u - ufl.as_vector(_velocity(x, self.time, ufl))
        rest = P - _pressure(x, self.time, ufl)
        return sqrt(integral(self.body, ddot(gap, gap) * dx)), sqrt(integral(self.body, rest**2 * dx))


def _velocity(x: Any, t: Any, xp: Any) -> list[Any]:
    def component(x: Any, y: Any, z: Any) -> Any:
        return -A * (xp.exp(A * x) * xp.sin(A * y + D * z) + xp.exp(A * z) * xp.cos(A * x + D * y))

    fade = xp.exp(-(D**2) * t)
    return [component(x[k], x[(k + 1) % 3], x[(k + 2) % 3]) * fade for k in range(3)]


def _pressure(x: Any, t: Any, xp: Any) -> Any:
    def part(x: Any, y: Any, z: Any) -> Any:
        return xp.exp(2 * A * x) + 2 * xp.sin(A * x + D * y) * xp.cos(A * z + D * x) * xp.exp(A * (y + z))

    total = sum(part(x[k], x[(k + 1) % 3], x[(k + 2) % 3]) for k in range(3))
    return -(A**2) / 2 * total * xp.exp(-2 * D**2 * t)


@dataclass(frozen=True)
class UnsteadyOrders:
    """Errors of velocity and pressure in L2 at the end, on meshes of several sizes (mm); differences between the
    velocities of ever smaller time steps (s) on one mesh.
    """

    sizes: list[float]
    velocity: list[float]
    pressure: list[float]
    steps: list[float]
    differences: list[float]

    @property
    def velocity_order(self) -> float:
        """In space, between the two finest meshes."""
        return _order(self.sizes, self.velocity)

    @property
    def pressure_order(self) -> float:
        """In space, between the two finest meshes."""
        return _order(self.sizes, self.pressure)

    @property
    def time_order(self) -> float:
        """Of the velocity, from the three smallest time steps."""
        return _order(self.steps[:-1], self.differences)

    @property
    def good(self) -> bool:
        """Whether the orders are those of theory, 3 and 2 in space and 2 in time, less 0.2."""
        return self.velocity_order > 2.8 and self.pressure_order > 1.8 and self.time_order > 1.8


def _order(sizes: list[float], errors: list[float]) -> float:
    return float(np.log(errors[-2] / errors[-1]) / np.log(sizes[-2] / sizes[-1]))


def observe(
    divisions: tuple[int, ...] = (3, 6, 9),
    steps: int = 30,
    coarse: tuple[int, ...] = (8, 16, 32),
    comm: MPI.Comm = MPI.COMM_SELF,
) -> UnsteadyOrders:
    """Solve on cubes divided ever finer, with many time steps; and on the coarsest with ever more of them. Collective.

    Parameters
    ----------
    divisions : tuple of int
        Cells along an edge.
    steps : int
        Time steps on these meshes: so many that their error does not show.
    coarse : tuple of int
        Numbers of time steps on the coarsest mesh, each twice the one before.
    """
    velocity, pressure = [], []
    for n in divisions:
        flow = EthierSteinman(cube(n, comm))
        run = advance(flow, steps)
        errors = flow.errors(run.u, run.P, END)
        velocity.append(errors[0])
        pressure.append(errors[1])
    flow = EthierSteinman(cube(divisions[0], comm))
    ends = [advance(flow, count).u for count in coarse]
    gaps = [a - b for a, b in pairwise(ends)]
    differences = [sqrt(integral(flow.body, ddot(gap, gap) * flow.dx)) for gap in gaps]
    return UnsteadyOrders([2 / n for n in divisions], velocity, pressure, [END / m for m in coarse], differences)


def advance(flow: EthierSteinman, steps: int) -> Transient:
    """The flow after `END`. Collective."""
    run = Transient(flow, flow.at, flow.start(), END / steps)
    for _ in range(steps):
        run.step()
    run.destroy()
    return run


def cube(n: int, comm: MPI.Comm) -> Body:
    """[-1, 1]^3 mm in n^3 bricks of six tetrahedra each, its upper side apart from the others. Collective."""
    mesh = dmesh.create_box(comm, [-np.ones(3), np.ones(3)], [n, n, n], dmesh.CellType.tetrahedron)
    mesh.topology.create_connectivity(2, 3)
    facets = dmesh.exterior_facet_indices(mesh.topology)
    cells = np.arange(mesh.topology.index_map(3).size_local, dtype=np.int32)
    cell_tags = dmesh.meshtags(mesh, 3, cells, np.ones_like(cells))
    top = dmesh.locate_entities_boundary(mesh, 2, lambda x: np.isclose(x[2], 1.0))
    facet_tags = dmesh.meshtags(mesh, 2, facets, np.where(np.isin(facets, top), 2, 1).astype(np.int32))
    return Body(mesh, cell_tags, facet_tags, {1: "fluid"}, {1: "sides", 2: "top"})
