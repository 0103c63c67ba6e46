from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gafreduce.errors import InputError, TransientError
from gafreduce.ontology import cache
from gafreduce.ontology.cache import TermFileBuildError

TARGET = "GO:0000003"


@pytest.fixture(scope="session")
def cached(obo: Path, tmp_path_factory: pytest.TempPathFactory) -> cache.CachedTerms:
    """A term file in a cache folder: that of an alternative id, so that there is a note."""
    return cache.load_term_file(obo, "GO:0000033", ("is_a",), tmp_path_factory.mktemp("cache"))


@pytest.fixture
def no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr(cache, "start_python", refuse)


@pytest.mark.usefixtures("no_process")
def test_a_cached_term_file_is_not_built_again(obo: Path, cached: cache.CachedTerms) -> None:
    assert cache.load_term_file(obo, "GO:0000033", ("is_a",), cached.path.parent) == cached
    assert cached.note == "GO:0000033 is an alternative id of GO:0000003"
    assert cached.terms.target == TARGET
    assert [path.name for path in cached.path.parent.iterdir()] == [cached.path.name]


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content.replace(b"term 4", b"term X"),
        lambda content: content.replace(b"alternative id", b"alternative ID"),
        lambda content: content[: len(content) // 2],
        lambda content: content[:-1] + b"0\n",
        lambda content: content + b"more\n",
        lambda content: b"",
        lambda content: bytes(len(content)),
    ],
    ids=["a name", "the note", "half", "the checksum", "more", "empty", "zeros"],
)
def test_a_damaged_file_is_ignored(cached: cache.CachedTerms, damage: object) -> None:
    assert callable(damage)
    content = cached.path.read_bytes()
    path = cached.path.with_name("damaged")
    path.write_bytes(damage(content))
    try:
        assert cache._read(path, key_of(cached.path)) is None
        assert cache._read(cached.path, key_of(cached.path)) == cached
    finally:
        path.unlink()


def test_a_file_without_a_note_is_ignored(tmp_path: Path) -> None:
    path = tmp_path / "x.terms"
    path.write_bytes(cache._make_trailer(b"", "a note", "0a").split(b"\n", 1)[1])
    assert cache._read(path, "0a") is None


def key_of(path: Path) -> str:
    return path.read_text().rpartition("\nkey\t")[2].partition("\n")[0]


def poison(path: Path) -> None:
    """Change a name, and make the checksum right again, as anybody can."""
    body = path.read_bytes().rpartition(b"sha256\t")[0].replace(b"term 4", b"POISONED")
    path.write_bytes(body + f"sha256\t{hashlib.sha256(body).hexdigest()}\n".encode())


@pytest.mark.parametrize("what", ["folder", "file"])
@pytest.mark.parametrize("mode", [0o020, 0o002])
def test_what_others_can_write_to_is_not_believed(
    obo: Path, tmp_path: Path, what: str, mode: int, caplog: pytest.LogCaptureFixture
) -> None:
    first = cache.load_term_file(obo, TARGET, ("is_a",), tmp_path / "cache")
    poison(first.path)
    assert "POISONED" in cache.load_term_file(obo, TARGET, ("is_a",), first.path.parent).terms.names
    changed = first.path.parent if what == "folder" else first.path
    changed.chmod(changed.stat().st_mode | mode)
    with caplog.at_level("DEBUG"):
        again = cache.load_term_file(obo, TARGET, ("is_a",), tmp_path / "cache")
    assert again.terms == first.terms
    assert {record.levelname for record in caplog.records} == {"DEBUG"}
    assert "others can write to it" in caplog.text
    if what == "folder":
        assert again.path.parent == tmp_path / f"cache-{os.geteuid()}"
        assert b"POISONED" in first.path.read_bytes(), "files of others are left"


