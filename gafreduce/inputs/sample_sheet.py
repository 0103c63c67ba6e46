"""Read sample sheets, which list input files with their properties, and files of organism names."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, NamedTuple

from gafreduce.errors import InputError
from gafreduce.jobs.model.organisms import is_sample_name
from gafreduce.jobs.model.taxon import parse_taxon_id
from gafreduce.regular_file import check_regular_file
from gafreduce.storage.resolve import resolve_relative

COLUMNS = (
    *("path", "format", "taxon_id", "organism", "sample", "pool_taxa", "group"),
    *("compare", "complete", "companion"),
    "n_gene_products",  # not read: `gafreduce sheet` writes it for people
)
#: What separates the columns of a sheet, most likely first.
_SEPARATORS = ("\t", ",", ";")
#: A first line by which Excel knows the separator of a CSV file.
_SEPARATOR_LINE = re.compile(r"\"?sep=[,;\t]\"?\s*", re.IGNORECASE)
#: Bounds of a line in bytes and of a cell in characters; paths of this machine have 4,096 at most.
_MOST_BYTES, _MOST_CHARACTERS = 1 << 20, 4096
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
#: The marks of UTF-16, in which spreadsheets save "Unicode text"; the most bytes of such a sheet.
_UTF_16_MARKS, _MOST_UTF_16 = (b"\xff\xfe", b"\xfe\xff"), 64 << 20
_TRUE = frozenset({"true", "yes", "1"})
_FALSE = frozenset({"false", "no", "0"})
#: Cells that R, pandas and people write for nothing.
_EMPTY = frozenset({"NA", "N/A", "#N/A", "<NA>", "NaN", "nan", "None", "NULL", "-", "--"})
#: Columns, in a table with other columns too, by which it is a sheet; `path` is one.
_ENOUGH = 2
#: The name class of the names that NCBI Taxonomy displays.
_SCIENTIFIC = "scientific name"


class SheetRow(NamedTuple):
    """A file of a sample sheet; an empty cell is None or ""."""

    path: str  # an absolute path or a URI
    format: str | None = None
    taxon_id: int | None = None
    organism: str = ""
    sample: str = ""
    pool_taxa: bool = False
    group: str = ""
    compare: bool | None = None
    complete: bool | None = None
    companion: str = ""
    line: int = 0  # in the sheet, 1-based


def is_sheet(beginning: bytes) -> bool:
    """Return whether a file with this beginning is a sample sheet.

    Its header row has a column `path`, and another of a sheet or no other; if tabs separate it,
    `path` in small letters is enough.
    """
    encoding = "utf-16" if beginning.startswith(_UTF_16_MARKS) else "utf-8-sig"
    for line in beginning.decode(encoding, "replace").split("\n"):
        if line.strip() and not line.startswith("#") and not _SEPARATOR_LINE.fullmatch(line):
            _, names = _split_header(line.rstrip("\r"))
            n_known = len(set(names).intersection(COLUMNS))
            is_enough = n_known >= min(_ENOUGH, len(names))
            return "path" in names and (is_enough or "path" in line.rstrip("\r").split("\t"))
    return False


def _split_header(line: str) -> tuple[str, list[str]]:
    """Return the separator of a sheet, and the names of its columns.

    >>> _split_header('Path,"Taxon ID",,')
    (',', ['path', 'taxon_id'])
    """
    separator = next((each for each in _SEPARATORS if each in line), "\t")
    names = [re.sub(r"[\s-]+", "_", cell.strip().lower()) for cell in _split(line, separator)]
    while names and not names[-1]:  # of a spreadsheet
        del names[-1]
    return separator, names


def _split(line: str, separator: str) -> list[str]:
    """Return the cells of a line; those of CSV may be quoted."""
    if separator == "\t":
        return line.split("\t")
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:  # no CSV
        return [line]


def _read_lines(path: Path, label: str) -> Iterator[tuple[int, str]]:
    """Yield the lines that are neither blank nor comments, with their 1-based numbers."""
    check_regular_file(path)
    try:
        with path.open("rb") as stream:
            text = _open_as_utf_8(stream, label)
            lines = iter(lambda: text.readline(_MOST_BYTES + 1), b"")
            for number, stored in enumerate(lines, 1):
                line = _decode(stored, f"{label}:{number}", is_first=number == 1)
                if line.strip() and not line.startswith("#"):
                    yield number, line.rstrip("\r\n")
    except OSError as error:
        raise InputError(f"{label}: expected to read it, got {error.strerror}") from error


def _open_as_utf_8(stream: BinaryIO, label: str) -> BinaryIO:
    """Return a file, or its text if it is in UTF-16 with a mark.

    Raises:
        InputError: It is damaged, or too large.
    """
    mark = stream.read(2)
    stream.seek(0)
    if mark not in _UTF_16_MARKS:
        return stream
    stored = stream.read(_MOST_UTF_16 + 1)
    try:
        if len(stored) <= _MOST_UTF_16:
            return io.BytesIO(stored.decode("utf-16").encode())
    except UnicodeError:
        pass
    raise InputError(f"{label}: expected text in UTF-8, got damaged UTF-16 (save it as UTF-8)")


def _decode(stored: bytes, where: str, *, is_first: bool) -> str:
    """Return a line as text.

    Raises:
        InputError: It is too long, or no text in UTF-8.
    """
    if len(stored) > _MOST_BYTES:
        raise InputError(
            f"{where}: expected lines of at most {_MOST_BYTES:,} bytes, got a longer one"
        )
    try:
        text = (stored.removeprefix(_BYTE_ORDER_MARK) if is_first else stored).decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{where}: expected text in UTF-8, got the byte 0x{error.object[error.start]:02x} "
            "(save it as UTF-8)"
        ) from error
    if "\0" in text:
        raise InputError(f"{where}: expected text, got a NUL character (save it as UTF-8)")
    return text


def _check_cells(cells: Iterable[str], where: str) -> None:
    """Check that no cell is too long: each is repeated in the rows of many tables.

    Raises:
        InputError: One is.
    """
    longest = max(map(len, cells), default=0)
    if longest > _MOST_CHARACTERS:
        raise InputError(
            f"{where}: expected cells of at most {_MOST_CHARACTERS:,} characters, got one of "
            f"{longest:,}"
        )


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
    if _SEPARATOR_LINE.fullmatch(header):
        number, header = next(lines, (0, ""))
    if not number:
        raise InputError(f"{label}: expected a sample sheet, got an empty file")
    separator, names = _split_header(header)
    unknown = [cell for cell in names if cell not in COLUMNS]
    if unknown or "path" not in names or len(set(names)) < len(names):
        raise InputError(
            f"{label}:{number}: expected columns `path` and any of {', '.join(COLUMNS[1:])}, "
            f"each once, got {', '.join(names)}"
        )
    rows = tuple(
        _read_row(f"{label}:{number}", folder, number, names, _split(line, separator))
        for number, line in lines
    )
    if not rows:
        raise InputError(f"{label}: expected a row for each file, got none (name the files)")
    return rows


def _read_row(where: str, folder: str, number: int, names: list[str], cells: list[str]) -> SheetRow:
    cells = ["" if cell.strip() in _EMPTY else cell.strip() for cell in cells]
    _check_cells(cells, where)
    if any(cells[len(names) :]):
        raise InputError(f"{where}: expected {len(names)} columns, got {len(cells)}")
    row = dict.fromkeys(COLUMNS, "") | dict(zip(names, cells, strict=False))
    if not row["path"]:
        raise InputError(f"{where}: expected a path, got an empty cell")
    _check_sample(row, where)
    return SheetRow(
        path=resolve_relative(folder, row["path"]),
        format=row["format"] or None,
        taxon_id=_parse_taxon(row["taxon_id"], where) if row["taxon_id"] else None,
        organism=row["organism"],
        sample=row["sample"],
        pool_taxa=bool(_parse_boolean(row["pool_taxa"], where, "pool_taxa")),
        group=row["group"],
        compare=_parse_boolean(row["compare"], where, "compare"),
        complete=_parse_boolean(row["complete"], where, "complete"),
        companion=resolve_relative(folder, row["companion"]) if row["companion"] else "",
        line=number,
    )


def _check_sample(row: Mapping[str, str], where: str) -> None:
    if row["sample"] and not is_sample_name(row["sample"]):
        raise InputError(
            f"{where}: expected a name of 1 to 64 of A-Z a-z 0-9 . _ - in `sample`, not of digits "
            f"alone, got {row['sample'][:100]!r}"
        )
    if row["pool_taxa"] and not row["sample"]:
        raise InputError(f"{where}: expected a `sample` beside `pool_taxa`, got none (name it)")


def _parse_taxon(text: str, where: str) -> int:
    taxon_id = parse_taxon_id(text.removeprefix("taxon:").removesuffix(".0"))
    if not taxon_id:
        raise InputError(f"{where}: expected a taxon id such as 224308, got {text[:100]!r}")
    return taxon_id


def _parse_boolean(text: str, where: str, column: str) -> bool | None:
    if not text:
        return None
    if text.lower() in _TRUE | _FALSE:
        return text.lower() in _TRUE
    raise InputError(f"{where}: expected true or false in `{column}`, got {text[:100]!r}")


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
        _check_cells(line.split("\t"), where)
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
