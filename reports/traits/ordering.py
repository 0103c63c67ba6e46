"""The order of traits and organisms in the overview: that of the study, or by clusters.

Clusters: average linkage (UPGMA) of Jaccard distances between sets of annotated traits, or of
annotated organisms. Only organisms with complete files and traits that are not nested in another
one of the study count. Partial files follow at the end; nested traits follow the one that they are
in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

#: Rows or columns up to which they are clustered: the time grows with the third power.
MAX_CLUSTERED = 300


def order_by_clusters(sets: Sequence[frozenset[str]]) -> list[int]:
    """Return positions of sets in the order of their clusters; ties keep the order.

    >>> order_by_clusters([frozenset("ab"), frozenset("xy"), frozenset("abc"), frozenset()])
    [0, 2, 1, 3]
    """
    clusters = [[place] for place in range(len(sets))]
    if len(sets) > MAX_CLUSTERED:
        return list(range(len(sets)))
    distances = {(a, b): _measure(sets[a], sets[b]) for b in range(len(sets)) for a in range(b)}
    live = list(range(len(sets)))
    while len(live) > 1:
        # the closest pair; of equal ones the first
        a, b = min(
            ((a, b) for place, b in enumerate(live) for a in live[:place]),
            key=lambda pair: (distances[pair], pair),
        )
        n_a, n_b = len(clusters[a]), len(clusters[b])
        for other in live:
            if other not in (a, b):
                to_a = distances[min(a, other), max(a, other)]
                to_b = distances[min(b, other), max(b, other)]
                mean = (n_a * to_a + n_b * to_b) / (n_a + n_b)
                distances[min(a, other), max(a, other)] = mean
        clusters[a] += clusters[b]
        live.remove(b)
    return clusters[live[0]] if live else []


def _measure(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the Jaccard distance; two empty sets are equal."""
    together = len(one | other)
    return 1 - len(one & other) / together if together else 0.0


def nest(order: Sequence[str], includes: Mapping[str, Sequence[str]]) -> list[tuple[str, bool]]:
    """Return traits with whether they are nested in the one above: such ones follow it.

    A trait in several others follows the smallest of them.

    >>> nest(["a", "b", "c"], {"a": [], "b": [], "c": ["a"]})
    [('b', False), ('c', False), ('a', True)]
    """
    parent: dict[str, str] = {}
    for trait in order:
        above = [each for each in order if trait in includes.get(each, ())]
        if above:
            parent[trait] = min(above, key=lambda each: (len(includes[each]), order.index(each)))
    made: list[tuple[str, bool]] = []

    def add(trait: str) -> None:
        made.append((trait, trait in parent))
        for each in order:
            if parent.get(each) == trait:
                add(each)

    for trait in order:
        if trait not in parent:
            add(trait)
    return made
