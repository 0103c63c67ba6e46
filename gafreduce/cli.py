"""The command line: what may be asked, what it prints, and what its exit codes mean.

Exit codes: 0 done; 1 an input is at fault or the run failed; 2 the command was not understood;
130 interrupted. Only this module prints and exits. Heavy imports wait until a command needs them.
"""

from __future__ import annotations

import argparse
import importlib
import logging
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from gafreduce import check_options, discreet, filters, interrupts, wall
from jobs.reconcile import DEFAULT_MAX_REJECTED
from ontology.termfile import DEFAULT_RELATIONS, DEFAULT_TERM

log = logging.getLogger("gafreduce")

RUNNERS = ("inline", "local", "hadoop", "emr")

_DESCRIPTION = """\
Which organisms are annotated with a Gene Ontology term or its descendants, by which gene products,
on what evidence, and what do they share? Annotation files in; tables, figures and a report out.
"""
_EXIT_CODES = """\
exit codes: 0 done; 1 an input is at fault or the run failed; 2 wrong usage; 130 interrupted
"""
_EXPLAIN_EXAMPLES = """\
An address is TABLE/KEY/COLUMN: the parts of the key in the table's order (docs/formats.md), joined
by /, as they stand in the table. A key that several rows share explains each of them.

examples:
  gafreduce explain RUN_DIR organisms/224308/n_target_electronic
  gafreduce explain RUN_DIR gene_products/224308/UniProtKB:P39694/status
  gafreduce explain RUN_DIR annotations/224308/UniProtKB:P39694/GO:0030420/evidence_group
  gafreduce explain RUN_DIR profile/GO:0030420/224308/n_gene_products_propagated
  gafreduce explain RUN_DIR terms/GO:0030420/membership
  gafreduce explain RUN_DIR robustness/224308/electronic//verdict
  gafreduce explain RUN_DIR --gene-product UniProtKB:P39694

exit codes: 0 explained; 1 a number did not come out again, or is not there; 2 wrong usage
"""
_RUN_EXAMPLES = """\
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


def share(text: str) -> float:
    """Return a share as a number from 0 to 1: `0.001`, `0.1%` or `0`.

    >>> share("0.1%"), share("0")
    (0.001, 0.0)
    """
    try:
        value = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"expected a share such as 0.1%, got {text!r}")
    return value


def duration(text: str) -> float:
    """Return a time in seconds: `6h`, `30m`, `90s`."""
    try:
        return wall.seconds(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a time such as 6h, got {text!r}") from None


def relations(text: str) -> tuple[str, ...]:
    """Return a comma-separated list of relations."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def taxon(text: str) -> int:
    """Return a taxon id: `224308`."""
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 10**10):
        raise argparse.ArgumentTypeError(f"expected a taxon id such as 224308, got {text!r}")
    return int(text)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    top = argparse.ArgumentParser(
        prog="gafreduce",
        description=_DESCRIPTION,
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action=_Version, help="print the version and exit")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_run(commands)
    _add_report(commands)
    _add_closure(commands)
    _add_convert(commands)
    _add_verbosity(check_options.add_command(commands, RUNNERS))
    _add_explain(commands)
    _add_doctor(commands)
    _add_clean(commands)
    return top


