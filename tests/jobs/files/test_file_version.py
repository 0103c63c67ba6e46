from __future__ import annotations

import bz2
import gzip
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from gafreduce.jobs.files import splits
from gafreduce.jobs.files.batching import BLOCK_BYTES
from gafreduce.jobs.files.file_version import ChangedError, find_version
from gafreduce.jobs.files.splits import Split

TEXT = b"".join(b"line %d\n" % number for number in range(100_000))


def replace(path: Path) -> None:
    """Put another file of the same size and time in its place."""
    status = path.stat()
    other = path.with_name("other")
    other.write_bytes(bytes(reversed(path.read_bytes())))
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    other.replace(path)


def grow(path: Path) -> None:
    with path.open("ab") as stream:
        stream.write(b"one more\n")


def shrink(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


def overwrite(path: Path) -> None:
    """Write other bytes of the same size into the file."""
    with path.open("r+b") as stream:
        stream.seek(-20, os.SEEK_END)
        stream.write(b"X" * 20)


def overwrite_and_set_time_back(path: Path) -> None:
    status = path.stat()
    overwrite(path)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def remove(path: Path) -> None:
    path.unlink()


CHANGES = {
    replace: "another file of this name",
    grow: "another size",
    shrink: "another size",
    overwrite: "other content",
    overwrite_and_set_time_back: "time set back",
    remove: "No such file",
}


@pytest.fixture(params=[bytes, gzip.compress, bz2.compress], ids=["plain", "gzip", "bzip2"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "x.gaf"
    path.write_bytes(request.param(TEXT))
    os.utime(path, (1_000_000_000, 1_000_000_000))
    return path


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_file_that_changed_since_it_was_listed_is_named(
    path: Path, change: Callable[[Path], None]
) -> None:
    version, split = find_version(str(path)), Split(str(path), 0, path.stat().st_size)
    assert b"".join(splits.read_split(split, version).blocks) == TEXT
    change(path)
    with pytest.raises(ChangedError, match=rf"{path}: expected .* {CHANGES[change]}.*run again"):
        list(splits.read_split(split, version).blocks)


@pytest.mark.parametrize(
    "change", [each for each in CHANGES if each != remove], ids=lambda change: change.__name__
)
@pytest.mark.parametrize("is_listed", [True, False])
def test_a_file_that_changes_while_it_is_read_is_named(
    path: Path, change: Callable[[Path], None], is_listed: bool
) -> None:
    version = find_version(str(path)) if is_listed else ""
    blocks = splits.read_split(Split(str(path), 0, path.stat().st_size), version).blocks
    assert len(next(blocks)) <= BLOCK_BYTES
    change(path)
    with pytest.raises(ChangedError, match=str(path)):
        list(blocks)


def test_a_part_of_a_file_is_checked_as_well(tmp_path: Path) -> None:
    path = tmp_path / "x.gaf"
    path.write_bytes(TEXT)
    version, first = find_version(str(path)), Split(str(path), 0, 500_000)
    list(splits.read_split(first, version).blocks)
    grow(path)
    with pytest.raises(ChangedError, match="another size"):
        list(splits.read_split(Split(str(path), 500_000, 1000), version).blocks)
