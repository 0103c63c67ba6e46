"""The storage of paths, and the identities by which versions of files are compared."""

from __future__ import annotations

import os
from itertools import product
from pathlib import Path

import pytest

from gafreduce.errors import InputError
from gafreduce.storage.base import Folder, Identity, Kind, Matches
from gafreduce.storage.local import LocalStorage, make_entry
from gafreduce.storage.resolve import resolve_relative


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a folder with a file, its links, a pipe and a folder."""
    (tmp_path / "b").write_bytes(b"abc")
    os.link(tmp_path / "b", tmp_path / "hard")
    (tmp_path / "a").write_bytes(b"")
    (tmp_path / "soft").symlink_to("a")
    (tmp_path / "broken").symlink_to("nowhere")
    (tmp_path / "below").mkdir()
    os.mkfifo(tmp_path / "fifo")
    return tmp_path


def test_regular_files_and_folders_in_a_folder_are_listed_by_name(folder: Path) -> None:
    found = LocalStorage().list(str(folder))
    assert isinstance(found, Folder)
    assert [entry.name for entry in found.entries] == ["a", "b", "below", "hard", "soft"]
    assert [entry.uri for entry in found.entries] == [str(folder / e.name) for e in found.entries]


def test_names_of_one_file_have_one_key(folder: Path) -> None:
    (folder / "link").symlink_to("below")
    keys = {each.name: each.unique_key for each in LocalStorage().list(str(folder)).entries}
    assert keys["a"] == keys["soft"] == str((folder / "a").resolve())
    assert keys["b"] == keys["hard"] != keys["a"]
    assert "link" not in keys, "the folder would be searched twice"
    for name, key in keys.items():
        assert make_entry(folder / name).unique_key == key


def test_entries_have_size_time_and_kind(folder: Path) -> None:
    os.utime(folder / "b", ns=(1, 5))
    entry = make_entry(folder / "b")
    assert (entry.bytes, entry.identity.mtime_ns, entry.kind) == (3, 5, Kind.FILE)
    assert make_entry(folder / "below").kind == Kind.FOLDER
    assert make_entry(folder / "fifo").kind == Kind.OTHER
    with pytest.raises(InputError, match="nowhere: expected a file, got No such file"):
        make_entry(folder / "nowhere")


def test_a_pattern_gives_files_and_folders_and_a_file_with_such_a_name_itself(folder: Path) -> None:
    storage = LocalStorage()
    assert [e.name for e in storage.list(f"{folder}/*").entries] == [
        *("a", "b", "below", "hard", "soft")
    ]
    assert storage.list(f"{folder}/x*") == Matches(())
    assert storage.list(f"{folder}/x") == Matches(())
    (folder / "[b]").write_bytes(b"")
    assert [e.name for e in storage.list(f"{folder}/[b]").entries] == ["[b]"]


def test_a_file_is_found_in_a_folder_and_files_that_exist_have_entries(folder: Path) -> None:
    storage = LocalStorage()
    found = storage.find_in_folder(str(folder), "b")
    assert found is not None
    assert found.name == "b"
    assert storage.find_in_folder(str(folder), "below") is None
    paths = [str(folder / name) for name in ("a", "nowhere", "b")]
    assert list(storage.stat(paths)) == [paths[0], paths[2]]
    assert storage.read(paths[2], found.identity, 2) == b"ab"


def test_versions_are_equal_when_all_that_is_known_of_both_is() -> None:
    known = [
        Identity(size, mtime, etag)
        for size, mtime, etag in product((1, 2), (None, 5, 6), (None, "a", "b"))
    ]
    for one, other in product(known, known):
        expected = (one.bytes, one.etag) == (other.bytes, other.etag) and (
            None in (one.mtime_ns, other.mtime_ns) or one.mtime_ns == other.mtime_ns
        )
        assert one.matches(other) == expected
    files = [Identity(1, 5, file_version="v"), Identity(1, 5, file_version="w")]
    assert not files[0].matches(files[1])
    assert Identity(2, 6, file_version="v").matches(files[0])
    assert files[0].matches(Identity(1, 5))


def test_identities_are_shown_by_etag_or_by_size_and_time() -> None:
    assert str(Identity(1, 5, "a")) == "a"
    assert str(Identity(1, 5)) == "1:5"


@pytest.mark.parametrize(
    ("folder", "path", "expected"),
    [
        ("/d[1]", "x.gaf", "/d[1]/x.gaf"),
        ("/d[1]", "*.gaf", "/d[[]1]/*.gaf"),
        ("/d", "/x/*.gaf", "/x/*.gaf"),
        ("/d", "s3://b/x", "s3://b/x"),
        ("s3://b/d[1]", "*.gaf", "s3://b/d[1]/*.gaf"),
    ],
)
def test_only_a_pattern_makes_the_folder_one(folder: str, path: str, expected: str) -> None:
    assert resolve_relative(folder, path) == expected


def test_a_file_that_looks_like_a_pattern_is_no_pattern(tmp_path: Path) -> None:
    folder = tmp_path / "d[1]"
    folder.mkdir()
    (folder / "[x].gaf").touch()
    assert resolve_relative(str(folder), "[x].gaf") == f"{folder}/[x].gaf"
