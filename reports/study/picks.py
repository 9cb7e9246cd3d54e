"""Which few variants of a study to put side by side: those that its findings name, or those that a person names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from reports.numbers import probability
from reports.study.choose import key_outputs, optimum
from reports.study.words import in_full, inline, listed, usable
from studies.findings.study_record import Optimum, Output, Ranking, StudyRecord, Tornado, Variant
from studies.findings.worst_case import considered

LEAST, MOST = 2, 6
WITH_RUN = ("done", "not_converged")


class PickError(ValueError):
    """What was asked for cannot be picked; the message says why."""


@dataclass(frozen=True)
class Pick:
    """A variant and why it is one of the few; ``why`` is empty where a person chose it."""

    variant: Variant
    why: str = ""


def can_be_picked(variant: Variant) -> bool:
    """Whether there is a run to be compared."""
    return variant.folder is not None and variant.status in WITH_RUN


def picks(record: StudyRecord) -> tuple[list[Pick], int]:
    """The variants that the findings name, at most six, and how many more they name.

    Of a family of sizes those that must be considered as the worst case, then the next; of an optimisation the best one
    and those tied with it, or of the front its ends and its knee; of inputs one at a time the nominal run and the ends
    of the longest bar; else the best and the worst by each quantity that matters.
    """
    found: dict[int, Pick] = {}
    for pick in _named(record):
        if can_be_picked(pick.variant):
            known = found.get(pick.variant.number)
            why = pick.why if known is None else f"{known.why}; {pick.why}"
            found[pick.variant.number] = replace(pick, why=why)
    chosen = list(found.values())
    return chosen[:MOST], max(len(chosen) - MOST, 0)


def picked(record: StudyRecord, words: Sequence[str]) -> list[Pick]:
    """The variants that a person names, each by its number or its label.

    Parameters
    ----------
    words : sequence of str
        "3", "M high offset"; "number:3" or "label:3" where one variant has the number and another the label. Of a size
        the nominal run has the label alone, the others are called as in "M (adduction high)".

    Raises
    ------
    PickError
        If one is not there, has no run, or is named twice.
    """
    chosen = [_find(record, word) for word in words]
    if twice := [v for k, v in enumerate(chosen) if v in chosen[:k]]:
        raise PickError(f"variant {twice[0].number} ({in_full(twice[0])}) is picked twice")
    if not LEAST <= len(chosen) <= MOST:
        raise PickError(f"{len(chosen)} picked: pick {LEAST} to {MOST} variants")
    for v in chosen:
        if not can_be_picked(v):
            raise PickError(f"variant {v.number} ({in_full(v)}) has no run to compare: it is {_state(v)}")
    return [Pick(v) for v in chosen]


def _state(variant: Variant) -> str:
    return f"{variant.status}: {variant.message}" if variant.message else variant.status


def _find(record: StudyRecord, word: str) -> Variant:
    kind, _, rest = word.partition(":")
    by_number = [v for v in record.variants if str(v.number) == (rest if kind == "number" else word)]
    by_label = _labelled(record, rest if kind == "label" else word)
    if kind == "label" and by_label:
        by_number = []
    found = {v.number: v for v in [*by_number, *by_label]}
    if not found:
        known = f"1 to {max((v.number for v in record.variants), default=0)}"
        raise PickError(f"the study has no variant '{word}': give a number, {known}, or a label as in its report")
    if len(found) == 1:
        return next(iter(found.values()))
    if by_number:
        raise PickError(
            f"'{word}' is the number of one variant ({in_full(by_number[0])}) and the label of variant "
            f"{listed([str(v.number) for v in by_label if v not in by_number])}: give number:{word} or label:{word}"
        )
    raise PickError(f"'{word}' is the label of variants {listed([str(n) for n in found], 9)}: give a number")


def _labelled(record: StudyRecord, word: str) -> list[Variant]:
    """Variants of a label: among those of one size the nominal one."""
    found = [v for v in record.variants if word in (v.label, in_full(v))]
    nominal = [v for v in found if v.role == "nominal"]
    return nominal or found


def _named(record: StudyRecord) -> Iterator[Pick]:
    by_number = {v.number: v for v in record.variants}
    rankings = [f for f in record.findings if isinstance(f, Ranking) and f.rows]
    best = optimum(record)
    tornados = [f for f in record.findings if isinstance(f, Tornado) and f.bars]
    if rankings:
        yield from _sizes(rankings, by_number)
    elif best is not None:
        yield from _optima(best, by_number)
    elif tornados:
        yield from _ends(tornados, record)
    else:
        yield from _extremes(record)


def _sizes(rankings: list[Ranking], by_number: dict[int, Variant]) -> Iterator[Pick]:
    worst = [(row, f) for f in rankings for row in considered(f.rows)]
    for row, f in sorted(worst, key=lambda pair: -pair[0].probability):
        yield Pick(
            by_number[row.variant], f"worst in {inline(f.quantity)} with probability {probability(row.probability)}"
        )
    for f in rankings:
        for row in f.rows[len(considered(f.rows)) :][:1]:
            yield Pick(by_number[row.variant], f"next in {inline(f.quantity)}, {probability(row.probability)}")


def _optima(best: Optimum, by_number: dict[int, Variant]) -> Iterator[Pick]:
    front = [by_number[number] for number in best.front]
    names = [o.quantity for o in best.objectives]
    signs = np.array([1.0 if o.sense == "minimise" else -1.0 for o in best.objectives])
    if len(names) == 1:
        yield from (Pick(v, f"best in {inline(names[0])}") for v in front)
    elif front:
        f = signs * np.array([[v.values[name].value for name in names] for v in front])
        for k, o in enumerate(best.objectives):
            yield Pick(front[int(f[:, k].argmin())], f"end of the front: {o.sense}s {inline(o.quantity)}")
        # Farthest from the plane through the ends, in shares of the ranges (Das, Struct. Optim. 18, 1999, 107).
        share = (f - f.min(axis=0)) / np.where(np.ptp(f, axis=0) > 0, np.ptp(f, axis=0), 1.0)
        yield Pick(front[int(share.sum(axis=1).argmin())], "knee of the front")
    yield from (Pick(by_number[number], "tied within the error bars") for number in best.tied)
    if len(front) + len(best.tied) < LEAST:
        others = [by_number[n] for n in best.feasible if n not in best.front]
        others.sort(key=lambda v: signs[0] * v.values[names[0]].value)
        yield from (Pick(v, "next best that is feasible") for v in others[:1])


def _ends(tornados: list[Tornado], record: StudyRecord) -> Iterator[Pick]:
    yield from (Pick(v, "nominal") for v in record.variants if v.role == "nominal")
    for f in tornados:
        bar = f.bars[0]
        for setting in (bar.low, bar.high):
            for v in record.variants:
                if v.role.startswith(bar.input) and v.settings.get(bar.input) == setting:
                    yield Pick(v, f"end of the longest bar of {inline(f.quantity)}")


def _extremes(record: StudyRecord) -> Iterator[Pick]:
    for output in key_outputs(record):
        known = [(value.value, v) for v in record.variants if (value := usable(v, output.name)) and can_be_picked(v)]
        if known:
            low, high = min(known, key=lambda pair: pair[0])[1], max(known, key=lambda pair: pair[0])[1]
            yield from (Pick(v, why) for v, why in _words(output, low, high))


def _words(output: Output, low: Variant, high: Variant) -> list[tuple[Variant, str]]:
    """The best first, where a limit tells which end is good."""
    name = inline(output.name)
    if output.limit_kind == "maximum":
        return [(low, f"best in {name}: farthest below its limit"), (high, f"worst in {name}")]
    if output.limit_kind == "minimum":
        return [(high, f"best in {name}: farthest above its limit"), (low, f"worst in {name}")]
    return [(low, f"smallest {name}"), (high, f"largest {name}")]


def pick_words(chosen: Sequence[Pick]) -> list[str]:
    """Each pick with its number, its name and the reason."""
    return [f"{p.variant.number}: {in_full(p.variant)}" + (f" ({p.why})" if p.why else "") for p in chosen]
