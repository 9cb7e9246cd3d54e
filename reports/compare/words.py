"""Differences in words."""

from __future__ import annotations

from reports.compare.comparison import Comparison, Criterion, QuantityRow
from reports.compare.difference import Difference
from reports.numbers import pretty_unit, rounded, words
from studies.findings.wording import listed


def sentences(comparison: Comparison) -> list[str]:
    """What can be claimed, and what cannot: one sentence a quantity and run, largest relative difference first."""
    told: list[tuple[float, str]] = []
    alike: dict[str, list[str]] = {}
    for row in comparison.quantities:
        for side, found in zip(comparison.sides[1:], row.differences, strict=True):
            if found.claim in ("larger", "smaller"):
                told.append((abs(found.percent or 0.0), _claim(row, side.letter, found)))
            elif found.claim == "none":
                alike.setdefault(side.letter, []).append(_name(row))
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


def _claim(row: QuantityRow, letter: str, found: Difference) -> str:
    size = Difference(
        abs(found.value or 0.0),
        found.uncertainty,
        None if found.percent is None else abs(found.percent),
        found.percent_uncertainty,
        found.claim,
    )
    return f"{words(row.name)} of {letter} is {found.claim} than that of A by {amount(size, row.unit)}."


def _name(row: QuantityRow) -> str:
    name = words(row.name)
    return name if name.startswith("von ") else name[:1].lower() + name[1:]
