"""Read sample sheets, which list input files with their properties, and files of organism names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gafreduce.errors import InputError
from gafreduce.jobs.model.taxon import parse_taxon_id
from gafreduce.regular_file import check_regular_file
from gafreduce.storage.resolve import resolve_relative

COLUMNS = ("path", "format", "taxon_id", "organism", "compare", "complete", "companion")
_TRUE = frozenset({"true", "yes", "1"})
_FALSE = frozenset({"false", "no", "0"})
#: The name class of the names that NCBI Taxonomy displays.
_SCIENTIFIC = "scientific name"


@dataclass(frozen=True)
class SheetRow:
    """A file of a sample sheet; an empty cell is None or ""."""

    path: str  # an absolute path or a URI
    format: str | None = None
    taxon_id: int | None = None
    organism: str = ""
    compare: bool | None = None
    complete: bool | None = None
    companion: str = ""
    line: int = 0  # in the sheet, 1-based


def is_sheet(beginning: str) -> bool:
    """Return whether a file with this beginning is a sample sheet: it has a column `path`."""
    for line in beginning.split("\n"):
        if line.strip() and not line.startswith("#"):
            return "path" in line.rstrip("\r").split("\t")
    return False


def _read_lines(path: Path, label: str) -> Iterator[tuple[int, str]]:
    """Yield the lines that are neither blank nor comments, with their 1-based numbers."""
    check_regular_file(path)
    try:
        with path.open(encoding="utf-8-sig", newline="\n") as stream:
            for number, line in enumerate(stream, 1):
                if line.strip() and not line.startswith("#"):
                    yield number, line.rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{label}: expected a text file in UTF-8, got {error}") from error


def read_sheet(path: Path, folder: str, label: str | None = None) -> tuple[SheetRow, ...]:
    """Return the rows of a sample sheet.

    Args:
        path: The sheet.
        folder: The folder or URI to which relative paths are relative.
        label: The name of the sheet in messages; its path when None.

    Raises:
        InputError: It has no column `path`, an unknown column, no row, or a wrong cell; the message
            gives file and line.
    """
    label = label or str(path)
    lines = _read_lines(path, label)
    number, header = next(lines, (0, ""))
    if not number:
        raise InputError(f"{label}: expected a sample sheet, got an empty file")
    names = [cell.strip() for cell in header.split("\t")]
    unknown = [cell for cell in names if cell not in COLUMNS]
    if unknown or "path" not in names or len(set(names)) < len(names):
        raise InputError(
            f"{label}:{number}: expected columns `path` and any of {', '.join(COLUMNS[1:])}, "
            f"each once, got {', '.join(names)}"
        )
    rows = tuple(
        _read_row(f"{label}:{number}", folder, number, names, line) for number, line in lines
    )
    if not rows:
        raise InputError(f"{label}: expected a row for each file, got none (name the files)")
    return rows


def _read_row(where: str, folder: str, number: int, names: list[str], line: str) -> SheetRow:
    cells = [cell.strip() for cell in line.split("\t")]
    if len(cells) > len(names):
        raise InputError(f"{where}: expected {len(names)} columns, got {len(cells)}")
    row = dict.fromkeys(COLUMNS, "") | dict(zip(names, cells, strict=False))
    if not row["path"]:
        raise InputError(f"{where}: expected a path, got an empty cell")
    return SheetRow(
        path=resolve_relative(folder, row["path"]),
        format=row["format"] or None,
        taxon_id=_parse_taxon(row["taxon_id"], where) if row["taxon_id"] else None,
        organism=row["organism"],
        compare=_parse_boolean(row["compare"], where, "compare"),
        complete=_parse_boolean(row["complete"], where, "complete"),
        companion=resolve_relative(folder, row["companion"]) if row["companion"] else "",
        line=number,
    )


def _parse_taxon(text: str, where: str) -> int:
    taxon_id = parse_taxon_id(text.removeprefix("taxon:"))
    if not taxon_id:
        raise InputError(f"{where}: expected a taxon id such as 224308, got {text[:100]!r}")
    return taxon_id


def _parse_boolean(text: str, where: str, column: str) -> bool | None:
    if not text:
        return None
    if text.lower() in _TRUE | _FALSE:
        return text.lower() in _TRUE
    raise InputError(f"{where}: expected true or false in `{column}`, got {text!r}")


def read_organism_names(path: Path) -> dict[int, str]:
    """Return organism names by taxon id.

    Args:
        path: Lines of `taxon_id<TAB>name`, or names.dmp of NCBI Taxonomy: its scientific names
            are used.

    Raises:
        InputError: A line has another form; the message gives file and line.
    """
    names: dict[int, str] = {}
    for number, line in _read_lines(path, str(path)):
        where = f"{path}:{number}"
        if "\t|" in line:
            cells = [cell.strip() for cell in line.split("|")]
            if len(cells) < 4:
                raise InputError(f"{where}: expected four fields of names.dmp, got {line[:100]!r}")
            if cells[3] == _SCIENTIFIC:
                names[_parse_taxon(cells[0], where)] = cells[1]
            continue
        taxon, tab, name = line.partition("\t")
        if not tab or not name.strip():
            raise InputError(f"{where}: expected `taxon_id<TAB>name`, got {line[:100]!r}")
        if not (number == 1 and not taxon.strip().isdigit()):  # the first row may be a header
            names[_parse_taxon(taxon.strip(), where)] = name.strip()
    return names
