"""Material cards and the files that hold them."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Annotated, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from geometry.units import convert, kind_of, parse_unit, same_kind, to_house

HOUSE_UNITS: dict[str, str] = {
    "young_modulus": "MPa",
    "poisson_ratio": "",
    "density": "tonne/mm^3",
    "yield_strength": "MPa",
    "tensile_strength": "MPa",
    "endurance_limit": "MPa",
}

_BASE = {"[length]": "mm", "[mass]": "tonne", "[time]": "s", "[temperature]": "K", "[current]": "A"}

# "card?constant=value&constant=value": the card with other values.
_CHANGED = re.compile(r"(?P<card>[^?]+)\?(?P<changes>.+)")
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


class Card(_Model):
    """What every card has: a name, where it comes from, and constants.

    Attributes
    ----------
    name, title, specification : str
        Key of the card, name for people, and standard ("-" if none).
    temperature_degC : float
        Temperature at which the constants hold, in degC.
    """

    units: ClassVar[dict[str, str]] = {}
    built_in: ClassVar[Path]
    called: ClassVar[str] = "card"

    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+$")]
    title: Text
    specification: Text
    temperature_degC: Annotated[float, Field(gt=-273.15)]

    @model_validator(mode="after")
    def _check_units(self) -> Self:
        for name, house in self.units.items():
            constant: Constant | None = getattr(self, name)
            if constant is None:
                continue
            if not same_kind(constant.unit, house):
                raise ValueError(
                    f"{self.where(name)}: '{constant.unit}' measures {kind_of(constant.unit)}; "
                    f"{kind_of(house)} is expected, in {house or 'no unit'} for instance"
                )
        return self

    def where(self, name: str) -> str:
        """A constant as a message names it."""
        constant: Constant = getattr(self, name)
        return f"card '{self.name}': {name} = {constant.value:g} {constant.unit}".rstrip()

    def given(self) -> dict[str, float]:
        """The constants that the card gives, in house units."""
        known = {name: getattr(self, name) for name in self.units}
        return {name: c.to(self.units[name]) for name, c in known.items() if c is not None}

    def value(self, name: str) -> float:
        """A constant in house units.

        Parameters
        ----------
        name : str
            One of `units`, which says in which unit.

        Returns
        -------
        float

        Raises
        ------
        MaterialError
            If there is no such constant, or this card does not give it.
        """
        if name not in self.units:
            raise MaterialError(f"a card has no constant '{name}'{_nearest(name, self.units)}")
        constant: Constant | None = getattr(self, name)
        if constant is None:
            raise MaterialError(f"card '{self.name}' gives no {name}")
        return constant.to(self.units[name])

    def assumed(self) -> tuple[str, ...]:
        """Names of the constants given but not verified."""
        given = ((name, getattr(self, name)) for name in self.units)
        return tuple(name for name, constant in given if constant is not None and not constant.verified)


class Material(Card):
    """A linear elastic, isotropic material with its strengths.

    Attributes
    ----------
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

    units: ClassVar[dict[str, str]] = HOUSE_UNITS
    built_in: ClassVar[Path] = Path(__file__).with_name("cards.toml")
    called: ClassVar[str] = "material"

    young_modulus: Constant
    poisson_ratio: Constant
    density: Constant
    yield_strength: Constant | None = None
    tensile_strength: Constant | None = None
    endurance_limit: Constant | None = None

    @model_validator(mode="after")
    def _check_constants(self) -> Self:
        values = self.given()
        for name, value in values.items():
            if name == "poisson_ratio":
                if not -1.0 < value < 0.5:
                    raise ValueError(f"{self.where(name)} must lie between -1 and 0.5, both excluded")
            elif not value > 0.0:
                raise ValueError(f"{self.where(name)} must be positive")
        if "tensile_strength" in values:
            for name in ("yield_strength", "endurance_limit"):
                if values.get(name, 0.0) > values["tensile_strength"]:
                    raise ValueError(
                        f"card '{self.name}': {name} ({values[name]:g} MPa) exceeds "
                        f"tensile_strength ({values['tensile_strength']:g} MPa)"
                    )
        return self


