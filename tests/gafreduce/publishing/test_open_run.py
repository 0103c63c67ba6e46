"""Published runs, whose files are downloaded when they are needed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gafreduce.errors import InputError
from gafreduce.publishing.open_run import PublishedRun
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.storage import s3
from tests.conftest import Command

NAMES = ("run.json", "tables/x.tsv")


@pytest.fixture
def client(s3_client: Any, tmp_path: Path) -> Any:
    """Publish a run of one table whose record lacks nearly all that a record has."""
    made = RunFolder(tmp_path / "made")
    made.table("x").parent.mkdir(parents=True)
    made.table("x").write_text("x\n")
    made.write_record({"run_id": "one"})
    made.write_manifest()
    s3_client.create_bucket(Bucket="runs")
    for name in (*NAMES, "MANIFEST.tsv"):
        s3_client.put_object(Bucket="runs", Key=f"a/{name}", Body=(made.path / name).read_bytes())
    return s3_client


def open_in(folder: Path, place: str = "s3://runs/a") -> PublishedRun:
    return PublishedRun(place, s3.Access(), RunFolder(folder))


def test_files_are_downloaded_as_the_manifest_states_them(client: Any, tmp_path: Path) -> None:
    run = open_in(tmp_path / "here")
    assert sorted(run.rows) == sorted(NAMES)
    run.download(["tables/x.tsv", "tables/none.tsv"])
    assert [each.name for each in (tmp_path / "here").rglob("*.*")] == ["x.tsv"]
    client.put_object(Bucket="runs", Key="a/tables/x.tsv", Body=b"y\n")
    with pytest.raises(InputError, match="expected the file that its manifest states"):
        run.download(["tables/x.tsv"])
    assert not list((tmp_path / "here").rglob("*.*"))


def test_the_record_must_have_what_a_record_has(client: Any, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"run\.json: .*it was edited"):
        open_in(tmp_path / "here").download(["run.json"])


def test_a_prefix_without_a_run_is_refused(client: Any, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"s3://runs/b: expected a published run, got no MANIFEST"):
        open_in(tmp_path / "here", "s3://runs/b")


def test_a_published_manifest_cannot_write_or_remove_other_files(
    client: Any, tmp_path: Path, gafreduce: Command
) -> None:
    """Anybody can publish a run: its manifest is not to be trusted."""
    other = tmp_path / "other.txt"
    other.write_text("mine")
    for name in ("figures/../../../other.txt", "../../other.txt", str(other)):
        client.put_object(Bucket="runs", Key=f"a/{name}", Body=b"theirs")
        rows = b"path\tbytes\tsha256\n" + f"{name}\t6\tabc\n".encode()
        client.put_object(Bucket="runs", Key="a/MANIFEST.tsv", Body=rows)
        with pytest.raises(InputError, match=r"expected a published run, got no MANIFEST"):
            open_in(tmp_path / "deep" / "here").download([name])
        code, _, errors = gafreduce(
            *("export", "s3://runs/a", "--to", "term2gene", "-o", tmp_path / "out")
        )
        assert code == 1
        assert "Traceback" not in errors
        assert other.read_text() == "mine"
