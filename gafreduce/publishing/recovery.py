"""Recovery: end the applications, clusters and temporary files of a run that died."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator
from functools import partial
from typing import Protocol

from gafreduce.errors import GafreduceError, TransientError
from gafreduce.publishing import emr_clusters, lock_record
from gafreduce.publishing.lock_record import LockRecord
from gafreduce.storage import hadoop, s3
from gafreduce.storage.hadoop import StillRunsError
from gafreduce.storage.resolve import open_storage

log = logging.getLogger(__name__)


class Lock(Protocol):
    """The lock of a folder or a prefix, held by this run."""

    must_stay: bool  # when it is released

    @property
    def left_behind(self) -> LockRecord:
        """The lock record of a dead run."""


@contextlib.contextmanager
def recover(lock: Lock, access: s3.Access) -> Iterator[None]:
    """End the orphans of a dead run, then run the block.

    When a resource of that run or of this one cannot be ended, the lock stays, with its record.
    """
    lock.must_stay = not end(lock.left_behind, access)
    if lock.must_stay:
        log.warning("the lock that names it stays, for gafreduce clean or the next run there")
    try:
        yield
    except StillRunsError:
        lock.must_stay = True
        raise


def end_all(record: LockRecord, access: s3.Access) -> None:
    """End all resources in a lock record, but not files of the run folder.

    Raises:
        TransientError: Something could not be ended: the lock has to stay.
    """
    if not end(record, access):
        raise TransientError(
            "what the lock names could not be ended, so the lock stays (see above)"
        )


def end(record: LockRecord, access: s3.Access) -> bool:
    """End the resources in a lock record, but not files of the run folder; log failures.

    Args:
        record: Of a dead run.
        access: How AWS is reached.

    Returns:
        Whether all of it is ended.
    """
    actions: list[tuple[str, Callable[[], object]]] = [
        *(
            (each, partial(emr_clusters.terminate_cluster, access, each))
            for each in record[lock_record.CLUSTERS]
        ),
        *(
            (each, partial(hadoop.kill_applications, [each]))
            for each in record[lock_record.APPLICATIONS]
        ),
        *((each, partial(_remove, each, access)) for each in record[lock_record.TEMPORARY]),
    ]
    results = [_try(resource, action) for resource, action in actions]  # all, though one fails
    return all(results)


def describe(record: LockRecord) -> str:
    """Return the resources in a lock record, but not files of the run folder, each behind a comma.

    >>> describe({**lock_record.EMPTY, lock_record.CLUSTERS: ("us-east-1/j-1",)})
    ', us-east-1/j-1'
    """
    kinds = (lock_record.CLUSTERS, lock_record.APPLICATIONS, lock_record.TEMPORARY)
    return "".join(f", {each}" for kind in kinds for each in record[kind])


def _try(resource: str, action: Callable[[], object]) -> bool:
    log.info("ending an orphan of a killed run: %s", resource)
    try:
        action()
    except GafreduceError as error:
        log.warning("%s, an orphan of a killed run, could not be ended: %s", resource, error)
        return False
    return True


def _remove(place: str, access: s3.Access) -> None:
    open_storage(place, access).remove_folder(place)
