"""The named queries, on DuckDB: each against values counted in the tables by plain loops."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlglot

from gafreduce.errors import UsageError
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.tables.reader import read_rows, split_list
from gafreduce.storage.s3 import Access
from gafreduce.warehouse.duckdb_engine import Engine
from gafreduce.warehouse.named_queries import (
    FOLDER,
    Query,
    choose_values,
    list_queries,
    names_table,
    number_parameters,
    read_query,
)
from gafreduce.warehouse.sources import Sources, find_sources

Rows = list[dict[str, str]]
Ask = Callable[..., list[tuple[Any, ...]]]
REPOSITORY = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def sources(
    parent: Path, lines: Path, ancestors: Path, tmp_path_factory: pytest.TempPathFactory
) -> Sources:
    places = [str(each) for each in (parent, lines, ancestors)]
    return find_sources(places, Access(), tmp_path_factory.mktemp("scratch"), lambda table: True)


@pytest.fixture(scope="module")
def ask(sources: Sources) -> Ask:
    engine = Engine(sources)

    def ask(name: str, **values: str) -> list[tuple[Any, ...]]:
        query = read_query(name)
        return list(engine.run(query.text, choose_values(query, values)).rows)

    return ask


@pytest.fixture(scope="module")
def tables(parent: Path) -> Callable[[str], dict[str, Rows]]:
    """Return the rows of a table, by run id."""
    folders = {str(RunFolder(path).run_id): RunFolder(path) for path in parent.iterdir()}
    return lambda name: {run_id: list(read_rows(each, name)) for run_id, each in folders.items()}


@pytest.fixture(scope="module")
def run_ids(parent: Path) -> tuple[str, str]:
    first, second = (str(RunFolder(parent / name).run_id) for name in ("competence", "manual"))
    return first, second


def supports_target(row: dict[str, str]) -> bool:
    return (
        row["term_class"] in ("target", "core")
        and row["takes_part"] == "true"
        and row["negated"] == "false"
    )


def test_which_organisms(ask: Ask, tables: Callable[[str], dict[str, Rows]]) -> None:
    expected = {
        (
            run_id,
            "GO:0030420",
            row["organism_id"],
            row["verdict"],
            int(row["n_target_gene_products"]),
        )
        for run_id, rows in tables("organisms").items()
        for row in rows
        if row["compared"] == "true"
    }
    found = ask("@which-organisms")
    assert {(row[0], row[1], row[2], row[4], row[6]) for row in found} == expected
    assert len(found) == len(expected) == 14


def test_unique_terms(ask: Ask, tables: Callable[[str], dict[str, Rows]]) -> None:
    expected = Counter(
        (run_id, organism_id, row["go_id"])
        for run_id, rows in tables("terms").items()
        for row in rows
        if row["membership"] == "unique"
        for organism_id in split_list(row["organism_ids"])
    )
    assert Counter((row[0], row[1], row[4]) for row in ask("@unique-terms")) == expected


def test_core_terms(ask: Ask, tables: Callable[[str], dict[str, Rows]]) -> None:
    expected = {
        (run_id, row["go_id"])
        for run_id, rows in tables("terms").items()
        for row in rows
        if row["membership_propagated"] == "core"
    }
    assert {(row[0], row[2]) for row in ask("@core-terms")} == expected


def test_run_changes(
    ask: Ask, tables: Callable[[str], dict[str, Rows]], run_ids: tuple[str, str]
) -> None:
    before, after = (
        {
            row["organism_id"]: (row["verdict"], int(row["n_target_gene_products"]))
            for row in tables("organisms")[run_id]
        }
        for run_id in run_ids
    )
    expected = {key: (before[key], after[key]) for key in before if before[key] != after[key]}
    found = ask("@run-changes", before=run_ids[0], after=run_ids[1])
    assert {row[0]: ((row[2], row[4]), (row[3], row[5])) for row in found} == expected
    assert len(expected) >= 7  # nothing of the samples' target is left without IEA
    assert ask("@run-changes", before=run_ids[0], after=run_ids[0]) == []
    # an organism that one of the runs does not have is a change too
    gone = ask("@run-changes", before=run_ids[0], after="no such run")
    assert {(row[0], row[2], row[3]) for row in gone} == {
        (key, value[0], None) for key, value in before.items()
    }


def test_no_experiment(ask: Ask, tables: Callable[[str], dict[str, Rows]]) -> None:
    expected = set()
    for run_id, products in tables("gene_products").items():
        cited = {
            (row["organism_id"], row["object_id"])
            for row in tables("annotations")[run_id]
            if supports_target(row) and row["evidence_group"] in ("experimental", "high_throughput")
        }
        expected |= {
            (run_id, row["organism_id"], row["object_id"])
            for row in products
            if row["status"] == "positive" and (row["organism_id"], row["object_id"]) not in cited
        }
    assert {row[:3] for row in ask("@no-experiment")} == expected
    assert len(expected) > 10


def test_target_sources(ask: Ask, tables: Callable[[str], dict[str, Rows]]) -> None:
    lines: Counter[tuple[str, ...]] = Counter()
    products = defaultdict(set)
    for run_id, rows in tables("annotations").items():
        for row in rows:
            if supports_target(row):
                key = (run_id, row["organism_id"], row["assigned_by"], row["evidence_code"])
                lines[key] += 1
                products[key].add(row["object_id"])
    found = ask("@target-sources")
    assert {row[:4]: row[5:] for row in found} == {
        key: (number, len(products[key])) for key, number in lines.items()
    }


def test_negations(ask: Ask, tables: Callable[[str], dict[str, Rows]]) -> None:
    expected = Counter(
        (run_id, row["object_id"], row["go_id"])
        for run_id, rows in tables("annotations").items()
        for row in rows
        if row["negated"] == "true"
    )
    assert Counter((row[0], row[2], row[5]) for row in ask("@negations")) == expected


def test_compare_runs(ask: Ask, tables: Callable[[str], dict[str, Rows]]) -> None:
    runs = {run_id: rows[0] for run_id, rows in tables("runs").items()}
    found = {row[0]: row for row in ask("@compare-runs")}
    assert found.keys() == runs.keys()
    for run_id, row in runs.items():
        assert found[run_id][5:8] == (7, int(row["n_kept"]), 7)
        assert found[run_id][9] == int(row["n_electronic_only"])
        assert found[run_id][10] == row["inputs_sha256"][:12]


def test_shared_symbols(ask: Ask, tables: Callable[[str], dict[str, Rows]]) -> None:
    organisms = defaultdict(set)
    for run_id, rows in tables("gene_products").items():
        for row in rows:
            if row["status"] in ("positive", "conflicting") and row["symbol"]:
                organisms[run_id, row["symbol"].lower()].add(row["organism_id"])
    for at_least in (2, 4):
        expected = {key: len(ids) for key, ids in organisms.items() if len(ids) >= at_least}
        found = ask("@shared-symbols", organisms=str(at_least))
        assert {row[:2]: row[2] for row in found} == expected
    assert expected


def test_rejected_lines(ask: Ask, tables: Callable[[str], dict[str, Rows]]) -> None:
    expected = sum(len(rows) for rows in tables("rejections").values())
    assert len(ask("@rejected-lines")) == expected


def test_find_product(ask: Ask, tables: Callable[[str], dict[str, Rows]]) -> None:
    for text in ("COMEA", "competence", "P37443", "yca", "%"):
        expected = {
            (run_id, row["object_id"])
            for run_id, rows in tables("gene_products").items()
            for row in rows
            if any(text.lower() in row[name].lower() for name in ("object_id", "symbol", "name"))
            or any(text.lower() in each.lower() for each in split_list(row["synonyms"]))
        }
        assert {(row[0], row[2]) for row in ask("@find-product", text=text)} == expected
        assert bool(expected) == (text != "%")


def test_organism_history(ask: Ask, tables: Callable[[str], dict[str, Rows]]) -> None:
    expected = {
        (run_id, row["verdict"])
        for run_id, rows in tables("organisms").items()
        for row in rows
        if row["organism_id"] == "224308"
    }
    assert {(row[1], row[5]) for row in ask("@organism-history", organism="224308")} == expected
    assert len(expected) == 2


def test_organism_terms(
    ask: Ask, tables: Callable[[str], dict[str, Rows]], run_ids: tuple[str, str]
) -> None:
    expected = {
        row["go_id"]: (int(row["n_gene_products_propagated"]), int(row["n_gene_products"]))
        for row in tables("profile")[run_ids[0]]
        if row["organism_id"] == "224308"
    }
    found = ask("@organism-terms", organism="224308")
    assert {row[0]: row[1:] for row in found} == expected


def test_every_named_query_has_a_test_a_title_and_described_parameters() -> None:
    tested = {
        name.removeprefix("test_").replace("_", "-")
        for name in globals()
        if name.startswith("test_")
    } | {"any-term"}  # tests/gafreduce/warehouse/test_annotation_dataset.py
    queries = list_queries()
    assert len(queries) >= 10
    for query in queries:
        assert query.name in tested
        assert query.title.endswith((".", "?")), query.name
        assert all(each.description for each in query.parameters)


def test_the_folder_of_the_infrastructure_is_that_of_the_package() -> None:
    assert (REPOSITORY / "infra" / "queries").resolve() == FOLDER.resolve()


@pytest.mark.parametrize("query", list_queries(), ids=lambda query: query.name)
@pytest.mark.parametrize("dialect", ["athena", "trino", "duckdb"])
def test_the_text_is_a_query_of_each_dialect(query: Query, dialect: str) -> None:
    """A statement that sqlglot does not understand would be a `Command`."""
    numbered, _ = number_parameters(query.text)
    statements = sqlglot.parse(numbered, dialect=dialect)
    assert [type(each).__name__ for each in statements] == ["Select"]


def test_parameters_are_found_outside_of_texts_and_comments_only() -> None:
    text = "SELECT '$a', \"$b\", $c -- $d\n, /* $e */ $c, '''$f', $g"
    numbered, names = number_parameters(text)
    assert names == ["c", "c", "g"]
    assert numbered == "SELECT '$a', \"$b\", ? -- $d\n, /* $e */ ?, '''$f', ?"
    assert [each.name for each in read_query(text).parameters] == ["c", "g"]


def test_values_are_checked() -> None:
    query = read_query("SELECT $x")
    with pytest.raises(UsageError, match="expected a value for \\$x"):
        choose_values(query, {})
    with pytest.raises(UsageError, match="--set y: expected a parameter of the query, one of x"):
        choose_values(query, {"x": "1", "y": "2"})
    with pytest.raises(UsageError, match="expected a named query, one of any-term"):
        read_query("@nothing")
    assert choose_values(read_query("@shared-symbols"), {}) == {"organisms": "2"}
    assert not names_table("SELECT * FROM terms_of", "terms")
