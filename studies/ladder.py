"""The ladder: meshes graded to the solution, ever finer, until every quantity is known as well as asked for.

A first mesh finds out where the error is; each later one of a solid is graded to the solution before it. Flow finds its
grading on two meshes; those of its ladder then differ by a factor alone. No element is larger than those of the first.
Where a part much alike has shown meshes before, the ladder begins with these, moved to this one.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from mpi4py import MPI

from devices.parameters import InputError
from geometry.curved_mesh import CurvedMesh, MeshQuality
from geometry.errors import GeometryError
from geometry.sizefield import SizeField
from geometry.solid import cad
from protocols.result import Measured
from solvers.body import Body
from solvers.checks import Check
from solvers.convergence import LOCAL, Estimate, Indicator, estimate
from solvers.errors import SolverError
from solvers.grading import LocalError, local_error
from solvers.measures import volume
from solvers.solution import Solution
from studies.budget import MB_PER_MILLION_DIRECT, Budget, peak_memory
from studies.case import LOOSE, LOOSE_GROWTH, OVERHEAD, Case, Drawing, Observed
from studies.collective import on_root
from studies.indications import Indication, effective_sizes, indications, standard_errors
from studies.shown import Shown

MOST_ROUGH = 5  # meshes that find the grading
# Cells of the first mesh of a part much alike, by those of one that has found its grading on a coarse mesh: error bars
# are as wide with so few (docs/studies.md).
LEADING = 0.6
UNEVEN = 1.5  # by how many times more cells than an even mesh as coarse as can be sizes must make to be a grading
MARGIN = 1.4  # by how much less than what was asked for a next mesh is to reach
MOST = 7  # meshes of the ladder
# Of the number of cells, from one mesh of the ladder to the next, by what is missing.
SMALLEST_GROWTH, LARGEST_GROWTH = 2.0, 8.0
EXCESS = 1.5  # by how many times too many cells a mesh may have before the budget is asked again
DOUBTFUL_GROWTH = 2.2  # where all that is open may be singular
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

Make = Callable[[], tuple[CurvedMesh, float]]
Progress = Callable[[str, dict[str, Any]], None]


class _Spent(Exception):
    """A mesh came out so fine that the budget does not carry it."""

    def __init__(self, what: Stop) -> None:
        self.what = what


@dataclass(frozen=True)
class Rung:
    """One mesh and what was measured on it.

    Attributes
    ----------
    scale : float
        Element size relative to the first mesh of the ladder, as it was asked for; None for the meshes that find the
        grading.
    size : float
        Mean element size, mm.
    moved : bool
        It is a mesh of another part, moved to this one.
    indications : dict of str to Indication
        Of the quantities, if the case tells any.
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
    moved: bool = False
    indications: dict[str, Indication] = field(default_factory=dict)


