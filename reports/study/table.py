"""The table of variants: columns that matter first, every cell with what it is sorted by."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from reports.numbers import plain, pretty_unit, words
from reports.study.choose import key_outputs
from reports.study.words import STATUSES, called, measured
from reports.summary import VERDICTS
from studies.findings.study_record import Input, Output, StudyRecord, Variant

MOST_INPUTS = 8  # columns; further inputs go to the second table
WITH_REPORT = ("done", "not_converged")


@dataclass(frozen=True)
class Cell:
    """A cell: its text, what it is sorted by (empty: last), and whether to warn of it."""

    text: str
    key: str
    open: bool = False


@dataclass(frozen=True)
class Row:
    """A variant as the table shows it; ``link`` leads to its own report, relative to the study folder."""

    variant: Variant
    name: str
    link: str
    cells: list[Cell]
    status: str
    verdict: str


@dataclass(frozen=True)
class Table:
    """Headings (name, unit) with the rows below them, and whether any row says more by its role than by its label."""

    headings: list[tuple[str, str]]
    rows: list[Row]
    roles: bool


def main_table(record: StudyRecord) -> Table:
    """Settings that vary, and the quantities that findings use."""
    return _table(record, _varying(record)[:MOST_INPUTS], key_outputs(record))


def other_table(record: StudyRecord) -> Table:
    """Whatever the main table has no column for."""
    shown = {output.name for output in key_outputs(record)}
    varying = _varying(record)[:MOST_INPUTS]
    inputs = [i for i in record.inputs if i not in varying]
    return _table(record, inputs, [o for o in record.outputs if o.name not in shown])


def report_link(variant: Variant) -> str:
    """Address of the report of a variant, relative to the study folder; empty if it has none."""
    if variant.folder is None or variant.status not in WITH_REPORT:
        return ""
    return "./" + quote(f"{variant.folder}/report.html")


def _varying(record: StudyRecord) -> list[Input]:
    return [i for i in record.inputs if len({v.settings.get(i.name) for v in record.variants}) > 1]


def _table(record: StudyRecord, inputs: list[Input], outputs: list[Output]) -> Table:
    headings = [(words(i.name), pretty_unit(i.unit)) for i in inputs]
    headings += [(words(o.name), pretty_unit(o.unit)) for o in outputs]
    rows = [
        Row(
            variant,
            called(variant),
            report_link(variant),
            [*(_setting(variant, i) for i in inputs), *(_value(variant, o) for o in outputs)],
            STATUSES[variant.status],
            VERDICTS.get(variant.verdict or "", ""),
        )
        for variant in record.variants
    ]
    roles = any(v.role and v.role != v.label for v in record.variants)
    return Table(headings, rows, roles)


def _setting(variant: Variant, part: Input) -> Cell:
    setting = variant.settings.get(part.name)
    return Cell("", "") if setting is None else Cell(plain(setting), str(setting))


def _value(variant: Variant, output: Output) -> Cell:
    value = variant.values.get(output.name)
    if value is None:
        return Cell("", "")
    return Cell(measured(value), "" if value.status == "singular" else repr(value.value), value.status != "converged")
