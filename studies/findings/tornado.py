"""What each input does alone."""

from __future__ import annotations

import math
from collections.abc import Sequence

from studies.findings.study_record import Bar, Input, Output, Published, Setting, Tornado, Value, Variant
from studies.findings.usable import error_bar, usable


def tornado(
    variants: Sequence[Variant], inputs: Sequence[Input], output: Output, published: Sequence[Published] = ()
) -> Tornado | None:
    """A bar for each input that was set low or high, the largest change first.

    A change is significant if it is larger than the root of the sum of squares of both error bars. An end whose run
    gave no usable value stays open; inputs of which both ends are open come last.

    Parameters
    ----------
    variants : sequence of Variant
        With the roles "nominal", "<input> low" and "<input> high".
    inputs : sequence of Input
    output : Output
    published : sequence of Published
        To be shown beside.

    Returns
    -------
    Tornado or None
        None if the nominal run gave no usable value.
    """
    by_role = {v.role: v for v in sorted(variants, key=lambda v: -v.number)}  # the first of a role stays
    nominal = by_role.get("nominal")
    middle = usable(nominal, output.name) if nominal else None
    if nominal is None or middle is None:
        return None
    bars = [
        _bar(i.name, [by_role.get(f"{i.name} {end}") for end in ("low", "high")], nominal, middle, output.name)
        for i in inputs
        if f"{i.name} low" in by_role or f"{i.name} high" in by_role
    ]
    return Tornado(
        quantity=output.name,
        unit=output.unit,
        nominal=middle.value,
        uncertainty=error_bar(middle),
        bars=sorted(bars, key=lambda bar: (-_largest(bar, middle.value), bar.input)),
        published=list(published),
    )


def _bar(name: str, ends: Sequence[Variant | None], nominal: Variant, middle: Value, quantity: str) -> Bar:
    low, high = (usable(end, quantity) if end else None for end in ends)
    settings: list[Setting] = [(end or nominal).settings[name] for end in ends]
    return Bar(
        input=name,
        low=settings[0],
        high=settings[1],
        value_low=low.value if low else None,
        value_high=high.value if high else None,
        uncertainty_low=error_bar(low) if low else None,
        uncertainty_high=error_bar(high) if high else None,
        significant=any(
            abs(end.value - middle.value) > math.hypot(error_bar(end), error_bar(middle)) for end in (low, high) if end
        ),
    )


def _largest(bar: Bar, nominal: float) -> float:
    """Largest absolute change, -1 where none is known."""
    return max((abs(value - nominal) for value in (bar.value_low, bar.value_high) if value is not None), default=-1.0)
