"""Counts of one organism: sums over gene products, which add up over buckets and reducers."""

from __future__ import annotations

from typing import Dict, Iterable, List, Mapping, NamedTuple, Sequence

from gafreduce.jobs.model.evidence import GROUPS
from gafreduce.jobs.model.landmarks import COUNTED
from gafreduce.jobs.reducer.gene_product import ProductFacts
from gafreduce.jobs.reducer.propagation import AspectCounts, OutsideCounts

#: What is summed, in the order of the record. `n_positive_...`: gene products with status positive,
#: by their strongest group; the verdict is worked out of these when everything is summed.
COUNTS = (
    "n_annotations",
    "n_gene_products",
    "n_all_gene_products",  # `n_all_...`: with the lines that filters exclude
    "n_all_in_P",
    "n_all_in_F",
    "n_all_in_C",
    "n_filtered_lines",
    "n_filtered_target_gene_products",  # with a filtered line that would support the target
    "n_in_P",  # distinct gene products with a supporting line in the aspect
    "n_in_F",
    "n_in_C",
    "n_aspect_no_data",
    "n_aspect_other",
    "n_target_annotations",
    "n_target_gene_products",
    *(f"n_target_{group}" for group in GROUPS),
    *(f"n_positive_{group}" for group in GROUPS),
    "n_regulator_gene_products",
    "n_other_relation_gene_products",
    "n_not_understood_gene_products",
    "n_upstream_or_within_only",
    "n_negated_gene_products",
    "n_negated_on_target",
    "n_conflicting_gene_products",
)
#: Those of lines and annotations; all others are of gene products.
LINE_COUNTS = frozenset({"n_annotations", "n_filtered_lines", "n_target_annotations"})
_N_ALL_AT = COUNTS.index("n_all_gene_products")


class OrganismCounts:
    """Counts of one organism, or of some of its gene products."""

    def __init__(self) -> None:
        self._counts: Dict[str, int] = dict.fromkeys(COUNTS, 0)
        self._landmarks: List[int] = []

    def add_gene_products(self, n_gene_products: int, n_annotations: int) -> None:
        """Count gene products and their annotations."""
        counts = self._counts
        counts["n_gene_products"] += n_gene_products
        counts["n_annotations"] += n_annotations

    def add_facts(self, facts: ProductFacts) -> None:
        """Count a gene product with rows in `annotations`."""
        counts = self._counts
        counts["n_target_annotations"] += facts.n_target_annotations
        counts["n_target_gene_products"] += facts.n_target_annotations > 0
        for group in facts.target_groups:
            counts[f"n_target_{group}"] += 1
        if facts.status == "positive":
            counts[f"n_positive_{facts.best_group}"] += 1
        counts["n_regulator_gene_products"] += facts.is_regulator
        counts["n_other_relation_gene_products"] += facts.has_other_relation
        counts["n_not_understood_gene_products"] += facts.has_unknown_relation
        counts["n_upstream_or_within_only"] += facts.is_upstream_or_within
        counts["n_negated_gene_products"] += facts.is_negated
        counts["n_negated_on_target"] += facts.is_negated_on_target
        counts["n_conflicting_gene_products"] += facts.status == "conflicting"

    def add_aspects(self, aspects: AspectCounts) -> None:
        """Count the gene products of each aspect."""
        for letter in "PFC":
            self._counts[f"n_in_{letter}"] += aspects.supported[letter]
        self._counts["n_aspect_no_data"] += aspects.n_no_data
        self._counts["n_aspect_other"] += aspects.n_other

    def add_outside(self, outside: OutsideCounts) -> None:
        """Count the gene products before filters, and those on landmarks."""
        counts = self._counts
        counts["n_all_gene_products"] += outside.n_gene_products
        for letter in "PFC":
            counts[f"n_all_in_{letter}"] += outside.supported[letter]
        counts["n_filtered_lines"] += sum(outside.files.values())
        counts["n_filtered_target_gene_products"] += outside.n_excluded_on_target
        self._landmarks = list(outside.landmarks)

    def add_excluded_on_target(self, n_gene_products: int) -> None:
        """Count gene products with an excluded line that would support the target."""
        self._counts["n_filtered_target_gene_products"] += n_gene_products

    def encode(self) -> bytes:
        """Return the counts as one field; landmarks follow if there are any."""
        return _encode(self._counts.values(), self._landmarks)


class DecodedCounts(NamedTuple):
    """The counts of an organism."""

    counts: Dict[str, int]  # by name of `COUNTS`
    landmarks: Sequence[int]  # gene products on each term of `landmarks.COUNTED`


def decode_counts(value: bytes) -> DecodedCounts:
    """Return encoded counts."""
    counts, _, landmarks = value.partition(b";")
    numbers = list(map(int, landmarks.split())) or [0] * len(COUNTED)
    return DecodedCounts(dict(zip(COUNTS, map(int, counts.split()))), numbers)


def encode_counts(counts: Mapping[str, int]) -> bytes:
    """Return counts by name as one field, those that are absent as 0."""
    return _encode([counts.get(name, 0) for name in COUNTS], ())


def decode_n_gene_products(value: bytes) -> int:
    """Return the number of gene products before filters, without decoding the others."""
    return int(value.split(b" ", _N_ALL_AT + 1)[_N_ALL_AT])


def add_counts(values: Sequence[bytes]) -> bytes:
    """Return the sums of encoded counts, encoded."""
    parts = [value.split(b";") for value in values]
    landmarks = [part[1] for part in parts if len(part) > 1]
    return _encode(_sum_columns([part[0] for part in parts]), _sum_columns(landmarks))


def _sum_columns(texts: Sequence[bytes]) -> List[int]:
    return [sum(column) for column in zip(*(map(int, text.split()) for text in texts))]


def _encode(counts: Iterable[int], landmarks: Sequence[int]) -> bytes:
    text = b" ".join([b"%d" % number for number in counts])
    if not any(landmarks):
        return text
    return text + b";" + b" ".join([b"%d" % number for number in landmarks])
