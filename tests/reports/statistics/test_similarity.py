"""Similarity of organisms: values by hand, brute force, and laws."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gafreduce.reports.statistics.ancestors import Ancestors
from gafreduce.reports.statistics.similarity import compute_similarity

N_LEAVES = 60
#: A root, ten branches, six leaves on each.
TREE = {
    "GO:0000001": set(),
    **{f"GO:00001{b:02d}": {"GO:0000001"} for b in range(10)},
    **{f"GO:00002{n:02d}": {f"GO:00001{n % 10:02d}"} for n in range(N_LEAVES)},
}
LEAVES = [f"GO:00002{n:02d}" for n in range(N_LEAVES)]


@pytest.fixture(scope="module")
def tree(make):
    return make.terms(TREE, target="GO:0000200", classes={"GO:0000200": "target"})


def annotate(make, leaves, taxon, **cells):
    return [make.line(f"X:{taxon}_{go_id}", go_id, taxon, **cells) for go_id in leaves]


def rows_of(table, evidence="all", aspect="P"):
    kept = table[(table["evidence"] == evidence) & (table["aspect"] == aspect)]
    return list(kept.itertuples())


def test_similarity_by_hand(make, tree):
    lines = annotate(make, LEAVES[:30], 1) + annotate(make, LEAVES[20:50], 2)
    tables = make.tables(lines, tree)
    table, notes = compute_similarity(tables["profile"], tables["organisms"], Ancestors(tree))
    (row,) = rows_of(table)
    assert (row.n_direct_a, row.n_direct_b, row.n_direct_shared) == (30, 30, 10)
    assert row.jaccard_direct == 10 / 50
    assert row.overlap_direct == 10 / 30
    # Each has all ten branches, and the root.
    assert (row.n_closed_a, row.n_closed_b, row.n_closed_shared) == (41, 41, 21)
    assert row.sim_ui == 21 / 61
    assert row.overlap_closed == 21 / 41
    said = {note.key: note.value for note in notes if note.subject in ("", "P")}
    assert said["pool_gene_products"] == "60"
    assert row.pool == f"{said['pool']}:P"
    # Information content of a pool of 60: leaves of both have 2, leaves of one 1, branches 6.
    leaf, shared, branch = (-math.log(n / 60) for n in (1, 2, 6))
    both = 10 * shared + 10 * branch
    either = both + 40 * leaf
    assert row.sim_gic == pytest.approx(both / either, rel=1e-8)


def test_overlap_is_relative_to_the_smaller_set(make, tree):
    lines = annotate(make, LEAVES[:20], 1) + annotate(make, LEAVES, 2)
    tables = make.tables(lines, tree)
    table, _ = compute_similarity(tables["profile"], tables["organisms"], Ancestors(tree))
    (row,) = rows_of(table)
    assert (row.overlap_direct, row.overlap_closed) == (1, 1)
    assert row.jaccard_direct == 20 / 60


def test_non_electronic_counts_stated_evidence_only(make, tree):
    lines = annotate(make, LEAVES[:30], 1) + annotate(make, LEAVES[:30], 2)
    lines += annotate(make, LEAVES[:25], 1, evidence_code="IDA")
    lines += annotate(make, LEAVES[5:30], 2, evidence_code="IDA")
    tables = make.tables(lines, tree)
    table, _ = compute_similarity(tables["profile"], tables["organisms"], Ancestors(tree))
    assert rows_of(table)[0].jaccard_direct == 1
    (row,) = rows_of(table, "non_electronic")
    assert (row.n_direct_a, row.n_direct_shared) == (25, 20)
    assert row.jaccard_direct == 20 / 30
    assert row.n_closed_shared == 31


def test_similarity_of_few_terms_is_empty(make, tree):
    lines = annotate(make, LEAVES[:19], 1) + annotate(make, LEAVES[:30], 2)
    tables = make.tables(lines, tree)
    table, _ = compute_similarity(tables["profile"], tables["organisms"], Ancestors(tree))
    (row,) = rows_of(table)
    assert row.reason == "fewer_than_20_terms"
    assert math.isnan(row.jaccard_direct)
    assert math.isnan(row.overlap_direct)
    assert row.sim_ui == 30 / 41  # closed sets are large enough
    assert math.isnan(rows_of(table, "non_electronic")[0].sim_ui)


def test_incomplete_or_single_organisms_have_no_similarity(make, tree):
    lines = annotate(make, LEAVES[:30], 1) + annotate(make, LEAVES[:30], 2)
    tables = make.tables(lines, tree, incomplete=(2,))
    table, notes = compute_similarity(tables["profile"], tables["organisms"], Ancestors(tree))
    assert len(table) == 0
    assert ("n_organisms_complete", "1") in {(note.key, note.value) for note in notes}


subsets = st.sets(st.sampled_from(LEAVES), min_size=20)


@settings(max_examples=25, deadline=None)
@given(subsets, subsets)
def test_similarity_is_symmetric_and_bounded(make, tree, of_a, of_b):
    lines = annotate(make, sorted(of_a), 1) + annotate(make, sorted(of_b), 2)
    lines += annotate(make, sorted(of_a), 3)
    tables = make.tables(lines, tree)
    table, _ = compute_similarity(tables["profile"], tables["organisms"], Ancestors(tree))
    found = {(row.taxon_a, row.taxon_b): row for row in rows_of(table)}
    one, same, other = found[1, 2], found[1, 3], found[2, 3]
    for name in ("jaccard_direct", "sim_ui", "sim_gic", "overlap_direct", "overlap_closed"):
        assert 0 <= getattr(one, name) <= 1
        assert getattr(same, name) == 1  # identity
        assert getattr(one, name) == getattr(other, name)  # symmetry
    assert one.jaccard_direct <= one.overlap_direct
    assert one.jaccard_direct == len(of_a & of_b) / len(of_a | of_b)


@given(st.integers(20, 39))
@settings(max_examples=10, deadline=None)
def test_similarity_increases_with_shared_terms(make, tree, n_shared):
    def likeness(n):
        lines = annotate(make, LEAVES[:40], 1) + annotate(make, LEAVES[40 - n :][:40], 2)
        tables = make.tables(lines, tree)
        table, _ = compute_similarity(tables["profile"], tables["organisms"], Ancestors(tree))
        return rows_of(table)[0]

    less, more = likeness(n_shared), likeness(n_shared + 1)
    assert less.jaccard_direct < more.jaccard_direct
    assert less.sim_ui < more.sim_ui
    assert less.sim_gic < more.sim_gic
