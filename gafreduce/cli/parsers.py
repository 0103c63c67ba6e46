"""Parsers with the manners of this command line: output, usage, and options in any place."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

from gafreduce import streams

_HELP = "help"
#: With them argparse does not intermix: Python 3.11 loses `--`, and help would lack defaults.
_NOT_INTERMIXED = frozenset({"--", "-h", "--help"})


class Parser(argparse.ArgumentParser):
    """Prints help and version like all output; argparse would ignore that they are lost."""

    def _print_message(self, message: str, file: Any = None) -> None:
        (streams.write_output if file is sys.stdout else streams.write_error)(message[:-1])

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Refuse a value that is none of the choices; for a command, name similar ones."""
        if isinstance(action, argparse._SubParsersAction) and value not in action.choices:
            similar = _suggest(str(value), action.choices)
            self.error(f"expected a command, got {value!r} ({similar}`{self.prog} help` lists all)")
        super()._check_value(action, value)


class CommandParser(Parser):
    """The parser of a command.

    Options may be anywhere between the positional arguments. The usage names what a command needs,
    for its options are listed by --help.
    """

    _is_parsing = False
    _words: Sequence[str] = ()  # arguments that are parsed

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Parse the arguments of the command; unknown ones are an error with its usage."""
        if self._is_parsing:  # called again by argparse
            return super().parse_known_args(args, namespace)
        self._shorten_usage()
        self._is_parsing, self._words = True, args or ()
        try:
            parse = self.parse_known_intermixed_args
            if _NOT_INTERMIXED.intersection(args or ()):
                parse = super().parse_known_args
            found, unknown = parse(args, namespace)
        finally:
            self._is_parsing = False
        if unknown:
            self._refuse(unknown)
        return found, []

    def error(self, message: str) -> NoReturn:
        """Exit with the usage; unknown options are named before arguments that are missing."""
        known = tuple(self._option_string_actions)
        words, self._words = self._words, ()
        if message.startswith("the following arguments are required"):
            names = [word.partition("=")[0] for word in words if word.startswith("--") and word[2:]]
            if unknown := [name for name in names if not any(k.startswith(name) for k in known)]:
                self._refuse(unknown)
        super().error(message)

    def _refuse(self, unknown: Sequence[str]) -> NoReturn:
        """Exit with the usage and the arguments that are unknown."""
        for word in unknown:
            if word.startswith("-") and word != "-":
                name = word.partition("=")[0]
                similar = _suggest(name, self._option_string_actions)
                self.error(
                    f"expected an option of {self.prog}, got {name!r} "
                    f"({similar}`{self.prog} --help` lists all)"
                )
        self.error(f"expected no more arguments, got {' '.join(unknown)!r}")

    def format_help(self) -> str:
        """Return the help, with the same usage as errors have."""
        self._shorten_usage()
        return super().format_help()

    def _shorten_usage(self) -> None:
        """Leave options out of the usage, except those that must be given."""
        if self.usage is not None:
            return
        needed = [each for each in self._actions if not each.option_strings or each.required]
        formatter = argparse.HelpFormatter(self.prog, width=10_000)
        formatter.add_usage(None, needed, [])
        words = formatter.format_help().strip().removeprefix(f"usage: {self.prog}")
        self.usage = f"%(prog)s [option ...]{words.replace('%', '%%')}"


def _suggest(word: str, known: Iterable[str]) -> str:
    """Return the words most like one, as the beginning of a remark in brackets.

    >>> _suggest("clsoure", ["closure", "run"])
    'similar: closure; '
    """
    import difflib

    similar = difflib.get_close_matches(word, list(known), n=2)
    return f"similar: {', '.join(similar)}; " if similar else ""


def add_version(parser: argparse.ArgumentParser) -> None:
    """Add -V and --version."""
    parser.add_argument("-V", "--version", action=_Version, help="print the version and exit")


class _Version(argparse.Action):
    """Prints the version, which is only then looked up: it takes time."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str | None = None) -> None:
        super().__init__(option_strings, dest, nargs=0, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from gafreduce.package_files import find_version

        parser._print_message(f"gafreduce {find_version('gafreduce')}\n", sys.stdout)
        parser.exit()


class ReplacingAppend(argparse._AppendAction):
    """Collects the values of an option that is repeated; they replace those of the defaults."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        """Add a value."""
        if getattr(namespace, self.dest) is self.default:
            setattr(namespace, self.dest, [])
        super().__call__(parser, namespace, values, option_string)


def add_help_command(commands: Any) -> None:
    """Add the command `help`; `expand_help` replaces it before arguments are parsed.

    Args:
        commands: The commands, as `ArgumentParser.add_subparsers` returned them.
    """
    summary = "print the help of a command"
    command = commands.add_parser(_HELP, help=summary, description=f"{summary.capitalize()}.")
    command.add_argument("name", metavar="COMMAND", nargs="?", help="default: list the commands")


def expand_help(argv: Sequence[str]) -> list[str]:
    """Return arguments with `--help` in place of the command `help`, and of no arguments.

    >>> expand_help(["help", "run"]), expand_help(["help"]), expand_help([])
    (['run', '--help'], ['--help'], ['--help'])
    """
    if not argv:
        return ["--help"]
    return [*argv[1:], "--help"] if argv[0] == _HELP else list(argv)
