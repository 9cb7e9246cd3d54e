"""Unsteady flow: one time step after the other, of second order."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import ufl
from dolfinx import fem
from numpy.typing import NDArray

from solvers.errors import SolverError
from solvers.flow import Flow
from solvers.forms import form
from solvers.gauges import FlowGauge
from solvers.loads import surface_measure
from solvers.stepped import Product, Stepped
from solvers.windkessel import Filling

Array = NDArray[np.float64]


class Transient:
    """du/dt added to the weak form of `Flow`, by the second backward difference:

        (3 u_n - 4 u_(n-1) + u_(n-2)) / (2 dt) + (w . grad) u_n - div 2 nu(w) eps(u_n) + grad P_n = 0,
        w = 2 u_(n-1) - u_(n-2)

    (Curtiss and Hirschfelder, Proc. Natl. Acad. Sci. 38, 1952, 235; the extrapolated carrier w after Ingram, Math.
    Comput. 82, 2013, 1953). It is A-stable, damps what is fast, and needs one linear system a step (`solvers.stepped`).
    On the solution of Ethier and Steinman (verification/ethier_steinman.py) the fully implicit step by Newton's method
    had 0.78 of the error and took two systems, twice the time; a step shorter by 0.88 does the same. The first step is
    of the first order (backward Euler): its error is made once, and is itself of second order.

    Parameters
    ----------
    flow : Flow
    boundary : callable
        Velocity (3 n,) given at the nodes of the boundary of this rank at a time, s; other nodes are not read.
    start : Function or None
        Velocity at time 0, mm/s; a fluid at rest if None.
    dt : float, s
    windkessel : Filling or None
        What lies behind the outlet, the only one, at time 0.

    Raises
    ------
    SolverError
        If there is a windkessel but not one single outlet.

    Attributes
    ----------
    u, P : Function
        Velocity, mm/s, and kinematic pressure, mm^2/s^2, at ``time``, s.
    carrier : Function
        The w of the last step, mm/s.
    """

    def __init__(
        self,
        flow: Flow,
        boundary: Callable[[float], Array],
        start: fem.Function | None,
        dt: float,
        windkessel: Filling | None = None,
    ) -> None:
        if windkessel is not None and len(flow.outlets) != 1:
            raise SolverError("a windkessel needs a flow with one single outlet")
        self.flow, self.dt, self.time, self.steps = flow, dt, 0.0, 0
        self._boundary, self._windkessel = boundary, windkessel
        flow.thickening.value = flow.lawful.value = 1.0  # a steady flow may have been found for a thicker fluid
        mesh, comm, spaces = flow.body.mesh, flow.body.comm, [flow.space, flow.pressures]
        self.u, self.P = fem.Function(flow.space, name="velocity"), fem.Function(flow.pressures, name="pressure")
        self.carrier, self._before, self._earlier = (fem.Function(flow.space) for _ in range(3))
        self._step, self._increase = fem.Function(flow.space), fem.Function(flow.pressures)
        if start is not None:
            self.u.x.array[:] = start.x.array
        self._entering = FlowGauge(flow.body, [inlet.surface for inlet in flow.inlets], self.u)
        self._rates = [fem.Constant(mesh, 0.0) for _ in range(3)]
        self._behind = fem.Constant(mesh, 0.0)
        v, q = (ufl.TestFunction(space) for space in spaces)
        momentum, mass = flow.oseen(self.carrier, self.u, self.P, v, q)
        levels = (self.u, self._before, self._earlier)
        momentum += ufl.dot(sum(a * u for a, u in zip(self._rates, levels, strict=True)), v) * flow.dx
        if windkessel is not None:
            n = ufl.FacetNormal(mesh)
            momentum += self._behind * ufl.dot(n, v) * surface_measure(flow.body, flow.outlets[0])
        F, unknowns = (momentum, mass), (self.u, self.P)
        trials, direction = [ufl.TrialFunction(space) for space in spaces], [fem.Function(space) for space in spaces]
        J = [[ufl.derivative(f, x, d) for x, d in zip(unknowns, trials, strict=True)] for f in F]
        J[1][1] = None  # no form: the block is empty
        product = [sum(ufl.derivative(f, x, d) for x, d in zip(unknowns, direction, strict=True)) for f in F]
        compiled = [form(blocks, comm) for blocks in (list(F), J, product)]
        times = Product(compiled[2], direction, spaces, flow.conditions)
        self._saddle = Stepped(compiled[0], compiled[1], spaces, flow.conditions, times)

    def step(self) -> None:
        """Go on by dt. Collective.

        Raises
        ------
        SolverError
            If the linear system is singular.
        """
        u, before, earlier = (f.x.array for f in (self.u, self._before, self._earlier))
        earlier[:], before[:] = before, u
        self.steps += 1
        self.time = self.steps * self.dt
        first = self.steps == 1
        for constant, value in zip(self._rates, (1.0, -1.0, 0.0) if first else (1.5, -2.0, 0.5), strict=True):
            constant.value = value / self.dt
        self.carrier.x.array[:] = before if first else 2 * before - earlier
        u[:] = self._given(self.carrier.x.array.copy())
        if self._windkessel is not None:
            # What enters leaves: the flow through the only outlet is known before the step, and nothing is iterated.
            pressure = self._windkessel.step(self.dt, -self._entering.read())
            self._behind.value = pressure / self.flow.fluid.density
        self._saddle.residual()
        self._saddle.step([self._step, self._increase])
        u += self._step.x.array
        self.P.x.array[:] += self._increase.x.array

    def residual(self) -> float:
        """Of the momentum and the mass of the last step, assembled anew, by that of a fluid that is at rest between the
        boundaries after the step. Collective.
        """
        u, P = self.u.x.array.copy(), self.P.x.array.copy()
        found = self._saddle.residual()
        self.u.x.array[:], self.P.x.array[:] = self._given(np.zeros_like(u)), 0.0
        reference = self._saddle.residual()
        self.u.x.array[:], self.P.x.array[:] = u, P
        return found / reference

    def _given(self, velocity: Array) -> Array:
        """A velocity, with what the boundary has now."""
        given = self._boundary(self.time)
        for condition in self.flow.conditions:
            dofs, _ = condition.dof_indices()
            velocity[dofs] = given[dofs]
        return velocity

    def destroy(self) -> None:
        """Free the matrices. Collective."""
        self._saddle.destroy()
