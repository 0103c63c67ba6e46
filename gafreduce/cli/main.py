"""The command line: what may be asked, what it prints, and what its exit codes mean.

Exit codes: 0 done; 1 an input is at fault or the run failed; 2 the command was not understood;
130 interrupted. Only this module prints and exits. Heavy imports wait until a command needs them.
"""

from __future__ import annotations

import argparse
import atexit
import importlib
import logging
import os
import sys
import threading
import traceback
from collections.abc import Sequence
from typing import Any, NoReturn

from gafreduce import errors, redaction, signals
from gafreduce.cli.options import EXIT_CODES, add_key, add_ontology, add_reading, add_verbosity
from gafreduce.commands import check_options, run_options
from gafreduce.errors import GafreduceError

log = logging.getLogger("gafreduce")

_DESCRIPTION = """\
Which organisms are annotated with a Gene Ontology term or its descendants, by which gene products,
on what evidence, and what do they share? Annotation files in; tables, figures and a report out.
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


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    top = argparse.ArgumentParser(
        prog="gafreduce",
        description=_DESCRIPTION,
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action=_Version, help="print the version and exit")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    run_options.add_command(commands)
    _add_report(commands)
    _add_closure(commands)
    _add_convert(commands)
    check_options.add_command(commands)
    _add_explain(commands)
    _add_doctor(commands)
    _add_clean(commands)
    return top


class _Version(argparse.Action):
    """Prints the version; looked up only then, because that takes time."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str | None = None) -> None:
        super().__init__(option_strings, dest, nargs=0, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from gafreduce.pipeline.run_record import version

        print(f"gafreduce {version()}")
        parser.exit()


def _add_report(commands: Any) -> None:
    report = commands.add_parser(
        "report",
        help="make the page and figures of a run folder again, from its tables alone",
        description="Make report.html and the figures of a run folder again, from its tables.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    report.set_defaults(module="gafreduce.commands.report")
    report.add_argument("run_dir", metavar="RUN_DIR", help="a run folder")
    add_verbosity(report)


def _add_closure(commands: Any) -> None:
    closure = commands.add_parser(
        "closure",
        help="print a term's closure: what `descendants` means here",
        description="Print the closure of a term with class, relation path and name, as TSV.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    closure.set_defaults(module="gafreduce.commands.term_set")
    closure.add_argument("term", metavar="TERM", help="an id, or a name when exact and unique")
    add_ontology(closure)
    add_verbosity(closure)


def _add_convert(commands: Any) -> None:
    convert = commands.add_parser(
        "convert",
        help="write what was understood as GAF 2.2 or GPAD 2.0, with every loss counted and named",
        description="Write the annotations of any known format as GAF 2.2 or GPAD 2.0. What the "
        "target needs and the source does not say is supplied in its weakest form; every loss is "
        "counted and named, on standard error, or on standard output with -o.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    convert.set_defaults(module="gafreduce.commands.convert")
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
    add_reading(convert)
    convert.add_argument(
        "--ontology",
        metavar="OBO",
        help="go-basic.obo: aspects and complexes (default: as for `run`; can be done without)",
    )
    convert.add_argument("--endpoint-url", metavar="URL", help="S3 endpoint other than Amazon's")
    convert.add_argument("--profile", metavar="NAME", help="AWS profile")
    add_verbosity(convert)


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
    explain.set_defaults(module="gafreduce.commands.explain")
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
    add_verbosity(explain)


def _add_doctor(commands: Any) -> None:
    doctor = commands.add_parser(
        "doctor",
        help="check what a run would need, before it costs anything",
        description="Check this machine, and Hadoop, S3 or Amazon EMR, for what a run would need. "
        "A line for each check: ok, problem (and what to do), or not checked (and why).",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    doctor.set_defaults(module="gafreduce.commands.doctor")
    doctor.add_argument(
        "what",
        nargs="?",
        choices=("local", "s3", "hadoop", "emr"),
        default="local",
        help="where the job would run, or its data lie (default: %(default)s)",
    )
    doctor.add_argument("inputs", nargs="*", metavar="INPUT", help="what a run would read")
    doctor.add_argument(
        *("-o", "--output"),
        metavar="FOLDER|s3://",
        help="where it would write: in S3 a probe is put and removed",
    )
    doctor.add_argument("-c", "--conf", metavar="FILE", help="mrjob.conf, for hadoop and emr")
    doctor.add_argument("--ontology", metavar="OBO", help="as for `run`")
    doctor.add_argument("--endpoint-url", metavar="URL", help="S3 endpoint other than Amazon's")
    doctor.add_argument("--profile", metavar="NAME", help="AWS profile")
    add_key(doctor)
    add_verbosity(doctor)


def _add_clean(commands: Any) -> None:
    clean = commands.add_parser(
        "clean",
        help="list what killed runs left behind, and remove it with --yes",
        description="List what runs that were killed left: unfinished run folders, temporary "
        "folders, claimed prefixes and uploads in S3, folders in HDFS. Nothing is removed without "
        "--yes, and nothing that changed lately.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    clean.set_defaults(module="gafreduce.commands.clean")
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
    add_verbosity(clean)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    arguments = parser().parse_args(argv)
    _set_up_logs(arguments)
    try:
        with signals.handle_signals():
            for line in importlib.import_module(arguments.module).run(arguments):
                print(line, flush=True)
    except (GafreduceError, OSError) as error:
        log.debug("traceback", exc_info=True)
        print(f"gafreduce: {redaction.redact(str(error))}", file=sys.stderr)
        return errors.exit_code(error)
    except KeyboardInterrupt as error:
        print("gafreduce: interrupted; nothing was published", file=sys.stderr)
        return errors.exit_code(error)
    except Exception as error:
        _report_bug(error)
        return errors.exit_code(error)
    return 0


def _report_bug(error: Exception) -> None:
    """Print one line for an error that gafreduce did not expect; the traceback with -v."""
    log.debug("traceback", exc_info=True)
    what = redaction.redact("".join(traceback.format_exception_only(error)).strip())
    advice = "" if log.isEnabledFor(logging.DEBUG) else "; run again with -v for the traceback"
    print(
        f"gafreduce: {what} (this is a bug in gafreduce; please report it{advice})",
        file=sys.stderr,
    )


def _set_up_logs(arguments: argparse.Namespace) -> None:
    level = logging.DEBUG if arguments.verbose else logging.ERROR if arguments.quiet else None
    handler = logging.StreamHandler()
    handler.setFormatter(redaction.RedactingFormatter("gafreduce: %(message)s"))
    logging.basicConfig(handlers=[handler], level=level or logging.WARNING)
    logging.getLogger("mrjob").setLevel(level or logging.ERROR)
    for name in ("boto3", "botocore", "s3transfer", "urllib3"):  # they log headers, and tokens
        logging.getLogger(name).setLevel(max(level or logging.WARNING, logging.INFO))


def entry() -> NoReturn:
    """Run the command line of this process."""
    code = main()
    if threading.active_count() > 1:  # they have something to end
        sys.exit(code)
    # what was printed is flushed; to take this process apart object by object takes 60 ms
    atexit._run_exitfuncs()
    os._exit(code)
