"""Holds a peer's tables against ours: no time is told of tables that differ.

    python compare.py OUR_TABLES PEER_TABLES

Every column that the peer wrote is compared, text by text, row by row, as streams: both sides are
sorted by the table's key.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator
from itertools import zip_longest
from pathlib import Path

#: What a peer may write. A peer that gets less far writes fewer tables or fewer columns.
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
    """Return in words what differs: nothing when all that the peer wrote is the same.

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
    """Return in words which tables a peer wrote, and how many columns of each."""
    return ", ".join(
        f"{name} ({len(column_names(peer / f'{name}.tsv'))})"
        for name in TABLES
        if (peer / f"{name}.tsv").is_file()
    )


if __name__ == "__main__":
    found = differences(Path(sys.argv[1]), Path(sys.argv[2]))
    print("\n".join(found) or f"the same: {what_is_compared(Path(sys.argv[2]))}")
    sys.exit(bool(found))
