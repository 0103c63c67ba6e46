from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from gafreduce.errors import InputError
from gafreduce.storage.replace_file import replace_file


def write(path: Path, content: bytes, **options: object) -> None:
    with replace_file(path, **options) as stream:  # type: ignore[arg-type]
        stream.write(content)


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "x"
    with replace_file(path) as stream:
        stream.write(b"new")
        assert not path.exists()
    with pytest.raises(TypeError), replace_file(path) as stream:
        stream.write("no bytes")  # type: ignore[arg-type]
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_two_writers_of_one_file_do_not_mix(tmp_path: Path) -> None:
    path = tmp_path / "x"
    with replace_file(path) as first, replace_file(path) as second:
        for stream, letter in ((first, b"a"), (second, b"b")) * 3:
            stream.write(letter * 10_000)
            stream.flush()
    assert path.read_bytes() in (b"a" * 30_000, b"b" * 30_000)
    assert list(tmp_path.iterdir()) == [path]


def test_permissions_stay_and_new_files_have_those_of_the_umask(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.touch()
    old.chmod(0o640)
    before = os.umask(0o027)
    try:
        for path in (old, new):
            write(path, b"")
    finally:
        os.umask(before)
    assert [path.stat().st_mode & 0o777 for path in (old, new)] == [0o640, 0o640]


@pytest.mark.parametrize("name", ["x.part", ".x.partial", "x.tmp", "MANIFEST.tsv.part"])
def test_links_with_the_name_of_a_partial_file_are_not_followed(tmp_path: Path, name: str) -> None:
    (tmp_path / "theirs").write_text("dear")
    (tmp_path / name).symlink_to(tmp_path / "theirs")
    write(tmp_path / "x", b"mine")
    write(tmp_path / "MANIFEST.tsv", b"mine")
    assert (tmp_path / "theirs").read_text() == "dear"
    assert (tmp_path / name).is_symlink()


def test_a_long_name_is_written(tmp_path: Path) -> None:
    write(tmp_path / ("x" * 255), b"")


def test_links_below_the_root_are_refused(tmp_path: Path) -> None:
    theirs, run = tmp_path / "theirs", tmp_path / "run"
    for folder in (theirs, run):
        folder.mkdir()
    (run / "figures").symlink_to(theirs)
    with pytest.raises(InputError, match=r"run/figures: expected a folder, got a link"):
        write(run / "figures" / "x.svg", b"", root=run)
    (theirs / "page").write_text("dear")
    (run / "report.html").symlink_to(theirs / "page")
    with pytest.raises(InputError, match=r"report\.html: expected a file to replace, got a link"):
        write(run / "report.html", b"", root=run)
    assert {path.name: path.read_text() for path in theirs.iterdir()} == {"page": "dear"}


def test_another_content_is_replaced_only_when_it_may_be(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"a" * 3_000_000)
    write(path, b"a" * 3_000_000, may_replace=False)
    with pytest.raises(InputError, match="expected a file that the manifest names"):
        write(path, b"a" * 2_999_999 + b"b", may_replace=False)
    assert path.read_bytes() == b"a" * 3_000_000


def test_an_error_of_writing_names_the_file(tmp_path: Path) -> None:
    """`write` on a full disk knows no name."""
    with pytest.raises(OSError, match="No space left") as caught, replace_file(tmp_path / "x"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert (caught.value.filename, caught.value.errno) == (str(tmp_path / "x"), errno.ENOSPC)
    with pytest.raises(OSError, match="other") as caught, replace_file(tmp_path / "x"):
        raise OSError(errno.ENOSPC, "No space left on device", "other")
    assert caught.value.filename == "other"
    assert list(tmp_path.iterdir()) == []
