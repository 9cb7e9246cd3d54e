"""Loads: tractions on surfaces, most of all those statically equivalent to a force and a moment; body forces."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import combinations_with_replacement
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
class Resultant:
    """Force (3,), N, and moment (3,), N mm, about a point; ``size``, N, is what its balance is measured against."""

    force: Array
    moment: Array
    size: float


class Load(ABC):
    """Something that does work on a displacement."""

    @abstractmethod
    def virtual_work(self, body: Body, v: Any) -> Any:
        """UFL form of the load's work on the virtual displacement ``v``. Collective."""

    @abstractmethod
    def resultant(self, body: Body, about: Array) -> Resultant:
        """Force and moment about a point. Collective."""


class SurfaceLoad(Load):
    """A traction on the surface ``surface``."""

    surface: str

    @abstractmethod
    def traction(self, body: Body) -> Any:
        """UFL vector, MPa."""

    def virtual_work(self, body: Body, v: Any) -> Any:
        return ufl.dot(self.traction(body), v) * surface_measure(body, self.surface)

    def resultant(self, body: Body, about: Array) -> Resultant:
        return _resultant(body, self.traction(body), surface_measure(body, self.surface), about)


@dataclass(frozen=True)
class Pressure(SurfaceLoad):
    """A pressure, MPa, against a surface: t = -p n."""

    surface: str
    pressure: float

    def traction(self, body: Body) -> Any:
        return -fem.Constant(body.mesh, self.pressure) * ufl.FacetNormal(body.mesh)


@dataclass(frozen=True)
class Traction(SurfaceLoad):
    """A traction, MPa, as a function of position and outward normal (UFL vectors)."""

    surface: str
    function: Callable[[Any, Any], Any]

    def traction(self, body: Body) -> Any:
        return self.function(ufl.SpatialCoordinate(body.mesh), ufl.FacetNormal(body.mesh))


@dataclass(frozen=True)
class BodyForce(Load):
    """A force per volume, N/mm^3, as a function of position (a UFL vector)."""

    function: Callable[[Any], Any]

    def _measure(self, body: Body) -> Any:
        return ufl.Measure("dx", body.mesh, metadata={"quadrature_degree": DEGREE})

    def virtual_work(self, body: Body, v: Any) -> Any:
        return ufl.dot(self.function(ufl.SpatialCoordinate(body.mesh)), v) * self._measure(body)

    def resultant(self, body: Body, about: Array) -> Resultant:
        return _resultant(body, self.function(ufl.SpatialCoordinate(body.mesh)), self._measure(body), about)


@dataclass(frozen=True)
class Wrench(SurfaceLoad):
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
        return self._spread(body)[0]

    def conjugate_displacement(self, body: Body, u: Any) -> Array:
        """Displacement (3,) of the point ``about`` that the mean motion of the surface carries along, mm. Collective.

        By reciprocity (Betti, 1872): its components are the work on ``u`` of the tractions of unit forces there.

        Parameters
        ----------
        body : Body
        u : UFL vector
            Displacement, mm.

        Raises
        ------
        SolverError
            As for `traction`.
        """
        traction, act = self._spread(body)
        work = form(ufl.dot(traction, u) * surface_measure(body, self.surface), body.comm)

        def of_unit_force(direction: Array) -> float:
            act(direction, np.zeros(3))
            return body.sum(fem.assemble_scalar(work))

        return np.array([of_unit_force(direction) for direction in np.eye(3)])

    def _spread(self, body: Body) -> tuple[Any, Callable[[Array, Array], None]]:
        """The traction, a UFL vector, and a function that makes it that of another force, N, and moment, N mm."""
        w = self.weight.on(body)
        area, centroid, second = _moments(body, self.surface, w)
        # Int (x-c) = 0, so force and moment decouple: F = A a, and M about c = K b with
        # K = Int w (|r|^2 I - r r^T), the inertia tensor of the surface.
        inertia = np.trace(second) * np.eye(3) - second
        x = ufl.SpatialCoordinate(body.mesh)
        A, B, c = (fem.Constant(body.mesh, v) for v in (np.zeros(3), np.zeros(3), centroid))

        def act(force: Array, moment: Array) -> None:
            A.value = force / area
            B.value = np.linalg.solve(inertia, moment + np.cross(np.array(self.about) - centroid, force))

        act(np.array(self.force), np.array(self.moment))
        return w * (A + ufl.cross(B, x - c)), act

    def resultant(self, body: Body, about: Array) -> Resultant:
        """What was asked for, not what was assembled: a wrongly scaled traction shows in the balance."""
        force = np.array(self.force)
        moment = np.array(self.moment) + np.cross(np.array(self.about) - about, force)
        return Resultant(force, moment, float(np.linalg.norm(force)))


def _moments(body: Body, surface: str, w: Any) -> tuple[float, Array, Array]:
    """Area, centroid and second moments (3, 3) about it, weighted by ``w``."""
    origin, i, j = (fem.Constant(body.mesh, np.zeros(3)) for _ in range(3))
    one, other = (fem.Constant(body.mesh, 0.0) for _ in range(2))
    r = ufl.SpatialCoordinate(body.mesh) - origin
    product = form(w * (one + ufl.dot(r, i)) * (other + ufl.dot(r, j)) * surface_measure(body, surface), body.comm)

    def moment(first: Array, second: Array) -> float:
        """Integral of the product of two functions c + g . r, given as (c, g)."""
        for constant, gradient, values in ((one, i, first), (other, j, second)):
            constant.value, gradient.value = values[0], values[1:]
        return body.sum(fem.assemble_scalar(product))

    constant, *coordinates = np.eye(4)
    area = moment(constant, constant)
    if area <= 1e-9:
        raise SolverError(f"nothing of the surface '{surface}' lies where the load acts")
    centroid = np.array([moment(constant, along) for along in coordinates]) / area
    origin.value = centroid
    second = np.empty((3, 3))
    for k, m in combinations_with_replacement(range(3), 2):
        second[k, m] = second[m, k] = moment(coordinates[k], coordinates[m])
    return area, centroid, second


def _resultant(body: Body, density: Any, measure: Any, about: Array) -> Resultant:
    """Integrals of a density of force."""
    centre = fem.Constant(body.mesh, about)
    moment = ufl.cross(ufl.SpatialCoordinate(body.mesh) - centre, density)
    pick = fem.Constant(body.mesh, np.zeros(3))
    forms = [form(ufl.dot(vector, pick) * measure, body.comm) for vector in (density, moment)]
    sums = np.empty((2, 3))
    for k in range(3):
        pick.value[:] = np.eye(3)[k]
        sums[:, k] = [body.sum(fem.assemble_scalar(f)) for f in forms]
    size = integral(body, ufl.sqrt(ufl.dot(density, density)) * measure)
    return Resultant(sums[0], sums[1], size)
