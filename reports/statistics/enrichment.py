"""The tables `enrichment` and `enrichment_families`: terms over-represented with the target.

The test is the hypergeometric upper tail, within one organism and aspect. The background is the
organism's own gene products with a supporting line in the aspect: the propagated count of the
root of the aspect. Formulas, sources and limits: docs/statistics.md#enrichment
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import pandas as pd

from gafreduce.jobs.model.evidence import NO_DATA
from gafreduce.ontology.termfile import SUPPORTING_CLASSES, TermFile
from gafreduce.reports.statistics import exact_tests, sampling
from gafreduce.reports.statistics.ancestors import ASPECTS, Ancestors
from gafreduce.reports.tables import frames
from gafreduce.reports.tables.completeness import COMPLETE
from gafreduce.reports.tables.evidence_sources import split_entries
from gafreduce.reports.tables.frames import Note, Values
from gafreduce.reports.tables.schema import ENRICHMENT, ENRICHMENT_FAMILIES

ALPHA = 0.05
#: A term of one gene product can't be enriched: it is the gene product.
MIN_POPULATION = 2
MAX_LISTED = 100
#: Gene products with the target in one organism; with more the target is too broad to test.
MAX_STUDY = 2000
#: Gene products with the target in all tested organisms together.
MAX_STUDIES = 5_000
VARIANTS = ("all", "without_negative_regulators")


@dataclass
class StudyProduct:
    """A gene product with the target, and its terms closed over ancestors."""

    object_id: str
    is_negative_regulator: bool
    closed: set[int]
    #: Terms from lines that do not share a With/From entry with the target lines of the product.
    independent: set[int]


class FamilyKey(NamedTuple):
    """The key of a family of tests."""

    organism_id: str
    variant: str
    aspect: str


@dataclass
class Family:
    """The tests of one organism, variant and aspect, and the numbers that they share.

    n and N of the test are `n_study` and `n_population`; K of a term is its `population`.
    """

    key: FamilyKey
    n_study: int
    n_population: int
    population: Mapping[int, int]  # gene products by term, where at least MIN_POPULATION
    smallest: dict[int, float] = field(default_factory=dict)  # smallest attainable p by K

    def __post_init__(self) -> None:
        """Compute the smallest attainable p for each K that occurs."""
        for successes in set(self.population.values()):
            self.smallest[successes] = exact_tests.find_smallest_attainable(
                self.n_study, successes, self.n_population
            )

    def contains(self, number: int) -> bool:
        """Return whether a term is tested; this does not depend on k."""
        successes = self.population.get(number)
        return successes is not None and self.smallest[successes] < ALPHA

    @property
    def size(self) -> int:
        """The number of tested terms."""
        return sum(map(self.contains, self.population))


@dataclass(frozen=True, slots=True)
class TermTest:
    """The test of one term; its odds ratio is solved later, for all terms together."""

    family: Family
    number: int  # of the term
    products: Sequence[StudyProduct]  # the k gene products of the study set with the term
    n_population: int  # K
    p_value: float
    q_value: float | None
    circular: str
    n_same_entry: int

    @property
    def table(self) -> exact_tests.TwoByTwo:
        """Gene products with the term in the study set and in the rest of the population."""
        k, family = len(self.products), self.family
        n_others = family.n_population - family.n_study
        return k, family.n_study, self.n_population - k, n_others

    def make_row(self, terms: TermFile, odds_ratio: exact_tests.OddsRatio) -> Values:
        """Return the row of `enrichment`."""
        k, n, population = len(self.products), self.family.n_study, self.family.n_population
        return ENRICHMENT.make_row(
            **self.family.key._asdict(),
            p_value=self.p_value,
            go_id=terms.go_ids[self.number],
            name=terms.names[self.number],
            n_study_with_term=k,
            n_study=n,
            n_population_with_term=self.n_population,
            n_population=population,
            n_expected=n * self.n_population / population,
            fold=k * population / (n * self.n_population),
            odds_ratio=odds_ratio.estimate,
            odds_ratio_low=odds_ratio.low,
            odds_ratio_high=odds_ratio.high,
            q_value=self.q_value,
            in_family=self.family.contains(self.number),
            circular=self.circular,
            n_same_entry=self.n_same_entry,
            object_ids=[product.object_id for product in self.products[:MAX_LISTED]],
        )


def find_study_products(
    context: pd.DataFrame, terms: TermFile, ancestors: Ancestors
) -> dict[str, list[StudyProduct]]:
    """Return the gene products with the target by organism, sorted by id.

    Args:
        context: The table `context`; only supporting lines are used.
        terms: The term file of the run, which classifies terms.
        ancestors: Ancestors in the same term file.
    """
    classes = {term.go_id: term.term_class for term in terms.term_set}
    lines: defaultdict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    columns = ("organism_id", "object_id", "go_id", "with_from")
    conditions = ("takes_part", "negated", "evidence_group")
    rows = frames.iterate_rows(context, (*columns, *conditions))
    for *cells, is_supporting, is_negated, group in rows:
        if is_supporting and not is_negated and group != NO_DATA:
            organism_id, object_id, go_id, with_from = cells
            lines[organism_id, object_id].append((go_id, with_from))
    products: defaultdict[str, list[StudyProduct]] = defaultdict(list)
    for (organism_id, object_id), of_product in sorted(lines.items()):
        product = _make_product(object_id, of_product, classes, ancestors)
        if product is not None:
            products[organism_id].append(product)
    return dict(products)


def _make_product(
    object_id: str,
    lines: Sequence[tuple[str, str]],
    classes: Mapping[str, str],
    ancestors: Ancestors,
) -> StudyProduct | None:
    """Return a gene product; None when no line is on the target.

    Args:
        object_id: The gene product.
        lines: (GO id, With/From) of its supporting lines.
        classes: Term classes by GO id.
        ancestors: Ancestors in the term file of the run.
    """
    of_target = [text for go_id, text in lines if classes.get(go_id) in SUPPORTING_CLASSES]
    if not of_target:
        return None
    # A term inferred from the target's own id (GO_REF:0000108) is as circular as one by its entry.
    shared = set(classes).union(*map(split_entries, of_target))
    numbers: set[int] = set()
    independent: set[int] = set()
    for go_id, with_from in lines:
        number = ancestors.find_number(go_id)
        if number is not None:
            numbers.add(number)
            if not shared & split_entries(with_from):
                independent.add(number)
    is_negative = any(classes.get(go_id) == "negative_regulator" for go_id, _ in lines)
    closed, closed_independent = ancestors.close_terms(numbers), ancestors.close_terms(independent)
    return StudyProduct(object_id, is_negative, closed, closed_independent)


def compute_enrichment(
    context: pd.DataFrame | None,
    profile: pd.DataFrame,
    organisms: pd.DataFrame,
    terms: TermFile,
    ancestors: Ancestors,
) -> tuple[pd.DataFrame, pd.DataFrame, list[Note]]:
    """Return the tables `enrichment` and `enrichment_families`, and their notes.

    Args:
        context: The table `context`; None when it was not made.
        profile: The table `profile` of the whole GO; its propagated counts are K and, for roots, N.
        organisms: The table `organisms`.
        terms: The term file of the run.
        ancestors: Ancestors in the same term file.
    """
    complete, chosen = sampling.list_complete(organisms), choose_organisms(organisms)
    notes = [
        Note("enrichment", "", "n_organisms_complete", str(len(complete))),
        Note("enrichment", "", "n_organisms_shown", str(len(chosen))),
        Note("enrichment", "", "alpha", str(ALPHA)),
        Note("enrichment", "", "min_population", str(MIN_POPULATION)),
    ]
    if len(sampling.sample(complete)) < len(complete):
        notes.append(Note("enrichment", "", "sample", sampling.SAMPLED_BY))
    products = {} if context is None else find_study_products(context, terms, ancestors)
    reasons = _find_reasons(organisms, chosen, products, context is not None)
    counts = _read_population(profile, chosen, ancestors)
    tester = _Tester(ancestors)
    tests: list[TermTest] = []
    families: list[Values] = []
    for organism_id, reason in reasons.items():
        if reason:
            keys = (FamilyKey(organism_id, v, aspect) for v in VARIANTS for aspect in ASPECTS)
            families += (_make_empty_family(key, reason) for key in keys)
            continue
        study = products.get(organism_id, [])
        found, of_families = tester.test_organism(organism_id, study, counts[organism_id])
        tests += found
        families += of_families
    odds_ratios = exact_tests.compute_odds_ratios(test.table for test in tests)
    rows = (test.make_row(terms, odds_ratios[test.table]) for test in tests)
    table = frames.make_frame(ENRICHMENT, rows, organisms)
    return table, frames.make_frame(ENRICHMENT_FAMILIES, families, organisms), notes


def choose_organisms(organisms: pd.DataFrame) -> list[str]:
    """Return the tested organisms: those of a sample with at most MAX_STUDY gene products."""
    cells = frames.iterate_rows(organisms, ("organism_id", "n_target_gene_products"))
    n_products: dict[str, int] = dict(cells)
    sampled = sampling.sample(sampling.list_complete(organisms))
    narrow = [each for each in sampled if n_products[each] <= MAX_STUDY]
    return sampling.sample_within(narrow, n_products, MAX_STUDIES)


def _find_reasons(
    organisms: pd.DataFrame,
    chosen: Sequence[str],
    products: Mapping[str, Sequence[StudyProduct]],
    has_context: bool,
) -> dict[str, str]:
    """Return the reason why an organism is not tested, or "" for one that is, by organism."""
    sampled = sampling.sample(sampling.list_complete(organisms))
    columns = ("organism_id", "compared", "complete", "n_target_gene_products")
    reasons = {}
    for organism_id, is_compared, value, n_products in frames.iterate_rows(organisms, columns):
        if not is_compared or (value == COMPLETE and organism_id not in sampled):
            continue
        if value != COMPLETE:
            reasons[organism_id] = "incomplete"
        elif not has_context:
            reasons[organism_id] = "no_context"
        elif organism_id not in chosen:
            reasons[organism_id] = "broad_target"
        elif len(products.get(organism_id, ())) != n_products:
            # The k of an incomplete study set would be wrong without any sign of it.
            reasons[organism_id] = "context_lacks_products"
        else:
            reasons[organism_id] = ""
    return reasons


def _make_empty_family(key: FamilyKey, reason: str, n_study: int | None = None) -> Values:
    """Return the row of a family without tests."""
    return ENRICHMENT_FAMILIES.make_partial_row(
        **key._asdict(), n_study=n_study, alpha=ALPHA, reason=reason
    )


def _read_population(
    profile: pd.DataFrame, organism_ids: Sequence[str], ancestors: Ancestors
) -> dict[str, dict[int, int]]:
    """Return the propagated gene products by organism and current term."""
    kept = profile[profile["organism_id"].isin(list(organism_ids))]
    counts: dict[str, dict[int, int]] = {organism_id: {} for organism_id in organism_ids}
    columns = ("organism_id", "go_id", "n_gene_products_propagated")
    for organism_id, go_id, n_products in frames.iterate_rows(kept, columns):
        number = ancestors.find_number(go_id)
        if number is not None:
            counts[organism_id][number] = n_products
    return counts


class _Tester:
    """Tests the terms of one organism after the other."""

    def __init__(self, ancestors: Ancestors) -> None:
        """Look up roots and circular terms once for all organisms."""
        self._ancestors = ancestors
        self._roots = ancestors.find_roots()
        self._circular = ancestors.find_circular()

    def test_organism(
        self, organism_id: str, products: Sequence[StudyProduct], population: Mapping[int, int]
    ) -> tuple[list[TermTest], list[Values]]:
        """Return the tests of an organism and its rows of `enrichment_families`.

        Args:
            organism_id: The organism.
            products: Its gene products with the target.
            population: Its gene products by term, propagated.
        """
        tests: list[TermTest] = []
        families: list[Values] = []
        for variant in VARIANTS:
            removed = [p for p in products if variant != "all" and p.is_negative_regulator]
            study = [product for product in products if product not in removed]
            # Gene products removed from the study set are removed from the background too.
            background = Counter(population)
            background.subtract(number for product in removed for number in product.closed)
            for aspect in ASPECTS:
                key = FamilyKey(organism_id, variant, aspect)
                if aspect not in self._roots:
                    families.append(_make_empty_family(key, "no_single_root"))
                    continue
                found, family = self._test_aspect(key, study, background)
                tests += found
                families.append(family)
        return tests, families

    def _test_aspect(
        self, key: FamilyKey, products: Sequence[StudyProduct], population: Mapping[int, int]
    ) -> tuple[list[TermTest], Values]:
        """Return the tests of one family and its row of `enrichment_families`."""
        root = self._roots[key.aspect]
        study = [product for product in products if root in product.closed]
        n_population = population.get(root, 0)
        if not study:
            return [], _make_empty_family(key, "no_study", 0)
        if len(study) >= n_population:
            return [], _make_empty_family(key, "study_is_population", len(study))
        of_aspect = {
            number: count
            for number, count in population.items()
            if count >= MIN_POPULATION and self._ancestors.get_aspect(number) == key.aspect
        }
        family = Family(key, len(study), n_population, of_aspect)
        tests = self._test_terms(study, family, population)
        row = ENRICHMENT_FAMILIES.make_row(
            **key._asdict(),
            n_study=len(study),
            n_population=n_population,
            n_terms=len(of_aspect),
            n_family=family.size,
            smallest_attainable_p=min(family.smallest.values(), default=None),
            alpha=ALPHA,
            n_below_alpha=sum(t.q_value is not None and t.q_value < ALPHA for t in tests),
            reason="",
        )
        return tests, row

    def _test_terms(
        self, study: Sequence[StudyProduct], family: Family, population: Mapping[int, int]
    ) -> list[TermTest]:
        """Return the test of each term of the aspect that a product of the study set has."""
        products_of: defaultdict[int, list[StudyProduct]] = defaultdict(list)
        for product in study:
            for number in product.closed:
                if self._ancestors.get_aspect(number) == family.key.aspect:
                    products_of[number].append(product)
        p_values = {
            number: exact_tests.compute_upper_tail(
                len(products), family.n_study, population[number], family.n_population
            )
            for number, products in products_of.items()
        }
        circular = {n: self._check_circular(n, products) for n, products in products_of.items()}
        # Circular terms stay in the family with p = 1: they must not lower the q of other terms.
        tested = [n for n in products_of if family.contains(n) and not circular[n][0]]
        adjusted = exact_tests.adjust_p_values([p_values[number] for number in tested], family.size)
        q_values = dict(zip(tested, adjusted, strict=True))
        return [
            TermTest(
                family,
                number,
                products,
                n_population=population[number],
                p_value=p_values[number],
                q_value=q_values.get(number),
                circular=circular[number][0],
                n_same_entry=circular[number][1],
            )
            for number, products in products_of.items()
        ]

    def _check_circular(self, number: int, products: Iterable[StudyProduct]) -> tuple[str, int]:
        """Return why a term is circular, and how many products have it by the target's entry."""
        n_same_entry = sum(1 for product in products if number not in product.independent)
        return self._circular.get(number, "same_entry" if n_same_entry else ""), n_same_entry
