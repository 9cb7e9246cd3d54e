"""Pulsatile flow: cycle after cycle until one is like the one before."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from dolfinx import fem
from mpi4py import MPI
from numpy.typing import NDArray

from solvers.body import Body
from solvers.carry_over import carry_over
from solvers.flow import Flow, FlowState
from solvers.gauges import Distance, FlowGauge, PressureGauge
from solvers.systems import SolveInfo
from solvers.transient import Transient
from solvers.waveform import Waveform
from solvers.windkessel import Filling, Windkessel

Array = NDArray[np.float64]

PERIODIC = 1e-3  # distance of the velocity from the periodic one, in L2 over space and time, by its norm
ROUNDING = 1e-6  # a change that the tolerance of the time steps makes by itself


@dataclass(frozen=True)
class Cycle:
    """The last cycle, at the ends of its m time steps.

    Attributes
    ----------
    times : (m,) array, s
        From the beginning of the cycle; the last is the period.
    velocities : (m, 3 n) array, mm/s
        At the nodes of this rank.
    inflow, outflow : (m,) arrays, mm^3/s
        Through all inlets and all outlets.
    upstream, downstream : (m,) arrays, MPa
        Mean pressure of the inlets and of the outlets.
    courant : float
        Largest |u| dt / h of all cells and times, h the edge of a regular tetrahedron as large as the cell.
    count : int
        Cycles that were computed.
    distance : float
        Estimate of how far the velocity is from the periodic one, in L2 over space and time, by its norm: see
        `distance_left`.
    """

    times: Array
    velocities: Array
    inflow: Array
    outflow: Array
    upstream: Array
    downstream: Array
    courant: float
    count: int
    distance: float

    @property
    def dt(self) -> float:
        """s."""
        return float(self.times[0])

    @property
    def peak(self) -> int:
        """Index of the time of the largest inflow."""
        return int(np.argmax(self.inflow))

    @property
    def periodic(self) -> bool:
        return self.distance <= PERIODIC

    @property
    def imbalance(self) -> float:
        """Inflow less outflow at the worst time, by the largest inflow."""
        return float(np.abs(self.inflow - self.outflow).max() / np.abs(self.inflow).max())


@dataclass(frozen=True, kw_only=True)
class PulsatileFlow(FlowState):
    """A pulsatile flow; ``u`` and ``P`` are those at the time of the largest inflow."""

    cycle: Cycle

    def beginning(self) -> fem.Function:
        """Velocity at the beginning of a cycle, which is the end of the last one, mm/s."""
        found = fem.Function(self.problem.space)
        found.x.array[:] = self.cycle.velocities[-1]
        return found


def pulsate(
    flow: Flow,
    waveform: Waveform,
    steps: int,
    most_cycles: int,
    start: fem.Function | None = None,
    behind: Windkessel | None = None,
) -> PulsatileFlow:
    """Flow whose inlets carry their flow rate times a waveform. Collective.

    The profile at the inlets is that of a developed steady flow at every instant (quasi-steady); Womersley's, which a
    long tube would bring in, is not imposed.

    Parameters
    ----------
    flow : Flow
    waveform : Waveform
        Factor of the flow rates of the inlets.
    steps : int
        Time steps of a cycle.
    most_cycles : int
        3 at least; after so many the flow is given back as it is, and its cycle says that it is not `periodic`.
    start : Function or None
        Velocity at time 0, on this mesh or another one, mm/s; a fluid at rest if None.
    behind : Windkessel or None
        What lies behind the only outlet; it begins filled as it will be once the flow is periodic.
    """
    profile = flow.boundary_velocity.x.array
    filling = None
    if behind is not None:
        total = sum(inlet.flow_rate for inlet in flow.inlets)
        filling = Filling(behind, behind.periodic(Waveform(waveform.period, lambda x: total * waveform.function(x))))
    given = lambda t: profile * float(waveform(t))  # noqa: E731
    return periodic(flow, given, waveform.period, steps, most_cycles, start, filling)


def periodic(
    flow: Flow,
    boundary: Callable[[float], Array],
    period: float,
    steps: int,
    most_cycles: int,
    start: fem.Function | None = None,
    filling: Filling | None = None,
) -> PulsatileFlow:
    """Flow whose velocity is given on the boundary as a function of time of this period, s. Collective.

    For ``boundary`` and ``filling`` see `Transient`, for the rest `pulsate`.
    """
    begin = None
    if start is not None:
        begin = fem.Function(flow.space)
        carry_over(start, begin)
    run = Transient(flow, boundary, begin, period / steps, filling)
    log = _Log(run, steps)
    changes: list[float] = []
    while len(changes) < most_cycles and distance_left(changes) > PERIODIC:
        changes.append(log.cycle())
    residual = run.residual()
    run.destroy()
    found = log.found(len(changes), distance_left(changes))
    u, P = run.u, run.P
    u.x.array[:], P.x.array[:] = found.velocities[found.peak], log.pressure
    return PulsatileFlow(flow, u, P, SolveInfo(run.steps, residual, direct=True), cycle=found)


def distance_left(changes: Sequence[float]) -> float:
    """How far a sequence of cycles still is from the periodic one.

    If the changes from one cycle to the next fall like a geometric series of ratio r, all those to come add up to
    r / (1 - r) times the last. At least the last change itself, and infinite before two changes are known.

    Parameters
    ----------
    changes : sequence of float
        Of each cycle against the one before; infinite for the first.
    """
    if len(changes) < 3:
        return math.inf
    before, last = changes[-2:]
    if last <= ROUNDING:
        return last
    ratio = max(last / before, 0.5)
    return last * ratio / (1 - ratio) if ratio < 1 else math.inf


class _Log:
    """What is kept of the cycle that was computed last."""

    def __init__(self, run: Transient, steps: int) -> None:
        flow, body = run.flow, run.flow.body
        inlets = [inlet.surface for inlet in flow.inlets]
        self._run, self._density = run, flow.fluid.density
        self._velocities = np.zeros((steps, len(run.u.x.array)))
        self._rows = np.zeros((steps, 5))
        self._gauges: list[FlowGauge | PressureGauge] = [
            FlowGauge(body, inlets, run.u),
            FlowGauge(body, flow.outlets, run.u),
            PressureGauge(body, inlets, run.P),
            PressureGauge(body, flow.outlets, run.P),
        ]
        self._distance = Distance(body, run.u)
        self._edges = cell_edges(body)
        self._cells = flow.space.dofmap.list[: len(self._edges)]
        self.pressure = run.P.x.array.copy()

    def cycle(self) -> float:
        """Compute one; its change against the one before, infinite for the first. Collective."""
        run, change, size = self._run, 0.0, 0.0
        fastest = -math.inf
        known = run.steps > 0
        for k, kept in enumerate(self._velocities):
            run.step()
            self._distance.other.x.array[:] = kept
            gap, square = self._distance.read()
            change, size = change + gap, size + square
            kept[:] = run.u.x.array
            speed = np.linalg.norm(run.u.x.array.reshape(-1, 3), axis=1)
            courant = float((speed[self._cells].max(axis=1) / self._edges).max(initial=0.0)) * run.dt
            self._rows[k] = *(gauge.read() for gauge in self._gauges), courant
            inflow = -self._rows[k, 0]
            if inflow > fastest:
                fastest = inflow
                self.pressure[:] = run.P.x.array
        return math.sqrt(change / size) if known else math.inf

    def found(self, count: int, distance: float) -> Cycle:
        """Collective."""
        leaving, outflow, upstream, downstream, courant = self._rows.T
        run = self._run
        times = run.dt * np.arange(1.0, len(self._rows) + 1)
        most = float(run.flow.body.comm.allreduce(courant.max(), op=MPI.MAX))
        above, below = self._density * upstream, self._density * downstream
        return Cycle(times, self._velocities, -leaving, outflow, above, below, most, count, distance)


def cell_edges(body: Body) -> Array:
    """Edges (k,) of regular tetrahedra as large as the cells of this rank, mm."""
    mesh = body.mesh
    corners = mesh.geometry.x[mesh.geometry.dofmaps[0][: mesh.topology.index_map(3).size_local, :4]]
    volume = np.abs(np.linalg.det(corners[:, 1:] - corners[:, :1])) / 6
    return np.asarray((6 * math.sqrt(2) * volume) ** (1 / 3))
