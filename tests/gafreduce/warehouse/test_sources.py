"""Places of queries: keys that others choose, and runs that differ from their manifests."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from gafreduce.errors import InputError
from gafreduce.service.published_library import PublishedLibrary
from gafreduce.service.served_runs import find_served_runs
from gafreduce.storage.s3 import Access
from gafreduce.warehouse.published_runs import list_published_runs
from gafreduce.warehouse.sources import find_sources
from tests.conftest import Command


@pytest.fixture
def bucket(s3_client: Any, parent: Path) -> Any:
    """Return a client with the run `competence` below the prefix `runs`."""
    s3_client.create_bucket(Bucket="results")
    put(s3_client, parent / "competence", "runs/competence/")
    return s3_client


def put(client: Any, folder: Path, prefix: str) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            key = f"{prefix}{path.relative_to(folder).as_posix()}"
            client.upload_file(str(path), "results", key)


@pytest.mark.parametrize(
    "prefix", ["runs/../../../up/", "runs//../../../../up/", "/up/", "../up/", "..\\up/"]
)
def test_a_key_of_a_run_leads_nowhere_else(
    bucket: Any, parent: Path, tmp_path: Path, prefix: str
) -> None:
    scratch = tmp_path / "a" / "b" / "scratch"
    scratch.mkdir(parents=True)
    put(bucket, parent / "manual", prefix)
    found = find_sources(["s3://results/"], Access(), scratch, lambda name: True)
    assert len(found.runs) == 2
    for path in found.list_files():
        assert Path(path).resolve().is_relative_to(scratch.resolve())
    assert [
        each for each in tmp_path.rglob("*") if each.is_file() and scratch not in each.parents
    ] == []


@pytest.mark.parametrize(
    "name", ["../../../../up.parquet", "organism_id=1/../../../../up.parquet", "/up.parquet", "a/b"]
)
def test_a_key_of_a_dataset_leads_nowhere_else(
    bucket: Any, lines: Path, tmp_path: Path, name: str
) -> None:
    scratch = tmp_path / "a" / "b" / "scratch"
    scratch.mkdir(parents=True)
    put(bucket, lines, "lines/")
    bucket.put_object(Bucket="results", Key=f"lines/{name}", Body=b"theirs")
    found = find_sources(["s3://results/lines"], Access(), scratch, lambda name: True)
    there = {path.relative_to(lines).as_posix() for path in lines.glob("*=*/*.parquet")}
    assert {"/".join(Path(path).parts[-2:]) for path in found.line_files} == there
    assert [
        each for each in tmp_path.rglob("*") if each.is_file() and scratch not in each.parents
    ] == []


@pytest.mark.parametrize(
    "body",
    [b"[" * 100_000, b"\xff", b"{}", b"[]", b"", b'{"schema": "gafreduce-run/3"}', b"1" * 9_999],
)
def test_a_hostile_record_below_a_prefix_hides_no_other_run(
    bucket: Any, tmp_path: Path, body: bytes
) -> None:
    for name in ("run.json", "MANIFEST.tsv"):
        bucket.put_object(Bucket="results", Key=f"runs/hostile/{name}", Body=body)
    (run,) = list_published_runs(bucket, "s3://results/runs")
    assert run.address == "s3://results/runs/competence"
    library = PublishedLibrary("s3://results/runs", Access(), tmp_path / "scratch", 60.0)
    assert library.find_page(run.run_id) is None
    assert library.choose_store(None)


@pytest.mark.parametrize("is_published", [False, True])
@pytest.mark.parametrize("change", ["edited", "grown"])
def test_a_table_that_was_edited_is_asked_nothing(
    request: pytest.FixtureRequest,
    gafreduce: Command,
    parent: Path,
    samples: Path,
    tmp_path: Path,
    is_published: bool,
    change: str,
) -> None:
    """The answer would be wrong, with exit code 0."""
    run = tmp_path / "run"
    shutil.copytree(parent / "competence", run)
    tables = [run / "parquet/organisms/organisms.parquet", run / "tables/organisms.tsv"]
    for path in tables:
        content = path.read_bytes()
        path.write_bytes(content[:-9] + b"1" + content[-8:] if change == "edited" else content * 2)
    place = str(run)
    if is_published:
        client = request.getfixturevalue("s3_client")
        client.create_bucket(Bucket="results")
        put(client, run, "run/")
        place = "s3://results/run"
    code, output, errors = gafreduce("query", "@which-organisms", place)
    assert (code, output) == (1, "")
    assert "organisms.parquet: expected" in errors
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with pytest.raises(InputError, match=r"tables/organisms\.tsv: expected"):
        find_served_runs([place], Access(), scratch)
    if not is_published:
        ontology = samples / "go-samples.obo"
        code, output, errors = gafreduce(
            "search", "competence", "--run", run, "--ontology", ontology
        )
        assert (code, output) == (1, "")
        assert "organisms" in errors


@pytest.mark.parametrize(
    "words", [("catalog", "s3://results/x", "--create"), ("query", "SELECT 1", "--athena", "w")]
)
def test_a_missing_region_is_named(
    gafreduce: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: tuple[str, ...]
) -> None:
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    code, output, errors = gafreduce(*words)
    assert (code, output) == (1, "")
    assert "there is no region (set AWS_DEFAULT_REGION" in errors
