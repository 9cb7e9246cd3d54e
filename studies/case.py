"""What a ladder climbs: a solid, a boundary value problem on any mesh of it, and what to measure."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mpi4py import MPI

from devices.device import Device
from devices.parameters import InputError
from geometry.mesh import SizeBox, coarse_size
from geometry.solid import Solid
from protocols.protocol import Protocol
from protocols.result import Measured, Result, Specimen
from solvers.body import Body
from solvers.elasticity import Displacement, Elasticity
from solvers.recovery import NodalStress
from studies.collective import on_root

COARSENESS = 1.3  # the first mesh has only to find out where the error is


@dataclass(frozen=True)
class Drawing:
    """What rank 0 has drawn.

    Attributes
    ----------
    solid : Solid
    size : float
        Element size of the coarsest useful mesh, mm.
    boxes : sequence of SizeBox
    """

    solid: Solid
    size: float
    boxes: Sequence[SizeBox] = ()


@dataclass(frozen=True)
class Observed:
    """Quantities, stress (over all, and of each volume label) and warnings of one solution."""

    measured: list[Measured]
    stress: NodalStress
    parts: dict[str, NodalStress]
    warnings: Sequence[str] = ()


class Case(ABC):
    """A problem whose mesh is not given."""

    title: str

    @abstractmethod
    def draw(self, comm: MPI.Comm) -> Drawing | None:
        """Draw the solid in gmsh on rank 0; None elsewhere. Collective."""

    @abstractmethod
    def problem(self, body: Body) -> Elasticity:
        """The boundary value problem on a mesh. Collective."""

    @abstractmethod
    def observe(self, solution: Displacement) -> Observed:
        """Measure; the same names on every mesh. Collective."""


class BenchCase(Case):
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
    result : Result
        Of the mesh last observed.
    """

    specimen: Specimen
    result: Result

    def __init__(
        self, device: Device, protocol: Protocol, on_solid: Callable[[Solid], None] = lambda solid: None
    ) -> None:
        self.device, self.protocol, self.on_solid = device, protocol, on_solid
        self.title = type(protocol).title()

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
            size = COARSENESS * coarse_size(solid)
            drawing = Drawing(solid, size, self.protocol.prepare(solid, size))
            return specimen

        self.specimen = on_root(comm, draw)
        return drawing

    def problem(self, body: Body) -> Elasticity:
        return self.protocol.problem(body, self.specimen)

    def observe(self, solution: Displacement) -> Observed:
        self.result = Result(self.specimen, solution)
        measured = self.protocol.measure(self.result)
        names = [m.name for m in measured]
        if not names or len(set(names)) < len(names):
            raise InputError(f"{self.title} must measure something, each under a name of its own: {names}")
        return Observed(measured, self.result.stress, self.result.stress_by_material, self.result.warnings)
