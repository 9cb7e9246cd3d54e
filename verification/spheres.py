"""Creeping flow through a simple cubic array of spheres: published drag."""

from __future__ import annotations

from math import pi
from typing import ClassVar

import numpy as np
from mpi4py import MPI

from geometry.implicit import ImplicitSolid
from geometry.solid import Solid
from solvers.body import Body
from solvers.recovery import nodal_stress
from solvers.stokes import PeriodicStokes, Permeation
from studies.case import Drawing, Observed
from studies.permeation_case import LatticeDrawing, PeriodicCase
from verification.problem import Known, Reference, overall

_SOURCE = "Zick and Homsy, J. Fluid Mech. 115, 1982, 13, table 2"
LOW, HIGH = np.zeros(3), np.ones(3)


class SphereArray(Known[Permeation], PeriodicCase):
    """Spheres of radius a on a simple cubic lattice of period 1, a share c of the volume. Their drag is
    F = 6 pi mu a K U with the superficial velocity U, so that the permeability is 1 / (6 pi a K).
    """

    concentration: ClassVar[float]
    coarsest = 6
    multiple: ClassVar[int] = 2

    @property
    def radius(self) -> float:
        return float((3 * self.concentration / (4 * pi)) ** (1 / 3))

    def solid(self) -> Solid:
        a = self.radius
        return ImplicitSolid.within("pores", lambda x: a - np.linalg.norm(x - 0.5, axis=1), LOW, HIGH)

    def draw(self, comm: MPI.Comm) -> Drawing | None:
        solid = self.solid()
        return LatticeDrawing(solid, solid.volume(), 1.0 / self.coarsest) if comm.rank == 0 else None

    def problem(self, body: Body) -> PeriodicStokes:
        return PeriodicStokes(body, "wall", LOW, HIGH)

    def observe(self, solution: Permeation) -> Observed:
        k = float(np.trace(solution.permeability)) / 3
        stress = nodal_stress(solution)
        return Observed([overall("drag_coefficient", "", 1 / (6 * pi * self.radius * k))], stress, {"": stress})


class DiluteSpheres(SphereArray):
    """A simple cubic array of spheres with c = 0.027 (Hasimoto, J. Fluid Mech. 5, 1959, 317: 2.009). The drag is
    F = 6 pi mu a K U with the superficial velocity U.
    """

    title = "Simple cubic array of spheres, 2.7 %"
    concentration = 0.027
    references: ClassVar[dict[str, Reference]] = {"drag_coefficient": Reference(2.008, _SOURCE, tolerance=1e-3)}


class Spheres(SphereArray):
    """A simple cubic array of spheres with c = 0.125. The drag is F = 6 pi mu a K U with the superficial velocity U."""

    title = "Simple cubic array of spheres, 12.5 %"
    concentration = 0.125
    references: ClassVar[dict[str, Reference]] = {"drag_coefficient": Reference(4.292, _SOURCE, tolerance=5e-4)}


class DenseSpheres(SphereArray):
    """A simple cubic array of spheres with c = 0.343, whose gaps are an eighth of the period. The drag is
    F = 6 pi mu a K U with the superficial velocity U.
    """

    title = "Simple cubic array of spheres, 34.3 %"
    concentration = 0.343
    references: ClassVar[dict[str, Reference]] = {"drag_coefficient": Reference(15.4, _SOURCE, tolerance=0.05)}


PROBLEMS = (DiluteSpheres, Spheres, DenseSpheres)