def load_cards[C: Card](path: Path, kind: type[C] = Material) -> dict[str, C]:  # type: ignore[assignment]
    """Read a file of cards.

    Parameters
    ----------
    path : Path
        TOML file with one table per card; the table's key is the card's name.
    kind : type of Card

    Returns
    -------
    dict of str to card

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
            cards[name] = kind.model_validate({"name": name, **table})
        except ValidationError as error:
            raise MaterialError(f"{path}: {_explain(name, table, error)}") from error
    return cards


def known_materials[C: Card](
    extra: Path | None = None,
    kind: type[C] = Material,  # type: ignore[assignment]
) -> dict[str, C]:
    """Built-in cards of a kind, and those of a user's file.

    Raises
    ------
    MaterialError
        If the user's file cannot be used, or redefines a built-in card.
    """
    cards = dict(_built_in(kind))
    return cards if extra is None else cards | _user_cards(Path(extra), kind)


def load_card[C: Card](name_or_ref: str, kind: type[C] = Material) -> C:  # type: ignore[assignment]
    """One card of a kind by name or by file, with other values of constants where they are given.

    Parameters
    ----------
    name_or_ref : str
        Name of a built-in card, "path/to/file.toml:card", or "path/to/file.toml" if it holds a single card; each may
        be followed by changes, as in "peek?young_modulus=3.6 GPa&density=1.3 g/cm^3".

    Raises
    ------
    MaterialError
        If there is no such card (the nearest names are given), the file cannot be used, or a change is wrong.
    """
    if changed := _CHANGED.fullmatch(name_or_ref):
        return _with_changes(load_card(changed["card"].strip(), kind), changed["changes"])
    match = _REFERENCE.fullmatch(name_or_ref)
    if match is None:
        return _pick(_built_in(kind), name_or_ref, kind.called)
    cards = _user_cards(Path(match["path"]), kind)
    if match["card"] is not None:
        return _pick(cards, match["card"], f"{kind.called} in {match['path']}")
    if len(cards) > 1:
        raise MaterialError(
            f"{match['path']} holds several cards ({', '.join(cards)}); "
            f"name one, as in '{match['path']}:{next(iter(cards))}'"
        )
    return next(iter(cards.values()))


def _with_changes[C: Card](card: C, changes: str) -> C:
    constants: dict[str, Constant] = {}
    for change in changes.split("&"):
        name, equals, text = (word.strip() for word in change.partition("="))
        if not equals or name in constants:
            raise MaterialError(
                f"'{change}' is no change of card '{card.name}': give each constant once, as name=value"
            )
        card.value(name)  # or it says what is missing
        unit = getattr(card, name).unit
        try:
            value = to_house(text, unit)
        except ValueError as error:
            raise MaterialError(f"card '{card.name}': {name}: {error}") from error
        source = f"set by the user in place of {getattr(card, name).value:g} {unit}".rstrip()
        constants[name] = Constant(value=value, unit=unit, source=source, verified=False)
    try:
        # Copied values are not validated: a whole card is made anew.
        return type(card).model_validate(dict(card) | constants)
    except ValidationError as error:
        raise MaterialError(_explain(card.name, {}, error)) from error


@cache
def _built_in[C: Card](kind: type[C]) -> dict[str, C]:
    return load_cards(kind.built_in, kind)


def _user_cards[C: Card](path: Path, kind: type[C]) -> dict[str, C]:
    cards = load_cards(path, kind)
    taken = [name for name in cards if name in _built_in(kind)]
    if taken and path.resolve() != kind.built_in.resolve():
        raise MaterialError(f"{path} redefines built-in {kind.called}(s) {', '.join(taken)}; choose another name")
    return cards


def _pick[C: Card](cards: dict[str, C], name: str, what: str) -> C:
    if name not in cards:
        raise MaterialError(f"there is no {what} named '{name}'{_nearest(name, cards)}")
    return cards[name]


def _nearest(name: str, names: Iterable[str]) -> str:
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
