"""`gafreduce compare`: compare runs of one term, such as those of two releases."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from gafreduce import signals
from gafreduce.cli.options import (
    EXIT_CODES,
    add_json,
    add_s3,
    add_verbosity,
    describe,
    format_json,
    pick_options,
)
from gafreduce.errors import RefusedError, UsageError

if TYPE_CHECKING:
    from gafreduce.reports.comparison.comparison import RunComparison
    from gafreduce.streams import StyledLine

_EPILOG = f"""\
examples:
  gafreduce compare runs/2026-01 runs/2026-06
      what is new, gone and changed, and why
  gafreduce compare runs/2026-01 runs/2026-06 -o changes --ontology go-basic.obo
      also as tables and a page; the later ontology explains numbers of terms
  gafreduce compare old new --fail-on verdict
      exit code 5 if the verdict of an organism differs

{EXIT_CODES}
"""


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options."""
    describe(
        command,
        "Compare two or more runs of one term, each with the next one: organisms, gene products, "
        "annotation lines and terms that are new, gone or changed. Each difference has one primary "
        "reason, the first that holds, and lists the others.",
        _EPILOG,
    )
    command.add_argument(
        "runs",
        nargs="+",
        metavar="RUN",
        help="run folders, or s3:// prefixes of published runs, from the earliest to the latest",
    )
    command.add_argument(
        "-o",
        "--output",
        metavar="FOLDER",
        type=Path,
        help="new folder for tables and page (default: the answer is only printed)",
    )
    command.add_argument(
        "--id-map",
        metavar="FILE",
        type=Path,
        help="table with two ids of a gene product in each line: replaced ids are the same gene "
        "product",
    )
    command.add_argument(
        "--ontology",
        metavar="OBO",
        type=Path,
        action="append",
        default=[],
        help="go-basic.obo of one of the runs, known by its checksum; it names merged and retired "
        "terms, and explains numbers of terms; may be repeated",
    )
    command.add_argument(
        "--fail-on",
        choices=("verdict", "any"),
        help="exit with code 5 if the verdict of an organism differs, or if anything does",
    )
    add_json(command, "sentences, counts and organisms")
    add_s3(command)
    add_verbosity(command)


def publishes(arguments: argparse.Namespace) -> bool:
    """Return whether the command writes a folder."""
    return arguments.output is not None


def run(arguments: argparse.Namespace) -> Iterator[str | StyledLine]:
    """Yield the sentence on what changed, and the numbers of differences by reason.

    Raises:
        InputError: A run is missing, damaged or of another term.
        RefusedError: --fail-on names a difference that exists.
    """
    if len(arguments.runs) < 2:
        raise UsageError("RUN: expected two or more runs, got one (name the earlier one first)")
    from gafreduce.publishing.open_run import open_runs
    from gafreduce.reports.comparison.comparison import FILES, RunComparison, list_lines

    if arguments.output is not None:
        _check_output(arguments.output)
    id_map = None
    if arguments.id_map is not None:
        from gafreduce.pipeline.id_map import read_id_map

        id_map = read_id_map(arguments.id_map)
    from gafreduce.pipeline.options import S3Options

    access = pick_options(S3Options, arguments).make_access
    with open_runs(arguments.runs, access, FILES) as folders:
        comparison = RunComparison(folders, id_map, arguments.ontology)
        if arguments.output is not None:
            _write(comparison, arguments.output)
    if arguments.json:
        yield format_json(comparison.make_data())
    elif not arguments.quiet:
        yield from list_lines(comparison)
    if arguments.output is not None and not arguments.json:
        from gafreduce.reports.comparison.comparison import PAGE

        yield str(arguments.output / PAGE)
    _refuse(comparison, arguments.fail_on)


def _check_output(path: Path) -> None:
    from gafreduce.errors import InputError
    from gafreduce.publishing.run_folder import RunFolder

    if RunFolder(path).has_files():
        raise InputError(
            f"{path}: expected a new folder, got one with files (name another folder with -o)"
        )


def _write(comparison: RunComparison, path: Path) -> None:
    from gafreduce.publishing.local_publish import build_run_folder

    path = Path(path.absolute())
    with build_run_folder(path) as folder:
        comparison.write(folder.path)
    signals.mark_published()


def _refuse(comparison: RunComparison, fail_on: str | None) -> None:
    """Raise an error if --fail-on names a difference that exists."""
    if fail_on == "verdict" and comparison.verdict_changes:
        names = {row["organism"] for row in comparison.verdict_changes}
        listed = ", ".join(sorted(names)[:5]) + (f" and {len(names) - 5} more" * (len(names) > 5))
        raise RefusedError(f"the verdict differs (--fail-on verdict): {listed}")
    if fail_on == "any" and comparison.rows["differences"]:
        raise RefusedError("the runs differ (--fail-on any)")
