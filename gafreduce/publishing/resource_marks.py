"""Marks of a run on its resources elsewhere: clusters, applications, temporary folders, objects.

Anybody who can write next to a run folder can write a lock record, so a record proves nothing: a
resource in it is ended only when the resource itself carries the mark of that attempt. The mark is
put when the resource is created, and depends on the place of the lock: a record that is copied to
another place, or that names another run's resources, has no effect.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from gafreduce.publishing import lock_record
from gafreduce.publishing.lock_record import LockRecord

_PROJECT = ("project", "gafreduce")
_MARK = "gafreduce-mark"
#: Start of the name of the entry that marks a temporary folder.
MARKER = ".gafreduce-mark-"
_DIGITS = 32


def make_mark(place: str, attempt: str) -> str:
    """Return the mark of an attempt to make a run at a place.

    Args:
        place: The address of the run folder: an absolute path or URI.
        attempt: A random id.
    """
    return hashlib.sha256(f"{place}\n{attempt}".encode(errors="surrogateescape")).hexdigest()[
        :_DIGITS
    ]


def list_marks(record: LockRecord, place: str) -> frozenset[str]:
    """Return the marks of all attempts in a lock record.

    Args:
        record: Of dead runs.
        place: The address of the run folder that the lock is of.
    """
    return frozenset(make_mark(place, each) for each in record[lock_record.ATTEMPTS])


def make_tags(mark: str, tags: Iterable[Mapping[str, Any]] = ()) -> list[dict[str, Any]]:
    """Return the tags of an EMR cluster: those of mrjob.conf, then the project and the mark.

    >>> make_tags("0a", [{"Key": "team", "Value": "x"}])[1:]
    [{'Key': 'project', 'Value': 'gafreduce'}, {'Key': 'gafreduce-mark', 'Value': '0a'}]
    """
    ours = dict([_PROJECT, (_MARK, mark)])
    others = [dict(tag) for tag in tags if tag.get("Key") not in ours]
    return [*others, *({"Key": key, "Value": value} for key, value in ours.items())]


def has_tags(tags: Iterable[Mapping[str, Any]], marks: Collection[str]) -> bool:
    """Return whether the tags of an EMR cluster are those of an attempt."""
    found = {tag["Key"]: tag["Value"] for tag in tags}
    return found.get(_PROJECT[0]) == _PROJECT[1] and found.get(_MARK) in marks


def make_job_name(mark: str) -> str:
    """Return the name of the YARN applications of an attempt."""
    return f"gafreduce {mark}"


def has_job_name(name: str, marks: Collection[str]) -> bool:
    """Return whether the name of a YARN application is that of an attempt.

    >>> has_job_name("gafreduce 0a", {"0a"}), has_job_name("PRODUCTION", {"0a"})
    (True, False)
    """
    return any(name == make_job_name(mark) for mark in marks)


def make_marker_name(mark: str) -> str:
    """Return the name of the entry that marks the temporary folder of an attempt."""
    return f"{MARKER}{mark}"
