"""Variants without a full result, counted and named."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from reports.study.words import STATUSES, count_of, inline
from studies.findings.study_record import ENDED, StudyRecord, Variant

FIRST = 12  # names that stand open; more are folded away


@dataclass(frozen=True)
class Missing:
    """Variants that ended alike.

    Attributes
    ----------
    first, more : list of Variant
        To be named at once, and to be folded away.
    """

    status: str
    message: str
    first: list[Variant]
    more: list[Variant]

    @property
    def count(self) -> int:
        return len(self.first) + len(self.more)


def missing(record: StudyRecord) -> list[Missing]:
    """Failed, impossible and not converged variants, those of one message together."""
    order = ("failed", "impossible", "not_converged")
    rows = [(order.index(v.status), _message(v), v) for v in record.variants if v.status in order]
    rows.sort(key=lambda row: (row[0], row[1], row[2].number))
    found = []
    for (status, message), group in groupby(rows, key=lambda row: row[:2]):
        alike = [row[2] for row in group]
        found.append(Missing(STATUSES[order[status]], message, alike[:FIRST], alike[FIRST:]))
    return found


def unfinished(record: StudyRecord) -> str:
    """What a reader must know first of a study that still runs or was stopped; empty for a complete one."""
    if record.complete:
        return ""
    ended = sum(v.status in ENDED for v in record.variants)
    return f"The study is not finished: {ended} of {count_of(len(record.variants), 'variant')}."


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
