"""How each quantity settled on the ladder of meshes, as SVG.

Drawn mark by mark: a report has a dozen of these, a study hundreds of reports, and a plotting library takes longer for
one than this for all of them.
"""

from __future__ import annotations

import math

import numpy as np

from reports.drawing.svg import HAIR, THICK, THIN, Drawing
from reports.numbers import power_of_ten, pretty_unit, round_down, superscript, words
from reports.theme import INK, LOAD, MUTED, WARNING
from studies.record import Level, Quantity

_WIDTH, _HEIGHT = 89.0, 64.0  # mm of paper; two of them side by side
_LEFT, _RIGHT, _TOP, _BOTTOM = 18.0, 87.0, 8.5, 52.0  # the frame
_TITLE, _LABEL, _TICK = 3.2, 3.0, 2.8  # mm, height of an em
_GRID = "#e3e6ea"
_CLEAR = 0.12  # of the range shown, above and below what is drawn
_LEAST = 1e-3  # range shown at least, by the value: or round-off would fill the picture of a value that does not change


def convergence(quantity: Quantity, levels: list[Level]) -> str | None:
    """The values of a quantity against the relative element size, with its extrapolation and error bar.

    Parameters
    ----------
    quantity : Quantity
    levels : list of Level

    Returns
    -------
    str or None
        An SVG picture; None if fewer than two meshes have the quantity.
    """
    pairs = [
        (level.scale, level.values[quantity.name])
        for level in levels
        if level.scale is not None and quantity.name in level.values
    ]
    if len(pairs) < 2:
        return None
    sizes, values = (list(column) for column in zip(*sorted(pairs, reverse=True), strict=True))
    return _Plot(quantity, sizes, values).source()


class _Plot:
    def __init__(self, quantity: Quantity, sizes: list[float], values: list[float]) -> None:
        self.quantity, self.sizes, self.values = quantity, sizes, values
        self.has_value = quantity.status != "singular"
        self.error = quantity.uncertainty if self.has_value else None
        self.extrapolated = quantity.extrapolated if self.has_value else None
        self.limit = quantity.limit if quantity.limit is not None and _near(quantity.limit, values) else None
        self.reach = 1.12 * max(sizes)
        self.low, self.high = self._range()
        self.drawing = Drawing(_WIDTH, _HEIGHT)

    def source(self) -> str:
        drawing, q, colour = self.drawing, self.quantity, INK if self.quantity.status == "converged" else WARNING
        power = self._axes()
        unit = " ".join(part for part in (power, pretty_unit(q.unit)) if part)
        title = words(q.name) + (f" ({unit})" if unit else "")
        drawing.text(_LEFT, 4.6, title, _TITLE, INK, "start", bold=True)
        last = self.sizes[-1], q.value
        if self.error is not None:
            self._error_bar(last, self.error)
        if self.limit is not None:
            drawing.lines([np.array([self._at(0, self.limit), self._at(self.reach, self.limit)])], THIN, INK, "2 1")
            x, y = self._at(self.reach, self.limit)
            drawing.text(x, y - 0.8, "limit", _TICK, INK, "end")
        drawing.lines(
            [np.array([self._at(*pair) for pair in zip(self.sizes, self.values, strict=True)])], THICK, colour
        )
        for pair in zip(self.sizes, self.values, strict=True):
            drawing.ring(self._at(*pair), 0.9, colour)
        if self.extrapolated is not None:
            start, end = self._at(0, self.extrapolated), self._at(self.sizes[-1], self.values[-1])
            drawing.lines([np.array([start, end])], THIN, MUTED, "0.1 0.8")
            x, y = start
            drawing.polygon(((x - 1.2, y), (x, y - 1.2), (x + 1.2, y), (x, y + 1.2)), LOAD)
        return drawing.source(f"{title} on the ladder of meshes")

    def _range(self) -> tuple[float, float]:
        """What the upright axis shows."""
        value = self.quantity.value
        shown = [*self.values, *(v for v in (self.extrapolated, self.limit) if v is not None)]
        if self.error is not None:
            shown += [value - self.error, value + self.error]
        low, high = min(shown), max(shown)
        low, high = low - _CLEAR * (high - low), high + _CLEAR * (high - low)
        least = _LEAST * abs(value) or 1.0
        return (low, high) if high - low >= least else (value - least / 2, value + least / 2)

    def _at(self, size: float, value: float) -> tuple[float, float]:
        x = _LEFT + size / self.reach * (_RIGHT - _LEFT)
        return x, _BOTTOM - (value - self.low) / (self.high - self.low) * (_BOTTOM - _TOP)

    def _axes(self) -> str:
        """Frame, grid, steps; gives the power of ten that the numbers at the upright axis leave out, if any."""
        drawing = self.drawing
        power = power_of_ten(max(abs(self.low), abs(self.high)))
        steps = _steps(self.low, self.high)
        for value, text in zip(steps, _texts([v / 10.0**power for v in steps]), strict=True):
            y = self._at(0, value)[1]
            drawing.lines([np.array([(_LEFT, y), (_RIGHT, y)])], HAIR, _GRID)
            drawing.text(_LEFT - 1.8, y + 0.36 * _TICK, text, _TICK, MUTED, "end")
        along = _steps(0.0, self.reach)
        for size, text in zip(along, _texts(along), strict=True):
            x = self._at(size, self.low)[0]
            drawing.lines([np.array([(x, _BOTTOM), (x, _BOTTOM + 1.0)])], THIN, MUTED)
            drawing.text(x, _BOTTOM + 4.2, text, _TICK, MUTED)
        drawing.lines([np.array([(_LEFT, _TOP), (_LEFT, _BOTTOM), (_RIGHT, _BOTTOM)])], THIN, MUTED)
        drawing.text((_LEFT + _RIGHT) / 2, _BOTTOM + 8.8, "element size, relative", _LABEL)
        return f"10{superscript(power)}" if power else ""

    def _error_bar(self, at: tuple[float, float], error: float) -> None:
        size, value = at
        x, bottom = self._at(size, value - error)
        top = self._at(size, value + error)[1]
        self.drawing.band(_LEFT, top, _RIGHT - _LEFT, bottom - top, LOAD, 0.13)
        caps = [np.array([(x - 1.1, y), (x + 1.1, y)]) for y in (top, bottom)]
        self.drawing.lines([np.array([(x, top), (x, bottom)]), *caps], THICK, LOAD)


def _steps(low: float, high: float) -> list[float]:
    """Three to eight round values at equal steps between two."""
    step = round_down((high - low) / 3)
    return [n * step for n in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]


def _texts(steps: list[float]) -> list[str]:
    """Numbers at equal steps, with the decimals that tell them apart."""
    step = steps[1] - steps[0] if len(steps) > 1 else 1.0
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return [f"{value + 0.0:.{decimals}f}".replace("-", "−") for value in steps]


def _near(limit: float, values: list[float]) -> bool:
    """Whether a limit can be shown without pressing the values flat."""
    span = max(max(values) - min(values), 1e-3 * abs(values[-1]), math.ulp(values[-1]))
    return abs(limit - values[-1]) < 4 * span
