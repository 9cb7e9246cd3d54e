"""What an optimisation found."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from studies.findings.dominance import beating, hypervolume
from studies.findings.study_record import Constraint, Objective, Optimum, Variant
from studies.findings.usable import error_bar, left_out, usable
from studies.findings.wording import capital, counted, listed, said, with_error

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


def optimum(variants: Sequence[Variant], objectives: Sequence[Objective], constraints: Sequence[Constraint]) -> Optimum:
    """Which variants are feasible, and which of them the best, by their error bars.

    A variant is feasible if its error bars are on the right side of all limits, and doubtful if none is on the wrong
    side but some hold theirs. A feasible one that is beaten is tied if no other beats it, in any objective, by more
    than the root of the sum of squares of both error bars.

    Progress of several objectives is the hypervolume that the feasible variants dominate, in the product of their
    units, up to the worst value seen in each, feasible or not; an objective that never varies is left out. For one
    objective it is the best feasible value; rounds before the first feasible variant have none, see ``first_round``.

    Parameters
    ----------
    variants : sequence of Variant
        In any order, with the roles "round 1", "round 2" and so on; others count to the first round.
    objectives : sequence of Objective
    constraints : sequence of Constraint

    Raises
    ------
    ValueError
        If there is no objective.
    """
    if not objectives:
        raise ValueError("an optimisation needs an objective")
    names = [*(o.quantity for o in objectives), *(c.quantity for c in constraints)]
    ordered = sorted(variants, key=lambda v: v.number)
    judged = [v for v in ordered if all(usable(v, name) for name in names)]
    meets, fails = _judgement(judged, constraints)
    seen = _minimised(judged, objectives)
    bars = np.array([[error_bar(v.values[o.quantity]) for o in objectives] for v in judged]).reshape(seen.shape)
    feasible = np.flatnonzero(meets)
    front, tied = _front(seen[feasible], bars[feasible])
    first, rounds = _progress(ordered, judged, meets, seen, objectives)

    def numbers(chosen: Mask) -> list[int]:
        return [judged[k].number for k in np.flatnonzero(chosen)]

    best = [judged[k] for k in feasible[front]]
    doubtful = numbers(~meets & ~fails)
    tied_numbers = [judged[k].number for k in feasible[tied]]
    equal = [judged[k].number for k in feasible[tied] if np.any(np.all(seen[feasible[front]] == seen[k], axis=1))]
    parts = [_best(best, len(feasible), objectives)]
    if equal:
        parts.append(f"{capital(counted(equal))} {_are(equal)} as good")
    if worse := [number for number in tied_numbers if number not in equal]:
        parts.append(f"{capital(counted(worse))} {_are(worse)} worse by less than the error bars")
    if doubtful:
        parts.append(f"{capital(counted(doubtful))} {_are(doubtful)} doubtful: a limit is within the error bars")
    missing = {name: text for name in dict.fromkeys(names) if (text := left_out(ordered, name))}
    if len(set(missing.values())) == 1 and len(missing) == len(set(names)):
        missing = {"": next(iter(missing.values()))}
    parts += [f"Not judged{f' by {said(name)}' if name else ''}: {text}" for name, text in missing.items()]
    return Optimum(
        objectives=list(objectives),
        constraints=list(constraints),
        feasible=numbers(meets),
        doubtful=doubtful,
        front=[v.number for v in best],
        tied=tied_numbers,
        rounds=rounds,
        first_round=first,
        conclusion=". ".join(parts),
    )


def _judgement(variants: Sequence[Variant], constraints: Sequence[Constraint]) -> tuple[Mask, Mask]:
    """Which variants meet all limits for sure, and which fail one for sure."""
    meets, fails = np.ones(len(variants), dtype=bool), np.zeros(len(variants), dtype=bool)
    for constraint in constraints:
        sign = 1.0 if constraint.kind == "maximum" else -1.0
        values = [v.values[constraint.quantity] for v in variants]
        over = sign * (np.array([v.value for v in values]) - constraint.limit)
        bars = np.array([error_bar(v) for v in values])
        meets &= over + bars <= 0.0
        fails |= over - bars > 0.0
    return meets, fails


def _minimised(variants: Sequence[Variant], objectives: Sequence[Objective]) -> Array:
    rows = [
        [v.values[o.quantity].value * (1.0 if o.sense == "minimise" else -1.0) for o in objectives] for v in variants
    ]
    return np.array(rows, dtype=np.float64).reshape(len(variants), len(objectives))


def _front(f: Array, bars: Array) -> tuple[Mask, Mask]:
    """Of f (n, m), to be minimised: what no other one beats, and what is beaten by less than the error bars."""
    n, m = f.shape
    front, tied = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    for k in range(n):
        beats = beating(f, k)
        if m == 1:
            beats[:k] |= f[:k, 0] == f[k, 0]  # one best alone: the first of those alike
        front[k] = not np.any(beats)
        tied[k] = not front[k] and bool(np.all(f[k] - f[beats] <= np.hypot(bars[k], bars[beats])))
    return front, tied


def _progress(
    variants: Sequence[Variant], judged: Sequence[Variant], meets: Mask, seen: Array, objectives: Sequence[Objective]
) -> tuple[int, list[float]]:
    """First round with a value, and the value after each one from then on."""
    if not len(judged):
        return 1, []
    last = max(_round(v) for v in variants)
    rounds = np.array([_round(v) for v in judged])
    low, width = seen.min(axis=0), np.ptp(seen, axis=0)
    varied = width > 0.0
    share = (seen - low)[:, varied] / width[varied]
    values: list[float] = []
    for number in range(1, last + 1):
        so_far = meets & (rounds <= number)
        if len(objectives) > 1:
            values.append(hypervolume(share[so_far]) * float(width[varied].prod()))
        elif np.any(so_far):
            values.append(float(seen[so_far, 0].min()) * (1.0 if objectives[0].sense == "minimise" else -1.0))
    return last - len(values) + 1, values


def _round(variant: Variant) -> int:
    found = re.fullmatch(r"round (\d+)", variant.role)
    return int(found[1]) if found else 1


def _best(best: Sequence[Variant], feasible: int, objectives: Sequence[Objective]) -> str:
    if not best:
        return "No variant is known to be feasible"
    if len(objectives) == 1:
        name, unit, sense = objectives[0].quantity, objectives[0].unit, objectives[0].sense
        value = best[0].values[name]
        which = "smallest" if sense == "minimise" else "largest"
        return (
            f"{capital(counted([best[0].number]))} has the {which} {said(name)} of {feasible} feasible ones: "
            f"{with_error(value.value, error_bar(value), unit)}"
        )
    ends = []
    for o in objectives:
        values = sorted((v.values[o.quantity] for v in best), key=lambda value: value.value)
        low, high = (with_error(v.value, error_bar(v), o.unit) for v in (values[0], values[-1]))
        ends.append(f"{said(o.quantity)} from {low} to {high}")
    return (
        f"{capital(counted(v.number for v in best))} {_are(best)} not beaten in all objectives by any other of "
        f"{feasible} feasible ones: {listed(ends)}"
    )


def _are(what: Sequence[object]) -> str:
    return "is" if len(what) == 1 else "are"
