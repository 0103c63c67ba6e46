"""The Glue catalog, in moto: tables by the one definition, a partition for each run, synchronised."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pyarrow.parquet as parquet
import pytest
from moto import mock_aws

from gafreduce.reports.tables.schema import ALL_TABLES, CONVERTED_TABLES
from gafreduce.warehouse.glue_catalog import Catalog, CatalogRun, Changes, make_table_input

Command = Callable[..., tuple[int, str, str]]
ARROW = {
    "string": "string",
    "bigint": "int64",
    "double": "double",
    "boolean": "bool",
    "array<string>": "list<element: string>",
    "array<bigint>": "list<element: int64>",
}


@pytest.fixture
def glue(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        yield boto3.client("glue")


def locations(glue: Any, table: str) -> dict[str, str]:
    found = glue.get_partitions(DatabaseName="d", TableName=table)["Partitions"]
    return {each["Values"][0]: each["StorageDescriptor"]["Location"] for each in found}


def test_columns_are_those_of_the_files(parent: Path) -> None:
    for path in (parent / "competence" / "parquet").glob("*/*.parquet"):
        table = ALL_TABLES[path.stem]
        made = make_table_input(table, "s3://results/runs")
        columns = made["StorageDescriptor"]["Columns"]
        schema = parquet.read_schema(path)
        expected = {field.name: str(field.type) for field in schema}
        if table.name == "runs":
            del expected["run_id"]  # it is the partition
        assert {each["Name"]: ARROW[each["Type"]] for each in columns} == expected
        assert made["PartitionKeys"] == [{"Name": "run_id", "Type": "string"}]


def test_lines_are_partitioned_by_organism_and_ancestors_are_not() -> None:
    lines, ancestors = (
        make_table_input(table, "s3://results/x") for table in CONVERTED_TABLES.values()
    )
    assert lines["PartitionKeys"] == [{"Name": "organism_id", "Type": "string"}]
    assert "organism_id" not in {each["Name"] for each in lines["StorageDescriptor"]["Columns"]}
    assert ancestors["PartitionKeys"] == []


def test_runs_are_added_once_follow_moves_and_are_taken_out(glue: Any) -> None:
    catalog = Catalog(glue, "d")
    assert catalog.create("s3://results/runs") == len(ALL_TABLES) + len(CONVERTED_TABLES)
    assert catalog.create("s3://results/runs") == 0
    first = CatalogRun("aaa", "s3://results/runs/one", ("organisms", "runs"))
    second = CatalogRun("bbb", "s3://results/runs/two", ("organisms",))
    assert catalog.add_run(first) == Changes(2, 0, 0)
    assert catalog.add_run(first) == Changes(0, 0, 0)
    assert catalog.sync([first, second]) == Changes(1, 0, 0)
    assert locations(glue, "organisms") == {
        "aaa": "s3://results/runs/one/parquet/organisms/",
        "bbb": "s3://results/runs/two/parquet/organisms/",
    }
    moved = first._replace(address="s3://results/runs/three")
    assert catalog.sync([moved, second]) == Changes(0, 2, 0)
    assert catalog.add_run(first) == Changes(0, 2, 0)
    assert catalog.sync([second]) == Changes(0, 0, 2)
    assert locations(glue, "organisms") == {"bbb": "s3://results/runs/two/parquet/organisms/"}
    assert locations(glue, "runs") == {}
    assert catalog.sync([second]) == Changes(0, 0, 0)


def test_many_runs_are_added_and_removed_in_groups(glue: Any) -> None:
    catalog = Catalog(glue, "d")
    catalog.create("s3://results/runs")
    runs = [CatalogRun(f"{n:03}", f"s3://results/runs/{n}", ("organisms",)) for n in range(230)]
    assert catalog.sync(runs) == Changes(230, 0, 0)
    assert len(locations(glue, "organisms")) == 230
    assert catalog.sync(runs[:3]) == Changes(0, 0, 227)


def test_the_command_follows_the_bucket(gafreduce: Command, glue: Any, parent: Path) -> None:
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="results")
    for name in ("competence", "manual"):
        for path in (parent / name).rglob("*"):
            if path.is_file():
                s3.upload_file(
                    str(path),
                    "results",
                    f"runs/{name}/{path.relative_to(parent / name).as_posix()}",
                )
    asked = ("catalog", "s3://results/runs", "--database", "d", "--create", "--sync")
    n_tables = len(list((parent / "competence" / "parquet").iterdir()))
    code, out, _ = gafreduce(*asked)
    assert code == 0
    assert out == (
        f"tables made: {len(ALL_TABLES) + len(CONVERTED_TABLES)}, runs: 2, added: {2 * n_tables}, "
        "moved: 0, removed: 0\n"
    )
    assert len(locations(glue, "runs")) == 2
    s3.delete_object(Bucket="results", Key="runs/manual/MANIFEST.tsv")
    code, out, _ = gafreduce(*asked[:-2], "--sync", "--json")
    assert f'"removed": {n_tables}' in out
    (location,) = locations(glue, "runs").values()
    assert location == "s3://results/runs/competence/parquet/runs/"


def test_a_run_adds_itself(gafreduce: Command, glue: Any, samples: Path) -> None:
    boto3.client("s3").create_bucket(Bucket="results")
    Catalog(glue, "d").create("s3://results/runs")
    source = samples / "Escherichia_coli_K_12-83333.gaf"
    arguments = ("run", source, "--ontology", samples / "go-samples.obo", "--no-report", "-q")
    for _ in range(2):  # the second time the run exists
        assert gafreduce(*arguments, "-o", "s3://results/runs/one", "--catalog", "d")[0] == 0
        ((_, location),) = locations(glue, "runs").items()
        assert location == "s3://results/runs/one/parquet/runs/"
    code, _, errors = gafreduce(*arguments, "-o", "here", "--catalog", "d")
    assert code == 2
    assert "--catalog: expected -o s3://" in errors


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("here", "--sync"), "expected s3://bucket/prefix"),
        (("s3://results/x",), "expected --create or --sync"),
    ],
)
def test_what_no_catalog_can_do_is_refused(
    gafreduce: Command, arguments: tuple[str, ...], message: str
) -> None:
    code, _, errors = gafreduce("catalog", *arguments)
    assert code == 2
    assert message in errors
