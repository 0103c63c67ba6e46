"""Likeness at equal depth: an organism with more annotated gene products has more terms.

Instead of an interval: draw as many gene products from each organism, several times, and show the
range. Formulas, sources and traps: docs/statistics.md#rarefaction
"""

from __future__ import annotations

import random
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import combinations

import pandas as pd

from gafreduce.reports.statistics import frames
from gafreduce.reports.statistics.ancestors import ASPECTS, Ancestors
from gafreduce.reports.statistics.frames import Note, Row
from gafreduce.reports.statistics.pairwise import comparable, sample
from gafreduce.reports.statistics.similarity import MIN_TERMS
from gafreduce.reports.tables.schema import SIMILARITY_DEPTH

#: Organisms whose gene products are drawn: their term sets are the one input that grows with them.
MAX_ORGANISMS = 12
ROUNDS = 20
SEED = 20260101


class _Organism:
    """One organism's gene products of one aspect: each a number of a distinct set of terms."""

    def __init__(self, taxon: int) -> None:
        self.taxon = taxon
        self.products: list[int] = []  # for each gene product: its set
        self._direct: list[int] = []  # for each set: a bit for each term
        self._closed: list[int] = []

    def add(self, direct: int, closed: int, times: int) -> None:
        """Take so many gene products with the same terms."""
        self.products += [len(self._direct)] * times
        self._direct.append(direct)
        self._closed.append(closed)

    def draw(self, n_drawn: int, round_number: int, aspect: str) -> tuple[int, int]:
        """Return the terms of so many gene products, direct and closed.

        `random()` of a seeded generator is the part of `random` that Python promises to keep.
        """
        generator = random.Random(f"{SEED}:{round_number}:{self.taxon}:{aspect}")
        keys = [(generator.random(), product) for product in self.products]
        sets = {product for _, product in sorted(keys)[:n_drawn]}
        return _union(self._direct, sets), _union(self._closed, sets)


def _union(bits: Sequence[int], sets: Iterable[int]) -> int:
    together = 0
    for number in sets:
        together |= bits[number]
    return together


class _Bits:
    """Gives each term that occurs a bit, so that the sets stay as short as the data allow."""

    def __init__(self, ancestors: Ancestors) -> None:
        self._ancestors = ancestors
        self._bits: dict[int, int] = {}
        self._closed: dict[int, dict[str, int]] = {}

    def own(self, number: int) -> int:
        """Return a term's bit."""
        return 1 << self._bits.setdefault(number, len(self._bits))

    def closed(self, number: int) -> dict[str, int]:
        """Return the bits of a term and its ancestors, by aspect."""
        known = self._closed.get(number)
        if known is None:
            known = self._closed[number] = {}
            for ancestor in sorted(self._ancestors.closed(number)):
                aspect = self._ancestors.aspect(ancestor)
                known[aspect] = known.get(aspect, 0) | self.own(ancestor)
        return known


def depth_taxa(organisms: pd.DataFrame) -> list[int]:
    """Return the organisms whose `term_sets` are wanted."""
    return sample(comparable(organisms), MAX_ORGANISMS)


def depth_table(
    term_sets: pd.DataFrame | None, organisms: pd.DataFrame, ancestors: Ancestors
) -> tuple[pd.DataFrame, list[Note]]:
    """Return `similarity_depth` and what must be said with it.

    Args:
        term_sets: The table `term_sets` of `depth_taxa(organisms)`; None when it was not made.
        organisms: The table `organisms`.
        ancestors: Of the term file that made the sets.
    """
    everyone, chosen = comparable(organisms), depth_taxa(organisms)
    notes = [
        Note("similarity_depth", "", "seed", str(SEED)),
        Note("similarity_depth", "", "n_rounds", str(ROUNDS)),
        Note("similarity_depth", "", "n_organisms_complete", str(len(everyone))),
        Note("similarity_depth", "", "n_organisms_shown", str(len(chosen))),
    ]
    if term_sets is None:
        notes.append(Note("similarity_depth", "", "reason", "no_term_sets"))
        return frames.frame(SIMILARITY_DEPTH, ()), notes
    made: list[Row] = []
    for aspect, drawn in _read(term_sets, chosen, ancestors).items():
        made += _compare(aspect, drawn)
    return frames.frame(SIMILARITY_DEPTH, made), notes


def _read(
    term_sets: pd.DataFrame, chosen: Sequence[int], ancestors: Ancestors
) -> dict[str, list[_Organism]]:
    """Return the organisms by aspect; a gene product is in every aspect that its terms reach."""
    made = {aspect: {taxon: _Organism(taxon) for taxon in chosen} for aspect in ASPECTS}
    bits = _Bits(ancestors)
    columns = ("taxon_id", "go_ids", "n_gene_products")
    alike: Counter[tuple[int, tuple[str, ...]]] = Counter()
    for taxon, go_ids, times in frames.rows(term_sets, columns):
        if taxon in made["P"]:
            alike[taxon, tuple(sorted(go_ids))] += times
    # Sorted: which gene product a random number falls on must not depend on the order of the rows.
    for (taxon, ordered), times in sorted(alike.items()):
        direct: dict[str, int] = {}
        closed: dict[str, int] = {}
        for number in map(ancestors.number, ordered):
            if number is None:
                continue
            aspect = ancestors.aspect(number)
            direct[aspect] = direct.get(aspect, 0) | bits.own(number)
            for reached, mask in bits.closed(number).items():
                closed[reached] = closed.get(reached, 0) | mask
        for aspect, mask in closed.items():
            made[aspect][taxon].add(direct.get(aspect, 0), mask, times)
    return {aspect: list(organisms.values()) for aspect, organisms in made.items()}


def _compare(aspect: str, organisms: list[_Organism]) -> list[Row]:
    """Return the rows of one aspect."""
    annotated = [organism for organism in organisms if organism.products]
    if len(annotated) < 2:
        return []
    n_drawn = min(len(organism.products) for organism in annotated)
    draws = {
        organism.taxon: [organism.draw(n_drawn, n, aspect) for n in range(ROUNDS)]
        for organism in annotated
    }
    return [
        (aspect, a, b, n_drawn, ROUNDS, *_ranges(draws[a], draws[b]))
        for a, b in combinations(sorted(draws), 2)
    ]


def _ranges(of_a: list[tuple[int, int]], of_b: list[tuple[int, int]]) -> Row:
    """Return smallest, median and largest simUI and direct Jaccard over the rounds."""
    few = any(
        min(direct.bit_count(), closed.bit_count()) < MIN_TERMS for direct, closed in (*of_a, *of_b)
    )
    if few:
        return (*[None] * 6, "fewer_than_20_terms")
    cells: list[float] = []
    for which in (1, 0):
        values = [
            (a[which] & b[which]).bit_count() / (a[which] | b[which]).bit_count()
            for a, b in zip(of_a, of_b, strict=True)
        ]
        cells += [min(values), statistics.median(values), max(values)]
    return (*cells, "")
