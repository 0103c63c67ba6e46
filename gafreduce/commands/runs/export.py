"""`gafreduce export`: write a run for other programs."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from gafreduce import signals
from gafreduce.cli.options import EXIT_CODES, add_s3, add_verbosity, describe, pick_options

#: As `reports.exports.registry` has them, whose import takes time.
KINDS = ("xlsx", "term2gene", "graphml", "ro-crate")
_EPILOG = f"""\
examples:
  gafreduce export my-run --to xlsx -o my-run.xlsx
      an Excel workbook: a sheet for each table
  gafreduce export my-run --to term2gene -o sets
      a folder with TERM2GENE and TERM2NAME for clusterProfiler, and a script for R
  gafreduce export my-run --to graphml -o my-run.graphml
      terms, gene products and organisms as a graph for Cytoscape
  gafreduce export my-run --to ro-crate -o crate
      the run folder as an RO-Crate, for repositories

{EXIT_CODES}
"""


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options."""
    describe(
        command,
        "Write the tables of a run for other programs. xlsx, graphml and ro-crate need libraries: "
        "pip install 'gafreduce[export]'.",
        _EPILOG,
    )
    command.add_argument(
        "run_dir", metavar="RUN", help="a run folder, or the s3:// prefix of a published run"
    )
    command.add_argument("--to", choices=KINDS, required=True, help="the kind of export")
    command.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        type=Path,
        required=True,
        help="the file (xlsx, graphml), which is replaced, or a new folder (term2gene, ro-crate)",
    )
    command.add_argument(
        "--ontology",
        metavar="OBO",
        type=Path,
        help="go-basic.obo of the run: for term2gene of a term with descendants",
    )
    add_s3(command)
    add_verbosity(command)


def publishes(arguments: argparse.Namespace) -> bool:
    """Return True: the command writes a file or folder."""
    return True


def run(arguments: argparse.Namespace) -> Iterator[str]:
    """Write the export; yield its path.

    Raises:
        InputError: The run is missing or damaged, a library is missing, or the path exists.
    """
    from gafreduce.pipeline.options import S3Options
    from gafreduce.publishing.open_run import open_runs
    from gafreduce.reports.exports.registry import export_run

    access = pick_options(S3Options, arguments).make_access
    with open_runs([arguments.run_dir], access) as (folder,):
        export_run(folder, arguments.to, arguments.output, arguments.ontology)
    signals.mark_published()
    yield str(arguments.output)
