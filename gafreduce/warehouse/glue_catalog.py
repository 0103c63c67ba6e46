"""The Glue catalog: tables made from the one definition of columns, with a partition for each run.

A partition points into a run folder, so nothing is stored twice. Partitions are used instead of
partition projection, because with an injected `run_id` no query could compare runs.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from gafreduce.errors import TransientError
from gafreduce.publishing.run_folder import parquet_path
from gafreduce.reports.tables.schema import (
    ALL_TABLES,
    ANNOTATION_LINES,
    CONVERTED_TABLES,
    RUNS,
    Table,
)
from gafreduce.storage.s3_errors import translate_errors
from gafreduce.warehouse.annotation_dataset import PARTITION

RUN_ID = "run_id"

#: Types of columns in Hive, by those of columns.tsv.
_TYPES = {
    "text": "string",
    "integer": "bigint",
    "float": "double",
    "boolean": "boolean",
    "texts": "array<string>",
    "integers": "array<bigint>",
}
_STORAGE = {
    "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    "SerdeInfo": {
        "SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
    },
}
#: Limits of Glue for one request.
_N_CREATED = 100
_N_DELETED = 25
_EXISTS = "AlreadyExistsException"

_Item = TypeVar("_Item")


class CatalogRun(NamedTuple):
    """A published run."""

    run_id: str
    address: str  # s3://bucket/prefix, without a slash at the end
    tables: tuple[str, ...]  # that it has


class Changes(NamedTuple):
    """How many partitions were changed."""

    added: int
    moved: int
    removed: int


def make_table_input(table: Table, location: str) -> dict[str, Any]:
    """Return the definition of a table for Glue, the same that the template has.

    Args:
        table: Its definition here.
        location: s3:// URI of the folder of the table; of a table of runs that of all runs.
    """
    key = PARTITION if table is ANNOTATION_LINES else RUN_ID
    is_partitioned = table is ANNOTATION_LINES or table.name in ALL_TABLES
    columns = [
        {"Name": column.name, "Type": _TYPES[column.type], "Comment": column.description[:255]}
        for column in table.columns
        if not (is_partitioned and column.name == key)
    ]
    return {
        "Name": table.name,
        "Description": table.description[:2048],
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"classification": "parquet", "EXTERNAL": "TRUE"},
        "PartitionKeys": [{"Name": key, "Type": "string"}] if is_partitioned else [],
        "StorageDescriptor": {"Columns": columns, "Location": f"{location}/", **_STORAGE},
    }


class Catalog:
    """A database of the Glue catalog.

    Args:
        client: Of boto3, for Glue.
        database: Its name.
    """

    def __init__(self, client: Any, database: str) -> None:
        self._client = client
        self._database = database

    def create(self, location: str) -> int:
        """Make the database and those of its tables that are missing; return how many were made.

        Args:
            location: s3:// URI below which runs are published.
        """
        n_made = 0
        with translate_errors(f"making the database {self._database} of the Glue catalog"):
            with contextlib.suppress(self._client.exceptions.AlreadyExistsException):
                self._client.create_database(DatabaseInput={"Name": self._database})
            for table in (ALL_TABLES | CONVERTED_TABLES).values():
                folder = f"{location.rstrip('/')}/{table.name}"
                definition = make_table_input(table, folder)
                try:
                    self._client.create_table(DatabaseName=self._database, TableInput=definition)
                except self._client.exceptions.AlreadyExistsException:
                    continue
                n_made += 1
        return n_made

    def add_run(self, run: CatalogRun) -> Changes:
        """Add the partitions of a run; those that are there stay, or follow a run that moved.

        That of `runs` is the last one: when a query sees the run there, all its tables are there.
        """
        added = moved = 0
        with translate_errors(f"adding run {run.run_id} to the database {self._database}"):
            for name in sorted(run.tables, key=_is_last):
                errors = self._create(name, [run])
                if errors:
                    moved += self._move(name, run)
                else:
                    added += 1
        return Changes(added, moved, 0)

    def sync(self, runs: Sequence[CatalogRun]) -> Changes:
        """Make the partitions those of these runs: others are removed.

        Args:
            runs: All published runs.
        """
        added = moved = removed = 0
        with translate_errors(f"synchronising the database {self._database}"):
            known_of = {name: dict(self._list_partitions(name)) for name in ALL_TABLES}
            wanted_of = {
                name: {run.run_id: run for run in runs if name in run.tables} for name in ALL_TABLES
            }
            for name in sorted(ALL_TABLES, key=_is_last):
                wanted, known = wanted_of[name], known_of[name]
                missing = [run for run_id, run in wanted.items() if run_id not in known]
                for some in _group(missing, _N_CREATED):
                    added += len(some) - len(self._create(name, some))
                for run_id, location in known.items():
                    if run_id in wanted and location != _locate(wanted[run_id], name):
                        moved += self._move(name, wanted[run_id])
            for name in sorted(ALL_TABLES, key=_is_last, reverse=True):
                gone = [run_id for run_id in known_of[name] if run_id not in wanted_of[name]]
                for ids in _group(gone, _N_DELETED):
                    self._client.batch_delete_partition(
                        DatabaseName=self._database,
                        TableName=name,
                        PartitionsToDelete=[{"Values": [run_id]} for run_id in ids],
                    )
                    removed += len(ids)
        return Changes(added, moved, removed)

    def _list_partitions(self, name: str) -> Iterator[tuple[str, str]]:
        """Yield the run and the location of each partition of a table."""
        pages = self._client.get_paginator("get_partitions").paginate(
            DatabaseName=self._database, TableName=name, ExcludeColumnSchema=True
        )
        for page in pages:
            for each in page["Partitions"]:
                yield each["Values"][0], each["StorageDescriptor"]["Location"]

    def _create(self, name: str, runs: Sequence[CatalogRun]) -> list[str]:
        """Add partitions; return the ids of runs whose partition was there."""
        answer = self._client.batch_create_partition(
            DatabaseName=self._database,
            TableName=name,
            PartitionInputList=[_make_partition(run, name) for run in runs],
        )
        errors = answer.get("Errors", [])
        for each in errors:
            code = each["ErrorDetail"]["ErrorCode"]
            if code != _EXISTS:
                raise TransientError(
                    f"adding a partition to {self._database}.{name}: {code}: "
                    f"{each['ErrorDetail'].get('ErrorMessage', '')}"
                )
        return [each["PartitionValues"][0] for each in errors]

    def _move(self, name: str, run: CatalogRun) -> int:
        """Let a partition point to where its run is now; return 1 if it did not yet, else 0."""
        key = {"DatabaseName": self._database, "TableName": name}
        found = self._client.get_partition(**key, PartitionValues=[run.run_id])["Partition"]
        if found["StorageDescriptor"]["Location"] == _locate(run, name):
            return 0
        self._client.update_partition(
            **key,
            PartitionValueList=[run.run_id],
            PartitionInput=_make_partition(run, name),
        )
        return 1


def _is_last(table: str) -> bool:
    """Return whether a table gets a run after all others, and loses it before them."""
    return table == RUNS.name


def _locate(run: CatalogRun, table: str) -> str:
    folder = parquet_path(table).rpartition("/")[0]
    return f"{run.address}/{folder}/"


def _make_partition(run: CatalogRun, table: str) -> dict[str, Any]:
    location = _locate(run, table)
    columns = make_table_input(ALL_TABLES[table], run.address)["StorageDescriptor"]["Columns"]
    return {
        "Values": [run.run_id],
        "StorageDescriptor": {"Columns": columns, "Location": location, **_STORAGE},
    }


def _group(items: Iterable[_Item], size: int) -> Iterator[list[_Item]]:
    iterator = iter(items)
    while found := list(islice(iterator, size)):
        yield found
