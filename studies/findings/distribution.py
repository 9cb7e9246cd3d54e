"""A quantity of specimens that scatter: percentiles, tolerance interval, probability of failure."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta, chi2, norm, shapiro

from studies.findings.study_record import ENDED, Distribution, Output, Variant
from studies.findings.usable import error_bar, left_out, usable

Array = NDArray[np.float64]

_CONTENT, _CONFIDENCE = 0.95, 0.95
_PERCENTILES = (5, 25, 50, 75, 95)
_REJECTED = 0.05  # probability of Shapiro and Wilk's statistic below which values are not taken as normal


def distribution(variants: Sequence[Variant], output: Output) -> Distribution | str:
    """Statistics of the usable values.

    Tolerance interval: 95 % of the population with 95 % confidence, two-sided; see `howe_factor` and `wilks_rank` for
    the two kinds, of which the test by Shapiro and Wilk (Biometrika 52, 1965, 591) decides. Probability of failure:
    Clopper and Pearson's interval, from the failures that are certain to those that are possible: a run whose error bar
    holds the limit counts as a failure in the upper bound and not in the lower one, and so does a draw that ended
    without a usable value, because what cannot be computed is seldom a chance selection.

    Error bars make the tolerance interval wider: Howe's at both ends by the median of them, that of Wilks by the error
    bars of each value. Mean, standard deviation and percentiles are those of the values.

    Both are those of independent draws; where the settings are spread more evenly than by chance, they are rather too
    wide for what is near additive (Stein, Technometrics 29, 1987, 143).

    Parameters
    ----------
    variants : sequence of Variant
        The draws, and nothing else: a nominal run is none.
    output : Output

    Returns
    -------
    Distribution or str
        Why there is none: fewer than three usable values. ``method`` says which variants are not among them.
    """
    values = [value for v in sorted(variants, key=lambda v: v.number) if (value := usable(v, output.name))]
    missing = left_out(variants, output.name)
    if len(values) < 3:
        return f"it takes three runs with a value, not {len(values)}" + (f": {missing}" if missing else "")
    y, bars = np.array([v.value for v in values]), np.array([error_bar(v) for v in values])
    tolerance, tolerance_text = _tolerance(y, bars)
    method = [
        f"{len(y)} runs, taken as independent draws; mean, standard deviation and percentiles without their error bars"
    ]
    lost = sum(v.status in ENDED and usable(v, output.name) is None for v in variants)
    failures, interval = None, None
    if output.limit is not None and output.limit_kind is not None:
        over = y - output.limit if output.limit_kind == "maximum" else output.limit - y
        failures, open_ = int(np.sum(over > 0.0)), int(np.sum(np.abs(over) <= bars))
        least, most = int(np.sum(over > bars)), int(np.sum(over >= -bars))
        drawn = len(y) + lost
        interval = clopper_pearson(least, drawn)[0], clopper_pearson(most + lost, drawn)[1]
        method.append(
            f"probability of failure after Clopper and Pearson (1934), 95 %; {open_} of the runs hold the limit within "
            f"their error bars and {lost} of the draws ended without a value: these count as failures in the upper "
            "bound, not in the lower one"
        )
    if missing:
        method.append(f"without a value: {missing}")
    return Distribution(
        quantity=output.name,
        unit=output.unit,
        runs=len(y),
        mean=float(y.mean()),
        standard_deviation=float(y.std(ddof=1)),
        percentiles={str(p): float(np.percentile(y, p)) for p in _PERCENTILES},
        tolerance=tolerance,
        tolerance_text=tolerance_text,
        numerical=float(np.median(bars)),
        limit=output.limit,
        limit_kind=output.limit_kind,
        failures=failures,
        lost=lost,
        failure_probability=None if failures is None else failures / len(y),
        failure_interval=interval,
        method="; ".join(method),
    )


def howe_factor(n: int, content: float = _CONTENT, confidence: float = _CONFIDENCE) -> float:
    """Factor k of the two-sided tolerance interval mean -/+ k s of a normal population.

    k = z sqrt((n - 1) (1 + 1/n) / chi2), z the quantile (1 + content)/2 of the normal and chi2 the quantile
    1 - confidence of the chi-squared distribution with n - 1 degrees of freedom (Howe, J. Am. Stat. Assoc. 64, 1969,
    610; NIST/SEMATECH e-Handbook of Statistical Methods, 7.2.6.3).
    """
    z = norm.ppf((1 + content) / 2)
    return float(z * math.sqrt((n - 1) * (1 + 1 / n) / chi2.ppf(1 - confidence, n - 1)))


def wilks_rank(n: int, content: float = _CONTENT, confidence: float = _CONFIDENCE) -> int:
    """Largest rank r for which the r-th smallest to the r-th largest of n values are a tolerance interval; 0 if none.

    The share of any population between them has a beta distribution with n - 2 r + 1 and 2 r (Wilks, Ann. Math. Stat.
    12, 1941, 91). For 95 % with 95 % confidence, smallest and largest will do from 93 values on.
    """
    rank = 0
    while 2 * (rank + 1) <= n and beta.sf(content, n - 2 * rank - 1, 2 * rank + 2) >= confidence:
        rank += 1
    return rank


def clopper_pearson(failures: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Two-sided interval of a probability, from ``failures`` in ``n`` (Clopper and Pearson, Biometrika 26, 1934,
    404).
    """
    tail = (1 - confidence) / 2
    low = float(beta.ppf(tail, failures, n - failures + 1)) if failures > 0 else 0.0
    high = float(beta.ppf(1 - tail, failures + 1, n - failures)) if failures < n else 1.0
    return low, high


def _tolerance(y: Array, bars: Array) -> tuple[tuple[float, float] | None, str]:
    n, what = len(y), f"{100 * _CONTENT:.0f} % of specimens with {100 * _CONFIDENCE:.0f} % confidence"
    if np.ptp(y) == 0.0:
        return None, "all runs give the same"
    normality = float(shapiro(y).pvalue)
    if normality >= _REJECTED:
        k = howe_factor(n)
        half = k * y.std(ddof=1) + float(np.median(bars))
        return (
            (float(y.mean() - half), float(y.mean() + half)),
            f"{what}, normal (Shapiro and Wilk: p = {normality:.2g}), factor {k:.3f} after Howe (1969), "
            "wider at both ends by the median numerical uncertainty",
        )
    rejected = f"not normal (Shapiro and Wilk: p = {normality:.2g})"
    rank = wilks_rank(n)
    if not rank:
        needed = next(m for m in range(n, 10_000) if wilks_rank(m))
        return None, f"{rejected}, and without a distribution it takes {needed} runs, not {n}"
    # What is true of each value is between its ends, so that the r-th is between the r-th of these.
    lower, upper = np.sort(y - bars), np.sort(y + bars)
    ends = "smallest to largest value" if rank == 1 else f"value {rank} from below to value {rank} from above"
    return (
        (float(lower[rank - 1]), float(upper[-rank])),
        f"{what}, {rejected}, {ends} after Wilks (1941), less and plus their numerical uncertainty",
    )
