"""The rule of owned paths: only what gafreduce can prove to have made is removed or replaced."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gafreduce import owned_paths
from gafreduce.directory import Directory
from gafreduce.owned_paths import BUILD, MARKER, TEMPORARY


@pytest.fixture
def orphan(tmp_path: Path) -> Path:
    """Make a build folder that a dead process left, with a file in it."""
    with owned_paths.make_folder(tmp_path, ".run.", BUILD) as folder:
        folder.must_stay = True
        (folder.path / "new").mkdir()
        (folder.path / "new" / "x").write_text("x")
    return folder.path


def prove(path: Path, kind: str = BUILD) -> owned_paths.Proof:
    with Directory.open(path.parent) as parent:
        return owned_paths.prove_folder(parent, path.name, kind)


def test_the_folder_of_a_dead_process_is_proven_and_removed(orphan: Path, tmp_path: Path) -> None:
    proof = prove(orphan)
    assert proof.is_ours
    assert proof.text.startswith("its marker names gafreduce and this folder, user ")
    with Directory.open(tmp_path) as parent:
        owned_paths.remove_folder(parent, orphan.name, BUILD)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_use_is_not_proven_and_is_removed_by_its_process(tmp_path: Path) -> None:
    with owned_paths.make_folder(tmp_path, "gafreduce-", TEMPORARY) as folder:
        assert prove(folder.path, TEMPORARY).text == "a process of gafreduce uses it"
        assert folder.path.stat().st_mode & 0o777 == 0o700
        assert (folder.path / MARKER).stat().st_mode & 0o777 == 0o600
    assert not folder.path.exists()


def rename(path: Path) -> Path:
    return path.rename(path.with_name(".run.20251130"))


def copy(path: Path) -> Path:
    copied = path.with_name(".run.copied")
    shutil.copytree(path, copied)
    return copied


def copy_under_its_name(path: Path) -> Path:
    copied = path.parent / "backup" / path.name
    shutil.copytree(path, copied)
    return copied


def link(path: Path) -> Path:
    linked = path.with_name(".run.deadbeef")
    linked.symlink_to(path, target_is_directory=True)
    return linked


def link_the_marker(path: Path) -> Path:
    other = path.with_name("marker")
    (path / MARKER).rename(other)
    (path / MARKER).symlink_to(other)
    return path


def mark(content: str) -> Callable[[Path], Path]:
    def change(path: Path) -> Path:
        (path / MARKER).write_text(content)
        return path

    change.__name__ = content[:12]
    return change


def name_another_product(path: Path) -> Path:
    found = json.loads((path / MARKER).read_text())
    (path / MARKER).write_text(json.dumps({**found, "product": "other"}))
    return path


@pytest.mark.parametrize(
    "change",
    [
        *(rename, copy, copy_under_its_name, link, link_the_marker, name_another_product),
        *(mark(""), mark("[]"), mark('{"product": "gafreduce"}'), mark("\0" * 5000)),
    ],
    ids=lambda change: change.__name__,
)
def test_what_only_looks_like_a_folder_of_ours_is_kept(
    orphan: Path, change: Callable[[Path], Path]
) -> None:
    path = change(orphan)
    assert not prove(path).is_ours
    with (
        Directory.open(path.parent) as parent,
        pytest.raises(PermissionError, match=r"\[Errno 1\] expected a"),
    ):
        owned_paths.remove_folder(parent, path.name, BUILD)
    assert (path / "new" / "x").read_text() == "x"


def test_a_folder_of_another_kind_or_user_is_kept(
    orphan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not prove(orphan, TEMPORARY).is_ours
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    assert prove(orphan).text == "it belongs to another user"


def test_links_in_a_folder_are_removed_and_their_targets_are_kept(
    orphan: Path, tmp_path: Path
) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "thesis").write_text("dear")
    (orphan / "figures").symlink_to(theirs)
    (orphan / "new" / "thesis").symlink_to(theirs / "thesis")
    with Directory.open(tmp_path) as parent:
        owned_paths.remove_folder(parent, orphan.name, BUILD)
    assert not orphan.exists()
    assert (theirs / "thesis").read_text() == "dear"


def test_an_interrupted_removal_leaves_the_marker(
    orphan: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("shutil.rmtree", fail)
    with Directory.open(tmp_path) as parent, pytest.raises(PermissionError):
        owned_paths.remove_folder(parent, orphan.name, BUILD)
    assert prove(orphan).is_ours


# partial files


@pytest.fixture
def partial(tmp_path: Path) -> Path:
    """Make a partial file that a killed process left."""
    program = (
        "import os, signal, sys; from pathlib import Path; from gafreduce.storage.replace_file import replace_file\n"
        "with replace_file(Path(sys.argv[1])) as stream:\n"
        "    stream.write(b'half'); stream.flush(); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", program, tmp_path / "x.gaf"], check=False)
    assert killed.returncode == -signal.SIGKILL
    (found,) = tmp_path.iterdir()
    return found


def test_the_partial_file_of_a_killed_process_is_proven(partial: Path, tmp_path: Path) -> None:
    with Directory.open(tmp_path) as folder:
        assert owned_paths.prove_partial(folder, partial.name).is_ours
        copied = tmp_path / f".gafreduce-{'0' * 16}-1.part"
        shutil.copy(partial, copied)
        linked = tmp_path / f".gafreduce-{'1' * 16}-1.part"
        linked.symlink_to(partial)
        for path in (copied, linked):
            with pytest.raises(PermissionError):
                owned_paths.remove_partial(folder, path.name)
        owned_paths.remove_partial(folder, partial.name)
        os.link(copied, tmp_path / "kept")
        assert not owned_paths.prove_partial(folder, "kept").is_ours
    assert sorted(tmp_path.iterdir()) == [copied, linked, tmp_path / "kept"]


# working names


def make_working_folder(parent: Path, marker: str | None) -> Path:
    path = parent / owned_paths.make_working_name(BUILD)
    path.mkdir()
    if marker is not None:
        content = {"product": "gafreduce", "kind": BUILD, "name": "x", "inode": path.stat().st_ino}
        (path / MARKER).write_text(marker.format(json.dumps(content)))
    return path


@pytest.mark.parametrize("marker", [None, "", "{}\n"], ids=["none", "empty", "whole"])
def test_a_folder_with_a_working_name_and_no_files_is_proven(
    tmp_path: Path, marker: str | None
) -> None:
    path = make_working_folder(tmp_path, marker)
    with Directory.open(tmp_path) as parent:
        assert owned_paths.prove_working_folder(parent, path.name, BUILD).is_ours
        assert not owned_paths.prove_working_folder(parent, path.name, TEMPORARY).is_ours
        owned_paths.remove_working_folder(parent, path.name, BUILD)
    assert list(tmp_path.iterdir()) == []


def add_a_file(path: Path) -> None:
    (path / "thesis").write_text("dear")


def add_a_folder(path: Path) -> None:
    (path / "empty").mkdir()


def make_the_marker_a_folder(path: Path) -> None:
    (path / MARKER).unlink()
    (path / MARKER).mkdir()


def put_a_copy_there(path: Path) -> None:
    copied = path.with_name("copied")
    shutil.copytree(path, copied)
    path.rename(path.with_name("moved"))
    copied.rename(path)


def write_into_the_marker(path: Path) -> None:
    (path / MARKER).write_text("my notes")


@pytest.mark.parametrize(
    "change",
    [add_a_file, add_a_folder, make_the_marker_a_folder, put_a_copy_there, write_into_the_marker],
    ids=lambda change: change.__name__,
)
def test_a_folder_with_a_working_name_is_kept_with_what_is_in_it(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    path = make_working_folder(tmp_path, "{}\n")
    change(path)
    before = sorted(path.iterdir())
    with (
        Directory.open(tmp_path) as parent,
        pytest.raises(PermissionError, match=r"\[Errno 1\] expected a"),
    ):
        owned_paths.remove_working_folder(parent, path.name, BUILD)
    assert sorted(path.iterdir()) == before


def test_a_folder_that_is_being_made_is_in_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    original = Directory.rename

    def look(self: Directory, name: str, new: str) -> None:
        found.append(owned_paths.prove_working_folder(self, name, BUILD))
        original(self, name, new)

    monkeypatch.setattr(Directory, "rename", look)
    with owned_paths.make_folder(tmp_path, ".run.", BUILD):
        assert [each.is_in_use for each in found] == [True]


def test_a_folder_that_cannot_get_its_name_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Directory, "rename", fail)
    with pytest.raises(PermissionError):
        owned_paths.make_folder(tmp_path, ".run.", BUILD)
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_after_a_folder_got_its_name_leaves_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = Directory.rename

    def interrupt(self: Directory, name: str, new: str) -> None:
        original(self, name, new)
        raise KeyboardInterrupt

    monkeypatch.setattr(Directory, "rename", interrupt)
    with pytest.raises(KeyboardInterrupt):
        owned_paths.make_folder(tmp_path, ".run.", BUILD)
    assert list(tmp_path.iterdir()) == []


def test_a_file_with_a_working_name_is_proven_while_it_is_empty(tmp_path: Path) -> None:
    names = [owned_paths.make_working_name(each) for each in (owned_paths.PART, owned_paths.LOCK)]
    for name in names:
        (tmp_path / name).touch()
    full, linked = owned_paths.make_working_name("part"), owned_paths.make_working_name("part")
    (tmp_path / full).write_text("dear")
    (tmp_path / linked).symlink_to(tmp_path / names[0])
    with Directory.open(tmp_path) as folder:
        for name in (full, linked, "x.part"):
            assert not owned_paths.prove_partial(folder, name).is_ours
        for name in names:
            owned_paths.remove_partial(folder, name)
    assert {each.name for each in tmp_path.iterdir()} == {full, linked}


def test_errors_name_the_whole_path(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with Directory.open(tmp_path) as folder:
        for call in (
            lambda: folder.open_below("none"),
            lambda: folder.open_file("none"),
            lambda: folder.make("a"),
            lambda: folder.create("a"),
            lambda: folder.rename("none", "b"),
            lambda: folder.unlink("a"),
            lambda: folder.remove_empty("none"),
            lambda: folder.link("none", "b"),
        ):
            with pytest.raises(OSError) as caught:  # noqa: PT011 - the path is compared
                call()
            assert str(caught.value.filename).startswith(f"{tmp_path}/")
