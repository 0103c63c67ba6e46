"""Whole runs into S3: an existing run is recognised, --force makes another prefix."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gafreduce.inputs.zstd import zstd

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def bucket(s3_client: Any) -> Any:
    s3_client.create_bucket(Bucket="runs")
    return s3_client


def manifests(client: Any) -> list[str]:
    listed = client.list_objects_v2(Bucket="runs").get("Contents", [])
    return [item["Key"] for item in listed if item["Key"].endswith("MANIFEST.tsv")]


def test_an_existing_run_is_not_made_again_and_force_uses_another_prefix(
    bucket: Any, samples: Path, gafreduce: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = (
        *("run", samples, "--ontology", samples / "go-samples.obo"),
        *("--no-report", "-o", "s3a://runs/p/"),
    )
    code, first, errors = gafreduce(*command)
    assert (code, errors) == (0, "")
    assert first.splitlines()[-1] == "s3://runs/p/"
    with monkeypatch.context() as patched:

        def refuse(*_: object) -> None:
            raise AssertionError("made again")

        patched.setattr("gafreduce.pipeline.run_pipeline.run_pipeline", refuse)
        code, again, errors = gafreduce(*command)
        assert (code, errors) == (0, "")
        assert again.splitlines()[:-1] == first.splitlines()[:-1], (
            "the answer is given all the same"
        )
        assert again.splitlines()[-1] == "s3://runs/p/: this run exists already"
        code, _, errors = gafreduce(*command, "--scope", "target")
        assert code == 1
        assert "s3://runs/p: expected an empty prefix or run" in errors, "and before it is made"
    code, forced, errors = gafreduce(*command, "--force")
    assert (code, errors) == (0, "")
    assert forced.splitlines()[-1] == "s3://runs/p-2"
    assert manifests(bucket) == ["p-2/MANIFEST.tsv", "p/MANIFEST.tsv"]


def test_an_incomplete_published_run_is_refused(
    bucket: Any, samples: Path, gafreduce: Command
) -> None:
    command = (
        *("run", samples, "--ontology", samples / "go-samples.obo"),
        *("--no-report", "-o", "s3://runs/p"),
    )
    assert gafreduce(*command)[0] == 0
    bucket.delete_object(Bucket="runs", Key="p/tables/terms.tsv")
    code, _, errors = gafreduce(*command)
    assert code == 1
    assert "s3://runs/p/tables/terms.tsv: expected " in errors
    assert "got no such file (the run is incomplete" in errors


def test_a_missing_bucket_is_reported_before_the_run(
    bucket: Any, samples: Path, gafreduce: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gafreduce.pipeline.run_pipeline.run_pipeline", None)
    code, _, errors = gafreduce(
        *("run", samples, "--ontology", samples / "go-samples.obo"),
        *("--no-report", "-o", "s3://nowhere/p"),
    )
    assert (code, errors.count("\n")) == (1, 1)
    assert "looking for a run in s3://nowhere/p: there is no such bucket" in errors


def test_odd_names_and_zstd_give_the_same_tables(
    samples: Path, tmp_path: Path, gafreduce: Command
) -> None:
    plain = next(samples.glob("*.gaf")).read_bytes()
    stored = zstd.compress(plain)
    tables: list[list[str]] = []
    for name, content in ((b"x.gaf", plain), (b"caf\xe9 %41\n#.gaf.zst", stored)):
        path = tmp_path / os.fsdecode(name)
        path.write_bytes(content)
        out = tmp_path / f"out-{len(tables)}"
        code, _, errors = gafreduce(
            *("run", path, "--ontology", samples / "go-samples.obo", "--no-report", "-o", out)
        )
        assert (code, errors) == (0, "")
        record = json.loads((out / "run.json").read_text())
        assert record["inputs"][0]["sha256"] == hashlib.sha256(content).hexdigest()
        assert record["inputs"][0]["bytes"] == len(content)
        organisms, profile = (
            (out / "tables" / f"{table}.tsv").read_text() for table in ("organisms", "profile")
        )
        header, *rows = organisms.splitlines()
        assert header.endswith("\tfile_label")
        assert len(rows) == 1
        tables.append([header, rows[0].rpartition("\t")[0], profile])
    assert tables[0] == tables[1]
