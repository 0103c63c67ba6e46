"""Compare a peer's tables with ours, since the time of different tables means nothing.

    python compare.py OUR_TABLES PEER_TABLES

Every column that the peer wrote is compared, text by text, row by row, as streams: both sides are
sorted by the table's key.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator
from itertools import zip_longest
from pathlib import Path

#: The tables a peer may write; some peers write fewer tables or columns.
TABLES = ("profile", "terms", "organisms", "annotations")


def rows(path: Path, columns: list[str]) -> Iterator[tuple[str, ...]]:
    """Yield some columns of a TSV."""
    with path.open(encoding="utf-8", newline="\n") as stream:
        names = stream.readline().rstrip("\n").split("\t")
        places = [names.index(name) for name in columns]
        for line in stream:
            cells = line.rstrip("\n").split("\t")
            yield tuple(cells[place] for place in places)


def column_names(path: Path) -> list[str]:
    """Return the columns of a TSV."""
    with path.open(encoding="utf-8", newline="\n") as stream:
        return stream.readline().rstrip("\n").split("\t")


def differences(ours: Path, peer: Path, without: Collection[str] = ()) -> list[str]:
    """Describe the differences; the list is empty when every column of the peer equals ours.

    Args:
        ours: Folder with our tables.
        peer: Folder with the peer's; a peer without any table differs.
        without: Columns left out.
    """
    found = []
    written = [name for name in TABLES if (peer / f"{name}.tsv").is_file()]
    if not written:
        found.append(f"{peer}: no table was written")
    for name in written:
        columns = [c for c in column_names(peer / f"{name}.tsv") if c not in without]
        pairs = zip_longest(
            rows(ours / f"{name}.tsv", columns), rows(peer / f"{name}.tsv", columns)
        )
        different = next((pair for pair in enumerate(pairs, 2) if pair[1][0] != pair[1][1]), None)
        if different:
            line, (one, other) = different
            found.append(f"{name}.tsv:{line}: ours {one}, the peer's {other}")
    return found


def what_is_compared(peer: Path) -> str:
    """Describe the tables that a peer wrote and the number of their columns."""
    return ", ".join(
        f"{name} ({len(column_names(peer / f'{name}.tsv'))})"
        for name in TABLES
        if (peer / f"{name}.tsv").is_file()
    )


if __name__ == "__main__":
    found = differences(Path(sys.argv[1]), Path(sys.argv[2]))
    print("\n".join(found) or f"the same: {what_is_compared(Path(sys.argv[2]))}")
    sys.exit(bool(found))
