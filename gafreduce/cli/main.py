"""The command line: its commands, its output and its exit codes.

Commands neither print nor exit: this module does. It imports a command only to run it, or for its
help: `--help` alone imports no command. Exit codes: `gafreduce.errors.EXIT_CODES`.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import logging
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from gafreduce import errors, redaction, signals, streams
from gafreduce.cli.defaults_file import apply_defaults
from gafreduce.cli.options import EXIT_CODES
from gafreduce.cli.parsers import (
    CommandParser,
    Parser,
    add_help_command,
    add_version,
    expand_help,
)
from gafreduce.errors import GafreduceError, InputError, OutputError

log = logging.getLogger("gafreduce")

_DESCRIPTION = """\
Report which organisms are annotated with a Gene Ontology term or its descendants, by which gene
products, on what evidence, and which terms they share. Reads annotation files; writes tables,
figures and a report.
"""
_BUG = "this is a bug in gafreduce; please report it"


class Command(NamedTuple):
    """A command.

    Its module has `add_options(parser)` and `run(arguments)`, which yields lines. When it publishes
    files, it has `publishes(arguments)`, too: such a command is completed without its output.
    """

    name: str
    module: str
    summary: str


COMMANDS = (
    Command(
        "run",
        "gafreduce.commands.runs.run",
        "make tables, figures and a report from annotation files",
    ),
    Command(
        "estimate",
        "gafreduce.commands.runs.estimate",
        "estimate time, memory and cost of a run before it starts",
    ),
    Command(
        "report",
        "gafreduce.commands.runs.report",
        "make the report and the figures of a run folder again, from its tables",
    ),
    Command(
        "verify",
        "gafreduce.commands.runs.verify",
        "compare the files of a run folder with its manifest",
    ),
    Command(
        "compare",
        "gafreduce.commands.runs.compare",
        "compare runs of one term: what is new, gone and changed, and why",
    ),
    Command(
        "export",
        "gafreduce.commands.runs.export",
        "write a run for other programs: Excel, clusterProfiler, Cytoscape, RO-Crate",
    ),
    Command(
        "fetch",
        "gafreduce.commands.inputs.fetch",
        "download annotation files and the ontology of GO's releases or GOA's proteomes",
    ),
    Command(
        "sheet",
        "gafreduce.commands.inputs.sheet",
        "write a sample sheet of annotation files, to edit",
    ),
    Command(
        "search",
        "gafreduce.commands.inputs.search",
        "find terms by name, synonym or id, and how often they are annotated",
    ),
    Command(
        "term-set",
        "gafreduce.commands.inputs.term_set",
        "print a term, its descendants and their regulators",
    ),
    Command(
        "convert",
        "gafreduce.commands.inputs.convert",
        "convert annotations to GAF 2.2, GPAD 2.0 or Parquet and report every loss",
    ),
    Command(
        "check",
        "gafreduce.commands.inputs.check",
        "check annotation files against GO's rules: refused lines, repairs and warnings",
    ),
    Command(
        "explain",
        "gafreduce.commands.runs.explain",
        "trace a number back to its annotation lines and recompute it",
    ),
    Command(
        "demo",
        "gafreduce.commands.program.demo",
        "run the samples that come with the program",
    ),
    Command(
        "query",
        "gafreduce.commands.warehouse.query",
        "ask SQL over runs, here or on Athena",
    ),
    Command(
        "catalog",
        "gafreduce.commands.warehouse.catalog",
        "keep the Glue catalog equal to the runs in S3",
    ),
    Command(
        "serve",
        "gafreduce.commands.warehouse.serve",
        "serve runs by HTTP: lists, search and pages, read-only",
    ),
    Command(
        "doctor",
        "gafreduce.commands.program.doctor",
        "check prerequisites (before starting a paid cluster)",
    ),
    Command(
        "clean",
        "gafreduce.commands.runs.clean",
        "list files left by interrupted runs (--yes deletes them)",
    ),
    Command(
        "completion",
        "gafreduce.commands.program.completion",
        "print a script for completion in bash, zsh or fish",
    ),
    Command("manual", "gafreduce.commands.program.manual", "print the manual page"),
    Command(
        "docs",
        "gafreduce.commands.program.docs",
        "print a page of the documentation, such as docs/rules.md",
    ),
)


def parser(only: str | None = None) -> argparse.ArgumentParser:
    """Return the parser of the command line.

    Args:
        only: The command whose options are added, for others take time to import; None for all.
    """
    top = Parser(
        prog="gafreduce",
        description=_DESCRIPTION,
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_version(top)
    commands = top.add_subparsers(
        title="commands", metavar="COMMAND", required=True, parser_class=CommandParser
    )
    for command in COMMANDS:
        options = commands.add_parser(command.name, help=command.summary)
        options.set_defaults(module=command.module)
        if only in (None, command.name):
            importlib.import_module(command.module).add_options(options)
        if only == command.name:
            apply_defaults(options, command.name, lambda: list_commands(parser()))
            options.set_defaults(parser=options)
    top.set_defaults(make_parser=parser)
    add_help_command(commands)
    return top


def list_commands(top: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """Return the parsers of the commands, by name."""
    (action,) = (each for each in top._actions if isinstance(each, argparse._SubParsersAction))
    return dict(action.choices)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    argv = expand_help(sys.argv[1:] if argv is None else argv)
    streams.escape_output()
    name = next((word for word in argv if not word.startswith("-")), "")
    try:
        arguments = parser(only=name).parse_args(argv)
    except OutputError as error:
        return _report_output(error)
    except GafreduceError as error:  # of gafreduce.toml
        _report(errors.describe(error), False, False)
        return errors.exit_code(error)
    _set_up_logs(arguments)
    try:
        with signals.handle_signals():
            signals.raise_pending()
            _check_working_folder()
            _run(importlib.import_module(arguments.module), arguments)
    except OutputError as error:
        return _report_output(error)
    except (GafreduceError, OSError, MemoryError) as error:
        code = errors.exit_code(error)
        _report(errors.describe(error), code == errors.BUG, arguments.verbose)
        for line in getattr(error, "details", ()):
            streams.write_error(f"  {streams.escape(redaction.redact(line), line_feeds=True)}")
        return _complete(code)
    except KeyboardInterrupt as error:
        code = errors.exit_code(error)
        which = "the results were" if signals.has_published() else "nothing was"
        streams.write_error(f"gafreduce: {errors.EXIT_CODES[code]}; {which} published")
        return code
    except Exception as error:
        code = errors.exit_code(error)
        if code == errors.BUG:
            message = "".join(traceback.format_exception_only(error)).strip()
        else:
            message = errors.describe(error)
        _report(message, code == errors.BUG, arguments.verbose)
        return _complete(code)
    return errors.DONE


def _run(command: ModuleType, arguments: argparse.Namespace) -> None:
    """Run a command and print its lines.

    Raises:
        OutputError: A line could not be printed. A command that publishes was completed before.
    """
    failure: OutputError | None = None
    lines = command.run(arguments)
    with contextlib.closing(lines):
        for line in lines:
            signals.resume()
            if failure is None:
                try:
                    streams.write_output(line)
                except OutputError as error:
                    if not getattr(command, "publishes", _never)(arguments):
                        raise
                    failure = error
    if failure is not None:
        signals.mark_published()
        raise failure


def _check_working_folder() -> None:
    """Check that there is a working folder, to which relative paths are relative.

    Raises:
        InputError: It was removed, or may not be entered any more.
    """
    try:
        Path.cwd()
    except OSError as error:
        raise InputError(
            f"the working folder: expected one that exists, got {error.strerror} "
            "(change to another folder: cd)"
        ) from error


def _never(arguments: argparse.Namespace) -> bool:
    """Return False: a command without a function `publishes` only prints."""
    return False


def _complete(code: int) -> int:
    """Return the exit code of an error, which may come after the results were published."""
    is_refused = code == errors.REFUSED  # by --fail-on, which publishes as well
    return errors.NOT_PRINTED if signals.has_published() and not is_refused else code


def _report_output(error: OutputError) -> int:
    """Print that standard output failed, unless its reader just ended; return the exit code."""
    if not error.is_closed:
        streams.write_error(f"gafreduce: {error}")
    return _complete(error.exit_code)


def _report(message: str, is_bug: bool, is_verbose: bool) -> None:
    """Print one line for the exception that is being handled; -v prints its traceback."""
    log.debug("traceback", exc_info=True)
    if is_bug:
        more = "" if is_verbose else "; -v prints the traceback"
        message = f"{message} ({_BUG}{more})"
    message = streams.escape(redaction.redact(message), line_feeds=True)
    streams.write_error(f"gafreduce: {message}")


def _set_up_logs(arguments: argparse.Namespace) -> None:
    logging.raiseExceptions = False  # standard error may be closed, or full
    level = logging.DEBUG if arguments.verbose else logging.ERROR if arguments.quiet else None
    handler = logging.StreamHandler()
    handler.setFormatter(redaction.RedactingFormatter("gafreduce: %(message)s"))
    logging.basicConfig(handlers=[handler], level=level or logging.WARNING)
    logging.getLogger("mrjob").setLevel(level or logging.ERROR)
    for name in ("boto3", "botocore", "s3transfer", "urllib3"):  # they log headers, and tokens
        logging.getLogger(name).setLevel(max(level or logging.WARNING, logging.INFO))
