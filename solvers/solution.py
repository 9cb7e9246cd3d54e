"""What grading, recovery and measures need to know of a solution, solid or fluid."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Protocol

import numpy as np
from dolfinx import fem
from numpy.typing import NDArray

from solvers.body import Body
from solvers.systems import SolveInfo

Array = NDArray[np.float64]


class StressProblem(Protocol):
    """A boundary value problem for a vector field u, with a stress that its gradient makes."""

    space: fem.FunctionSpace

    @cached_property
    def places(self) -> Array:
        """Coordinates (n, 3) of the nodes of this rank, ghosts included, mm. Not to be written to."""
        return self.space.tabulate_dof_coordinates()

    def sigma(self, u: Any) -> Any:
        """Stress as a UFL expression, MPa."""

    def lame_of(self, cells: NDArray[np.int32]) -> tuple[Array, Array]:
        """Constants lambda and mu (k,) of some cells: how much energy a stress means."""


class Solution(Protocol):
    """A solved problem."""

    @property
    def problem(self) -> StressProblem: ...

    @property
    def body(self) -> Body: ...

    @property
    def u(self) -> fem.Function: ...

    @property
    def info(self) -> SolveInfo: ...

    @property
    def unknowns(self) -> int:
        """On all ranks."""
