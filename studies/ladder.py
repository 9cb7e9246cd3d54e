"""The ladder: ever finer meshes until every quantity is known as well as asked for."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

from mpi4py import MPI

from devices.device import Device
from devices.parameters import InputError
from geometry.errors import GeometryError
from geometry.mesh import MeshQuality, SizeBox, coarse_size, generate
from geometry.solid import Solid, cad
from protocols.protocol import Protocol
from protocols.result import Measured, Result, Specimen
from solvers.body import Body
from solvers.checks import Check, check_solution
from solvers.convergence import Estimate, estimate
from solvers.measures import volume

STEP = 1.5  # ratio of element sizes from one mesh to the next
FEWEST, MOST = 3, 5  # meshes
RETRIES = (1.0, 1.15, 1.3)  # a mesh that fails at a curved detail often works when it is a little finer
MOST_DOFS = 1_500_000
VOLUME_GAP = 5e-3

Progress = Callable[[str, dict[str, Any]], None]


@dataclass(frozen=True)
class Rung:
    """One mesh and what was measured on it."""

    cells: int
    dofs: int
    size: float
    quality: MeshQuality
    measured: list[Measured]
    seconds: float
    iterations: int


@dataclass
class Ladder:
    """All meshes of a run, coarse to fine, with the finest solution."""

    device: Device
    protocol: Protocol
    specimen: Specimen
    rungs: list[Rung] = field(default_factory=list)
    estimates: dict[str, Estimate] = field(default_factory=dict)
    checks: dict[str, Check] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    timings: dict[str, float] = field(default_factory=dict)
    finest: Result | None = None

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.timings[stage] = self.timings.get(stage, 0.0) + time.perf_counter() - start


def on_root[T](comm: MPI.Comm, work: Callable[[], T]) -> T:
    """Do something on rank 0 alone and give every rank its result, or its exception. Collective."""
    outcome: tuple[T | None, Exception | None] = (None, None)
    if comm.rank == 0:
        try:
            outcome = (work(), None)
        except Exception as raised:
            outcome = (None, raised)
    value, error = comm.bcast(outcome, root=0)
    if error is not None:
        raise error
    return value  # type: ignore[no-any-return]


@contextmanager
def climb(
    device: Device,
    protocol: Protocol,
    accuracy: float,
    comm: MPI.Comm,
    progress: Progress,
    on_solid: Callable[[Solid], None] = lambda solid: None,
) -> Iterator[Ladder]:
    """Climb until every quantity is converged or singular, or the budget is spent. Collective.

    The gmsh session of rank 0 stays open inside the context, with the solid and the finest mesh.

    Parameters
    ----------
    device, protocol : Device, Protocol
    accuracy : float
        Relative uncertainty wanted of every quantity.
    comm : MPI communicator
    progress : callable
        Told the stage and some facts.
    on_solid : callable
        Given the solid as the device drew it, before the protocol cuts it, on rank 0.

    Raises
    ------
    InputError, GeometryError
        If the parameters make no solid, or the test does not apply to it.
    SolverError
        If a solve fails.
    """
    with cad() if comm.rank == 0 else nullcontext():
        start = time.perf_counter()
        progress("geometry", {})
        solid: Solid | None = None

        def draw() -> tuple[Specimen, float, list[SizeBox], float]:
            nonlocal solid
            solid = device.build()
            solid.check_connected()
            solid.name_rest("surface")
            on_solid(solid)
            protocol.check(solid, type(device).title())
            specimen = Specimen.of(solid, device.cards())
            size = coarse_size(solid)
            return specimen, size, protocol.prepare(solid, size), solid.volume()

        specimen, size, boxes, drawn = on_root(comm, draw)
        ladder = Ladder(device, protocol, specimen, timings={"geometry": time.perf_counter() - start})
        ladder.warnings += protocol.remarks(specimen)
        for level in range(MOST):
            rung = _rung(ladder, solid, size / STEP**level, boxes, STEP**level, comm, progress)
            ladder.rungs.append(rung)
            _estimate(ladder, accuracy)
            waiting = sum(e.status == "not_converged" for e in ladder.estimates.values())
            facts = {"level": level + 1, "dofs": rung.dofs, "seconds": rung.seconds}
            progress("level", facts | {"open": waiting, "of": len(ladder.estimates)})
            if level + 1 >= FEWEST and all(e.status != "not_converged" for e in ladder.estimates.values()):
                break
            if rung.dofs * STEP**3 > MOST_DOFS:
                ladder.warnings.append(f"the ladder stopped at its budget of {MOST_DOFS:,} unknowns")
                break
        _check(ladder, drawn)
        yield ladder


def _rung(
    ladder: Ladder,
    solid: Solid | None,
    size: float,
    boxes: list[SizeBox],
    refinement: float,
    comm: MPI.Comm,
    progress: Progress,
) -> Rung:
    start = time.perf_counter()

    def mesh() -> MeshQuality:
        assert solid is not None
        for finer in RETRIES:
            try:
                return generate(solid, size / finer, boxes, refinement * finer)
            except GeometryError as error:
                reason = error
        raise reason

    progress("mesh", {"size": size})
    with ladder.timed("mesh"):
        quality = on_root(comm, mesh)
    with ladder.timed("transfer"):
        body = Body.from_gmsh(comm)
    progress("solve", {"cells": body.cell_count})
    with ladder.timed("solve"):
        solution = ladder.protocol.problem(body, ladder.specimen).solve()
    result = Result(ladder.specimen, solution)
    progress("measure", {})
    with ladder.timed("measure"):
        measured = ladder.protocol.measure(result)
    names = [m.name for m in measured]
    before = [m.name for m in ladder.rungs[0].measured] if ladder.rungs else names
    if not names or len(set(names)) < len(names) or names != before:
        raise InputError(
            f"{type(ladder.protocol).title()} must measure something, each under a name of its own, the same on every "
            f"mesh: {names}"
        )
    ladder.finest = result
    dofs = 3 * solution.problem.space.dofmap.index_map.size_global
    mean_size = (volume(body) / body.cell_count) ** (1 / 3)
    seconds = time.perf_counter() - start
    return Rung(body.cell_count, dofs, mean_size, quality, measured, seconds, solution.info.iterations)


def _estimate(ladder: Ladder, accuracy: float) -> None:
    sizes = [rung.size for rung in ladder.rungs]
    for k, quantity in enumerate(ladder.rungs[-1].measured):
        values = [rung.measured[k].value for rung in ladder.rungs]
        ladder.estimates[quantity.name] = estimate(sizes, values, accuracy, quantity.scale)
    for quantity in ladder.rungs[-1].measured:
        source = ladder.estimates.get(quantity.rests_on)
        if source is not None and source.status == "singular":
            # A factor falls towards zero as its stress grows without bound: by itself that looks like convergence.
            found = ladder.estimates[quantity.name]
            reason = f"it rests on {quantity.rests_on}, which is singular"
            ladder.estimates[quantity.name] = replace(found, extrapolated=None, status="singular", reason=reason)


def _check(ladder: Ladder, drawn: float) -> None:
    assert ladder.finest is not None
    solution = ladder.finest.solution
    with ladder.timed("check"):
        ladder.checks = check_solution(solution)
        gap = abs(volume(solution.body) - drawn) / drawn
        ladder.checks["mesh_volume"] = Check(gap, VOLUME_GAP, "volume of the mesh against the solid, relative gap")
        worst = min(rung.quality.min_sicn for rung in ladder.rungs)
        ladder.checks["mesh_quality"] = Check(
            -worst, 0.0, "smallest scaled inverse condition number of any element, negated: none may be inverted"
        )
    ladder.warnings += list(dict.fromkeys(ladder.finest.warnings))
