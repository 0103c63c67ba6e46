"""The options of `gafreduce check`."""

from __future__ import annotations

import argparse
from typing import Any

from gafreduce.cli import filter_options
from gafreduce.cli.options import RUNNERS, add_verbosity, taxon
from gafreduce.jobs.rules.catalogue import RuleError, find_rules

FORMATS = ("text", "tsv", "json", "html")

_EPILOG = """\
examples:
  gafreduce check data/samples --ontology data/samples/go-samples.obo
      what the rules say of the samples
  gafreduce check FILE.gaf.gz --rules GORULE:0000020,unknown_go_id --format tsv
      which term ids are merged, replaced, obsolete or unknown, and how many lines have them
  gafreduce check FILE.gaf --fail-on warn -q
      for pipelines: the exit code, and one line on standard error when it is not 0

exit codes: 0 clean, or warnings only; 1 lines are refused (with --fail-on warn: or warned of), or
an input is at fault; 2 wrong usage; 130 interrupted
"""


def rules(text: str) -> frozenset[str]:
    """Return the words of the rules that are named."""
    try:
        return find_rules(filter_options.words(text))
    except RuleError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def add_command(commands: Any) -> None:
    """Declare the command."""
    check: argparse.ArgumentParser = commands.add_parser(
        "check",
        help="what GO's rules say of annotation files: refused, repaired, warned of",
        description="Ask GO's rules (docs/rules.md) of annotation files of any known format. Rules "
        "that need the ontology are not asked without one.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    check.set_defaults(module="gafreduce.commands.check")
    check.add_argument(
        "inputs", nargs="+", metavar="INPUT", help="as for `run`: files, folders, sample sheets, -"
    )
    check.add_argument(
        "--rules",
        metavar="LIST",
        type=rules,
        default=find_rules(["all"]),
        help="words or GORULE ids of docs/rules.md, or all (default: all)",
    )
    check.add_argument(
        "--format",
        choices=FORMATS,
        default="text",
        help="of what is printed (default: %(default)s); tsv is the table `findings`",
    )
    check.add_argument(
        "--fail-on",
        choices=("reject", "warn"),
        default="reject",
        help="what makes the exit code 1 (default: %(default)s)",
    )
    check.add_argument(
        "--input-format",
        metavar="FORMAT",
        help="format of all inputs, instead of finding it by content",
    )
    check.add_argument("--taxon", metavar="TAXON", type=taxon, help="as for `run`")
    check.add_argument("--companion", metavar="GPI", help="as for `run`")
    check.add_argument(
        "--ontology",
        metavar="OBO",
        help="go-basic.obo (default: as for `run`; can be done without)",
    )
    filter_options.add_rule_arguments(check)
    how = check.add_argument_group("how it runs")
    how.add_argument("-r", "--runner", choices=RUNNERS, help="as for `run`")
    how.add_argument("-c", "--conf", metavar="FILE", help="mrjob.conf (default: none is read)")
    how.add_argument(
        "--cores",
        metavar="N",
        type=filter_options.at_least_one,
        help="processes of -r local (default: all)",
    )
    how.add_argument("--endpoint-url", metavar="URL", help="S3 endpoint other than Amazon's")
    how.add_argument("--profile", metavar="NAME", help="AWS profile")
    add_verbosity(check)
