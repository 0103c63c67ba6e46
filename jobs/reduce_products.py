"""The reducer of step 1: the pieces of each gene product, put together; then its organism's counts.

The records of one gene product stand side by side, those of one organism too (its buckets that fell
to this reducer). What is held is one organism's terms and a chunk of its gene products.
"""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import Iterable, Iterator, List, Optional

from jobs.across_lines import AcrossLines, Piece
from jobs.gene_product import GeneProduct
from jobs.organism import Organism
from jobs.propagate import Hierarchy, Propagation, merge
from jobs.rows import Row
from ontology.termfile import TermFile

_TAXON_DIGITS = 12


def _taxon_of(line: bytes) -> bytes:
    return line[:_TAXON_DIGITS]


class ProductReducer:
    """Reads the sorted records of step 1 and returns those of step 2."""

    def __init__(self, terms: TermFile, target_only: bool) -> None:
        self._hierarchy = Hierarchy(terms)
        self._target_aspect = terms.aspects[terms.go_ids.index(terms.target)]
        closure = {terms.go_ids.index(term.go_id) for term in terms.closure}
        self._shown = closure if target_only else None
        self._across_lines = None if target_only else AcrossLines(terms)

    def records(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """Return the records, each without its line end.

        Args:
            lines: Sorted by key and object id; each ended by LF.
        """
        across_lines = self._across_lines
        for taxon, group in groupby(lines, _taxon_of):
            if taxon.startswith((b"F", b"Q")):
                yield from (line[:-1] for line in group)
                continue
            yield from self._organism(taxon, group)
            if across_lines is not None and across_lines.is_full:
                yield from across_lines.found()
        if across_lines is not None:
            yield from across_lines.found()

    def _organism(self, taxon: bytes, lines: Iterable[bytes]) -> Iterator[bytes]:
        organism = Organism()
        propagation = Propagation(self._hierarchy, self._target_aspect)
        records = (line[:-1].split(b"\t", 3) for line in lines)
        across_lines = self._across_lines
        for (key, object_id), of_product in groupby(records, itemgetter(0, 1)):
            pieces: List[Piece] = []
            product: Optional[GeneProduct] = None
            n_annotations = 0
            for _, _, kind, value in of_product:
                if kind != b"A":
                    n_lines, _, tokens = value.partition(b"\t")
                    n_annotations += int(n_lines)
                    pieces.append((kind, tokens))
                else:
                    if product is None:
                        product = GeneProduct(object_id.decode("utf-8"))
                    product.add(Row.decode(value))
                    yield b"A%s\t%s\t%s" % (key, object_id, value)
            tokens = merge([said for _, said in pieces])
            propagation.add(tokens)
            if across_lines is not None:
                across_lines.ask(object_id, tokens, pieces)
            organism.add_gene_product(n_annotations)
            if product is not None:
                facts = product.facts()
                organism.add_facts(facts)
                yield b"G%s\t%s\t%s" % (key, object_id, product.encode(facts))
        yield from self._profile(taxon, propagation)
        organism.add_aspect(propagation.aspect)
        yield b"O%s\t-\t%s" % (taxon, organism.encode())

    def _profile(self, taxon: bytes, propagation: Propagation) -> Iterator[bytes]:
        go_ids, shown = self._hierarchy.go_ids, self._shown
        for term, counts in propagation.counts():
            if shown is None or term in shown:
                go_id = go_ids[term].encode() if isinstance(term, int) else term
                yield b"P%s\t%s\t%d\t%d\t%d\t%d" % (go_id, taxon, *counts)
        for go_id, letter in sorted(propagation.unknown_aspects) if shown is None else ():
            yield b"U%s\t%s\t-" % (go_id, letter.encode())
