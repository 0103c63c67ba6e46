"""The order of traits and organisms by clusters."""

from __future__ import annotations

import random

from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import pdist

from gafreduce.reports.traits.ordering import nest, order_by_clusters


def test_clusters_are_those_of_average_linkage() -> None:
    chance = random.Random(7)
    rows = [[chance.random() < 0.4 for _ in range(40)] for _ in range(25)]
    sets = [frozenset(str(n) for n, bit in enumerate(row) if bit) for row in rows]
    tree = linkage(pdist(rows, "jaccard"), "average")
    order = order_by_clusters(sets)
    assert sorted(order) == list(range(25))
    place = {row: at for at, row in enumerate(order)}
    members = {row: [row] for row in range(25)}
    for number, (one, other, *_) in enumerate(tree):
        members[25 + number] = members[int(one)] + members[int(other)]
        places = sorted(place[row] for row in members[25 + number])
        # each cluster of SciPy is together in our order
        assert places == list(range(places[0], places[0] + len(places)))
    assert len(leaves_list(tree)) == 25


def test_equal_and_empty_sets_keep_their_order() -> None:
    assert order_by_clusters([]) == []
    assert order_by_clusters([frozenset()] * 3) == [0, 1, 2]


def test_nested_traits_follow_the_smallest_that_includes_them() -> None:
    includes = {"all": ["part", "small", "x"], "part": ["small"], "small": [], "x": [], "y": []}
    assert nest(["small", "y", "all", "x", "part"], includes) == [
        ("y", False),
        ("all", False),
        ("x", True),
        ("part", True),
        ("small", True),
    ]
