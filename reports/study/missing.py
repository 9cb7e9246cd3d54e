"""Variants without a full result, counted and named."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from reports.study.words import count_of, in_full, inline
from studies.findings.study_record import ENDED, Status, StudyRecord, Variant

FIRST = 12  # names that stand open; more are folded away


@dataclass(frozen=True)
class Missing:
    """Variants that ended alike.

    Attributes
    ----------
    first, more : list of str
        Names that stand open, and that are folded away.
    """

    status: Status
    message: str
    first: list[str]
    more: list[str]

    @property
    def count(self) -> int:
        return len(self.first) + len(self.more)


def missing(record: StudyRecord) -> list[Missing]:
    """Failed, impossible and not converged variants, those of one message together."""
    order: tuple[Status, ...] = ("failed", "impossible", "not_converged")
    rows = [(order.index(v.status), _message(v), v) for v in record.variants if v.status in order]
    rows.sort(key=lambda row: (row[0], row[1], row[2].number))
    found = []
    for (status, message), group in groupby(rows, key=lambda row: row[:2]):
        alike = [in_full(row[2]) for row in group]
        found.append(Missing(order[status], message, alike[:FIRST], alike[FIRST:]))
    return found


def unfinished(record: StudyRecord) -> str:
    """What a reader must know first of a study that still runs or was stopped; empty for a complete one."""
    if record.complete:
        return ""
    ended, known = sum(v.status in ENDED for v in record.variants), len(record.variants)
    if ended == known:
        return f"The study is not finished: {count_of(known, 'variant')} so far, and more to come."
    return f"The study is not finished: {ended} of {count_of(known, 'variant')}."


def _message(variant: Variant) -> str:
    """The message of a variant, or which of its values are not to be trusted."""
    if variant.status != "not_converged":
        return " ".join(variant.message.split()) or "no message"
    parts = []
    for status, word in (("singular", "singular"), ("not_converged", "not converged")):
        names = sorted(inline(name) for name, value in variant.values.items() if value.status == status)
        if names:
            parts.append(f"{word}: {', '.join(names)}")
    return "; ".join(parts) or " ".join(variant.message.split()) or "no message"
