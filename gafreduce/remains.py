"""Ending what an attempt that died had elsewhere: applications, clusters, temporary files."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

from gafreduce import hadoop, s3
from gafreduce.hadoop import Hadoop
from reports import holdings
from reports.holdings import Holdings

log = logging.getLogger(__name__)


def end(left: Holdings, access: s3.Access) -> None:
    """End what a claim names, as far as that can be done from here; what cannot be is said.

    Args:
        left: What the claim of a dead attempt names, apart from files of its run folder.
        access: How AWS is reached.
    """
    for cluster in left[holdings.CLUSTERS]:
        _try(cluster, partial(access.terminate, cluster))
    for application in left[holdings.APPLICATIONS]:
        _try(application, partial(hadoop.kill_applications, [application]))
    for place in left[holdings.TEMPORARY]:
        _try(place, partial(_remove, place, access))


def in_words(left: Holdings) -> str:
    """Return what a claim names elsewhere, to be put behind a comma.

    >>> in_words({**holdings.NOTHING, holdings.CLUSTERS: ("us-east-1/j-1",)})
    ', us-east-1/j-1'
    """
    kinds = (holdings.CLUSTERS, holdings.APPLICATIONS, holdings.TEMPORARY)
    return "".join(f", {each}" for kind in kinds for each in left[kind])


def _try(what: str, act: Callable[[], object]) -> None:
    log.info("ending what a run that was killed left: %s", what)
    try:
        act()
    except ValueError as error:
        log.warning("%s, which a run that was killed left, could not be ended: %s", what, error)


def _remove(place: str, access: s3.Access) -> None:
    if s3.is_uri(place):
        s3.remove_all(access.client(), s3.parse(f"{place.rstrip('/')}/"))
    else:
        Hadoop(hadoop.find_binary(), place).remove()
