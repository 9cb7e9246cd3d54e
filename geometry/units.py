"""Units: the one pint registry of the project, and how an engineer's text becomes a number.

House units are mm, N, MPa, s and tonne (so a density is in tonne/mm^3 and stress needs no factor).
"""

from __future__ import annotations

import math
import re
from functools import cache
from numbers import Real
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pint

Signature = tuple[frozenset[tuple[str, object]], bool]

_NUMBER = r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
_TEXT = re.compile(rf"\s*(?P<number>{_NUMBER})\s*(?P<unit>.*?)\s*", re.DOTALL)

# Only this grammar reaches pint: it evaluates numbers, so "mm^9^9^9" would hang and "2 mm" would scale.
_POWER = r"(?:\^|\*\*)\s*[-+]?\d{1,2}(?!\s*(?:\d|\^|\*\*))"
_UNIT = re.compile(rf"(?:1\s*(?=/))?(?:[^\W\d]\w*+|[%°](?:[CF]\b)?|{_POWER}|[*/·()]|[ ])*+")

_KINDS: dict[str, str] = {
    "": "a plain number",
    "degree": "an angle",
    "mm": "a length",
    "mm^2": "an area",
    "mm^3": "a volume",
    "mm^4": "a second moment of area",
    "tonne": "a mass",
    "s": "a time",
    "1/s": "a frequency",
    "degree/s": "an angular speed",
    "N": "a force",
    "N*mm": "a moment",
    "MPa": "a stress",
    "N/mm": "a stiffness",
    "MPa*s": "a viscosity",
    "mm/s": "a speed",
    "mm/s^2": "an acceleration",
    "mm^3/s": "a flow rate",
    "tonne/mm^3": "a density",
    "W": "a power",
    "K": "a temperature",
    "A": "a current",
}


@cache
def registry() -> pint.UnitRegistry:
    """The unit registry shared by the whole project.

    Returns
    -------
    pint.UnitRegistry
        Always the same object: quantities of two registries cannot be mixed. pint is imported on the first
        call only, because it is slow to import.
    """
    import pint

    units: pint.UnitRegistry = pint.UnitRegistry()
    return units


def to_house(text_or_value: str | float, unit: str) -> float:
    """Number of ``unit`` in what the engineer typed.

    Parameters
    ----------
    text_or_value : str or float
        A number with a unit ("0.5in", "12.7 mm", "10 deg") or a bare number ("6", 0.3), taken in ``unit``.
    unit : str
        Unit of the answer, such as "mm" or "MPa"; "" for a plain number.

    Returns
    -------
    float
        The value in ``unit``.

    Raises
    ------
    ValueError
        If there is no finite number, the unit is not known, or the quantity is of another kind. An angle is
        not a plain number here, nor an angular speed a frequency (a silent factor 2 pi, or 57).
    """
    if isinstance(text_or_value, str) and len(text_or_value) > 100:
        raise ValueError(f"'{text_or_value[:40]}...' is too long for a number; {_wanted(unit)} is expected")
    shown = repr(text_or_value)
    expected = parse_unit(unit)
    if isinstance(text_or_value, str):
        match = _TEXT.fullmatch(text_or_value)
        if match is None:
            raise ValueError(f"{shown} is not a finite number with a unit; {_wanted(unit)} is expected")
        number, given = float(match["number"]), match["unit"]
    elif isinstance(text_or_value, Real) and not isinstance(text_or_value, bool):
        number, given = float(text_or_value), ""
    else:
        raise ValueError(f"{shown} is not a number; {_wanted(unit)} is expected")
    if not math.isfinite(number):
        raise ValueError(f"{shown} is not finite; {_wanted(unit)} is expected")
    if not given:
        return number
    try:
        source = parse_unit(given)
    except ValueError as error:
        raise ValueError(f"{shown}: {error}; {_wanted(unit)} is expected") from error
    if _signature(source) != _signature(expected):
        raise ValueError(f"{shown} is {kind_of(given)}; {_wanted(unit)} is expected")
    return convert(number, given, unit)


def convert(value: float, given: str, wanted: str) -> float:
    """Convert ``value`` from the unit ``given`` to the unit ``wanted``.

    Raises
    ------
    ValueError
        If a unit is not known, the two are not of one kind, or the result is not finite.
    """
    source, target = parse_unit(given), parse_unit(wanted)
    if source == target:
        return float(value)  # exactly what was typed, without rounding
    if _signature(source) != _signature(target):
        raise ValueError(f"'{value:g} {given}' is {kind_of(given)}; {_wanted(wanted)} is expected")
    import pint

    try:
        result = float(registry().Quantity(value, source).to(target).magnitude)
    except (pint.errors.PintError, OverflowError, ZeroDivisionError) as error:
        target_name = wanted or "a plain number"
        raise ValueError(f"'{value:g} {given}' cannot be converted to {target_name}: {error}") from error
    if not math.isfinite(result):
        raise ValueError(f"'{value:g} {given}' is not finite in {wanted or 'a plain number'}")
    return float(f"{result:.15g}")  # 0.5 in and 12.7 mm are to be the same number, not one ulp apart


def same_kind(unit: str, other: str) -> bool:
    """Whether two units measure the same kind of quantity (ValueError if one is not known)."""
    return _signature(parse_unit(unit)) == _signature(parse_unit(other))


def kind_of(unit: str) -> str:
    """Kind of quantity that ``unit`` measures, with its article: "a length" (ValueError if not known)."""
    parsed = parse_unit(unit)
    signature = _signature(parsed)
    return _kinds().get(signature) or f"a quantity of dimension {parsed.dimensionality}"


def parse_unit(text: str) -> pint.Unit:
    """The pint unit named ``text``; "" is a plain number.

    Raises
    ------
    ValueError
        If ``text`` is not a unit.
    """
    # The unit is parsed for every parameter of every study, hence the cache; it keeps no failures.
    try:
        return _parse(text)
    except ValueError:
        raise
    except Exception as error:  # pint also lets tokenizer, attribute and arithmetic errors through
        raise ValueError(f"'{text}' is not a known unit") from error


@cache
def _parse(text: str) -> pint.Unit:
    import pint

    if len(text) > 60 or not _UNIT.fullmatch(text):
        raise ValueError(f"'{text}' is not a known unit")
    try:
        return registry().Unit(text.replace("°C", "degC").replace("°F", "degF"))
    except (pint.errors.PintError, ValueError) as error:
        raise ValueError(f"'{text}' is not a known unit") from error


def _signature(unit: pint.Unit) -> Signature:
    """Dimension of a unit, and whether it holds an angle, which pint counts as dimensionless."""
    try:
        root = registry().get_root_units(unit)[1]
    except (OverflowError, ZeroDivisionError) as error:
        raise ValueError(f"'{unit}' is too large or too small a unit") from error
    return frozenset(unit.dimensionality.items()), "radian" in root._units


@cache
def _kinds() -> dict[Signature, str]:
    return {_signature(parse_unit(unit)): kind for unit, kind in _KINDS.items()}


def _wanted(unit: str) -> str:
    return f"{kind_of(unit)} such as '{f'12 {unit}' if unit else '0.3'}'"
