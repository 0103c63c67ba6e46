"""Recovery: end the applications, clusters and temporary files of a run that died.

Only what carries the mark of that run is ended (resource_marks.py).
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Collection, Iterator
from functools import partial
from typing import Protocol

from gafreduce.errors import GafreduceError, TransientError
from gafreduce.publishing import emr_clusters, lock_record, resource_marks
from gafreduce.publishing.lock_record import LockRecord
from gafreduce.storage import hadoop, s3
from gafreduce.storage.hadoop import StillRunsError
from gafreduce.storage.resolve import open_storage

#: Schemes of temporary folders by runner.
_SCHEMES = {"hadoop": ("hdfs://", "s3://"), "emr": ("s3://",)}
#: The runner that a kind of resource is of.
_RUNNERS = {lock_record.APPLICATIONS: "hadoop", lock_record.CLUSTERS: "emr"}
_KINDS = (lock_record.CLUSTERS, lock_record.APPLICATIONS, lock_record.TEMPORARY)

log = logging.getLogger(__name__)


class Lock(Protocol):
    """The lock of a folder or a prefix, held by this run."""

    must_stay: bool  # when it is released

    @property
    def place(self) -> str:
        """The address of the folder or prefix."""

    @property
    def left_behind(self) -> LockRecord:
        """The lock record of a dead run."""


@contextlib.contextmanager
def recover(lock: Lock, access: s3.Access, runner: str) -> Iterator[None]:
    """End the orphans of a dead run that the runner of this run knows, then run the block.

    When a resource of that run or of this one is not ended, the lock stays, with its record.
    """
    lock.must_stay = not _end_known(lock.left_behind, lock.place, access, runner)
    if lock.must_stay:
        log.warning("the lock that names it stays, for gafreduce clean or the next run there")
    try:
        yield
    except StillRunsError:
        lock.must_stay = True
        raise


def end_all(record: LockRecord, place: str, access: s3.Access) -> None:
    """End all resources in a lock record, but not files of the run folder.

    Args:
        record: Of a dead run.
        place: The address of the run folder that the lock is of.
        access: How AWS and Hadoop are reached.

    Raises:
        TransientError: Something could not be ended: the lock has to stay.
    """
    if not end(record, place, access):
        raise TransientError(
            "what the lock names could not be ended, so the lock stays (see above)"
        )


def end(record: LockRecord, place: str, access: s3.Access) -> bool:
    """End the resources in a lock record that carry its mark, but not files of the run folder.

    A resource without the mark is left, with a warning. Failures are logged.

    Args:
        record: Of a dead run.
        place: The address of the run folder that the lock is of.
        access: How AWS and Hadoop are reached.

    Returns:
        Whether all resources with the mark are ended.
    """
    marks = resource_marks.list_marks(record, place)
    actions: list[tuple[str, Callable[[], bool], Callable[[], object]]] = [
        *(
            (
                each,
                partial(_is_our_cluster, access, each, marks),
                partial(emr_clusters.terminate_cluster, access, each),
            )
            for each in record[lock_record.CLUSTERS]
        ),
        *(
            (
                each,
                partial(_is_our_application, each, access, marks),
                partial(_kill_application, each, access),
            )
            for each in record[lock_record.APPLICATIONS]
        ),
        *(
            (each, partial(_is_our_folder, each, access, marks), partial(_remove, each, access))
            for each in record[lock_record.TEMPORARY]
        ),
    ]
    results = [_try(*action) for action in actions]  # all, though one fails
    return all(results)


def _end_known(record: LockRecord, place: str, access: s3.Access, runner: str) -> bool:
    """End the resources of one runner; return whether the record names no others."""
    known = {
        kind: tuple(each for each in record[kind] if _is_of(runner, kind, each)) for kind in _KINDS
    }
    others = [each for kind in _KINDS for each in record[kind] if each not in known[kind]]
    if others:
        log.warning(
            "the lock of a dead run names %s, which this run does not use: left alone",
            ", ".join(others),
        )
    return end({**record, **known}, place, access) and not others


def _is_of(runner: str, kind: str, resource: str) -> bool:
    if kind == lock_record.TEMPORARY:
        return resource.startswith(_SCHEMES.get(runner, ("-",)))
    return _RUNNERS[kind] == runner


def describe(record: LockRecord) -> str:
    """Return the resources in a lock record, but not files of the run folder, each behind a comma.

    >>> describe({**lock_record.EMPTY, lock_record.CLUSTERS: ("us-east-1/j-1",)})
    ', us-east-1/j-1'
    """
    return "".join(f", {each}" for kind in _KINDS for each in record[kind])


def _try(resource: str, is_ours: Callable[[], bool], action: Callable[[], object]) -> bool:
    try:
        if not is_ours():
            log.warning(
                "%s: the lock of a dead run names it, but it has no mark of that run: left alone "
                "(end or remove it yourself, if it is yours)",
                resource,
            )
            return True
        log.info("ending an orphan of a killed run: %s", resource)
        action()
    except GafreduceError as error:
        log.warning("%s, an orphan of a killed run, could not be ended: %s", resource, error)
        return False
    return True


def _is_our_cluster(access: s3.Access, cluster: str, marks: Collection[str]) -> bool:
    return resource_marks.has_tags(emr_clusters.read_tags(access, cluster), marks)


def _is_our_application(application: str, access: s3.Access, marks: Collection[str]) -> bool:
    """Return whether an application is an attempt's; True when YARN has forgotten it."""
    yarn = hadoop.find_program("yarn", access.hadoop_conf)
    found = hadoop.find_application(yarn, application)
    return found is None or (
        resource_marks.has_job_name(found.name, marks) and found.user == hadoop.find_user()
    )


def _kill_application(application: str, access: s3.Access) -> None:
    hadoop.kill_applications(hadoop.find_program("yarn", access.hadoop_conf), [application])


def _is_our_folder(place: str, access: s3.Access, marks: Collection[str]) -> bool:
    """Return whether a temporary folder has the marker of an attempt; True when it is empty."""
    names = {
        each.name for each in open_storage(place, access).list(f"{place.rstrip('/')}/").entries
    }
    return not names or any(resource_marks.make_marker_name(mark) in names for mark in marks)


def _remove(place: str, access: s3.Access) -> None:
    open_storage(place, access).remove_folder(place)
