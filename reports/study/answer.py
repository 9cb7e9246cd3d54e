"""What a study found, in sentences that stand alone."""

from __future__ import annotations

import math
from collections import Counter

from reports.numbers import ends, plain, pretty_unit, probability, rounded, sentence, words
from reports.study.choose import key_outputs, members
from reports.study.say_effects import main_effects_in_words
from reports.study.words import (
    called,
    count_of,
    inline,
    input_unit,
    limit_text,
    listed,
    measured,
    usable,
    with_error,
    with_unit,
)
from studies.findings.study_record import (
    Bar,
    Distribution,
    Finding,
    Indices,
    Optimum,
    Output,
    Ranking,
    Setting,
    StudyRecord,
    SurrogateFinding,
    Tornado,
)
from studies.findings.worst_case import EVIDENCE, bare, considered


def answer(record: StudyRecord) -> list[str]:
    """Conclusions of the findings, with their uncertainty; without findings, what the runs say by themselves."""
    sentences = _worst_cases(record)
    sentences += [text for finding in record.findings for text in _finding(record, finding)]
    sentences += main_effects_in_words(record)
    if not record.findings:
        sentences += [_range(record, output) for output in key_outputs(record)]
    sentences += [_verdicts(record), *_surrogates(record)]
    return list(dict.fromkeys(sentence(text) for text in sentences if text))


def _finding(record: StudyRecord, finding: Finding) -> list[str]:
    match finding:
        case Ranking():
            statement, _, evidence = finding.conclusion.partition(EVIDENCE)
            return [statement, f"{EVIDENCE.removeprefix('. ')}{evidence}" if evidence else ""]
        case Tornado():
            return _tornado(record, finding)
        case Indices() | Optimum():
            return [finding.conclusion]
        case Distribution():
            return _distribution(finding)
        case _:
            return []


def _worst_cases(record: StudyRecord) -> list[str]:
    """Which sizes must be considered, by all criteria together; nothing for one criterion, which says so itself."""
    rankings = [f for f in record.findings if isinstance(f, Ranking) and len(f.rows) > 1]
    if len(rankings) < 2:
        return []
    reasons: dict[str, list[str]] = {}
    for ranking in rankings:
        for row in considered(ranking.rows):
            why = f"for {inline(ranking.quantity)} with probability {probability(row.probability)}"
            reasons.setdefault(bare(row), []).append(why)
    each = [f"size {size} as the worst case {listed(why)}" for size, why in reasons.items()]
    if len(each) == 1:
        return [f"One size alone need be considered: {each[0]}"]
    return [f"{len(each)} sizes must be considered: {'; '.join(each)}"]


def _tornado(record: StudyRecord, finding: Tornado) -> list[str]:
    felt = [bar for bar in finding.bars if bar.significant]
    rest = [inline(bar.input) for bar in finding.bars if not bar.significant and known(bar)]
    units = {part.name: part.unit for part in record.inputs}
    open_ = [
        f"{inline(bar.input)} at {listed([with_unit(setting, units.get(bar.input, '')) for setting in unknown(bar)])}"
        for bar in finding.bars
        if unknown(bar)
    ]
    nominal = with_error(finding.nominal, finding.uncertainty, finding.unit)
    name = inline(finding.quantity)
    gone = f"Not known, as there the runs have no value, is the change of {name} by {'; by '.join(open_)}"
    if not felt:
        which = "of which all runs have a value " if open_ else ""
        text = f"No input {which}changes {name} by more than the uncertainties; its nominal value is {nominal}"
        return [text, *([gone] if open_ else [])]
    change = _change(finding, felt[0], input_unit(record, felt[0].input))
    found = [f"{words(felt[0].input)} moves {name} most: by {change}, from {nominal}"]
    if rest:
        found.append(f"No change of {name} larger than the uncertainties comes from {listed(rest)}")
    return [*found, *([gone] if open_ else [])]


def unknown(bar: Bar) -> list[Setting]:
    """Settings whose runs have no value."""
    ends = ((bar.low, bar.value_low), (bar.high, bar.value_high))
    return list(dict.fromkeys([*bar.open, *(setting for setting, value in ends if value is None)]))


def known(bar: Bar) -> bool:
    """Whether there is a value at either end."""
    return bar.value_low is not None or bar.value_high is not None


