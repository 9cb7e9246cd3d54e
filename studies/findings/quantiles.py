"""From evenly spread numbers to settings of the inputs as they are distributed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import lognorm, norm

from studies.findings.study_record import Input

Array = NDArray[np.float64]

_LOWEST, _HIGHEST = 0.001, 0.999  # quantiles that low and high of a distribution are


def settings_at(inputs: Sequence[Input], shares: Array) -> Array:
    """Quantiles of the inputs.

    Parameters
    ----------
    inputs : sequence of Input
        With mean and deviation: normal, or lognormal where the words of the distribution begin so; where low and high
        are given, they hold the central 99.8 %, which tells where it is cut off. Else with low and high: uniform. Else
        with levels: each as probable as the other.
    shares : (n, d) array
        Between 0 and 1.

    Returns
    -------
    (n, d) array
        In the units of the inputs.

    Raises
    ------
    ValueError
        If an input has no distribution, or levels that are words.
    """
    return np.column_stack([_quantile(i, shares[:, k]) for k, i in enumerate(inputs)])


def _quantile(i: Input, share: Array) -> Array:
    if i.mean is not None and i.deviation:
        law = norm(i.mean, i.deviation)
        if i.distribution.startswith("lognormal"):
            spread = np.sqrt(np.log1p((i.deviation / i.mean) ** 2))
            law = lognorm(spread, scale=i.mean / np.exp(spread**2 / 2))
        below, kept = 0.0, 1.0
        if i.low is not None and i.high is not None:
            # Of a law of which the shares from ``below`` to ``below + kept`` are left, low and high are quantiles.
            kept = (law.cdf(i.high) - law.cdf(i.low)) / (_HIGHEST - _LOWEST)
            below = max(law.cdf(i.low) - _LOWEST * kept, 0.0)
            kept = min(kept, 1.0 - below)
        return np.asarray(law.ppf(np.clip(below + share * kept, 1e-12, 1 - 1e-12)))
    if i.low is not None and i.high is not None:
        return i.low + share * (i.high - i.low)
    if i.levels and all(isinstance(level, float | int) for level in i.levels):
        levels = np.array(i.levels, dtype=np.float64)
        return levels[np.minimum((share * len(levels)).astype(int), len(levels) - 1)]
    raise ValueError(f"input '{i.name}' has no range, no distribution and no levels that are numbers")
