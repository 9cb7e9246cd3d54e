"""Which size of a family is the worst, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studies.findings.study_record import Input, Output, Ranking, RankRow, Sense, Value, Variant
from studies.findings.usable import NORMAL_95, error_bar, usable, why_not
from studies.findings.wording import said
from studies.findings.worst_case import named, statement

Array = NDArray[np.float64]

_DRAWS = 20_000
_SEED = 19970401


@dataclass(frozen=True)
class _Size:
    """Value v0 + sum of a t + b t^2 over the inputs that scatter, t in standard deviations from their means.

    Attributes
    ----------
    nodes : tuple of _Nodes
        One an input.
    """

    nominal: Variant
    value: float
    error: float
    nodes: tuple[_Nodes, ...]
    notes: tuple[str, ...]

    def scatter(self) -> float:
        return float(_scatter([n.model(np.zeros(1), np.zeros((1, len(n.t)))) for n in self.nodes], 1)[0])


@dataclass(frozen=True)
class _Nodes:
    """Runs of one size at other settings of one input.

    Attributes
    ----------
    t : (n,) array
        Settings, none of them 0, all of them different; n <= 2.
    change, error : (n,) arrays
        Of the value against the nominal one, and the standard deviation of its own error.
    """

    t: Array
    change: Array
    error: Array

    def model(self, nominal: Array, errors: Array) -> tuple[Array, Array]:
        """Slope a and curvature b, (r,) each, if the nominal value is off by (r,) and those of the nodes by (r, n)."""
        change = self.change + errors - nominal[:, None]
        if len(self.t) == 2:
            a, b = np.linalg.solve(np.column_stack([self.t, self.t**2]), change.T)
            return a, b
        zero = np.zeros(len(nominal))
        return (change[:, 0] / self.t[0], zero) if len(self.t) else (zero, zero)


def ranking(variants: Sequence[Variant], inputs: Sequence[Input], output: Output, worst: Sense) -> Ranking | str:
    """Probability of each size to be the worst of a family.

    Of each size one run at the means and two for each input that scatters, at its mean -/+ sqrt(3) standard deviations:
    the nodes of a three-point Gauss-Hermite quadrature, which has the mean and the variance of a quadratic model exact
    (D'Errico and Zaino, Technometrics 30, 1988, 397). Through them goes v0 + sum_k (a_k t_k + b_k t_k^2); inputs do not
    interact. Where one of two runs is missing, it is linear in that input; where both are, the input has no effect on
    the size. The conclusion says so. All scatter is taken as normal; where an input's is said to be another, or cut
    off, the conclusion says that too.

    The probability is that of 20,000 draws with a fixed seed: the inputs normal and independent from size to size,
    because every specimen is set up anew; and the error of each run, at the means or not, normal, with a standard
    deviation of its error bar over 1.96, independent of the others'. Sizes meshed alike are wrong alike, so that in
    truth they are rather easier to tell apart. The same errors make the uncertainty of the scatter.

    Parameters
    ----------
    variants : sequence of Variant
        Of one size by ``label``, with the roles "nominal", "<input> low" and "<input> high".
    inputs : sequence of Input
        Those with mean and deviation scatter, by a normal distribution.
    output : Output
    worst : str
        Whether the largest or the smallest value is the worst.

    Returns
    -------
    Ranking or str
        Why there is none: less than two sizes. A size without a usable nominal value has no row; the conclusion names
        it.
    """
    ordered = sorted(variants, key=lambda v: v.number)
    nominals = [v for v in ordered if v.role == "nominal"]
    if len(nominals) < 2:
        return f"it takes two sizes, not {len(nominals)}"
    scattering = [i for i in inputs if i.mean is not None and i.deviation]
    sizes = [s for v in nominals if (s := _size(v, ordered, scattering, output.name))]
    probabilities, uncertainties = _drawn(sizes, worst)
    rows = [
        RankRow(
            variant=size.nominal.number,
            label=size.nominal.label,
            value=size.value,
            uncertainty=NORMAL_95 * size.error,
            scatter=size.scatter(),
            scatter_uncertainty=uncertainty,
            probability=probability,
        )
        for size, probability, uncertainty in zip(sizes, probabilities, uncertainties, strict=True)
    ]
    rows.sort(key=lambda row: (-row.probability, -row.value if worst == "maximum" else row.value, row.variant))
    missing = [v for v in nominals if usable(v, output.name) is None]
    parts = [
        statement(rows, output.name, output.unit, len(missing)),
        *(f"{named([v])} is not ranked ({why_not(v, output.name)}) and may be worse" for v in missing),
        *(f"{named([s.nominal])}: {note}" for s in sizes for note in s.notes),
        *(f"The scatter of {said(i.name)} is taken as normal, without a cut-off" for i in scattering if _not_normal(i)),
        *(
            f"The scatter of {said(i.name)} is not counted: it has no mean and deviation"
            for i in inputs
            if i not in scattering and any(v.role in (f"{i.name} low", f"{i.name} high") for v in ordered)
        ),
    ]
    return Ranking(quantity=output.name, unit=output.unit, worst=worst, rows=rows, conclusion=". ".join(parts))


def _size(nominal: Variant, variants: Sequence[Variant], scattering: Sequence[Input], quantity: str) -> _Size | None:
    middle = usable(nominal, quantity)
    if middle is None:
        return None
    nodes, notes = [], []
    for i in scattering:
        assert i.mean is not None and i.deviation
        runs = {v.role: v for v in variants if v.label == nominal.label}
        ends: dict[float, Value] = {}
        for end in ("low", "high"):
            run = runs.get(f"{i.name} {end}")
            value, setting = (usable(run, quantity), run.settings.get(i.name)) if run else (None, None)
            if value and isinstance(setting, float | int) and setting != i.mean:
                ends[(setting - i.mean) / i.deviation] = value
        change = np.array([value.value for value in ends.values()]) - middle.value
        errors = np.array([error_bar(value) for value in ends.values()]) / NORMAL_95
        nodes.append(_Nodes(np.array(list(ends)), change, errors))
        if len(ends) == 1:
            notes.append(f"linear in {said(i.name)}, of which one run is missing")
        elif not ends:
            notes.append(f"without the scatter of {said(i.name)}, of which both runs are missing")
    return _Size(nominal, middle.value, error_bar(middle) / NORMAL_95, tuple(nodes), tuple(notes))


def _not_normal(i: Input) -> bool:
    return bool(i.distribution) and (not i.distribution.startswith("normal") or "cut off" in i.distribution)


def _scatter(models: Sequence[tuple[Array, Array]], draws: int) -> Array:
    """Standard deviation, (r,), for independent normal t: the variance of a t + b t^2 is a^2 + 2 b^2."""
    return np.sqrt(sum((a**2 + 2 * b**2 for a, b in models), start=np.zeros(draws)))


def _drawn(sizes: Sequence[_Size], worst: Sense) -> tuple[list[float], list[float]]:
    """Probability of each to be the worst; and half-width of the 95 % interval of its scatter, by the error bars."""
    if not sizes:
        return [], []
    random = np.random.default_rng(_SEED)
    drawn, uncertainties = np.empty((_DRAWS, len(sizes))), []
    for k, size in enumerate(sizes):
        error = size.error * random.standard_normal(_DRAWS)
        drawn[:, k] = size.value + error
        models = [n.model(error, n.error * random.standard_normal((_DRAWS, len(n.t)))) for n in size.nodes]
        for a, b in models:
            t = random.standard_normal(_DRAWS)
            drawn[:, k] += a * t + b * t**2
        off = _scatter(models, _DRAWS) - size.scatter()
        uncertainties.append(NORMAL_95 * float(np.sqrt(np.mean(off**2))))
    first = drawn == (drawn.max if worst == "maximum" else drawn.min)(axis=1, keepdims=True)
    shares = (first / first.sum(axis=1, keepdims=True)).mean(axis=0)  # equal ones share a draw
    return [float(p) for p in shares], uncertainties
