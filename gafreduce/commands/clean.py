"""`gafreduce clean`: what runs that were killed left behind, listed, and removed when asked."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from gafreduce.errors import GafreduceError, TransientError
from gafreduce.execution import emr_staging
from gafreduce.publishing import orphans, orphans_s3, run_folder
from gafreduce.publishing.orphans import HOUR, Orphan, Orphans
from gafreduce.storage import hadoop, s3
from gafreduce.storage.resolve import local_path

_FAILED = "failed"

log = logging.getLogger(__name__)


class CleanError(TransientError):
    """Something could not be looked at, or not be removed."""


def run(arguments: argparse.Namespace) -> Iterator[str]:
    """Print a line for each orphan, removed with --yes.

    Raises:
        CleanError: At the end, when something went wrong on the way.
    """
    n_found = n_failed = 0
    for found in _found(arguments):
        try:
            for orphan in found:
                n_found += 1
                did = _remove(orphan) if arguments.yes else "found"
                n_failed += did == _FAILED
                if not arguments.quiet:
                    yield f"{did}\t{orphan.line()}"
        except (GafreduceError, OSError) as error:  # one place that can't be looked at
            log.error("%s", error)
            n_failed += 1
    if n_found and not arguments.yes and not arguments.quiet:
        yield "Nothing was removed. Run again with --yes to delete these."
    if n_failed:
        raise CleanError(f"{n_failed} could not be looked at or removed (see above)")


def _remove(orphan: Orphan) -> str:
    try:
        orphan.remove()
    except (GafreduceError, OSError) as error:
        log.error("%s: %s", orphan.place, error)
        return _FAILED
    return "removed"


def _found(arguments: argparse.Namespace) -> Iterator[Orphans]:
    """Yield where to look; each may fail without the others."""
    older_than = arguments.older_than * HOUR
    conf = Path(arguments.conf) if arguments.conf else None
    hadoop.go_by(conf)
    access = s3.Access(arguments.endpoint_url, arguments.profile)
    places = arguments.places or [str(run_folder.DEFAULT_PARENT)]
    for place in places:
        if local_path(place) is None:
            where = s3.parse(place)
            yield orphans_s3.find_in_prefix(access, where, older_than)
        else:
            yield orphans.find_in_parent(Path(place), older_than, access)
    yield orphans.find_temporary(older_than)
    list_live = partial(_list_live_folders, places, access)
    if conf:
        where = s3.parse(emr_staging.read_cloud_tmp_dir(conf))
        yield orphans.exclude_live(orphans_s3.find_temporary(access, where, older_than), list_live)
    if arguments.hadoop:
        yield orphans.exclude_live(orphans.find_in_hdfs(older_than, conf), list_live)


def _list_live_folders(places: Sequence[str], access: s3.Access) -> Iterator[str]:
    """Yield the temporary folders of live runs in these places."""
    for place in places:
        if local_path(place) is None:
            yield from orphans_s3.list_live_folders(access, s3.parse(place))
        else:
            yield from orphans.list_live_folders(Path(place))
