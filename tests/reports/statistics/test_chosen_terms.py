"""Counts of the parents and siblings of the target."""

from gafreduce.reports.statistics.ancestors import Ancestors
from gafreduce.reports.statistics.chosen_terms import compute_neighbours, compute_slim
from gafreduce.reports.tables import frames

TARGET = "GO:0000003"


def test_neighbours_are_parents_and_siblings(make, small_terms):
    lines = [
        make.line("X:a", TARGET),
        make.line("X:b", "GO:0000002"),
        make.line("X:c", "GO:0000008"),
        make.line("X:d", "GO:0000009"),
    ]
    tables = make.tables(lines, small_terms)
    table = compute_neighbours(
        tables["profile"], tables["organisms"], small_terms, Ancestors(small_terms)
    )
    assert [tuple(row)[1:] for row in table.itertuples()] == [
        ("GO:0000002", "1", 1, "name of GO:0000002", "parent", 1, 3),
        ("GO:0000008", "1", 1, "name of GO:0000008", "sibling", 1, 1),
    ]


def test_shares_of_a_subset_are_of_the_root_and_of_complete_organisms(make, small_terms):
    lines = [make.line("X:a", TARGET), make.line("X:b", "GO:0000002")]
    lines += [make.line("X:a", TARGET, 2), make.line("X:c", "GO:0000008", 3)]
    tables = make.tables(lines, small_terms, incomplete=[2])
    table = compute_slim(
        *(tables["profile"], tables["organisms"], small_terms, Ancestors(small_terms), [TARGET])
    )
    columns = ("n_gene_products", "n_gene_products_propagated", "n_root_gene_products")
    rows = {row.organism_id: [getattr(row, name) for name in columns] for row in table.itertuples()}
    assert rows == {"1": [1, 1, 2], "2": [1, 1, 1], "3": [0, 0, 1]}
    shares = dict(zip(table["organism_id"], frames.list_values(table, "share"), strict=True))
    assert shares == {"1": 0.5, "2": None, "3": 0.0}
    empty = compute_slim(
        *(tables["profile"], tables["organisms"], small_terms, Ancestors(small_terms), [])
    )
    assert len(empty) == 0
