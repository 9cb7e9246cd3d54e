"""Manufactured solutions: the order of convergence on curved meshes.

A smooth displacement is chosen, the body force that makes it the solution is computed symbolically, and the error is
measured on a family of meshes (Roache, Verification and Validation in Computational Science and Engineering, 1998,
chapter 3).
"""

from __future__ import annotations

from itertools import pairwise

import gmsh
import numpy as np
import ufl
from mpi4py import MPI
from numpy.typing import NDArray
from pydantic import BaseModel

from geometry.mesh import generate
from geometry.solid import Solid, cad
from solvers.body import Body
from solvers.elasticity import Elasticity
from solvers.loads import BodyForce, integral
from solvers.supports import Imposed
from solvers.tensors import ddot, sym_grad
from verification.pulled import STEEL

Array = NDArray[np.float64]

RADIUS = 10.0  # mm
WAVE = 0.35  # 1/mm
SHORTFALL = 0.2  # by how much an observed order may stay below the theoretical one
SIZES = {1: (2.2, 1.6, 1.15, 0.8), 2: (2.6, 1.9, 1.4, 1.0)}  # mm, by degree


class Orders(BaseModel):
    """Observed orders of one degree: of the displacement in L2, and of the strain energy norm."""

    degree: int
    sizes: list[float]
    displacement_errors: list[float]
    energy_errors: list[float]
    displacement_order: float
    energy_order: float

    @property
    def good(self) -> bool:
        """Whether they are p + 1 and p (Strang and Fix, Analysis of the Finite Element Method, 1973, section 3.2)."""
        return self.displacement_order > self.degree + 1 - SHORTFALL and self.energy_order > self.degree - SHORTFALL


def displacement(x: Array) -> Array:
    """The chosen displacement at points (3, n), mm."""
    return 1e-3 * np.stack(
        [np.sin(WAVE * x[1]) * np.cos(WAVE * x[2]), np.sin(WAVE * x[2] + 0.3 * x[0]), np.cos(WAVE * x[0]) * x[1]]
    )


def symbolic(x: ufl.SpatialCoordinate) -> ufl.core.expr.Expr:
    """The same as a UFL vector."""
    return 1e-3 * ufl.as_vector(
        [
            ufl.sin(WAVE * x[1]) * ufl.cos(WAVE * x[2]),
            ufl.sin(WAVE * x[2] + 0.3 * x[0]),
            ufl.cos(WAVE * x[0]) * x[1],
        ]
    )


def observe(degree: int) -> Orders:
    """Errors and orders on an eighth of a ball."""
    lam, mu = STEEL.lame

    def stress(u: ufl.core.expr.Expr) -> ufl.core.expr.Expr:
        return lam * ufl.tr(sym_grad(u)) * ufl.Identity(3) + 2 * mu * sym_grad(u)

    sizes, displacements, energies = [], [], []
    for size in SIZES[degree]:
        with cad():
            ball = gmsh.model.occ.addSphere(0, 0, 0, RADIUS, angle1=0, angle3=np.pi / 2)
            solid = Solid.of({"ball": ball})
            solid.name_rest("skin")
            mesh = generate(solid, size, refinement=2 * max(SIZES[degree]) / size)
        body = Body.from_mesh(mesh, MPI.COMM_SELF)
        force = BodyForce(lambda x: -ufl.div(stress(symbolic(x))))
        problem = Elasticity(body, {"ball": STEEL}, [Imposed("skin", displacement)], [force], degree=degree)
        u = problem.solve().u
        error = u - symbolic(ufl.SpatialCoordinate(body.mesh))
        dx = ufl.Measure("dx", body.mesh, metadata={"quadrature_degree": 2 * degree + 3})
        displacements.append(integral(body, ufl.dot(error, error) * dx) ** 0.5)
        energies.append(integral(body, ddot(stress(error), sym_grad(error)) * dx) ** 0.5)
        sizes.append(float((integral(body, ufl.as_ufl(1.0) * dx) / body.cell_count) ** (1 / 3)))
    return Orders(
        degree=degree,
        sizes=sizes,
        displacement_errors=displacements,
        energy_errors=energies,
        displacement_order=_slope(sizes, displacements),
        energy_order=_slope(sizes, energies),
    )


def _slope(sizes: list[float], errors: list[float]) -> float:
    """Order by least squares over all meshes."""
    assert all(a > b for a, b in pairwise(sizes))
    return float(np.polyfit(np.log(sizes), np.log(errors), 1)[0])
