"""Files of others: `run` and `report` replace and remove only what gafreduce has made."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from gafreduce.publishing.run_folder import RunFolder
from gafreduce.storage import replace_file

Command = Callable[..., tuple[int, str, str]]
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, samples: Path) -> Path:
    """Make one run of a small file, for all tests of this module."""
    from gafreduce.cli.main import main

    folder = tmp_path_factory.mktemp("finished")
    assert main([*command(samples), "-o", str(folder / "run")]) == 0
    return folder


def command(samples: Path) -> list[str]:
    names = (samples / "Escherichia_coli_K_12-83333.gaf", samples / "go-samples.obo")
    return ["run", str(names[0]), "--ontology", str(names[1]), "-q", "-r", "inline"]


@pytest.fixture
def run_dir(finished: Path, tmp_path: Path) -> Path:
    """Return a copy of the finished run."""
    import shutil

    shutil.copytree(finished / "run", tmp_path / "run")
    return tmp_path / "run"


@pytest.fixture
def run(gafreduce: Command, samples: Path, tmp_path: Path) -> Run:
    def call(*more: object, output: Path | str = tmp_path / "run") -> tuple[int, str, str]:
        return gafreduce(*command(samples), "--no-report", "-o", output, *more)

    return call


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


# run


def test_neighbours_that_look_like_builds_are_left_alone(run: Run, tmp_path: Path) -> None:
    names = (".run.20251130", ".run.deadbeef", ".run.deadbeef.old", ".run.0123abcd.old")
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / "thesis").write_text("dear")
    (tmp_path / ".run.00000000").write_text("dear")
    (tmp_path / ".run.00000001").symlink_to(tmp_path / names[0])
    before = content(tmp_path)
    assert run()[0] == 0
    after = content(tmp_path)
    assert {name: after.get(name) for name in before} == before
    assert (tmp_path / ".run.00000001").is_symlink()


@pytest.mark.parametrize("kind", ["file", "link", "folder"])
def test_a_lock_file_of_others_is_neither_written_nor_removed(
    run: Run, tmp_path: Path, kind: str
) -> None:
    theirs, lock = tmp_path / "theirs", tmp_path / ".run.lock"
    theirs.write_text("dear")
    if kind == "file":
        lock.write_text("dear")
    elif kind == "link":
        lock.symlink_to(theirs)
    else:
        lock.mkdir()
    code, _, errors = run()
    assert (code, (tmp_path / "run").exists()) == (1, False)
    assert ".run.lock: expected no file or a lock of gafreduce, got something else" in errors
    assert theirs.read_text() == "dear"
    assert os.path.lexists(lock)


def test_force_keeps_a_folder_whose_record_is_of_another_program(run: Run, tmp_path: Path) -> None:
    for record in ({"run_id": "1"}, {"schema": "other/1", "run_id": "1"}, []):
        folder = tmp_path / "run"
        folder.mkdir(exist_ok=True)
        (folder / "run.json").write_text(json.dumps(record))
        (folder / "MANIFEST.tsv").write_text("path\tbytes\tsha256\n")
        before = content(folder)
        code, _, errors = run("--force")
        assert code == 1
        assert "got something else: it has no run.json of gafreduce" in errors
        assert content(folder) == before


@pytest.mark.parametrize("name", ["notes.txt", "tables/mine.tsv", "figures/deep/mine.svg"])
def test_force_keeps_a_run_folder_with_files_of_the_user(
    run: Run, run_dir: Path, name: str
) -> None:
    (run_dir / name).parent.mkdir(parents=True, exist_ok=True)
    (run_dir / name).write_text("dear")
    before = content(run_dir)
    code, _, errors = run("--force")
    assert code == 1
    assert f"got files that gafreduce did not make: {name} (move them" in errors
    assert content(run_dir) == before
    (run_dir / name).unlink()
    assert run("--force")[0] == 0


def test_force_needs_the_manifest_and_follows_no_link(run: Run, run_dir: Path) -> None:
    (run_dir / "MANIFEST.tsv").rename(run_dir.parent / "manifest")
    code, _, errors = run("--force")
    assert (code, "got one without a sound manifest" in errors) == (1, True)
    (run_dir.parent / "manifest").rename(run_dir / "MANIFEST.tsv")
    theirs = run_dir.parent / "theirs"
    (run_dir / "figures").rename(theirs)
    (run_dir / "figures").symlink_to(theirs)
    code, _, errors = run("--force")
    assert (code, "did not make: figures" in errors) == (1, True)
    assert len(list(theirs.iterdir())) > 1


def test_a_file_that_appears_during_the_run_is_kept(
    run: Run, run_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "gafreduce.signals.raise_pending", lambda: (run_dir / "late").write_text("dear")
    )
    code, _, errors = run("--force")
    assert code == 1
    assert f"{run_dir}: expected only files of the run" in errors
    assert (run_dir / "late").read_text() == "dear"
    assert (run_dir / "report.html").exists()
    assert [path.name for path in run_dir.parent.iterdir()] == ["run"]


def test_a_run_is_made_in_an_empty_folder_and_in_a_tree_of_them(run: Run, tmp_path: Path) -> None:
    (tmp_path / "run" / "tables" / "deep").mkdir(parents=True)
    (tmp_path / "run" / "figures").mkdir()
    assert run()[0] == 0
    assert (tmp_path / "run" / "MANIFEST.tsv").is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    assert run()[1].endswith("this run exists already\n")


@pytest.mark.parametrize("target", ["missing", "empty", "run"])
def test_a_run_through_a_link_is_made_where_it_points_to(
    run: Run, tmp_path: Path, target: str
) -> None:
    real, link = tmp_path / "disk" / "real", tmp_path / "links" / "run"
    for folder in (real.parent, link.parent):
        folder.mkdir()
    link.symlink_to(real)
    if target == "empty":
        real.mkdir()
    if target == "run":
        assert run(output=real)[0] == 0
    code, output, _ = run("--force", output=link)
    assert (code, output) == (0, f"{link}\n")
    assert link.is_symlink()
    assert (real / "MANIFEST.tsv").is_file()
    assert [path.name for path in (*real.parent.iterdir(), *link.parent.iterdir())] == [
        "real",
        "run",
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "{gaf}", "--ontology", "{obo}", "-o", "{run}/sub"],
        ["run", "{gaf}", "--ontology", "{obo}", "-o", "{link}/tables/new", "--force"],
        ["export", "{run}", "--to", "xlsx", "-o", "{run}/run.json"],
        ["export", "{run}", "--to", "graphml", "-o", "{run}/tables/terms.tsv"],
        ["export", "{run}", "--to", "ro-crate", "-o", "{link}/crate"],
        ["compare", "{run}", "{run}", "-o", "{run}/extras/compared"],
        ["convert", "{gaf}", "--to", "gaf2.2", "-o", "{run}/tables/terms.tsv"],
        ["convert", "{gaf}", "--to", "parquet", "-o", "{run}/lines"],
        ["convert", "--ancestors", "--ontology", "{obo}", "-o", "{run}/ancestors.tsv"],
        ["fetch", "ECOLI", "-o", "{run}/files"],
    ],
    ids=lambda arguments: f"{arguments[0]}-{arguments[-1].rpartition('/')[2]}",
)
def test_no_output_is_put_into_a_run(
    gafreduce: Command, samples: Path, run_dir: Path, tmp_path: Path, arguments: list[str]
) -> None:
    """A file or folder there is no file of that run's manifest, or replaces one that is."""
    (tmp_path / "link").symlink_to(run_dir)
    names = {
        "run": run_dir,
        "link": tmp_path / "link",
        "gaf": samples / "Escherichia_coli_K_12-83333.gaf",
        "obo": samples / "go-samples.obo",
    }
    before = content(run_dir)
    code, _, err = gafreduce(*(each.format(**names) for each in arguments))
    assert (code, content(run_dir)) == (1, before), err
    assert "expected a place outside of run folders" in err


