"""Whether two numbers with error bars differ."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from studies.record import Quantity

Claim = Literal["larger", "smaller", "none", "unknown"]


@dataclass(frozen=True)
class Difference:
    """A quantity of one run less that of another.

    Attributes
    ----------
    value, uncertainty : float or None
        In the unit of the quantity; None where a value or its error bar is not known.
    percent, percent_uncertainty : float or None
        Of the magnitude of the other's value; None where that is zero within its error bar.
    claim : str
        "larger" or "smaller" if the difference is larger than its uncertainty, "none" if not, "unknown" if it is not
        known.
    """

    value: float | None
    uncertainty: float | None
    percent: float | None
    percent_uncertainty: float | None
    claim: Claim


UNKNOWN = Difference(None, None, None, None, "unknown")


def difference(one: Quantity, other: Quantity) -> Difference:
    """``one`` less ``other``.

    Both error bars are half-widths of 95 % intervals. They are taken as independent, so that of the difference is the
    root of the sum of their squares (JCGM 100:2008, 5.1.2); the errors of two alike meshes of two alike parts often
    have the same sign, and then it is too wide. The percentage is that of the first order: the error bar of the other
    value counts in it as well.
    """
    if "singular" in (one.status, other.status) or one.uncertainty is None or other.uncertainty is None:
        return UNKNOWN
    value = one.value - other.value
    uncertainty = math.hypot(one.uncertainty, other.uncertainty)
    percent = percent_uncertainty = None
    if abs(other.value) > other.uncertainty:
        percent = 100 * value / abs(other.value)
        ratio = one.value / other.value
        percent_uncertainty = 100 * math.hypot(one.uncertainty, ratio * other.uncertainty) / abs(other.value)
    claim: Claim = "none" if abs(value) <= uncertainty else "larger" if value > 0 else "smaller"
    return Difference(value, uncertainty, percent, percent_uncertainty, claim)
