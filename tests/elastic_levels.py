"""Elasticity on a cube whose cells are curved and whose material differs from cell to cell, for tests."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from mpi4py import MPI

from solvers import multigrid  # isort: skip  (before dolfinx, see there)
import basix.ufl
import ufl
from dolfinx import fem, mesh
from dolfinx.fem import petsc
from petsc4py import PETSc

from solvers.elasticity import COARSE_DEGREE, DEGREE
from solvers.systems import Level, SolveInfo
from solvers.tensors import ddot, sym_grad

Solve = Callable[[Level, Level, PETSc.Vec, fem.Function], SolveInfo]
Moduli = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


def cube(comm: MPI.Comm, n: int, bend: float, seed: int = 0) -> mesh.Mesh:
    """A unit cube of 6 n^3 tetrahedra, alike for all numbers of ranks; middle nodes at x > 1/2 are off by bend / n."""
    cells, x = np.empty((0, 10), dtype=np.int64), np.empty((0, 3))
    if comm.rank == 0:
        plain = mesh.create_unit_cube(MPI.COMM_SELF, n, n, n)
        space = fem.functionspace(plain, ("Lagrange", 2, (3,)))
        cells, x = space.dofmap.list.astype(np.int64), space.tabulate_dof_coordinates()
        middle = np.zeros(len(x), dtype=bool)
        middle[cells[:, 4:]] = True
        noise = np.random.default_rng(seed).uniform(-bend / n, bend / n, x.shape)
        x = x + noise * (middle & (x[:, 0] > 0.5))[:, None]
    element = basix.ufl.element("Lagrange", "tetrahedron", 2, shape=(3,))
    partitioner = mesh.create_cell_partitioner(mesh.GhostMode.shared_facet, 2)
    return mesh.create_mesh(comm, cells, element, x, partitioner)


def levels(domain: mesh.Mesh, moduli: Moduli) -> tuple[Level, Level]:
    """Quadratic and linear elements: one face clamped, one on rollers, one node held along an axis."""
    constant = fem.functionspace(domain, ("DG", 0))
    lam, mu = fem.Function(constant), fem.Function(constant)
    e, nu = moduli(constant.tabulate_dof_coordinates().T, domain.topology.original_cell_index)
    lam.x.array[:], mu.x.array[:] = e * nu / ((1 + nu) * (1 - 2 * nu)), e / (2 * (1 + nu))
    owned = domain.topology.index_map(3).size_local
    found = []
    for degree, quadrature in ((2, DEGREE), (1, COARSE_DEGREE)):
        space = fem.functionspace(domain, ("Lagrange", degree, (3,)))
        u, v = ufl.TrialFunction(space), ufl.TestFunction(space)
        stress = lam * ufl.tr(sym_grad(u)) * ufl.Identity(3) + 2 * mu * sym_grad(u)
        clamped = fem.locate_dofs_geometrical(space, lambda x: np.isclose(x[0], 0))
        part = space.sub(1)
        nodes = np.flatnonzero(np.isclose(space.tabulate_dof_coordinates()[:, 1], 0)).astype(np.int32)
        corner = np.flatnonzero(np.isclose(space.tabulate_dof_coordinates(), 1).all(axis=1)).astype(np.int32)
        conditions = [
            fem.dirichletbc(np.zeros(3), clamped, space),
            fem.dirichletbc(0.0, 3 * nodes + np.int32(1), part),
            fem.dirichletbc(0.0, 3 * corner + np.int32(2), space.sub(2)),
        ]
        dx = ufl.dx(domain, degree=quadrature)
        lame = lam.x.array[:owned].copy(), mu.x.array[:owned].copy()
        found.append(Level(space, ddot(stress, sym_grad(v)) * dx, conditions, lame, quadrature))
    return found[0], found[1]


def random_vector(level: Level, seed: int) -> PETSc.Vec:
    """Numbers that belong to places, so that the number of ranks does not matter."""
    space = level.space
    owned = space.dofmap.index_map.size_local
    x = space.tabulate_dof_coordinates()[:owned]
    waves = np.random.default_rng(seed).uniform(-20, 20, (3, 3))
    vector = petsc.create_vector(space)
    vector.array[:] = np.sin(x @ waves + 1.0).ravel()
    return vector


def solved(fine: Level, coarse: Level, solve: Solve = multigrid.solve) -> tuple[fem.Function, SolveInfo]:
    """Answer to random nodal forces."""
    b, u = random_vector(fine, 1), fem.Function(fine.space)
    petsc.set_bc(b, list(fine.conditions))
    return u, solve(fine, coarse, b, u)
