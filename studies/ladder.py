"""The ladder: meshes graded to the solution, ever finer, until every quantity is known as well as asked for.

Two meshes find out where the error is. The sizes they lead to are then kept, and the meshes of the ladder differ by a
factor alone: only so do the values on them tell an order of convergence.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Literal

import numpy as np
from mpi4py import MPI

from devices.parameters import InputError
from geometry.errors import GeometryError
from geometry.mesh import MeshQuality
from geometry.sizefield import SizeField
from geometry.solid import cad
from geometry.units import convert, same_kind
from protocols.result import Measured
from solvers.body import Body
from solvers.checks import Check
from solvers.convergence import LOCAL, Estimate, estimate
from solvers.errors import SolverError
from solvers.grading import LocalError, local_error
from solvers.measures import node_points, volume
from solvers.recovery import standard_error
from solvers.solution import Solution
from studies.budget import MB_PER_MILLION_DIRECT, Budget, peak_memory
from studies.case import Case, Drawing, Observed
from studies.collective import on_root

MOST_ROUGH = 5  # meshes that find the grading
SMALLEST_STEP, MARGIN = 1.25, 1.4  # where the mesh before has almost done it
FEWEST, MOST = 3, 7  # meshes of the ladder
RETRIES = (1.0, 1.15, 1.3, 1.6, 2.0)  # a mesh that fails at a curved detail often works when it is a little finer
VOLUME_GAP = 5e-3
DIRECT_TIME = 2  # power of the unknowns by which the time of a factorisation grows

Stop = Literal["memory", "time", "meshes", "mesh", "solver"]
STOPPED: dict[Stop, str] = {
    "memory": "budget of memory spent",
    "time": "budget of time spent",
    "meshes": "budget of meshes spent",
    "mesh": "no finer mesh could be made",
    "solver": "no solution was found on a finer mesh",
}

Progress = Callable[[str, dict[str, Any]], None]


@dataclass(frozen=True)
class Rung:
    """One mesh and what was measured on it.

    Attributes
    ----------
    scale : float
        Element size relative to the first mesh of the ladder; None for the meshes that find the grading.
    size : float
        Mean element size, mm.
    """

    cells: int
    dofs: int
    scale: float | None
    size: float
    quality: MeshQuality
    measured: list[Measured]
    seconds: float
    iterations: int
    rough: bool = False


@dataclass
class Ladder:
    """All meshes of a run, coarse to fine, with the finest solution."""

    case: Case[Any]
    accuracy: float
    comm: MPI.Comm
    progress: Progress
    drawing: Drawing | None = None
    solution: Solution = field(init=False)
    observed: Observed = field(init=False)
    rungs: list[Rung] = field(default_factory=list)
    estimates: dict[str, Estimate] = field(default_factory=dict)
    checks: dict[str, Check] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    timings: dict[str, float] = field(default_factory=dict)
    noise: dict[str, float] = field(default_factory=dict)
    exhausted: Stop | None = None
    _meshed: Callable[[], MeshQuality] | None = None  # the mesh of the finest solution, on rank 0
    _uniform: float = 0.0  # cells of the first mesh, as its sizes tell

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.timings[stage] = self.timings.get(stage, 0.0) + time.perf_counter() - start

    @property
    def finest(self) -> Rung:
        return self.rungs[-1]

    @property
    def steps(self) -> list[Rung]:
        """The meshes that differ by a factor alone."""
        return [rung for rung in self.rungs if rung.scale is not None]

    @property
    def open(self) -> list[str]:
        """Quantities that another mesh may settle."""
        return [name for name, e in self.estimates.items() if e.status == "not_converged"]

    # --- meshes --------------------------------------------------------------------------------

    def climb(self, budget: Budget) -> None:
        """Solve on one mesh after the other."""
        case = self.case
        sizes = self._explore() if case.graded else None
        for level in range(MOST):
            step = self._step() if level >= FEWEST else case.step
            # A mesh may have come out finer than it was to be: the next one is finer than that.
            scale = case.feasible((self.steps[-1].scale or 1.0) / step if level >= 1 else case.first)
            if level >= 1 and (why := self._too_dear(budget, step)):
                self.exhausted = why
                break
            try:
                self._add(sizes.with_sizes(sizes.sizes * scale) if sizes else None, scale)
            except (GeometryError, SolverError) as error:
                if level < 1:
                    raise
                # What the meshes before have shown stays.
                self.exhausted = "mesh" if isinstance(error, GeometryError) else "solver"
                self.warnings.append(f"mesh {len(self.rungs) + 1}: {error}")
                self._mesh_again()
                break
            if level + 1 >= FEWEST and not self.open:
                break
        else:
            self.exhausted = "meshes"
        if self.exhausted:
            for name in self.open:
                found = self.estimates[name]
                self.estimates[name] = replace(found, reason=f"{STOPPED[self.exhausted]}; {found.reason}")
        self.checks = self._check()
        self.warnings += dict.fromkeys(self.observed.warnings)

    def _explore(self) -> SizeField | None:
        """Sizes of the ladder's meshes, but for a factor, found on coarse meshes; on rank 0 only. Collective."""
        self._add(None, None)
        cells = self.case.growth
        self._add(self._graded(cells), None)
        while self.solution.info.rough and len(self.rungs) < MOST_ROUGH:  # still not what was to be solved
            cells *= self.case.growth
            self._add(self._graded(cells), None)
        return self._graded(cells)

    def _step(self) -> float:
        """By how much the next mesh must be finer to settle what is open, if uncertainties fall at second order."""
        worst = 1.0
        for quantity in self.finest.measured:
            found = self.estimates[quantity.name]
            if found.status == "not_converged":
                allowed = self.accuracy * max(abs(found.value), abs(quantity.scale or 0.0))
                worst = max(worst, found.uncertainty / allowed if allowed else math.inf)
        # Rounded, so that the last digit of an uncertainty does not make another mesh.
        return round(min(max((MARGIN * worst) ** (1 / LOCAL), SMALLEST_STEP), self.case.longest_step), 2)

    def _too_dear(self, budget: Budget, step: float) -> Literal["memory", "time"] | None:
        """What the next mesh would exceed, if it costs as much more as refinement everywhere would."""
        growth, unknowns = step**3, self.finest.dofs / 1e6
        direct = self.solution.info.direct
        rate = MB_PER_MILLION_DIRECT if direct else self.case.memory_rate
        memory = peak_memory(self.comm) + rate * unknowns * (growth - 1)
        seconds = self.finest.seconds * growth ** (DIRECT_TIME if direct else 1)
        return self.comm.bcast(budget.exceeded_by(memory, seconds), root=0)

    def _mesh_again(self) -> None:
        """Put the mesh of the finest solution back into gmsh. Collective."""
        on_root(self.comm, lambda: self._meshed() if self._meshed else None)

    def _graded(self, cells: float) -> SizeField | None:
        """Sizes that even out the error of the finest solution; on rank 0 only. Collective.

        Parameters
        ----------
        cells : float
            How many, by those of the first mesh.
        """
        with self.timed("grade"):
            focus = np.zeros(len(self.observed.stress.touched), dtype=bool)
            for measured in self.finest.measured:
                if measured.nodes is not None:
                    focus |= measured.nodes
            error: LocalError | None = local_error(self.solution, self.observed.parts, focus)
            if error is None:
                return None
            assert self.drawing is not None
            cap = self.drawing.size * max([1.0, *(box.factor for box in self.drawing.boxes)])
            if self._uniform == 0.0:
                self._uniform = error.field.with_sizes(np.minimum(error.field.sizes, cap)).cell_count()
            return error.graded(cells * self._uniform, cap)

    def _add(self, sizes: SizeField | None, scale: float | None) -> None:
        start = time.perf_counter()
        comm, drawing, case = self.comm, self.drawing, self.case
        meshed: Callable[[], MeshQuality] | None = None

        def mesh() -> tuple[MeshQuality, float]:
            nonlocal meshed
            assert drawing is not None
            for finer in RETRIES if case.graded else (1.0,):
                try:
                    wanted = sizes.with_sizes(sizes.sizes / finer) if sizes else None
                    # Graded sizes are capped but for a mesh that is to be coarser everywhere.
                    size = drawing.size * (max(scale or 1.0, 1.0) if sizes else scale or 1.0) / finer
                    meshed = partial(drawing.generate, size, finer * case.resolution, wanted)
                    return meshed(), finer
                except GeometryError as error:
                    reason = error
            raise reason

        self.progress("mesh", {})
        with self.timed("mesh"):
            quality, finer = on_root(comm, mesh)
        with self.timed("transfer"):
            body = Body.from_gmsh(comm)
        self.progress("solve", {"cells": body.cell_count})
        with self.timed("solve"):
            solution = self.case.solve(body, self.solution if self.rungs else None, rough=scale is None)
        self.progress("measure", {})
        with self.timed("measure"):
            observed = self.case.observe(solution)
        names = [m.name for m in observed.measured]
        if self.rungs and names != [m.name for m in self.rungs[0].measured]:
            raise InputError(f"{self.case.title} must measure the same on every mesh: {names}")
        dofs = solution.unknowns
        rung = Rung(
            cells=body.cell_count,
            dofs=dofs,
            scale=None if scale is None else scale / finer,
            size=(volume(body) / body.cell_count) ** (1 / 3),
            quality=quality,
            measured=observed.measured,
            seconds=time.perf_counter() - start,
            iterations=solution.info.iterations,
            rough=solution.info.rough,
        )
        if solution.info.note:
            self.warnings.append(f"mesh {len(self.rungs) + 1}: {solution.info.note}")
        self.rungs.append(rung)
        self.solution, self.observed, self._meshed = solution, observed, meshed
        if scale is not None:
            self.noise = self._noise()
            self._estimate()
        facts = {"level": len(self.rungs), "dofs": dofs, "seconds": rung.seconds}
        self.progress("level", facts | {"open": len(self.open), "of": len(self.estimates)})

    # --- judgement -----------------------------------------------------------------------------

    def _scatter(self, k: int) -> float:
        """Scatter of a quantity on the coarsest mesh of the ladder.

        The last mesh that found the grading is as fine as one of the ladder, and like it but for chance.
        """
        grading = [rung.measured[k].value for rung in self.rungs if rung.scale is None and not rung.rough]
        alike, ratio = (0, 1.0) if self.case.first == 1.0 else (1, self.case.first)
        if not grading or len(self.steps) <= alike:
            return 0.0
        return ratio**LOCAL * abs(grading[-1] - self.steps[alike].measured[k].value)

    def _noise(self) -> dict[str, float]:
        """Standard error of each quantity that is a local stress or rests on one. Collective."""
        found: dict[str, float] = {}
        points = node_points(self.solution)
        for quantity in self.finest.measured:
            if quantity.nodes is None or not same_kind(quantity.unit, "MPa"):
                continue
            nodes, alone = quantity.nodes, False
            if quantity.location is not None:
                there = np.linalg.norm(points - np.array(quantity.location), axis=1) < 1e-9
                alone = any(self.comm.allgather(bool(there.any())))  # else it is no node: a mean, say
                nodes = there if alone else nodes
            found[quantity.name] = max(
                convert(standard_error(self.solution, part, nodes & part.touched, alone), "MPa", quantity.unit)
                for part in self.observed.parts.values()
            )
        values = {m.name: m.value for m in self.finest.measured}
        for quantity in self.finest.measured:
            if quantity.rests_on in found and values[quantity.rests_on]:
                share = found[quantity.rests_on] / abs(values[quantity.rests_on])
                found[quantity.name] = share * abs(quantity.value)
        return found

    def _estimate(self) -> None:
        scales = [rung.scale for rung in self.steps if rung.scale is not None]
        for k, quantity in enumerate(self.finest.measured):
            values = [rung.measured[k].value for rung in self.steps]
            if quantity.chosen:
                reason = "set by the calculation: it has no error"
                self.estimates[quantity.name] = Estimate(quantity.value, 0.0, None, None, "converged", reason)
                continue
            scatter = self._scatter(k)
            order = LOCAL if quantity.nodes is not None or quantity.rests_on else self.case.order
            noise = self.noise.get(quantity.name, 0.0)
            self.estimates[quantity.name] = estimate(
                scales, values, self.accuracy, quantity.scale, scatter, noise, order
            )
        for quantity in self.finest.measured:
            source = self.estimates.get(quantity.rests_on)
            if source is None or source.decides:
                continue
            # A factor falls towards zero as its stress grows without bound: by itself that looks like convergence.
            found = self.estimates[quantity.name]
            singular = source.status == "singular"
            self.estimates[quantity.name] = replace(
                found,
                uncertainty=math.inf if singular else found.uncertainty,
                extrapolated=None,
                status=source.status,
                reason=f"it rests on {quantity.rests_on}"
                + (", which is singular" if singular else f": {source.reason}"),
                decides=False,
            )

    def _check(self) -> dict[str, Check]:
        solution = self.solution
        with self.timed("check"):
            checks = self.case.checks(solution)
            drawing = self.drawing
            drawn = on_root(self.comm, lambda: drawing.solid.volume() if drawing else 0.0)
            gap = abs(volume(solution.body) - drawn) / drawn
            checks["mesh_volume"] = Check(gap, VOLUME_GAP, "volume of the mesh against the solid, relative gap")
            worst = min(rung.quality.min_sicn for rung in self.rungs)
            checks["mesh_quality"] = Check(
                -worst, 0.0, "smallest scaled inverse condition number of any element, negated: none may be inverted"
            )
        return checks


@contextmanager
def climb(
    case: Case[Any],
    accuracy: float,
    comm: MPI.Comm,
    progress: Progress = lambda stage, facts: None,
    budget: Budget | None = None,
) -> Iterator[Ladder]:
    """Climb until every quantity is converged or singular, or the budget is spent. Collective.

    The gmsh session of rank 0 stays open inside the context, with the solid and the finest mesh.

    Parameters
    ----------
    case : Case
    accuracy : float
        Relative uncertainty wanted of every quantity.
    comm : MPI communicator
    progress : callable
        Told the stage and some facts.
    budget : Budget or None

    Raises
    ------
    InputError, GeometryError
        If the parameters make no solid, or the test does not apply to it.
    SolverError
        If a solve fails.
    """
    with cad() if comm.rank == 0 else nullcontext():
        ladder = Ladder(case, accuracy, comm, progress)
        progress("geometry", {})
        with ladder.timed("geometry"):
            ladder.drawing = case.draw(comm)
        ladder.climb(budget or Budget())
        yield ladder
