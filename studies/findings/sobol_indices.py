"""Sobol' indices: which share of the variance of a quantity each input makes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from SALib.analyze import sobol as estimators
from SALib.sample import sobol as sampling

from studies.findings.quantiles import settings_at
from studies.findings.response import is_trusted
from studies.findings.samples import samples as samples_of
from studies.findings.study_record import IndexRow, Indices, Input, Output, Variant
from studies.findings.surrogate import kernel_runs, surrogate_of
from studies.findings.usable import NORMAL_95, left_out
from studies.findings.wording import capital, listed, said, with_error

Array = NDArray[np.float64]

_RESAMPLES = 500  # of the bootstrap
_DRAWS = 200  # of the errors of the runs, and of the Gaussian process
_MANY = 4096  # samples of the surrogate's mean
_TOGETHER = 2048  # points at which realisations of the surrogate are drawn


def saltelli_points(inputs: Sequence[Input], samples: int, seed: int) -> list[dict[str, float]]:
    """The ``samples`` (d + 2) settings from which first-order and total indices are estimated.

    Saltelli's scheme on a scrambled Sobol' sequence (Saltelli et al., Comput. Phys. Commun. 181, 2010, 259), without
    the runs for second order.

    Parameters
    ----------
    inputs : sequence of Input
        With a distribution, a range or levels, see `settings_at`.
    samples : int
        A power of two.
    seed : int

    Raises
    ------
    ValueError
        If ``samples`` is no power of two, or an input has no distribution.
    """
    points = _points(inputs, samples, seed)
    return [dict(zip([i.name for i in inputs], point, strict=True)) for point in points.tolist()]


def indices_of_runs(
    variants: Sequence[Variant], inputs: Sequence[Input], output: Output, samples: int, seed: int
) -> Indices | str:
    """Indices from the runs at `saltelli_points`.

    The intervals hold the bootstrap over samples (Archer, Saltelli and Sobol', J. Stat. Comput. Simul. 58, 1997, 99)
    and what the error bars of the runs, taken as independent, do to the indices.

    Parameters
    ----------
    variants : sequence of Variant
        Numbered in the order of `saltelli_points`.
    inputs, samples
        As given to `saltelli_points`.
    output : Output
    seed : int
        Of the bootstrap.

    Returns
    -------
    Indices or str
        Why there are none: a run is missing or gave no usable value, of which the estimators need all, since nothing is
        made up; or all runs give the same.

    Raises
    ------
    ValueError
        If the variants do not follow the scheme.
    """
    runs = samples_of(variants, inputs, output.name)
    d = len(inputs)
    if len(runs.y) != samples * (d + 2):
        missing = left_out(variants, output.name)
        return f"they take all {samples * (d + 2)} runs, not {len(runs.y)}" + (f": {missing}" if missing else "")
    if np.ptp(runs.y) == 0.0:
        return "all runs give the same"
    _check_scheme(variants, inputs)
    found = _analysed(runs.y, d, seed)
    noise = np.random.default_rng(seed).standard_normal((len(runs.y), _DRAWS)) * runs.u[:, None]
    by_errors = _deviation(runs.y, runs.y[:, None] + noise, d)
    return _told(
        inputs,
        output,
        found["index"],
        np.hypot(found["interval"], NORMAL_95 * by_errors),
        f"Saltelli's estimators from {len(runs.y)} runs ({samples} samples); "
        "intervals by bootstrap and from the error bars of the runs",
        False,
    )


def indices_of_surrogate(
    variants: Sequence[Variant], inputs: Sequence[Input], output: Output, seed: int
) -> Indices | str:
    """Indices of a Gaussian process through the runs.

    Those of its mean, by Saltelli's estimators at many points. The intervals have three legs, added by squares: the
    bootstrap; what the indices of realisations of the process differ by from those of its mean (Marrel et al., Reliab.
    Eng. Syst. Saf. 94, 2009, 742), root mean square, all at the same points; and the share 1 - Q^2 of the variance that
    the surrogate leaves unexplained, which may belong to any input. Without the last, the realisations, which take the
    kernel as right, held the total index of the second input of Ishigami's function in 6 of 10 designs only, since that
    kernel expects all inputs to act together.

    Returns
    -------
    Indices or str
        Why there are none: there is no surrogate, or it is not trusted. Inputs that stay the same are not among the
        rows.
    """
    runs = samples_of(variants, inputs, output.name)
    surrogate = surrogate_of(runs)
    if isinstance(surrogate, str):
        return f"there is no surrogate: {surrogate}"
    unseen = surrogate.left_out()
    predictivity = unseen.predictivity
    if not is_trusted(unseen):
        return (
            f"the surrogate predicts runs left out too badly (Q2 = {predictivity:.2f}; {100 * unseen.coverage:.0f} % "
            "of them are inside its 95 % intervals)"
        )
    d = len(runs.inputs)
    mean, _ = surrogate.predict(_points(runs.inputs, _MANY, seed))
    found = _analysed(mean, d, seed)
    together = _points(runs.inputs, 2 ** int(np.log2(_TOGETHER / (d + 2))), seed)
    by_surrogate = _deviation(surrogate.predict(together)[0], surrogate.realisations(together, _DRAWS, seed), d)
    kept = {i.name for i in runs.inputs}
    without = [i.name for i in inputs if i.name not in kept]
    return _told(
        runs.inputs,
        output,
        found["index"],
        np.sqrt(found["interval"] ** 2 + (NORMAL_95 * by_surrogate) ** 2 + (1.0 - predictivity) ** 2),
        f"from a Gaussian process through {len(runs.y)} runs (Q2 = {predictivity:.3f}), not from runs; intervals by "
        "bootstrap, from realisations of the process and by the share of the variance it leaves unexplained"
        + (f"; length scales from {few} of the runs" if (few := kernel_runs(len(runs.y))) else "")
        + (f"; without {listed(without)}, which {'does' if len(without) == 1 else 'do'} not vary" if without else ""),
        True,
    )


def _points(inputs: Sequence[Input], number: int, seed: int) -> Array:
    if number < 1 or number & (number - 1):
        raise ValueError(f"the number of samples must be a power of two, not {number}")
    problem = {"num_vars": len(inputs), "names": [i.name for i in inputs], "bounds": [[0.0, 1.0]] * len(inputs)}
    return settings_at(inputs, sampling.sample(problem, number, calc_second_order=False, seed=seed))


def _check_scheme(variants: Sequence[Variant], inputs: Sequence[Input]) -> None:
    """Row j of each block must be its first row with the setting j of its last one."""
    ordered = sorted(variants, key=lambda v: v.number)
    d = len(inputs)
    settings = [[v.settings[i.name] for i in inputs] for v in ordered]
    for start in range(0, len(settings), d + 2):
        first, *mixed, last = settings[start : start + d + 2]
        for j, row in enumerate(mixed):
            if row != [*first[:j], last[j], *first[j + 1 :]]:
                raise ValueError(f"variant {ordered[start + 1 + j].number} is not where Saltelli's scheme has it")


def _analysed(y: Array, d: int, seed: int) -> dict[str, Array]:
    """Index and bootstrap interval, (2, d) each: first order, total."""
    problem: dict[str, Any] = {"num_vars": d, "names": [f"x{k}" for k in range(d)], "bounds": [[0.0, 1.0]] * d}
    # A seed of 0 would be none to SALib.
    found = estimators.analyze(problem, y, calc_second_order=False, num_resamples=_RESAMPLES, seed=seed + 1)
    return {
        "index": np.array([found["S1"], found["ST"]]),
        "interval": np.array([found["S1_conf"], found["ST_conf"]]),
    }


def _indices(y: Array, d: int) -> Array:
    """First-order and total indices, (2, d, r), of r functions at the points of the scheme, y (n (d + 2), r)."""
    y = (y - y.mean(axis=0)) / y.std(axis=0)
    a, b = y[:: d + 2], y[d + 1 :: d + 2]
    mixed = [y[j + 1 :: d + 2] for j in range(d)]
    return np.array(
        [[estimators.first_order(a, m, b) for m in mixed], [estimators.total_order(a, m, b) for m in mixed]]
    )


def _deviation(function: Array, others: Array, d: int) -> Array:
    """Root mean square of what the indices of others, (n (d + 2), r), differ by from those of a function, (2, d)."""
    found = _indices(np.column_stack([function, others]), d)
    return np.asarray(np.sqrt(np.mean((found[:, :, 1:] - found[:, :, :1]) ** 2, axis=2)))


def _told(
    inputs: Sequence[Input], output: Output, index: Array, interval: Array, method: str, from_surrogate: bool
) -> Indices:
    rows = [
        IndexRow(
            input=i.name,
            first=float(index[0, k]),
            first_interval=float(interval[0, k]),
            total=float(index[1, k]),
            total_interval=float(interval[1, k]),
        )
        for k, i in enumerate(inputs)
    ]
    rows.sort(key=lambda row: (-row.total, row.input))
    return Indices(
        quantity=output.name,
        method=method,
        from_surrogate=from_surrogate,
        rows=rows,
        conclusion=_conclusion(rows, said(output.name)),
    )


def _conclusion(rows: Sequence[IndexRow], quantity: str) -> str:
    told = [r for r in rows if r.total > r.total_interval]
    if not told:
        return f"These runs do not tell which input {quantity} varies with"
    first = told[0]
    leading = [r for r in told if first.total - r.total <= np.hypot(first.total_interval, r.total_interval)]
    shares = listed(f"{said(r.input)} ({with_error(r.total, r.total_interval)})" for r in leading)
    text = f"{capital(quantity)} varies most with {shares}: total shares of the variance"
    text += ", which cannot be told apart" if len(leading) > 1 else ""
    if without := [r.input for r in rows if r not in told]:
        text += f"; no effect can be told of {listed(map(said, without))}"
    together = 1.0 - sum(r.first for r in rows)
    if together > np.sqrt(sum(r.first_interval**2 for r in rows)):
        text += f"; {100 * together:.0f} % of the variance is of inputs acting together"
    return text
