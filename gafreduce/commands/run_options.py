"""The options of `gafreduce run`."""

from __future__ import annotations

import argparse
from typing import Any

from gafreduce.cli import filter_options
from gafreduce.cli.options import (
    RUNNERS,
    add_key,
    add_ontology,
    add_reading,
    add_verbosity,
    duration,
    share,
    taxon,
)
from gafreduce.execution import time_limit
from gafreduce.jobs.accounting.reconcile import DEFAULT_MAX_REJECTED
from gafreduce.ontology.termfile import DEFAULT_TERM

_EPILOG = """\
examples:
  gafreduce run data/samples --ontology data/samples/go-samples.obo
      the seven sample files; everything goes to gafreduce-runs/<run id>/
  gafreduce run data/samples/*.gaf --ontology data/samples/go-samples.obo --term GO:0009294 -o dna
      another term, another folder
  gafreduce run data/samples --ontology data/samples/go-samples.obo --dry-run
      what would be read and asked, without doing it
  gafreduce run data/samples --ontology data/samples/go-samples.obo --json --no-report --force
      the answer as JSON on standard output, tables only

exit codes: 0 done; 1 an input is at fault or the run failed; 2 wrong usage; 130 interrupted
"""


def add_command(commands: Any) -> None:
    """Declare the command."""
    run = commands.add_parser(
        "run",
        help="annotation files in; tables, figures and a report out",
        description="Ask a GO term of annotation files, and leave a run folder with the answer.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    run.set_defaults(module="gafreduce.commands.run")
    run.add_argument(
        "inputs",
        nargs="+",
        metavar="INPUT",
        help="annotation files, folders, globs, s3:// URIs (hdfs:// with -r hadoop), a sample "
        "sheet (inputs.tsv), or - for standard input",
    )
    run.add_argument(
        "-o",
        "--output",
        metavar="DIR|s3://",
        help="new run folder (default: gafreduce-runs/<run id>)",
    )
    run.add_argument(
        "--term",
        metavar="TERM",
        default=DEFAULT_TERM,
        help="target term: an id, or a name when it is exact and unique (default: %(default)s)",
    )
    add_ontology(run)
    asked = run.add_argument_group("what is read and compared")
    add_reading(asked)
    asked.add_argument(
        "--organism",
        metavar="TAXON",
        type=taxon,
        action="append",
        help="compare exactly these taxa (repeatable; default: all but leaks)",
    )
    asked.add_argument(
        "--organism-names", metavar="FILE", help="taxon_id TAB name, or names.dmp of NCBI Taxonomy"
    )
    asked.add_argument(
        "--scope",
        choices=("full", "target"),
        default="full",
        help="full: profile of the whole GO; target: of the closure only (default: %(default)s)",
    )
    asked.add_argument(
        "--max-rejected",
        metavar="SHARE",
        type=share,
        default=DEFAULT_MAX_REJECTED,
        help="share of a file's lines that may be refused; ten are always forgiven, 0 forgives "
        "none (default: 0.1%%)",
    )
    asked.add_argument(
        "--components",
        metavar="FILE",
        help="parts of a machinery to look for besides the target (docs/statistics.md#components; "
        "default: competence, for its term)",
    )
    asked.add_argument(
        "--orthologs", metavar="FILE", help="which gene products are known to be which component"
    )
    filter_options.add_arguments(run)
    how = run.add_argument_group("how it runs")
    how.add_argument(
        "-r",
        "--runner",
        choices=RUNNERS,
        help="inline: one process; local: all cores; hadoop; emr (default: inline while the text "
        "is small, else local)",
    )
    how.add_argument("-c", "--conf", metavar="FILE", help="mrjob.conf (default: none is read)")
    how.add_argument(
        "-D",
        dest="settings",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="setting of Hadoop, for -r hadoop and emr (repeatable)",
    )
    how.add_argument(
        "--cores",
        metavar="N",
        type=filter_options.at_least_one,
        help="processes of -r local (default: all)",
    )
    how.add_argument(
        "--max-wall",
        metavar="TIME",
        type=duration,
        default=time_limit.DEFAULT_SECONDS,
        help="longest time for -r hadoop and emr, as 6h, 30m or 90s; then the application or "
        "cluster is ended, as it is when no task begins within half an hour (default: 6h)",
    )
    how.add_argument("--no-report", action="store_true", help="tables only")
    how.add_argument("--force", action="store_true", help="make a run folder anew")
    how.add_argument("--dry-run", action="store_true", help="print what would be done, and stop")
    how.add_argument("--json", action="store_true", help="print the answer as JSON")
    how.add_argument("--endpoint-url", metavar="URL", help="S3 endpoint other than Amazon's")
    how.add_argument("--profile", metavar="NAME", help="AWS profile")
    add_key(how)
    add_verbosity(run)
