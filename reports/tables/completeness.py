"""Whether the files of an organism hold all of its annotations: `true`, `false` or `suspect`.

The sample sheet decides; else the header of a download that names its selection; else the landmark
terms of `gafreduce.jobs.model.landmarks`, counted before filters. The term that a run asks for has
no influence. Measured errors: docs/statistics.md#complete-files
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from gafreduce.jobs.accounting.reconcile import FileTotal
from gafreduce.jobs.model.landmarks import (
    BROAD,
    COUNTED,
    LANDMARKS,
    MAX_BROAD_SHARE,
    MIN_VIRAL_SHARE,
    VIRAL,
    LandmarkIndex,
)
from gafreduce.ontology.termfile import TermFile

COMPLETE, PARTIAL, SUSPECT = "true", "false", "suspect"
#: Reasons of `partial_reasons` without a detail behind a colon.
SHEET, SELECTION = "sheet", "selection"
#: Followed by `:NUMBER:FILE`: gene products with the target in one of a sample's files, which name
#: them by different ids (`organisms.count_by_file`).
SEVERAL_IDS = "several_ids"
#: Landmarks that a complete organism may lack.
MAX_MISSING = 1
#: With fewer landmarks in the ontology, the number of gene products decides.
MIN_LANDMARKS = 6
MIN_GENE_PRODUCTS = 300
#: A virus with so many gene products has annotations in more than one aspect.
MIN_OF_VIRUS = 10

#: Words at the end of which the scientific names of viruses and viroids are known (ICTV, NCBI).
_VIRAL = re.compile(
    r"(virus(es)?|vir(idae|ales|inae|icetes|icota|ites)|viroid(s|ae)?|viriform|phages?|satellites?)"
    r"(?![a-z])",
    re.IGNORECASE,
)
_RIBOSOME = COUNTED.index("GO:0003735")


class DeclaredFiles:
    """Completeness of whole files by the sample sheet and by headers."""

    def __init__(
        self,
        files: Mapping[int, FileTotal],
        declared: Mapping[int, bool],
        selected: Collection[int],
    ) -> None:
        """Find the organisms of each kind of file.

        Args:
            files: The totals of each input, by position in the input list.
            declared: `complete` in the sample sheet, for files where it is given.
            selected: Positions of files with a header that names a selection.
        """
        self._partial = _Files(files, [n for n in files if declared.get(n) is False])
        self._undeclared = _Files(files, [n for n in files if n not in declared])
        self._selected = _Files(files, [n for n in files if n in selected and n not in declared])
        self._has_complete = True in declared.values()

    def decide(self, organism: int) -> tuple[str, str]:
        """Return completeness and reason of an organism; empty where its annotations decide."""
        if self._partial.may_have(organism):
            return PARTIAL, SHEET
        if self._selected.may_have(organism):
            return PARTIAL, SELECTION
        if self._has_complete and not self._undeclared.may_have(organism):
            return COMPLETE, ""
        return "", ""


class _Files:
    """The organisms of some files."""

    def __init__(self, files: Mapping[int, FileTotal], numbers: Sequence[int]) -> None:
        totals = [files[number] for number in numbers]
        #: Whether a file has more organisms than its totals list.
        self._has_more = any(total.n_taxa > len(total.taxon_ids) for total in totals)
        self._organisms = frozenset(taxon for total in totals for taxon in total.taxon_ids)

    def may_have(self, organism: int) -> bool:
        return self._has_more or organism in self._organisms


class LandmarkCheck:
    """Decides by landmark terms."""

    def __init__(self, terms: TermFile) -> None:
        """Find the landmarks that the ontology has."""
        known = LandmarkIndex(terms).numbers
        self._known = [place for place, number in enumerate(known) if number >= 0]

    def find_reasons(
        self,
        counts: Mapping[str, int],
        landmarks: Sequence[int],
        find_name: Callable[[], str | None] = lambda: None,
    ) -> Iterator[str]:
        """Yield the reasons to suspect that annotations are missing.

        Args:
            counts: Counts of the organism (`organism_counts.COUNTS`).
            landmarks: Gene products on each term of `landmarks.COUNTED`.
            find_name: Returns the name of its taxon in the NCBI Taxonomy, None if it is unknown;
                called for what may be a virus.
        """
        n_all = counts["n_all_gene_products"]
        n_in = {aspect: counts[f"n_all_in_{aspect}"] for aspect in "PFC"}
        missing = [f"aspect:{aspect}" for aspect, n_products in n_in.items() if not n_products]
        if _has_viral_terms(n_all, landmarks) and _may_be_viral(find_name()):
            if len(missing) > 1 and n_all >= MIN_OF_VIRUS:
                yield from missing
            return
        yield from missing
        places = [place for place in self._known if place < len(LANDMARKS)]
        found = [p for p in places if landmarks[p] >= LANDMARKS[p].min_gene_products]
        if len(places) < MIN_LANDMARKS:
            if n_all < MIN_GENE_PRODUCTS:
                yield f"gene_products:{n_all}"
        elif len(found) < len(places) - MAX_MISSING:
            yield f"landmarks:{len(found)}/{len(places)}"
        for place, (go_id, aspect) in enumerate(BROAD.items(), len(LANDMARKS)):
            if n_in[aspect] and landmarks[place] >= MAX_BROAD_SHARE * n_in[aspect]:
                yield f"term:{go_id}:{landmarks[place]}/{n_in[aspect]}"


def _has_viral_terms(n_all: int, landmarks: Sequence[int]) -> bool:
    """Return whether gene products may be those of a virus: parts of virions, but no ribosome."""
    n_viral = max(landmarks[COUNTED.index(go_id)] for go_id in VIRAL)
    return not landmarks[_RIBOSOME] and n_viral > 0 and n_viral >= MIN_VIRAL_SHARE * n_all


def _may_be_viral(name: str | None) -> bool:
    """Return whether a taxon may be a virus: it is unknown, or its name says so."""
    return name is None or is_viral_name(name)


def is_viral_name(name: str) -> bool:
    """Return whether a scientific name is that of a virus or viroid.

    >>> [is_viral_name(n) for n in ("Escherichia phage T4", "Lambdavirus lambda", "Vibrio sp.")]
    [True, True, False]
    """
    return bool(_VIRAL.search(name))
