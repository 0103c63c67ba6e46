"""Defaults of options from the file `gafreduce.toml` of the working folder."""

from __future__ import annotations

import argparse
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from gafreduce.errors import InputError
from gafreduce.redaction import redact
from gafreduce.system import file_access, host

NAME = "gafreduce.toml"
_MOST_BYTES = 1 << 20
#: Options that make a command delete or replace something, run programs that a file names, or send
#: requests to another server: they are given, never a default.
_NEVER_DEFAULTS = ("force", "yes", "help", "conf", "endpoint-url")


def apply_defaults(
    command: argparse.ArgumentParser, name: str, make_parsers: Callable[[], Mapping[str, Any]]
) -> None:
    """Make values of the file the defaults of a command's options; note them as `defaults_file`.

    A key is an option without its dashes. Keys at the top are for all commands that have the
    option; those of a table `[COMMAND]` are for one.

    Args:
        command: The parser of the command.
        name: The name of the command.
        make_parsers: Returns the parsers of all commands, by name.

    Raises:
        InputError: The file is no TOML, or has a key or value that is none of an option.
    """
    path = Path(NAME)
    if not path.is_file():
        return
    import tomllib

    try:
        with path.open("rb") as stream:
            _check_owner(os.fstat(stream.fileno()))
            text = stream.read(_MOST_BYTES + 1)
        if len(text) > _MOST_BYTES:
            raise InputError(f"{NAME}: expected at most {_MOST_BYTES:,} bytes, got more")
        found = tomllib.loads(text.decode("utf-8"))
    except OSError as error:
        raise InputError(f"{NAME}: expected to read it, got {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(
            f"{NAME}: expected UTF-8, got the byte 0x{error.object[error.start]:02x}"
        ) from error
    except (ValueError, RecursionError) as error:  # also of numbers with 5,000 digits
        raise InputError(f"{NAME}: expected TOML, got an error: {error}") from error
    tables = {key: value for key, value in found.items() if isinstance(value, dict)}
    top = {key: value for key, value in found.items() if key not in tables}
    options = _list_options(command)
    unknown = [key for key in top if key not in options]
    if unknown or tables.keys() - {name}:
        _check_others(unknown, tables, make_parsers())
    used: dict[str, Any] = {}
    for key, value in {**top, **tables.get(name, {})}.items():
        if key in options:
            _set_default(command, options[key], key, value)
            used[options[key].dest] = value
        elif key not in top:
            raise _make_error(f"[{name}] {key}", f"an option of gafreduce {name}")
    command.set_defaults(defaults_file=used)


def _check_owner(status: os.stat_result) -> None:
    """Check that nobody else can choose the user's options.

    Raises:
        InputError: The file belongs to another user, or others can write to it.
    """
    if status.st_uid != 0 and not file_access.is_own(status):
        raise InputError(f"{NAME}: expected a file of your own, got one of another user")
    if not host.IS_WINDOWS and status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise InputError(
            f"{NAME}: expected a file that only you can write to, got one that others can"
            f" write to (chmod go-w {NAME})"
        )


def find_used(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the values of the file that the command line did not replace, for the run record."""
    used: dict[str, Any] = getattr(arguments, "defaults_file", {})
    return {
        name: _redact(value)
        for name, value in used.items()
        if getattr(arguments, name) == arguments.parser.get_default(name)
    }


def _list_options(command: argparse.ArgumentParser) -> dict[str, argparse.Action]:
    """Return the options that may have a default, by their long names without dashes."""
    return {
        option.removeprefix("--"): action
        for action in command._actions
        for option in action.option_strings
        if option.startswith("--") and option.removeprefix("--") not in _NEVER_DEFAULTS
    }


def _check_others(
    unknown: list[str], tables: Mapping[str, Mapping[str, Any]], parsers: Mapping[str, Any]
) -> None:
    """Check the keys that are not of the command that runs.

    Raises:
        InputError: One is of no command.
    """
    options = {name: _list_options(command) for name, command in parsers.items()}
    for key in unknown:
        if not any(key in known for known in options.values()):
            raise _make_error(key, "an option of a command (without dashes)")
    for name, table in tables.items():
        if name not in options:
            raise _make_error(f"[{name}]", "a command")
        for key in table:
            if key not in options[name]:
                raise _make_error(f"[{name}] {key}", f"an option of gafreduce {name}")


def _set_default(
    command: argparse.ArgumentParser, action: argparse.Action, key: str, value: object
) -> None:
    """Make a value the default of an option, read as if it were typed.

    Raises:
        InputError: The option takes another kind of value.
    """
    if action.nargs == 0:  # a switch
        if not isinstance(value, bool):
            raise _make_error(f"{key} = {redact(str(value))!r}", "true or false")
        if value:
            action.default = action.const
        return
    words = list(map(str, value)) if isinstance(value, list) else [str(value)]
    if isinstance(value, bool | dict) or not words or any("\0" in word for word in words):
        raise _make_error(f"{key} = {redact(str(value))!r}", "a value")
    is_list = isinstance(action, argparse._AppendAction) or action.nargs == "+"
    try:
        values = [command._get_value(action, word) for word in _join(words, is_list)]
        for each in values:
            command._check_value(action, each)
    except argparse.ArgumentError as error:
        raise InputError(f"{NAME}: {key}: {error.message}") from error
    action.default = values if is_list else values[0]
    action.required = False


def _join(words: list[str], is_list: bool) -> Iterator[str]:
    """Yield the values of an option: one, with commas, unless the option may be repeated."""
    yield from words if is_list else [",".join(words)]


def _redact(value: Any) -> Any:
    if isinstance(value, list):
        return [_redact(each) for each in value]
    return redact(value) if isinstance(value, str) else value


def _make_error(key: str, expected: str) -> InputError:
    return InputError(f"{NAME}: expected {expected}, got {key}")
