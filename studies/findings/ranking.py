"""Which size of a family is the worst, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studies.findings.study_record import Input, Output, Ranking, RankRow, Sense, Variant
from studies.findings.usable import NORMAL_95, error_bar, usable, why_not
from studies.findings.wording import listed, said

Array = NDArray[np.float64]

_DRAWS = 20_000
_SEED = 19970401
_COVERED = 0.95  # probability that the sizes named in the conclusion hold the worst one


@dataclass(frozen=True)
class _Size:
    """Value v0 + sum of a t + b t^2 over the inputs that scatter, t in standard deviations from their means."""

    nominal: Variant
    value: float
    error: float
    slopes: Array
    curvatures: Array
    notes: tuple[str, ...]

    def scatter(self) -> float:
        """Standard deviation for independent normal t: the variance of a t + b t^2 is a^2 + 2 b^2."""
        return float(np.sqrt(np.sum(self.slopes**2 + 2 * self.curvatures**2)))


def ranking(variants: Sequence[Variant], inputs: Sequence[Input], output: Output, worst: Sense) -> Ranking | None:
    """Probability of each size to be the worst of a family.

    Of each size one run at the means and two for each input that scatters, at its mean -/+ sqrt(3) standard deviations:
    the nodes of a three-point Gauss-Hermite quadrature, which has the mean and the variance of a quadratic model exact
    (D'Errico and Zaino, Technometrics 30, 1988, 397). Through them goes v0 + sum_k (a_k t_k + b_k t_k^2); inputs do not
    interact. Where one of two runs is missing, it is linear in that input; where both are, the input has no effect on
    the size. The conclusion says so.

    The probability is that of 20,000 draws with a fixed seed: the inputs normal and independent from size to size,
    because every specimen is set up anew; and the error of each nominal value normal, with a standard deviation of its
    error bar over 1.96, independent of the others'. Sizes meshed alike are wrong alike, so that in truth they are
    rather easier to tell apart.

    Parameters
    ----------
    variants : sequence of Variant
        Of one size by ``label``, with the roles "nominal", "<input> low" and "<input> high".
    inputs : sequence of Input
        Those with mean and deviation scatter.
    output : Output
    worst : str
        Whether the largest or the smallest value is the worst.

    Returns
    -------
    Ranking or None
        None for less than two sizes. A size without a usable nominal value has no row; the conclusion names it.
    """
    ordered = sorted(variants, key=lambda v: v.number)
    nominals = [v for v in ordered if v.role == "nominal"]
    if len(nominals) < 2:
        return None
    scattering = [i for i in inputs if i.mean is not None and i.deviation]
    sizes = [s for v in nominals if (s := _size(v, ordered, scattering, output.name))]
    rows = [
        RankRow(
            variant=size.nominal.number,
            label=size.nominal.label,
            value=size.value,
            uncertainty=NORMAL_95 * size.error,
            scatter=size.scatter(),
            probability=probability,
        )
        for size, probability in zip(sizes, _probabilities(sizes, worst), strict=True)
    ]
    rows.sort(key=lambda row: (-row.probability, -row.value if worst == "maximum" else row.value, row.variant))
    missing = [v for v in nominals if usable(v, output.name) is None]
    parts = [
        _comparison(rows, said(output.name)),
        *(f"{_named([v])} is not ranked ({why_not(v, output.name)}) and may be worse" for v in missing),
        *(f"{_named([s.nominal])}: {note}" for s in sizes for note in s.notes),
    ]
    return Ranking(quantity=output.name, unit=output.unit, worst=worst, rows=rows, conclusion=". ".join(parts))


def _size(nominal: Variant, variants: Sequence[Variant], scattering: Sequence[Input], quantity: str) -> _Size | None:
    middle = usable(nominal, quantity)
    if middle is None:
        return None
    slopes, curvatures, notes = np.zeros(len(scattering)), np.zeros(len(scattering)), []
    for k, i in enumerate(scattering):
        assert i.mean is not None and i.deviation
        runs = {v.role: v for v in variants if v.label == nominal.label}
        ends = [v for end in ("low", "high") if (v := runs.get(f"{i.name} {end}")) and usable(v, quantity)]
        t = (np.array([v.settings[i.name] for v in ends], dtype=np.float64) - i.mean) / i.deviation
        change = np.array([v.values[quantity].value for v in ends]) - middle.value
        if len(ends) == 2:
            slopes[k], curvatures[k] = np.linalg.solve(np.column_stack([t, t**2]), change)
        elif len(ends) == 1:
            slopes[k] = change[0] / t[0]
            notes.append(f"linear in {said(i.name)}, of which one run is missing")
        else:
            notes.append(f"without the scatter of {said(i.name)}, of which both runs are missing")
    return _Size(nominal, middle.value, error_bar(middle) / NORMAL_95, slopes, curvatures, tuple(notes))


def _probabilities(sizes: Sequence[_Size], worst: Sense) -> list[float]:
    if not sizes:
        return []
    random = np.random.default_rng(_SEED)
    drawn = np.empty((_DRAWS, len(sizes)))
    for k, size in enumerate(sizes):
        t = random.standard_normal((_DRAWS, len(size.slopes)))
        error = size.error * random.standard_normal(_DRAWS)
        drawn[:, k] = size.value + t @ size.slopes + t**2 @ size.curvatures + error
    first = drawn == (drawn.max if worst == "maximum" else drawn.min)(axis=1, keepdims=True)
    return [float(p) for p in (first / first.sum(axis=1, keepdims=True)).mean(axis=0)]  # equal ones share a draw


def _comparison(rows: Sequence[RankRow], quantity: str) -> str:
    if not rows:
        return f"No size has a value of {quantity}"
    if len(rows) == 1:
        return f"{_named(rows)} alone has a value of {quantity}"
    covered = np.cumsum([row.probability for row in rows])
    # Cumulated shares of the draws end at 1 but for rounding.
    named = rows[: 1 + int(np.searchsorted(covered, _COVERED - 1e-9))]
    if len(named) == 1:
        return f"{_named(named)} is the worst for {quantity}: probability {_share(named[0])}"
    against = " against ".join(_share(row) for row in named)
    return (
        f"{_named(named)} cannot be told apart for {quantity}: {against}; test "
        f"{'both' if len(named) == 2 else f'all {len(named)}'}"
    )


def _share(row: RankRow) -> str:
    """What 20,000 draws tell of a probability: never 1."""
    return ">0.99" if row.probability > 0.995 else f"{row.probability:.2f}"


def _named(sizes: Sequence[RankRow] | Sequence[Variant]) -> str:
    """ "Sizes 4 and 5", whether their labels hold the word or not."""
    labels = [size.label.removeprefix("size ").removeprefix("Size ") for size in sizes]
    return f"Size{'s' if len(labels) > 1 else ''} {listed(labels)}"
