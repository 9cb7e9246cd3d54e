"""The next runs of an optimisation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from studies.findings.acquisition import Scalar, log_feasible, log_improvement
from studies.findings.dominance import front
from studies.findings.space import Space
from studies.findings.study_record import ENDED, Constraint, Input, Objective, Variant
from studies.findings.surrogate import Surrogate
from studies.findings.usable import NORMAL_95, error_bar, usable

Array = NDArray[np.float64]

_CANDIDATES = 11  # power of two
_AROUND = 256  # candidates around the best run
_PARENTS, _CHILDREN = 8, 48
_STEPS = (0.1, 0.03, 0.01, 0.003, 0.001)  # of the search from the best candidates, in shares of the ranges
_SUCCESS = 0.5  # between a run with a result, 1, and one without, 0
_SUCCESS_ERROR = 0.1


@dataclass(frozen=True)
class _Models:
    """Surrogates of all that counts.

    Attributes
    ----------
    objectives : tuple of Surrogate
        To be minimised.
    limited : tuple of (Surrogate, float)
        With what they must not exceed.
    runs : (n, d) array
        With a result, done or believed; ``feasible`` tells which of them meet the limits.
    """

    objectives: tuple[Surrogate, ...]
    limited: tuple[tuple[Surrogate, float], ...]
    runs: Array
    feasible: NDArray[np.bool_]

    def believing(self, x: Array) -> _Models:
        """With runs at x (m, d) that give what is expected there."""
        meets = np.array([model.predict(x)[0] <= limit for model, limit in self.limited]).reshape(-1, len(x))
        return _Models(
            tuple(model.believing(x) for model in self.objectives),
            tuple((model.believing(x), limit) for model, limit in self.limited),
            np.vstack([self.runs, x]),
            np.append(self.feasible, np.all(meets, axis=0)),
        )


def propose(
    variants: Sequence[Variant],
    inputs: Sequence[Input],
    objectives: Sequence[Objective],
    constraints: Sequence[Constraint],
    count: int,
    seed: int,
) -> list[dict[str, float]]:
    """Settings of the next round.

    As long as fewer than d + 2 runs have a result, points of a scrambled Sobol' sequence. Then those of the largest
    expected improvement times the probability to meet the constraints (see `acquisition`), by Gaussian processes; where
    no run meets them yet, of the largest probability alone. Several objectives are weighed anew for each point. After
    each point its expected result is taken for its result, until it is run (kriging believer: Ginsbourger, Le Riche and
    Carraro, in Computational Intelligence in Expensive Optimization Problems, 2010, 131); so it is for variants still
    to run.

    A constraint is on the end of the error bar that is closer to its limit, so that what is proposed can be told to be
    feasible. The best run so far is that of the best expected value, for a value itself has an error. Variants that
    ended without a usable value count as 0, others as 1, and a Gaussian process through that must be above 1/2; and the
    objectives take there what is expected and one standard deviation (Forrester, Sobester and Keane, Proc. R. Soc. A
    462, 2006, 935), so that nothing is hoped for where nothing can be known.

    The search starts from 2048 points of a Sobol' sequence and some around the best run, and goes on around the best
    eight of them in five ever smaller steps. Points within a thousandth of all ranges of a variant, whatever became of
    it, are not proposed.

    Parameters
    ----------
    variants : sequence of Variant
        All so far, in any order.
    inputs : sequence of Input
        With low and high, or with levels.
    objectives, constraints : sequences of Objective and Constraint
    count : int
        How many are wanted; fewer are given where levels leave no more.
    seed : int
        The same variants and the same seed give the same.

    Raises
    ------
    ValueError
        If there is no objective, or an input has neither a range nor levels that are numbers.
    """
    if not objectives:
        raise ValueError("an optimisation needs an objective")
    space = Space(inputs)
    ordered = sorted(variants, key=lambda v: v.number)
    known = space.of(ordered)
    names = [*(o.quantity for o in objectives), *(c.quantity for c in constraints)]
    results = [v for v in ordered if all(usable(v, name) for name in names)]
    if len(results) < len(inputs) + 2:
        return [space.settings(point) for point in space.spread(count, known, seed)]
    models = _fitted(space, ordered, results, objectives, constraints)
    pending = [v for v in ordered if v.status not in ENDED]
    if pending:
        models = models.believing(space.of(pending))
    reached = np.column_stack([_values(results, o.quantity)[0] * _sign(o) for o in objectives])
    if np.any(models.feasible[: len(results)]):
        reached = reached[models.feasible[: len(results)]]
    reached = reached[front(reached)]
    random = np.random.default_rng([seed, len(ordered)])  # other weights and candidates each round
    proposed: list[dict[str, float]] = []
    for _ in range(count):
        point = _next(space, models, Scalar(reached, random), known, random)
        if point is None:
            break
        known, models = np.vstack([known, point]), models.believing(point[None, :])
        proposed.append(space.settings(point))
    return proposed


def _fitted(
    space: Space,
    variants: Sequence[Variant],
    results: Sequence[Variant],
    objectives: Sequence[Objective],
    constraints: Sequence[Constraint],
) -> _Models:
    def through(x: Array, y: Array, u: Array) -> Surrogate:
        return Surrogate.fit(x, y, u, space.low, space.high)

    # Each quantity by all runs that have it, be the others singular or not.
    def of(quantity: str) -> tuple[Array, Array, Array]:
        having = [v for v in variants if usable(v, quantity)]
        return space.of(having), *_values(having, quantity)

    minimised = []
    for objective in objectives:
        x, y, bars = of(objective.quantity)
        minimised.append(through(x, _sign(objective) * y, bars / NORMAL_95))
    limited, feasible = [], np.ones(len(results), dtype=bool)
    for constraint in constraints:
        sign = 1.0 if constraint.kind == "maximum" else -1.0
        x, y, bars = of(constraint.quantity)
        limited.append((through(x, sign * y + bars, bars / NORMAL_95), sign * constraint.limit))
        y, bars = _values(results, constraint.quantity)
        feasible &= sign * y + bars <= sign * constraint.limit
    ended = [v for v in variants if v.status in ENDED]
    numbers = {v.number for v in results}
    lost = [v for v in ended if v.number not in numbers]
    if lost:
        failed = np.array([-1.0 if v.number in numbers else 0.0 for v in ended])
        limited.append((through(space.of(ended), failed, np.full(len(ended), _SUCCESS_ERROR)), -_SUCCESS))
        minimised = [model.believing(space.of(lost), 1.0) for model in minimised]
    return _Models(tuple(minimised), tuple(limited), space.of(results), feasible)


def _next(space: Space, models: _Models, scalar: Scalar, known: Array, random: np.random.Generator) -> Array | None:
    """The most promising point, (d,), or None where there is none but the known ones."""
    start = qmc.Sobol(len(space.names), rng=random).random_base2(_CANDIDATES)
    feasible, best = models.runs[models.feasible], np.inf
    if len(feasible):
        expected, _ = scalar.predict(models.objectives, feasible)
        best = float(expected.min())
        around = space.shares(feasible[[expected.argmin()]])
        start = np.vstack([start, space.near(around, _STEPS[1], _AROUND, random)])

    def promise(x: Array) -> Array:
        total = np.zeros(len(x))
        for model, limit in models.limited:
            total += log_feasible(limit, *model.predict(x))
        if len(feasible):
            total += log_improvement(best, *scalar.predict(models.objectives, x))
        return np.where(space.taken(x, known), -np.inf, total)

    return _search(space, promise, start, random)


def _search(
    space: Space, promise: Callable[[Array], Array], shares: Array, random: np.random.Generator
) -> Array | None:
    values = promise(space.at(shares))
    for step in _STEPS:
        first = np.argsort(-values, kind="stable")[:_PARENTS]
        children = space.near(shares[first], step, _CHILDREN, random)
        shares = np.vstack([shares[first], children])
        values = np.append(values[first], promise(space.at(children)))
    best = int(values.argmax())
    return space.at(shares[[best]])[0] if np.isfinite(values[best]) else None


def _values(variants: Sequence[Variant], quantity: str) -> tuple[Array, Array]:
    """Values and error bars, (n,) each."""
    values = [v.values[quantity] for v in variants]
    return np.array([v.value for v in values]), np.array([error_bar(v) for v in values])


def _sign(objective: Objective) -> float:
    return 1.0 if objective.sense == "minimise" else -1.0
