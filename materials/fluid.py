"""Cards of fluids: density and a law of viscosity."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal, Self

from pydantic import model_validator

from materials.card import Card, Constant

LAWS: dict[str, tuple[str, ...]] = {
    "newtonian": ("viscosity",),
    "carreau_yasuda": (
        "viscosity_at_rest",
        "viscosity_at_high_rate",
        "relaxation_time",
        "transition_exponent",
        "power_index",
    ),
    "casson": ("yield_stress", "viscosity_at_high_rate"),
}


class FluidCard(Card):
    """An incompressible fluid.

    Attributes
    ----------
    law : "newtonian", "carreau_yasuda" or "casson"
        It decides which of the constants must be given.
    density : Constant
    viscosity : Constant or None
        Dynamic viscosity of a Newtonian fluid.
    viscosity_at_rest, viscosity_at_high_rate, relaxation_time, transition_exponent, power_index : Constant or None
        mu_0, mu_inf, lambda, a and n of Carreau and Yasuda.
    yield_stress : Constant or None
        Of Casson's law, with viscosity_at_high_rate.

    Raises
    ------
    pydantic.ValidationError
        A ValueError, which names card, constant and unit.
    """

    units: ClassVar[dict[str, str]] = {
        "density": "tonne/mm^3",
        "viscosity": "MPa*s",
        "viscosity_at_rest": "MPa*s",
        "viscosity_at_high_rate": "MPa*s",
        "relaxation_time": "s",
        "transition_exponent": "",
        "power_index": "",
        "yield_stress": "MPa",
    }
    built_in: ClassVar[Path] = Path(__file__).with_name("fluids.toml")
    called: ClassVar[str] = "fluid"

    law: Literal["newtonian", "carreau_yasuda", "casson"]
    density: Constant
    viscosity: Constant | None = None
    viscosity_at_rest: Constant | None = None
    viscosity_at_high_rate: Constant | None = None
    relaxation_time: Constant | None = None
    transition_exponent: Constant | None = None
    power_index: Constant | None = None
    yield_stress: Constant | None = None

    @model_validator(mode="after")
    def _check_law(self) -> Self:
        values = self.given()
        needed = {"density", *LAWS[self.law]}
        if missing := sorted(needed - set(values)):
            raise ValueError(f"card '{self.name}': a {self.law} fluid needs {', '.join(missing)}")
        if idle := sorted(set(values) - needed):
            raise ValueError(f"card '{self.name}': a {self.law} fluid has no {', '.join(idle)}")
        for name, value in values.items():
            if not value > 0.0:
                raise ValueError(f"{self.where(name)} must be positive")
        return self