def test_a_link_to_itself_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "run").symlink_to("run")
    code, _, errors = run()
    assert (code, errors.count("\n")) == (1, 1)
    assert "expected" in errors


def test_an_existing_run_with_edited_tables_is_not_accepted(run: Run, tmp_path: Path) -> None:
    assert run()[0] == 0
    table = tmp_path / "run" / "tables" / "organisms.tsv"
    table.write_bytes(table.read_bytes().replace(b"83333", b"83334"))
    code, _, errors = run()
    assert code == 1
    assert "tables/organisms.tsv: expected SHA-256 " in errors


# report


def test_report_refuses_a_run_with_tables_gone_or_edited(gafreduce: Command, run_dir: Path) -> None:
    tables = run_dir / "tables"
    rows = (tables / "terms.tsv").read_bytes()
    (tables / "terms.tsv").write_bytes(rows.replace(b"GO:0030420", b"GO:0030421"))
    (tables / "profile.tsv").unlink()
    (run_dir / "report.html").unlink()
    before = content(run_dir)
    code, _, errors = gafreduce("report", run_dir)
    assert code == 1
    assert "tables/profile.tsv: expected " in errors
    assert "got no such file, and 1 more (make the run again" in errors
    assert content(run_dir) == before


@pytest.mark.parametrize("name", ["tables/mine.tsv", "run.json", "MANIFEST.tsv"])
def test_report_refuses_other_changes(gafreduce: Command, run_dir: Path, name: str) -> None:
    with (run_dir / name).open("a") as stream:
        stream.write("\n")
    before = content(run_dir)
    assert gafreduce("report", run_dir)[0] == 1
    assert content(run_dir) == before