class _Version(argparse.Action):
    """Prints the version; looked up only then, because that takes time."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str | None = None) -> None:
        super().__init__(option_strings, dest, nargs=0, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from gafreduce.run_record import version

        print(f"gafreduce {version()}")
        parser.exit()


def _add_verbosity(command: argparse.ArgumentParser) -> None:
    group = command.add_mutually_exclusive_group()
    group.add_argument("-q", "--quiet", action="store_true", help="print errors only")
    group.add_argument("-v", "--verbose", action="store_true", help="say what is being done")


def _add_ontology(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group("ontology")
    group.add_argument(
        "--ontology",
        metavar="OBO",
        help="go-basic.obo, plain or gzip, a path or s3://; else go-basic.obo[.gz] in the working "
        "folder, else $GAFREDUCE_ONTOLOGY",
    )
    group.add_argument(
        "--ontology-relations",
        metavar="LIST",
        type=relations,
        default=DEFAULT_RELATIONS,
        help="relations that make descendants and propagation (default: is_a,part_of)",
    )


def _add_reading(command: Any) -> None:
    """Add what files of some formats do not say themselves; a sample sheet can say it for each."""
    command.add_argument("--format", help="format of all inputs, instead of finding it by content")
    command.add_argument(
        "--taxon", metavar="TAXON", type=taxon, help="taxon of inputs whose format has none"
    )
    command.add_argument(
        "--companion", metavar="GPI", help="GPI file of inputs in GPAD: symbols, names and taxa"
    )


def _add_key(command: Any) -> None:
    command.add_argument(
        "--sse-kms-key-id",
        metavar="KEY",
        help="have S3 encrypt all that is put with this KMS key (default: as the bucket says)",
    )


def _add_run(commands: Any) -> None:
    run = commands.add_parser(
        "run",
        help="annotation files in; tables, figures and a report out",
        description="Ask a GO term of annotation files, and leave a run folder with the answer.",
        epilog=_RUN_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    run.set_defaults(module="gafreduce.command_run")
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
    _add_ontology(run)
    asked = run.add_argument_group("what is read and compared")
    _add_reading(asked)
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
    filters.add_arguments(run)
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
        type=filters.at_least_one,
        help="processes of -r local (default: all)",
    )
    how.add_argument(
        "--max-wall",
        metavar="TIME",
        type=duration,
        default=wall.DEFAULT_SECONDS,
        help="longest time for -r hadoop and emr, as 6h, 30m or 90s; then the application or "
        "cluster is ended, as it is when no task begins within half an hour (default: 6h)",
    )
    how.add_argument("--no-report", action="store_true", help="tables only")
    how.add_argument("--force", action="store_true", help="make a run folder anew")
    how.add_argument("--dry-run", action="store_true", help="print what would be done, and stop")
    how.add_argument("--json", action="store_true", help="print the answer as JSON")
    how.add_argument("--endpoint-url", metavar="URL", help="S3 endpoint other than Amazon's")
    how.add_argument("--profile", metavar="NAME", help="AWS profile")
    _add_key(how)
    _add_verbosity(run)


def _add_report(commands: Any) -> None:
    report = commands.add_parser(
        "report",
        help="make the page and figures of a run folder again, from its tables alone",
        description="Make report.html and the figures of a run folder again, from its tables.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    report.set_defaults(module="gafreduce.command_report")
    report.add_argument("run_dir", metavar="RUN_DIR", help="a run folder")
    _add_verbosity(report)


def _add_closure(commands: Any) -> None:
    closure = commands.add_parser(
        "closure",
        help="print a term's closure: what `descendants` means here",
        description="Print the closure of a term with class, relation path and name, as TSV.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    closure.set_defaults(module="gafreduce.command_closure")
    closure.add_argument("term", metavar="TERM", help="an id, or a name when exact and unique")
    _add_ontology(closure)
    _add_verbosity(closure)


def _add_convert(commands: Any) -> None:
    convert = commands.add_parser(
        "convert",
        help="write what was understood as GAF 2.2 or GPAD 2.0, with every loss counted and named",
        description="Write the annotations of any known format as GAF 2.2 or GPAD 2.0. What the "
        "target needs and the source does not say is supplied in its weakest form; every loss is "
        "counted and named, on standard error, or on standard output with -o.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    convert.set_defaults(module="gafreduce.command_convert")
    convert.add_argument(
        "inputs", nargs="+", metavar="INPUT", help="as for `run`: files, folders, sample sheets, -"
    )
    convert.add_argument(
        "--to", required=True, choices=("gaf2.2", "gpad2.0"), help="format that is written"
    )
    convert.add_argument("-o", "--output", metavar="FILE", help="file (default: standard output)")
    convert.add_argument(
        "--write-gpi",
        metavar="FILE",
        help="beside gpad2.0: gene products as GPI 2.0, which keeps symbol, name, type and taxon",
    )
    _add_reading(convert)
    convert.add_argument(
        "--ontology",
        metavar="OBO",
        help="go-basic.obo: aspects and complexes (default: as for `run`; can be done without)",
    )
    convert.add_argument("--endpoint-url", metavar="URL", help="S3 endpoint other than Amazon's")
    convert.add_argument("--profile", metavar="NAME", help="AWS profile")
    _add_verbosity(convert)


def _add_explain(commands: Any) -> None:
    explain = commands.add_parser(
        "explain",
        help="say of any number of a run what it means, which lines make it, and make it again",
        description="Explain cells of a run's tables: the definition, the annotation lines word "
        "for word, and the value made again from them, which must be the same. What the run folder "
        "does not hold is read from the inputs, when they are there unchanged.",
        epilog=_EXPLAIN_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    explain.set_defaults(module="gafreduce.command_explain")
    explain.add_argument("run_dir", metavar="RUN_DIR", help="a run folder")
    explain.add_argument("address", metavar="TABLE/KEY/COLUMN", nargs="*", help="what to explain")
    explain.add_argument(
        "--gene-product", metavar="ID", help="explain a gene product's whole row: DB:DB_Object_ID"
    )
    explain.add_argument(
        "--inputs",
        metavar="INPUT",
        nargs="+",
        help="where the inputs lie now (default: where the run's command named them)",
    )
    explain.add_argument("--ontology", metavar="OBO", help="where the ontology lies now")
    explain.add_argument(
        "--max-lines",
        metavar="N",
        type=int,
        default=20,
        help="lines shown of one number (default: %(default)s)",
    )
    explain.add_argument("--json", action="store_true", help="print explanations as JSON")
    _add_verbosity(explain)


def _add_doctor(commands: Any) -> None:
    doctor = commands.add_parser(
        "doctor",
        help="check what a run would need, before it costs anything",
        description="Check this machine, and Hadoop, S3 or Amazon EMR, for what a run would need. "
        "A line for each check: ok, problem (and what to do), or not checked (and why).",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    doctor.set_defaults(module="gafreduce.command_doctor")
    doctor.add_argument(
        "what",
        nargs="?",
        choices=("local", "s3", "hadoop", "emr"),
        default="local",
        help="where the job would run, or its data lie (default: %(default)s)",
    )
    doctor.add_argument("inputs", nargs="*", metavar="s3://", help="inputs that a run would read")
    doctor.add_argument(
        "-o", "--output", metavar="s3://", help="where it would write: a probe is put and removed"
    )
    doctor.add_argument("-c", "--conf", metavar="FILE", help="mrjob.conf, for emr")
    doctor.add_argument("--ontology", metavar="OBO", help="as for `run`")
    doctor.add_argument("--endpoint-url", metavar="URL", help="S3 endpoint other than Amazon's")
    doctor.add_argument("--profile", metavar="NAME", help="AWS profile")
    _add_key(doctor)
    _add_verbosity(doctor)


def _add_clean(commands: Any) -> None:
    clean = commands.add_parser(
        "clean",
        help="list what killed runs left behind, and remove it with --yes",
        description="List what runs that were killed left: unfinished run folders, temporary "
        "folders, claimed prefixes and uploads in S3, folders in HDFS. Nothing is removed without "
        "--yes, and nothing that changed lately.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    clean.set_defaults(module="gafreduce.command_clean")
    clean.add_argument(
        "places",
        nargs="*",
        metavar="FOLDER|s3://",
        help="where run folders lie (default: gafreduce-runs)",
    )
    clean.add_argument("-c", "--conf", metavar="FILE", help="mrjob.conf: its cloud_tmp_dir too")
    clean.add_argument("--hadoop", action="store_true", help="the temporary folder in HDFS too")
    clean.add_argument(
        "--older-than",
        metavar="HOURS",
        type=float,
        default=24.0,
        help="only what did not change for so long (default: %(default)g)",
    )
    clean.add_argument("--yes", action="store_true", help="remove what is found")
    clean.add_argument("--endpoint-url", metavar="URL", help="S3 endpoint other than Amazon's")
    clean.add_argument("--profile", metavar="NAME", help="AWS profile")
    _add_verbosity(clean)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    arguments = parser().parse_args(argv)
    _set_up_logs(arguments)
    try:
        with interrupts.heard():
            for line in importlib.import_module(arguments.module).run(arguments):
                print(line, flush=True)
    except (ValueError, OSError) as error:
        log.debug("traceback", exc_info=True)
        print(f"gafreduce: {discreet.hidden(str(error))}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("gafreduce: interrupted; nothing was published", file=sys.stderr)
        return 130
    return 0


def _set_up_logs(arguments: argparse.Namespace) -> None:
    level = logging.DEBUG if arguments.verbose else logging.ERROR if arguments.quiet else None
    handler = logging.StreamHandler()
    handler.setFormatter(discreet.DiscreetFormatter("gafreduce: %(message)s"))
    logging.basicConfig(handlers=[handler], level=level or logging.WARNING)
    logging.getLogger("mrjob").setLevel(level or logging.ERROR)
    for name in ("boto3", "botocore", "s3transfer", "urllib3"):  # they log headers, and tokens
        logging.getLogger(name).setLevel(max(level or logging.WARNING, logging.INFO))


def entry() -> NoReturn:
    """Run the command line of this process."""
    sys.exit(main())
