"""The sample sheet: which files, and what is to be known of each; and files of organism names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

COLUMNS = ("path", "format", "taxon_id", "organism", "compare", "complete", "companion")
_TRUE = frozenset({"true", "yes", "1"})
_FALSE = frozenset({"false", "no", "0"})
#: The name class of the names that NCBI Taxonomy shows first.
_SCIENTIFIC = "scientific name"


class SheetError(ValueError):
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


def is_sheet(beginning: str) -> bool:
    """Tell whether a file that begins so is a sample sheet: one of its columns is named `path`."""
    for line in beginning.split("\n"):
        if line.strip() and not line.startswith("#"):
            return "path" in line.rstrip("\r").split("\t")
    return False


def _lines(path: Path) -> list[tuple[int, str]]:
    """Return the lines that say something, with their 1-based numbers."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SheetError(f"{path}: expected a text file in UTF-8, got {error}") from error
    lines = ((n, line.rstrip("\r")) for n, line in enumerate(text.split("\n"), 1))
    return [(n, line) for n, line in lines if line.strip() and not line.startswith("#")]


def read_sheet(path: Path, beside: str) -> tuple[SheetRow, ...]:
    """Return the rows of a sample sheet.

    Args:
        path: Of the sheet.
        beside: The folder, or s3:// prefix, that relative paths begin at.

    Raises:
        SheetError: It has no `path`, a column that is not known, or a cell that can't be read; the
            message gives file and line.
    """
    lines = _lines(path)
    if not lines:
        raise SheetError(f"{path}: expected a sample sheet, got an empty file")
    names = [name.strip() for name in lines[0][1].split("\t")]
    unknown = [name for name in names if name not in COLUMNS]
    if unknown or "path" not in names:
        raise SheetError(
            f"{path}:{lines[0][0]}: expected columns `path` and any of {', '.join(COLUMNS[1:])}, "
            f"got {', '.join(names)}"
        )
    return tuple(_read_row(path, beside, number, names, line) for number, line in lines[1:])


def _read_row(sheet: Path, beside: str, number: int, names: list[str], line: str) -> SheetRow:
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
    )


def _beside(folder: str, path: str) -> str:
    """Return a path of a sheet as it is meant: absolute, or relative to where the sheet lies."""
    return path if path.startswith(("s3://", "hdfs://", "/")) else f"{folder}/{path}"


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
    for number, line in _lines(path):
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
