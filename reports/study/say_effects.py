"""What inputs do to a quantity on the average, in sentences."""

from __future__ import annotations

import math
from dataclasses import dataclass

from reports.numbers import words
from reports.study.words import (
    count_of,
    inline,
    input_unit,
    listed,
    output_unit,
    usable,
    with_error,
    with_unit,
)
from studies.findings.study_record import EffectPoint, MainEffect, StudyRecord


@dataclass(frozen=True)
class _Range:
    """The settings of the smallest and of the largest mean of an input that have an interval.

    Attributes
    ----------
    change, error : float
        Of the means, and the half-width of its 95 % interval.
    """

    input: str
    low: EffectPoint
    high: EffectPoint
    change: float
    error: float

    def real(self) -> bool:
        """Whether it is more than chance and error bars make: the intervals of both means are apart.

        Of five means of nothing but chance, the range exceeds the sum of two half-widths in 5 % of all cases
        (studentised range: 3.86 against 2 x 1.96 standard errors).
        """
        return self.change > (self.low.interval or 0.0) + (self.high.interval or 0.0)

    def may_exceed(self, other: _Range) -> bool:
        """Whether the intervals of both leave it open which is the larger."""
        return other.change - self.change <= math.hypot(self.error, other.error)


def main_effects_in_words(record: StudyRecord) -> list[str]:
    """Of each quantity the input that it depends on most, or those of which it cannot be told which it is."""
    effects = [f for f in record.findings if isinstance(f, MainEffect) and len(f.points) > 1]
    quantities = dict.fromkeys(effect.quantity for effect in effects)
    return [_of(record, name, [effect for effect in effects if effect.quantity == name]) for name in quantities]


def _of(record: StudyRecord, quantity: str, effects: list[MainEffect]) -> str:
    ranges = {effect.input: _range(effect) for effect in effects}
    known = [found for found in ranges.values() if found is not None]
    real = sorted((found for found in known if found.real()), key=lambda found: -found.change)
    if not real:
        return _none(quantity, effects)
    top = real[0]
    rivals = [found for found in real[1:] if found.may_exceed(top)]
    # An input whose effect is not told from none may have a larger one, if its intervals are wide enough.
    open_ = [name for name, found in ranges.items() if found is None or (not found.real() and found.may_exceed(top))]
    means = _means(record, quantity, top)
    if rivals:
        named = [inline(found.input) for found in (top, *rivals)]
        both = "both" if len(named) == 2 else f"all {len(named)}"
        text = f"{words(quantity)} depends on {listed(named)}, of which it cannot be told on which most: {means}"
        text += "".join(f"; {_means(record, quantity, found)}" for found in rivals)
        text += f". The intervals of {both} overlap"
    elif open_:
        text = f"{words(quantity)} depends on {inline(top.input)}: {means}"
    else:
        text = f"{words(quantity)} depends most on {inline(top.input)}: {means}"
    if open_:
        text += f"; of {listed([inline(name) for name in open_])} these runs do not tell whether it does more"
    return text + _unbalanced(record, quantity)


def _range(effect: MainEffect) -> _Range | None:
    """None if less than two settings have an interval."""
    points = sorted((p for p in effect.points if p.interval is not None), key=lambda p: p.mean)
    if len(points) < 2:
        return None
    low, high = points[0], points[-1]
    error = math.hypot(low.interval or 0.0, high.interval or 0.0)
    return _Range(effect.input, low, high, high.mean - low.mean, error)


def _none(quantity: str, effects: list[MainEffect]) -> str:
    text = f"No main effect on {inline(quantity)} can be told from these runs"
    if all(_range(effect) is None for effect in effects):
        return f"{text}: no input has two settings that were run more than once"
    why = "error bars" if all(effect.complete for effect in effects) else "chance and error bars"
    return f"{text}: of no input are the 95 % intervals of the smallest and the largest mean apart ({why})"


def _means(record: StudyRecord, quantity: str, found: _Range) -> str:
    unit, of_input = output_unit(record, quantity), input_unit(record, found.input)
    low, high = (
        f"{with_error(p.mean, p.interval, unit)} at {with_unit(p.setting, of_input)}" for p in (found.low, found.high)
    )
    return f"over all else its mean is {low} and {high} of {inline(found.input)}"


def _unbalanced(record: StudyRecord, quantity: str) -> str:
    lost = sum(usable(v, quantity) is None for v in record.variants) if record.kind == "grid" else 0
    if not lost:
        return ""
    return (
        f"; the grid is unbalanced, as {lost} of {count_of(len(record.variants), 'variant')} "
        f"{'has' if lost == 1 else 'have'} no value: the means are not over the same settings of other inputs"
    )
