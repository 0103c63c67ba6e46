"""The search database: tables of runs in SQLite, with full-text search of products and terms.

It is a file like others of a run (`extras/search.sqlite`), which any tool for SQLite opens. The
same tables give the same bytes with the same version of SQLite.
"""

from __future__ import annotations

import contextlib
import functools
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.tables import schema
from gafreduce.reports.tables.reader import read_rows
from gafreduce.reports.tables.schema import Column, Table

RUN_ID = "run_id"
#: Version of the layout; a file with another one is made again.
VERSION = 2

#: The tables that are copied; original lines and the counts of all terms would double the size.
TABLES = (
    schema.RUNS,
    schema.ORGANISMS,
    schema.GENE_PRODUCTS,
    schema.ANNOTATIONS,
    schema.TERMS,
)
_LEFT_OUT = {"annotations": ("line",)}
_TYPES = {"integer": "INTEGER", "float": "REAL", "boolean": "INTEGER"}
_READERS: dict[str, Callable[[str], Any]] = {
    "integer": int,
    "float": float,
    "boolean": lambda cell: cell == "true",
}
#: Lists are in the order of rows, in which an index has the rows of one value: a page of a list is
#: read without sorting, so no index has more columns than its filters.
_INDEXES = (
    ("organisms", "run_id, organism_id"),
    ("gene_products", "run_id, organism_id"),
    ("gene_products", "organism_id"),
    ("gene_products", "object_id"),
    ("annotations", "run_id, organism_id"),
    ("annotations", "organism_id"),
    ("annotations", "object_id"),
    ("annotations", "go_id"),
    ("terms", "go_id"),
    ("terms", "run_id, membership"),
)
_SEARCH = """
CREATE VIRTUAL TABLE gene_product_search USING fts5(
  object_id, symbol, name, synonyms, content='gene_products', prefix='2 3'
);
INSERT INTO gene_product_search(rowid, object_id, symbol, name, synonyms)
  SELECT rowid, object_id, symbol, name, replace(synonyms, '|', ' ') FROM gene_products;
CREATE VIRTUAL TABLE term_search USING fts5(go_id, name, content='terms', prefix='2 3');
INSERT INTO term_search(rowid, go_id, name) SELECT rowid, go_id, name FROM terms;
INSERT INTO gene_product_search(gene_product_search) VALUES ('optimize');
INSERT INTO term_search(term_search) VALUES ('optimize');
"""


@functools.cache
def list_columns(table: Table) -> tuple[Column, ...]:
    """Return the columns of a table in the database: first the run, then those of the table."""
    left_out = (RUN_ID, *_LEFT_OUT.get(table.name, ()))
    run_id = next(column for column in schema.RUNS.columns if column.name == RUN_ID)
    return (run_id, *(column for column in table.columns if column.name not in left_out))


def build_database(folders: Iterable[RunFolder], path: Path) -> None:
    """Write the search database of runs.

    Args:
        folders: Run folders; their run ids differ.
        path: The new file.

    Raises:
        InputError: A run has no record, or a table is damaged.
        OSError: The file cannot be written.
    """
    with _write_database(path) as connection:
        for folder in folders:
            run_id = str(folder.read_record()["run_id"])
            for table in TABLES:
                marks = ", ".join("?" * len(list_columns(table)))
                connection.executemany(
                    f'INSERT INTO "{table.name}" VALUES ({marks})',
                    _read_cells(folder, table, run_id),
                )


def merge_databases(paths: Iterable[Path], path: Path) -> None:
    """Write the search database of the runs of others, which have this layout.

    Args:
        paths: The others; their run ids differ.
        path: The new file.

    Raises:
        OSError: The file cannot be written.
    """
    with _write_database(path) as connection:
        for each in paths:
            connection.execute("COMMIT")
            connection.execute("ATTACH ? AS other", (str(each),))
            connection.execute("BEGIN")
            for table in TABLES:
                connection.execute(
                    f'INSERT INTO main."{table.name}" SELECT * FROM other."{table.name}" '
                    "ORDER BY rowid"
                )
            connection.execute("COMMIT")
            connection.execute("DETACH other")
            connection.execute("BEGIN")


@contextlib.contextmanager
def _write_database(path: Path) -> Iterator[sqlite3.Connection]:
    """Make the tables of a new database, and its indexes when the block has filled them."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        for table in TABLES:
            cells = ", ".join(
                f'"{column.name}" {_TYPES.get(column.type, "TEXT")}'
                for column in list_columns(table)
            )
            connection.execute(f'CREATE TABLE "{table.name}" ({cells})')
        yield connection
        for number, (name, columns) in enumerate(_INDEXES):
            connection.execute(f"CREATE INDEX index_{number} ON {name} ({columns})")
        connection.execute("COMMIT")
        connection.executescript(_SEARCH)
        connection.execute("ANALYZE")
        connection.execute(f"PRAGMA user_version = {VERSION}")
    finally:
        connection.close()


def _read_cells(folder: RunFolder, table: Table, run_id: str) -> Iterator[Sequence[Any]]:
    if not folder.has_table(table.name):
        return
    _, *columns = list_columns(table)
    readers = [(column.name, _READERS.get(column.type, str)) for column in columns]
    for row in read_rows(folder, table.name):
        yield [
            run_id,
            *(read(row[name]) if row[name] else None for name, read in readers),
        ]


def is_current(path: Path) -> bool:
    """Return whether a file is a search database of this layout."""
    if not path.is_file():
        return False
    try:
        connection = open_database(path)
        try:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
        finally:
            connection.close()
    except sqlite3.DatabaseError:
        return False
    return int(version) == VERSION


def open_database(path: Path) -> sqlite3.Connection:
    """Open a search database; nothing can be written by the connection, nor attached to it."""
    address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    connection = sqlite3.connect(address, uri=True, check_same_thread=False, isolation_level=None)
    connection.execute("PRAGMA query_only = ON")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    return connection
