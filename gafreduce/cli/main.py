"""The command line: its commands, its output and its exit codes.

Only this module prints and exits. It imports a command only to run it, or for its help: `--help`
alone imports no command. Exit codes: `gafreduce.errors.EXIT_CODES`.
"""

from __future__ import annotations

import argparse
import importlib
import logging
import sys
import traceback
from collections.abc import Sequence
from typing import NamedTuple, NoReturn

from gafreduce import errors, redaction, signals
from gafreduce.cli.options import EXIT_CODES
from gafreduce.errors import GafreduceError

log = logging.getLogger("gafreduce")

_DESCRIPTION = """\
Report which organisms are annotated with a Gene Ontology term or its descendants, by which gene
products, on what evidence, and which terms they share. Reads annotation files; writes tables,
figures and a report.
"""
_BUG = "this is a bug in gafreduce; please report it"


class Command(NamedTuple):
    """A command. Its module has `add_options(parser)` and `run(arguments)`, which yields lines."""

    name: str
    module: str
    summary: str


COMMANDS = (
    Command(
        "run",
        "gafreduce.commands.run",
        "make tables, figures and a report from annotation files",
    ),
    Command(
        "report",
        "gafreduce.commands.report",
        "make the report and the figures of a run folder again, from its tables",
    ),
    Command(
        "term-set",
        "gafreduce.commands.term_set",
        "print a term, its descendants and their regulators",
    ),
    Command(
        "convert",
        "gafreduce.commands.convert",
        "convert annotations to GAF 2.2 or GPAD 2.0 and report every loss",
    ),
    Command(
        "check",
        "gafreduce.commands.check",
        "check annotation files with GO's rules: refused lines, repairs and warnings",
    ),
    Command(
        "explain",
        "gafreduce.commands.explain",
        "trace a number back to its annotation lines and recompute it",
    ),
    Command(
        "doctor",
        "gafreduce.commands.doctor",
        "check prerequisites (before starting a paid cluster)",
    ),
    Command(
        "clean",
        "gafreduce.commands.clean",
        "list files left by interrupted runs (--yes deletes them)",
    ),
)


def parser(only: str | None = None) -> argparse.ArgumentParser:
    """Return the parser of the command line.

    Args:
        only: The command whose options are added, for others take time to import; None for all.
    """
    top = argparse.ArgumentParser(
        prog="gafreduce",
        description=_DESCRIPTION,
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action=_Version, help="print the version and exit")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        options = commands.add_parser(command.name, help=command.summary)
        options.set_defaults(module=command.module)
        if only in (None, command.name):
            importlib.import_module(command.module).add_options(options)
    return top


class _Version(argparse.Action):
    """Prints the version, which is only then looked up: it takes time."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str | None = None) -> None:
        super().__init__(option_strings, dest, nargs=0, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from importlib.metadata import version

        print(f"gafreduce {version('gafreduce')}")
        parser.exit()


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    argv = sys.argv[1:] if argv is None else argv
    name = next((word for word in argv if not word.startswith("-")), "")
    arguments = parser(only=name).parse_args(argv)
    _set_up_logs(arguments)
    try:
        with signals.handle_signals():
            for line in importlib.import_module(arguments.module).run(arguments):
                print(line, flush=True)
    except (GafreduceError, OSError) as error:
        code = errors.exit_code(error)
        _report(str(error), code == errors.BUG, arguments.verbose)
        return code
    except KeyboardInterrupt as error:
        code = errors.exit_code(error)
        print(f"gafreduce: {errors.EXIT_CODES[code]}; nothing was published", file=sys.stderr)
        return code
    except Exception as error:
        message = "".join(traceback.format_exception_only(error)).strip()
        _report(message, True, arguments.verbose)
        return errors.exit_code(error)
    return errors.DONE


def _report(message: str, is_bug: bool, is_verbose: bool) -> None:
    """Print one line for the exception that is being handled; -v prints its traceback."""
    log.debug("traceback", exc_info=True)
    if is_bug:
        more = "" if is_verbose else "; -v prints the traceback"
        message = f"{message} ({_BUG}{more})"
    print(f"gafreduce: {redaction.redact(message)}", file=sys.stderr)


def _set_up_logs(arguments: argparse.Namespace) -> None:
    level = logging.DEBUG if arguments.verbose else logging.ERROR if arguments.quiet else None
    handler = logging.StreamHandler()
    handler.setFormatter(redaction.RedactingFormatter("gafreduce: %(message)s"))
    logging.basicConfig(handlers=[handler], level=level or logging.WARNING)
    logging.getLogger("mrjob").setLevel(level or logging.ERROR)
    for name in ("boto3", "botocore", "s3transfer", "urllib3"):  # they log headers, and tokens
        logging.getLogger(name).setLevel(max(level or logging.WARNING, logging.INFO))
