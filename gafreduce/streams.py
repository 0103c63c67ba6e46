"""The standard streams: they exist, they accept every character, and their errors are known.

Texts of others (names of files, organisms and terms, lines of inputs, messages of services) may
have control characters, which change the content or the state of a terminal. `escape` replaces
them in everything that is printed; only data for other programs pass unchanged.

A process may be started without a standard stream (`>&-`): the next file that it opens would get
the number of that stream, and receive what is printed.
"""

from __future__ import annotations

import codecs
import contextlib
import os
import re
import sys
from typing import NamedTuple

from gafreduce.errors import OutputError
from gafreduce.system import host

_STREAMS = (("stdin", "r", os.O_RDONLY), ("stdout", "w", os.O_RDONLY), ("stderr", "w", os.O_WRONLY))
#: How characters that the encoding of the terminal lacks are written: as in JSON.
_ESCAPE = "gafreduce-escape"
#: Control characters but tab and line feed; marks of the direction of text; and surrogates, which
#: stand for bytes that are not UTF-8.
_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


#: The styles of a part of a line, as the parameters of ANSI's "select graphic rendition".
STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33"}


class StyledLine(NamedTuple):
    """A line for standard output with styles, which only terminals with colours show."""

    parts: tuple[tuple[str, str], ...]  # text, and a key of STYLES or nothing

    def __str__(self) -> str:
        """Return the text alone."""
        return "".join(text for text, _ in self.parts)


class _Output:
    """The kind of text that this process writes to standard output."""

    is_data = False


_output = _Output()


def prepare_streams() -> None:
    """Open missing streams, and let output in any encoding accept every character.

    A missing standard input is empty. What is written to a missing standard error is lost; writing
    to a missing standard output fails, as it does when a disk is full.
    """
    for number, (name, mode, flags) in enumerate(_STREAMS):
        if getattr(sys, name) is None:
            descriptor = os.open(os.devnull, flags)
            if descriptor != number:
                os.dup2(descriptor, number)
                os.close(descriptor)
            if not host.IS_WINDOWS:  # its children get handles, not numbers
                os.set_inheritable(number, True)
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115
    codecs.register_error(_ESCAPE, _escape)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors=_ESCAPE)  # type: ignore[union-attr]
        if host.IS_WINDOWS:  # a pipe or file would get the code page, which lacks most letters
            stream.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
    host.enable_terminal_styles()


def _escape(error: UnicodeError) -> tuple[str, int]:
    r"""Return the escapes of characters that cannot be encoded: `\u00e9`.

    >>> _escape(UnicodeEncodeError("ascii", "\u00e9", 0, 1, "?"))
    ('\\u00e9', 1)
    """
    assert isinstance(error, UnicodeEncodeError)
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass")
    pairs = (units[index : index + 2].hex() for index in range(0, len(units), 2))
    return "".join(f"\\u{pair}" for pair in pairs), error.end


def escape(text: str, line_feeds: bool = False) -> str:
    r"""Return a text with its control characters as escapes, for a terminal or a log.

    Args:
        text: Any text; JSON keeps its meaning.
        line_feeds: Whether line feeds are escaped as well, for a message of one line.

    >>> escape("\x1b[31mred\x9b\udcff")
    '\\u001b[31mred\\u009b\\udcff'
    """
    if line_feeds and "\n" in text:
        text = text.replace("\n", "\\n")
    return _CONTROL.sub(_escape_match, text)


def _escape_match(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


def pass_data() -> None:
    """Write what follows to standard output unchanged, unless that is a terminal."""
    _output.is_data = not sys.stdout.isatty()


def escape_output() -> None:
    """Escape what follows on standard output: the default."""
    _output.is_data = False


def write_files_to_output() -> None:
    """Write text to standard output as to a file: UTF-8, and bytes that are not UTF-8 unchanged."""
    pass_data()
    sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape")  # type: ignore[union-attr]


def _render(line: StyledLine) -> str:
    """Return a line as its terminal shows it: with styles, unless it has no colours.

    Source: https://no-color.org
    """
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or not sys.stdout.isatty():
        return escape(str(line))
    return "".join(
        f"\x1b[{STYLES[style]}m{escape(text)}\x1b[0m" if style and text else escape(text)
        for text, style in line.parts
    )


def write_output(line: str | StyledLine) -> None:
    """Write a line to standard output at once, without control characters unless it is data.

    Raises:
        OutputError: It cannot be written; what is printed afterwards is lost.
    """
    try:
        if isinstance(line, StyledLine):
            text = _render(line)
        else:
            text = line if _output.is_data else escape(line)
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except OSError as error:
        # else the end of the process would try again, and print a traceback
        with contextlib.suppress(OSError):
            sink = os.open(os.devnull, os.O_WRONLY)
            os.dup2(sink, sys.stdout.fileno())
            os.close(sink)
        raise OutputError(error) from error


def write_error(text: str) -> None:
    """Write a line to standard error, without control characters; without a reader it is lost."""
    with contextlib.suppress(OSError):
        sys.stderr.write(escape(text) + "\n")
        sys.stderr.flush()
