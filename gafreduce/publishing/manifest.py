"""The manifest: path, size and checksum of every file of a run folder, written last."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from gafreduce.storage.local import replace_text

NAME = "MANIFEST.tsv"
_HEADER = "path\tbytes\tsha256"


def list_files(folder: Path) -> list[str]:
    """Return the relative paths of the files of a folder but the manifest, sorted."""
    paths = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in paths if path != NAME)


def write_manifest(folder: Path) -> None:
    """Write MANIFEST.tsv (path, bytes, sha256) into a folder, atomically."""
    rows = [_HEADER]
    for name in list_files(folder):
        path = folder / name
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        rows.append(f"{name}\t{path.stat().st_size}\t{digest}")
    with replace_text(folder / NAME) as stream:
        stream.writelines(f"{row}\n" for row in rows)


def find_defect(rows: bytes, sizes: Mapping[str, int], closed: tuple[str, ...]) -> str:
    r"""Return the first difference between a manifest and files; empty when there is none.

    Names and sizes are compared; contents are not read.

    Args:
        rows: The content of the manifest.
        sizes: Bytes of each file, by its path.
        closed: Prefixes of paths below which every file must have a row. The last of them also has
            the last rows, so that a manifest that was cut between two rows is found out.

    >>> find_defect(b"path\tbytes\tsha256\ntables/a.tsv\t3\tabc\n", {"tables/a.tsv": 2}, ())
    'tables/a.tsv: expected 3 bytes, got 2'
    """
    *lines, end = rows.decode(errors="replace").split("\n")
    columns = [line.split("\t") for line in lines[1:]]
    is_sound = all(len(row) == 3 and row[1].isdecimal() for row in columns)
    if end or lines[:1] != [_HEADER] or not is_sound:
        return f"{NAME}: expected a row for each file, got a part of one"
    expected = {name: int(size) for name, size, _ in columns}
    for name, size in expected.items():
        if sizes.get(name) != size:
            got = f"{sizes[name]}" if name in sizes else "no such file"
            return f"{name}: expected {size} bytes, got {got}"
    extra = sorted(name for name in sizes.keys() - expected.keys() if name.startswith(closed))
    return f"{extra[0]}: expected a row in {NAME}, got none" if extra else ""
