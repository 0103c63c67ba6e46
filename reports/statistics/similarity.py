"""The table `similarity`: Jaccard, simUI, simGIC and overlap of the organisms' sets of terms.

There is no p-value (the choice of the null model decides the result) and no bootstrap (a union of
sets loses its rare terms, and the interval excludes its own estimate); rarefaction.py compares
organisms at equal depth instead. Formulas, sources and limits: docs/statistics.md#similarity
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pandas as pd

from gafreduce.reports.statistics.ancestors import ASPECTS, Ancestors
from gafreduce.reports.statistics.sampling import SAMPLED_BY, list_complete, sample
from gafreduce.reports.tables import frames
from gafreduce.reports.tables.frames import Note, Values
from gafreduce.reports.tables.schema import SIMILARITY

#: The similarity of smaller sets is not computed.
MIN_TERMS = 20
#: Value of `reason` for organisms with fewer than MIN_TERMS terms.
TOO_FEW_TERMS = "fewer_than_20_terms"
#: Information content is rounded to multiples of this: sums of up to 2**53 of them are exact, so
#: that the order of summation, the number of threads and the processor do not change the result.
_IC_UNIT = 2.0**-30

#: Organisms x terms, or organisms x organisms.
Matrix = npt.NDArray[np.float64]
#: Numbers of terms (positions in the term file) of each organism.
TermsOf = dict[str, set[int]]


class TermProfile:
    """The table `profile` of complete organisms and current terms.

    All complete organisms form the pool; sets of terms are kept for the chosen ones only.
    """

    def __init__(
        self,
        profile: pd.DataFrame,
        ancestors: Ancestors,
        complete: Sequence[str],
        chosen: Sequence[str],
    ) -> None:
        """Read the table.

        Args:
            profile: The table `profile` of the whole GO.
            ancestors: Ancestors in the term file of the run.
            complete: Organisms of the pool.
            chosen: Organisms with sets of terms; part of `complete`.
        """
        pool = frozenset(complete)
        self._ancestors = ancestors
        self.direct: TermsOf = {organism_id: set() for organism_id in chosen}
        self.closed: TermsOf = {organism_id: set() for organism_id in chosen}
        self.non_electronic: TermsOf = {organism_id: set() for organism_id in chosen}
        self.n_pooled: dict[int, int] = {}  # gene products by term, summed over the organisms
        columns = (
            "go_id",
            "organism_id",
            "n_gene_products",
            "n_gene_products_propagated",
            "n_gene_products_non_electronic",
        )
        for go_id, organism_id, n_direct, n_propagated, n_stated in frames.iterate_rows(
            profile, columns
        ):
            number = ancestors.find_number(go_id)
            if organism_id not in pool or number is None or not n_propagated:
                continue
            self.n_pooled[number] = self.n_pooled.get(number, 0) + n_propagated
            if organism_id not in self.closed:
                continue
            self.closed[organism_id].add(number)
            if n_direct:
                self.direct[organism_id].add(number)
            if n_stated:
                self.non_electronic[organism_id].add(number)

    def select_sets(self, evidence: str) -> tuple[TermsOf, TermsOf]:
        """Return the direct terms and the closed sets for `all` or `non_electronic` evidence."""
        if evidence == "all":
            return self.direct, self.closed
        closed = {
            organism_id: self._ancestors.close_terms(terms)
            for organism_id, terms in self.non_electronic.items()
        }
        return self.non_electronic, closed

    def compute_information(self, aspect: str, root: int) -> dict[int, float]:
        """Return the information content of each term of an aspect, in nats.

        Formula: -ln(gene products with the term / gene products with the root), over the pool.

        Source: Resnik 1995, arXiv:cmp-lg/9511007. The choice of the pool is noted with the table.
        """
        total = self.n_pooled.get(root, 0)
        return {
            number: round(-math.log(count / total) / _IC_UNIT) * _IC_UNIT
            for number, count in self.n_pooled.items()
            if self._ancestors.get_aspect(number) == aspect
        }


def compute_similarity(
    profile: pd.DataFrame, organisms: pd.DataFrame, ancestors: Ancestors
) -> tuple[pd.DataFrame, list[Note]]:
    """Return the table `similarity` and its notes.

    - jaccard_direct: |A & B| / |A | B| of directly annotated terms
    - sim_ui: the same of the sets closed over ancestors (Gentleman 2007, GOstats)
    - sim_gic: summed information content of A & B / that of A | B (Pesquita et al. 2008,
      BMC Bioinformatics 9(S5):S4)
    - overlap: |A & B| / min(|A|, |B|), for unequal depth (Simpson 1943)

    The measures are empty, with the reason, where a set has fewer than MIN_TERMS terms. Shared
    pipelines (InterPro2GO, keywords) inflate similarity; compare the rows without electronic
    annotation.

    Args:
        profile: The table `profile` of the whole GO.
        organisms: The table `organisms`.
        ancestors: Ancestors in the term file that made the profile.
    """
    complete = list_complete(organisms)
    chosen = sample(complete)
    data = TermProfile(profile, ancestors, complete, chosen)
    roots = ancestors.find_roots()
    pool = hashlib.sha256(",".join(complete).encode()).hexdigest()[:12]
    notes = [
        Note("similarity", "", "n_organisms_complete", str(len(complete))),
        Note("similarity", "", "n_organisms_shown", str(len(chosen))),
        Note("similarity", "", "min_terms", str(MIN_TERMS)),
        Note("similarity", "", "pool", pool),
        Note("similarity", "", "pool_organisms", str(len(complete))),
    ]
    if len(chosen) < len(complete):
        notes.append(Note("similarity", "", "sample", SAMPLED_BY))
    rows: list[Values] = []
    for evidence in ("all", "non_electronic"):
        direct, closed = data.select_sets(evidence)
        for aspect in ASPECTS:
            if aspect not in roots:
                notes.append(Note("similarity", aspect, "reason", "no_single_root"))
                continue
            weights = data.compute_information(aspect, roots[aspect])
            size = data.n_pooled.get(roots[aspect], 0)
            notes.append(Note("similarity", aspect, "pool_gene_products", str(size)))
            measures = _PairMeasures(chosen, direct, closed, weights)
            rows += [
                SIMILARITY.make_row(
                    aspect=aspect,
                    evidence=evidence,
                    organism_a=chosen[a],
                    organism_b=chosen[b],
                    pool=f"{pool}:{aspect}",
                    **measures.measure(a, b),
                )
                for a, b in combinations(range(len(chosen)), 2)
            ]
    return frames.make_frame(SIMILARITY, rows, organisms), list(dict.fromkeys(notes))


class _PairMeasures:
    """Measures of all pairs for one aspect and kind of evidence, by three matrix products."""

    def __init__(
        self,
        organism_ids: Sequence[str],
        direct: Mapping[str, set[int]],
        closed: Mapping[str, set[int]],
        weights: Mapping[int, float],
    ) -> None:
        """Count shared terms and their information content.

        Args:
            organism_ids: The organisms, in the order of the rows of the matrices.
            direct: Terms annotated directly, by organism.
            closed: Terms with all their ancestors, by organism.
            weights: Information content of the terms of the aspect.
        """
        column = {number: position for position, number in enumerate(sorted(weights))}
        by_direct = _make_membership(organism_ids, direct, column)
        by_closed = _make_membership(organism_ids, closed, column)
        content = np.array([weights[number] for number in column], dtype=np.float64)
        # organisms x organisms: shared by two organisms; on the diagonal, of one organism
        self._direct = by_direct @ by_direct.T
        self._closed = by_closed @ by_closed.T
        self._content = (by_closed * content) @ by_closed.T

    def measure(self, a: int, b: int) -> dict[str, object]:
        """Return the cells of a pair, by column; a and b are positions among the organisms."""
        direct, closed = _get_sizes(self._direct, a, b), _get_sizes(self._closed, a, b)
        cells: dict[str, object] = {
            "n_direct_a": int(direct[0]),
            "n_direct_b": int(direct[1]),
            "n_direct_shared": int(direct[2]),
            "jaccard_direct": None,
            "overlap_direct": None,
            "n_closed_a": int(closed[0]),
            "n_closed_b": int(closed[1]),
            "n_closed_shared": int(closed[2]),
            "sim_ui": None,
            "overlap_closed": None,
            "sim_gic": None,
            "reason": "",
        }
        if min(direct[:2]) < MIN_TERMS:
            cells["reason"] = TOO_FEW_TERMS
        else:
            cells["jaccard_direct"] = _compute_jaccard(*direct)
            cells["overlap_direct"] = _compute_overlap(*direct)
        if min(closed[:2]) < MIN_TERMS:
            cells["reason"] = TOO_FEW_TERMS
        else:
            cells["sim_ui"] = _compute_jaccard(*closed)
            cells["overlap_closed"] = _compute_overlap(*closed)
            cells["sim_gic"] = _compute_jaccard(*_get_sizes(self._content, a, b))
        return cells


def _make_membership(
    organism_ids: Sequence[str], terms_of: Mapping[str, set[int]], column: Mapping[int, int]
) -> Matrix:
    """Return a matrix of 0 and 1, organisms x terms of an aspect."""
    matrix = np.zeros((len(organism_ids), len(column)), dtype=np.float64)
    for row, organism_id in enumerate(organism_ids):
        matrix[row, [column[number] for number in terms_of[organism_id] if number in column]] = 1
    return matrix


def _get_sizes(shared: Matrix, a: int, b: int) -> tuple[float, float, float]:
    """Return the sizes of the set of a, the set of b, and their intersection."""
    return float(shared[a, a]), float(shared[b, b]), float(shared[a, b])


def _compute_jaccard(size_a: float, size_b: float, size_shared: float) -> float | None:
    """Return shared / union; None for an empty union."""
    union = size_a + size_b - size_shared
    return size_shared / union if union else None


def _compute_overlap(size_a: float, size_b: float, size_shared: float) -> float:
    """Return shared / smaller set."""
    return size_shared / min(size_a, size_b)
