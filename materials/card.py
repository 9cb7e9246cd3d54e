"""Material cards and the files that hold them."""

from __future__ import annotations

import difflib
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from geometry.units import convert, kind_of, parse_unit, same_kind

BUILT_IN = Path(__file__).with_name("cards.toml")

HOUSE_UNITS: dict[str, str] = {
    "young_modulus": "MPa",
    "poisson_ratio": "",
    "density": "tonne/mm^3",
    "yield_strength": "MPa",
    "tensile_strength": "MPa",
    "endurance_limit": "MPa",
}

_BASE = {"[length]": "mm", "[mass]": "tonne", "[time]": "s", "[temperature]": "K", "[current]": "A"}

_REFERENCE = re.compile(r"(?P<path>.+\.toml)(?::(?P<card>[^:/\\]+))?", re.IGNORECASE)

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class MaterialError(ValueError):
    """A material card or a file of cards that cannot be used."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True, strict=True)


class Constant(_Model):
    """One number of a card.

    Attributes
    ----------
    value : float
        The value in ``unit``.
    unit : str
        Any unit pint knows; "" for a plain number.
    source : str
        Where the value comes from, or which assumption it is.
    verified : bool
        True if the value was seen in the source named; False if it is assumed.
    """

    value: float
    unit: str
    source: Text
    verified: bool

    @model_validator(mode="after")
    def _check_unit(self) -> Self:
        parse_unit(self.unit)
        return self

    @property
    def house(self) -> float:
        """The value in house units: products of powers of mm, tonne and s (so MPa for a stress), K and A."""
        dimension = parse_unit(self.unit).dimensionality
        return self.to("*".join(f"{_BASE[name]}^{power:g}" for name, power in dimension.items()))

    def to(self, unit: str) -> float:
        """The value in ``unit`` (ValueError if it is of another kind)."""
        return convert(self.value, self.unit, unit)


class Material(_Model):
    """A linear elastic, isotropic material with its strengths.

    Attributes
    ----------
    name, title, specification : str
        Key of the card, name for people, and standard ("-" if none).
    temperature_degC : float
        Temperature at which the constants hold, in degC.
    young_modulus, poisson_ratio, density : Constant
        Elastic constants (stress; plain number) and mass density.
    yield_strength, tensile_strength : Constant or None
        Yield (0.2 % offset) and ultimate tensile strength. For foams the source says that the yield is in
        compression.
    endurance_limit : Constant or None
        Stress amplitude at 1e7 cycles, R = -1, unless its source says otherwise.

    Raises
    ------
    pydantic.ValidationError
        A ValueError, which names card, constant and unit.
    """

    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+$")]
    title: Text
    specification: Text
    temperature_degC: Annotated[float, Field(gt=-273.15)]
    young_modulus: Constant
    poisson_ratio: Constant
    density: Constant
    yield_strength: Constant | None = None
    tensile_strength: Constant | None = None
    endurance_limit: Constant | None = None

    @model_validator(mode="after")
    def _check_constants(self) -> Self:
        values: dict[str, float] = {}
        for name, house in HOUSE_UNITS.items():
            constant: Constant | None = getattr(self, name)
            if constant is None:
                continue
            where = f"card '{self.name}': {name} = {constant.value:g} {constant.unit}".rstrip()
            if not same_kind(constant.unit, house):
                raise ValueError(
                    f"{where}: '{constant.unit}' measures {kind_of(constant.unit)}; "
                    f"{kind_of(house)} is expected, in {house or 'no unit'} for instance"
                )
            values[name] = value = constant.to(house)
            if name == "poisson_ratio":
                if not -1.0 < value < 0.5:
                    raise ValueError(f"{where} must lie between -1 and 0.5, both excluded")
            elif not value > 0.0:
                raise ValueError(f"{where} must be positive")
        if "tensile_strength" in values:
            for name in ("yield_strength", "endurance_limit"):
                if values.get(name, 0.0) > values["tensile_strength"]:
                    raise ValueError(
                        f"card '{self.name}': {name} ({values[name]:g} MPa) exceeds "
                        f"tensile_strength ({values['tensile_strength']:g} MPa)"
                    )
        return self

    def value(self, name: str) -> float:
        """A constant in house units.

        Parameters
        ----------
        name : str
            "young_modulus" (MPa), "poisson_ratio" (-), "density" (tonne/mm^3), "yield_strength",
            "tensile_strength" or "endurance_limit" (MPa).

        Returns
        -------
        float

        Raises
        ------
        MaterialError
            If there is no such constant, or this card does not give it.
        """
        if name not in HOUSE_UNITS:
            raise MaterialError(f"a card has no constant '{name}'{_nearest(name, HOUSE_UNITS)}")
        constant: Constant | None = getattr(self, name)
        if constant is None:
            raise MaterialError(f"card '{self.name}' gives no {name}")
        return constant.to(HOUSE_UNITS[name])

    def assumed(self) -> tuple[str, ...]:
        """Names of the constants given but not verified."""
        given = ((name, getattr(self, name)) for name in HOUSE_UNITS)
        return tuple(name for name, constant in given if constant is not None and not constant.verified)


def load_cards(path: Path) -> dict[str, Material]:
    """Read a file of cards.

    Parameters
    ----------
    path : Path
        TOML file with one table per card; the table's key is the card's name.

    Returns
    -------
    dict of str to Material

    Raises
    ------
    MaterialError
        If the file cannot be read, holds no card, or one of its cards is wrong.
    """
    path = Path(path)
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise MaterialError(f"cannot read the material file {path}: {error.strerror or error}") from error
    except ValueError as error:  # TOML syntax or encoding
        raise MaterialError(f"{path} is not a TOML file: {error}") from error
    if not tables:
        raise MaterialError(f"{path} holds no material card")
    cards = {}
    for name, table in tables.items():
        if not isinstance(table, dict):
            raise MaterialError(f"{path}: '{name}' is outside any card: a card starts with its [name]")
        if "name" in table:
            raise MaterialError(f"{path}: card '{name}': remove 'name': the table's key [{name}] is the name")
        try:
            cards[name] = Material.model_validate({"name": name, **table})
        except ValidationError as error:
            raise MaterialError(f"{path}: {_explain(name, table, error)}") from error
    return cards


def known_materials(extra: Path | None = None) -> dict[str, Material]:
    """Built-in cards, and those of a user's file.

    Raises
    ------
    MaterialError
        If the user's file cannot be used, or redefines a built-in card.
    """
    cards = dict(_built_in())
    return cards if extra is None else cards | _user_cards(Path(extra))


def load_card(name_or_ref: str) -> Material:
    """One card by name or by file.

    Parameters
    ----------
    name_or_ref : str
        Name of a built-in card, "path/to/file.toml:card", or "path/to/file.toml" if it holds a single card.

    Raises
    ------
    MaterialError
        If there is no such card (the nearest names are given), or the file cannot be used.
    """
    match = _REFERENCE.fullmatch(name_or_ref)
    if match is None:
        return _pick(_built_in(), name_or_ref, "material")
    cards = _user_cards(Path(match["path"]))
    if match["card"] is not None:
        return _pick(cards, match["card"], f"material in {match['path']}")
    if len(cards) > 1:
        raise MaterialError(
            f"{match['path']} holds several cards ({', '.join(cards)}); "
            f"name one, as in '{match['path']}:{next(iter(cards))}'"
        )
    return next(iter(cards.values()))


@cache
def _built_in() -> dict[str, Material]:
    return load_cards(BUILT_IN)


def _user_cards(path: Path) -> dict[str, Material]:
    cards = load_cards(path)
    taken = [name for name in cards if name in _built_in()]
    if taken and path.resolve() != BUILT_IN.resolve():
        raise MaterialError(f"{path} redefines built-in material(s) {', '.join(taken)}; choose another name")
    return cards


def _pick(cards: dict[str, Material], name: str, what: str) -> Material:
    if name not in cards:
        raise MaterialError(f"there is no {what} named '{name}'{_nearest(name, cards)}")
    return cards[name]


def _nearest(name: str, names: dict[str, str] | dict[str, Material]) -> str:
    near = difflib.get_close_matches(name.lower().replace("-", "_"), list(names), n=3, cutoff=0.5)
    return f"; did you mean {' or '.join(near)}?" if near else f"; known are {', '.join(names)}"


def _explain(card: str, table: dict[str, object], error: ValidationError) -> str:
    """The first fault of a card in words; pydantic's own listing shows neither card nor unit."""
    first = error.errors(include_url=False)[0]
    where, message = ".".join(map(str, first["loc"])), first["msg"].removeprefix("Value error, ")
    if not where:
        return message  # Material's own check, which names the card
    constant = table.get(str(first["loc"][0]))
    unit = constant.get("unit") if isinstance(constant, dict) else None
    in_unit = f" (unit '{unit}')" if isinstance(unit, str) and where != str(first["loc"][0]) else ""
    return f"card '{card}': {where}{in_unit}: {message}"
