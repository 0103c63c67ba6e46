"""The reducer of step 2: adds up parts, and puts the organisms of a term side by side.

Records are told apart by their first byte (docs/formats.md#records-of-the-jobs):
A, G and Q (line that is kept for whoever mends it) pass; O (organism), P (profile), U (unknown
term) and F (file) are added up; T, one for each term, is made of its P.
"""

from __future__ import annotations

from itertools import compress, groupby, islice
from operator import itemgetter, ne
from typing import Iterable, Iterator, List

from gafreduce.jobs.accounting.line_counts import FileTotals
from gafreduce.jobs.files.batching import alike, whole_groups, without_ends
from gafreduce.jobs.reducer.organism_counts import add_up

#: Length of `P<go_id>` and of `P<go_id>\t<taxon>`: ids have a fixed length.
_TERM = 11
_TERM_AND_TAXON = 24
# what lines are grouped by, without a call of a function of Python's for each of them
_kind_of = itemgetter(slice(0, 1))
_term_and_taxon_of = itemgetter(slice(0, _TERM_AND_TAXON))


def records(lines: Iterable[bytes]) -> Iterator[List[bytes]]:
    """Return the records of the job's output in lists, each without its line end.

    Args:
        lines: Sorted by their first two fields; each ended by LF.
    """
    for kind, group in groupby(lines, _kind_of):
        yield from _BY_KIND[kind](group)


def _profile(lines: Iterable[bytes]) -> Iterator[List[bytes]]:
    term = b""
    direct: List[bytes] = []
    propagated: List[bytes] = []
    for more in whole_groups(lines, _term_and_taxon_of):
        for parts in alike(more, _TERM):
            if not parts[0].startswith(term):
                yield _term(term, direct, propagated)
                direct, propagated = [], []
            term = parts[0][:_TERM]
            whole = _added_up(parts)
            taxa = [record[_TERM + 1 : _TERM_AND_TAXON].lstrip(b"0") for record in whole]
            propagated += taxa
            direct += [
                taxon
                for taxon, record in zip(taxa, whole)
                if not record.startswith(b"\t0\t", _TERM_AND_TAXON)
            ]
            yield whole
    yield _term(term, direct, propagated)


def _term(term: bytes, direct: List[bytes], propagated: List[bytes]) -> List[bytes]:
    """Return the record of a term with its organisms."""
    return [b"T%s\t%s\t%s" % (term[1:], b"|".join(direct) or b"-", b"|".join(propagated))]


def _added_up(parts: List[bytes]) -> List[bytes]:
    """Return one record for each term and taxon, without its line end.

    Nearly all are so already: only organisms whose buckets fell to several reducers are not.
    """
    heads = list(map(_term_and_taxon_of, parts))
    starts = [0, *compress(range(1, len(heads)), map(ne, islice(heads, 1, None), heads))]
    if len(starts) == len(parts):
        return [part[:-1] for part in parts]
    return [
        parts[start][:-1] if end - start == 1 else heads[start] + b"\t" + _sum(parts[start:end])
        for start, end in zip(starts, [*starts[1:], len(parts)])
    ]


def _sum(records: List[bytes]) -> bytes:
    """Return the sums of the numbers behind term and taxon."""
    numbers = [record[_TERM_AND_TAXON + 1 :].split(b"\t") for record in records]
    return b"\t".join([b"%d" % sum(map(int, column)) for column in zip(*numbers)])


def _organisms(lines: Iterable[bytes]) -> Iterator[List[bytes]]:
    for records in whole_groups(lines, _head_of):
        yield [
            b"%s-\t%s" % (head, _added(list(parts))) for head, parts in groupby(records, _head_of)
        ]


def _unknown(lines: Iterable[bytes]) -> Iterator[List[bytes]]:
    return without_ends(line for line, _ in groupby(lines))


def _files(lines: Iterable[bytes]) -> Iterator[List[bytes]]:
    for head, parts in groupby(lines, _head_of):
        totals = FileTotals()
        for line in parts:
            totals.add(*line[:-1].split(b"\t", 2)[1:])
        yield [totals.record(head[:-1])]


def _head_of(line: bytes) -> bytes:
    """Return the first field of a record, and the tab behind it."""
    return line[: line.index(b"\t") + 1]


def _added(parts: List[bytes]) -> bytes:
    sums = add_up([line.rsplit(b"\t", 1)[1] for line in parts])
    return b" ".join(b"%d" % total for total in sums)


_BY_KIND = {
    b"A": without_ends,
    b"G": without_ends,
    b"Q": without_ends,
    b"O": _organisms,
    b"P": _profile,
    b"U": _unknown,
    b"F": _files,
}
