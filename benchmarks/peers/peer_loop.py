"""A plain Python loop as a peer: a line at a time into dicts and sets, then tables of the numbers.

python peer_loop.py TERM_FILE OUT FILE...

Everything is held in memory, nothing is checked, no Parquet is written.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from pathlib import Path

from contract import (
    TAKING_PART,
    TARGET_CLASSES,
    UNSTATED_CODES,
    Terms,
    is_compared,
    read_terms,
    write_table,
)


class Counts:
    """What is gathered from the lines."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.lines: Counter[int] = Counter()  # by taxon
        self.products: defaultdict[int, set[str]] = defaultdict(set)  # by taxon
        self.supporting: Counter[tuple[str, int]] = Counter()  # lines by term and taxon
        self.term_sets: defaultdict[tuple[int, str], set[str]] = defaultdict(set)  # by product
        self.non_electronic: defaultdict[tuple[str, int], set[str]] = defaultdict(set)
        self.target_lines: Counter[int] = Counter()
        self.aspect_of = dict(zip(terms.go_ids, terms.aspects, strict=True))
        self.annotations: list[tuple[int, str, str, str]] = []

    def add(self, line: str) -> None:
        """Take one line."""
        cells = line.split("\t")
        taxon = int(cells[12].split("|")[0][len("taxon:") :])
        object_id = f"{cells[0]}:{cells[1]}"
        go_id = self.terms.primary.get(cells[4], cells[4])
        words = cells[3].lower().split("|")
        negated = "not" in words
        term_class = self.terms.term_class.get(go_id, "")
        self.lines[taxon] += 1
        self.products[taxon].add(object_id)
        if term_class or (negated and go_id in self.terms.negating):
            self.annotations.append((taxon, object_id, go_id, line.replace("\t", " ")))
        if negated or cells[6] == "ND" or not TAKING_PART.issuperset(words):
            return
        self.supporting[go_id, taxon] += 1
        self.term_sets[taxon, object_id].add(go_id)
        if cells[6] not in UNSTATED_CODES:
            self.non_electronic[go_id, taxon].add(object_id)
        if term_class in TARGET_CLASSES:
            self.target_lines[taxon] += 1
        self.aspect_of.setdefault(go_id, cells[8])


def write(counts: Counts, out: Path) -> None:
    """Propagate and write the tables."""
    ancestors = counts.terms.ancestors()
    direct: Counter[tuple[str, int]] = Counter()
    propagated: Counter[tuple[str, int]] = Counter()
    in_aspect: Counter[int] = Counter()
    with_target: Counter[int] = Counter()
    for (taxon, _), go_ids in counts.term_sets.items():
        for go_id in go_ids:
            direct[go_id, taxon] += 1
        for go_id in set().union(*(ancestors.get(go_id, [go_id]) for go_id in go_ids)):
            propagated[go_id, taxon] += 1
        in_aspect[taxon] += any(counts.aspect_of[go_id] == "P" for go_id in go_ids)
        with_target[taxon] += any(
            counts.terms.term_class.get(go_id) in TARGET_CLASSES for go_id in go_ids
        )
    write_table(
        out,
        "profile",
        (
            *("go_id", "taxon_id", "n_annotations", "n_gene_products"),
            *("n_gene_products_propagated", "n_gene_products_non_electronic"),
        ),
        (
            (*key, counts.supporting[key], direct[key], n, len(counts.non_electronic.get(key, ())))
            for key, n in sorted(propagated.items())
        ),
    )
    n_terms = Counter(taxon for _, taxon in direct)
    write_table(
        out,
        "organisms",
        (
            *("taxon_id", "n_annotations", "n_gene_products", "n_terms", "n_in_aspect"),
            *("n_target_annotations", "n_target_gene_products"),
        ),
        (
            (
                *(taxon, counts.lines[taxon], len(products), n_terms[taxon], in_aspect[taxon]),
                *(counts.target_lines[taxon], with_target[taxon]),
            )
            for taxon, products in sorted(counts.products.items())
        ),
    )
    _write_terms(counts, direct, propagated, out)
    columns = ("taxon_id", "object_id", "go_id", "line")
    write_table(out, "annotations", columns, sorted(counts.annotations))


def _write_terms(
    counts: Counts,
    direct: Counter[tuple[str, int]],
    propagated: Counter[tuple[str, int]],
    out: Path,
) -> None:
    largest = max(map(len, counts.products.values()))
    compared = {t for t, found in counts.products.items() if is_compared(len(found), largest)}
    n_direct = Counter(go_id for go_id, taxon in direct if taxon in compared)
    n_propagated = Counter(go_id for go_id, taxon in propagated if taxon in compared)
    write_table(
        out,
        "terms",
        ("go_id", "n_organisms", "n_organisms_propagated"),
        (
            (go_id, n_direct[go_id], n_propagated[go_id])
            for go_id in sorted({go_id for go_id, _ in propagated})
        ),
    )


def main(terms: Path, out: Path, files: list[str]) -> None:
    """Read all files, then write."""
    counts = Counts(read_terms(terms))
    for path in files:
        with Path(path).open(encoding="utf-8", newline="\n") as stream:
            for line in stream:
                counts.add(line.rstrip("\n"))
    write(counts, out)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
