"""From evenly spread numbers to settings of the inputs as they are distributed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import lognorm, norm

from studies.findings.study_record import Input

Array = NDArray[np.float64]


def settings_at(inputs: Sequence[Input], shares: Array) -> Array:
    """Quantiles of the inputs.

    Parameters
    ----------
    inputs : sequence of Input
        With mean and deviation: normal, or lognormal where the words of the distribution begin so, truncated to low and
        high where these are given. Else with low and high: uniform. Else with levels: each as probable as the other.
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
        least = law.cdf(i.low) if i.low is not None else 0.0
        most = law.cdf(i.high) if i.high is not None else 1.0
        return np.asarray(law.ppf(np.clip(least + share * (most - least), 1e-12, 1 - 1e-12)))
    if i.low is not None and i.high is not None:
        return i.low + share * (i.high - i.low)
    if i.levels and all(isinstance(level, float | int) for level in i.levels):
        levels = np.array(i.levels, dtype=np.float64)
        return levels[np.minimum((share * len(levels)).astype(int), len(levels) - 1)]
    raise ValueError(f"input '{i.name}' has no range, no distribution and no levels that are numbers")
