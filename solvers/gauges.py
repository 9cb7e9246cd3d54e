"""What is read off a flow at every time step, compiled once."""

from __future__ import annotations

from collections.abc import Sequence

import ufl
from dolfinx import fem

from solvers.body import Body
from solvers.forms import form
from solvers.loads import integral, surface_measure


class FlowGauge:
    """Volume, mm^3/s, that leaves through some surfaces."""

    def __init__(self, body: Body, surfaces: Sequence[str], u: fem.Function) -> None:
        n = ufl.FacetNormal(body.mesh)
        self._body = body
        self._forms = [form(ufl.dot(u, n) * surface_measure(body, surface), body.comm) for surface in surfaces]

    def read(self) -> float:
        """Now. Collective."""
        return self._body.sum(sum(fem.assemble_scalar(f) for f in self._forms))


class PressureGauge:
    """Kinematic pressure, mm^2/s^2: its mean over each surface, and the mean of those."""

    def __init__(self, body: Body, surfaces: Sequence[str], P: fem.Function) -> None:
        self._body = body
        measures = [surface_measure(body, surface) for surface in surfaces]
        areas = [integral(body, fem.Constant(body.mesh, 1.0) * ds) for ds in measures]
        self._forms = [(form(P * ds, body.comm), area) for ds, area in zip(measures, areas, strict=True)]

    def read(self) -> float:
        """Now. Collective."""
        means = [fem.assemble_scalar(f) / area for f, area in self._forms]
        return self._body.sum(sum(means) / len(means))


class Distance:
    """Norm in L2, squared, of a velocity and of what it differs by from another, mm^5/s^2."""

    def __init__(self, body: Body, u: fem.Function) -> None:
        dx = ufl.Measure("dx", body.mesh, metadata={"quadrature_degree": 4})
        self.other = fem.Function(u.function_space)
        gap = u - self.other
        self._body = body
        self._forms = [form(ufl.inner(f, f) * dx, body.comm) for f in (gap, u)]

    def read(self) -> tuple[float, float]:
        """Of the difference, and of the velocity. Collective."""
        gap, size = (self._body.sum(fem.assemble_scalar(f)) for f in self._forms)
        return gap, size
