"""Samples of the gene product ids of a file, by which two files are compared.

A sample has the ids with the smallest digests. So it does not depend on the order of the lines,
samples of parts add up to that of the file, and samples of two files have the same ids of those
that both files have. Small files are in their sample as a whole.
"""

from __future__ import annotations

import re
from collections import Counter
from hashlib import blake2b
from typing import Collection, Dict, Iterable, List

#: Ids in a sample.
SAMPLE_SIZE = 500
#: Share of the smaller sample that the other one must have too, and of a sample from which on its
#: ids with one beginning are compared.
MIN_SHARED = 0.1
#: Share of the smaller sample that must have names like those of the other one.
MIN_ALIKE = 0.5
_LOCAL = "local:"
_START = re.compile(r"[^0-9]*")


def _digest(object_id: str) -> bytes:
    return blake2b(object_id.encode("utf-8", "surrogateescape"), digest_size=8).digest()


class IdSample:
    """Collects the sample of the ids of a file."""

    def __init__(self) -> None:
        """Begin without ids."""
        self._digests: Dict[str, bytes] = {}

    def add(self, object_ids: Iterable[str]) -> None:
        """Add ids, in any order and as often as they come."""
        for object_id in object_ids:
            if object_id not in self._digests:
                self._digests[object_id] = _digest(object_id)
        if len(self._digests) > 4 * SAMPLE_SIZE:
            self._digests = {each: self._digests[each] for each in self.list_ids()}

    def list_ids(self) -> List[str]:
        """Return the ids of the sample."""
        return sorted(self._digests, key=self._digests.__getitem__)[:SAMPLE_SIZE]


def have_same_ids(one: Collection[str], other: Collection[str]) -> bool:
    """Return whether two files of an organism name gene products by the same ids.

    They do if they share gene products. Parts of an annotation, such as chromosomes, share none:
    then they do if they have ids of one database, or ids that begin alike, such as `BSU` in
    `BSU00010`. A database is known for ids such as `UniProtKB:P39694`, and not for those of tools
    and lists (`local`).

    Args:
        one: The sample of one file.
        other: The sample of the other file.

    >>> have_same_ids(["UniProtKB:P1", "UniProtKB:P2"], ["UniProtKB:P3"])
    True
    >>> have_same_ids(["local:BSU00010"], ["local:BSU00020"])
    True
    >>> have_same_ids(["local:BSU00010"], ["local:WP_003246556.1"])
    False
    """
    if not one or not other:
        return True
    in_range = [set(each) for each in _limit_range(one, other)]
    n_smaller = min(map(len, in_range))
    if n_smaller and len(in_range[0] & in_range[1]) >= MIN_SHARED * n_smaller:
        return True
    small, large = sorted((one, other), key=len)
    beginnings = Counter(map(_find_beginning, large))
    common = {each for each, n in beginnings.items() if n >= MIN_SHARED * len(large)}
    n_alike = sum(_find_beginning(each) in common for each in small)
    return n_alike >= MIN_ALIKE * len(small)


def _limit_range(*samples: Collection[str]) -> List[List[str]]:
    """Return of each sample the ids with digests in the range that all samples cover."""
    limits = [max(map(_digest, each)) for each in samples if len(each) >= SAMPLE_SIZE]
    if not limits:
        return [list(each) for each in samples]
    return [[each for each in sample if _digest(each) <= min(limits)] for sample in samples]


def _find_beginning(object_id: str) -> str:
    """Return what ids of one kind have in common: the database, or the text before a digit."""
    if not object_id.startswith(_LOCAL):
        return object_id.partition(":")[0]
    found = _START.match(object_id)
    return found.group() if found else object_id