@dataclass
class Ladder:
    """All meshes of a run, coarse to fine, with the finest solution and, on rank 0, its mesh."""

    case: Case[Any]
    accuracy: float
    comm: MPI.Comm
    progress: Progress
    known: Sequence[Shown] = ()
    drawing: Drawing | None = None
    solution: Solution = field(init=False)
    observed: Observed = field(init=False)
    mesh: CurvedMesh | None = None
    rungs: list[Rung] = field(default_factory=list)
    estimates: dict[str, Estimate] = field(default_factory=dict)
    checks: dict[str, Check] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    timings: dict[str, float] = field(default_factory=dict)
    noise: dict[str, float] = field(default_factory=dict)
    exhausted: Stop | None = None
    _uniform: float = 0.0  # cells of the first mesh, as its sizes tell; on rank 0
    _climbed: list[Shown] = field(default_factory=list)  # the meshes of the ladder
    _sizes: SizeField | None = None  # of the first mesh of the ladder; on rank 0

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
        """The meshes of the ladder: all but those that find the grading."""
        return [rung for rung in self.rungs if rung.scale is not None]

    @property
    def open(self) -> list[str]:
        """Quantities that another mesh may settle."""
        return [name for name, e in self.estimates.items() if e.status == "not_converged"]

    # --- meshes --------------------------------------------------------------------------------

    def climb(self, budget: Budget) -> None:
        """Solve on one mesh after the other."""
        for level in range(MOST):
            try:
                if not self._moved(level, budget):
                    self._made(level, budget)
            except (GeometryError, SolverError) as error:
                if level < 1:
                    raise
                # What the meshes before have shown stays.
                self.exhausted = "mesh" if isinstance(error, GeometryError) else "solver"
                self.warnings.append(f"mesh {len(self.rungs) + 1}: {error}")
                break
            except _Spent as spent:
                self.exhausted = spent.what
                break
            if level + 1 >= self.case.fewest and not self.open:
                break
        else:
            self.exhausted = "meshes"
        if self.exhausted:
            for name in self.open:
                found = self.estimates[name]
                self.estimates[name] = replace(found, reason=f"{STOPPED[self.exhausted]}; {found.reason}")
        self.checks = self._check()
        self.warnings += dict.fromkeys(self.observed.warnings)

    def _moved(self, level: int, budget: Budget) -> bool:
        """Solve on a mesh of a part much alike, moved to this one; whether there was such a one. Collective."""
        if level >= len(self.known) or self.case.share is None:
            return False
        shown, drawing = self.known[level], self.drawing

        def move() -> tuple[CurvedMesh, float]:
            assert drawing is not None and shown.mesh is not None
            return drawing.moved(shown.mesh), 1.0

        if not level or not self._too_dear(budget, shown.cells / self.finest.cells):
            try:
                self._add(move, shown.scale, moved=True)
                return True
            except GeometryError:
                pass  # not that much alike
            except SolverError as error:
                self.warnings.append(f"on a mesh of another run there was no solution: {error}")
        self.known = self.known[:level]
        return False

    def _made(self, level: int, budget: Budget) -> None:
        """Solve on the next mesh made for this part. Collective.

        Raises
        ------
        _Spent
            If the budget does not carry it.
        """
        case = self.case
        if level < 1:
            self._sizes = self._explore() if case.graded else None
            self._add(self._generated(self._sizes, 1.0), 1.0)
            return
        growth, why = self._growth(budget)
        if why:
            raise _Spent(why)
        last = self.steps[-1].scale or 1.0
        if case.share is not None:
            scale = last * growth ** (-1 / 3)
            sizes = self._graded(growth * self.finest.cells)
        else:
            # A mesh may have come out finer than it was to be: the next one is finer than that.
            scale = case.feasible(last / case.step)
            sizes = self._sizes.scaled(scale) if self._sizes else None
        self._add(self._generated(sizes, scale), scale, (budget, growth))

    def shown(self) -> list[Shown]:
        """Meshes for the ladder of a part much alike: of this one, graded by its finest solution. Collective.

        Where so few cells leave no grading to speak of, as in parts of one thickness, they are those of this ladder.
        None if they cannot be made.
        """
        case, error, found = self.case, self._error(), list[Shown]()

        def lead() -> list[tuple[int, float]]:
            assert error is not None
            asked, scale = LEADING * case.growth * self._uniform, 1.0
            sizes = error.graded(asked, self._cap)
            even = sizes.cell_count(self._cap) <= UNEVEN * sizes.even(self._cap).cell_count()
            found.extend(self._climbed if even else [])
            while not even and len(found) < case.fewest:
                try:
                    mesh, finer = self._generated(sizes, scale)()
                except GeometryError:
                    found.clear()
                    break
                found.append(Shown(len(mesh.cells), scale / finer, mesh))
                least = SMALLEST_GROWTH if self.accuracy >= LOOSE else self._share(len(mesh.cells))
                growth = max(min(self._enough() / len(mesh.cells), LARGEST_GROWTH), least)
                # The cells that the curvature of the surfaces asks for are in every mesh.
                asked, scale = asked + (growth - 1) * len(mesh.cells), found[-1].scale * growth ** (-1 / 3)
                sizes = error.graded(asked, self._cap)
                if growth * len(mesh.cells) <= self.finest.cells:
                    # What decided a peak is known to so few elements of the finest mesh that those of a coarser one
                    # would become smaller still there, and all that comes from elsewhere be overlooked.
                    sizes = sizes.with_sizes(np.maximum(sizes.sizes, error.field.sizes))
            return [(shown.cells, shown.scale) for shown in found]

        facts = on_root(self.comm, lead)
        return found or [Shown(cells, scale, None) for cells, scale in facts]

    def _explore(self) -> SizeField | None:
        """Sizes of the first mesh of the ladder, found on coarse meshes; on rank 0 only. Collective."""
        case = self.case
        self._add(self._generated(None, None), None)
        wanted = case.growth
        # More than usual where they have not found yet what was to be solved.
        for number in range(1, MOST_ROUGH):
            if number >= case.explorers and not self.solution.info.rough:
                break
            wanted *= case.growth if number > 1 else 1.0
            self._add(self._generated(self._graded(wanted, of_first=True), None), None)
        return self._graded(wanted, of_first=True)

    def _growth(self, budget: Budget) -> tuple[float, Stop | None]:
        """Cells of the next mesh by those of the last, and what of the budget it would exceed. Collective."""
        case = self.case
        if case.share is None:
            return case.step**3, self._too_dear(budget, case.step**3)
        missing = self._missing()
        if len(self.steps) >= case.fewest and all(not self.estimates[name].decides for name in self.open):
            return missing, self._too_dear(budget, missing)
        share = self._share(*(rung.cells for rung in self.rungs))
        if self.accuracy >= LOOSE:
            share = min(share, LOOSE_GROWTH)
        # The share gives way where the budget carries only what is missing, and that to what it carries at all.
        wanted = sorted({max(share, missing), missing, SMALLEST_GROWTH}, reverse=True)
        stops = [self._too_dear(budget, growth) for growth in wanted]
        return next(((g, None) for g, stop in zip(wanted, stops, strict=True) if not stop), (wanted[-1], stops[-1]))

    def _share(self, *cells: int) -> float:
        """Cells of a mesh as dear as it is to be by those of all before it, over those of the last."""
        cost = (self.case.share or 0.0) * sum(some + OVERHEAD for some in cells)
        return round((cost - OVERHEAD) / cells[-1], 1)

    def _missing(self) -> float:
        """Cells that would settle what is open, by those of the last mesh, if uncertainties fall at second order."""
        if all(not self.estimates[name].decides for name in self.open):
            return DOUBTFUL_GROWTH
        worst = max([1.0, *(self._excess(name) for name in self.open if self.estimates[name].decides)])
        # Rounded, so that the last digit of an uncertainty does not make another mesh.
        return round(min(max((MARGIN * worst) ** (3 / LOCAL), SMALLEST_GROWTH), LARGEST_GROWTH), 1)

    def _enough(self) -> float:
        """Cells of a mesh that would just settle all that can be settled."""
        settled = [name for name, found in self.estimates.items() if found.status != "singular" and found.decides]
        worst = max([0.0, *(self._excess(name) for name in settled)])
        return self.finest.cells * round((MARGIN * worst) ** (3 / LOCAL), 1)

    def _excess(self, name: str) -> float:
        """Uncertainty of a quantity, by what is asked for."""
        quantity, found = next(q for q in self.finest.measured if q.name == name), self.estimates[name]
        allowed = self.accuracy * max(abs(found.value), abs(quantity.scale or 0.0))
        return found.uncertainty / allowed if allowed else math.inf

    def _too_dear(self, budget: Budget, growth: float) -> Stop | None:
        """What the next mesh would exceed, with so many times the cells of the last. Collective."""
        unknowns = self.finest.dofs / 1e6
        direct = self.case.factorised(self.solution, growth * self.finest.dofs)
        rate = MB_PER_MILLION_DIRECT if direct else self.case.memory_rate
        memory = peak_memory(self.comm) + rate * unknowns * (growth - 1)
        seconds = self.finest.seconds * growth ** (DIRECT_TIME if direct else 1)
        return self.comm.bcast(budget.exceeded_by(memory, seconds), root=0)

    def _graded(self, cells: float, of_first: bool = False) -> SizeField | None:
        """Sizes that even out the error of the finest solution; on rank 0 only. Collective.

        Parameters
        ----------
        cells : float
            How many; by those of the first mesh, as its own sizes tell them, if ``of_first``.
        """
        error, sizes = self._error(), None

        def grade() -> None:
            nonlocal sizes
            assert error is not None
            sizes = error.graded(cells * self._uniform if of_first else cells, self._cap)

        with self.timed("grade"):
            on_root(self.comm, grade)
        return sizes

    def _error(self) -> LocalError | None:
        """Where the finest solution is how wrong; on rank 0 only. Collective."""
        with self.timed("grade"):
            focus = np.zeros(len(self.observed.stress.touched), dtype=bool)
            for measured in self.finest.measured:
                if measured.nodes is not None:
                    focus |= measured.nodes
            error = local_error(self.solution, self.observed.parts, focus)
            if error and self._uniform == 0.0:
                self._uniform = error.field.cell_count(self._cap)
            return error

    @property
    def _cap(self) -> float:
        """Largest element size, mm; on rank 0."""
        assert self.drawing is not None
        return self.drawing.size * max([1.0, *(box.factor for box in self.drawing.boxes)])

    def _generated(self, sizes: SizeField | None, scale: float | None) -> Make:
        """How to mesh the solid by gmsh; on rank 0.

        Parameters
        ----------
        sizes : SizeField or None
        scale : float or None
            As in `Rung`.
        """

        def make() -> tuple[CurvedMesh, float]:
            assert self.drawing is not None
            for finer in RETRIES if self.case.graded else (1.0,):
                try:
                    wanted = sizes.with_sizes(sizes.sizes / finer) if sizes else None
                    # Graded sizes are capped but for a mesh that is to be coarser everywhere.
                    size = self.drawing.size * (max(scale or 1.0, 1.0) if sizes else scale or 1.0) / finer
                    return self.drawing.generate(size, finer * self.case.resolution, wanted), finer
                except GeometryError as error:
                    reason = error
            raise reason

        return make

    def _add(
        self,
        make: Make,
        scale: float | None,
        foreseen: tuple[Budget, float] | None = None,
        moved: bool = False,
    ) -> None:
        """Mesh, solve, measure. Collective.

        Parameters
        ----------
        make : callable
            Makes the mesh on rank 0, and tells by how much it is finer than ``scale`` says.
        scale : float or None
            As in `Rung`.
        foreseen : (Budget, float) or None
            Asked again where there are more cells, by those of the last mesh, than foreseen: a mesh that failed at
            first comes out finer.
        moved : bool
            As in `Rung`.
        """
        start = time.perf_counter()
        comm, case = self.comm, self.case
        meshed: CurvedMesh | None = None

        def mesh() -> tuple[MeshQuality, float, str]:
            nonlocal meshed
            meshed, finer = make()
            return meshed.quality, finer, meshed.note

        self.progress("mesh", {})
        with self.timed("mesh"):
            quality, finer, note = on_root(comm, mesh)
        with self.timed("transfer"):
            body = Body.from_mesh(meshed, comm)
        growth = body.cell_count / self.finest.cells if foreseen else 0.0
        if foreseen and growth > EXCESS * foreseen[1] and (why := self._too_dear(foreseen[0], growth)):
            raise _Spent(why)
        self.progress("solve", {"cells": body.cell_count})
        with self.timed("solve"):
            solution = self.case.solve(body, self.solution if self.rungs else None, rough=scale is None)
        self.progress("measure", {})
        with self.timed("measure"):
            observed = self.case.observe(solution)
        names = [m.name for m in observed.measured]
        if self.rungs and names != [m.name for m in self.rungs[0].measured]:
            raise InputError(f"{self.case.title} must measure the same on every mesh: {names}")
        dofs, size = solution.unknowns, (volume(body) / body.cell_count) ** (1 / 3)
        noise, told = dict[str, float](), dict[str, Indication]()
        if scale is not None:
            with self.timed("estimate"):
                noise = standard_errors(observed.measured, solution, observed.parts)
                if case.indicated:
                    told = indications(observed.measured, solution, observed.parts, size, noise)
        rung = Rung(
            cells=body.cell_count,
            dofs=dofs,
            scale=None if scale is None else scale / finer,
            size=size,
            quality=quality,
            measured=observed.measured,
            seconds=time.perf_counter() - start,
            iterations=solution.info.iterations,
            rough=solution.info.rough,
            moved=moved,
            indications=told,
        )
        for said in filter(None, (note, solution.info.note)):
            self.warnings.append(f"mesh {len(self.rungs) + 1}: {said}")
        self.rungs.append(rung)
        self.solution, self.observed, self.mesh = solution, observed, meshed
        if rung.scale is not None:
            self._climbed.append(Shown(rung.cells, rung.scale, meshed))
            self.noise = noise
            self._estimate()
        facts = {"level": len(self.rungs), "dofs": dofs, "seconds": rung.seconds}
        self.progress("level", facts | {"open": len(self.open), "of": len(self.estimates)})

    # --- judgement -----------------------------------------------------------------------------

    def _scatter(self, k: int) -> float:
        """Scatter of a quantity on the coarsest mesh of the ladder.

        The last mesh that found the grading is as fine as one of the ladder, and like it but for chance.
        """
        graded = [rung for rung in self.rungs[1:] if rung.scale is None and not rung.rough]
        return abs(graded[-1].measured[k].value - self.steps[0].measured[k].value) if graded else 0.0

    def _estimate(self) -> None:
        factors = [rung.scale for rung in self.steps if rung.scale is not None]
        for k, quantity in enumerate(self.finest.measured):
            name, values = quantity.name, [rung.measured[k].value for rung in self.steps]
            if quantity.chosen:
                reason = "set by the calculation: it has no error"
                self.estimates[name] = Estimate(quantity.value, 0.0, None, None, "converged", reason)
                continue
            sizes, indicator = factors, None
            if told := [rung.indications[name] for rung in self.steps if rung.indications]:
                sizes = effective_sizes(told)
                indicator = Indicator([t.error for t in told], told[-1].local, [t.size for t in told])
            self.estimates[name] = estimate(
                sizes,
                values,
                self.accuracy,
                scale=quantity.scale,
                scatter=self._scatter(k),
                noise=self.noise.get(name, 0.0),
                theoretical=LOCAL if quantity.nodes is not None or quantity.rests_on else self.case.order,
                indicator=indicator,
                factors=factors,
                bounded=quantity.bounded,
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
            drawn = self.comm.bcast(drawing.volume if drawing else 0.0, root=0)
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
    known: Sequence[Shown] = (),
) -> Iterator[Ladder]:
    """Climb until every quantity is converged or singular, or the budget is spent. Collective.

    The gmsh session of rank 0 stays open inside the context, with the solid.

    Parameters
    ----------
    case : Case
    accuracy : float
        Relative uncertainty wanted of every quantity.
    comm : MPI communicator
    progress : callable
        Told the stage and some facts.
    budget : Budget or None
    known : sequence of Shown
        Meshes of a part much alike. The ladder begins with them, as far as they can be moved to this one.

    Raises
    ------
    InputError, GeometryError
        If the parameters make no solid, or the test does not apply to it.
    SolverError
        If a solve fails.
    """
    with cad() if comm.rank == 0 else nullcontext():
        ladder = Ladder(case, accuracy, comm, progress, known)
        progress("geometry", {})
        with ladder.timed("geometry"):
            ladder.drawing = case.draw(comm)
        ladder.climb(budget or Budget())
        yield ladder
