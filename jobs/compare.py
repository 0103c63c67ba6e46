"""The reducer of step 2: adds up parts, and puts the organisms of a term side by side.

Records are told apart by their first byte (docs/formats.md#records-of-the-jobs):
A, G and Q (line that is kept for whoever mends it) pass; O (organism), P (profile), U (unknown
term) and F (file) are added up; T, one for each term, is made of its P.
"""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import Iterable, Iterator, List

from jobs.file_counts import FileTotals
from jobs.organism import add_up

#: Length of `P<go_id>` and of `P<go_id>\t<taxon>`: ids have a fixed length.
_TERM = 11
_TERM_AND_TAXON = 24
# what lines are grouped by, without a call of a function of Python's for each of them
_kind_of = itemgetter(slice(0, 1))
_term_of = itemgetter(slice(0, _TERM))
_term_and_taxon_of = itemgetter(slice(0, _TERM_AND_TAXON))


def records(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Return the records of the job's output, each without its line end.

    Args:
        lines: Sorted by their first two fields; each ended by LF.
    """
    for kind, group in groupby(lines, _kind_of):
        yield from _BY_KIND[kind](group)


def _pass(lines: Iterable[bytes]) -> Iterator[bytes]:
    for line in lines:
        yield line[:-1]


def _profile(lines: Iterable[bytes]) -> Iterator[bytes]:
    for term, of_term in groupby(lines, _term_of):
        direct: List[bytes] = []
        propagated: List[bytes] = []
        for head, parts in groupby(of_term, _term_and_taxon_of):
            record, *more = parts
            if more:
                record = b"%s\t%s\n" % (head, _sum([record, *more]))
            yield record[:-1]
            taxon = head[_TERM + 1 :].lstrip(b"0")
            propagated.append(taxon)
            if not record.startswith(b"\t0\t", _TERM_AND_TAXON):
                direct.append(taxon)
        yield b"T%s\t%s\t%s" % (term[1:], b"|".join(direct) or b"-", b"|".join(propagated))


def _sum(records: List[bytes]) -> bytes:
    """Return the sums of the numbers behind term and taxon."""
    numbers = (record[_TERM_AND_TAXON + 1 :].split(b"\t") for record in records)
    return b"\t".join(b"%d" % sum(map(int, column)) for column in zip(*numbers))


def _organisms(lines: Iterable[bytes]) -> Iterator[bytes]:
    for head, parts in groupby(lines, lambda line: line[: line.index(b"\t")]):
        sums = add_up([line.rsplit(b"\t", 1)[1] for line in parts])
        yield b"%s\t-\t%s" % (head, b" ".join(b"%d" % total for total in sums))


def _unknown(lines: Iterable[bytes]) -> Iterator[bytes]:
    for line, _ in groupby(lines):
        yield line[:-1]


def _files(lines: Iterable[bytes]) -> Iterator[bytes]:
    for head, parts in groupby(lines, lambda line: line[: line.index(b"\t")]):
        totals = FileTotals()
        for line in parts:
            totals.add(*line[:-1].split(b"\t", 2)[1:])
        yield totals.record(head)


_BY_KIND = {
    b"A": _pass,
    b"G": _pass,
    b"Q": _pass,
    b"O": _organisms,
    b"P": _profile,
    b"U": _unknown,
    b"F": _files,
}
