"""Differences in words."""

from __future__ import annotations

from collections.abc import Sequence

from reports.compare.comparison import Comparison, Criterion, QuantityRow
from reports.compare.difference import Difference
from reports.numbers import pretty_unit, rounded, words
from studies.findings.wording import listed


def sentences(comparison: Comparison) -> list[str]:
    """What can be claimed, and what cannot: one sentence a quantity, largest relative difference first."""
    told: list[tuple[float, str]] = []
    alike: dict[str, list[str]] = {}
    for row in comparison.quantities:
        real = []
        for side, found in zip(comparison.sides[1:], row.differences, strict=True):
            if found.claim in ("larger", "smaller"):
                real.append((abs(found.percent or 0.0), side.letter, found))
            elif found.claim == "none":
                alike.setdefault(side.letter, []).append(_name(row))
        if real:
            real.sort(key=lambda each: -each[0])
            told.append((real[0][0], _claims(row, [(letter, found) for _, letter, found in real])))
    lines = [line for _, line in sorted(told, key=lambda each: -each[0])]
    lines += [
        f"No difference between A and {letter} can be claimed in {listed(names)}." for letter, names in alike.items()
    ]
    unknown = [_name(row) for row in comparison.quantities if any(d.claim == "unknown" for d in row.differences)]
    if unknown:
        lines.append(
            f"Nothing can be said of {listed(unknown)}: singular, or without an error bar, in one of the runs."
        )
    return lines


def winner(criterion: Criterion) -> str:
    """Who comes off best, such as "B, not to be told from C"."""
    if not criterion.best:
        return "nobody: no value is known well enough"
    line = criterion.best
    if criterion.tied:
        line += f", not to be told from {listed(criterion.tied)}"
    if criterion.unknown:
        line += f"; unknown for {listed(criterion.unknown)}"
    return line


def amount(found: Difference, unit: str) -> str:
    """Such as "7.1 ± 0.9 %", or in the unit where a share makes no sense."""
    if found.percent is not None:
        return rounded(found.percent, found.percent_uncertainty).text("%")
    if found.value is not None:
        return rounded(found.value, found.uncertainty).text(pretty_unit(unit))
    return ""


def _claims(row: QuantityRow, found: Sequence[tuple[str, Difference]]) -> str:
    """Such as "Mass of C is larger than that of A by 29.8 ± 0.1 %, that of B by 14.9 ± 0.1 %"."""
    parts = []
    for claim in dict.fromkeys(difference.claim for _, difference in found):
        (first, by), *others = [(letter, d) for letter, d in found if d.claim == claim]
        part = f"of {first} is {claim} than that of A by {amount(_magnitude(by), row.unit)}"
        parts.append(part + "".join(f", that of {letter} by {amount(_magnitude(d), row.unit)}" for letter, d in others))
    return f"{words(row.name)} {'; that '.join(parts)}."


def _magnitude(found: Difference) -> Difference:
    percent = None if found.percent is None else abs(found.percent)
    return Difference(abs(found.value or 0.0), found.uncertainty, percent, found.percent_uncertainty, found.claim)


def _name(row: QuantityRow) -> str:
    name = words(row.name)
    return name if name.startswith("von ") else name[:1].lower() + name[1:]
