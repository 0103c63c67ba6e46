"""`gafreduce completion`: print a script by which a shell completes commands and options."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from gafreduce import streams
from gafreduce.cli.options import EXIT_CODES, add_verbosity, describe

SHELLS = ("bash", "zsh", "fish")
#: Arguments that are completed by names of files or folders, by their METAVAR.
_FILES = ("FILE", "INPUT", "OBO", "GPI")
_FOLDERS = ("RUN_DIR", "DIR|s3://", "FOLDER|s3://", "RUN_DIR|s3://")

_EPILOG = f"""\
examples:
  gafreduce completion bash > ~/.local/share/bash-completion/completions/gafreduce
  gafreduce completion zsh > ~/.zfunc/_gafreduce
      with `fpath+=~/.zfunc; autoload -Uz compinit; compinit` in ~/.zshrc
  gafreduce completion fish > ~/.config/fish/completions/gafreduce.fish

{EXIT_CODES}
"""


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options."""
    describe(
        command,
        "Print a script by which a shell completes commands, options, their values, and names of "
        "files.",
        _EPILOG,
    )
    command.add_argument("shell", choices=SHELLS, help="the shell")
    add_verbosity(command)


def run(arguments: argparse.Namespace) -> Iterator[str]:
    """Yield the script, by shtab; `arguments.make_parser` returns the parser of all commands."""
    import shtab

    parser = arguments.make_parser()
    for action in list_actions(parser):
        if action.metavar in _FILES + _FOLDERS:
            action.complete = shtab.FILE if action.metavar in _FILES else shtab.DIR  # type: ignore[attr-defined]
    streams.pass_data()
    yield shtab.complete(parser, shell=arguments.shell).rstrip("\n")


def list_actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Yield the arguments of a parser and of its commands."""
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from list_actions(command)
