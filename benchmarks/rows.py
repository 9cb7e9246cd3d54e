"""bench.csv: one number a row."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """One number of one run; ``value`` is None where there is only a note, such as why it was not run."""

    part: str
    case: str = ""
    code: str = ""
    version: str = ""
    threads: int = 1
    dofs: int = 0
    repeat: int = 1
    quantity: str = ""
    value: float | None = None
    unit: str = ""
    load: float = 0.0
    note: str = ""


def replace_parts(path: Path, rows: Sequence[Row]) -> None:
    """Write rows, and keep those that the file has of other parts."""
    parts = {row.part for row in rows}
    kept = []
    if path.exists():
        with path.open(newline="") as file:
            kept = [line for line in csv.DictReader(file) if line["part"] not in parts]
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Row)], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(kept)
        writer.writerows(asdict(row) for row in rows)
