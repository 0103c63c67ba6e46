"""`gafreduce query`: ask SQL over runs, by DuckDB here or by Athena."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gafreduce.cli.options import (
    EXIT_CODES,
    add_s3,
    add_verbosity,
    describe,
    pick_options,
)
from gafreduce.errors import UsageError
from gafreduce.pipeline.options import S3Options

if TYPE_CHECKING:
    from gafreduce.storage.s3 import Access
    from gafreduce.streams import StyledLine
    from gafreduce.warehouse.named_queries import Query

_FORMATS = ("table", "tsv", "csv", "json")
_EPILOG = f"""\
examples:
  gafreduce query --list
      the named queries, with their parameters
  gafreduce query @which-organisms gafreduce-runs
      one of them, over all runs in a folder
  gafreduce query "SELECT organism, verdict FROM organisms ORDER BY organism" demo --to csv
      your own SQL over one run, as CSV
  gafreduce query @any-term lines ancestors.parquet --set term=GO:0006260
      any term, without a run (docs/warehouse.md)
  gafreduce query @compare-runs --athena gafreduce --database gafreduce
      the same text on Athena

{EXIT_CODES}
"""

log = logging.getLogger("gafreduce")


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options."""
    describe(
        command,
        "Ask SQL over runs. Each table of the run folders is a view with its name and the column "
        "run_id; annotation_lines and term_ancestors are those of gafreduce convert. One SELECT is "
        "run, which can read these files and nothing else.",
        _EPILOG,
    )
    command.add_argument(
        "query", metavar="SQL|@NAME", nargs="?", help="a query, or @ and the name of one"
    )
    command.add_argument(
        "places",
        metavar="RUN",
        nargs="*",
        help="run folders, parents of run folders, folders of convert --to parquet, files of "
        "convert --ancestors; paths or s3:// URIs",
    )
    command.add_argument(
        "--set",
        dest="values",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="value of the parameter $NAME, a text (repeatable)",
    )
    command.add_argument(
        "--to",
        choices=_FORMATS,
        help="format to print (default: table on a terminal, else tsv)",
    )
    what = command.add_mutually_exclusive_group()
    what.add_argument("--list", action="store_true", help="list the named queries and stop")
    what.add_argument("--show", action="store_true", help="print the SQL and stop")
    athena = command.add_argument_group("Athena")
    athena.add_argument(
        "--athena", metavar="WORKGROUP", help="run the query on Athena, in this workgroup"
    )
    athena.add_argument(
        "--database",
        metavar="NAME",
        default="gafreduce",
        help="database of the catalog (default: %(default)s)",
    )
    add_s3(command)
    add_verbosity(command)


def run(arguments: argparse.Namespace) -> Iterator[str | StyledLine]:
    """Yield the rows of the result.

    Raises:
        UsageError: The query is wrong, or a value is missing.
        InputError: A place holds nothing to query.
        TransientError: S3 or Athena failed.
    """
    from gafreduce.warehouse.named_queries import choose_values, list_queries, read_query

    if arguments.list:
        yield from _list(list_queries())
        return
    if arguments.query is None:
        raise UsageError("expected a query, got none (see: gafreduce query --list)")
    query = read_query(arguments.query)
    if arguments.show:
        yield query.text.rstrip("\n")
        return
    values = choose_values(query, _split(arguments.values))
    access = pick_options(S3Options, arguments).make_access()
    to = arguments.to or ("table" if sys.stdout.isatty() else "tsv")
    if arguments.athena:
        yield from _ask_athena(arguments, query, values, access, to)
    else:
        yield from _ask_duckdb(arguments.places, query, values, access, to)


def _split(settings: Sequence[str]) -> dict[str, str]:
    values = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals:
            raise UsageError(f"--set {setting}: expected NAME=VALUE, got no =")
        values[name] = value
    return values


def _list(queries: Sequence[Query]) -> Iterator[str]:
    """Yield the name, the title and the parameters of each query."""
    for query in queries:
        yield f"@{query.name}\t{query.title}"
        for each in query.parameters:
            default = f" (default: {each.default})" if each.default else ""
            yield f"    --set {each.name}=...\t{each.description}{default}"


def _ask_duckdb(
    places: Sequence[str], query: Query, values: dict[str, str], access: Access, to: str
) -> Iterator[str | StyledLine]:
    from gafreduce.tempdir import temporary_folder
    from gafreduce.warehouse.duckdb_engine import Engine
    from gafreduce.warehouse.named_queries import names_table
    from gafreduce.warehouse.result_formats import FORMATS
    from gafreduce.warehouse.sources import describe_missing, find_sources

    if not places:
        raise UsageError("expected run folders to query, got none")

    def is_wanted(table: str) -> bool:
        return names_table(query.text, table)

    with temporary_folder() as scratch:
        sources = find_sources(places, access, Path(scratch), is_wanted)
        for note in describe_missing(sources, is_wanted):
            log.warning("%s", note)
        yield from FORMATS[to](Engine(sources).run(query.text, values))


def _ask_athena(
    arguments: argparse.Namespace, query: Query, values: dict[str, str], access: Access, to: str
) -> Iterator[str | StyledLine]:
    from gafreduce.warehouse.athena import Athena
    from gafreduce.warehouse.result_formats import FORMATS

    if arguments.places:
        raise UsageError("--athena: expected no run folders, which its catalog has, got some")
    client = access.open_service("athena", "Athena")
    athena = Athena(client, arguments.athena, arguments.database)
    answer = athena.ask(query.text, values)
    yield from FORMATS[to](answer.result)
    if not arguments.quiet:
        log.warning("%s", answer.describe_cost())
