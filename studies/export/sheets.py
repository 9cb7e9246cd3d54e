"""What is known of a run or a study, as plain tables: for a workbook, or as comma-separated values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from studies.findings.study_record import StudyRecord
from studies.findings.tables import PARQUET
from studies.record import RunRecord

Value = str | float | bool | None


@dataclass(frozen=True)
class Sheet:
    """A table. Its columns have their units in the header, but where every row has a unit of its own."""

    name: str
    header: Sequence[str]
    rows: Sequence[Sequence[Value]]


def of_run(record: RunRecord) -> list[Sheet]:
    """Run, quantities, levels, parameters, materials and checks."""
    return [make(record) for make in (_run, _quantities, _levels, _parameters, _materials, _checks)]


def of_study(record: StudyRecord, folder: Path) -> list[Sheet]:
    """Study, inputs, quantities, and the variants as the study's own table has them.

    Raises
    ------
    OSError
        If the folder has no such table.
    """
    table = pq.read_table(folder / PARQUET)  # unlike the CSV, it tells text that looks like a number
    units = [(field.metadata or {}).get(b"unit", b"").decode() for field in table.schema]
    variants = Sheet(
        "variants",
        [headed(name, unit) for name, unit in zip(table.column_names, units, strict=True)],
        list(zip(*table.to_pydict().values(), strict=True)),
    )
    facts: list[tuple[str, Value]] = [
        ("study", record.name),
        ("title", record.title),
        ("question", record.question),
        ("kind", record.kind),
        ("device", record.device),
        ("test", record.protocol),
        ("in the style of", record.style_of),
        ("accuracy", record.accuracy),
        *((name, value) for name, value in record.fixed.items()),
        ("complete", record.complete),
        ("key", record.key),
        ("version", record.version),
        ("commit", record.git),
        ("started", record.started),
        *(("warning", text) for text in record.warnings),
    ]
    inputs = Sheet(
        "inputs",
        ["name", "unit", "low", "high", "mean", "deviation", "levels", "distribution", "description", "source"],
        [
            [
                i.name,
                i.unit,
                i.low,
                i.high,
                i.mean,
                i.deviation,
                ", ".join(map(str, i.levels)),
                i.distribution,
                i.description,
                i.source,
            ]
            for i in record.inputs
        ],
    )
    outputs = Sheet(
        "quantities",
        ["name", "unit", "limit", "limit_kind", "description"],
        [[o.name, o.unit, o.limit, o.limit_kind, o.description] for o in record.outputs],
    )
    return [Sheet("study", ["fact", "value"], facts), inputs, outputs, variants]


def headed(name: str, unit: str) -> str:
    """A header with its unit."""
    return f"{name} [{unit}]" if unit else name


def _run(record: RunRecord) -> Sheet:
    made = record.provenance
    facts: list[tuple[str, Value]] = [
        ("device", record.device),
        ("device_description", record.device_description),
        ("test", record.protocol),
        ("test_description", record.protocol_description),
        ("in the style of", record.style_of),
        ("accuracy", record.accuracy),
        ("status", record.status),
        ("verdict", record.verdict),
        ("prediction", record.prediction),
        ("key", record.key),
        ("version", made.version),
        ("commit", made.git),
        ("started", made.started),
        *(("warning", text) for text in record.warnings),
    ]
    return Sheet("run", ["fact", "value"], facts)


def _quantities(record: RunRecord) -> Sheet:
    header = ["name", "value", "uncertainty", "unit", "status", "extrapolated", "order", "x [mm]", "y [mm]", "z [mm]"]
    rows: list[list[Value]] = []
    for q in record.quantities:
        known = q.status != "singular"  # the value of some mesh would be taken for one
        numbers = [q.value, q.uncertainty, q.unit, q.status, q.extrapolated, q.order]
        rows.append(
            [
                q.name,
                *(number if known or isinstance(number, str) else None for number in numbers),
                *(q.location or (None, None, None)),
                q.limit,
                q.limit_kind,
                q.verdict,
                q.description,
                q.reason,
                q.note,
            ]
        )
    return Sheet("quantities", [*header, "limit", "limit_kind", "verdict", "description", "reason", "note"], rows)


def _levels(record: RunRecord) -> Sheet:
    names = {q.name: q.unit for q in record.quantities}
    header = ["mesh", "cells", "dofs", "relative_size", "h [mm]", "min_quality", "iterations", "seconds [s]"]
    rows = [
        [
            number,
            level.cells,
            level.dofs,
            level.scale,
            level.h,
            level.min_quality,
            level.iterations,
            level.seconds,
            *(level.values.get(name) for name in names),
        ]
        for number, level in enumerate(record.levels, start=1)
    ]
    return Sheet("levels", [*header, *(headed(name, unit) for name, unit in names.items())], rows)


def _parameters(record: RunRecord) -> Sheet:
    rows: list[list[Value]] = [
        [owner, name, p.value, p.unit, p.description, p.source, p.verified]
        for owner, parameters in (("device", record.parameters), ("test", record.protocol_parameters))
        for name, p in parameters.items()
    ]
    return Sheet("parameters", ["of", "name", "value", "unit", "description", "source", "verified"], rows)


def _materials(record: RunRecord) -> Sheet:
    rows: list[list[Value]] = [
        [material.name, material.specification, name, c.value, c.unit, c.source, c.verified]
        for material in record.materials
        for name, c in material.constants.items()
    ]
    return Sheet("materials", ["card", "specification", "constant", "value", "unit", "source", "verified"], rows)


def _checks(record: RunRecord) -> Sheet:
    rows: list[list[Value]] = [[name, c.value, c.limit, c.passed, c.description] for name, c in record.checks.items()]
    return Sheet("checks", ["name", "value", "limit", "passed", "description"], rows)
