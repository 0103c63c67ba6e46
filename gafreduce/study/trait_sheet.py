"""Read the traits of a study: a table of terms with labels and groups (`--terms`)."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from gafreduce.errors import InputError
from gafreduce.regular_file import check_regular_file

_COLUMNS = ("id", "label", "group")
_SEPARATORS = "\t,;"
#: Bounds of a sheet: bytes, traits, characters of a cell.
_MOST_BYTES, MOST_TRAITS, _MOST_CHARACTERS = 1 << 20, 1000, 200


class TraitRow(NamedTuple):
    """A term as the user named it."""

    term: str  # id, alternative id, or exact unique name or synonym
    label: str = ""  # empty: the name of the term
    group: str = ""
    place: str = ""  # `PATH:LINE`, or the option


def list_traits(terms: Sequence[str], sheet: Path | None) -> tuple[TraitRow, ...]:
    """Return the traits of a command line: those of `--term`, then those of the sheet.

    Raises:
        InputError: The sheet cannot be read or used, or there are too many traits.
    """
    rows = (*(TraitRow(term, place=f"--term {term}") for term in terms), *read_sheet(sheet))
    if len(rows) > MOST_TRAITS:
        raise InputError(
            f"expected at most {MOST_TRAITS} terms, got {len(rows)} (make several studies)"
        )
    return rows


def read_sheet(path: Path | None) -> tuple[TraitRow, ...]:
    """Return the rows of a sheet of traits: TSV or CSV with the columns id, label and group.

    Args:
        path: The sheet; None for none. Blank lines and lines that begin with `#` are left out.

    Raises:
        InputError: It cannot be read, or has other columns or an empty id.
    """
    if path is None:
        return ()
    lines = [
        (number, line)
        for number, line in enumerate(_read_text(path).splitlines(), 1)
        if line.strip() and not line.startswith("#")
    ]
    if not lines:
        raise InputError(f"{path}: expected a header row ({', '.join(_COLUMNS)}), got no row")
    (first, header), *rows = lines
    separator = next((each for each in _SEPARATORS if each in header), "\t")
    columns = [name.lower() for name in _split(header, separator, f"{path}:{first}")]
    unknown = [name for name in columns if name not in _COLUMNS]
    if "id" not in columns or unknown or len(set(columns)) < len(columns):
        raise InputError(
            f"{path}:{first}: expected the columns id and, optionally, label and group, got "
            f"{', '.join(columns)} (write a header row with these names)"
        )
    found = tuple(_make_rows(path, rows, separator, columns))
    if not found:
        raise InputError(f"{path}: expected a row for each term, got the header row alone")
    return found


def _make_rows(
    path: Path, rows: Sequence[tuple[int, str]], separator: str, columns: Sequence[str]
) -> Iterator[TraitRow]:
    for number, line in rows:
        place = f"{path}:{number}"
        cells = _split(line, separator, place)
        if len(cells) > len(columns):
            raise InputError(
                f"{place}: expected {len(columns)} cells, got {len(cells)} (quote a cell with "
                f"{separator!r} in it)"
            )
        if max(map(len, cells)) > _MOST_CHARACTERS:
            raise InputError(
                f"{place}: expected cells of at most {_MOST_CHARACTERS} characters, got a longer "
                "one"
            )
        row = dict(zip(columns, cells, strict=False))
        if not row.get("id"):
            raise InputError(f"{place}: expected a term in the column id, got an empty cell")
        yield TraitRow(row["id"], row.get("label", ""), row.get("group", ""), place)


def _split(line: str, separator: str, place: str) -> list[str]:
    try:
        cells = next(csv.reader([line], delimiter=separator, strict=True))
    except csv.Error as error:
        raise InputError(f"{place}: expected quoted cells to end, got {error}") from error
    return ["".join(each if each >= " " else " " for each in cell).strip() for cell in cells]


def _read_text(path: Path) -> str:
    check_regular_file(path)
    try:
        with path.open("rb") as stream:
            content = stream.read(_MOST_BYTES + 1)
        if len(content) > _MOST_BYTES:
            raise InputError(f"{path}: expected at most {_MOST_BYTES:,} bytes, got more")
        return content.decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: expected to read it, got {error.strerror}") from error
    except UnicodeDecodeError as error:
        byte = error.object[error.start]
        raise InputError(
            f"{path}: expected text in UTF-8, got the byte 0x{byte:02x} (save it as UTF-8)"
        ) from error
