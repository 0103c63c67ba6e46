"""What an attempt has outside its process, kept in its claim: whoever comes after it can end that.

A claim can be written by anybody who may write beside a run: only what looks like ours is taken
from it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

#: Files of the run folder that are being put.
FILES = "files"
#: YARN applications.
APPLICATIONS = "applications"
#: EMR clusters, as `region/id`.
CLUSTERS = "clusters"
#: Temporary folders in HDFS and S3.
TEMPORARY = "temporary"

_SOUND = {
    FILES: re.compile(r"(?!/)(?!(?:.*/)?\.\.(?:/|$)).+"),
    APPLICATIONS: re.compile(r"application_\d+_\d+"),
    CLUSTERS: re.compile(r"[a-z0-9-]+/j-[A-Z0-9]+"),
    # as runs make them: below a folder of the run's id, or of a check's, one of the attempt
    TEMPORARY: re.compile(r"(?:hdfs|s3)://(?!.*\.\./).*/(?:check-)?[0-9a-f]{12}/[0-9a-f]{8}/?"),
}

Holdings = Mapping[str, tuple[str, ...]]

#: Names in a claim what an attempt has: kind, values.
Namer = Callable[[str, Sequence[str]], object]

NOTHING: Holdings = dict.fromkeys(_SOUND, ())


def read(body: bytes) -> Holdings:
    """Return what a claim names; nothing of a claim that is damaged.

    >>> read(b'{"applications": ["application_1_2", "--help"], "files": 1}')["applications"]
    ('application_1_2',)
    """
    try:
        known = json.loads(body)
    except ValueError:
        return NOTHING
    if not isinstance(known, dict):
        return NOTHING
    return {kind: _sound(known.get(kind), pattern) for kind, pattern in _SOUND.items()}


def _sound(values: Any, pattern: re.Pattern[str]) -> tuple[str, ...]:
    if not isinstance(values, list):
        return ()
    return tuple(each for each in values if isinstance(each, str) and pattern.fullmatch(each))


def added(holdings: Holdings, kind: str, values: Sequence[str]) -> Holdings:
    """Return holdings with more of a kind, each named once.

    >>> added(NOTHING, FILES, ["b", "a", "b"])["files"]
    ('b', 'a')
    """
    return {**holdings, kind: tuple(dict.fromkeys([*holdings[kind], *values]))}


def unnamed(kind: str, values: Sequence[str]) -> None:
    """Name nothing: for who holds no claim."""