@pytest.mark.parametrize("what", ["folder", "file"])
def test_what_belongs_to_another_user_is_not_believed(
    obo: Path, tmp_path: Path, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    first = cache.load_term_file(obo, TARGET, ("is_a",), tmp_path / "cache")
    poison(first.path)
    os.chown(first.path.parent if what == "folder" else first.path, 12345, 12345)
    again = cache.load_term_file(obo, TARGET, ("is_a",), tmp_path / "cache")
    assert again.terms == first.terms


@pytest.mark.parametrize("what", ["folder", "file", "pipe"])
def test_links_and_pipes_are_not_followed(obo: Path, tmp_path: Path, what: str) -> None:
    first = cache.load_term_file(obo, TARGET, ("is_a",), tmp_path / "cache")
    poison(first.path)
    moved = tmp_path / "moved"
    named = first.path.parent if what == "folder" else first.path
    named.rename(moved)
    if what == "pipe":
        os.mkfifo(named)
    else:
        named.symlink_to(moved)
    again = cache.load_term_file(obo, TARGET, ("is_a",), tmp_path / "cache")
    assert again.terms == first.terms
    assert not again.path.is_symlink()


def test_a_file_of_other_content_is_not_believed_by_its_name(obo: Path, tmp_path: Path) -> None:
    first = cache.load_term_file(obo, TARGET, ("is_a",), tmp_path)
    other = cache.load_term_file(obo, "GO:0000002", ("is_a",), tmp_path)
    content = first.path.read_bytes()
    first.path.write_bytes(other.path.read_bytes())
    assert cache.load_term_file(obo, TARGET, ("is_a",), tmp_path) == first
    assert first.path.read_bytes() == content


def test_cached_files_are_the_users_own_whatever_the_umask_is(obo: Path, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        found = cache.load_term_file(obo, TARGET, ("is_a",), tmp_path / "cache")
    finally:
        os.umask(before)
    assert found.path.stat().st_mode & 0o777 == 0o600
    assert found.path.parent.stat().st_mode & 0o777 == 0o700
    assert cache._read(found.path, key_of(found.path)) == found


def test_a_damaged_file_is_rebuilt(obo: Path, tmp_path: Path) -> None:
    first = cache.load_term_file(obo, "GO:0000033", ("is_a",), tmp_path)
    content = first.path.read_bytes()
    first.path.write_bytes(content.replace(b"term 4", b"term X"))
    again = cache.load_term_file(obo, "GO:0000033", ("is_a",), tmp_path)
    assert again == first
    assert first.path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [first.path]


def test_content_term_relations_and_code_give_different_files(
    obo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def path_of(ontology: Path, term: str, relations: tuple[str, ...]) -> Path:
        build = cache.start_build(ontology, term, relations, tmp_path)
        build.close()
        return build._path

    paths = [
        path_of(obo, term, relations)
        for term in (TARGET, "GO:0000002")
        for relations in (("is_a",), ("is_a", "part_of"))
    ]
    other = tmp_path / "other.obo"
    other.write_bytes(obo.read_bytes())
    assert path_of(other, TARGET, ("is_a",)) == paths[0]
    other.write_bytes(obo.read_bytes() + b"\n")
    paths.append(path_of(other, TARGET, ("is_a",)))
    monkeypatch.setattr(cache, "_hash_builder", lambda: b"other code")
    paths.append(path_of(obo, TARGET, ("is_a",)))
    assert len(set(paths)) == 6


def test_a_fault_of_the_ontology_is_reported_in_its_own_message(obo: Path, tmp_path: Path) -> None:
    broken = tmp_path / "go.obo"
    broken.write_text("<html>")
    with pytest.raises(TermFileBuildError, match=r"go\.obo: expected an OBO file") as caught:
        cache.load_term_file(broken, TARGET, ("is_a",), tmp_path / "cache")
    assert "Traceback" not in str(caught.value)
    with pytest.raises(TermFileBuildError, match=r"^'targets': expected .*similar: target"):
        cache.load_term_file(obo, "targets", ("is_a",), tmp_path / "cache")
    with pytest.raises(TermFileBuildError, match="No such file or directory"):
        cache.start_build(tmp_path / "none.obo", TARGET, ("is_a",))
    with pytest.raises(InputError, match="expected a regular file, got a folder"):
        cache.start_build(tmp_path, TARGET, ("is_a",))
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_temporary_folder_replaces_a_cache_that_cannot_be_written(
    obo: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    code = (
        "import sys; from pathlib import Path; from gafreduce.ontology import cache;"
        "found = cache.load_term_file(Path(sys.argv[1]), 'GO:0000003', ('is_a',));"
        "assert found.path.is_file() and found.terms.target == 'GO:0000003'; print(found.path)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, obo],
        env={**os.environ, "XDG_CACHE_HOME": str(tmp_path / "file"), "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(done.stdout.strip()).is_relative_to(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]  # and nothing is left behind


def test_a_fork_does_not_remove_the_folder(tmp_path: Path) -> None:
    cache._remove(tmp_path, os.getpid() + 1)
    assert tmp_path.is_dir()


@pytest.mark.parametrize("named", ["", "relative/folder"])
def test_the_cache_folder_of_the_user_follows_the_xdg_specification(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", named)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache.find_user_cache() == tmp_path / ".cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "mine"))
    assert cache.find_user_cache() == tmp_path / "mine"


def test_a_relative_home_is_none(
    obo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the cache would be in the working folder, and believed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    monkeypatch.setenv("HOME", "home")
    with pytest.raises(RuntimeError, match="HOME: expected an absolute path, got home"):
        cache.find_user_cache()
    assert cache.load_term_file(obo, "GO:0000003", ("is_a",)).terms.target == "GO:0000003"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_disappears_is_reported(obo: Path, tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    build = cache.start_build(obo, TARGET, ("is_a",), folder)
    folder.rmdir()
    with pytest.raises(TermFileBuildError, match="expected to write a term file, got "):
        build.wait()


def test_a_cancelled_build_leaves_no_files(obo: Path, tmp_path: Path) -> None:
    build = cache.start_build(obo, TARGET, ("is_a",), tmp_path)
    process = build._process
    assert process is not None
    build.close()
    assert process.returncode is not None
    assert list(tmp_path.iterdir()) == []
    build.close()


def test_an_interrupt_ends_the_build_process(
    obo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = cache.start_build(obo, TARGET, ("is_a",), tmp_path)
    process = build._process
    assert process is not None
    communicate = process.communicate

    def interrupted(timeout: float) -> tuple[bytes, bytes]:
        monkeypatch.setattr(process, "communicate", communicate)
        raise KeyboardInterrupt

    monkeypatch.setattr(process, "communicate", interrupted)
    with pytest.raises(KeyboardInterrupt):
        build.wait()
    assert process.returncode is not None
    assert list(tmp_path.iterdir()) == []


def test_waiting_twice_returns_the_same_term_file(obo: Path, tmp_path: Path) -> None:
    build = cache.start_build(obo, TARGET, ("is_a",), tmp_path)
    assert build.wait() is build.wait()
    build.close()
    assert build.wait().path.is_file()


def test_a_folder_with_the_name_of_the_package_is_not_imported(
    obo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ontology").mkdir()
    (tmp_path / "ontology" / "__init__.py").write_text("raise SystemExit('the wrong one')")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "go.obo").write_bytes(obo.read_bytes())
    found = cache.load_term_file(Path("go.obo"), TARGET, ("is_a",), tmp_path / "cache")
    assert found.terms.target == TARGET


def test_two_builds_at_once_leave_one_complete_file(obo: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from gafreduce.ontology import cache;"
        f"found = cache.load_term_file(Path(sys.argv[1]), {TARGET!r}, ('is_a',), Path(sys.argv[2]));"
        "sys.stdout.buffer.write(found.path.read_bytes())"
    )
    command = [sys.executable, "-c", code, str(obo), str(tmp_path / "cache")]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(2)]
    one, other = (process.communicate()[0] for process in both)
    assert [process.returncode for process in both] == [0, 0]
    assert one == other != b""
    assert [path.suffix for path in (tmp_path / "cache").iterdir()] == [".terms"]


def test_the_cache_module_does_not_import_goatools() -> None:
    code = (
        "import sys, gafreduce.ontology.cache;"
        "print(*sorted({name.partition('.')[0] for name in sys.modules} & {'goatools', 'requests'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_the_real_ontology_is_cached(real_ontology: Path) -> None:
    first = cache.load_term_file(real_ontology, "GO:0030420", ("is_a", "part_of"))
    assert [term.term_class for term in first.terms.term_set] == [
        "target",
        "regulator",
        "negative_regulator",
        "positive_regulator",
    ]
    assert len(first.terms.go_ids) == 47_468
    assert cache.load_term_file(real_ontology, "GO:0030420", ("is_a", "part_of")) == first


@pytest.mark.parametrize("change", ["replaced", "written to", "removed"])
def test_an_ontology_that_changes_while_it_is_read_is_not_cached(
    obo: Path, tmp_path: Path, change: str
) -> None:
    """Else the terms of the new content had the key of the old one, for every later run."""
    ontology, folder = tmp_path / "go.obo", tmp_path / "cache"
    ontology.write_bytes(obo.read_bytes())
    build = cache.start_build(ontology, TARGET, ("is_a",), folder)
    other = ontology.with_name("other.obo")
    other.write_bytes(obo.read_bytes().replace(b"term 4", b"term X"))
    if change == "replaced":
        other.replace(ontology)
    elif change == "written to":
        ontology.write_bytes(other.read_bytes())
    else:
        ontology.unlink()
    with pytest.raises(TransientError, match=r"go\.obo: expected the file that was found at first"):
        build.wait()
    assert list(folder.iterdir()) == []
