"""`gafreduce catalog`: keep the Glue catalog equal to the runs in S3."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from gafreduce.cli.options import (
    EXIT_CODES,
    add_json,
    add_s3,
    add_verbosity,
    describe,
    format_json,
    pick_options,
)
from gafreduce.errors import UsageError
from gafreduce.pipeline.options import S3Options

_EPILOG = f"""\
examples:
  gafreduce catalog --create s3://my-gafreduce/results
      make the database gafreduce and its tables, once, unless the template has
  gafreduce catalog --sync s3://my-gafreduce/results
      add the runs below it, take out runs that are gone

{EXIT_CODES}
"""


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options."""
    describe(
        command,
        "Keep the tables of a Glue database, which Athena reads, equal to the runs below a prefix. "
        "Each run is a partition of each table that points into the run folder. `gafreduce run "
        "--catalog` adds its own run.",
        _EPILOG,
    )
    command.add_argument("place", metavar="s3://", help="parent of all published runs")
    command.add_argument(
        "--database",
        metavar="NAME",
        default="gafreduce",
        help="database of the catalog (default: %(default)s)",
    )
    command.add_argument(
        "--create", action="store_true", help="make the database and the tables that are missing"
    )
    command.add_argument(
        "--sync",
        action="store_true",
        help="add runs that are missing, and take out those that are not below the prefix",
    )
    add_json(command, "the numbers of changes")
    add_s3(command)
    add_verbosity(command)


def run(arguments: argparse.Namespace) -> Iterator[str]:
    """Yield how many tables and partitions were changed.

    Raises:
        UsageError: Nothing is to do, or the place is not in S3.
        TransientError: Glue or S3 failed.
    """
    from gafreduce.storage.resolve import local_path
    from gafreduce.storage.s3_errors import translate_errors
    from gafreduce.warehouse.glue_catalog import Catalog
    from gafreduce.warehouse.published_runs import list_published_runs

    place = arguments.place.rstrip("/")
    if local_path(place) is not None:
        raise UsageError(f"{place}: expected s3://bucket/prefix, which a catalog can point to")
    if not (arguments.create or arguments.sync):
        raise UsageError("expected --create or --sync, or both")
    access = pick_options(S3Options, arguments).make_access()
    catalog = Catalog(access.open_service("glue", "the Glue catalog"), arguments.database)
    done: dict[str, int] = {}
    if arguments.create:
        done["tables_made"] = catalog.create(place)
    if arguments.sync:
        with translate_errors(f"listing {place}"):
            runs = list_published_runs(access.client(), place)
        done |= {"runs": len(runs), **catalog.sync(runs)._asdict()}
    if arguments.json:
        yield format_json(done)
    else:
        yield ", ".join(f"{name.replace('_', ' ')}: {number}" for name, number in done.items())
