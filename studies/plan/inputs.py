"""What a study varies, and how a number between 0 and 1 becomes a setting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from devices.parameters import InputError
from studies.findings.study_record import Input, Setting
from studies.plan.bench import Bench, Knob
from studies.plan.study_file import Number, Range

Array = NDArray[np.float64]

# A distribution is shown, and scaled for surrogates, between these quantiles.
LOWEST, HIGHEST = 0.001, 0.999


@dataclass(frozen=True)
class Varied:
    """An input: given levels, a range, or a distribution; see `Input`.

    Attributes
    ----------
    steps : int or None
        Of a range in a grid.
    law : frozen scipy distribution or None
        Of a range the uniform one; None for levels.
    """

    knob: Knob
    record: Input
    steps: int | None = None
    law: Any = None

    @property
    def name(self) -> str:
        return self.knob.name

    def at(self, quantile: float) -> Setting:
        """The setting below which a share ``quantile`` of all lies; levels are equally likely."""
        if self.law is None:
            levels = self.record.levels
            return levels[min(int(quantile * len(levels)), len(levels) - 1)]
        value = float(self.law.ppf(quantile))
        return round(value) if self.knob.whole else value

    def grid(self) -> list[Setting]:
        """Values of a grid.

        Raises
        ------
        InputError
            If it is a range without ``steps``.
        """
        if self.law is None:
            return list(self.record.levels)
        if self.steps is None or self.record.low is None or self.record.high is None:
            raise InputError(f"{self.name}: a grid needs values, or low and high with steps")
        return [float(value) for value in np.linspace(self.record.low, self.record.high, self.steps)]


def varied(bench: Bench, name: str, how: list[Number] | Range) -> Varied:
    """An input as the study file gives it.

    Raises
    ------
    InputError
        If it cannot vary so.
    """
    knob = bench.knob(name)
    if isinstance(how, list):
        levels = [knob.read(value) for value in how]
        if len(set(levels)) < max(len(levels), 1):
            raise InputError(f"{name}: {'the same value twice' if levels else 'no values'}")
        if len(levels) == 1:
            raise InputError(f"{name} has one value only: put it under [fixed]")
        return Varied(knob, Input(name=name, unit=knob.unit, description=knob.description, levels=levels))
    if knob.word:
        raise InputError(f"{name} is a word: give a list of them")
    if how.mean is not None:
        return _distributed(knob, how)
    low, high = float(knob.read(how.low)), float(knob.read(how.high))
    if not low < high:
        raise InputError(f"{name}: low = {low:g} is not below high = {high:g} {knob.unit}".rstrip())
    said = f"uniform, {low:g} to {high:g} {knob.unit}".rstrip() if how.distribution else ""
    if knob.whole:
        every = range(int(low), int(high) + 1)
        chosen = np.linspace(low, high, how.steps or len(every))
        levels = list(dict.fromkeys(round(float(value)) for value in chosen))
        return Varied(knob, _record(knob, how, None, None, said).model_copy(update={"levels": levels}))
    return Varied(knob, _record(knob, how, low, high, said), how.steps, stats.uniform(low, high - low))


def _distributed(knob: Knob, how: Range) -> Varied:
    if knob.whole:
        raise InputError(f"{knob.name} is a whole number: give values, or low and high")
    mean, deviation = float(knob.read(how.mean)), _deviation(knob, how)
    if how.distribution == "lognormal":
        if mean <= 0.0:
            raise InputError(f"{knob.name}: a lognormal distribution has a positive mean, not {mean:g}")
        spread = float(np.sqrt(np.log1p((deviation / mean) ** 2)))
        free = stats.lognorm(spread, scale=mean / np.exp(spread**2 / 2))
    else:
        free = stats.norm(mean, deviation)
    lowest = 0.0 if knob.positive else knob.low
    below = 0.0 if lowest is None else float(free.cdf(lowest))
    above = 1.0 if knob.high is None else float(free.cdf(knob.high))
    law = free if (below, above) == (0.0, 1.0) else _Cut(free, below, above)
    said = f"{how.distribution or 'normal'}, mean {mean:g}, standard deviation {deviation:g} {knob.unit}".rstrip()
    if below > LOWEST or above < HIGHEST:
        said += ", cut off at the bounds of the parameter"
    low, high = float(law.ppf(LOWEST)), float(law.ppf(HIGHEST))
    made = _record(knob, how, low, high, said)
    return Varied(knob, made.model_copy(update={"mean": mean, "deviation": deviation}), how.steps, law)


def _deviation(knob: Knob, how: Range) -> float:
    """Standard deviation: bounds of the parameter do not hold for it."""
    wide = Knob(f"deviation of {knob.name}", knob.unit, "")
    deviation = float(wide.read(how.deviation))
    if deviation <= 0.0:
        raise InputError(f"{wide.name} = {deviation:g} must be positive")
    return deviation


def _record(knob: Knob, how: Range, low: float | None, high: float | None, said: str) -> Input:
    return Input(
        name=knob.name,
        unit=knob.unit,
        description=knob.description,
        low=low,
        high=high,
        distribution=said,
        source=how.source,
    )


@dataclass(frozen=True)
class _Cut:
    """A distribution without its tails: ``below`` and above ``above`` (shares of the whole)."""

    whole: Any
    below: float
    above: float

    def ppf(self, quantile: float) -> float:
        return float(self.whole.ppf(self.below + quantile * (self.above - self.below)))
