"""Read id maps: tables of two columns with ids of the same gene product."""

from __future__ import annotations

import csv
from pathlib import Path

from gafreduce.errors import InputError
from gafreduce.jobs.formats.base import LOCAL, is_accession, split_object_id
from gafreduce.regular_file import check_regular_file

_SEPARATORS = "\t,;"


def read_id_map(path: Path) -> dict[str, str]:
    """Return the id under which a gene product is counted, by each of its ids.

    Each line has two ids of one gene product. Ids that are joined through others are of one gene
    product too; it is counted under the id of the first column that comes first in the file. A
    header row joins two words that no gene product has. Lines with an empty cell join nothing.

    Args:
        path: TSV or CSV (`,` or `;`); lines that begin with `#` are comments.

    Returns:
        `database:id` by id; ids as written, with their database or without.

    Raises:
        InputError: The file is empty, or a line has another number of columns.
    """
    check_regular_file(path)
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: expected a text file in UTF-8, got {error}") from error
    groups = _Groups()
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.startswith("#"):
            first, second = _split(f"{path}:{number}", line)
            if first and second:
                groups.join(first, second)
    counted = {each: _complete(groups.find(each)) for each in groups.first_of}
    if not counted:
        raise InputError(f"{path}: expected lines with two ids, got none")
    return counted


class _Groups:
    """Ids that are joined; each group is known by its id that was a first one before all others."""

    def __init__(self) -> None:
        self.first_of: dict[str, str] = {}  # of each id; or another id on the way to it
        self._order: dict[str, int] = {}

    def join(self, first: str, second: str) -> None:
        """Join two ids and all that are joined to them."""
        for each in (first, second):
            self.first_of.setdefault(each, each)
        self._order.setdefault(first, len(self._order))
        one, other = self.find(first), self.find(second)
        if self._order.get(other, len(self._order)) < self._order[one]:
            one, other = other, one
        self.first_of[other] = one

    def find(self, each: str) -> str:
        """Return the id by which a group is known; the ways to it become shorter."""
        first = each
        while self.first_of[first] != first:
            first = self.first_of[first]
        while each != first:
            self.first_of[each], each = first, self.first_of[each]
        return first


def _split(where: str, line: str) -> tuple[str, str]:
    separator = next((each for each in _SEPARATORS if each in line), "\t")
    try:
        cells = next(csv.reader([line.rstrip("\r")], delimiter=separator))
    except csv.Error:  # no CSV
        cells = [line]
    if len(cells) != 2:
        raise InputError(
            f"{where}: expected two ids, got {len(cells)} columns (keep the columns with ids; "
            "separate them by a tab or a comma)"
        )
    first, second = (cell.strip() for cell in cells)
    return first, second


def _complete(text: str) -> str:
    """Return an id with its database.

    >>> _complete("P39694"), _complete("BSU00010"), _complete("MGI:MGI:1")
    ('UniProtKB:P39694', 'local:BSU00010', 'MGI:MGI:1')
    """
    db, local_id = split_object_id(text)
    return f"{'UniProtKB' if db == LOCAL and is_accession(local_id) else db}:{local_id}"
