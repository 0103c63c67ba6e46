"""The reducer of step 1: the pieces of each gene product, put together; then its organism's counts.

The records of one gene product stand side by side, those of one organism too (its buckets that fell
to this reducer). What is held is one organism's terms and a chunk of its gene products. Records of
runs are counted some thousand at once; the few gene products with rows of `annotations` are looked
at one by one.
"""

from __future__ import annotations

from bisect import bisect_left
from io import BytesIO
from itertools import groupby
from operator import itemgetter
from typing import IO, Iterator, List

from gafreduce.jobs import records
from gafreduce.jobs.files.batching import read_groups, split_by_prefix
from gafreduce.jobs.reducer.gene_product import GeneProduct
from gafreduce.jobs.reducer.organism_counts import Organism
from gafreduce.jobs.reducer.product_rules import AcrossLines
from gafreduce.jobs.reducer.propagation import AddedRecords, AspectCounts, new_propagation
from gafreduce.ontology.termfile import TermFile


class ProductReducer:
    """Reads the sorted records of step 1 and returns those of step 2."""

    def __init__(self, terms: TermFile, target_only: bool) -> None:
        closure = {term.go_id.encode() for term in terms.term_set}
        self._shown = closure if target_only else None
        self._across_lines = None if target_only else AcrossLines(terms)
        watched = self._across_lines.watched if self._across_lines is not None else frozenset()
        self._propagation = new_propagation(terms, watched)

    def records(self, stream: IO[bytes]) -> Iterator[List[bytes]]:
        """Return the records in lists, each without its line end; some may be one text.

        Args:
            stream: Lines sorted by key and object id, each ended by LF.
        """
        across_lines = self._across_lines
        taxon, organism = b"", Organism()
        for text in read_groups(stream, records.product_of):
            for some in _by_taxon(text):
                if some >= records.BEHIND_ORGANISMS:  # records of files
                    yield [some[:-1]]
                    continue
                if not taxon or not some.startswith(taxon):
                    if taxon:
                        yield self._end(taxon, organism)
                    taxon, organism = records.organism_of(some), Organism()
                yield from self._count(some, organism)
            if across_lines is not None and across_lines.is_full:
                yield list(across_lines.found())
        if taxon:
            yield self._end(taxon, organism)
        if across_lines is not None:
            yield list(across_lines.found())

    def _count(self, text: bytes, organism: Organism) -> Iterator[List[bytes]]:
        """Count some gene products of an organism; return their rows."""
        added = AddedRecords(*self._propagation.add(text))
        if added.rows:
            yield list(_products(added.rows, organism))
        organism.add_gene_products(added.n_gene_products, added.n_annotations)
        for lines in added.watched:
            if self._across_lines is not None:
                self._across_lines.ask(lines)

    def _end(self, taxon: bytes, organism: Organism) -> List[bytes]:
        """Return the profile and the counts of an organism, and begin another."""
        aspects = AspectCounts(*self._propagation.aspects())
        organism.add_aspects(aspects)
        ended = self._propagation.profile(taxon, self._shown)
        for go_id, letter in sorted(aspects.unknown) if self._shown is None else ():
            ended.append(records.encode_unknown_term(go_id, letter))
        ended.append(records.encode_organism_counts(taxon, organism.encode()))
        for number, n_lines in self._propagation.files().items():
            ended.append(records.encode_file_organism(number, taxon, n_lines))
        self._propagation.clear()
        return ended


def _by_taxon(text: bytes) -> Iterator[bytes]:
    """Return sorted lines by their taxa, those that begin with a letter as one text."""
    taxon, last = records.organism_of(text), text.rfind(b"\n", 0, -1) + 1
    if (
        text.startswith(taxon, last) or text >= records.BEHIND_ORGANISMS
    ):  # no line has to be looked at
        yield text
        return
    lines = BytesIO(text).readlines()
    end_of_taxa = bisect_left(lines, records.BEHIND_ORGANISMS)
    yield from map(b"".join, split_by_prefix(lines[:end_of_taxa], records.ORGANISM_DIGITS))
    if end_of_taxa < len(lines):
        yield b"".join(lines[end_of_taxa:])


def _products(rows: List[bytes], organism: Organism) -> Iterator[bytes]:
    """Return the records of gene products by their rows, and the rows; the organism grows."""
    cells = map(records.decode_mapped_row, rows)
    for (key, object_id), of_product in groupby(cells, itemgetter(0, 1)):
        product = GeneProduct(object_id.decode("utf-8"))
        for _, _, value in of_product:
            product.add(records.AnnotationRow.decode(value))
            yield records.encode_product(records.ROW, key, object_id, value)
        facts = product.facts()
        organism.add_facts(facts)
        yield records.encode_product(records.GENE_PRODUCT, key, object_id, product.encode(facts))
