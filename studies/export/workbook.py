"""Tables as a workbook (XLSX) or as comma-separated values."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from studies.export.sheets import Sheet, Value

NARROWEST, WIDEST = 9, 60  # characters


def write_workbook(path: Path, sheets: Sequence[Sheet]) -> None:
    """Write one worksheet a table: numbers as numbers, the header frozen, columns as wide as what they hold."""
    book = Workbook()
    book.remove(book.active)
    for sheet in sheets:
        page = book.create_sheet(sheet.name)
        for i, row in enumerate([sheet.header, *sheet.rows], start=1):
            for j, value in enumerate(row, start=1):
                cell = page.cell(i, j, _clean(value))
                if isinstance(value, str):
                    cell.data_type = "s"  # also where it begins like a formula
                    cell.alignment = Alignment(vertical="top", wrap_text=len(value) > WIDEST)
                else:
                    cell.alignment = Alignment(vertical="top")
        for cell in page[1]:
            cell.font = Font(bold=True)
        for j in range(len(sheet.header)):
            longest = max(len(_shown(row[j])) for row in [sheet.header, *sheet.rows])
            page.column_dimensions[get_column_letter(j + 1)].width = min(max(longest + 2, NARROWEST), WIDEST)
        page.freeze_panes = "A2"
    book.save(path)


def write_csv(path: Path, sheet: Sheet) -> None:
    """Write a table with all digits; what is not known is empty."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(sheet.header)
        writer.writerows(sheet.rows)


def _clean(value: Value) -> Value:
    return ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value


def _shown(value: Value) -> str:
    """About what a spreadsheet shows of a value."""
    return f"{value:.9g}" if isinstance(value, float) else "" if value is None else str(value)
