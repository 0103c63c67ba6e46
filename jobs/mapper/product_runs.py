"""Runs of neighbouring lines of one gene product, and the records that stand for them."""

from __future__ import annotations

from itertools import islice
from operator import eq
from typing import Callable, List, NamedTuple, Tuple
from zlib import crc32

from gafreduce.jobs.native import loader

#: Parts that an organism's gene products are spread over, so that one organism can use all cores.
N_BUCKETS = 16
_BUCKETS = [b".%02d" % bucket for bucket in range(N_BUCKETS)]


class Runs(NamedTuple):
    """Runs in the order of their lines; each ends where the next one begins."""

    owners: List[bytes]  # taxon as keys have it
    names: List[bytes]  # object id
    starts: List[int]  # number of the first line


def joined(runs: Runs) -> Runs:
    """Return the runs, neighbours of one gene product as one: their cells may differ elsewhere."""
    owners, names, starts = runs
    if not any(map(eq, islice(names, 1, None), names)):
        return runs
    firsts = _firsts(list(zip(owners, names)))
    return Runs(
        [owners[n] for n in firsts], [names[n] for n in firsts], [starts[n] for n in firsts]
    )


def runs_of(keys: List[Tuple[bytes, bytes]]) -> Runs:
    """Return the runs of equal neighbours among (owner, name)."""
    starts = _firsts(keys)
    return Runs([keys[n][0] for n in starts], [keys[n][1] for n in starts], starts)


def _firsts(keys: List[Tuple[bytes, bytes]]) -> List[int]:
    """Return the places of those that differ from the one before."""
    return [place for place, each in enumerate(keys) if not place or each != keys[place - 1]]


def records(runs: Runs, tokens: List[bytes], kind: bytes, outside_once: bool) -> bytes:
    """Return a record for each run, joined by LF.

    Args:
        runs: Of all lines.
        tokens: One for each line.
        kind: Third column of the records.
        outside_once: Whether tokens outside the closure stand once each: they say no more.
    """
    if loader.module is not None:
        records_of: Callable[..., bytes] = loader.module.write_runs
        return records_of(*runs, tokens, kind, outside_once, N_BUCKETS)
    written: List[bytes] = []
    kind = b"\t%s\t" % kind
    for owner, name, start, end in zip(*runs, [*runs.starts[1:], len(tokens)]):
        said = tokens[start:end]
        if outside_once:
            said = _distinct_outside(said)
        said.sort()
        bucket = _BUCKETS[crc32(name) % N_BUCKETS]
        # joined: a format of so many parts takes twice the time
        parts = (owner, bucket, b"\t", name, kind, b"%d\t" % (end - start), b" ".join(said))
        written.append(b"".join(parts))
    return b"\n".join(written)


def key(owner: bytes, name: bytes) -> bytes:
    """Return the key of a gene product in the first shuffle: its taxon and its bucket."""
    return owner + _BUCKETS[crc32(name) % N_BUCKETS]


def _distinct_outside(tokens: List[bytes]) -> List[bytes]:
    """Return the tokens, those outside the closure, which have one byte, once each."""
    distinct = set(tokens)
    if max(map(len, distinct)) == 1:
        return list(distinct)
    return [t for t in tokens if len(t) > 1] + [t for t in distinct if len(t) == 1]
