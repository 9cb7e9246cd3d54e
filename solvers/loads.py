"""Loads: distributed tractions that are statically equivalent to a force and a moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import ufl
from dolfinx import fem
from numpy.typing import NDArray

from solvers.body import Body
from solvers.errors import SolverError
from solvers.forms import form

Array = NDArray[np.float64]
Vector = tuple[float, float, float]

DEGREE = 6  # of the quadrature on loaded surfaces: the weight of a roller is no polynomial


class Weight(Protocol):
    """How a traction is spread: a smooth factor, 0 where nothing acts."""

    def on(self, body: Body) -> Any:
        """UFL expression of the factor."""


@dataclass(frozen=True)
class Everywhere:
    """The whole surface alike."""

    def on(self, body: Body) -> Any:
        return fem.Constant(body.mesh, 1.0)


@dataclass(frozen=True)
class Strip:
    """A band across the surface, as a roller touches it: cos^2 over its width.

    The pressure falls smoothly to zero, so that the stress below stays bounded however fine the mesh;
    a line load would not.

    Attributes
    ----------
    point : (3,) mm
        On the middle of the band.
    normal : (3,) unit vector
        Across the band.
    width : float, mm
    """

    point: Vector
    normal: Vector
    width: float

    def on(self, body: Body) -> Any:
        x = ufl.SpatialCoordinate(body.mesh)
        point, normal = fem.Constant(body.mesh, self.point), fem.Constant(body.mesh, self.normal)
        width = fem.Constant(body.mesh, self.width)
        s = ufl.dot(x - point, normal)
        return ufl.conditional(ufl.lt(abs(s), width / 2), ufl.cos(ufl.pi * s / width) ** 2, 0.0)


def surface_measure(body: Body, label: str, degree: int = DEGREE) -> Any:
    """Surface integral over the facets that carry ``label``."""
    ds = ufl.Measure("ds", body.mesh, subdomain_data=body.facet_tags, metadata={"quadrature_degree": degree})
    return ds(tuple(body.surface_tags(label)))


def integral(body: Body, integrand: Any) -> float:
    """Value of a scalar UFL integral over all ranks. Collective."""
    return body.sum(fem.assemble_scalar(form(integrand, body.comm)))


@dataclass(frozen=True)
class Wrench:
    """A force and a moment carried to a surface by a distributed traction.

    The traction is w(x) (a + b x (x - c)) with c the weighted centroid of the surface; a and b are such that its
    resultant is ``force`` and its moment about ``about`` is ``moment``, exactly in the quadrature used.

    Attributes
    ----------
    surface : str
        Label.
    force : (3,) N
    about : (3,) mm
        Where the force acts.
    moment : (3,) N mm
    weight : Weight
    """

    surface: str
    force: Vector
    about: Vector
    moment: Vector = (0.0, 0.0, 0.0)
    weight: Weight = field(default_factory=Everywhere)

    def traction(self, body: Body) -> Any:
        """UFL vector, MPa.

        Raises
        ------
        SolverError
            If the surface (or the part of it that the weight leaves) has no area.
        """
        w = self.weight.on(body)
        area, centroid, second = _moments(body, self.surface, w)
        # Int (x-c) = 0, so force and moment decouple: F = A a, and M about c = K b with
        # K = Int w (|r|^2 I - r r^T), the inertia tensor of the surface.
        inertia = np.trace(second) * np.eye(3) - second
        force, arm = np.array(self.force), np.array(self.about) - centroid
        moment = np.array(self.moment) + np.cross(arm, force)
        a, b = force / area, np.linalg.solve(inertia, moment)
        x = ufl.SpatialCoordinate(body.mesh)
        A, B, c = (fem.Constant(body.mesh, v) for v in (a, b, centroid))
        return w * (A + ufl.cross(B, x - c))


def _moments(body: Body, surface: str, w: Any) -> tuple[float, Array, Array]:
    """Area, centroid and second moments (3, 3) about it, weighted by ``w``."""
    x = ufl.SpatialCoordinate(body.mesh)
    ds = surface_measure(body, surface)
    zero = fem.Constant(body.mesh, np.zeros(3))
    pick, origin, i, j = (
        fem.Constant(body.mesh, np.zeros(3)),
        zero,
        *(fem.Constant(body.mesh, np.zeros(3)) for _ in "ij"),
    )
    r = x - origin
    area = integral(body, w * ds)
    if area <= 1e-9:
        raise SolverError(f"nothing of the surface '{surface}' lies where the load acts")
    linear = form(w * ufl.dot(r, pick) * ds, body.comm)
    quadratic = form(w * ufl.dot(r, i) * ufl.dot(r, j) * ds, body.comm)
    centroid = np.empty(3)
    for k in range(3):
        pick.value[:] = np.eye(3)[k]
        centroid[k] = body.sum(fem.assemble_scalar(linear)) / area
    origin.value[:] = centroid
    second = np.empty((3, 3))
    for k in range(3):
        for m in range(k, 3):
            i.value[:], j.value[:] = np.eye(3)[k], np.eye(3)[m]
            second[k, m] = second[m, k] = body.sum(fem.assemble_scalar(quadratic))
    return area, centroid, second
