"""How numbers are written: digits by the uncertainty, units in print, round ends for a scale."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
MOST_DIGITS = 6
_ROUND = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0)


@dataclass(frozen=True)
class Rounded:
    """A value and its uncertainty, with the digits that mean something.

    Attributes
    ----------
    value, uncertainty : str
        Of the same number of decimals; ``uncertainty`` is empty when it is not known.
    power : int
        Both are to be multiplied by ten to this power.
    """

    value: str
    uncertainty: str
    power: int

    def text(self, unit: str = "") -> str:
        """In one line: "432.0 ± 5.6 MPa"."""
        line = f"{self.value} ± {self.uncertainty}" if self.uncertainty else self.value
        if self.power:
            line = f"({line})" if self.uncertainty else line
            line += f" × 10{superscript(self.power)}"
        return f"{line} {pretty_unit(unit)}".rstrip() if unit else line


def rounded(value: float, uncertainty: float | None = None, digits: int = 4) -> Rounded:
    """Round to two significant digits of the uncertainty, or to ``digits`` digits of the value without one.

    The value never gets more than six digits; an uncertainty below the last of them is rounded up to it.
    """
    largest = max(abs(value), uncertainty or 0.0)
    power = power_of_ten(largest)
    scaled = value / 10.0**power
    most = MOST_DIGITS - 1 - math.floor(math.log10(abs(scaled))) if scaled else MOST_DIGITS
    if not uncertainty:
        decimals = digits - 1 - math.floor(math.log10(abs(scaled))) if scaled else 0
        return Rounded(_fixed(scaled, decimals), "0" if uncertainty == 0 else "", power)
    error = uncertainty / 10.0**power
    # The second rounding is for 0.0996, which becomes 0.10 and not 0.100.
    decimals = 1 - math.floor(math.log10(error))
    decimals = 1 - math.floor(math.log10(round(error, decimals)))
    if decimals > most:
        decimals = most
        error = math.ceil(error * 10.0**decimals) / 10.0**decimals
    return Rounded(_fixed(scaled, decimals), _fixed(error, decimals), power)


def power_of_ten(largest: float) -> int:
    """The power of ten that a number is written with; 0: it needs none."""
    return math.floor(math.log10(largest)) if largest and not 1e-3 <= largest < 1e6 else 0


def superscript(power: int) -> str:
    return str(power).translate(_SUPERSCRIPT)


def _fixed(value: float, decimals: int) -> str:
    number = round(value, decimals) + 0.0  # no "-0"
    return f"{number:.{max(decimals, 0)}f}".replace("-", "−")


def plain(value: float | str | bool, digits: int = 6) -> str:
    """A parameter or constant as it was typed."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    text = f"{value:.{digits}g}"
    if "e" in text:
        mantissa, exponent = text.split("e")
        return f"{mantissa} × 10{superscript(int(exponent))}"
    return text.replace("-", "−")


def brief(value: float) -> str:
    """A residual or another small number, to two digits."""
    return plain(value, digits=2)


def seconds(value: float) -> str:
    """A duration, in seconds, minutes or hours."""
    if value < 60:
        return f"{value:.2g} s" if value < 10 else f"{value:.0f} s"
    if value < 2 * 3600:
        return f"{round(value / 60, 1):g} min"
    return f"{round(value / 3600, 1):g} h"


def grouped(count: int) -> str:
    """A count with a thin space at each thousand."""
    return f"{count:,}".replace(",", "\u202f")


def probability(value: float) -> str:
    """A probability to two decimals; never 0 or 1, which no run can show."""
    if value < 0.005:
        return "< 0.01"
    return "> 0.99" if value > 0.995 else f"{value:.2f}"


def pretty_unit(unit: str) -> str:
    """A unit as print sets it: "N*mm^2" becomes "N·mm²"."""
    text = re.sub(r"(?:\^|\*\*)\s*(-?\d+)", lambda m: m[1].translate(_SUPERSCRIPT), unit)
    text = text.replace("*", "·")
    return {"degree": "°", "deg": "°", "degC": "°C", "dimensionless": ""}.get(text, text)


def ends(low: float, high: float) -> tuple[str, str]:
    """Both ends of a range, to about three digits of its length."""
    decimals = max(2 - math.floor(math.log10(high - low)), 0) if high > low else MOST_DIGITS - 1
    pair = [_fixed(v, decimals) for v in (low, high)]
    while "." in pair[0] and all(text.endswith(("0", ".")) for text in pair):
        pair = [text[:-1] for text in pair]
    return pair[0], pair[1]


def round_up(value: float) -> float:
    """The next round number not below ``value`` (> 0): 388 becomes 400."""
    power = 10.0 ** math.floor(math.log10(value))
    for mantissa in _ROUND:
        if mantissa * power >= value * (1 - 1e-9):
            return mantissa * power
    return 10 * power


def round_down(value: float) -> float:
    """The largest of 1, 2, 5 times a power of ten not above ``value`` (> 0)."""
    power = 10.0 ** math.floor(math.log10(value))
    return max(m for m in (1, 2, 5) if m * power <= value * (1 + 1e-9)) * power


def ticks(top: float) -> list[float]:
    """About six to eight round steps from zero to ``top``."""
    step = min(
        (round_down(top / n) for n in (4, 5, 6, 8)),
        key=lambda s: (abs(top / s - round(top / s)) > 1e-6, abs(top / s - 7)),
    )
    return [float(t) for t in np.arange(0, top * (1 + 1e-9), step)]


def enclosing(low: float, high: float) -> list[float]:
    """Round values at equal steps, from one not above ``low`` to one not below ``high``."""
    if not high > low:
        return [low, low + (abs(low) or 1.0)]
    step = round_down((high - low) / 5)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [float(n * step) for n in range(first, last + 1)]


def place(point: Iterable[float], decimals: int = 1) -> str:
    """A point in mm, or a direction: "(12.0, −2.8, 0.0)"."""
    return "(" + ", ".join(_fixed(v, decimals) for v in point) + ")"


def sentence(text: str) -> str:
    """Text with a capital at its beginning and a full stop at its end."""
    text = text.strip()
    if not text:
        return ""
    first = text[:1] if text.startswith("von ") else text[:1].upper()
    return first + text[1:] + ("" if text[-1] in ".!?:" else ".")


def words(name: str) -> str:
    """A name of the program as a person writes it: "material.young_modulus" becomes "Material Young modulus"."""
    text = re.sub(r"\.(?=[a-z])", " ", name).replace("_", " ").strip()
    text = re.sub(r"\b[vV]on [mM]ises\b", "von Mises", text)
    text = re.sub(r"\bfda\b", "FDA", text).replace("kozeny carman", "Kozeny-Carman")
    text = re.sub(r"\b(kozeny|reynolds|young)\b", lambda name: name[0].capitalize(), text)
    return text if text.startswith("von ") else text[:1].upper() + text[1:]
