"""Runs in S3 behind the application: fetched when they are asked for, and again when they change."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from gafreduce.errors import InputError
from gafreduce.publishing.run_folder import PAGE, RECORD, SEARCH_DATABASE, RunFolder
from gafreduce.reports.tables.reader import read_rows
from gafreduce.service import published_library
from gafreduce.service.application import make_application
from gafreduce.service.published_library import PublishedLibrary
from gafreduce.service.search_database import TABLES, build_database, merge_databases, open_database
from gafreduce.service.store import TooSlowError
from gafreduce.storage.s3 import Access

PLACE = "s3://results/runs"
Put = Callable[[str, Path], None]


@pytest.fixture(scope="module")
def runs(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with two runs; the first has a search database and a page."""
    from gafreduce.cli.main import main

    folder = tmp_path_factory.mktemp("published")
    source = samples / "Escherichia_coli_K_12-83333.gaf"
    common = ["run", str(source), "--ontology", str(samples / "go-samples.obo"), "--no-report"]
    for name, more in (("first", ["--search"]), ("second", ["--exclude-evidence", "IEA"])):
        assert main([*common, "-q", "--max-rejected", "100%", "-o", str(folder / name), *more]) == 0
    (folder / "first" / PAGE).write_text("<!DOCTYPE html><title>the page</title>")
    return folder


@pytest.fixture
def put(s3_client: Any) -> Put:
    """Return a function that puts a run folder into the bucket, as a run of a name."""
    s3_client.create_bucket(Bucket="results")

    def put(name: str, folder: Path) -> None:
        for path in folder.rglob("*"):
            if path.is_file():
                key = f"runs/{name}/{path.relative_to(folder).as_posix()}"
                s3_client.upload_file(str(path), "results", key)

    return put


@pytest.fixture
def library(put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PublishedLibrary:
    monkeypatch.setattr(published_library, "_PAUSE_SECONDS", 0.0)
    return PublishedLibrary(PLACE, Access(), tmp_path / "scratch")


@pytest.fixture
def client(library: PublishedLibrary) -> Iterator[TestClient]:
    with TestClient(make_application(library), raise_server_exceptions=False) as made:
        yield made


def run_id_of(folder: Path) -> str:
    return str(RunFolder(folder).run_id)


def test_a_database_of_two_is_that_of_both_folders(runs: Path, tmp_path: Path) -> None:
    folders = sorted(
        (RunFolder(each) for each in runs.iterdir()), key=lambda each: str(each.run_id)
    )
    parts = [tmp_path / f"{number}" for number in range(2)]
    for folder, part in zip(folders, parts, strict=True):
        build_database([folder], part)
    merge_databases(parts, tmp_path / "merged")
    build_database(folders, tmp_path / "both")
    merged, both = open_database(tmp_path / "merged"), open_database(tmp_path / "both")
    for table in TABLES:
        query = f"SELECT rowid, * FROM {table.name} ORDER BY rowid"
        assert merged.execute(query).fetchall() == both.execute(query).fetchall()
    query = "SELECT rowid FROM gene_product_search WHERE gene_product_search MATCH 'uniprotkb'"
    assert merged.execute(query).fetchall() == both.execute(query).fetchall() != []
    merged.close()
    both.close()


def test_runs_appear_change_and_disappear_with_their_manifest(
    client: TestClient, put: Put, runs: Path, s3_client: Any, tmp_path: Path
) -> None:
    refused = client.get("/runs")
    assert (refused.status_code, refused.headers["content-type"]) == (
        503,
        "application/problem+json",
    )
    first, second = run_id_of(runs / "first"), run_id_of(runs / "second")
    put("one", runs / "first")
    assert [each["run_id"] for each in client.get("/runs").json()["items"]] == [first]
    put("two", runs / "second")
    s3_client.delete_object(Bucket="results", Key="runs/two/MANIFEST.tsv")
    assert client.get("/runs").json()["total"] == 1  # it is still being published
    put("two", runs / "second")
    assert {each["run_id"] for each in client.get("/runs").json()["items"]} == {first, second}
    for folder in (runs / "first", runs / "second"):
        rows = list(read_rows(RunFolder(folder), "terms"))
        found = client.get("/terms", params={"run": run_id_of(folder)}).json()
        assert found["total"] == len(rows) > 0
    assert client.get("/terms", params={"run": "nothing"}).json()["total"] == 0
    assert client.get("/runs/nothing").status_code == 404

    # the same folder has another run now
    changed = tmp_path / "changed"
    shutil.copytree(runs / "second", changed)
    record = json.loads((changed / RECORD).read_text())
    (changed / RECORD).write_text(json.dumps({**record, "run_id": "changed"}))
    (changed / "MANIFEST.tsv").write_bytes((changed / "MANIFEST.tsv").read_bytes() + b"\n")
    put("two", changed)
    assert {each["run_id"] for each in client.get("/runs").json()["items"]} == {first, "changed"}
    s3_client.delete_object(Bucket="results", Key="runs/two/MANIFEST.tsv")
    assert [each["run_id"] for each in client.get("/runs").json()["items"]] == [first]


def test_pages_are_passed_on_or_fetched_from_s3(
    client: TestClient, put: Put, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put("one", runs / "first")
    put("two", runs / "second")
    path = f"/runs/{run_id_of(runs / 'first')}/page"
    assert client.get(path).text.endswith("the page</title>")
    assert client.get(f"/runs/{run_id_of(runs / 'second')}/page").status_code == 404
    monkeypatch.setattr(published_library, "_MOST_OF_PAGE", 10)
    moved = client.get(path, follow_redirects=False)
    assert moved.status_code == 307
    assert "/runs/one/report.html?" in moved.headers["location"]


def test_the_disk_holds_the_databases_that_were_asked_for_last(
    library: PublishedLibrary, put: Put, runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put("one", runs / "first")
    put("two", runs / "second")
    size = (runs / "first" / SEARCH_DATABASE).stat().st_size
    library.choose_store(None)
    assert len(list((tmp_path / "scratch").glob("*.sqlite"))) == 3
    monkeypatch.setattr(published_library, "_MOST_BYTES", size * 3 // 2)
    for folder in (runs / "first", runs / "second"):
        library.choose_store(run_id_of(folder))
        assert len(list((tmp_path / "scratch").glob("*.sqlite"))) == 1
    with pytest.raises(TooSlowError):
        library.choose_store(None)


def test_a_place_without_runs_is_said(library: PublishedLibrary) -> None:
    with pytest.raises(InputError, match="expected published runs, got none"):
        library.choose_store("x")
