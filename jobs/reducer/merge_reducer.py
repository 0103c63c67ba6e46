"""The reducer of step 2: adds up the parts of records, and lists the organisms of each term.

Kinds of records (jobs/records.py): rows, gene products and quarantined lines pass; counts of
organisms, profiles, unknown terms and counts of files are added up; the organisms of a term are
made from its profiles.
"""

from __future__ import annotations

from itertools import compress, groupby, islice
from operator import itemgetter, ne
from typing import Iterable, Iterator, List

from gafreduce.jobs import records
from gafreduce.jobs.accounting.line_counts import FileSums
from gafreduce.jobs.files.batching import batch_groups, split_by_prefix, strip_line_ends
from gafreduce.jobs.reducer.organism_counts import add_counts

_profile_key_of = itemgetter(records.PROFILE_KEY)
# names of this module: those of another one take longer to look up, for each profile
_ORGANISM, _KEY_END = records.PROFILE_ORGANISM, records.PROFILE_KEY.stop
_NO_ANNOTATION = records.NO_ANNOTATION


def merge(lines: Iterable[bytes]) -> Iterator[List[bytes]]:
    """Return the records of the job's output in lists, each without its line end.

    Args:
        lines: Sorted by their first two fields; each ended by LF.
    """
    for kind, group in groupby(lines, records.kind_of):
        yield from _MERGE_BY_KIND[kind](group)


def _merge_profiles(lines: Iterable[bytes]) -> Iterator[List[bytes]]:
    term = b""
    direct: List[bytes] = []
    propagated: List[bytes] = []
    for batch in batch_groups(lines, _profile_key_of):
        for parts in split_by_prefix(batch, records.PROFILE_TERM.stop):
            if not parts[0].startswith(term):
                yield [records.encode_term(term[1:], direct, propagated)]
                direct, propagated = [], []
            term = parts[0][records.PROFILE_TERM]
            profiles = _add_profiles(parts)
            organisms = [each[_ORGANISM].lstrip(b"0") for each in profiles]
            propagated += organisms
            direct += [
                organism
                for organism, profile in zip(organisms, profiles)
                if not profile.startswith(_NO_ANNOTATION, _KEY_END)
            ]
            yield profiles
    yield [records.encode_term(term[1:], direct, propagated)]


def _add_profiles(parts: List[bytes]) -> List[bytes]:
    """Return one record for each term and organism, without its line end.

    Most parts are whole already: an organism has several if several reducers got its buckets.
    """
    keys = list(map(_profile_key_of, parts))
    starts = [0, *compress(range(1, len(keys)), map(ne, islice(keys, 1, None), keys))]
    if len(starts) == len(parts):
        return [part[:-1] for part in parts]
    return [
        parts[start][:-1]
        if end - start == 1
        else keys[start] + b"\t" + _add_numbers(parts[start:end])
        for start, end in zip(starts, [*starts[1:], len(parts)])
    ]


def _add_numbers(profiles: List[bytes]) -> bytes:
    """Return the sums of the numbers behind term and organism."""
    numbers = [profile[records.PROFILE_NUMBERS].split(b"\t") for profile in profiles]
    return b"\t".join([b"%d" % sum(map(int, column)) for column in zip(*numbers)])


def _merge_organisms(lines: Iterable[bytes]) -> Iterator[List[bytes]]:
    for batch in batch_groups(lines, _first_field_of):
        yield [
            records.encode_organism_counts(head[1:-1], _add_organism_counts(parts))
            for head, parts in groupby(batch, _first_field_of)
        ]


def _add_organism_counts(parts: Iterable[bytes]) -> bytes:
    return add_counts([line[:-1].rsplit(b"\t", 1)[1] for line in parts])


def _merge_unknown_terms(lines: Iterable[bytes]) -> Iterator[List[bytes]]:
    return strip_line_ends(line for line, _ in groupby(lines))


def _merge_files(lines: Iterable[bytes]) -> Iterator[List[bytes]]:
    for head, parts in groupby(lines, _first_field_of):
        sums = FileSums()
        for line in parts:
            sums.add(*line[:-1].split(b"\t", 2)[1:])
        yield [sums.encode(head[:-1])]


def _first_field_of(line: bytes) -> bytes:
    """Return the first field of a record, and the tab behind it."""
    return line[: line.index(b"\t") + 1]


_MERGE_BY_KIND = {
    records.ROW: strip_line_ends,
    records.GENE_PRODUCT: strip_line_ends,
    records.QUARANTINE: strip_line_ends,
    records.ORGANISM: _merge_organisms,
    records.PROFILE: _merge_profiles,
    records.UNKNOWN_TERM: _merge_unknown_terms,
    records.FILE: _merge_files,
}