def test_report_makes_what_it_made_again_and_nothing_else(
    gafreduce: Command, run_dir: Path
) -> None:
    before = content(run_dir)
    (run_dir / "figures" / "evidence.png").write_text("edited")
    (run_dir / "extras" / "summary.json").unlink()
    theirs = {"notes.txt": b"dear", "figures/mine.svg": b"dear", "extras/mine": b"dear"}
    for name, text in theirs.items():
        (run_dir / name).write_bytes(text)
    assert gafreduce("report", run_dir)[0] == 0
    after = content(run_dir)
    page = after.pop("report.html").replace(b"figures/mine.svg", b"").replace(b"extras/mine", b"")
    assert b"figures/evidence.png" in page
    del before["report.html"]
    del before["MANIFEST.tsv"]
    rows = after.pop("MANIFEST.tsv").decode()
    assert after == {**before, **theirs}
    assert "mine" not in rows
    assert "notes.txt" not in rows
    assert sorted(RunFolder(run_dir).list_foreign()) == sorted(theirs)


@pytest.mark.parametrize("name", ["figures", "extras"])
def test_report_does_not_follow_a_linked_folder(
    gafreduce: Command, run_dir: Path, name: str
) -> None:
    theirs = run_dir.parent / "theirs"
    theirs.mkdir()
    (theirs / "thesis.svg").write_text("dear")
    (run_dir / name).rename(run_dir.parent / "moved")
    (run_dir / name).symlink_to(theirs)
    code, _, errors = gafreduce("report", run_dir)
    assert code == 1
    assert f"{name}: expected a folder, got a link or a file" in errors
    assert content(theirs) == {"thesis.svg": b"dear"}


@pytest.mark.parametrize("name", ["report.html", "figures/evidence.svg", "extras/summary.json"])
def test_report_does_not_write_through_a_link(gafreduce: Command, run_dir: Path, name: str) -> None:
    theirs = run_dir.parent / "theirs"
    theirs.write_text("dear")
    (run_dir / name).unlink()
    (run_dir / name).symlink_to(theirs)
    code, _, errors = gafreduce("report", run_dir)
    assert (code, theirs.read_text()) == (1, "dear")
    assert f"{name}: expected a file to replace, got a link" in errors


