from __future__ import annotations

import json
from pathlib import Path

import pytest

from gafreduce.errors import InputError
from gafreduce.publishing.local_publish import build_run_folder
from gafreduce.publishing.run_folder import SCHEMA, RunFolder


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    """Make a finished run folder of one table."""
    made = RunFolder(tmp_path / "run")
    for path in (made.table("x"), made.parquet("x")):
        path.parent.mkdir(parents=True)
        path.write_text("x\n")
    made.write_record({"run_id": "one"})
    made.write_manifest()
    return made


def test_a_finished_run_is_opened(folder: RunFolder) -> None:
    assert RunFolder.open(folder.path) == folder
    assert folder.is_complete("one")
    assert folder.has_table("x")
    assert not folder.has_table("y")
    assert folder.list_files() == ["parquet/x/x.parquet", "run.json", "tables/x.tsv"]
    assert folder.list_downloads() == ["tables/x.tsv", "parquet/x/x.parquet"]
    assert json.loads(folder.record.read_text()) == {"schema": SCHEMA, "run_id": "one"}


def test_the_record_is_readable_text(folder: RunFolder) -> None:
    folder.write_record({"organism": "Bacillus sp. é", "file": "a\udcff"})
    text = folder.record.read_text(encoding="utf-8")
    assert '"organism": "Bacillus sp. é"' in text
    assert json.loads(text)["file"] == "a\udcff"


def test_a_run_folder_is_made_with_the_folders_above_it(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "run"
    with build_run_folder(path) as made:
        made.table("x").parent.mkdir()
        made.table("x").touch()
    assert RunFolder(path).has_table("x")
    assert [each.name for each in path.parent.iterdir()] == ["run"]


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"expected a run folder with run\.json, got none"):
        RunFolder.open(tmp_path)
    (tmp_path / "tables").mkdir()
    assert not RunFolder(tmp_path).is_complete("one"), "empty folders are no obstacle"
    (tmp_path / "tables" / "x").touch()
    with pytest.raises(InputError, match="got something that is not a finished run"):
        RunFolder(tmp_path).is_complete("one")
    assert not RunFolder(tmp_path / "none").is_complete("one")


@pytest.mark.parametrize("schema", ['"gafreduce-run/1"', "null"])
def test_a_run_of_another_version_is_refused(folder: RunFolder, schema: str) -> None:
    folder.record.write_text(f'{{"schema": {schema}, "run_id": "one"}}')
    with pytest.raises(InputError, match=f"expected schema {SCHEMA}, got"):
        RunFolder.open(folder.path)


@pytest.mark.parametrize("text", ["", "[]", "1", '{"run_id": ""}'])
def test_a_damaged_record_has_no_run_id(folder: RunFolder, text: str) -> None:
    folder.record.write_text(text)
    assert folder.run_id is None


@pytest.mark.parametrize("name", ["tables/y.tsv", "parquet/x/y.parquet"])
def test_a_file_among_the_tables_that_is_not_in_the_manifest_is_a_defect(
    folder: RunFolder, name: str
) -> None:
    (folder.path / "notes.txt").write_text("of the user")
    assert folder.is_complete("one")
    (folder.path / name).write_text("y")
    with pytest.raises(InputError, match=f"{name}: expected a row in MANIFEST.tsv, got none"):
        folder.is_complete("one")


def test_what_gafreduce_has_not_made_is_listed(folder: RunFolder) -> None:
    empty = folder.table("empty")
    empty.touch()
    folder.write_manifest()
    assert folder.list_foreign() == []
    (folder.path / "notes.txt").touch()
    folder.record.unlink()
    folder.record.symlink_to("notes.txt")
    assert sorted(folder.list_foreign()) == ["notes.txt", "run.json"]


def test_a_tree_of_empty_folders_has_no_files(tmp_path: Path) -> None:
    assert not RunFolder(tmp_path / "none").has_files()
    (tmp_path / "run" / "tables").mkdir(parents=True)
    assert not RunFolder(tmp_path / "run").has_files()
    (tmp_path / "run" / "tables" / "x").touch()
    for path in (tmp_path / "run", tmp_path / "run" / "tables" / "x"):
        assert RunFolder(path).has_files()
