"""Which runs a finding may rest on, and which it leaves out: their number must be said."""

from __future__ import annotations

from collections.abc import Sequence

from studies.findings.study_record import Value, Variant
from studies.findings.wording import counted

NORMAL_95 = 1.96  # half-width of a 95 % interval, in standard deviations


def why_not(variant: Variant, quantity: str) -> str:
    """Why a variant has no usable value, such as "failed"; empty if it has one."""
    if variant.status in ("failed", "impossible"):
        return variant.status
    if variant.status in ("waiting", "running"):
        return "still to run"
    value = variant.values.get(quantity)
    if value is None:
        return "without the quantity"
    if value.status == "singular":
        return "singular"
    return "without an error bar" if value.uncertainty is None else ""


def usable(variant: Variant, quantity: str) -> Value | None:
    """Value of a run that has one with a finite error bar; what is singular has none."""
    value = variant.values.get(quantity)
    return value if value is not None and not why_not(variant, quantity) else None


def error_bar(value: Value) -> float:
    """Half-width of the 95 % interval of a usable value."""
    assert value.uncertainty is not None
    return value.uncertainty


def left_out(variants: Sequence[Variant], quantity: str) -> str:
    """What is not usable: "2 failed (variants 3 and 7), 1 singular (variant 5)"; empty if all is."""
    reasons: dict[str, list[int]] = {}
    for variant in sorted(variants, key=lambda v: v.number):
        if reason := why_not(variant, quantity):
            reasons.setdefault(reason, []).append(variant.number)
    return ", ".join(f"{len(numbers)} {reason} ({counted(numbers)})" for reason, numbers in sorted(reasons.items()))
