"""Mean of a quantity at each setting of an input."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from studies.findings.study_record import EffectPoint, Input, MainEffect, Output, Setting, Variant
from studies.findings.usable import error_bar, usable

Array = NDArray[np.float64]

_BINS = 5
_RUNS = 4  # wanted in each bin


def main_effects(variants: Sequence[Variant], inputs: Sequence[Input], output: Output) -> list[MainEffect]:
    """Means over all else, for each input that varies.

    At each setting where there are five at most, where they are words, or where each has about four runs; else in up to
    five bins of about as many runs, at the mean of their settings. The interval has two legs, added by squares:
    Student's 95 % half-width of the mean from the scatter of the runs, and the mean of their error bars. One run tells
    nothing of that scatter, so that the mean has no interval; but where nothing else varies there is no scatter, and
    the interval is its error bar.

    Where the runs are all combinations of their settings, once each, the means at the settings of an input are over the
    same settings of all others: their differences are effects of that input within the grid and no chance, however few
    runs there are (a 2 x 2 grid has four). Then the interval is the mean of the error bars alone, and says nothing of
    settings between those of the grid; see `MainEffect.complete`.

    Parameters
    ----------
    variants : sequence of Variant
        Those without a usable value are not counted in ``runs``.
    inputs : sequence of Input
    output : Output
    """
    runs = [(v, value) for v in sorted(variants, key=lambda v: v.number) if (value := usable(v, output.name))]
    alone = sum(len({v.settings.get(i.name) for v, _ in runs}) > 1 for i in inputs) == 1
    whole = _crossed([v for v, _ in runs], inputs)
    found = []
    for i in inputs:
        here = [(v.settings[i.name], value) for v, value in runs if i.name in v.settings]
        y = np.array([value.value for _, value in here])
        bars = np.array([error_bar(value) for _, value in here])
        groups = _groups(i, [s for s, _ in here])
        complete = whole and len(groups) == len({s for s, _ in here})  # bins mix settings
        points = [_point(setting, y[chosen], bars[chosen], alone, complete) for setting, chosen in groups]
        if len(points) > 1:
            found.append(MainEffect(quantity=output.name, input=i.name, points=points, complete=complete))
    return found


def _crossed(runs: Sequence[Variant], inputs: Sequence[Input]) -> bool:
    """Whether the runs are all combinations of their settings, once each."""
    rows = [tuple(v.settings.get(i.name) for i in inputs) for v in runs]
    return len(rows) == len(set(rows)) == math.prod(len(set(column)) for column in zip(*rows, strict=True))


def _groups(i: Input, settings: Sequence[Setting]) -> list[tuple[Setting, NDArray[np.bool_]]]:
    """Settings, or middles of bins, with the runs that belong to them; in the order of the levels, or rising."""
    known = list(dict.fromkeys(settings))
    numbers = [s for s in settings if isinstance(s, float | int)]
    if len(known) <= _BINS or len(numbers) < len(settings) or len(settings) >= _RUNS * len(known):
        ordered = [level for level in i.levels if level in known]
        others = sorted((s for s in known if s not in ordered), key=lambda s: (isinstance(s, str), s))
        return [(s, np.array([other == s for other in settings])) for s in [*ordered, *others]]
    x = np.array(numbers, dtype=np.float64)
    count = min(_BINS, max(2, len(x) // _RUNS))
    which = np.searchsorted(np.quantile(x, np.linspace(0, 1, count + 1)[1:-1]), x, side="left")
    return [(float(x[which == k].mean()), which == k) for k in range(count) if np.any(which == k)]


def _point(setting: Setting, y: Array, bars: Array, alone: bool, complete: bool) -> EffectPoint:
    n = len(y)
    scatter = student.ppf(0.975, n - 1) * y.std(ddof=1) / np.sqrt(n) if n > 1 and not complete else 0.0
    # Runs alike are wrong alike, so that the mean of many is no surer of its error bar than one.
    interval = float(np.hypot(scatter, bars.mean())) if n > 1 or alone or complete else None
    return EffectPoint(setting=setting, mean=float(y.mean()), interval=interval, runs=n)
