"""The manifest: path, size and checksum of every file of a run folder, written last."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path, PurePath
from typing import NamedTuple

from gafreduce.storage.replace_file import replace_file

NAME = "MANIFEST.tsv"
#: Files of which the checksums are compared wherever sizes are, up to this size of all of them.
_CHEAP_BYTES = 256 << 20
_BYTES = re.compile("[0-9]{1,18}")
_HEADER = "path\tbytes\tsha256"


class Row(NamedTuple):
    """Size and checksum of a file, as the manifest states them."""

    bytes: int
    sha256: str


class Defect(NamedTuple):
    """A difference between a manifest and the files."""

    path: str
    kind: str  # missing, extra, size, checksum or manifest
    text: str

    def __str__(self) -> str:
        """Return the path and the difference."""
        return f"{self.path}: {self.text}"


def list_files(folder: Path) -> list[str]:
    """Return the relative paths of all but folders below a folder, sorted, without the manifest.

    Links are among them: they are not followed.
    """
    return sorted(name for name in _iterate_files(folder) if name != NAME)


def has_files(folder: Path) -> bool:
    """Return whether anything but folders is below a folder; only the first one is looked for."""
    return any(True for _ in _iterate_files(folder))


def _iterate_files(folder: Path) -> Iterator[str]:
    for where, folders, files in os.walk(folder):
        below = Path(where)
        links = [name for name in folders if (below / name).is_symlink()]
        yield from ((below / name).relative_to(folder).as_posix() for name in (*files, *links))


def list_sizes(folder: Path) -> dict[str, int]:
    """Return the size of each file below a folder, by its path in it; -1 for links and others."""
    sizes = {name: find_size(folder / name) for name in list_files(folder)}
    return {name: size for name, size in sizes.items() if size is not None}


def find_size(path: Path) -> int | None:
    """Return the size of a file; -1 for a link and others, None if it does not exist."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else -1


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_manifest(
    folder: Path, kept: Mapping[str, Row] | None = None, made: Iterable[str] | None = None
) -> None:
    """Write MANIFEST.tsv (path, bytes, sha256) into a folder, atomically.

    Args:
        folder: The run folder.
        kept: Rows of an earlier manifest that stay as they are.
        made: Paths of new files; None for all files of the folder.
    """
    rows = dict(kept or {})
    for name in list_files(folder) if made is None else made:
        path = folder / name
        rows[name] = Row(path.stat().st_size, hash_file(path))
    lines = [_HEADER, *(f"{name}\t{row.bytes}\t{row.sha256}" for name, row in sorted(rows.items()))]
    with replace_file(folder / NAME) as stream:
        stream.write(("\n".join(lines) + "\n").encode())


def copy_rows(folder: Path, outer: Path) -> None:
    """Replace the rows of a run folder in the manifest of its study by those of its own manifest.

    Args:
        folder: The run folder, somewhere below `outer`.
        outer: The folder of the study. Its manifest stays as it is if one of both is damaged.
    """
    own, rows = (parse_rows((each / NAME).read_bytes()) for each in (folder, outer))
    if own is None or rows is None:
        return
    below = f"{folder.relative_to(outer).as_posix()}/"
    kept = {name: row for name, row in rows.items() if not name.startswith(below)}
    kept.update({below + name: row for name, row in own.items()})
    write_manifest(outer, kept, [below + NAME])


def parse_rows(content: bytes) -> dict[str, Row] | None:
    r"""Return the rows of a manifest by path; None when it is damaged, cut or leaves the folder.

    >>> parse_rows(b"path\tbytes\tsha256\ntables/a.tsv\t3\tabc\n")
    {'tables/a.tsv': Row(bytes=3, sha256='abc')}
    >>> parse_rows(b"path\tbytes\tsha256\ntables/a.t")
    >>> parse_rows(b"path\tbytes\tsha256\nfigures/../../a.tsv\t3\tabc\n")
    """
    *lines, end = content.decode(errors="replace").split("\n")
    columns = [line.split("\t") for line in lines[1:]]
    is_sound = all(len(row) == 3 and _BYTES.fullmatch(row[1]) for row in columns)
    is_sound = is_sound and len({row[0] for row in columns}) == len(columns)
    is_sound = is_sound and all(_is_below(row[0]) for row in columns)
    if end or lines[:1] != [_HEADER] or not is_sound:
        return None
    return {name: Row(int(size), sha256) for name, size, sha256 in columns}


def _is_below(name: str) -> bool:
    """Return whether a path is that of a file below a folder, written in one way only.

    Readers join it to the path of a folder: it must not lead out of it.
    """
    path = PurePath(name)
    is_inside = bool(path.parts) and not path.anchor and ".." not in path.parts
    return is_inside and path.as_posix() == name and "\0" not in name


def find_defects(
    content: bytes | None,
    sizes: Mapping[str, int],
    hash_named: Callable[[str], str] | None = None,
) -> list[Defect]:
    """Return the differences between a manifest and files.

    Args:
        content: The manifest; None when there is none.
        sizes: Bytes of each file, by its path; -1 for a link, which is never a file of a run.
        hash_named: Returns the SHA-256 of a file by its path; None to compare sizes only.
    """
    if content is None:
        return [Defect(NAME, "manifest", "expected the manifest of a run, got no such file")]
    rows = parse_rows(content)
    if rows is None:
        return [Defect(NAME, "manifest", "expected one whole row for each file, got others")]
    found: list[Defect] = []
    for name, row in rows.items():
        size = sizes.get(name)
        if size is None:
            found.append(Defect(name, "missing", f"expected {row.bytes} bytes, got no such file"))
        elif size < 0:
            found.append(Defect(name, "size", f"expected {row.bytes} bytes, got a link or device"))
        elif size != row.bytes:
            found.append(Defect(name, "size", f"expected {row.bytes} bytes, got {size}"))
        elif hash_named is not None and (sha256 := hash_named(name)) != row.sha256:
            text = f"expected SHA-256 {row.sha256[:12]}..., got {sha256[:12]}..."
            found.append(Defect(name, "checksum", text))
    extra = sorted(sizes.keys() - rows.keys())
    return found + [Defect(name, "extra", f"expected a row in {NAME}, got none") for name in extra]


def compare_files(
    folder: Path, content: bytes | None, sizes: Mapping[str, int], *, has_sums: bool
) -> list[Defect]:
    """Return the differences between a manifest and files of its folder.

    Args:
        folder: The folder.
        content: The manifest; None when there is none.
        sizes: Those of `list_sizes`, or some of them: others are missing then.
        has_sums: Whether checksums are compared if the files are large.
    """
    is_cheap = sum(size for size in sizes.values() if size > 0) <= _CHEAP_BYTES
    return find_defects(
        content,
        sizes,
        (lambda name: hash_file(folder / name)) if has_sums or is_cheap else None,
    )


def select_below(defects: Iterable[Defect], folders: Collection[str]) -> list[Defect]:
    """Return defects but extra files outside of these folders: they may be a user's."""
    below = tuple(f"{folder}/" for folder in folders)
    return [each for each in defects if each.kind != "extra" or each.path.startswith(below)]
