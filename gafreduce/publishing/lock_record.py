"""The lock record: the resources of a run outside its process, so that the next run can end them.

Everybody with write permission there can write a lock record, so only values of the expected form
are taken from it, and a resource is ended only when it carries the mark of an attempt in the record
(resource_marks.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

#: Ids of the attempts that wrote the record.
ATTEMPTS = "attempts"
#: Files of the run folder that are being uploaded.
FILES = "files"
#: YARN applications.
APPLICATIONS = "applications"
#: EMR clusters, as `region/id`.
CLUSTERS = "clusters"
#: Temporary folders in HDFS and S3.
TEMPORARY = "temporary"

_PATTERNS = {
    ATTEMPTS: re.compile(r"[0-9a-f]{32}"),
    FILES: re.compile(r"(?!/)(?!(?:.*/)?\.\.(?:/|$)).+"),
    APPLICATIONS: re.compile(r"application_\d+_\d+"),
    CLUSTERS: re.compile(r"[a-z0-9-]+/j-[A-Z0-9]+"),
    # as runs make them: a folder of the attempt, in one of the run's id or of a check's
    TEMPORARY: re.compile(
        r"(?:hdfs|s3)://(?!.*\.\./)[^*?{\[\\]*/(?:check-)?[0-9a-f]{12}/[0-9a-f]{8}/?"
    ),
}

#: Values by kind.
LockRecord = Mapping[str, tuple[str, ...]]

EMPTY: LockRecord = dict.fromkeys(_PATTERNS, ())


def parse(body: bytes) -> LockRecord:
    """Return the lock record in a text; an empty one when the text is damaged.

    >>> parse(b'{"applications": ["application_1_2", "--help"], "files": 1}')["applications"]
    ('application_1_2',)
    """
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
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


def names_resources(record: LockRecord) -> bool:
    """Return whether a lock record names anything but attempts."""
    return any(values for kind, values in record.items() if kind != ATTEMPTS)


#: Adds values of a kind to a lock record.
WriteRecord = Callable[[str, Sequence[str]], object]


@dataclass(frozen=True)
class Recorder:
    """Adds values of a kind to the lock record of a run: `recorder(kind, values)`."""

    write: WriteRecord
    mark: str = ""  # of this attempt, for its resources (resource_marks.py)

    def __call__(self, kind: str, values: Sequence[str]) -> None:
        """Add the values, before or just after the resources are created."""
        self.write(kind, values)


#: Records nothing: for jobs that run without a lock.
ignore = Recorder(lambda kind, values: None)
