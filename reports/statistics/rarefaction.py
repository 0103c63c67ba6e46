"""The table `similarity_depth`: similarity of organisms at equal depth (rarefaction).

An organism with more annotated gene products has more terms. Therefore the same number of gene
products is drawn from each organism, in several rounds, and the table gives the range over the
rounds. Formulas, sources and limits: docs/statistics.md#rarefaction
"""

from __future__ import annotations

import random
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

import pandas as pd

from gafreduce.jobs.model.organisms import Organisms
from gafreduce.reports.statistics.ancestors import ASPECTS, Ancestors
from gafreduce.reports.statistics.sampling import list_complete, sample
from gafreduce.reports.statistics.similarity import MIN_TERMS, TOO_FEW_TERMS
from gafreduce.reports.tables import frames
from gafreduce.reports.tables.frames import Note, Values
from gafreduce.reports.tables.schema import SIMILARITY_DEPTH

#: Organisms that are compared; their term sets are the only input that grows with the organisms.
MAX_ORGANISMS = 12
ROUNDS = 20
SEED = 20260101

#: The terms drawn in one round, as bits: direct and closed over ancestors.
DrawnTerms = tuple[int, int]


class _SampledOrganism:
    """The gene products of one organism in one aspect; a product is the number of its term set."""

    def __init__(self, organism_id: str, seed_name: str) -> None:
        """Begin without gene products.

        Args:
            organism_id: The organism.
            seed_name: What the draws depend on (`_name_seeds`).
        """
        self.organism_id = organism_id
        self._seed_name = seed_name
        self.products: list[int] = []  # for each gene product: the number of its term set
        self._direct: list[int] = []  # for each term set: a bit for each term
        self._closed: list[int] = []

    def add(self, direct: int, closed: int, times: int) -> None:
        """Add as many gene products with the same term set; sets are bits."""
        self.products += [len(self._direct)] * times
        self._direct.append(direct)
        self._closed.append(closed)

    def draw(self, n_drawn: int, round_number: int, aspect: str) -> DrawnTerms:
        """Return the terms of `n_drawn` gene products, drawn without replacement.

        Only `random()` of a seeded generator gives the same numbers in every version of Python.
        """
        generator = random.Random(f"{SEED}:{round_number}:{self._seed_name}:{aspect}")
        keys = [(generator.random(), product) for product in self.products]
        sets = {product for _, product in sorted(keys)[:n_drawn]}
        return _unite(self._direct, sets), _unite(self._closed, sets)


def _unite(bits: Sequence[int], sets: Iterable[int]) -> int:
    union = 0
    for number in sets:
        union |= bits[number]
    return union


class _TermBits:
    """Assigns a bit to each term that occurs, so that sets are as short as the data allow."""

    def __init__(self, ancestors: Ancestors) -> None:
        """Begin without terms."""
        self._ancestors = ancestors
        self._bits: dict[int, int] = {}
        self._closed: dict[int, dict[str, int]] = {}

    def get_own(self, number: int) -> int:
        """Return the bit of a term."""
        return 1 << self._bits.setdefault(number, len(self._bits))

    def get_closed(self, number: int) -> dict[str, int]:
        """Return the bits of a term and its ancestors, by aspect."""
        known = self._closed.get(number)
        if known is None:
            known = self._closed[number] = {}
            for ancestor in sorted(self._ancestors.close_term(number)):
                aspect = self._ancestors.get_aspect(ancestor)
                known[aspect] = known.get(aspect, 0) | self.get_own(ancestor)
        return known


def choose_organisms(organisms: pd.DataFrame) -> list[str]:
    """Return the organisms that are compared: those for which `term_sets` are needed."""
    return sample(list_complete(organisms), MAX_ORGANISMS)


def compute_rarefaction(
    term_sets: pd.DataFrame | None, organisms: pd.DataFrame, ancestors: Ancestors
) -> tuple[pd.DataFrame, list[Note]]:
    """Return the table `similarity_depth` and its notes.

    Args:
        term_sets: The table `term_sets` of `choose_organisms(organisms)`; None when it was not
            made.
        organisms: The table `organisms`.
        ancestors: Ancestors in the term file that made the sets.
    """
    complete, chosen = list_complete(organisms), choose_organisms(organisms)
    notes = [
        Note("similarity_depth", "", "seed", str(SEED)),
        Note("similarity_depth", "", "n_rounds", str(ROUNDS)),
        Note("similarity_depth", "", "n_organisms_complete", str(len(complete))),
        Note("similarity_depth", "", "n_organisms_shown", str(len(chosen))),
    ]
    if term_sets is None:
        notes.append(Note("similarity_depth", "", "reason", "no_term_sets"))
        return frames.make_frame(SIMILARITY_DEPTH, ()), notes
    rows: list[Values] = []
    seeds = _name_seeds(chosen, frames.read_samples(organisms))
    for aspect, sampled in _read_organisms(term_sets, seeds, ancestors).items():
        rows += _compare(aspect, sampled)
    return frames.make_frame(SIMILARITY_DEPTH, rows, organisms), notes


