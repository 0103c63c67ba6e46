"""`gafreduce clean`: what runs that were killed left behind, listed, and removed when asked."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from gafreduce import (
    hadoop,
    leftovers_hadoop,
    leftovers_local,
    leftovers_s3,
    place_emr,
    run_folder,
    s3,
)
from gafreduce.leftovers import HOUR, Leftover
from jobs.input_list import normalise_uri


def run(arguments: argparse.Namespace) -> Iterator[str]:
    """Print a line for each leftover, removed with --yes."""
    n_found = 0
    for leftover in _found(arguments):
        n_found += 1
        if arguments.yes:
            leftover.remove()
        if not arguments.quiet:
            yield f"{'removed' if arguments.yes else 'found'}\t{leftover.line()}"
    if n_found and not arguments.yes and not arguments.quiet:
        yield "Nothing was removed: say --yes for that."


def _found(arguments: argparse.Namespace) -> Iterator[Leftover]:
    older_than = arguments.older_than * HOUR
    conf = Path(arguments.conf) if arguments.conf else None
    hadoop.go_by(conf)
    access = s3.Access(arguments.endpoint_url, arguments.profile)
    for place in arguments.places or [str(run_folder.DEFAULT_PARENT)]:
        if s3.is_uri(place):
            where = s3.parse(normalise_uri(place))
            yield from leftovers_s3.found_under(access, where, older_than)
        else:
            yield from leftovers_local.found_beside_runs(Path(place), older_than, access)
    yield from leftovers_local.found_in_temporary_folder(older_than)
    if conf:
        where = s3.parse(place_emr.cloud_tmp_dir(conf))
        yield from leftovers_s3.found_temporary(access.client(), where, older_than)
    if arguments.hadoop:
        yield from leftovers_hadoop.found(older_than, conf)
