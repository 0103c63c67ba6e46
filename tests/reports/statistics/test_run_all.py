"""All statistics in one call: the schema of every table, and edge cases."""

import pandas as pd
import pytest

from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.statistics.run_all import (
    OF_CONTEXT,
    WHOLE_GO,
    compute_statistics,
    write_statistics,
)
from gafreduce.reports.tables import frames
from gafreduce.reports.tables.schema import CONTEXT, CONTEXT_TABLES, STATISTICS_TABLES, TERM_SETS

TARGET, ELSEWHERE = "GO:0000003", "GO:0000009"


def check(made):
    """Assert that every table agrees with the schema."""
    assert list(made) == list(STATISTICS_TABLES)
    for name, table in STATISTICS_TABLES.items():
        frame = made[name]
        assert list(frame.columns) == list(table.column_names), name
        rows = list(frames.iterate_rows(frame, table.key))
        assert rows == sorted(rows), name
        assert len(rows) == len(set(rows)), name
        for column in table.columns:
            expected = {"integer": "Int64", "float": "float64", "boolean": "bool"}
            assert str(frame[column.name].dtype) == expected.get(column.type, "object")
            for value in frames.list_values(frame, column.name):
                assert value == "" or value is None or isinstance(value, _types(column.type))
        for column in ("p_value", "q_value"):
            if column in frame:
                assert (frame[column].dropna() > 0).all()
                assert (frame[column].dropna() <= 1).all()


def _types(kind):
    return {
        "integer": int,
        "float": float,
        "boolean": bool,
        "text": str,
        "texts": list,
        "integers": list,
    }[kind]


@pytest.fixture
def lines(make):
    made = [make.line(f"X:{n}", ELSEWHERE, taxon) for taxon in (1, 2, 3) for n in range(30)]
    made += [
        make.line(f"X:{n}", TARGET, taxon, with_from="A:1") for taxon in (1, 2) for n in (1, 2)
    ]
    return made


def notes_of(made):
    return {
        (row.table, row.subject or "", row.key): row.value
        for row in made["statistics_notes"].itertuples()
    }


def test_every_table_has_the_columns_and_order_of_the_schema(make, small_terms, lines):
    check(compute_statistics(make.tables(lines, small_terms), small_terms))


def test_no_lines_give_empty_tables(make, small_terms):
    made = compute_statistics(make.tables([], small_terms), small_terms)
    check(made)
    assert all(len(made[name]) == 0 for name in STATISTICS_TABLES if name != "statistics_notes")


def test_a_single_organism_has_statistics(make, small_terms, lines):
    tables = make.tables([line for line in lines if line.taxon_id == 1], small_terms)
    made = compute_statistics(tables, small_terms)
    check(made)
    assert frames.list_values(made["rates"], "reason") == ["no_other_organism"]
    assert len(made["pairwise"]) == len(made["similarity"]) == 0
    assert len(made["sets"]) > 0


def test_tables_are_valid_when_no_organism_is_compared(make, small_terms, lines):
    made = compute_statistics(make.tables(lines, small_terms, compared=[]), small_terms)
    check(made)
    assert len(made["robustness"]) == 0


def test_scope_target_leaves_tables_of_the_whole_go_empty(make, small_terms, lines):
    tables = make.tables(lines, small_terms)
    closure = {term.go_id for term in small_terms.term_set}
    tables["profile"] = tables["profile"][tables["profile"]["go_id"].isin(closure)]
    made = compute_statistics(tables, small_terms, target_only=True)
    check(made)
    assert all(len(made[name]) == 0 for name in WHOLE_GO)
    assert len(made["pairwise"]) > 0
    assert len(made["rates"]) == 3
    assert notes_of(made)["enrichment", "", "reason"] == "scope_target"


def test_tables_that_need_context_are_empty_without_it(make, small_terms, lines):
    tables = make.tables(lines, small_terms)
    del tables["context"], tables["term_sets"]
    made = compute_statistics(tables, small_terms)
    check(made)
    assert all(len(made[name]) == 0 for name in OF_CONTEXT)
    assert notes_of(made)["components", "", "reason"] == "no_context"
    assert notes_of(made)["similarity_depth", "", "reason"] == "no_term_sets"
    assert len(made["similarity"]) > 0


def test_tables_are_valid_when_all_organisms_are_incomplete(make, small_terms, lines):
    made = compute_statistics(make.tables(lines, small_terms, incomplete=(1, 2, 3)), small_terms)
    check(made)
    assert set(made["rates"]["reason"]) == {"incomplete"}
    assert set(made["enrichment_families"]["reason"]) == {"incomplete"}
    assert len(made["pairwise"]) == len(made["similarity"]) == len(made["enrichment"]) == 0
    assert len(made["robustness"]) > 0


def test_order_of_rows_does_not_matter(make, small_terms, lines):
    tables = make.tables(lines, small_terms)
    shuffled = {
        name: table.sample(frac=1, random_state=1).reset_index(drop=True)
        for name, table in tables.items()
    }
    first, second = (
        compute_statistics(tables, small_terms),
        compute_statistics(shuffled, small_terms),
    )
    for name in STATISTICS_TABLES:
        pd.testing.assert_frame_equal(first[name], second[name])


def test_tables_read_from_parquet_give_the_same_statistics(make, small_terms, lines, tmp_path):
    tables = make.tables(lines, small_terms)
    for name, table in tables.items():
        table.to_parquet(tmp_path / f"{name}.parquet")
    read = {name: pd.read_parquet(tmp_path / f"{name}.parquet") for name in tables}
    first, second = compute_statistics(tables, small_terms), compute_statistics(read, small_terms)
    for name in STATISTICS_TABLES:
        pd.testing.assert_frame_equal(first[name], second[name])


def test_context_tables_have_a_schema():
    assert CONTEXT_TABLES == {"context": CONTEXT, "term_sets": TERM_SETS}
    for table in (*CONTEXT_TABLES.values(), *STATISTICS_TABLES.values()):
        assert set(table.key) <= set(table.column_names)
        assert len(set(table.column_names)) == len(table.columns)


def test_files_have_the_rows_of_the_frames(make, small_terms, lines, tmp_path):
    made = compute_statistics(make.tables(lines, small_terms), small_terms)
    write_statistics(made, RunFolder(tmp_path))
    for name, table in STATISTICS_TABLES.items():
        header, *rows = RunFolder(tmp_path).table(name).read_text().splitlines()
        assert header.split("\t") == list(table.column_names)
        assert len(rows) == len(made[name])
        read = pd.read_parquet(RunFolder(tmp_path).parquet(name))
        ours = list(frames.iterate_rows(made[name], table.column_names))
        assert list(frames.iterate_rows(read, table.column_names)) == ours, name
