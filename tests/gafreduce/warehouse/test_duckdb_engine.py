"""The engine reads the files of its sources, and nothing else; nothing can be written."""

from __future__ import annotations

from pathlib import Path

import pytest

from gafreduce.errors import UsageError
from gafreduce.reports.tables.schema import ALL_TABLES, CONVERTED_TABLES
from gafreduce.storage.s3 import Access
from gafreduce.warehouse.duckdb_engine import Engine, QueryError
from gafreduce.warehouse.sources import Sources, find_sources


@pytest.fixture(scope="module")
def engine(parent: Path, lines: Path, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    places = [str(parent), str(lines)]
    scratch = tmp_path_factory.mktemp("scratch")
    return Engine(find_sources(places, Access(), scratch, lambda table: True))


@pytest.mark.parametrize(
    "text",
    [
        "COPY (SELECT 1) TO '{out}'",
        "COPY organisms TO '{out}' (FORMAT parquet)",
        "CREATE TABLE x AS SELECT 1",
        "DROP VIEW organisms",
        "INSERT INTO organisms SELECT * FROM organisms",
        "ATTACH '{out}' AS other",
        "SET enable_external_access = true",
        "INSTALL httpfs",
        "EXPORT DATABASE '{out}'",
        "SELECT 1; SELECT 2",
        "",
        "SELECT 1; DROP VIEW runs",
        "SELECT * FROM read_csv('{secret}')",
        "SELECT * FROM read_text('{secret}')",
        "SELECT * FROM '{secret}'",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM read_parquet('{parent}/*/parquet/*/*.parquet')",
        "SELEC 1",
        "SELECT nothing FROM organisms",
    ],
)
def test_only_a_select_over_the_given_files_is_run(
    engine: Engine, tmp_path: Path, parent: Path, text: str
) -> None:
    secret, out = tmp_path / "secret.csv", tmp_path / "out"
    secret.write_text("a,b\n1,hidden\n")
    with pytest.raises(QueryError) as error:
        list(engine.run(text.format(out=out, secret=secret, parent=parent), {}).rows)
    assert "hidden" not in str(error.value) + " ".join(error.value.details)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["secret.csv"]


def test_values_are_never_a_part_of_the_text(engine: Engine) -> None:
    hostile = "x' OR true --"
    found = engine.run("SELECT count(*) FROM organisms WHERE organism_id = $x", {"x": hostile})
    assert list(found.rows) == [(0,)]


def test_tables_without_files_are_empty_and_have_their_columns() -> None:
    engine = Engine(Sources())
    for table in (ALL_TABLES | CONVERTED_TABLES).values():
        found = engine.run(f"SELECT * FROM {table.name}", {})
        names = list(table.column_names)
        if table.name in ALL_TABLES and table.name != "runs":
            names = ["run_id", *names]
        assert (list(found.columns), list(found.rows)) == (names, [])


def test_every_table_of_a_run_has_its_columns_and_the_run(engine: Engine) -> None:
    for name in ("organisms", "terms", "annotations", "runs", "inputs"):
        found = engine.run(f"SELECT * FROM {name}", {})
        expected = ALL_TABLES[name].column_names
        assert found.columns == (expected if name == "runs" else ("run_id", *expected))
    runs = engine.run("SELECT count(DISTINCT run_id) FROM organisms", {})
    assert list(runs.rows) == [(2,)]


def test_without_duckdb_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "duckdb", None)
    with pytest.raises(UsageError, match=r"pip install 'gafreduce\[query\]'"):
        Engine(Sources())
