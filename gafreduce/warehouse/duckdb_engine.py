"""SQL over Parquet files by DuckDB: one SELECT, which can read these files and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from gafreduce.errors import UsageError
from gafreduce.reports.tables.schema import (
    ALL_TABLES,
    ANNOTATION_LINES,
    RUNS,
    TERM_ANCESTORS,
    Table,
)
from gafreduce.warehouse.annotation_dataset import PARTITION
from gafreduce.warehouse.sources import Sources

RUN_ID = "run_id"
_N_ROWS = 10_000
_TYPES = {
    "text": "VARCHAR",
    "integer": "BIGINT",
    "float": "DOUBLE",
    "boolean": "BOOLEAN",
    "texts": "VARCHAR[]",
    "integers": "BIGINT[]",
}


class Result(NamedTuple):
    """The result of a query."""

    columns: tuple[str, ...]
    rows: Iterator[tuple[Any, ...]]


class QueryError(UsageError):
    """The query is no query, or does something else than to read."""

    def __init__(self, message: str) -> None:
        first, *rest = message.strip().splitlines() or [""]
        super().__init__(f"expected a query that can be run, got: {first}")
        self.details = [line for line in rest if line.strip()]


class Engine:
    """A database in memory, with a view for each table; nothing can be written.

    Args:
        sources: The files.

    Raises:
        UsageError: DuckDB is not installed.
    """

    def __init__(self, sources: Sources) -> None:
        try:
            import duckdb
        except ImportError as error:
            raise UsageError(
                "expected the package duckdb, got none (install it: pip install 'gafreduce[query]')"
            ) from error
        self._duckdb = duckdb
        self._connection = duckdb.connect(config={"autoinstall_known_extensions": "false"})
        for table in ALL_TABLES.values():
            self._add_view(table, _select_runs(table, sources.run_files.get(table.name, {})))
        self._add_view(ANNOTATION_LINES, _select_lines(sources.line_files))
        self._add_view(TERM_ANCESTORS, _select_files(sources.ancestor_files))
        self._connection.execute("SET allowed_paths = $files", {"files": sources.list_files()})
        self._connection.execute("SET enable_external_access = false")
        self._connection.execute("SET lock_configuration = true")

    def _add_view(self, table: Table, select: str) -> None:
        if not select:
            cells = ", ".join(
                f'NULL::{_TYPES[column.type]} AS "{column.name}"' for column in table.columns
            )
            run_id = "" if RUN_ID in table.column_names else f"NULL::VARCHAR AS {RUN_ID}, "
            is_of_run = table.name in ALL_TABLES
            select = f"SELECT {run_id if is_of_run else ''}{cells} WHERE false"
        self._connection.execute(f'CREATE VIEW "{table.name}" AS {select}')

    def run(self, text: str, values: Mapping[str, str]) -> Result:
        """Run a query.

        Args:
            text: One SELECT; parameters are `$NAME`.
            values: The value of each parameter.

        Raises:
            QueryError: It is not one SELECT, or has an error.
        """
        duckdb = self._duckdb
        try:
            statements = self._connection.extract_statements(text)
            if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
                kinds = ", ".join(each.type.name for each in statements) or "nothing"
                raise QueryError(f"{kinds}, where one SELECT is allowed")
            found = self._connection.execute(statements[0], dict(values))
        except duckdb.Error as error:
            raise QueryError(str(error)) from error
        return Result(tuple(each[0] for each in found.description), self._fetch(found))

    def _fetch(self, found: Any) -> Iterator[tuple[Any, ...]]:
        while True:
            try:
                rows: Sequence[tuple[Any, ...]] = found.fetchmany(_N_ROWS)
            except self._duckdb.Error as error:
                raise QueryError(str(error)) from error
            if not rows:
                return
            yield from rows


def _quote(text: str) -> str:
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def _list(paths: Sequence[str]) -> str:
    return f"[{', '.join(map(_quote, paths))}]"


def _select_files(paths: Sequence[str]) -> str:
    return f"SELECT * FROM read_parquet({_list(paths)}, union_by_name=true)" if paths else ""


def _select_lines(paths: Sequence[str]) -> str:
    """Return the query for lines; organisms are in the names of their folders."""
    if not paths:
        return ""
    options = f"hive_partitioning=true, hive_types={{{_quote(PARTITION)}: VARCHAR}}"
    return f"SELECT * FROM read_parquet({_list(paths)}, union_by_name=true, {options})"


def _select_runs(table: Table, run_of: Mapping[str, str]) -> str:
    """Return the query for a table of runs, with the id of the run in each row."""
    if not run_of:
        return ""
    if table is RUNS:
        return _select_files(list(run_of))
    known = ", ".join(f"({_quote(path)}, {_quote(run_id)})" for path, run_id in run_of.items())
    return (
        f"SELECT known.{RUN_ID}, found.* EXCLUDE (filename) FROM read_parquet("
        f"{_list(list(run_of))}, union_by_name=true, filename=true) AS found "
        f"JOIN (VALUES {known}) AS known(filename, {RUN_ID}) ON known.filename = found.filename"
    )
