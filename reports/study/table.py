"""The table of variants: columns that matter first, every cell with what it is sorted by."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from reports.numbers import plain, pretty_unit, words
from reports.study.choose import key_outputs
from reports.study.picks import can_be_picked
from reports.study.words import STATUSES, called, measured
from reports.summary import VERDICTS
from studies.findings.study_record import Input, Output, StudyRecord, Variant

MOST_INPUTS = 8  # columns; further inputs go to the second table


@dataclass(frozen=True)
class Cell:
    """A cell: its text, what it is sorted by (empty: last), and whether to warn of it."""

    text: str
    key: str
    open: bool = False


@dataclass(frozen=True)
class Row:
    """A variant as the table shows it.

    Attributes
    ----------
    link : str
        Leads to its own report, relative to the study folder; empty if it has none.
    found : str
        What a search looks through: names, settings, status and verdict.
    """

    variant: Variant
    name: str
    link: str
    cells: list[Cell]
    status: str
    verdict: str
    found: str


@dataclass(frozen=True)
class Heading:
    """A column: its name and unit, whether it holds numbers, and a name of its own in the whole page."""

    name: str
    unit: str
    numeric: bool
    key: str


@dataclass(frozen=True)
class Table:
    """Headings with the rows below them.

    Attributes
    ----------
    roles : bool
        Whether any row says more by its role than by its label.
    main : bool
        Whether it is the first of the tables.
    """

    headings: list[Heading]
    rows: list[Row]
    roles: bool
    main: bool


def main_table(record: StudyRecord) -> Table:
    """Settings that vary, and the quantities that findings use."""
    return _table(record, _varying(record)[:MOST_INPUTS], key_outputs(record), True)


def other_table(record: StudyRecord) -> Table:
    """Whatever the main table has no column for."""
    shown = {output.name for output in key_outputs(record)}
    varying = _varying(record)[:MOST_INPUTS]
    inputs = [i for i in record.inputs if i not in varying]
    return _table(record, inputs, [o for o in record.outputs if o.name not in shown], False)


def report_link(variant: Variant) -> str:
    """Address of the report of a variant, relative to the study folder; empty if it has none."""
    if not can_be_picked(variant):
        return ""
    return "./" + quote(f"{variant.folder}/report.html")


def _varying(record: StudyRecord) -> list[Input]:
    return [i for i in record.inputs if len({v.settings.get(i.name) for v in record.variants}) > 1]


def _table(record: StudyRecord, inputs: list[Input], outputs: list[Output], main: bool) -> Table:
    headings = [Heading(words(i.name), pretty_unit(i.unit), _numeric(record, i), f"in.{i.name}") for i in inputs]
    headings += [Heading(words(o.name), pretty_unit(o.unit), True, f"out.{o.name}") for o in outputs]
    rows = [
        Row(
            variant,
            called(variant),
            report_link(variant),
            [*(_setting(variant, i) for i in inputs), *(_value(variant, o) for o in outputs)],
            STATUSES[variant.status],
            VERDICTS.get(variant.verdict or "", ""),
            _found(record, variant),
        )
        for variant in record.variants
    ]
    roles = any(v.role and v.role != v.label for v in record.variants)
    return Table(headings, rows, roles, main)


def _numeric(record: StudyRecord, part: Input) -> bool:
    return not any(isinstance(v.settings.get(part.name), str) for v in record.variants)


def _found(record: StudyRecord, variant: Variant) -> str:
    settings = [
        f"{words(i.name)} {plain(variant.settings[i.name])} {pretty_unit(i.unit)}".rstrip()
        for i in record.inputs
        if i.name in variant.settings
    ]
    state = [STATUSES[variant.status], VERDICTS.get(variant.verdict or "", "")]
    return "; ".join(filter(None, [called(variant), variant.label, words(variant.role), *settings, *state]))


def _setting(variant: Variant, part: Input) -> Cell:
    setting = variant.settings.get(part.name)
    return Cell("", "") if setting is None else Cell(plain(setting), str(setting))


def _value(variant: Variant, output: Output) -> Cell:
    value = variant.values.get(output.name)
    if value is None:
        return Cell("", "")
    return Cell(measured(value), "" if value.status == "singular" else repr(value.value), value.status != "converged")
