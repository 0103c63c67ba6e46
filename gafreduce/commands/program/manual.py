"""`gafreduce manual`: print the manual page."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from gafreduce import streams
from gafreduce.cli.options import EXIT_CODES, add_verbosity, describe

_EPILOG = f"""\
examples:
  gafreduce manual > ~/.local/share/man/man1/gafreduce.1
      then `man gafreduce` finds it
  gafreduce manual | man -l -
      read it now

{EXIT_CODES}
"""


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options."""
    describe(
        command, "Print the manual page, with all commands and options, as `man` reads it.", _EPILOG
    )
    add_verbosity(command)


def run(arguments: argparse.Namespace) -> Iterator[str]:
    """Yield the page, by argparse-manpage; `arguments.make_parser` returns the whole parser."""
    from importlib.metadata import metadata

    from argparse_manpage.manpage import Manpage

    about = metadata("gafreduce")
    parser = arguments.make_parser()
    summary = about["Summary"].partition(":")[0]
    parser.man_short_description = f"report {summary[:1].lower()}{summary[1:]}"
    data = {"project_name": "gafreduce", "version": about["Version"], "manual_title": "gafreduce"}
    streams.pass_data()
    yield str(Manpage(parser, _data=data)).rstrip("\n")
