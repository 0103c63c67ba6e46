"""A run as an Excel workbook: a sheet for each table, text as text, never a formula."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.tables.reader import read_rows
from gafreduce.reports.tables.schema import ALL_TABLES, Column, Table

#: Limits of Excel: rows of a sheet with the head, and characters of a cell.
MAX_ROWS = 1_048_576
MAX_CHARACTERS = 32_767
_FIRST_SHEET = "about"
_WIDEST, _NARROWEST = 60, 8
#: The same workbook has the same bytes.
_CREATED = datetime.datetime(2000, 1, 1)


def write_workbook(folder: RunFolder, path: Path, _: Path | None = None) -> None:
    """Write all tables of a run: heads are frozen and have filters; a sheet `about` comes first.

    Text is written as text: what begins with `=` is no formula, and no address becomes a link.
    Tables with more rows than a sheet can have are cut, which the sheet `about` says.

    Raises:
        ModuleNotFoundError: XlsxWriter is not installed.
        InputError: A table is missing or damaged.
        OSError: It cannot be written.
    """
    from xlsxwriter.exceptions import FileCreateError

    try:
        _write_book(folder, path)
    except FileCreateError as error:  # its argument is the error of the system
        cause = error.args[0] if error.args else error
        raise (cause if isinstance(cause, OSError) else error) from None


def _write_book(folder: RunFolder, path: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(
        str(path),
        {
            "constant_memory": True,
            "tmpdir": str(path.parent),  # it leaves its files there when a disk is full
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    ) as book:
        book.set_properties({"title": "gafreduce run", "created": _CREATED})
        bold = book.add_format({"bold": True})
        names = [name for name in ALL_TABLES if folder.has_table(name)]
        about = book.add_worksheet(_FIRST_SHEET)
        sheets = {name: book.add_worksheet(name) for name in names}
        counts = {
            name: _write_sheet(sheet, ALL_TABLES[name], folder, bold)
            for name, sheet in sheets.items()
        }
        _write_about(about, folder, counts, bold)


def _write_sheet(sheet: Any, table: Table, folder: RunFolder, bold: Any) -> tuple[int, int]:
    """Write a table; return its number of rows, and the number of rows that are written."""
    sheet.freeze_panes(1, 1)
    for number, column in enumerate(table.columns):
        sheet.set_column(number, number, _choose_width(column))
        sheet.write_string(0, number, column.name, bold)
    n_rows = n_written = 0
    for row in read_rows(folder, table.name):
        n_rows += 1
        if n_rows >= MAX_ROWS:
            continue
        n_written += 1
        for number, column in enumerate(table.columns):
            _write_cell(sheet, n_rows, number, column, row[column.name])
    sheet.autofilter(0, 0, max(n_written, 1), len(table.columns) - 1)
    return n_rows, n_written


def _choose_width(column: Column) -> int:
    """Return the width of a column in characters: rows are written before all are known."""
    wide = {"name", "organism", "line", "object_ids", "go_ids", "reference", "with_from"}
    return 36 if column.name in wide else max(len(column.name) + 3, _NARROWEST)


def _write_cell(sheet: Any, row: int, number: int, column: Column, text: str) -> None:
    if not text:
        return
    if column.type in ("integer", "float") and text not in ("inf", "-inf", "nan"):
        sheet.write_number(row, number, float(text))
    elif column.type == "boolean":
        sheet.write_boolean(row, number, text == "true")
    else:
        sheet.write_string(row, number, text[:MAX_CHARACTERS])


def _write_about(
    sheet: Any, folder: RunFolder, counts: dict[str, tuple[int, int]], bold: Any
) -> None:
    record = folder.read_record()
    target, ontology = record["target"], record["ontology"]
    rows = [
        ("term", f"{target['name']} ({target['go_id']})"),
        ("run", record["run_id"]),
        ("gafreduce", record["gafreduce_version"]),
        ("ontology", ontology["data_version"] or ontology["source"]),
        ("made on", record["created"]),
        ("columns", "docs/formats.md of gafreduce describes all columns"),
        ("lists", "elements of a list are separated by |"),
    ]
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, _WIDEST)
    for number, (name, value) in enumerate(rows):
        sheet.write_string(number, 0, name, bold)
        sheet.write_string(number, 1, str(value))
    for number, (name, (n_rows, n_written)) in enumerate(counts.items(), len(rows) + 1):
        cut = f" (only the first {n_written:,} fit into a sheet)" if n_written < n_rows else ""
        sheet.write_string(number, 0, name, bold)
        sheet.write_string(number, 1, f"{n_rows:,} rows{cut}: {ALL_TABLES[name].description}")
