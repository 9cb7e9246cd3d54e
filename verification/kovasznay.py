"""Orders of convergence of the flow solver on an exact solution of the Navier-Stokes equations."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
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
from solvers.steady import steady
from solvers.tensors import ddot
from solvers.viscosity import Fluid, Newtonian

Array = NDArray[np.float64]

REYNOLDS = 40.0
DECAY = REYNOLDS / 2 - sqrt(REYNOLDS**2 / 4 + 4 * pi**2)  # lambda, 1/mm


@dataclass(frozen=True)
class FlowOrders:
    """Errors on meshes of several sizes, and orders between the two finest, of velocity and pressure in L2."""

    sizes: list[float]
    velocity: list[float]
    pressure: list[float]

    def order(self, errors: list[float]) -> float:
        """Between the two finest meshes."""
        return float(np.log(errors[-2] / errors[-1]) / np.log(self.sizes[-2] / self.sizes[-1]))

    @property
    def good(self) -> bool:
        """Whether the orders are those of theory, 3 for velocity and 2 for pressure, less 0.2."""
        return self.order(self.velocity) > 2.8 and self.order(self.pressure) > 1.8


class Kovasznay(Flow):
    """The flow behind a grid (Kovasznay, Proc. Camb. Phil. Soc. 44, 1948, 58):

    u = (1 - e^(lx) cos 2 pi y, l/(2 pi) e^(lx) sin 2 pi y, 0),  P = -e^(2lx)/2,  l = Re/2 - sqrt(Re^2/4 + 4 pi^2).

    The velocity is given on all sides but the one behind, where nu du/dn - P n is.
    """

    def residual(self, u: Any, P: Any, v: Any, q: Any) -> tuple[Any, Any]:
        momentum, mass = super().residual(u, P, v, q)
        x, n = ufl.SpatialCoordinate(self.body.mesh), ufl.FacetNormal(self.body.mesh)
        nu = self.thickening / REYNOLDS
        given = nu * ufl.grad(_ufl_velocity(x)) * n - _ufl_pressure(x) * n
        ds = ufl.Measure("ds", self.body.mesh, subdomain_data=self.body.facet_tags, metadata={"quadrature_degree": 8})
        return momentum - ufl.dot(given, v) * ds(2), mass

    @cached_property
    def boundary_velocity(self) -> fem.Function:
        given = fem.Function(self.space)
        given.interpolate(exact_velocity)
        inside = np.ones(len(given.x.array) // 3, dtype=bool)
        inside[self.nodes_on(self.walls)] = False
        given.x.array.reshape(-1, 3)[inside] = 0.0
        return given


def exact_velocity(x: Array) -> Array:
    """mm/s at points (3, n), mm."""
    grow = np.exp(DECAY * x[0])
    across = DECAY / (2 * pi) * grow * np.sin(2 * pi * x[1])
    return np.stack([1 - grow * np.cos(2 * pi * x[1]), across, 0 * x[0]])


def _ufl_velocity(x: Any) -> Any:
    grow = ufl.exp(DECAY * x[0])
    across = DECAY / (2 * pi) * grow * ufl.sin(2 * pi * x[1])
    return ufl.as_vector([1 - grow * ufl.cos(2 * pi * x[1]), across, 0 * x[0]])


def _ufl_pressure(x: Any) -> Any:
    return -ufl.exp(2 * DECAY * x[0]) / 2


def observe(divisions: tuple[int, ...] = (4, 8, 12), comm: MPI.Comm = MPI.COMM_SELF) -> FlowOrders:
    """Solve on boxes divided ever finer. Collective."""
    velocity, pressure = [], []
    for n in divisions:
        body = _box(n, comm)
        flow = Kovasznay(body, Fluid(1.0, Newtonian(1 / REYNOLDS)), [], ["sides"], ["behind"])
        state = steady(flow)
        x = ufl.SpatialCoordinate(body.mesh)
        dx = ufl.Measure("dx", body.mesh, metadata={"quadrature_degree": 8})
        gap = state.u - _ufl_velocity(x)
        velocity.append(sqrt(integral(body, ddot(gap, gap) * dx)))
        pressure.append(sqrt(integral(body, (state.P - _ufl_pressure(x)) ** 2 * dx)))
    return FlowOrders([1 / n for n in divisions], velocity, pressure)


def _box(n: int, comm: MPI.Comm) -> Body:
    corners = [np.array([-0.5, -0.5, 0.0]), np.array([0.5, 0.5, 0.25])]
    mesh = dmesh.create_box(comm, corners, [n, n, max(n // 4, 1)], dmesh.CellType.tetrahedron)
    mesh.topology.create_connectivity(2, 3)
    facets = dmesh.exterior_facet_indices(mesh.topology)
    cells = np.arange(mesh.topology.index_map(3).size_local, dtype=np.int32)
    cell_tags = dmesh.meshtags(mesh, 3, cells, np.ones_like(cells))
    behind = dmesh.locate_entities_boundary(mesh, 2, lambda x: np.isclose(x[0], 0.5))
    facet_tags = dmesh.meshtags(mesh, 2, facets, np.where(np.isin(facets, behind), 2, 1).astype(np.int32))
    return Body(mesh, cell_tags, facet_tags, {1: "fluid"}, {1: "sides", 2: "behind"})
