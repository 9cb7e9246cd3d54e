"""How a flow rate goes up and down over a period."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import quad
from scipy.interpolate import CubicSpline

Array = NDArray[np.float64]

GAP = 1e-3  # of the range of a table, by which its end may miss its beginning
FEWEST = 4  # points of a table
_FINE = 4096  # points over a period among which the extremes are sought


class WaveformError(ValueError):
    """A waveform that cannot be used."""


@dataclass(frozen=True)
class Waveform:
    """A flow rate, or its ratio to another one, as a periodic function of time.

    Attributes
    ----------
    period : float, s
    function : callable
        Of the time in periods, an array from 0 to 1.
    """

    period: float
    function: Callable[[Array], Array]

    @classmethod
    def of_table(cls, t: ArrayLike, q: ArrayLike, period: float | None = None) -> Self:
        """The periodic cubic spline through points.

        Parameters
        ----------
        t : (n,) array, s
            From the beginning of a period to its end.
        q : (n,) array
            The last one repeats the first.
        period : float, s
            To which the time is stretched; that of the table if None.

        Raises
        ------
        WaveformError
            If there are fewer than 4 points, the times do not increase, a number is not finite, or the end misses the
            beginning by more than a thousandth of the range.
        """
        times, values = np.asarray(t, dtype=float), np.asarray(q, dtype=float)
        if times.shape != values.shape or times.ndim != 1:
            raise WaveformError("a waveform needs one value for each time")
        if len(times) < FEWEST:
            raise WaveformError(f"a waveform needs {FEWEST} points at least, not {len(times)}")
        if not (np.isfinite(times).all() and np.isfinite(values).all()):
            raise WaveformError("a waveform must hold finite numbers alone")
        if falls := np.flatnonzero(np.diff(times) <= 0).tolist():
            k = falls[0]
            raise WaveformError(f"the times of a waveform must increase: {times[k + 1]:g} s follows {times[k]:g} s")
        gap, span = abs(values[-1] - values[0]), float(np.ptp(values))
        if gap > GAP * span:
            raise WaveformError(
                f"the waveform does not close: it begins with {values[0]:g} and ends with {values[-1]:g}, "
                f"{gap / span:.2g} of its range apart ({GAP:g} is allowed); the last point must repeat the first"
            )
        values = np.append(values[:-1], values[0])
        spline = CubicSpline((times - times[0]) / (times[-1] - times[0]), values, bc_type="periodic")
        return cls(float(times[-1] - times[0]) if period is None else period, spline)

    @classmethod
    def of_fourier(cls, period: float, mean: float, cosines: Sequence[float] = (), sines: Sequence[float] = ()) -> Self:
        """mean + sum_k a_k cos(2 pi k t / T) + b_k sin(2 pi k t / T), k = 1, 2...: a are ``cosines``, b ``sines``."""
        a, b = (np.asarray(c, dtype=float) for c in (cosines, sines))

        def function(x: Array) -> Array:
            angle = 2 * np.pi * np.asarray(x, dtype=float)[..., None]
            waves = np.cos(angle * np.arange(1, len(a) + 1)) @ a + np.sin(angle * np.arange(1, len(b) + 1)) @ b
            return np.asarray(mean + waves)

        return cls(period, function)

    def __call__(self, t: ArrayLike) -> Array:
        """At times of any shape, s."""
        return np.asarray(self.function(np.asarray(t, dtype=float) / self.period % 1.0))

    @property
    def mean(self) -> float:
        """Over a period."""
        return float(quad(self.function, 0.0, 1.0, limit=500)[0])

    @property
    def peak(self) -> float:
        """Largest value."""
        return float(self.function(np.arange(_FINE) / _FINE).max())

    @property
    def lowest(self) -> float:
        """Smallest value."""
        return float(self.function(np.arange(_FINE) / _FINE).min())

    def by_mean(self) -> Waveform:
        """The same divided by its mean.

        Raises
        ------
        WaveformError
            If the mean is not positive.
        """
        mean, function = self.mean, self.function
        if not mean > 1e-6 * abs(self.peak):  # nor not a number
            raise WaveformError(f"the mean of the waveform is {mean:.3g}: it must be positive")
        return Waveform(self.period, lambda x: function(x) / mean)