def _change(finding: Tornado, bar: Bar, unit: str) -> str:
    sides = []
    both = ((bar.low, bar.value_low, bar.uncertainty_low), (bar.high, bar.value_high, bar.uncertainty_high))
    for setting, value, error in both:
        if value is not None:
            together = math.hypot(error or 0.0, finding.uncertainty)
            change = with_error(value - finding.nominal, together, finding.unit)
            sides.append(f"{'+' if value > finding.nominal else ''}{change} at {with_unit(setting, unit)}")
    return " and ".join(sides)


def _distribution(finding: Distribution) -> list[str]:
    found = []
    if finding.failure_probability is not None and finding.limit is not None:
        chance = f"is {probability(finding.failure_probability)}"
        if finding.failure_interval is not None:
            low, high = (plain(p, 2) for p in finding.failure_interval)
            chance += f" (95 % interval {low} to {high})"
        beyond = "above" if finding.limit_kind == "maximum" else "below"
        if finding.failures is not None:
            chance += f"; {finding.failures} of {finding.runs} runs with a value are {beyond} it"
        if finding.lost:
            draws = count_of(finding.lost, "draw")
            chance += f"; {draws} without a value may fail as well, and the interval's upper end counts them so"
        limit = with_unit(finding.limit, finding.unit)
        found.append(f"The probability of {inline(finding.quantity)} {beyond} its limit, {limit}, {chance}")
    mean, spread = rounded(finding.mean), rounded(finding.standard_deviation, digits=2)
    found.append(
        f"{words(finding.quantity)} has the mean {mean.text(finding.unit)} and the standard deviation "
        f"{spread.text(finding.unit)} over {count_of(finding.runs, 'run')}, each with a numerical uncertainty of "
        f"± {rounded(finding.numerical, digits=2).text(finding.unit)} (median), which neither of them counts"
    )
    if finding.tolerance is None:
        found.append(f"There is no tolerance interval of {inline(finding.quantity)}: {finding.tolerance_text}")
    else:
        low, high = ends(*finding.tolerance)
        bounds = f"{low} and {high} {pretty_unit(finding.unit)}".rstrip()
        found.append(f"{words(finding.quantity)} lies between {bounds} for {finding.tolerance_text}")
    return found


def _range(record: StudyRecord, output: Output) -> str:
    found = [(value, called(v)) for v in record.variants if (value := usable(v, output.name)) is not None]
    if not found:
        return ""
    (low, lowest), (high, highest) = (f(found, key=lambda pair: pair[0].value) for f in (min, max))
    if len(found) == 1:
        return f"{words(output.name)} of {lowest} is {measured(low, output.unit)}"
    return (
        f"{words(output.name)} lies between {measured(low, output.unit)} ({lowest}) and "
        f"{measured(high, output.unit)} ({highest})"
    )


def _verdicts(record: StudyRecord) -> str:
    """How many variants keep to the limits."""
    judged = Counter(v.verdict for v in members(record) if v.verdict in ("pass", "fail", "undecided"))
    if not judged:
        return ""
    limits = [f"{inline(o.name)} {limit_text(o)}" for o in record.outputs if o.limit is not None]
    outcomes = (("pass", "met"), ("fail", "not met"), ("undecided", "undecided"))
    parts = [f"{judged[verdict]} {word}" for verdict, word in outcomes if judged[verdict]]
    of = f" ({', '.join(limits)})" if limits else ""
    return f"Limits{of} in {count_of(judged.total(), 'judged variant')}: {', '.join(parts)}"


def _surrogates(record: StudyRecord) -> list[str]:
    """Which surrogates are good enough, in one sentence each."""
    found = [f for f in record.findings if isinstance(f, SurrogateFinding)]
    told = {
        f.quantity: f"{inline(f.quantity)} (Q² {probability(f.predictivity)}, {100 * f.coverage:.0f} % of the runs "
        "left out inside its 95 % intervals)"
        for f in found
    }
    good, poor = ([told[f.quantity] for f in found if f.trusted == state] for state in (True, False))
    return [
        f"A surrogate predicts runs left out well enough to be drawn for {listed(good)}" if good else "",
        f"No surrogate is good enough to be drawn for {listed(poor)}" if poor else "",
    ]