def _name_seeds(chosen: Sequence[str], organisms: Organisms) -> dict[str, str]:
    """Return what the draws of each organism depend on: its taxon, where no other one has it.

    So a taxon that is its own sample has the same numbers as without a sample.
    """
    n_organisms = Counter(map(organisms.taxon_of, chosen))
    seeds = {}
    for organism_id in chosen:
        taxon_id = organisms.taxon_of(organism_id)
        seeds[organism_id] = str(taxon_id) if n_organisms[taxon_id] == 1 else organism_id
    return seeds


def _read_organisms(
    term_sets: pd.DataFrame, seeds: Mapping[str, str], ancestors: Ancestors
) -> dict[str, list[_SampledOrganism]]:
    """Return the organisms by aspect; a gene product is in every aspect that its terms reach."""
    organisms = {
        aspect: {each: _SampledOrganism(each, seed) for each, seed in seeds.items()}
        for aspect in ASPECTS
    }
    bits = _TermBits(ancestors)
    columns = ("organism_id", "go_ids", "n_gene_products")
    n_products: Counter[tuple[str, tuple[str, ...]]] = Counter()
    for organism_id, go_ids, times in frames.iterate_rows(term_sets, columns):
        if organism_id in organisms["P"]:
            n_products[organism_id, tuple(sorted(go_ids))] += times
    # Sorted: the gene product of a random number must not depend on the order of the rows.
    for (organism_id, ordered), times in sorted(n_products.items()):
        direct: dict[str, int] = {}
        closed: dict[str, int] = {}
        for number in map(ancestors.find_number, ordered):
            if number is None:
                continue
            aspect = ancestors.get_aspect(number)
            direct[aspect] = direct.get(aspect, 0) | bits.get_own(number)
            for reached, mask in bits.get_closed(number).items():
                closed[reached] = closed.get(reached, 0) | mask
        for aspect, mask in closed.items():
            organisms[aspect][organism_id].add(direct.get(aspect, 0), mask, times)
    return {aspect: list(by_id.values()) for aspect, by_id in organisms.items()}


def _compare(aspect: str, organisms: Sequence[_SampledOrganism]) -> list[Values]:
    """Return the rows of one aspect."""
    annotated = [organism for organism in organisms if organism.products]
    if len(annotated) < 2:
        return []
    n_drawn = min(len(organism.products) for organism in annotated)
    draws = {
        organism.organism_id: [organism.draw(n_drawn, n, aspect) for n in range(ROUNDS)]
        for organism in annotated
    }
    return [
        SIMILARITY_DEPTH.make_row(
            aspect=aspect,
            organism_a=a,
            organism_b=b,
            n_drawn=n_drawn,
            n_rounds=ROUNDS,
            **_compute_ranges(draws[a], draws[b]),
        )
        for a, b in combinations(draws, 2)
    ]


def _compute_ranges(
    draws_a: Sequence[DrawnTerms], draws_b: Sequence[DrawnTerms]
) -> dict[str, object]:
    """Return minimum, median and maximum of simUI and direct Jaccard over the rounds, by column."""
    has_too_few = any(
        min(direct.bit_count(), closed.bit_count()) < MIN_TERMS
        for direct, closed in (*draws_a, *draws_b)
    )
    cells: dict[str, object] = {"reason": TOO_FEW_TERMS if has_too_few else ""}
    for measure, which in (("sim_ui", 1), ("jaccard_direct", 0)):
        values = (
            []
            if has_too_few
            else [
                (a[which] & b[which]).bit_count() / (a[which] | b[which]).bit_count()
                for a, b in zip(draws_a, draws_b, strict=True)
            ]
        )
        cells[f"{measure}_low"] = min(values, default=None)
        cells[f"{measure}_median"] = statistics.median(values) if values else None
        cells[f"{measure}_high"] = max(values, default=None)
    return cells
