"""Laws of viscosity: how the resistance of a fluid depends on its rate of shear."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
import ufl
from numpy.typing import NDArray

from solvers.tensors import ddot, sym_grad

Array = NDArray[np.float64]

LEAST_RATE = 0.01  # 1/s, added to every rate as to a hypotenuse: some laws have no derivative where nothing is sheared


def shear_rate(u: Any) -> Any:
    """gamma = sqrt(2 eps(u) : eps(u)), 1/s (Bird, Armstrong and Hassager, Dynamics of Polymeric Liquids 1, 1987)."""
    return ufl.sqrt(2 * ddot(sym_grad(u), sym_grad(u)) + LEAST_RATE**2)


@dataclass(frozen=True)
class Viscosity(ABC):
    """Dynamic viscosity as a function of the shear rate."""

    @abstractmethod
    def of(self, rate: Any) -> Any:
        """MPa s at a shear rate in 1/s; of arrays and of UFL expressions."""

    @property
    def constants(self) -> tuple[float, ...]:
        """The numbers of the law, in the order of its fields."""
        return tuple(getattr(self, field.name) for field in fields(self))

    def with_constants(self, constants: tuple[Any, ...]) -> Self:
        """The same law with other numbers, or UFL constants in their place: new values need no new compilation."""
        return type(self)(*constants)

    @property
    @abstractmethod
    def high_rate(self) -> Any:
        """Viscosity at high shear rates, MPa s."""


@dataclass(frozen=True)
class Newtonian(Viscosity):
    """Constant viscosity mu, MPa s."""

    mu: Any

    def of(self, rate: Any) -> Any:
        return self.mu + 0 * rate if isinstance(rate, np.ndarray) else self.mu

    @property
    def high_rate(self) -> Any:
        return self.mu


@dataclass(frozen=True)
class CarreauYasuda(Viscosity):
    """mu = mu_inf + (mu_0 - mu_inf) (1 + (lambda gamma)^a)^((n - 1)/a)
    (Yasuda, Armstrong and Cohen, Rheol. Acta 20, 1981, 163, eq. 2).

    Attributes
    ----------
    mu_0, mu_inf : float, MPa s
        Viscosity at rest and at high rates.
    time : float, s
        lambda.
    a, n : float
    """

    mu_0: Any
    mu_inf: Any
    time: Any
    a: Any
    n: Any

    def of(self, rate: Any) -> Any:
        return self.mu_inf + (self.mu_0 - self.mu_inf) * (1 + (self.time * rate) ** self.a) ** ((self.n - 1) / self.a)

    @property
    def high_rate(self) -> Any:
        return self.mu_inf


@dataclass(frozen=True)
class Casson(Viscosity):
    """sqrt(tau) = sqrt(tau_y) + sqrt(mu_inf gamma), with the yield smoothed by 1 - exp(-sqrt(m gamma))
    (Casson 1959; the smoothing after Papanastasiou, J. Rheol. 31, 1987, 385).

    Attributes
    ----------
    yield_stress : float, MPa
    mu_inf : float, MPa s
    growth : float, s
        m; the larger, the stiffer is the fluid below its yield stress.
    """

    yield_stress: Any
    mu_inf: Any
    growth: Any

    def of(self, rate: Any) -> Any:
        xp = np if isinstance(rate, float | np.ndarray) else ufl
        root = xp.sqrt(self.mu_inf) + xp.sqrt(self.yield_stress / rate) * (1 - xp.exp(-xp.sqrt(self.growth * rate)))
        return root**2

    @property
    def high_rate(self) -> Any:
        return self.mu_inf


@dataclass(frozen=True)
class Fluid:
    """An incompressible fluid.

    Attributes
    ----------
    density : float, tonne/mm^3
    viscosity : Viscosity
    """

    density: float
    viscosity: Viscosity
