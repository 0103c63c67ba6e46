"""The sample sheet: which files, and what is to be known of each; and files of organism names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from glob import escape
from pathlib import Path

from gafreduce.errors import InputError

COLUMNS = ("path", "format", "taxon_id", "organism", "compare", "complete", "companion")
_TRUE = frozenset({"true", "yes", "1"})
_FALSE = frozenset({"false", "no", "0"})
#: The name class of the names that NCBI Taxonomy shows first.
_SCIENTIFIC = "scientific name"
_ELSEWHERE = re.compile(r"/|[a-z0-9]+://")
_GLOB = re.compile(r"[*?[]")


class SheetError(InputError):
    """A sample sheet or a file of names can't be read."""


@dataclass(frozen=True)
class SheetRow:
    """One file of a sample sheet; what a cell leaves open is None or empty."""

    path: str  # absolute, or s3://
    format: str | None = None
    taxon_id: int | None = None
    organism: str = ""
    compare: bool | None = None
    complete: bool | None = None
    companion: str = ""
    line: int = 0  # of the sheet, 1-based


def is_sheet(beginning: str) -> bool:
    """Tell whether a file that begins so is a sample sheet: one of its columns is named `path`."""
    for line in beginning.split("\n"):
        if line.strip() and not line.startswith("#"):
            return "path" in line.rstrip("\r").split("\t")
    return False


def _lines(path: Path, name: str) -> Iterator[tuple[int, str]]:
    """Yield the lines that say something, with their 1-based numbers."""
    try:
        with path.open(encoding="utf-8-sig", newline="\n") as stream:
            for number, line in enumerate(stream, 1):
                if line.strip() and not line.startswith("#"):
                    yield number, line.rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SheetError(f"{name}: expected a text file in UTF-8, got {error}") from error


def read_sheet(path: Path, beside: str, name: str | None = None) -> tuple[SheetRow, ...]:
    """Return the rows of a sample sheet.

    Args:
        path: Of the sheet.
        beside: The folder, or s3:// prefix, that relative paths begin at.
        name: What to call it in errors; its path when None.

    Raises:
        SheetError: It has no `path`, a column that is not known, no row, or a cell that can't be
            read; the message gives file and line.
    """
    name = name or str(path)
    lines = _lines(path, name)
    number, header = next(lines, (0, ""))
    if not number:
        raise SheetError(f"{name}: expected a sample sheet, got an empty file")
    names = [cell.strip() for cell in header.split("\t")]
    unknown = [cell for cell in names if cell not in COLUMNS]
    if unknown or "path" not in names or len(set(names)) < len(names):
        raise SheetError(
            f"{name}:{number}: expected columns `path` and any of {', '.join(COLUMNS[1:])}, "
            f"each once, got {', '.join(names)}"
        )
    rows = tuple(_read_row(name, beside, number, names, line) for number, line in lines)
    if not rows:
        raise SheetError(f"{name}: expected a row for each file, got none (name the files)")
    return rows


def _read_row(sheet: str, beside: str, number: int, names: list[str], line: str) -> SheetRow:
    cells = [cell.strip() for cell in line.split("\t")]
    where = f"{sheet}:{number}"
    if len(cells) > len(names):
        raise SheetError(f"{where}: expected {len(names)} columns, got {len(cells)}")
    row = dict.fromkeys(COLUMNS, "") | dict(zip(names, cells, strict=False))
    if not row["path"]:
        raise SheetError(f"{where}: expected a path, got an empty cell")
    return SheetRow(
        path=_beside(beside, row["path"]),
        format=row["format"] or None,
        taxon_id=_taxon(row["taxon_id"], where) if row["taxon_id"] else None,
        organism=row["organism"],
        compare=_boolean(row["compare"], where, "compare"),
        complete=_boolean(row["complete"], where, "complete"),
        companion=_beside(beside, row["companion"]) if row["companion"] else "",
        line=number,
    )


def _beside(folder: str, path: str) -> str:
    """Return a path of a sheet as it is meant: absolute, or relative to where the sheet lies."""
    if _ELSEWHERE.match(path):
        return path
    if "://" not in folder and _GLOB.search(path) and not Path(folder, path).exists():
        folder = escape(folder)  # only what stands in the sheet is meant as a glob
    return f"{folder}/{path}"


def _taxon(text: str, where: str) -> int:
    number = text.removeprefix("taxon:")
    if not (number.isascii() and number.isdigit() and int(number)):
        raise SheetError(f"{where}: expected a taxon id such as 224308, got {text!r}")
    return int(number)


def _boolean(text: str, where: str, column: str) -> bool | None:
    if not text:
        return None
    if text.lower() in _TRUE | _FALSE:
        return text.lower() in _TRUE
    raise SheetError(f"{where}: expected true or false in `{column}`, got {text!r}")


def read_organism_names(path: Path) -> dict[int, str]:
    """Return organism names by taxon.

    Args:
        path: Lines of `taxon_id<TAB>name`, or names.dmp of NCBI Taxonomy, of which the scientific
            names are taken.

    Raises:
        SheetError: A line is neither; the message gives file and line.
    """
    names: dict[int, str] = {}
    for number, line in _lines(path, str(path)):
        where = f"{path}:{number}"
        if "\t|" in line:
            cells = [cell.strip() for cell in line.split("|")]
            if len(cells) < 4:
                raise SheetError(f"{where}: expected four fields of names.dmp, got {line[:100]!r}")
            if cells[3] == _SCIENTIFIC:
                names[_taxon(cells[0], where)] = cells[1]
            continue
        taxon, tab, name = line.partition("\t")
        if not tab or not name.strip():
            raise SheetError(f"{where}: expected `taxon_id<TAB>name`, got {line[:100]!r}")
        if not (number == 1 and not taxon.strip().isdigit()):  # a header row may stand first
            names[_taxon(taxon.strip(), where)] = name.strip()
    return names
