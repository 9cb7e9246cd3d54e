"""What a verification problem is."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from mpi4py import MPI
from numpy.typing import NDArray

from geometry.mesh import SizeBox, coarse_size
from geometry.solid import Solid
from protocols.result import Measured
from solvers import measures
from solvers.body import Body
from solvers.elasticity import Displacement, Elasticity
from solvers.recovery import NodalStress, nodal_stress, stress_by_material
from solvers.solution import Solution
from studies.case import COARSENESS, Case, Drawing, Observed, SolidCase
from studies.collective import on_root

Array = NDArray[np.float64]
Point = tuple[float, float, float]

T_AND_G = "Timoshenko and Goodier, Theory of Elasticity, 1970"


@dataclass(frozen=True)
class Reference:
    """What is known of one quantity.

    Attributes
    ----------
    value : float or None
        None where the quantity is singular: there is no value.
    source : str
        Author, year, equation or page; or how it was derived.
    tolerance : float
        Absolute; by how much the reference itself may be off: published digits, charts. 0 for closed forms that are
        exact for the very problem solved.
    nature : "regular", "steep" or "singular"
        What the estimate must find; steep: a high gradient that must not be taken for a singularity.
    """

    value: float | None
    source: str
    tolerance: float = 0.0
    nature: Literal["regular", "steep", "singular"] = "regular"


class Known[S: Solution](Case[S]):
    """A problem with known answers; its docstring is the statement of the set-up.

    Attributes
    ----------
    title : str
    references : dict of str to Reference
        By the name of the quantity.
    coarseness : float
        Element size of the first mesh, relative to volume over area; that of a device unless there is a reason.
    memory : float
        Budget, MB.
    """

    title: str
    references: ClassVar[dict[str, Reference]]
    coarseness: ClassVar[float] = 1.0
    memory: ClassVar[float] = 3_000.0  # about a million unknowns of a solid

    @abstractmethod
    def solid(self) -> Solid:
        """Draw the solid in gmsh, with all surfaces named that the problem uses."""

    def boxes(self, size: float) -> list[SizeBox]:
        """Where the first mesh must be finer than ``size`` mm."""
        return []

    def draw(self, comm: MPI.Comm) -> Drawing | None:
        drawing: Drawing | None = None

        def draw() -> None:
            nonlocal drawing
            solid = self.solid()
            solid.name_rest("free")
            size = self.coarseness * coarse_size(solid)
            drawing = Drawing(solid, solid.volume(), size, self.boxes(size))

        on_root(comm, draw)
        return drawing


class Problem(Known[Displacement], SolidCase):
    """A problem of linear elasticity with known answers."""

    coarseness = COARSENESS

    @abstractmethod
    def problem(self, body: Body) -> Elasticity: ...

    @abstractmethod
    def measure(self, solution: Displacement, stress: NodalStress) -> list[Measured]:
        """The quantities for which there are references."""

    def observe(self, solution: Displacement) -> Observed:
        stress = nodal_stress(solution)
        parts = stress_by_material(solution) if len(solution.problem.materials) > 1 else {"": stress}
        return Observed(self.measure(solution, stress), stress, parts)


def peak(name: str, unit: str, solution: Displacement, values: Array, where: Any = None) -> Measured:
    """Largest of nodal values over the nodes ``where``, a mask or the label of a surface (all nodes, if None)."""
    if isinstance(where, str):
        where = measures.on_surface(solution, where)
    zone = np.ones(len(values), dtype=bool) if where is None else where
    found = measures.peak(solution, values, zone)
    return Measured(name, found.value, unit, "largest value", found.location, nodes=found.near)


def at(name: str, unit: str, solution: Displacement, values: Array, point: Point) -> Measured:
    """Nodal value at a point that is a node of every mesh, such as a corner of the solid."""
    value, nodes = measures.at(solution, values, np.array(point))
    return Measured(name, value, unit, "value at a point", point, nodes=nodes)


def mean_over(name: str, unit: str, solution: Displacement, values: Array, where: NDArray[np.bool_]) -> Measured:
    """Mean of nodal values over some nodes, such as those on a line along which the exact value is the same."""
    value = measures.nodal_mean(solution, values, where)
    return Measured(name, value, unit, "mean over nodes", nodes=where)


def overall(name: str, unit: str, value: float, scale: float | None = None) -> Measured:
    """A quantity of the whole body: a mean displacement, an energy, a force."""
    return Measured(name, value, unit, "of the whole", scale=scale)
