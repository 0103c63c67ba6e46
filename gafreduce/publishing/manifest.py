"""The manifest: every file of a run folder with its size and checksum; written last."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

NAME = "MANIFEST.tsv"
_HEADER = "path\tbytes\tsha256"
#: What no run is without; their rows are the last, so that a manifest cut short lacks some of them.
_TABLES = "tables/"


def files_of(folder: Path) -> Iterator[Path]:
    """Return the files of a run folder but the manifest, sorted by path."""
    for path in sorted(folder.rglob("*"), key=lambda found: str(found.relative_to(folder))):
        if path.is_file() and path.relative_to(folder) != Path(NAME):
            yield path


def write_manifest(folder: Path) -> Path:
    """Write MANIFEST.tsv (path, bytes, sha256) into a run folder, all at once."""
    rows = [_HEADER]
    for path in files_of(folder):
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        rows.append(f"{path.relative_to(folder)}\t{path.stat().st_size}\t{digest}")
    part = folder / f"{NAME}.part"
    part.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return part.replace(folder / NAME)


def flaw(body: bytes, sizes: Mapping[str, int]) -> str:
    r"""Return in which file a run is not what its manifest says; empty when it is whole.

    Names and sizes are compared, contents are not read. Files of others may lie there too, but
    not among the tables.

    Args:
        body: The manifest.
        sizes: Of the files that are there, by their paths in the run folder.

    >>> flaw(b"path\tbytes\tsha256\ntables/a.tsv\t3\tabc\n", {"tables/a.tsv": 2})
    'tables/a.tsv: expected 3 bytes, got 2'
    """
    *rows, end = body.decode(errors="replace").split("\n")
    columns = [row.split("\t") for row in rows[1:]]
    sound = all(len(row) == 3 and row[1].isdecimal() for row in columns)
    if end or rows[:1] != [_HEADER] or not sound:
        return f"{NAME}: expected a row for each file, got a part of one"
    said = {name: int(size) for name, size, _ in columns}
    for name, size in said.items():
        if sizes.get(name) != size:
            there = f"{sizes[name]}" if name in sizes else "no such file"
            return f"{name}: expected {size} bytes, got {there}"
    unsaid = sorted(name for name in sizes.keys() - said.keys() if name.startswith(_TABLES))
    return f"{unsaid[0]}: expected a row in {NAME}, got none" if unsaid else ""
