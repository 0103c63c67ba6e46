"""Every named query has the same rows on a real Trino as on DuckDB, over the same run folders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gafreduce.warehouse.named_queries import choose_values, list_queries, read_query

Rows = list[tuple[Any, ...]]
Ask = Callable[..., Rows]
N_TERMS = 50

VALUES = {
    "find-product": {"text": "com"},
    "organism-history": {"organism": "224308"},
    "organism-terms": {"organism": "224308"},
    "any-term": {"term": "GO:0008150"},
}
#: Queries that may have no rows over these inputs.
MAY_BE_EMPTY = ("rejected-lines", "negations")


@pytest.mark.parametrize("name", [query.name for query in list_queries()])
def test_trino_has_the_rows_of_duckdb(
    trino: Ask, duckdb: Ask, run_ids: tuple[str, str], name: str
) -> None:
    query = read_query(f"@{name}")
    values = VALUES.get(name, {})
    if name == "run-changes":
        values = {"before": run_ids[0], "after": run_ids[1]}
    chosen = choose_values(query, values)
    expected = duckdb(query.text, chosen)
    assert trino(query.text, chosen) == expected
    assert expected or name in MAY_BE_EMPTY


def test_any_term_is_the_profile_of_a_run(
    trino: Ask, duckdb: Ask, run_ids: tuple[str, str]
) -> None:
    text = read_query("@any-term").text
    columns = (
        "n_annotations, n_gene_products, n_gene_products_propagated, n_gene_products_non_electronic"
    )
    of_run = f"FROM profile WHERE run_id = '{run_ids[0]}'"
    terms = [row[0] for row in duckdb(f"SELECT DISTINCT go_id {of_run} ORDER BY go_id")]
    chosen = terms[:: max(len(terms) // N_TERMS, 1)][:N_TERMS]
    assert len(chosen) == N_TERMS
    n_rows = 0
    for term in chosen:
        expected = duckdb(
            f"SELECT organism_id, {columns} {of_run} AND go_id = $term ORDER BY organism_id",
            {"term": term},
        )
        found = sorted(row[1:] for row in trino(text, {"term": term}))
        assert found == expected, term
        n_rows += len(found)
    assert n_rows > N_TERMS


def test_every_table_of_the_catalog_can_be_read(trino: Ask, duckdb: Ask) -> None:
    tables = [row[0] for row in trino("SHOW TABLES")]
    assert len(tables) > 10
    for table in tables:
        (expected,) = duckdb(f"SELECT count(*) FROM {table}")[0]
        names = [row[0] for row in trino(f"SHOW COLUMNS FROM {table}")]
        cells = ", ".join(f'count("{name}")' for name in names)
        ((number, *filled),) = trino(f"SELECT count(*), {cells} FROM {table}")
        assert (number, filled) == (
            expected,
            list(duckdb(f"SELECT {cells} FROM {table}")[0]),
        ), table
