"""Ending what an attempt that died had elsewhere: applications, clusters, temporary files."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator
from functools import partial
from typing import Protocol

from gafreduce.errors import GafreduceError, TransientError
from gafreduce.publishing import emr_clusters, lock_record
from gafreduce.publishing.lock_record import Holdings
from gafreduce.storage import hadoop, s3
from gafreduce.storage.hadoop import Hadoop, StillRunsError

log = logging.getLogger(__name__)


class RemainsError(TransientError):
    """Something that a claim names could not be ended."""


class Claim(Protocol):
    """A claim that is held, of a folder or a prefix."""

    stays: bool  # when it is let go

    @property
    def left_behind(self) -> Holdings:
        """What the claim of a dead attempt named."""


@contextlib.contextmanager
def ended(claim: Claim, access: s3.Access) -> Iterator[None]:
    """End what a dead attempt left, before a block of work.

    When something can't be ended, of that attempt or of this one, the claim, which names it, stays.
    """
    claim.stays = not end(claim.left_behind, access)
    if claim.stays:
        log.warning("the claim that names it stays, for gafreduce clean or the next run there")
    try:
        yield
    except StillRunsError:
        claim.stays = True
        raise


def end_all(left: Holdings, access: s3.Access) -> None:
    """End what a claim names.

    Raises:
        RemainsError: Not everything could be ended: the claim, which names it, has to stay.
    """
    if not end(left, access):
        raise RemainsError("what the claim names could not be ended, so it stays (see above)")


def end(left: Holdings, access: s3.Access) -> bool:
    """End what a claim names, as far as that can be done from here; what cannot be is said.

    Args:
        left: What the claim of a dead attempt names, apart from files of its run folder.
        access: How AWS is reached.

    Returns:
        Whether all is ended.
    """
    acts: list[tuple[str, Callable[[], object]]] = [
        *(
            (each, partial(emr_clusters.terminate_cluster, access, each))
            for each in left[lock_record.CLUSTERS]
        ),
        *(
            (each, partial(hadoop.kill_applications, [each]))
            for each in left[lock_record.APPLICATIONS]
        ),
        *((each, partial(_remove, each, access)) for each in left[lock_record.TEMPORARY]),
    ]
    ended = [_ended(what, act) for what, act in acts]  # each of them, whatever comes of one
    return all(ended)


def in_words(left: Holdings) -> str:
    """Return what a claim names elsewhere, to be put behind a comma.

    >>> in_words({**lock_record.NOTHING, lock_record.CLUSTERS: ("us-east-1/j-1",)})
    ', us-east-1/j-1'
    """
    kinds = (lock_record.CLUSTERS, lock_record.APPLICATIONS, lock_record.TEMPORARY)
    return "".join(f", {each}" for kind in kinds for each in left[kind])


def _ended(what: str, act: Callable[[], object]) -> bool:
    log.info("ending what a run that was killed left: %s", what)
    try:
        act()
    except GafreduceError as error:
        log.warning("%s, which a run that was killed left, could not be ended: %s", what, error)
        return False
    return True


def _remove(place: str, access: s3.Access) -> None:
    if s3.is_uri(place):
        s3.remove_all(access.client(), s3.parse(f"{place.rstrip('/')}/"))
    else:
        Hadoop(hadoop.find_binary(), place).remove()
