"""What a comparison says: parameters that differ, quantities, differences, and who wins each criterion."""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reports.compare.difference import Difference, difference
from reports.compare.request import Compared, OfStudy, Request
from studies.record import ParameterValue, Quantity, RunRecord

MOST = 6


class NotComparable(ValueError):
    """The runs cannot be put side by side; the message says why."""


@dataclass(frozen=True)
class Side:
    """One of the runs.

    Attributes
    ----------
    letter : str
        "A" is what the others are compared with.
    label, why : str
        What its study calls it, and why it was picked from it; empty without a study.
    """

    letter: str
    folder: Path
    record: RunRecord
    label: str = ""
    why: str = ""


@dataclass(frozen=True)
class ParameterRow:
    """A parameter, constant or setting in all runs."""

    name: str
    unit: str
    values: Sequence[float | int | str | bool | None]

    @property
    def differs(self) -> bool:
        return any(value != self.values[0] for value in self.values)


@dataclass(frozen=True)
class QuantityRow:
    """A quantity in all runs, and by how much each differs from the first."""

    name: str
    unit: str
    description: str
    values: Sequence[Quantity]
    differences: Sequence[Difference]


@dataclass(frozen=True)
class Criterion:
    """Who comes off best where the test sets a limit.

    Attributes
    ----------
    best : str
        Letter of the best value; "" where none is known.
    tied : str
        Letters of those that it cannot be told from.
    unknown : str
        Letters of those whose value is not known well enough to be compared.
    """

    quantity: str
    best: str
    tied: str
    unknown: str


@dataclass(frozen=True)
class Comparison:
    """Two to six runs of one device under one test."""

    sides: Sequence[Side]
    parameters: Sequence[ParameterRow]
    quantities: Sequence[QuantityRow]
    criteria: Sequence[Criterion]
    cautions: Sequence[str]
    study: OfStudy | None = None


def compare(folders: Sequence[Path], request: Request | None = None) -> Comparison:
    """Put runs side by side.

    Parameters
    ----------
    folders : sequence of Path
        Run folders; the first is what the others are compared with.
    request : Request or None
        What is known of them besides: their names in a study.

    Raises
    ------
    NotComparable
        If they are too few or too many, the same, or not of one device and test.
    """
    if not 2 <= len(folders) <= MOST:
        raise NotComparable(f"{len(folders)} run{'' if len(folders) == 1 else 's'}: give 2 to {MOST}")
    records = [_read(folder) for folder in folders]
    first = records[0]
    for folder, record in zip(folders, records, strict=True):
        if (record.device, record.protocol) != (first.device, first.protocol):
            raise NotComparable(
                f"{folder} is {record.device} under {record.protocol}, not {first.device} under {first.protocol}: only "
                "runs of one device under one test can be compared"
            )
    if len({record.key for record in records}) < len(records):
        raise NotComparable("the same run is given twice")
    known = request.runs if request else [Compared(folder=str(folder)) for folder in folders]
    sides = [
        Side(letter, folder, record, run.label, run.why)
        for letter, folder, record, run in zip(string.ascii_uppercase, folders, records, known, strict=False)
    ]
    quantities = _quantities(records)
    criteria = [_criterion(row) for row in quantities if row.values[0].limit_kind]
    study = request.study if request else None
    return Comparison(sides, _parameters(records), quantities, criteria, _cautions(sides), study)


def _read(folder: Path) -> RunRecord:
    try:
        return RunRecord.read(folder)
    except (OSError, ValueError) as error:
        raise NotComparable(f"{folder} is not a run folder: it has no run.json that can be read") from error


def _parameters(records: Sequence[RunRecord]) -> list[ParameterRow]:
    """Those that differ first, each part in its own order."""
    known: list[dict[str, ParameterValue]] = [
        r.parameters | r.protocol_parameters | _constants(r) | {"accuracy": ParameterValue(value=r.accuracy)}
        for r in records
    ]
    names = list(dict.fromkeys(name for each in known for name in each))
    rows = []
    for name in names:
        unit = next(each[name].unit for each in known if name in each)
        rows.append(ParameterRow(name, unit, [each[name].value if name in each else None for each in known]))
    return sorted(rows, key=lambda row: not row.differs)


def _constants(record: RunRecord) -> dict[str, ParameterValue]:
    """Constants of the material cards; their names alone would hide that a study has changed one."""
    return {
        f"{material.name}: {name}": ParameterValue(value=constant.value, unit=constant.unit)
        for material in record.materials
        for name, constant in material.constants.items()
    }


def _quantities(records: Sequence[RunRecord]) -> list[QuantityRow]:
    rows = []
    for q in records[0].quantities:
        try:
            values = [record.quantity(q.name) for record in records]
        except KeyError:  # measured on some shapes only
            continue
        rows.append(QuantityRow(q.name, q.unit, q.description, values, [difference(v, q) for v in values[1:]]))
    return rows


def _criterion(row: QuantityRow) -> Criterion:
    letters = string.ascii_uppercase
    known = [k for k, q in enumerate(row.values) if q.status != "singular" and q.uncertainty is not None]
    unknown = "".join(letters[k] for k in range(len(row.values)) if k not in known)
    if not known:
        return Criterion(row.name, "", "", unknown)
    sign = 1 if row.values[0].limit_kind == "minimum" else -1
    best = max(known, key=lambda k: sign * row.values[k].value)
    tied = "".join(
        letters[k] for k in known if k != best and difference(row.values[best], row.values[k]).claim == "none"
    )
    return Criterion(row.name, letters[best], tied, unknown)


def _cautions(sides: Sequence[Side]) -> list[str]:
    """What makes the runs less comparable than they look."""
    found = []
    codes = {side.record.provenance.git for side in sides}
    if len(codes) > 1:
        found.append(f"the runs were made by different versions of the program: {', '.join(sorted(codes))}")
    if len({side.record.accuracy for side in sides}) > 1:
        found.append("the runs were made to different accuracies; the error bars take account of it")
    for side in sides:
        if not side.record.prediction:
            found.append(f"{side.letter} is no prediction: {side.record.warnings[0]}")
        failed = [name.replace("_", " ") for name, check in side.record.checks.items() if not check.passed]
        if failed:
            found.append(f"a check of {side.letter} failed: {', '.join(failed)}")
    return found
