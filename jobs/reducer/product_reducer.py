"""The reducer of step 1: merges the runs of each gene product, and counts its organism.

The records of a gene product are adjacent, and so are those of an organism, of which this reducer
has some buckets. It holds the terms of one organism and a batch of its gene products. Some thousand
runs are counted at once; the few gene products with rows of `annotations` are handled one by one.
"""

from __future__ import annotations

from bisect import bisect_left
from io import BytesIO
from itertools import groupby
from operator import itemgetter
from typing import IO, Iterator, List, Set, Tuple

from gafreduce.jobs import records, run_tokens
from gafreduce.jobs.files.batching import read_groups, split_by_prefix
from gafreduce.jobs.reducer.gene_product import GeneProductRows
from gafreduce.jobs.reducer.organism_counts import OrganismCounts
from gafreduce.jobs.reducer.product_rules import ProductRuleChecker
from gafreduce.jobs.reducer.propagation import (
    AddedRecords,
    AspectCounts,
    OutsideCounts,
    new_propagation,
)
from gafreduce.ontology.termfile import TermFile


class ProductReducer:
    """Reads the sorted records of step 1 and returns those of step 2."""

    def __init__(self, terms: TermFile, target_only: bool, has_many_targets: bool = False) -> None:
        """Begin without records.

        Args:
            terms: The term file of the run.
            target_only: Whether the profile contains the term set only.
            has_many_targets: Whether the term file joins the term sets of several targets: then
                rows pass, and marks record which organisms have lines that support nothing.
        """
        term_set = {term.go_id.encode() for term in terms.term_set}
        self._shown = term_set if target_only else None
        self._checker = None if target_only else ProductRuleChecker(terms)
        watched = self._checker.watched if self._checker is not None else frozenset()
        self._has_many_targets = has_many_targets
        self._marked: Set[Tuple[bytes, str]] = set()  # of this organism
        if has_many_targets:
            watched |= run_tokens.MARKED_LETTERS
        self._propagation = new_propagation(terms, watched)

    def reduce(self, stream: IO[bytes]) -> Iterator[List[bytes]]:
        """Return the records in lists, each without its line end; an item may be several records.

        Args:
            stream: Lines sorted by key and object id, each ended by LF.
        """
        checker = self._checker
        organism, counts = b"", OrganismCounts()
        for block in read_groups(stream, records.product_of):
            for text in _split_organisms(block):
                if text >= records.BEHIND_ORGANISMS:  # records of files
                    yield [text[:-1]]
                    continue
                if not organism or not text.startswith(organism):
                    if organism:
                        yield self._end_organism(organism, counts)
                    organism, counts = records.organism_of(text), OrganismCounts()
                yield from self._count(text, counts)
            if checker is not None and checker.is_full:
                yield list(checker.encode())
        if organism:
            yield self._end_organism(organism, counts)
        if checker is not None:
            yield list(checker.encode())

    def _count(self, text: bytes, counts: OrganismCounts) -> Iterator[List[bytes]]:
        """Count some gene products of an organism; return their rows."""
        added = AddedRecords(*self._propagation.add(text))
        if added.rows and self._has_many_targets:
            yield records.pass_rows(added.rows)
        elif added.rows:
            yield list(_reduce_rows(added.rows, counts))
        counts.add_gene_products(added.n_gene_products, added.n_annotations)
        for lines in added.watched:
            if self._checker is not None:
                self._checker.check(lines)
            if self._has_many_targets:
                yield list(self._mark(lines))

    def _mark(self, lines: List[bytes]) -> Iterator[bytes]:
        """Return marks that no gene product of the organism before had."""
        for key, object_id, _, _, tokens in records.split_runs(lines):
            for token in run_tokens.MARKED_LETTERS.intersection(tokens.split(b" ")):
                for mark in run_tokens.decode_marks(token):
                    if mark not in self._marked:
                        self._marked.add(mark)
                        yield records.encode_mark(key, object_id, mark[0], mark[1].encode())

    def _end_organism(self, organism: bytes, counts: OrganismCounts) -> List[bytes]:
        """Return the profile and the counts of an organism, and begin another."""
        aspects = AspectCounts(*self._propagation.aspects())
        counts.add_aspects(aspects)
        outside = OutsideCounts(*self._propagation.outside())
        counts.add_outside(outside)
        found = self._propagation.profile(organism, self._shown)
        for go_id, letter in sorted(aspects.unknown) if self._shown is None else ():
            found.append(records.encode_unknown_term(go_id, letter))
        found.append(records.encode_organism_counts(organism, counts.encode()))
        kept, excluded = self._propagation.files(), outside.files
        for number in {**kept, **excluded}:
            n_lines = kept.get(number, 0), excluded.get(number, 0)
            found.append(records.encode_file_organism(number, organism, *n_lines))
        self._propagation.clear()
        self._marked.clear()
        return found


def _split_organisms(block: bytes) -> Iterator[bytes]:
    """Yield the sorted lines of each organism, then those of files, each as one text."""
    organism, last = records.organism_of(block), block.rfind(b"\n", 0, -1) + 1
    if block.startswith(organism, last) or block >= records.BEHIND_ORGANISMS:
        yield block  # the lines between need not be read
        return
    lines = BytesIO(block).readlines()
    n_of_organisms = bisect_left(lines, records.BEHIND_ORGANISMS)
    of_organisms = split_by_prefix(lines[:n_of_organisms], records.ORGANISM_DIGITS)
    yield from map(b"".join, of_organisms)
    if n_of_organisms < len(lines):
        yield b"".join(lines[n_of_organisms:])


def _reduce_rows(rows: List[bytes], counts: OrganismCounts) -> Iterator[bytes]:
    """Return the records of gene products with rows, and the rows; the counts grow."""
    decoded = map(records.decode_mapped_row, rows)
    for (key, object_id), of_product in groupby(decoded, itemgetter(0, 1)):
        product = GeneProductRows(object_id.decode("utf-8"))
        for _, _, value in of_product:
            product.add(records.AnnotationRow.decode(value))
            yield records.encode_product(records.ROW, key, object_id, value)
        facts = product.summarise()
        counts.add_facts(facts)
        yield records.encode_product(records.GENE_PRODUCT, key, object_id, product.encode(facts))
