"""How alike the organisms' sets of terms are: Jaccard, simUI, simGIC and overlap.

No p-value (which null is chosen decides the answer) and no bootstrap (a union of sets loses its
rare terms: the interval excludes its own estimate); instead, equal depth: rarefaction.py.
Formulas, sources and traps: docs/statistics.md#similarity
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pandas as pd

from gafreduce.reports.statistics import frames
from gafreduce.reports.statistics.ancestors import ASPECTS, Ancestors
from gafreduce.reports.statistics.frames import Note, Row
from gafreduce.reports.statistics.pairwise import comparable, sample
from gafreduce.reports.tables.schema import SIMILARITY

#: A set with fewer terms says nothing about likeness.
MIN_TERMS = 20
#: Information content is kept as multiples of this: sums of up to 2**53 of them are exact, so that
#: no order of summation, number of threads or processor changes a byte.
_IC_UNIT = 2.0**-30

Matrix = npt.NDArray[np.float64]
#: Organism -> positions of its terms in the term file.
TermsOf = dict[int, set[int]]


class Profile:
    """The table `profile`, narrowed to comparable organisms and current terms.

    All of them make the pool; sets of terms are held of the chosen ones only.
    """

    def __init__(
        self,
        profile: pd.DataFrame,
        ancestors: Ancestors,
        everyone: Sequence[int],
        taxa: Sequence[int],
    ) -> None:
        pool = frozenset(everyone)
        self._ancestors = ancestors
        self.direct: TermsOf = {taxon: set() for taxon in taxa}
        self.closed: TermsOf = {taxon: set() for taxon in taxa}
        self.non_electronic: TermsOf = {taxon: set() for taxon in taxa}
        self.pooled: dict[int, int] = {}  # term -> gene products, summed over the organisms
        columns = (
            "go_id",
            "taxon_id",
            "n_gene_products",
            "n_gene_products_propagated",
            "n_gene_products_non_electronic",
        )
        for go_id, taxon, n_direct, n_propagated, n_stated in frames.rows(profile, columns):
            number = ancestors.number(go_id)
            if taxon not in pool or number is None or not n_propagated:
                continue
            self.pooled[number] = self.pooled.get(number, 0) + n_propagated
            if taxon not in self.closed:
                continue
            self.closed[taxon].add(number)
            if n_direct:
                self.direct[taxon].add(number)
            if n_stated:
                self.non_electronic[taxon].add(number)

    def sets(self, evidence: str) -> tuple[TermsOf, TermsOf]:
        """Return direct terms and closed sets of each organism for a kind of evidence."""
        if evidence == "all":
            return self.direct, self.closed
        closed = {taxon: self._ancestors.close(t) for taxon, t in self.non_electronic.items()}
        return self.non_electronic, closed

    def information(self, aspect: str, root: int) -> dict[int, float]:
        """Return -ln of the share of the pool's gene products of an aspect that have each term.

        Source: Resnik 1995, arXiv:cmp-lg/9511007; the pool is a choice, and stated.
        """
        total = self.pooled.get(root, 0)
        return {
            number: round(-math.log(count / total) / _IC_UNIT) * _IC_UNIT
            for number, count in self.pooled.items()
            if self._ancestors.aspect(number) == aspect
        }


def similarity_table(
    profile: pd.DataFrame, organisms: pd.DataFrame, ancestors: Ancestors
) -> tuple[pd.DataFrame, list[Note]]:
    """Return `similarity` and what must be said with it.

    - jaccard_direct: |A & B| / |A | B| of directly annotated terms
    - sim_ui: the same of the sets closed over ancestors (Gentleman 2007, GOstats)
    - sim_gic: summed information content of A & B / that of A | B (Pesquita et al. 2008,
      BMC Bioinformatics 9(S5):S4)
    - overlap: |A & B| / min(|A|, |B|), for unequal depth (Simpson 1943)

    Empty, with the reason, where a set has fewer than MIN_TERMS terms. Shared pipelines
    (InterPro2GO, keywords) inflate likeness: see the rows without electronic annotation.

    Args:
        profile: The table `profile`, whole GO.
        organisms: The table `organisms`.
        ancestors: Of the term file that made the profile.
    """
    everyone = comparable(organisms)
    chosen = sample(everyone)
    data = Profile(profile, ancestors, everyone, chosen)
    roots = ancestors.roots()
    pool = hashlib.sha256(",".join(map(str, everyone)).encode()).hexdigest()[:12]
    notes = [
        Note("similarity", "", "n_organisms_complete", str(len(everyone))),
        Note("similarity", "", "n_organisms_shown", str(len(chosen))),
        Note("similarity", "", "min_terms", str(MIN_TERMS)),
        Note("similarity", "", "pool", pool),
        Note("similarity", "", "pool_organisms", str(len(everyone))),
    ]
    if len(chosen) < len(everyone):
        notes.append(Note("similarity", "", "sample", "smallest CRC-32 of the taxonomy id"))
    made: list[Row] = []
    for evidence in ("all", "non_electronic"):
        direct, closed = data.sets(evidence)
        for aspect in ASPECTS:
            if aspect not in roots:
                notes.append(Note("similarity", aspect, "reason", "no_single_root"))
                continue
            weights = data.information(aspect, roots[aspect])
            size = data.pooled.get(roots[aspect], 0)
            notes.append(Note("similarity", aspect, "pool_gene_products", str(size)))
            measures = _Measures(chosen, direct, closed, weights)
            made += [
                (aspect, evidence, chosen[a], chosen[b], *measures.pair(a, b, f"{pool}:{aspect}"))
                for a, b in combinations(range(len(chosen)), 2)
            ]
    return frames.frame(SIMILARITY, made), list(dict.fromkeys(notes))


class _Measures:
    """All pairs of one aspect and kind of evidence, by three matrix products."""

    def __init__(
        self,
        taxa: Sequence[int],
        direct: Mapping[int, set[int]],
        closed: Mapping[int, set[int]],
        weights: Mapping[int, float],
    ) -> None:
        column = {number: position for position, number in enumerate(sorted(weights))}
        by_direct = _membership(taxa, direct, column)
        by_closed = _membership(taxa, closed, column)
        content = np.array([weights[number] for number in column], dtype=np.float64)
        self._direct = by_direct @ by_direct.T
        self._closed = by_closed @ by_closed.T
        self._content = (by_closed * content) @ by_closed.T

    def pair(self, a: int, b: int, pool: str) -> Row:
        """Return the cells of one pair."""
        direct = _sizes(self._direct, a, b)
        closed = _sizes(self._closed, a, b)
        n_direct, n_closed = tuple(map(int, direct)), tuple(map(int, closed))
        few_direct, few_closed = min(direct[:2]) < MIN_TERMS, min(closed[:2]) < MIN_TERMS
        of_direct = (None, None) if few_direct else (_jaccard(*direct), _overlap(*direct))
        of_closed: tuple[float | None, ...] = (None, None, None)
        if not few_closed:
            content = _sizes(self._content, a, b)
            of_closed = (_jaccard(*closed), _overlap(*closed), _jaccard(*content))
        reason = "fewer_than_20_terms" if few_direct or few_closed else ""
        return (*n_direct, *of_direct, *n_closed, *of_closed, pool, reason)


def _membership(
    taxa: Sequence[int], terms_of: Mapping[int, set[int]], column: Mapping[int, int]
) -> Matrix:
    """Return a row of 0 and 1 for each organism over the terms of an aspect."""
    matrix = np.zeros((len(taxa), len(column)), dtype=np.float64)
    for row, taxon in enumerate(taxa):
        matrix[row, [column[number] for number in terms_of[taxon] if number in column]] = 1
    return matrix


def _sizes(shared: Matrix, a: int, b: int) -> tuple[float, float, float]:
    """Return what a has, b has, and both have."""
    return float(shared[a, a]), float(shared[b, b]), float(shared[a, b])


def _jaccard(of_a: float, of_b: float, of_both: float) -> float | None:
    """Return shared / either; None of nothing."""
    either = of_a + of_b - of_both
    return of_both / either if either else None


def _overlap(of_a: float, of_b: float, of_both: float) -> float:
    """Return shared / smaller."""
    return of_both / min(of_a, of_b)
