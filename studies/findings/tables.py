"""The tidy table of a study: one row a variant, as CSV and as Parquet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from studies.findings.study_record import StudyRecord

_RESERVED = (
    *("number", "label", "role", "status", "verdict", "message"),
    *("seconds", "dofs", "memory_MB", "attempts", "key", "folder"),
)
CSV, PARQUET = "variants.csv", "variants.parquet"


def write_tables(record: StudyRecord, folder: Path) -> None:
    """Write `variants.csv`, with units in the headers, and `variants.parquet`, with units as metadata of the columns.

    A quantity makes three columns: value, uncertainty (half-width of a 95 % interval) and status. What is not known is
    empty. An input that has the name of a quantity has "_setting" behind it.
    """
    columns, units = _columns(record)
    frame = pd.DataFrame(columns)
    headers = {name: f"{name} [{unit}]" for name, unit in units.items() if unit}
    _replace(folder / CSV, lambda path: frame.rename(columns=headers).to_csv(path, index=False))
    table = pa.Table.from_pandas(frame, preserve_index=False)
    fields = [field.with_metadata({"unit": units.get(field.name, "")}) for field in table.schema]
    table = table.cast(pa.schema(fields, metadata={"study": record.key, "title": record.title}))
    _replace(folder / PARQUET, lambda path: pq.write_table(table, path))


def _columns(record: StudyRecord) -> tuple[dict[str, list[object]], dict[str, str]]:
    variants = record.variants
    columns: dict[str, list[object]] = {
        "number": [v.number for v in variants],
        "label": [v.label for v in variants],
        "role": [v.role for v in variants],
    }
    units = {"seconds": "s", "memory_MB": "MB"}
    taken = {*_RESERVED, *(output.name for output in record.outputs)}
    for i in record.inputs:
        values = [v.settings.get(i.name) for v in variants]
        if any(isinstance(value, str) for value in values):  # a column has one type
            values = [None if value is None else str(value) for value in values]
        column = f"{i.name}_setting" if i.name in taken else i.name
        columns[column], units[column] = list(values), i.unit
    columns |= {
        "status": [v.status for v in variants],
        "verdict": [v.verdict for v in variants],
        "message": [v.message for v in variants],
    }
    for output in record.outputs:
        found = [v.values.get(output.name) for v in variants]
        known = [None if x is None or x.status == "singular" else x for x in found]
        columns[output.name] = [x.value if x else None for x in known]
        columns[f"{output.name}_uncertainty"] = [x.uncertainty if x else None for x in known]
        columns[f"{output.name}_status"] = [x.status if x else None for x in found]
        units[output.name] = units[f"{output.name}_uncertainty"] = output.unit
    columns |= {
        "seconds": [v.seconds for v in variants],
        "dofs": [v.dofs for v in variants],
        "memory_MB": [v.memory_MB for v in variants],
        "attempts": [v.attempts for v in variants],
        "key": [v.key for v in variants],
        "folder": [v.folder for v in variants],
    }
    return columns, units


def _replace(path: Path, write: Callable[[Path], object]) -> None:
    """A reader never sees half a table."""
    part = path.with_name(f".{path.name}.part")
    write(part)
    part.replace(path)
