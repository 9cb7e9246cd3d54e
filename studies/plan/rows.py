"""Variants given one by one: in the study file, or in a table beside it."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from devices.parameters import InputError

LABEL = "label"
_LABELS = (LABEL, "size", "name", "variant")


@dataclass(frozen=True)
class Row:
    """A variant as it was given.

    Attributes
    ----------
    label : str
    values : dict
        By setting, with units where they were given.
    place : str
        Where it stands, for messages.
    """

    label: str
    values: dict[str, Any]
    place: str


def rows_of(variants: list[Mapping[str, Any]]) -> list[Row]:
    """Variants of the study file."""
    found = []
    for k, variant in enumerate(variants):
        values = {name: value for name, value in variant.items() if name != LABEL}
        found.append(Row(str(variant.get(LABEL, k + 1)), values, f"variant {k + 1}"))
    return found


def read_table(path: Path) -> list[Row]:
    """Variants of a table, one a row; a unit may stand in the header, as in "neck_diameter [mm]".

    Parameters
    ----------
    path : Path
        .csv or .xlsx (its first sheet).

    Raises
    ------
    InputError
        If it cannot be read, holds no variants, or a header or a cell is missing.
    """
    try:
        lines = _spreadsheet(path) if path.suffix.lower() == ".xlsx" else _text(path)
    except OSError as error:
        raise InputError(f"the table {path} cannot be read: {error.strerror or error}") from error
    except (
        ValueError,
        csv.Error,
        zipfile.BadZipFile,
        KeyError,
    ) as error:  # what the readers say of a file that is no table
        raise InputError(f"{path} is no table: {error}") from error
    if not lines:
        raise InputError(f"{path} is no table: it is empty")
    columns = [_column(header, path) for header in lines[0][1]]
    names = [name for name, _ in columns]
    if len(set(names)) < len(names) or len(lines) == 1:
        raise InputError(f"{path}: " + ("a column is there twice" if len(set(names)) < len(names) else "no variants"))
    found: list[Row] = []
    for number, cells in lines[1:]:
        place = f"{path}, line {number}"
        if len(cells) != len(columns):
            raise InputError(f"{place}: {len(cells)} cells under {len(columns)} headers")
        values, label = {}, str(len(found) + 1)
        for (name, unit), cell in zip(columns, cells, strict=True):
            if not cell:
                raise InputError(f"{place}: {name} is missing")
            if name == LABEL:
                label = cell
            else:
                values[name] = f"{cell} {unit}".strip()
        found.append(Row(label, values, place))
    return found


def _text(path: Path) -> list[tuple[int, list[str]]]:
    """Cells of a file of comma-separated values, with their line; lines that begin with "#" are remarks."""
    numbered = enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1)
    kept = [(number, line) for number, line in numbered if line.strip() and not line.lstrip().startswith("#")]
    return [
        (number, [cell.strip() for cell in next(csv.reader([line], skipinitialspace=True, strict=True))])
        for number, line in kept
    ]


def _spreadsheet(path: Path) -> list[tuple[int, list[str]]]:
    """Cells of the first sheet, with their row; rows without any content are passed over."""
    frame = pd.read_excel(path, dtype=str, keep_default_na=False, header=None)
    rows = [[str(cell).strip() for cell in row] for row in frame.itertuples(index=False)]
    return [(k, row) for k, row in enumerate(rows, 1) if any(row)]


def _column(header: str, path: Path) -> tuple[str, str]:
    """Name and unit of a column."""
    name, bracket, unit = header.partition("[")
    name = name.strip()
    if not name or name.startswith("Unnamed") or (bracket and not unit.strip().endswith("]")):
        raise InputError(f"{path}: '{header}' is no header such as 'label' or 'neck_diameter [mm]'")
    return LABEL if name.lower() in _LABELS else name, unit.strip().rstrip("]").strip()
