"""How findings are put into sentences."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable


def said(quantity: str) -> str:
    """A quantity as a person writes it: "peak_von_mises_stress" becomes "peak von Mises stress"."""
    return re.sub(r"\bvon mises\b", "von Mises", quantity.replace("_", " "), flags=re.IGNORECASE)


def listed(words: Iterable[object]) -> str:
    """In a row: "a", "a and b", "a, b and c"."""
    texts = [str(word) for word in words]
    return " and ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)


def counted(numbers: Iterable[int]) -> str:
    """Variants by number: "variant 3", "variants 3, 5 and 8"."""
    known = sorted(numbers)
    return f"variant{'s' if len(known) != 1 else ''} {listed(known)}"


def capital(text: str) -> str:
    """With a capital at its beginning."""
    return text[:1].upper() + text[1:]


def with_error(value: float, uncertainty: float, unit: str = "") -> str:
    """A value and the half-width of its interval, to two digits of that: "432.0 ± 5.6 MPa"."""
    if uncertainty > 0.0:
        decimals = 1 - math.floor(math.log10(uncertainty))
        text = f"{_fixed(value, decimals)} ± {_fixed(uncertainty, decimals)}"
    else:
        text = f"{value:.4g} ± 0"
    return f"{text} {unit}".rstrip()


def _fixed(value: float, decimals: int) -> str:
    return f"{round(value, decimals) + 0.0:.{max(decimals, 0)}f}"  # the sum leaves no "-0"
