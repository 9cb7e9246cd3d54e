"""Curves as comma-separated values."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from protocols.result import Table


def write_tables(folder: Path, tables: Sequence[Table]) -> None:
    """Write each table as ``folder``/<name>.csv; no folder if there is none."""
    if tables:
        folder.mkdir(exist_ok=True)
    for table in tables:
        with (folder / f"{table.name}.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(table.columns)
            for row in zip(*table.columns.values(), strict=True):
                writer.writerow([value if isinstance(value, str) else f"{value:.8g}" for value in row])
