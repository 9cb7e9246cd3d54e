"""The engineer's text becomes house numbers, or an error that says what was expected."""

from __future__ import annotations

import math
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geometry.units import convert, kind_of, parse_unit, registry, same_kind, to_house


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("0.5in", "mm", 12.7),
        ("12.7 mm", "mm", 12.7),
        ("  1e1 mm ", "mm", 10.0),
        (".5 cm", "mm", 5.0),
        ("-2.5 µm", "mm", -0.0025),
        ("10 deg", "deg", 10.0),
        ("10°", "deg", 10.0),
        ("1 rad", "deg", 180.0 / math.pi),
        ("6", "", 6.0),
        ("0.3", "", 0.3),
        ("5 %", "", 0.05),
        (7, "mm", 7.0),
        ("7", "mm", 7.0),
        ("114 GPa", "MPa", 114e3),
        ("1 N/mm^2", "MPa", 1.0),
        ("1 N·m", "N*mm", 1e3),
        ("2.3 kN", "N", 2300.0),
        ("5 Hz", "1/s", 5.0),
        ("60 1/min", "1/s", 1.0),
        ("1 kg/m³", "tonne/mm^3", 1e-12),
        ("6 L/min", "mm^3/s", 1e5),
        ("100 mmHg", "MPa", 0.0133322387415),
        ("37 °C", "K", 310.15),
        ("310.15 K", "degC", 37.0),
    ],
)
def test_value(text: str | float, unit: str, value: float) -> None:
    assert to_house(text, unit) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "unit", "parts"),
    [
        ("3 kg", "mm", ["'3 kg' is a mass", "a length such as '12 mm' is expected"]),
        ("3 mm", "", ["'3 mm' is a length", "a plain number"]),
        ("3 deg", "", ["an angle", "a plain number"]),
        ("3 %", "deg", ["a plain number", "an angle such as '12 deg'"]),
        ("3000 rpm", "1/s", ["an angular speed", "a frequency"]),
        ("3 mm^7", "MPa", ["[length] ** 7", "a stress"]),
        ("3 furlongz", "mm", ["'furlongz' is not a known unit", "a length"]),
        ("12,7 mm", "mm", ["'12,7 mm'", "a length"]),
        ("1/2 in", "mm", ["'1/2 in'", "a length"]),
        ("mm", "mm", ["'mm'", "not a finite number"]),
        ("", "mm", ["''", "a length"]),
        ("nan", "mm", ["'nan'", "finite"]),
        ("inf mm", "mm", ["'inf mm'", "finite"]),
        ("1e999 mm", "mm", ["'1e999 mm'", "finite"]),
        ("1e308 km", "mm", ["not finite in mm"]),
        (float("nan"), "mm", ["nan is not finite", "a length"]),
        (-math.inf, "MPa", ["-inf is not finite", "a stress"]),
        (True, "mm", ["True is not a number", "a length"]),
        ("1 mm^9^9^9^9", "mm", ["not a known unit"]),
        ("1 (mm", "mm", ["not a known unit"]),
        ("1 " + "a" * 50 + "!", "mm", ["not a known unit"]),  # hangs if the grammar backtracks
        ("1" * 400, "mm", ["too long", "a length"]),
    ],
)
def test_refused(text: str | float, unit: str, parts: list[str]) -> None:
    with pytest.raises(ValueError) as caught:
        to_house(text, unit)
    assert all(part in str(caught.value) for part in parts), str(caught.value)


PAIRS = [
    ("mm", "in"),
    ("mm", "ft"),
    ("MPa", "psi"),
    ("MPa", "GPa"),
    ("N", "lbf"),
    ("deg", "rad"),
    ("", "%"),
    ("tonne/mm^3", "g/cm^3"),
    ("N*mm", "N*m"),
    ("mm^3/s", "L/min"),
]
UNIT_LIKE = st.text("0123456789.e+-*/^()mMPakgNs°%µ² inrd", max_size=25).map("1 ".__add__)


@given(st.floats(-1e12, 1e12), st.sampled_from(PAIRS))
def test_round_trip(value: float, pair: tuple[str, str]) -> None:
    house, other = pair
    there = convert(value, house, other)
    assert to_house(f"{there!r} {other}", house) == pytest.approx(value, rel=1e-12, abs=1e-290)


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(["mm", "MPa", "deg", ""]))
def test_own_unit_is_exact(value: float, unit: str) -> None:
    assert to_house(f"{value!r} {unit}", unit) == value == to_house(value, unit)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=25), UNIT_LIKE))
def test_any_text_gives_a_finite_number_or_a_value_error(text: str) -> None:
    try:
        value = to_house(text, "mm")
    except ValueError as error:
        assert "expected" in str(error) or "finite" in str(error) or "converted" in str(error)
    else:
        assert math.isfinite(value)


def test_one_registry() -> None:
    assert registry() is registry()
    assert parse_unit("mm") == registry().Unit("mm")


def test_kinds() -> None:
    assert kind_of("in") == "a length"
    assert kind_of("lbf") == kind_of("N") == "a force"
    assert same_kind("psi", "MPa") and not same_kind("psi", "N") and not same_kind("deg", "")


def test_pint_is_imported_only_when_needed() -> None:
    code = "import sys, geometry.units; sys.exit('pint' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
