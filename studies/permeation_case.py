"""Creeping flow through a porous block on a ladder of lattices."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from mpi4py import MPI
from numpy.typing import NDArray

from devices.parameters import InputError
from geometry.curved_mesh import CurvedMesh
from geometry.errors import GeometryError
from geometry.implicit import ImplicitSolid, generate_implicit, lattice_volume
from geometry.sizefield import SizeField
from geometry.solid import Solid
from protocols.permeability import Permeability
from protocols.permeation_result import PermeationResult
from solvers.body import Body
from solvers.checks import ENERGY, Check
from solvers.convergence import LOCAL
from solvers.recovery import nodal_stress
from solvers.saddle_krylov import TOLERANCE
from solvers.stokes import PeriodicStokes, Permeation
from studies.case import Case, Drawing, Observed, Tested
from studies.ladder import VOLUME_GAP

Array = NDArray[np.float64]

FINEST = 24  # cubes along a unit cell of the first lattice: 0.8 million unknowns
THICKNESS = ("relative_density", "form")


@dataclass(frozen=True)
class LatticeDrawing(Drawing):
    """A level set, meshed on a lattice of cubes of the size asked for."""

    def generate(self, size: float, refinement: float, wanted: SizeField | None) -> CurvedMesh:
        assert isinstance(self.solid, ImplicitSolid)
        return generate_implicit(self.solid, round(float((self.solid.high - self.solid.low)[0]) / size))


class PeriodicCase(Case[Permeation]):
    """Periodic creeping flow. Meshes are lattices, alike everywhere.

    Attributes
    ----------
    coarsest, multiple : int
        Cubes of the first lattice along a period; all lattices have a multiple of the second number.
    """

    coarsest: int = 12
    multiple: ClassVar[int] = 4
    graded: ClassVar[bool] = False
    memory_rate: ClassVar[float] = 7_000.0  # two ranks took 958 MB at 0.09, 1,736 at 0.21 and 2,936 at 0.38 million
    step: ClassVar[float] = 4 / 3
    order: ClassVar[float] = LOCAL

    @abstractmethod
    def problem(self, body: Body) -> PeriodicStokes:
        """The boundary value problem on a mesh. Collective."""

    def solve(self, body: Body, known: Permeation | None, rough: bool) -> Permeation:
        return self.problem(body).solve()

    def feasible(self, scale: float) -> float:
        return self.coarsest / (self.multiple * round(self.coarsest / scale / self.multiple))

    def checks(self, solution: Permeation) -> dict[str, Check]:
        k, d = solution.permeability, solution.dissipation
        size = float(np.linalg.norm(k))
        return {
            "energy": Check(
                float(np.linalg.norm(k - d)) / size, ENERGY, "permeability by the flow against that by the dissipation"
            ),
            "symmetry": Check(float(np.linalg.norm(k - k.T)) / size, ENERGY, "of the permeability tensor"),
            "flow_residual": Check(solution.info.residual, 10 * TOLERANCE, "true residual of the flow, relative"),
        }


class PermeationCase(Tested[Permeability], PeriodicCase):
    """A porous device under the permeability test."""

    def draw(self, comm: MPI.Comm) -> Drawing | None:
        drawing = super().draw(comm)
        number = 0
        if drawing is not None:
            assert isinstance(drawing.solid, ImplicitSolid)
            number = round(drawing.solid.period / drawing.size)
        self.coarsest = comm.bcast(number, root=0)
        return drawing

    def drawing(self, solid: Solid) -> Drawing:
        """The solid, and the coarsest lattice that has its volume: a coarser one misses walls, and its flow is another.

        Raises
        ------
        GeometryError
            If there is none.
        """
        if not isinstance(solid, ImplicitSolid):
            raise InputError(f"{self.title} needs a block that repeats, given by a level set")
        drawn = solid.volume()
        volume = drawn * solid.period**3 / float(np.prod(solid.high - solid.low))
        for number in range(self.coarsest, FINEST + 1, self.multiple):
            if abs(lattice_volume(solid, number) / volume - 1) <= VOLUME_GAP:
                return LatticeDrawing(solid, drawn, solid.period / number)
        raise GeometryError(f"the walls are too thin for a lattice of {FINEST} cubes to a unit cell", THICKNESS)

    def problem(self, body: Body) -> PeriodicStokes:
        return self.protocol.problem(body, self.specimen)

    def observe(self, solution: Permeation) -> Observed:
        measured = self.named(self.protocol.measure(PermeationResult(self.specimen, solution)))
        stress = nodal_stress(solution)
        return Observed(measured, stress, {"": stress})

    def fields(self, solution: Any, observed: Observed) -> dict[str, Array]:
        """What is written of a solution, at the nodes of this rank: "velocity_x", "velocity_y", "velocity_z" (mm/s) of
        a fluid of 1 mPa s under a fall of pressure of 1 Pa/mm along each axis.
        """
        return {f.name: 1e3 * f.x.array.reshape(-1, 3) for f in solution.flows}
