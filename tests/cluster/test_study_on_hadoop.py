"""A study of several traits on the cluster: every table of it, byte for byte as inline."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from job_runs import SAMPLES, RunCommand

#: A trait, one that it is nested in, and one that nearly every line has.
TRAITS = ("GO:0030420", "GO:0009294", "GO:0008150")


@pytest.fixture
def terms(tmp_path: Path) -> tuple[str, str]:
    path = tmp_path / "traits.tsv"
    path.write_text("id\n" + "".join(f"{go_id}\n" for go_id in TRAITS))
    return "--terms", str(path)


def is_compared(name: str) -> bool:
    """Tell whether a file of a study is a table; `runs` has the time of the run."""
    return name.endswith(".tsv") and "tables/" in name and not name.endswith("/runs.tsv")


def list_tables(study: Path) -> Iterator[tuple[str, bytes]]:
    for path in study.rglob("*.tsv"):
        name = path.relative_to(study).as_posix()
        if is_compared(name):
            yield name, path.read_bytes()


def list_tables_in_s3(s3: Any, bucket: str, prefix: str) -> Iterator[tuple[str, bytes]]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    for key in (each["Key"] for page in pages for each in page.get("Contents", [])):
        name = key.removeprefix(prefix)
        if is_compared(name):
            yield name, s3.get_object(Bucket=bucket, Key=key)["Body"].read()


def make_inline(gafreduce: RunCommand, folder: Path, terms: tuple[str, str]) -> dict[str, bytes]:
    done = gafreduce("inline", SAMPLES, output=folder, report=True, more=terms)
    assert done.returncode == 0, done.stderr
    found = dict(list_tables(folder))
    for go_id in TRAITS:
        rows = found[f"traits/{go_id.replace(':', '_')}/tables/annotations.tsv"].splitlines()
        assert len(rows) > 1, go_id
    assert {"tables/traits.tsv", "tables/shared_products.tsv"} <= found.keys()
    return found


def test_study_on_hadoop_has_the_bytes_of_one_inline(
    gafreduce: RunCommand, terms: tuple[str, str], tmp_path: Path
) -> None:
    done = gafreduce("hadoop", SAMPLES, output=tmp_path / "hadoop", report=True, more=terms)
    assert done.returncode == 0, done.stderr
    made = dict(list_tables(tmp_path / "hadoop"))
    assert made == make_inline(gafreduce, tmp_path / "inline", terms)
    assert (tmp_path / "hadoop" / "index.html").is_file()


@pytest.mark.large
def test_study_on_emr_has_the_bytes_of_one_inline(
    gafreduce: RunCommand, terms: tuple[str, str], samples_in_s3: str, s3: Any, tmp_path: Path
) -> None:
    prefix = "results/emr-study/"
    output = f"s3://results/{prefix}"
    done = gafreduce("emr", samples_in_s3, output=output, report=True, more=terms)
    assert done.returncode == 0, done.stderr
    made = dict(list_tables_in_s3(s3, "results", prefix))
    assert made == make_inline(gafreduce, tmp_path / "inline", terms)
    assert s3.head_object(Bucket="results", Key=f"{prefix}index.html")["ContentLength"]
