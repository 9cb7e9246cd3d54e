"""The outcome of a run in plain words."""

from __future__ import annotations

from reports.numbers import place, plain, pretty_unit, rounded, sentence, words
from studies.record import Quantity, RunRecord

VERDICTS = {
    "pass": "passed",
    "fail": "failed",
    "undecided": "undecided",
    "not_applicable": "no limit to judge by",
}
OUTCOMES = {"pass": "met", "fail": "not met", "undecided": "undecided", "not_applicable": "not judged"}
STATUSES = {"converged": "converged", "not_converged": "not converged", "singular": "singular"}


def summary(record: RunRecord) -> list[str]:
    """What was found, in a few sentences that stand alone."""
    device = words(record.device)
    percent = f"{100 * record.accuracy:g} %"
    sentences = [
        f"The model of a device, {device.lower()}, was put through a bench test in the style of {record.style_of}. "
        + "Every figure is a property of that model, not of a physical part."
    ]
    good = [q for q in record.quantities if q.status == "converged"]
    if len(good) == len(record.quantities):
        sentences.append(f"All {len(good)} quantities met the accuracy asked for, {percent}.")
    else:
        sentences.append(
            f"Of {len(record.quantities)} quantities {len(good)} met the accuracy asked for ({percent}); "
            + "; ".join(f"{_name(q)} is {STATUSES[q.status]}" for q in record.quantities if q not in good)
            + "."
        )
    sentences += [_peak(q) for q in record.quantities if q.name.startswith("peak_") and q.limit is None]
    sentences += [_judged(q) for q in record.quantities if q.limit is not None]
    sentences.append(_verdict(record))
    assumed = _assumed(record)
    if assumed:
        sentences.append(
            f"{assumed} of the input values are assumed and not checked against a source; they are marked."
        )
    return sentences


def limitations(record: RunRecord) -> list[str]:
    """What a reader must know before using a number of this run."""
    open_ends = [
        f"{_name(q, start=True)} is {STATUSES[q.status]}" + (f": {q.reason}" if q.reason else "") + _remedy(q)
        for q in record.quantities
        if q.status != "converged"
    ]
    failed = [
        f"A check of the calculation failed: {check.description or words(name)}."
        for name, check in record.checks.items()
        if not check.passed
    ]
    return [sentence(text) for text in failed + open_ends + record.warnings]


def _remedy(q: Quantity) -> str:
    """Where a singular value stands, and what to do about it."""
    if q.status != "singular" or q.location is None:
        return ""
    return (
        f", at {place(q.location)} mm. Give a sharp corner there its real fillet; at the edge of a clamp or a load "
        "leave a zone of about one thickness out of the peak, or judge the mean over a stated distance"
    )


def _peak(q: Quantity) -> str:
    if q.status == "singular":
        return f"{_name(q, start=True)} has no value: it grows without bound under refinement."
    sure = "" if q.status == "converged" else ", not converged"
    return f"{_name(q, start=True)} is {rounded(q.value, q.uncertainty).text(q.unit)}{sure}."


def _judged(q: Quantity) -> str:
    if q.status == "singular":
        return f"No value can be given for {_name(q)}, so its limit cannot be judged."
    assert q.limit is not None
    bound = {"maximum": "at most ", "minimum": "at least ", None: ""}[q.limit_kind]
    value, limit = rounded(q.value, q.uncertainty).text(q.unit), f"{plain(q.limit)} {pretty_unit(q.unit)}".strip()
    line = f"{_name(q, start=True)} is {value}; the limit is {bound}{limit}"
    if q.verdict == "undecided" and (q.uncertainty is None or abs(q.value - q.limit) > q.uncertainty):
        return f"{line}: undecided, as its error is not known well enough."
    if q.verdict == "undecided":
        return f"{line}: undecided, as the error bar reaches across the limit."
    return f"{line}: {OUTCOMES[q.verdict or 'not_applicable']}."


def _verdict(record: RunRecord) -> str:
    return {
        "pass": "The verdict is: passed.",
        "fail": "The verdict is: failed.",
        "undecided": "The verdict is undecided: the numbers are not sure enough to say passed or failed.",
        "not_applicable": "The protocol sets no limit, so there is no verdict.",
    }[record.verdict]


def _assumed(record: RunRecord) -> int:
    values = [*record.parameters.values(), *record.protocol_parameters.values()]
    constants = [constant for material in record.materials for constant in material.constants.values()]
    return sum(v.verified is False for v in values) + sum(not c.verified for c in constants)


def _name(q: Quantity, start: bool = False) -> str:
    name = words(q.name)
    return name if start or name.startswith("von ") else name[:1].lower() + name[1:]
