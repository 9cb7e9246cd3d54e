"""Variants given one by one: in the study file, or in a table beside it."""

from __future__ import annotations

import io
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
        frame, lines = _frame(path)
    except OSError as error:
        raise InputError(f"the table {path} cannot be read: {error.strerror or error}") from error
    except ValueError as error:  # what pandas and openpyxl say of a file that is no table
        raise InputError(f"{path} is no table: {error}") from error
    columns = [_column(str(header), path) for header in frame.columns]
    names = [name for name, _ in columns]
    if len(set(names)) < len(names) or frame.empty:
        raise InputError(f"{path}: " + ("a column is there twice" if len(set(names)) < len(names) else "no variants"))
    found = []
    for k, cells in enumerate(frame.itertuples(index=False)):
        place = f"{path}, line {lines[k]}"
        values, label = {}, str(k + 1)
        for (name, unit), cell in zip(columns, cells, strict=True):
            text = str(cell).strip()
            if not text:
                raise InputError(f"{place}: {name} is missing")
            if name == LABEL:
                label = text
            else:
                values[name] = f"{text} {unit}".strip()
        found.append(Row(label, values, place))
    return found


def _frame(path: Path) -> tuple[pd.DataFrame, list[int]]:
    """The cells as text, and the line of each row."""
    if path.suffix.lower() == ".xlsx":
        frame = pd.read_excel(path, dtype=str, keep_default_na=False)
        return frame, list(range(2, len(frame) + 2))
    # Lines that are remarks, not all that follows a "#": "Size #3" is a label.
    numbered = enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1)
    kept = [(number, line) for number, line in numbered if line.strip() and not line.lstrip().startswith("#")]
    text = io.StringIO("\n".join(line for _, line in kept))
    frame = pd.read_csv(text, dtype=str, keep_default_na=False, skipinitialspace=True, index_col=False)
    return frame, [number for number, _ in kept[1:]]


def _column(header: str, path: Path) -> tuple[str, str]:
    """Name and unit of a column."""
    name, bracket, unit = header.partition("[")
    name = name.strip()
    if not name or name.startswith("Unnamed") or (bracket and not unit.strip().endswith("]")):
        raise InputError(f"{path}: '{header}' is no header such as 'label' or 'neck_diameter [mm]'")
    return LABEL if name.lower() in _LABELS else name, unit.strip().rstrip("]").strip()
