"""Which other terms go with the target's gene products, within one organism and aspect.

Over-representation by the hypergeometric upper tail. Background: the organism's own gene products
with a supporting line in the aspect, which is the propagated count of the aspect's root.
Formulas, sources and traps: docs/statistics.md#enrichment
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import pandas as pd

from gafreduce.jobs.model.evidence import NO_DATA
from gafreduce.ontology.termfile import SUPPORTING_CLASSES, TermFile
from gafreduce.reports.statistics import exact_tests, frames
from gafreduce.reports.statistics.ancestors import ASPECTS, Ancestors
from gafreduce.reports.statistics.evidence_sources import entries
from gafreduce.reports.statistics.frames import Note, Row
from gafreduce.reports.statistics.pairwise import comparable, sample, within
from gafreduce.reports.tables.schema import ENRICHMENT, ENRICHMENT_FAMILIES

ALPHA = 0.05
#: A term of one gene product can't be enriched: it is the gene product.
MIN_POPULATION = 2
MAX_LISTED = 100
#: Gene products of the target in one organism: with more, the target is too broad for the question.
MAX_STUDY = 2000
#: Gene products with the target that are studied in all organisms together.
MAX_STUDIES = 5_000
VARIANTS = ("all", "without_negative_regulators")


@dataclass
class Product:
    """A gene product of the target: its terms, closed over ancestors."""

    object_id: str
    is_negative_regulator: bool
    closed: set[int]
    #: Those that it has by a line which does not share a With/From entry with its target lines.
    independent: set[int]


@dataclass
class Family:
    """One organism, variant and aspect: the numbers that hold for each of its terms."""

    n_study: int
    n_population: int
    population: Mapping[int, int]  # term -> K, of K >= MIN_POPULATION
    smallest: dict[int, float] = field(default_factory=dict)  # K -> smallest attainable p

    def __post_init__(self) -> None:
        for successes in set(self.population.values()):
            self.smallest[successes] = exact_tests.smallest_attainable(
                self.n_study, successes, self.n_population
            )

    def holds(self, number: int) -> bool:
        """Tell whether a term is in the family; k plays no part."""
        successes = self.population.get(number)
        return successes is not None and self.smallest[successes] < ALPHA

    @property
    def size(self) -> int:
        """Terms in the family."""
        return sum(map(self.holds, self.population))


def target_products(
    context: pd.DataFrame, terms: TermFile, ancestors: Ancestors
) -> dict[int, list[Product]]:
    """Return the target's gene products of each organism, sorted by id.

    Args:
        context: The table `context`; lines that support nothing are left out.
        terms: Its closure tells target and negative regulators.
        ancestors: Of the same term file.
    """
    classes = {term.go_id: term.term_class for term in terms.term_set}
    lines: defaultdict[tuple[int, str], list[tuple[str, str]]] = defaultdict(list)
    columns = (
        "taxon_id",
        "object_id",
        "go_id",
        "with_from",
        "takes_part",
        "negated",
        "evidence_group",
    )
    for taxon, object_id, go_id, with_from, takes_part, negated, group in frames.rows(
        context, columns
    ):
        if not negated and group != NO_DATA and takes_part:
            lines[taxon, object_id].append((go_id, with_from))
    products: defaultdict[int, list[Product]] = defaultdict(list)
    for (taxon, object_id), of_product in sorted(lines.items()):
        product = _product(object_id, of_product, classes, ancestors)
        if product is not None:
            products[taxon].append(product)
    return dict(products)


def _product(
    object_id: str,
    lines: Iterable[tuple[str, str]],
    classes: Mapping[str, str],
    ancestors: Ancestors,
) -> Product | None:
    """Return a gene product, or None when no line puts it on the target."""
    lines = list(lines)
    of_target = [text for go_id, text in lines if classes.get(go_id) in SUPPORTING_CLASSES]
    if not of_target:
        return None
    # A term inferred from the target's own id (GO_REF:0000108) is as circular as one by its entry.
    shared = set(classes).union(*map(entries, of_target))
    every: set[int] = set()
    independent: set[int] = set()
    for go_id, with_from in lines:
        number = ancestors.number(go_id)
        if number is not None:
            every.add(number)
            if not shared & entries(with_from):
                independent.add(number)
    negative = any(classes.get(go_id) == "negative_regulator" for go_id, _ in lines)
    return Product(object_id, negative, ancestors.close(every), ancestors.close(independent))


def enrichment_tables(
    context: pd.DataFrame | None,
    profile: pd.DataFrame,
    organisms: pd.DataFrame,
    terms: TermFile,
    ancestors: Ancestors,
) -> tuple[pd.DataFrame, pd.DataFrame, list[Note]]:
    """Return `enrichment`, `enrichment_families` and what must be said with them.

    Args:
        context: The table `context`; None when it was not made.
        profile: The table `profile`, whole GO: its propagated numbers are K and, of roots, N.
        organisms: The table `organisms`.
        terms: The term file of the run.
        ancestors: Of the same.
    """
    everyone, chosen = comparable(organisms), enrichment_taxa(organisms)
    notes = [
        Note("enrichment", "", "n_organisms_complete", str(len(everyone))),
        Note("enrichment", "", "n_organisms_shown", str(len(chosen))),
        Note("enrichment", "", "alpha", str(ALPHA)),
        Note("enrichment", "", "min_population", str(MIN_POPULATION)),
    ]
    if len(sample(everyone)) < len(everyone):
        notes.append(Note("enrichment", "", "sample", "smallest CRC-32 of the taxonomy id"))
    products = {} if context is None else target_products(context, terms, ancestors)
    reasons = _reasons(organisms, chosen, products, context is not None)
    counts = _population(profile, chosen, ancestors)
    maker = _Maker(terms, ancestors)
    made: list[_Found] = []
    families: list[Row] = []
    for taxon, reason in reasons.items():
        if reason:
            families += (_no_family(key, reason) for key in _keys(taxon))
            continue
        found, of_families = maker.organism(taxon, products.get(taxon, []), counts[taxon])
        made += found
        families += of_families
    odds = exact_tests.odds_ratios(one.table for one in made)
    rows = ((*one.before, *odds[one.table], one.q_value, *one.after) for one in made)
    return frames.frame(ENRICHMENT, rows), frames.frame(ENRICHMENT_FAMILIES, families), notes


def enrichment_taxa(organisms: pd.DataFrame) -> list[int]:
    """Return the organisms whose enrichment is worked out: a sample, if the target is not broad."""
    columns = ("taxon_id", "n_target_gene_products")
    n_products: dict[int, int] = dict(frames.rows(organisms, columns))
    narrow = [t for t in sample(comparable(organisms)) if n_products[t] <= MAX_STUDY]
    return within(narrow, n_products, MAX_STUDIES)


def _reasons(
    organisms: pd.DataFrame,
    chosen: Sequence[int],
    products: Mapping[int, Sequence[Product]],
    has_context: bool,
) -> dict[int, str]:
    """Return for each organism to be named why there is no enrichment; "" where there is."""
    sampled = sample(comparable(organisms))
    columns = ("taxon_id", "compared", "complete", "n_target_gene_products")
    reasons = {}
    for taxon, compared, complete, n_products in frames.rows(organisms, columns):
        if not compared or (complete and taxon not in sampled):
            continue
        if not complete:
            reasons[taxon] = "incomplete"
        elif not has_context:
            reasons[taxon] = "no_context"
        elif taxon not in chosen:
            reasons[taxon] = "broad_target"
        elif len(products.get(taxon, ())) != n_products:
            # k of a study that lacks some would be wrong without a sign.
            reasons[taxon] = "context_lacks_products"
        else:
            reasons[taxon] = ""
    return reasons


def _keys(taxon: int) -> Iterable[tuple[int, str, str]]:
    return ((taxon, variant, aspect) for variant in VARIANTS for aspect in ASPECTS)


def _no_family(key: tuple[int, str, str], reason: str, n_study: int | None = None) -> Row:
    return (*key, n_study, None, None, None, None, ALPHA, None, reason)


def _population(
    profile: pd.DataFrame, taxa: Sequence[int], ancestors: Ancestors
) -> dict[int, dict[int, int]]:
    """Return for each organism its gene products by current term, propagated."""
    kept = profile[profile["taxon_id"].isin(list(taxa))]
    counts: dict[int, dict[int, int]] = {taxon: {} for taxon in taxa}
    columns = ("taxon_id", "go_id", "n_gene_products_propagated")
    for taxon, go_id, n_products in frames.rows(kept, columns):
        number = ancestors.number(go_id)
        if number is not None:
            counts[taxon][number] = n_products
    return counts


class _Found(NamedTuple):
    """A row of `enrichment` without its odds ratio: those are solved for all rows together."""

    before: Row
    table: exact_tests.TwoByTwo
    q_value: float | None
    after: Row


class _Maker:
    """Makes the rows of one organism after the other."""

    def __init__(self, terms: TermFile, ancestors: Ancestors) -> None:
        self._terms = terms
        self._ancestors = ancestors
        self._roots = ancestors.roots()
        self._circular = ancestors.circular()

    def organism(
        self, taxon: int, products: Sequence[Product], population: Mapping[int, int]
    ) -> tuple[list[_Found], list[Row]]:
        """Return the rows of `enrichment` and of `enrichment_families`."""
        made: list[_Found] = []
        families: list[Row] = []
        for variant in VARIANTS:
            removed = [p for p in products if variant != "all" and p.is_negative_regulator]
            study = [product for product in products if product not in removed]
            # Without products: without them in the background too.
            left = Counter(population)
            left.subtract(number for product in removed for number in product.closed)
            for aspect in ASPECTS:
                key = (taxon, variant, aspect)
                if aspect not in self._roots:
                    families.append(_no_family(key, "no_single_root"))
                    continue
                found, family = self._aspect(key, study, left)
                made += found
                families.append(family)
        return made, families

    def _aspect(
        self, key: tuple[int, str, str], products: Sequence[Product], population: Mapping[int, int]
    ) -> tuple[list[_Found], Row]:
        root = self._roots[key[2]]
        study = [product for product in products if root in product.closed]
        n_population = population.get(root, 0)
        if not study:
            return [], _no_family(key, "no_study", 0)
        if len(study) >= n_population:
            return [], _no_family(key, "study_is_population", len(study))
        of_aspect = {
            number: count
            for number, count in population.items()
            if count >= MIN_POPULATION and self._ancestors.aspect(number) == key[2]
        }
        family = Family(len(study), n_population, of_aspect)
        made = self._terms_of(key, study, family, population)
        n_below = sum(1 for row in made if row.q_value is not None and row.q_value < ALPHA)
        smallest = min(family.smallest.values(), default=None)
        numbers = (len(study), n_population, len(of_aspect), family.size, smallest, ALPHA, n_below)
        return made, (*key, *numbers, "")

    def _terms_of(
        self,
        key: tuple[int, str, str],
        study: Sequence[Product],
        family: Family,
        population: Mapping[int, int],
    ) -> list[_Found]:
        """Return a row for each term of the aspect that a product of the study has."""
        having: defaultdict[int, list[Product]] = defaultdict(list)
        for product in study:
            for number in product.closed:
                if self._ancestors.aspect(number) == key[2]:
                    having[number].append(product)
        p_values = {
            number: exact_tests.upper_tail(
                len(products), family.n_study, population[number], family.n_population
            )
            for number, products in having.items()
        }
        circular = {number: self._why_circular(number, having[number]) for number in having}
        # Circular terms stay in the family with p = 1: they must not help the others over the line.
        tested = [n for n in having if family.holds(n) and not circular[n][0]]
        adjusted = exact_tests.adjust([p_values[number] for number in tested], family.size)
        q_values = dict(zip(tested, adjusted, strict=True))
        return [
            _Found(
                before=(
                    *key,
                    p_values[number],
                    self._terms.go_ids[number],
                    self._terms.names[number],
                    *_effect(len(products), population[number], family),
                ),
                table=_two_by_two(len(products), population[number], family),
                q_value=q_values.get(number),
                after=(
                    family.holds(number),
                    *circular[number],
                    [product.object_id for product in products[:MAX_LISTED]],
                ),
            )
            for number, products in having.items()
        ]

    def _why_circular(self, number: int, products: Sequence[Product]) -> tuple[str, int]:
        """Return why a term says nothing new, and how many have it by the target's own entry."""
        n_same_entry = sum(1 for product in products if number not in product.independent)
        return self._circular.get(number, "same_entry" if n_same_entry else ""), n_same_entry


def _two_by_two(k: int, successes: int, family: Family) -> exact_tests.TwoByTwo:
    """Return the gene products with the term, of the target's and of the others."""
    n_others = family.n_population - family.n_study
    return k, family.n_study, successes - k, n_others


def _effect(k: int, successes: int, family: Family) -> Row:
    """Return k, n, K, N, expected and fold."""
    n, population = family.n_study, family.n_population
    expected = n * successes / population
    return (k, n, successes, population, expected, k * population / (n * successes))
