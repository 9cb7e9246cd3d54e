"""A body of steel under a uniform traction: what many notches and corners have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

import ufl

from solvers.body import Body
from solvers.elasticity import Elasticity, Isotropic
from solvers.loads import Traction
from solvers.supports import Support
from verification.problem import Problem

STEEL = Isotropic(200e3, 0.3)
PULL = 100.0  # MPa


def steady(x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Callable[[Any, Any], Any]:
    """A traction that is the same all over a surface, MPa."""
    return lambda position, normal: ufl.as_vector([x, y, z])


class Pulled(Problem):
    """One material, held as ``held`` says, under a uniform traction on the surface "end"."""

    traction: ClassVar[tuple[float, float, float]] = (PULL, 0.0, 0.0)

    @abstractmethod
    def held(self) -> list[Support]:
        """Where the body is held."""

    def problem(self, body: Body) -> Elasticity:
        return Elasticity(body, {"body": STEEL}, self.held(), [Traction("end", steady(*self.traction))])
