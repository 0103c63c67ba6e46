"""`gafreduce demo`: run the samples that come with the program."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from gafreduce import package_files
from gafreduce.cli.options import EXIT_CODES, add_verbosity, describe
from gafreduce.errors import TransientError

if TYPE_CHECKING:
    from gafreduce.streams import StyledLine

log = logging.getLogger(__name__)

_EPILOG = f"""\
examples:
  gafreduce demo
      seven bacteria and natural competence; the report is in the new folder gafreduce-demo
  gafreduce demo -o somewhere/demo --no-report
      tables only, in a few seconds

{EXIT_CODES}
"""
_ONTOLOGY = "go-samples.obo"


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options."""
    describe(
        command,
        "Run the seven sample files of the program, as a first look: which of seven bacteria are "
        "annotated with GO:0030420 (establishment of competence for transformation)?",
        _EPILOG,
    )
    command.add_argument(
        "-o",
        "--output",
        metavar="FOLDER",
        default="gafreduce-demo",
        help="the run folder (default: %(default)s)",
    )
    command.add_argument("--no-report", action="store_true", help="make tables only")
    add_verbosity(command)


def find_samples() -> Path:
    """Return the folder of the samples: in the package, or in the checkout that it is run from.

    Raises:
        TransientError: The installation lacks them.
    """
    package = Path(package_files.__file__).parent
    for folder in (package / "samples", package.parent / "data" / "samples"):
        if (folder / _ONTOLOGY).is_file():
            return folder
    raise TransientError(
        f"{package / 'samples'}: expected the samples of gafreduce, got none (install it again)"
    )


def publishes(arguments: argparse.Namespace) -> bool:
    """Return True: the command makes a run folder."""
    return True


def run(arguments: argparse.Namespace) -> Iterator[str | StyledLine]:
    """Run the samples; yield the summary, and the path of the page.

    Raises:
        InputError: The folder holds something else.
    """
    from gafreduce.commands.runs import run as run_command

    samples = find_samples()
    parser = argparse.ArgumentParser()
    run_command.add_options(parser)
    words = [str(samples), "--ontology", str(samples / _ONTOLOGY), "--output", arguments.output]
    words += ["--no-report"] * arguments.no_report + ["--quiet"] * arguments.quiet
    yield from run_command.run(parser.parse_args(words))
    if not arguments.no_report and not arguments.quiet:
        yield f"open {Path(arguments.output) / 'report.html'}"
