"""What each input does alone."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from studies.findings.study_record import Bar, Input, Output, Published, Setting, Tornado, Value, Variant
from studies.findings.usable import error_bar, usable, why_not

_End = tuple[Setting, Value | None]


def tornado(
    variants: Sequence[Variant], inputs: Sequence[Input], output: Output, published: Sequence[Published] = ()
) -> Tornado | str:
    """A bar for each input that was set otherwise, the largest change first.

    A change is significant if it is larger than the root of the sum of squares of both error bars. An end whose run
    gave no usable value stays open; inputs of which both ends are open come last. An input with other levels than its
    ends has its bar from the smallest to the largest value, the nominal one among them.

    Parameters
    ----------
    variants : sequence of Variant
        With the roles "nominal", "<input> low", "<input> high" and "<input> = <level>"; others are not looked at.
    inputs : sequence of Input
    output : Output
    published : sequence of Published
        To be shown beside.

    Returns
    -------
    Tornado or str
        Why there is none: the nominal run gave no usable value.
    """
    by_role = {v.role: v for v in sorted(variants, key=lambda v: -v.number)}  # the first of a role stays
    nominal = by_role.get("nominal")
    middle = usable(nominal, output.name) if nominal else None
    if nominal is None or middle is None:
        return f"the nominal run is {why_not(nominal, output.name) if nominal else 'not there'}"
    bars = [bar for i in inputs if (bar := _bar(i.name, by_role, (nominal.settings.get(i.name, ""), middle), output))]
    return Tornado(
        quantity=output.name,
        unit=output.unit,
        nominal=middle.value,
        uncertainty=error_bar(middle),
        bars=sorted(bars, key=lambda bar: (-_largest(bar, middle.value), bar.input)),
        published=list(published),
    )


def _bar(name: str, by_role: Mapping[str, Variant], nominal: tuple[Setting, Value], output: Output) -> Bar | None:
    middle = nominal[1]
    roles = [f"{name} low", f"{name} high"]
    levels = sorted(role for role in by_role if role.startswith(f"{name} = "))
    if not levels and not any(role in by_role for role in roles):
        return None

    def end(role: str) -> _End:
        """What has no variant of its own is the nominal one."""
        variant = by_role.get(role)
        return (variant.settings[name], usable(variant, output.name)) if variant else nominal

    run = [end(role) for role in [*roles, *levels] if role in by_role]
    low, high = (end(role) for role in roles)
    if levels:
        known = sorted(((s, v) for s, v in [nominal, *run] if v), key=lambda pair: pair[1].value)
        low, high = known[0], known[-1]
        if _number(low[0]) > _number(high[0]):
            low, high = high, low
    return Bar(
        input=name,
        low=low[0],
        high=high[0],
        value_low=low[1].value if low[1] else None,
        value_high=high[1].value if high[1] else None,
        uncertainty_low=error_bar(low[1]) if low[1] else None,
        uncertainty_high=error_bar(high[1]) if high[1] else None,
        significant=any(
            abs(value.value - middle.value) > math.hypot(error_bar(value), error_bar(middle))
            for _, value in run
            if value
        ),
        open=[setting for setting, value in run if value is None],
    )


def _number(setting: Setting) -> float:
    """Words keep the order of their values."""
    return 0.0 if isinstance(setting, str) else float(setting)


def _largest(bar: Bar, nominal: float) -> float:
    """Largest absolute change, -1 where none is known."""
    known = [value for value in (bar.value_low, bar.value_high) if value is not None]
    return max((abs(value - nominal) for value in known), default=-1.0)
