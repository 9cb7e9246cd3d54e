"""What a study found, in sentences that stand alone."""

from __future__ import annotations

from collections import Counter
from itertools import groupby

from reports.numbers import ends, plain, pretty_unit, probability, rounded, sentence, words
from reports.study.choose import key_outputs
from reports.study.words import count_of, inline, limit_text, listed, measured, name_of, unit_of, usable, with_unit
from studies.findings.study_record import (
    Bar,
    Distribution,
    Finding,
    Indices,
    MainEffect,
    Optimum,
    Output,
    Ranking,
    StudyRecord,
    SurrogateFinding,
    Tornado,
)


def answer(record: StudyRecord) -> list[str]:
    """Conclusions of the findings, with their uncertainty; without findings, what the runs say by themselves."""
    sentences: list[str] = []
    for finding in record.findings:
        sentences += _finding(record, finding)
    sentences += _main_effects(record)
    if not record.findings:
        sentences += [text for output in key_outputs(record) if (text := _range(record, output))]
    sentences += _verdicts(record)
    return [sentence(text) for text in sentences if text]


def _finding(record: StudyRecord, finding: Finding) -> list[str]:
    match finding:
        case Ranking():
            return [finding.conclusion, _worst(finding)]
        case Tornado():
            return [_tornado(record, finding)]
        case Indices():
            return [finding.conclusion]
        case Distribution():
            return _distribution(finding)
        case Optimum():
            return [finding.conclusion, _doubts(finding)]
        case SurrogateFinding():
            return [_surrogate(finding)]
        case _:
            return []


def _worst(finding: Ranking) -> str:
    if not finding.rows:
        return ""
    row = max(finding.rows, key=lambda r: r.probability)
    value = rounded(row.value, row.uncertainty).text(finding.unit)
    scatter = ""
    if row.scatter:
        scatter = f", and scatters by {with_unit(row.scatter, finding.unit, 2)} (one standard deviation)"
    return (
        f"{words(finding.quantity)} of {row.label} is {value}{scatter}; "
        f"the probability that it is the worst is {probability(row.probability)}"
    )


def _tornado(record: StudyRecord, finding: Tornado) -> str:
    felt = [bar for bar in finding.bars if bar.significant]
    nominal = rounded(finding.nominal, finding.uncertainty).text(finding.unit)
    start = f"{words(finding.quantity)} is {nominal} at the nominal settings"
    if not felt:
        return f"{start}; no input changes it by more than the uncertainty"
    first, unit = felt[0], unit_of(record, felt[0].input)
    text = f"{start}. {words(first.input)} moves it most: {_change(finding, first, unit)}"
    if len(finding.bars) > len(felt):
        rest = [inline(bar.input) for bar in finding.bars if not bar.significant]
        text += f". No change larger than its uncertainty comes from {listed(rest)}"
    return text


def _change(finding: Tornado, bar: Bar, unit: str) -> str:
    sides = []
    ends_of = ((bar.low, bar.value_low, bar.uncertainty_low), (bar.high, bar.value_high, bar.uncertainty_high))
    for setting, value, error in ends_of:
        if value is not None:
            change = rounded(value - finding.nominal, error).text(finding.unit)
            sides.append(f"{'+' if value > finding.nominal else ''}{change} at {with_unit(setting, unit)}")
    return " and ".join(sides)


def _distribution(finding: Distribution) -> list[str]:
    mean, spread = rounded(finding.mean, digits=4), rounded(finding.standard_deviation, digits=2)
    found = [
        f"{words(finding.quantity)} has the mean {mean.text(finding.unit)} and the standard deviation "
        f"{spread.text(finding.unit)} over {count_of(finding.runs, 'run')}"
    ]
    if finding.tolerance is None:
        found.append(finding.tolerance_text)
    else:
        low, high = ends(*finding.tolerance)
        found.append(f"Between {low} and {high} {pretty_unit(finding.unit)}: {finding.tolerance_text}")
    if finding.failure_probability is not None and finding.limit is not None:
        chance = f"is {plain(finding.failure_probability, 2)}"
        if finding.failure_interval is not None:
            low, high = (plain(p, 2) for p in finding.failure_interval)
            chance += f" (95 % interval {low} to {high})"
        beyond = "above" if finding.limit_kind == "maximum" else "below"
        count = f"; {finding.failures} of {finding.runs} runs are" if finding.failures is not None else ""
        limit = with_unit(finding.limit, finding.unit)
        found.append(f"The probability of a value {beyond} the limit, {limit}, {chance}{count}")
    return found


def _doubts(finding: Optimum) -> str:
    parts = []
    if finding.tied:
        verb = "is" if len(finding.tied) == 1 else "are"
        parts.append(f"{len(finding.tied)} more {verb} beaten by less than the error bars")
    if finding.doubtful:
        parts.append(f"of {count_of(len(finding.doubtful), 'variant')} an error bar holds a limit, so that is open")
    return "; ".join(parts)


def _surrogate(finding: SurrogateFinding) -> str:
    error = rounded(finding.error, digits=2).text(finding.unit)
    text = (
        f"A surrogate of {inline(finding.quantity)} through {count_of(finding.runs, 'run')} misses runs left out by "
        f"{error} (root mean square; Q² {finding.predictivity:.2f})"
    )
    return text if finding.trusted else f"{text}: too much for it to be drawn or used"


def _main_effects(record: StudyRecord) -> list[str]:
    """Of each quantity the input with the largest range of means."""
    effects = [f for f in record.findings if isinstance(f, MainEffect) and len(f.points) > 1]
    found = []
    for quantity, group in groupby(sorted(effects, key=lambda f: f.quantity), key=lambda f: f.quantity):
        top = max(group, key=lambda f: max(p.mean for p in f.points) - min(p.mean for p in f.points))
        low, high = min(top.points, key=lambda p: p.mean), max(top.points, key=lambda p: p.mean)
        unit, of_input = unit_of(record, quantity), unit_of(record, top.input)
        found.append(
            f"{words(quantity)} depends most on {inline(top.input)}: over all else its mean is "
            f"{rounded(low.mean, low.interval).text(unit)} at {with_unit(low.setting, of_input)} and "
            f"{rounded(high.mean, high.interval).text(unit)} at {with_unit(high.setting, of_input)}"
        )
    return found


def _range(record: StudyRecord, output: Output) -> str:
    found = [(value, v.number) for v in record.variants if (value := usable(v, output.name)) is not None]
    if not found:
        return ""
    if len(found) == 1:
        return f"{words(output.name)} of {name_of(record, found[0][1])} is {measured(found[0][0], output.unit)}"
    low, high = min(found, key=lambda f: f[0].value), max(found, key=lambda f: f[0].value)
    return (
        f"{words(output.name)} lies between {measured(low[0], output.unit)} ({name_of(record, low[1])}) and "
        f"{measured(high[0], output.unit)} ({name_of(record, high[1])})"
    )


def _verdicts(record: StudyRecord) -> list[str]:
    """How many variants keep to the limits."""
    judged = Counter(v.verdict for v in record.variants if v.verdict in ("pass", "fail", "undecided"))
    if not judged:
        return []
    limits = [f"{inline(o.name)} {limit_text(o)}" for o in record.outputs if o.limit is not None]
    parts = [
        f"{judged[verdict]} {word}"
        for verdict, word in (("pass", "met"), ("fail", "not met"), ("undecided", "undecided"))
        if judged[verdict]
    ]
    of = f" ({', '.join(limits)})" if limits else ""
    return [f"Limits{of} in {count_of(judged.total(), 'judged variant')}: {', '.join(parts)}"]
