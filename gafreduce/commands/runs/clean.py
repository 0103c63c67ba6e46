"""`gafreduce clean`: list the orphans of interrupted runs, and delete them with --yes."""

from __future__ import annotations

import argparse
import logging
import math
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from gafreduce import errors
from gafreduce.cli.options import (
    add_conf,
    add_json,
    add_s3,
    add_verbosity,
    describe,
    format_json,
    pick_options,
)
from gafreduce.errors import GafreduceError, InputError, TransientError

if TYPE_CHECKING:
    from gafreduce.publishing.orphans import Orphan, Orphans
    from gafreduce.storage.s3 import Access

_FAILED = "failed"

log = logging.getLogger(__name__)


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options."""
    describe(
        command,
        "List what interrupted runs left: incomplete run folders and files, temporary folders, "
        "locks and uploads in S3, folders in HDFS. Each line ends with the proof that gafreduce "
        "made it. Only --yes deletes them. Recent ones are not listed.",
    )
    command.add_argument(
        "places",
        nargs="*",
        metavar="FOLDER|s3://",
        help="parents of run folders (default: gafreduce-runs)",
    )
    add_conf(command)
    command.add_argument(
        "--hadoop", action="store_true", help="include the temporary folder in HDFS"
    )
    command.add_argument(
        "--older-than",
        metavar="HOURS",
        type=_parse_hours,
        default=24.0,
        help="list only what has not changed for this time (default: %(default)g)",
    )
    command.add_argument("--yes", action="store_true", help="delete what is listed")
    add_s3(command)
    add_json(command, "what is listed")
    add_verbosity(command)


def publishes(arguments: argparse.Namespace) -> bool:
    """Return whether orphans are removed."""
    return bool(arguments.yes)


def run(arguments: argparse.Namespace) -> Iterator[str]:
    """Yield a line for each orphan, which is deleted with --yes.

    Raises:
        InputError: A place is no folder.
        TransientError: Something could not be listed or deleted; all lines are yielded before.
    """
    _check_places(arguments.places)
    listed: list[dict[str, object]] = []
    n_failed = 0
    is_text = not (arguments.quiet or arguments.json)
    for found in _find(arguments):
        try:
            for orphan in found:
                did = _remove(orphan) if arguments.yes else "found"
                n_failed += did == _FAILED
                listed.append({"state": did, **orphan.as_dict()})
                if is_text:
                    yield f"{did}\t{orphan.line()}"
        except (GafreduceError, OSError) as error:  # one place that cannot be listed
            log.error("%s", errors.describe(error))
            n_failed += 1
    if arguments.json:
        yield format_json(listed)
    elif is_text and listed and not arguments.yes:
        yield "Nothing was removed. Run again with --yes to delete these."
    elif is_text and not listed and not n_failed:
        yield (
            f"Nothing was found that an interrupted run left {arguments.older_than:g} hours ago or "
            "earlier (--older-than)."
        )
    if n_failed:
        raise TransientError(f"{n_failed} could not be listed or removed (see above)")


def _parse_hours(text: str) -> float:
    """Return a number of hours: `24`, `0.5`."""
    try:
        hours = float(text)
    except ValueError:
        hours = math.nan
    if not 0 <= hours < math.inf:
        raise argparse.ArgumentTypeError(f"expected a number of hours from 0, got {text[:100]!r}")
    return hours


def _check_places(places: Sequence[str]) -> None:
    """Check that the places that the user named are folders: a wrong name has no orphans, too.

    Raises:
        InputError: One is not.
    """
    from gafreduce.storage.resolve import local_path

    for place in places:
        path = local_path(place)
        if path is not None and not path.is_dir():
            raise InputError(f"{place}: expected a folder of run folders, got no folder")


def _remove(orphan: Orphan) -> str:
    try:
        orphan.remove()
    except (GafreduceError, OSError) as error:
        log.error("%s: %s", orphan.place, errors.describe(error))
        return _FAILED
    return "removed"


def _find(arguments: argparse.Namespace) -> Iterator[Orphans]:
    """Yield the orphans of each place; a place may fail without the others."""
    from gafreduce.execution import emr_staging
    from gafreduce.pipeline.options import S3Options
    from gafreduce.publishing import orphans, orphans_s3, run_folder
    from gafreduce.storage import s3
    from gafreduce.storage.resolve import local_path

    older_than = arguments.older_than * orphans.HOUR
    conf = Path(arguments.conf) if arguments.conf else None
    access = pick_options(S3Options, arguments).make_access(conf)
    places = arguments.places or [str(run_folder.DEFAULT_PARENT)]
    for place in places:
        if local_path(place) is None:
            where = s3.parse(place)
            yield orphans_s3.find_in_prefix(access, where, older_than)
        else:
            yield orphans.find_in_parent(Path(place), older_than, access)
    yield orphans.find_temporary(older_than)
    yield orphans.find_in_cache(older_than)
    list_live = partial(_list_live_folders, places, access)
    if conf:
        where = s3.parse(emr_staging.read_cloud_tmp_dir(conf))
        yield orphans.exclude_live(orphans_s3.find_temporary(access, where, older_than), list_live)
    if arguments.hadoop:
        yield orphans.exclude_live(orphans.find_in_hdfs(older_than, conf), list_live)


def _list_live_folders(places: Sequence[str], access: Access) -> Iterator[str]:
    """Yield the temporary folders of live runs in these places."""
    from gafreduce.publishing import orphans, orphans_s3
    from gafreduce.storage import s3
    from gafreduce.storage.resolve import local_path

    for place in places:
        if local_path(place) is None:
            yield from orphans_s3.list_live_folders(access, s3.parse(place))
        else:
            yield from orphans.list_live_folders(Path(place))
