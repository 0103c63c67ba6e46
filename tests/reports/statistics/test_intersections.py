"""Exclusive intersections: values by hand, and their partition of the terms."""

from hypothesis import given, settings
from hypothesis import strategies as st

from gafreduce.reports.statistics import intersections
from gafreduce.reports.statistics.ancestors import Ancestors
from gafreduce.reports.statistics.intersections import compute_intersections

TARGET, CORE, ELSEWHERE, FUNCTION = "GO:0000003", "GO:0000004", "GO:0000009", "GO:0000021"


def run(tables, terms, target_only=False):
    return compute_intersections(
        tables["profile"], tables["organisms"], terms, Ancestors(terms), target_only
    )


def rows_of(table, scope, aspect, counting):
    kept = (table["scope"] == scope) & (table["aspect"] == aspect) & (table["counting"] == counting)
    return [
        (list(map(int, row.organism_ids)), list(row.go_ids), row.n_terms, row.n_organisms, row.rank)
        for row in table[kept].itertuples()
    ]


def test_intersections_by_hand(make, small_terms):
    lines = [
        make.line("X:a", TARGET, 1),
        make.line("X:b", CORE, 2),
        make.line("X:c", ELSEWHERE, 1),
        make.line("X:d", ELSEWHERE, 2),
        make.line("X:e", FUNCTION, 2),
        make.line("X:f", "GO:0000030", 2),  # obsolete: no part
    ]
    table, notes = run(make.tables(lines, small_terms), small_terms)
    assert rows_of(table, "closure", "all", "direct") == [
        ([1], [TARGET], 1, 1, 1),
        ([2], [CORE], 1, 1, 2),
    ]
    assert rows_of(table, "closure", "P", "propagated") == [
        ([1, 2], [TARGET], 1, 2, 1),
        ([2], [CORE], 1, 1, 2),
    ]
    assert rows_of(table, "all", "P", "propagated")[0] == (
        [1, 2],
        ["GO:0000002", TARGET, ELSEWHERE, "GO:0008150"],
        4,
        2,
        1,
    )
    assert rows_of(table, "all", "F", "direct") == [([2], [FUNCTION], 1, 1, 1)]
    assert notes == []


def test_uncompared_organisms_are_left_out_and_incomplete_ones_are_noted(make, small_terms):
    lines = [make.line("X:a", TARGET, taxon) for taxon in (1, 2, 3)]
    tables = make.tables(lines, small_terms, compared=[1, 2], incomplete=(2,))
    table, notes = run(tables, small_terms)
    assert rows_of(table, "closure", "P", "direct") == [([1, 2], [TARGET], 1, 2, 1)]
    assert ("sets", "2", "incomplete", "true") in notes


def test_scope_target_has_the_term_set_only(make, small_terms):
    table, notes = run(make.tables([make.line("X:a", TARGET)], small_terms), small_terms, True)
    assert set(table["scope"]) == {"closure"}
    assert ("sets", "all", "reason", "scope_target") in notes


def test_intersections_beyond_the_limit_are_counted(make, small_terms, monkeypatch):
    monkeypatch.setattr(intersections, "MAX_SETS", 1)
    lines = [make.line("X:a", TARGET, 1), make.line("X:b", ELSEWHERE, 2)]
    table, notes = run(make.tables(lines, small_terms), small_terms)
    assert len(rows_of(table, "all", "P", "direct")) == 1
    assert ("sets", "all P direct", "n_sets", "2") in notes


annotations = st.lists(
    st.tuples(
        st.integers(1, 4),
        st.sampled_from([TARGET, CORE, ELSEWHERE, FUNCTION, "GO:0000008", "GO:0000010"]),
    ),
    max_size=20,
)


@settings(max_examples=40, deadline=None)
@given(annotations)
def test_intersections_partition_the_terms(make, small_terms, drawn):
    lines = [make.line(f"X:{go_id}", go_id, taxon) for taxon, go_id in drawn]
    tables = make.tables(lines, small_terms)
    table, _ = run(tables, small_terms)
    found = rows_of(table, "all", "all", "direct")
    members = [go_id for row in found for go_id in row[1]]
    assert sorted(members) == sorted({go_id for _, go_id in drawn})
    for taxa, go_ids, n_terms, n_organisms, _ in found:
        assert (len(go_ids), len(taxa)) == (n_terms, n_organisms)
        for go_id in go_ids:
            assert taxa == sorted({taxon for taxon, other in drawn if other == go_id})
    assert [row[2] for row in found] == sorted((row[2] for row in found), reverse=True)
