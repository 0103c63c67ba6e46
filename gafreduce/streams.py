"""The standard streams: they exist, they accept every character, and their errors are known.

A process may be started without a standard stream (`>&-`): the next file that it opens would get
the number of that stream, and receive what is printed.
"""

from __future__ import annotations

import codecs
import contextlib
import os
import sys

from gafreduce.errors import OutputError

_STREAMS = (("stdin", "r", os.O_RDONLY), ("stdout", "w", os.O_RDONLY), ("stderr", "w", os.O_WRONLY))
#: How characters that the encoding of the terminal lacks are written: as in JSON.
_ESCAPE = "gafreduce-escape"


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
            os.set_inheritable(number, True)
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115
    codecs.register_error(_ESCAPE, _escape)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors=_ESCAPE)  # type: ignore[union-attr]


def _escape(error: UnicodeError) -> tuple[str, int]:
    r"""Return the escapes of characters that cannot be encoded: `\u00e9`.

    >>> _escape(UnicodeEncodeError("ascii", "\u00e9", 0, 1, "?"))
    ('\\u00e9', 1)
    """
    assert isinstance(error, UnicodeEncodeError)
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass")
    pairs = (units[index : index + 2].hex() for index in range(0, len(units), 2))
    return "".join(f"\\u{pair}" for pair in pairs), error.end


def write_files_to_output() -> None:
    """Write text to standard output as to a file: UTF-8, and bytes that are not UTF-8 unchanged."""
    sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape")  # type: ignore[union-attr]


def write_output(text: str) -> None:
    """Write a line to standard output at once.

    Raises:
        OutputError: It cannot be written; what is printed afterwards is lost.
    """
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except OSError as error:
        # else the end of the process would try again, and print a traceback
        with contextlib.suppress(OSError):
            sink = os.open(os.devnull, os.O_WRONLY)
            os.dup2(sink, sys.stdout.fileno())
            os.close(sink)
        raise OutputError(error) from error


def write_error(text: str) -> None:
    """Write a line to standard error; it is lost when nobody can read it."""
    with contextlib.suppress(OSError):
        sys.stderr.write(text + "\n")
        sys.stderr.flush()