@pytest.mark.parametrize("at", range(0, 30, 7))
def test_an_interrupted_report_leaves_whole_files_and_can_be_made_again(
    gafreduce: Command, run_dir: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    before = content(run_dir)
    (run_dir / "report.html").write_text("the old page")
    calls: list[str] = []
    rename = replace_file.Directory.rename

    def die(self: replace_file.Directory, name: str, new: str) -> None:
        calls.append(name)
        if len(calls) > at:
            raise KeyboardInterrupt
        rename(self, name, new)

    with monkeypatch.context() as patch:
        patch.setattr(replace_file.Directory, "rename", die)
        assert gafreduce("report", run_dir)[0] in (0, 3, 130)
    found = content(run_dir)["report.html"]
    assert found in (b"the old page", before["report.html"])
    assert gafreduce("report", run_dir)[0] == 0
    assert content(run_dir) == before


def test_the_working_folder_is_not_replaced(
    run: Run, run_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shell whose folder is replaced is in no folder: each further command would fail."""
    here = tmp_path / "a" / "b"
    here.mkdir(parents=True)
    for folder, output, more in (
        (here, ".", []),
        (here, tmp_path / "a", []),
        (run_dir / "tables", run_dir, ["--force"]),
    ):
        monkeypatch.chdir(folder)
        before = here.stat().st_ino, run_dir.stat().st_ino
        code, _, errors = run(*more, output=output)
        assert code == 1
        assert "expected a new folder, got the working folder or one above it" in errors
        assert (here.stat().st_ino, run_dir.stat().st_ino) == before
    monkeypatch.chdir(here)
    assert run(output="run")[0] == 0


@pytest.mark.parametrize("address", ["file:///x", "S3://bucket/x", "http://host/x", "hdfs://n/x"])
def test_an_address_of_another_kind_is_no_folder(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, errors = run(output=address)
    assert code == 2
    assert f"{address}: expected a folder or s3://bucket/prefix" in errors
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("more", [(), ("--force",)])
@pytest.mark.parametrize("what", ["device", "pipe", "file"])
def test_devices_pipes_and_files_are_no_run_folder(
    run: Run, tmp_path: Path, what: str, more: tuple[str, ...]
) -> None:
    output = Path("/dev/full") if what == "device" else tmp_path / what
    if what == "pipe":
        os.mkfifo(output)
    elif what == "file":
        output.write_text("mine")
    before = output.lstat().st_ino, output.lstat().st_mode
    code, text, errors = run(*more, output=output)
    assert (code, text) == (1, "")
    assert errors.startswith(f"gafreduce: {output}: expected a ")
    assert (output.lstat().st_ino, output.lstat().st_mode) == before
    assert what != "file" or output.read_text() == "mine"


def test_a_path_of_too_many_levels_is_refused(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, errors = run(output="d/" * 2040)
    assert code == 1
    assert "expected to make a run folder there, got " in errors
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_many_files_is_not_listed(
    gafreduce: Command, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an output or for `verify`, `/` would be listed for minutes."""
    (tmp_path / "many").mkdir()
    (tmp_path / "many" / "x").touch()

    def walk(folder: Path) -> Iterator[tuple[str, list[str], list[str]]]:
        yield str(folder), [], ["x"]
        raise AssertionError("the whole folder is listed")

    monkeypatch.setattr("gafreduce.publishing.manifest.os", SimpleNamespace(walk=walk))
    code, _, errors = run(output=tmp_path / "many")
    assert code == 1
    assert "got something that is not a finished run" in errors
    assert gafreduce("verify", tmp_path / "many")[0] == 1


def test_a_temporary_folder_that_mrjob_cannot_use_is_named(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a#b").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "a#b"))
    code, _, errors = run()
    assert code == 1
    assert "expected a folder without # in its path, which mrjob cannot use" in errors
    assert list((tmp_path / "a#b").iterdir()) == []


def test_a_pipe_as_a_run_record_is_not_read(run: Run, tmp_path: Path) -> None:
    """Nobody writes to it: reading it would wait for ever."""
    (tmp_path / "run").mkdir()
    os.mkfifo(tmp_path / "run" / "run.json")
    code, _, errors = run("--force")
    assert code == 1
    assert "it has no run.json of gafreduce" in errors
