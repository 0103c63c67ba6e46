"""Counts of the parents and siblings of the target."""

from gafreduce.reports.statistics.ancestors import Ancestors
from gafreduce.reports.statistics.chosen_terms import compute_neighbours

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
