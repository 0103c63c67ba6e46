"""A lake for the tests: runs that `gafreduce run` published, with their catalog, asked through Trino."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import pytest
from moto.server import ThreadedMotoServer

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]
sys.path[:0] = [str(REPOSITORY / "tests" / "cluster")]  # what is there is not installed
sys.path.append(str(HERE))

import minitrino  # noqa: E402 - the path
from minitrino import BUCKET, DATABASE, RUNS  # noqa: E402

from gafreduce.publishing.run_folder import RECORD  # noqa: E402
from gafreduce.storage.s3 import Access  # noqa: E402
from gafreduce.warehouse.duckdb_engine import Engine  # noqa: E402
from gafreduce.warehouse.named_queries import number_parameters  # noqa: E402
from gafreduce.warehouse.sources import find_sources  # noqa: E402

Rows = list[tuple[Any, ...]]
Ask = Callable[..., Rows]
Call = Callable[..., str]


class Inputs(NamedTuple):
    """Annotation files and their ontology."""

    files: tuple[Path, ...]
    ontology: Path


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave this folder out of a run that does not name it."""
    named = [Path(argument.split("::")[0]).resolve() for argument in config.args]
    return None if any(HERE in (path, *path.parents) for path in named) else True


@pytest.fixture(scope="session")
def inputs() -> Inputs:
    """Return the founding seven where they are, else the samples."""
    data = REPOSITORY.parent / "shared" / "data"
    seven = data / "seven-organisms"
    if seven.is_dir():
        files = (
            *sorted((seven / "whole").glob("*.gaf.gz")),
            *sorted((seven / "excerpt").glob("*_168-*")),
            *sorted((seven / "excerpt").glob("Esch*")),
        )
        return Inputs(files, data / "ontology" / "go-basic-2022-07-01.obo.gz")
    samples = REPOSITORY / "data" / "samples"
    return Inputs(tuple(sorted(samples.glob("*.gaf"))), samples / "go-samples.obo")


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[minitrino.Lake]:
    """Run all servers; AWS's variables of this process lead to them."""
    tools = minitrino.make_tools()
    glue = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    glue.start()
    host, port = glue.get_host_and_port()
    try:
        scratch = tmp_path_factory.mktemp("lake")
        with (
            minitrino.run_lake(scratch, tools, f"http://{host}:{port}") as running,
            pytest.MonkeyPatch.context() as patched,
        ):
            for name, value in running.environment.items():
                patched.setenv(name, value)
            boto3.client("s3").create_bucket(Bucket=BUCKET)
            yield running
    finally:
        glue.stop()


@pytest.fixture(scope="session")
def call(lake: minitrino.Lake) -> Call:
    """Return a function that runs `gafreduce` in a process of its own, and returns its output."""

    def call(*arguments: object) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "gafreduce", *map(str, arguments)],
            env={**os.environ, **lake.environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return call


@pytest.fixture(scope="session")
def trino(lake: minitrino.Lake) -> Ask:
    """Return a function that asks Trino: the text and the values that `query --athena` would send."""
    from trino.dbapi import connect

    def trino(text: str, values: Mapping[str, str] | None = None) -> Rows:
        numbered, names = number_parameters(text)
        connection = connect(
            host="127.0.0.1",
            port=lake.trino_port,
            user="test",
            catalog=minitrino.CATALOG,
            schema=DATABASE,
        )
        cursor = connection.cursor()
        parameters = [(values or {})[name] for name in names]
        cursor.execute(numbered, parameters) if names else cursor.execute(numbered)
        return [tuple(row) for row in cursor.fetchall()]

    return trino


@pytest.fixture(scope="session")
def published(
    call: Call, inputs: Inputs, trino: Ask, tmp_path_factory: pytest.TempPathFactory
) -> list[str]:
    """Publish two runs, all lines and all ancestors with their catalog; return what DuckDB reads."""
    call("catalog", RUNS, "--create")
    common = ("--ontology", inputs.ontology, "--no-report", "-q")
    run = ("run", *inputs.files, *common, "--catalog", DATABASE, "-o")
    call(*run, f"{RUNS}/competence")
    call(*run, f"{RUNS}/manual", "--exclude-evidence", "IEA", "--max-rejected", "100%")
    folder = tmp_path_factory.mktemp("converted")
    lines, ancestors = folder / "lines", folder / "ancestors.parquet"
    convert = ("convert", "--ontology", inputs.ontology)
    call(*convert, *inputs.files, "--to", "parquet", "-o", lines, "-q")
    call(*convert, "--ancestors", "-o", ancestors)
    s3 = boto3.client("s3")
    for path in lines.rglob("*"):
        if path.is_file():
            key = f"runs/annotation_lines/{path.relative_to(lines).as_posix()}"
            s3.upload_file(str(path), BUCKET, key)
    s3.upload_file(str(ancestors), BUCKET, "runs/term_ancestors/ancestors.parquet")
    # MSCK REPAIR TABLE of Athena
    trino(f"CALL system.sync_partition_metadata('{DATABASE}', 'annotation_lines', 'ADD')")
    return [f"{RUNS}/competence", f"{RUNS}/manual", str(lines), str(ancestors)]


@pytest.fixture(scope="session")
def run_ids(published: list[str]) -> tuple[str, str]:
    """Return the ids of the two runs: with all lines, and without the electronic ones."""
    s3 = boto3.client("s3")

    def read_id(name: str) -> str:
        body = s3.get_object(Bucket=BUCKET, Key=f"runs/{name}/{RECORD}")["Body"].read()
        return str(json.loads(body)["run_id"])

    return read_id("competence"), read_id("manual")


@pytest.fixture(scope="session")
def duckdb(published: list[str], tmp_path_factory: pytest.TempPathFactory) -> Ask:
    """Return a function that asks DuckDB the same text over the same runs."""
    scratch = tmp_path_factory.mktemp("scratch")
    engine = Engine(find_sources(published, Access(), scratch, lambda table: True))

    def duckdb(text: str, values: Mapping[str, str] | None = None) -> Rows:
        return list(engine.run(text, values or {}).rows)

    return duckdb
