"""The lock record: the resources of a run outside its process, so that the next run can end them.

Everybody with write permission there can write a lock record, so only values of the expected form
are taken from it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

#: Files of the run folder that are being uploaded.
FILES = "files"
#: YARN applications.
APPLICATIONS = "applications"
#: EMR clusters, as `region/id`.
CLUSTERS = "clusters"
#: Temporary folders in HDFS and S3.
TEMPORARY = "temporary"

_PATTERNS = {
    FILES: re.compile(r"(?!/)(?!(?:.*/)?\.\.(?:/|$)).+"),
    APPLICATIONS: re.compile(r"application_\d+_\d+"),
    CLUSTERS: re.compile(r"[a-z0-9-]+/j-[A-Z0-9]+"),
    # as runs make them: a folder of the attempt, in one of the run's id or of a check's
    TEMPORARY: re.compile(r"(?:hdfs|s3)://(?!.*\.\./).*/(?:check-)?[0-9a-f]{12}/[0-9a-f]{8}/?"),
}

#: Values by kind.
LockRecord = Mapping[str, tuple[str, ...]]

#: Adds values of a kind to the lock record of a run.
Recorder = Callable[[str, Sequence[str]], object]

EMPTY: LockRecord = dict.fromkeys(_PATTERNS, ())


def parse(body: bytes) -> LockRecord:
    """Return the lock record in a text; an empty one when the text is damaged.

    >>> parse(b'{"applications": ["application_1_2", "--help"], "files": 1}')["applications"]
    ('application_1_2',)
    """
    try:
        found = json.loads(body)
    except ValueError:
        return EMPTY
    if not isinstance(found, dict):
        return EMPTY
    return {kind: _select(found.get(kind), pattern) for kind, pattern in _PATTERNS.items()}


def _select(values: Any, pattern: re.Pattern[str]) -> tuple[str, ...]:
    if not isinstance(values, list):
        return ()
    return tuple(each for each in values if isinstance(each, str) and pattern.fullmatch(each))


def add(record: LockRecord, kind: str, values: Sequence[str]) -> LockRecord:
    """Return a lock record with more values of a kind, each once.

    >>> add(EMPTY, FILES, ["b", "a", "b"])["files"]
    ('b', 'a')
    """
    return {**record, kind: tuple(dict.fromkeys([*record[kind], *values]))}


def ignore(kind: str, values: Sequence[str]) -> None:
    """Record nothing: the recorder of a job that runs without a lock."""
