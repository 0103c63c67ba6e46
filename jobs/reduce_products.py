"""The reducer of step 1: the pieces of each gene product, put together; then its organism's counts.

The records of one gene product stand side by side, those of one organism too (its buckets that fell
to this reducer). What is held is one organism's terms and a chunk of its gene products. Records of
runs have five columns and nothing else, so some thousand of them are taken apart with one `split`
and counted by column; the few gene products with rows of `annotations` are looked at one by one.
"""

from __future__ import annotations

from itertools import compress, groupby, islice
from operator import itemgetter, ne
from typing import Iterable, Iterator, List

from jobs.across_lines import AcrossLines
from jobs.gene_product import GeneProduct
from jobs.organism import Organism
from jobs.propagate import Hierarchy, Propagation, merge
from jobs.rows import Row
from ontology.termfile import TermFile

#: Records that are taken apart at once.
CHUNK_LINES = 4096

_TAXON_DIGITS = 12
_KEY_LENGTH = len("000000000000.00\t")
#: Stands in records of rows, and in no record of a run.
_ROW_MARK = b"\tA\t"
#: Columns of a record of a run: key, object id, kind and file, lines, tokens.
_RUN_WIDTH = 5
_taxon_of = itemgetter(slice(0, _TAXON_DIGITS))  # no call of a function of Python's


class ProductReducer:
    """Reads the sorted records of step 1 and returns those of step 2."""

    def __init__(self, terms: TermFile, target_only: bool) -> None:
        self._hierarchy = Hierarchy(terms)
        self._go_ids = [go_id.encode() for go_id in terms.go_ids]
        self._target_aspect = terms.aspects[terms.go_ids.index(terms.target)]
        closure = {term.go_id.encode() for term in terms.closure}
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

    def _organism(self, taxon: bytes, lines: Iterator[bytes]) -> Iterator[bytes]:
        organism = Organism()
        propagation = Propagation(self._hierarchy, self._target_aspect)
        for chunk in whole_products(lines):
            rows = [line for line in chunk if _ROW_MARK in line]
            if rows:
                chunk = [line for line in chunk if _ROW_MARK not in line]
                yield from _products(rows, organism)
            self._count(chunk, organism, propagation)
        yield from self._profile(taxon, propagation)
        organism.add_aspect(propagation.aspect)
        yield b"O%s\t-\t%s" % (taxon, organism.encode())

    def _count(self, runs: List[bytes], organism: Organism, propagation: Propagation) -> None:
        """Count gene products by the records of their runs."""
        cells = b"".join(runs).replace(b"\n", b"\t").split(b"\t")
        object_ids, kinds = cells[1::_RUN_WIDTH], cells[2::_RUN_WIDTH]
        sizes, tokens = cells[3::_RUN_WIDTH], cells[4::_RUN_WIDTH]
        changes = map(ne, islice(object_ids, 1, None), object_ids)
        starts = [0, *compress(range(1, len(runs)), changes)]
        ends = [*starts[1:], len(runs)]
        products = tokens
        if len(starts) < len(runs):
            products = [
                tokens[start] if end - start == 1 else merge(tokens[start:end])
                for start, end in zip(starts, ends)
            ]
        organism.add_gene_products(len(products), sum(map(int, sizes)))
        propagation.add(products)
        across_lines = self._across_lines
        if across_lines is None:
            return
        spoken_of = set(filter(across_lines.said, set(products)))
        for place in compress(range(len(products)), map(spoken_of.__contains__, products)):
            run = slice(starts[place], ends[place])
            pieces = zip(kinds[run], tokens[run])
            across_lines.ask(object_ids[run.start], products[place], pieces)

    def _profile(self, taxon: bytes, propagation: Propagation) -> Iterator[bytes]:
        go_ids, shown = self._go_ids, self._shown
        for term, n_lines, direct, propagated, stated in propagation.counts():
            go_id = go_ids[term] if isinstance(term, int) else term
            if shown is None or go_id in shown:
                yield b"P%s\t%s\t%d\t%d\t%d\t%d" % (
                    go_id,
                    taxon,
                    n_lines,
                    direct,
                    propagated,
                    stated,
                )
        for go_id, letter in sorted(propagation.unknown_aspects) if shown is None else ():
            yield b"U%s\t%s\t-" % (go_id, letter.encode())


def whole_products(lines: Iterator[bytes]) -> Iterator[List[bytes]]:
    """Return the records of an organism in chunks that cut no gene product.

    Args:
        lines: At least one; sorted by key and object id.
    """
    held: List[bytes] = []
    while True:
        more = list(islice(lines, CHUNK_LINES))
        if not more:
            break
        held += more
        last = _product_of(held[-1])
        if held[0].startswith(last):
            continue
        start = len(held) - 1
        while held[start - 1].startswith(last):
            start -= 1
        yield held[:start]
        held = held[start:]
    yield held


def _product_of(line: bytes) -> bytes:
    """Return the beginning of all records of a gene product: its key and object id."""
    return line[: line.index(b"\t", _KEY_LENGTH) + 1]


def _products(rows: List[bytes], organism: Organism) -> Iterator[bytes]:
    """Return the records of gene products by their rows, and the rows; the organism grows."""
    cells = (line[:-1].split(b"\t", 3) for line in rows)
    for (key, object_id), of_product in groupby(cells, itemgetter(0, 1)):
        product = GeneProduct(object_id.decode("utf-8"))
        for _, _, _, value in of_product:
            product.add(Row.decode(value))
            yield b"A%s\t%s\t%s" % (key, object_id, value)
        facts = product.facts()
        organism.add_facts(facts)
        yield b"G%s\t%s\t%s" % (key, object_id, product.encode(facts))
