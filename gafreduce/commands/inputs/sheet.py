"""`gafreduce sheet`: write a sample sheet of annotation files, to edit."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

from gafreduce import streams
from gafreduce.cli.options import (
    EXIT_CODES,
    add_conf,
    add_input_format,
    add_inputs,
    add_json,
    add_s3,
    add_verbosity,
    describe,
    format_json,
    pick_options,
)

if TYPE_CHECKING:
    pass

log = logging.getLogger(__name__)

_EPILOG = f"""\
examples:
  gafreduce sheet my-files > inputs.tsv
      a row for each annotation file of a folder
  gafreduce sheet --recursive --skip-unknown my-files s3://bucket/gaf > inputs.tsv
      also of the folders in it, without other files, and of a prefix in S3
  gafreduce run inputs.tsv --ontology go-basic.obo
      run with the sheet, as it is or edited

{EXIT_CODES}
"""
#: Columns that are left out when they are empty in all rows.
_RARE = ("pool_taxa", "group", "compare", "companion")


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options."""
    describe(
        command,
        "Read annotation files once, and print a sample sheet to edit: path, format, main taxon, "
        "name of the organism, number of gene products, and whether the file is complete, as far "
        "as its header says it. `gafreduce run` reads the sheet as it is. The sample sheet of a "
        "folder is not read, but one that is named is.",
        _EPILOG,
    )
    add_inputs(command)
    add_input_format(command)
    add_conf(command)
    add_s3(command)
    add_json(command, "the rows")
    add_verbosity(command)


def run(arguments: argparse.Namespace) -> Iterator[str]:
    """Yield the sheet; what has to be known besides is logged.

    Raises:
        InputError: A file is missing, damaged or no annotation file.
    """
    from gafreduce.inputs.listing import InputRequest
    from gafreduce.pipeline.draft_sheet import draft_sheet, list_gaps
    from gafreduce.pipeline.options import RunnerOptions, S3Options
    from gafreduce.storage.resolve import StorageResolver
    from gafreduce.tempdir import temporary_folder
    from gafreduce.terminal.progress import show_progress

    access = pick_options(S3Options, arguments).make_access(
        pick_options(RunnerOptions, arguments).conf_path
    )
    request = InputRequest.from_options(arguments)
    with temporary_folder() as scratch, show_progress(arguments.quiet) as progress:
        drafted = draft_sheet(request, StorageResolver(access, has_hadoop=True), scratch, progress)
    for note in (*drafted.notes, *list_gaps(drafted.rows)):
        log.warning("%s", note)
    if arguments.json:
        yield format_json([row._asdict() for row in drafted.rows])
        return
    streams.pass_data()
    names = [
        name
        for name in drafted.rows[0]._fields
        if name not in _RARE or any(_format_cell(getattr(row, name)) for row in drafted.rows)
    ]
    yield "\t".join(names)
    for row in drafted.rows:
        yield "\t".join(_format_cell(getattr(row, name)) for name in names)


def _format_cell(value: object) -> str:
    """Return a cell; what is not known is empty."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
