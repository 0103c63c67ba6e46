"""Rarefaction: similarity at equal depth."""

import pytest

from gafreduce.reports.statistics import rarefaction
from gafreduce.reports.statistics.ancestors import Ancestors
from gafreduce.reports.statistics.rarefaction import ROUNDS, choose_organisms, compute_rarefaction
from gafreduce.reports.tables import frames

#: A root and sixty leaves.
LEAVES = [f"GO:00002{n:02d}" for n in range(60)]
TREE = {"GO:0000001": set(), **{leaf: {"GO:0000001"} for leaf in LEAVES}}


@pytest.fixture(scope="module")
def tree(make):
    return make.terms(TREE, target="GO:0000200", classes={"GO:0000200": "target"})


def annotate(make, leaves, taxon):
    return [make.line(f"X:{taxon}_{go_id}", go_id, taxon) for go_id in leaves]


def test_rarefaction_draws_the_same_number_from_each_organism(make, tree):
    lines = annotate(make, LEAVES[:30], 1) + annotate(make, LEAVES[:60], 2)
    tables = make.tables(lines, tree)
    table, notes = compute_rarefaction(tables["term_sets"], tables["organisms"], Ancestors(tree))
    (row,) = table.itertuples()
    assert (row.n_drawn, row.n_rounds) == (30, ROUNDS)
    assert row.sim_ui_low <= row.sim_ui_median <= row.sim_ui_high
    # All 30 of the first are drawn; of the second 30 of 60, of which some are among the first's.
    assert 0 < row.jaccard_direct_low < row.jaccard_direct_high < 1
    assert {note.key for note in notes} >= {"seed", "n_rounds"}
    again, _ = compute_rarefaction(tables["term_sets"], tables["organisms"], Ancestors(tree))
    assert again.equals(table)


def test_rarefaction_does_not_depend_on_the_order_of_sets(make, tree):
    lines = annotate(make, LEAVES[:30], 1) + annotate(make, LEAVES[:60], 2)
    lines += [make.line(f"X:more{n}", LEAVES[n % 5], 2) for n in range(40)]
    tables = make.tables(lines, tree)
    sets, ancestors = tables["term_sets"], Ancestors(tree)
    table, _ = compute_rarefaction(sets, tables["organisms"], ancestors)
    one_each = sets.loc[sets.index.repeat(sets["n_gene_products"])].assign(n_gene_products=1)
    shuffled = one_each.sample(frac=1, random_state=2).reset_index(drop=True)
    assert len(shuffled) > len(sets)
    again, _ = compute_rarefaction(shuffled, tables["organisms"], ancestors)
    assert again.equals(table)


def test_rarefied_similarity_of_equal_organisms_is_1(make, tree):
    lines = annotate(make, LEAVES[:30], 1) + annotate(make, LEAVES[:30], 2)
    lines += [
        make.line(f"X:{taxon}_b{go_id}", go_id, taxon) for taxon in (1, 2) for go_id in LEAVES
    ]
    tables = make.tables(lines, tree)
    table, _ = compute_rarefaction(tables["term_sets"], tables["organisms"], Ancestors(tree))
    (row,) = table.itertuples()
    assert row.n_drawn == 90
    assert (row.sim_ui_low, row.sim_ui_high) == (1, 1)


def test_rarefaction_is_empty_without_term_sets_or_with_few_terms(make, tree):
    lines = annotate(make, LEAVES[:10], 1) + annotate(make, LEAVES[:30], 2)
    tables = make.tables(lines, tree)
    table, notes = compute_rarefaction(None, tables["organisms"], Ancestors(tree))
    assert len(table) == 0
    assert ("reason", "no_term_sets") in {(note.key, note.value) for note in notes}
    table, _ = compute_rarefaction(tables["term_sets"], tables["organisms"], Ancestors(tree))
    assert frames.list_values(table, "reason") == ["fewer_than_20_terms"]
    assert frames.list_values(table, "sim_ui_low") == [None]
    assert choose_organisms(tables["organisms"]) == ["1", "2"]


def test_drawn_terms_are_those_of_the_drawn_gene_products():
    organism = rarefaction._SampledOrganism("562", "x")
    organism.add(0b10, 0b110, 1)
    organism.add(0b100, 0b1100, 2)
    assert organism.draw(3, 0, "P") == (0b110, 0b1110)
    draws = {organism.draw(1, number, "P") for number in range(50)}
    assert draws == {(0b10, 0b110), (0b100, 0b1100)}
