"""The reducer of step 2: adds up parts, and puts the organisms of a term side by side.

Records are told apart by their first byte (docs/formats.md#records-of-the-jobs):
A, G and Q (line that is kept for whoever mends it) pass; O (organism), P (profile), U (unknown
term) and F (file) are added up; T, one for each term, is made of its P.
"""

from __future__ import annotations

from itertools import compress, groupby, islice
from operator import itemgetter, ne
from typing import Iterable, Iterator, List

from gafreduce.jobs import records
from gafreduce.jobs.accounting.line_counts import FileSums
from gafreduce.jobs.files.batching import batch_groups, split_by_prefix, strip_line_ends
from gafreduce.jobs.reducer.organism_counts import add_up

_profile_key_of = itemgetter(records.PROFILE_KEY)


def merge(lines: Iterable[bytes]) -> Iterator[List[bytes]]:
    """Return the records of the job's output in lists, each without its line end.

    Args:
        lines: Sorted by their first two fields; each ended by LF.
    """
    for kind, group in groupby(lines, records.kind_of):
        yield from _BY_KIND[kind](group)


def _profile(lines: Iterable[bytes]) -> Iterator[List[bytes]]:
    term = b""
    direct: List[bytes] = []
    propagated: List[bytes] = []
    for more in batch_groups(lines, _profile_key_of):
        for parts in split_by_prefix(more, records.PROFILE_TERM.stop):
            if not parts[0].startswith(term):
                yield _term(term, direct, propagated)
                direct, propagated = [], []
            term = parts[0][records.PROFILE_TERM]
            whole = _added_up(parts)
            taxa = [record[records.PROFILE_ORGANISM].lstrip(b"0") for record in whole]
            propagated += taxa
            direct += [
                taxon for taxon, record in zip(taxa, whole) if not records.has_no_annotation(record)
            ]
            yield whole
    yield _term(term, direct, propagated)


def _term(term: bytes, direct: List[bytes], propagated: List[bytes]) -> List[bytes]:
    """Return the record of a term with its organisms."""
    return [records.encode_term(term[1:], direct, propagated)]


def _added_up(parts: List[bytes]) -> List[bytes]:
    """Return one record for each term and taxon, without its line end.

    Nearly all are so already: only organisms whose buckets fell to several reducers are not.
    """
    heads = list(map(_profile_key_of, parts))
    starts = [0, *compress(range(1, len(heads)), map(ne, islice(heads, 1, None), heads))]
    if len(starts) == len(parts):
        return [part[:-1] for part in parts]
    return [
        parts[start][:-1] if end - start == 1 else heads[start] + b"\t" + _sum(parts[start:end])
        for start, end in zip(starts, [*starts[1:], len(parts)])
    ]


def _sum(profiles: List[bytes]) -> bytes:
    """Return the sums of the numbers behind term and taxon."""
    numbers = [profile[records.PROFILE_NUMBERS].split(b"\t") for profile in profiles]
    return b"\t".join([b"%d" % sum(map(int, column)) for column in zip(*numbers)])


def _organisms(lines: Iterable[bytes]) -> Iterator[List[bytes]]:
    for some in batch_groups(lines, _head_of):
        yield [
            records.encode_organism_counts(head[1:-1], _added(list(parts)))
            for head, parts in groupby(some, _head_of)
        ]


def _unknown(lines: Iterable[bytes]) -> Iterator[List[bytes]]:
    return strip_line_ends(line for line, _ in groupby(lines))


def _files(lines: Iterable[bytes]) -> Iterator[List[bytes]]:
    for head, parts in groupby(lines, _head_of):
        sums = FileSums()
        for line in parts:
            sums.add(*line[:-1].split(b"\t", 2)[1:])
        yield [sums.encode(head[:-1])]


def _head_of(line: bytes) -> bytes:
    """Return the first field of a record, and the tab behind it."""
    return line[: line.index(b"\t") + 1]


def _added(parts: List[bytes]) -> bytes:
    sums = add_up([line.rsplit(b"\t", 1)[1] for line in parts])
    return b" ".join(b"%d" % total for total in sums)


_BY_KIND = {
    records.ROW: strip_line_ends,
    records.GENE_PRODUCT: strip_line_ends,
    records.QUARANTINE: strip_line_ends,
    records.ORGANISM: _organisms,
    records.PROFILE: _profile,
    records.UNKNOWN_TERM: _unknown,
    records.FILE: _files,
}
