"""What a ladder climbs: a solid, a boundary value problem on any mesh of it, and what to measure."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from mpi4py import MPI
from numpy.typing import NDArray

from devices.device import Device
from devices.parameters import InputError
from geometry.curved_mesh import CurvedMesh
from geometry.mesh import SizeBox, coarse_size, generate, moved
from geometry.sizefield import SizeField
from geometry.solid import Solid
from protocols.flow_result import FlowResult
from protocols.flow_test import FlowTest
from protocols.protocol import Protocol
from protocols.result import Measured, Result, Specimen, Table
from protocols.solid_test import SolidTest
from solvers.body import Body
from solvers.checks import Check, check_solution
from solvers.convergence import LOCAL, OVERALL
from solvers.direct import MOST_UNKNOWNS
from solvers.driven import driven
from solvers.elasticity import Displacement, Elasticity
from solvers.flow import Flow, FlowState
from solvers.flow_checks import check_flow
from solvers.recovery import NodalStress
from solvers.solution import Solution
from solvers.steady import LARGE, steady
from solvers.wall_shear import WallShear
from studies.budget import MB_PER_MILLION
from studies.collective import on_root

Array = NDArray[np.float64]

COARSENESS = 1.8  # the first mesh has only to find out where the error is
# All meshes before the last are to cost at most a third of it. A mesh costs as much as its cells and these together.
SHARE, OVERHEAD = 3.6, 3_500
# From this accuracy on that rule would make the last mesh far finer than is needed: cells by those of the mesh before.
LOOSE, LOOSE_GROWTH = 0.05, 3.0


@dataclass(frozen=True)
class Drawing:
    """What rank 0 has drawn.

    Attributes
    ----------
    solid : Solid
    volume : float
        Of the solid, mm^3, before it is cut: cutting takes nothing away.
    size : float
        Element size of the coarsest useful mesh, mm.
    boxes : sequence of SizeBox
    """

    solid: Solid
    volume: float
    size: float
    boxes: Sequence[SizeBox] = ()

    def generate(self, size: float, refinement: float, wanted: SizeField | None) -> CurvedMesh:
        """Mesh it; see `geometry.mesh.generate`."""
        return generate(self.solid, size, self.boxes, refinement, wanted)

    def moved(self, mesh: CurvedMesh) -> CurvedMesh:
        """The mesh of a solid much alike, moved to this one; see `geometry.mesh.moved`."""
        return moved(self.solid, mesh)


@dataclass(frozen=True)
class Observed:
    """Quantities, stress (over all, and of each volume label), warnings and tables of one solution; ``outside`` says
    why the model does not hold, if it does not.
    """

    measured: list[Measured]
    stress: NodalStress
    parts: dict[str, NodalStress]
    warnings: Sequence[str] = ()
    tables: Sequence[Table] = ()
    outside: str = ""


class Case[S: Solution](ABC):
    """A problem whose mesh is not given.

    Attributes
    ----------
    title : str
    explorers : int
        Meshes that find the grading.
    growth : float
        Cells of what follows each of them, by those of the one before.
    fewest : int
        Meshes of the ladder.
    indicated : bool
        Whether the error of the stress tells how the errors of the quantities fall, see `studies.indications`.
    share : float or None
        Cost of each mesh of the ladder but the first, by that of all meshes before it together.
    step : float
        Ratio of element sizes between meshes of the ladder, where there is no such share.
    resolution : float
        How much finer than usual curved surfaces are resolved.
    order : float
        Order of convergence that is trusted of what is no local value.
    graded : bool
        Whether meshes are graded to the solution.
    memory_rate : float, MB
        What another million unknowns take, but for a factorisation.
    """

    title: str
    explorers: ClassVar[int] = 2
    growth: ClassVar[float] = 1.7
    fewest: ClassVar[int] = 3
    indicated: ClassVar[bool] = False
    share: ClassVar[float | None] = None
    step: ClassVar[float] = 1.25
    resolution: ClassVar[float] = 1.0
    order: ClassVar[float] = OVERALL
    graded: ClassVar[bool] = True
    memory_rate: ClassVar[float] = MB_PER_MILLION

    def feasible(self, scale: float) -> float:
        """The element size nearest to one asked for that there can be a mesh of, relative to the first."""
        return scale

    def factorised(self, last: S, unknowns: float) -> bool:
        """Whether a solution of so many unknowns is to be foreseen as one by factorisation, given the last one."""
        return last.info.direct

    @abstractmethod
    def draw(self, comm: MPI.Comm) -> Drawing | None:
        """Draw the solid in gmsh on rank 0; None elsewhere. Collective."""

    @abstractmethod
    def solve(self, body: Body, known: S | None, rough: bool) -> S:
        """Solve on a mesh. Collective.

        Parameters
        ----------
        body : Body
        known : Solution or None
            On the mesh before.
        rough : bool
            The solution is only to show where the mesh must be finer.
        """

    @abstractmethod
    def observe(self, solution: S) -> Observed:
        """Measure; the same names on every mesh. Collective."""

    @abstractmethod
    def checks(self, solution: S) -> dict[str, Check]:
        """Collective."""


class SolidCase(Case[Displacement]):
    """Linear elasticity."""

    explorers: ClassVar[int] = 1
    growth: ClassVar[float] = 1.0
    fewest: ClassVar[int] = 2
    indicated: ClassVar[bool] = True
    share: ClassVar[float | None] = SHARE

    @abstractmethod
    def problem(self, body: Body) -> Elasticity:
        """The boundary value problem on a mesh. Collective."""

    def solve(self, body: Body, known: Displacement | None, rough: bool) -> Displacement:
        return self.problem(body).solve()

    def checks(self, solution: Displacement) -> dict[str, Check]:
        return check_solution(solution)


class FluidCase(Case[FlowState]):
    """Steady flow."""

    step: ClassVar[float] = 1.25  # a direct solver: the number of unknowns doubles
    memory_rate: ClassVar[float] = 5_000.0  # two ranks took 556 MB at 0.04 and 2,146 at 0.36 million
    resolution: ClassVar[float] = 1.75
    order: ClassVar[float] = LOCAL

    @abstractmethod
    def problem(self, body: Body) -> Flow:
        """The boundary value problem on a mesh. Collective."""

    def solve(self, body: Body, known: FlowState | None, rough: bool) -> FlowState:
        return steady(self.problem(body), known, rough)

    def factorised(self, last: FlowState, unknowns: float) -> bool:
        return last.info.direct and (unknowns <= LARGE or LARGE < last.unknowns < unknowns <= MOST_UNKNOWNS)

    def checks(self, solution: FlowState) -> dict[str, Check]:
        return check_flow(solution)


class Tested[P: Protocol]:
    """A device under a bench test.

    Parameters
    ----------
    device, protocol : Device, Protocol
    on_solid : callable
        Given the solid as the device drew it, before the protocol cuts it, on rank 0.

    Attributes
    ----------
    specimen : Specimen
        Known once the case is drawn.
    not_judged : list of str
        Criteria of the mesh last observed for which a strength is missing.
    """

    specimen: Specimen

    def __init__(self, device: Device, protocol: P, on_solid: Callable[[Solid], None] = lambda solid: None) -> None:
        self.device, self.protocol, self.on_solid = device, protocol, on_solid
        self.title = type(protocol).title()
        self.not_judged: list[str] = []

    def draw(self, comm: MPI.Comm) -> Drawing | None:
        drawing: Drawing | None = None

        def draw() -> Specimen:
            nonlocal drawing
            solid = self.device.build()
            solid.check_connected()
            solid.name_rest("surface")
            self.on_solid(solid)
            self.protocol.check(solid, type(self.device).title())
            specimen = Specimen.of(solid, self.device.cards())
            drawing = self.drawing(solid)
            return specimen

        self.specimen = on_root(comm, draw)
        return drawing

    def drawing(self, solid: Solid) -> Drawing:
        """The solid, cut for the test, and how fine its first mesh is."""
        size, volume = COARSENESS * coarse_size(solid), solid.volume()
        return Drawing(solid, volume, size, self.protocol.prepare(solid, size))

    def named(self, measured: list[Measured]) -> list[Measured]:
        """The same, if each has a name of its own."""
        names = [m.name for m in measured]
        if not names or len(set(names)) < len(names):
            raise InputError(f"{self.title} must measure something, each under a name of its own: {names}")
        return measured


class BenchCase(Tested[SolidTest], SolidCase):
    """A solid device under a mechanical test.

    Attributes
    ----------
    result : Result
        Of the mesh last observed.
    """

    result: Result

    def problem(self, body: Body) -> Elasticity:
        return self.protocol.problem(body, self.specimen)

    def observe(self, solution: Displacement) -> Observed:
        self.result = result = Result(self.specimen, solution)
        measured = self.named(self.protocol.measure(result))
        self.not_judged = result.not_judged
        return Observed(measured, result.stress, result.stress_by_material, result.warnings)

    def fields(self, solution: Any, observed: Observed) -> dict[str, Array]:
        """What is written of a solution, at the nodes of this rank."""
        stress = observed.stress
        return {
            "displacement": solution.u.x.array.reshape(-1, 3),
            "von_mises": stress.von_mises,
            "first_principal": stress.first_principal,
            "stress": stress.six,
        }


class FlowCase(Tested[FlowTest], FluidCase):
    """The fluid in a device."""

    def problem(self, body: Body) -> Flow:
        return self.protocol.problem(body, self.specimen)

    def solve(self, body: Body, known: FlowState | None, rough: bool) -> FlowState:
        drop = self.protocol.drop()
        if drop is None:
            return super().solve(body, known, rough)
        return driven(self.problem(body), drop, known, rough)

    def observe(self, solution: FlowState) -> Observed:
        result = FlowResult(self.specimen, solution)
        measured = self.named(self.protocol.measure(result))
        return Observed(measured, result.stress, {"": result.stress}, result.warnings, result.tables, result.outside)

    def fields(self, solution: Any, observed: Observed) -> dict[str, Array]:
        """What is written of a solution, at the nodes of this rank. Collective."""
        return solution.nodal(WallShear.of(solution, observed.stress).nodal())
