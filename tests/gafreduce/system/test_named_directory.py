"""The directory of Windows, which knows paths only, does what that of POSIX does."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from gafreduce.directory import Directory
from gafreduce.system.named_directory import NamedDirectory


@pytest.fixture(params=[Directory, NamedDirectory])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Directory]:
    with request.param.open(tmp_path) as opened:
        yield opened


def test_a_file_is_created_once_and_read_back(folder: Directory) -> None:
    descriptor = folder.create("x")
    os.write(descriptor, b"a\nb\n")
    os.close(descriptor)
    with pytest.raises(FileExistsError):
        folder.create("x")
    descriptor = folder.open_file("x")
    assert os.read(descriptor, 10) == b"a\nb\n"
    os.close(descriptor)
    assert folder.list_names() == ["x"]


def test_renaming_replaces_a_file(folder: Directory) -> None:
    for name in ("old", "new"):
        descriptor = folder.create(name)
        os.write(descriptor, name.encode())
        os.close(descriptor)
    folder.rename("new", "old")
    assert folder.list_names() == ["old"]
    assert (folder.path / "old").read_bytes() == b"new"


def test_links_are_not_followed(folder: Directory) -> None:
    (folder.path / "below").mkdir()
    (folder.path / "link").symlink_to("below")
    with pytest.raises(OSError, match="link") as raised:
        folder.open_below("link")
    assert raised.value.errno in (errno.ELOOP, errno.ENOTDIR)
    with pytest.raises(OSError, match="link"):
        folder.open_file("link")
    with folder.open_below("below") as below:
        assert below.list_names() == []


def test_a_file_is_no_directory_and_a_directory_no_file(folder: Directory) -> None:
    os.close(folder.create("x"))
    folder.make("below")
    with pytest.raises(NotADirectoryError):
        folder.open_below("x")
    with pytest.raises(OSError, match="not a regular file"):
        folder.open_file("below")


def test_clearing_removes_all_but_one_file_and_no_target_of_a_link(
    folder: Directory, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "kept").write_text("x")
    (folder.path / "a" / "b").mkdir(parents=True)
    (folder.path / "a" / "b" / "c").write_text("x")
    (folder.path / "link").symlink_to(outside)
    (folder.path / "marker").write_text("x")
    folder.clear(kept="marker")
    assert folder.list_names() == ["marker"]
    assert (outside / "kept").exists()


def test_the_last_change_is_that_of_the_newest_file_below(folder: Directory) -> None:
    (folder.path / "a").mkdir()
    (folder.path / "a" / "b").write_text("x")
    for path in (folder.path / "a" / "b", folder.path / "a"):
        os.utime(path, (1, 5 if path.name == "b" else 3))
    assert folder.last_change("a") == 5
    with pytest.raises(FileNotFoundError):
        folder.last_change("none")


def test_a_missing_entry_has_no_status_and_is_removed_silently(folder: Directory) -> None:
    assert folder.stat("none") is None
    folder.unlink("none")


def test_the_directory_of_windows_has_no_links_of_open_files(tmp_path: Path) -> None:
    with NamedDirectory.open(tmp_path) as folder:
        os.close(folder.create("x"))
        with pytest.raises(OSError, match="no hard links"):
            folder.link("x", "y")
        with pytest.raises(FileExistsError):
            folder.link("x", "x")
