"""The version of a file of this machine, by which readers prove that they read what was listed.

A version is the text `DEVICE:INODE:BYTES:MTIME_NS:CTIME_NS`. It is noted when inputs are listed,
travels in the input list, and is compared with the open file before and after each split is read.
On Windows, which does not tell the last of them, it is 0.
"""

from __future__ import annotations

import contextlib
import os
from datetime import datetime, timezone
from io import BufferedReader
from typing import Iterator

from gafreduce.errors import TransientError
from gafreduce.system.file_state import FileState, get_file_state

_ADVICE = "nothing was published: run again when nothing writes to it"
_NS_PER_S = 1_000_000_000


class ChangedError(TransientError):
    """An input changed while it was read."""


def encode_version(status: os.stat_result) -> str:
    """Return the version of a file by its status."""
    return ":".join(map(str, get_file_state(status)))


def find_version(path: str) -> str:
    """Return the version of the file of a path.

    Raises:
        OSError: There is none.
    """
    return encode_version(os.stat(path))


@contextlib.contextmanager
def open_version(path: str, version: str = "") -> Iterator[BufferedReader]:
    """Open a file, and check before and after the `with` block that it is one version.

    Args:
        path: A file of this machine.
        version: The expected version; empty for the one that is opened.

    Raises:
        ChangedError: The file is another version, or was written to during the block.
        OSError: It cannot be opened.
    """
    with contextlib.ExitStack() as stack:
        try:
            stream = stack.enter_context(open(path, "rb"))
        except OSError as error:
            if not version:
                raise
            raise ChangedError(describe_missing(path, str(error.strerror))) from error
        version = version or encode_version(os.fstat(stream.fileno()))
        check_version(path, os.fstat(stream.fileno()), version)
        try:
            yield stream
        except Exception:  # a file that is written to looks damaged
            check_version(path, os.fstat(stream.fileno()), version)
            raise
        check_version(path, os.fstat(stream.fileno()), version)


def check_version(path: str, status: os.stat_result, version: str) -> None:
    """Check that the status of a file is that of its expected version.

    Raises:
        ChangedError: It is not.
    """
    found = encode_version(status)
    if found != version:
        raise ChangedError(
            f"{path}: expected the file that was listed, got {describe_change(version, found)} "
            f"({_ADVICE})"
        )


def describe_missing(path: str, got: str) -> str:
    """Return the message on a file that was listed and cannot be opened, for the reason `got`."""
    return f"{path}: expected the file that was listed, got {got} ({_ADVICE})"


def describe_change(before: str, after: str) -> str:
    """Return in words how one version of a file differs from another.

    >>> describe_change("1:2:30:0:0", "1:2:31:0:0")
    'another size: 31 bytes, not 30'
    >>> describe_change("1:2:30:0:0", "1:2:30:60000000000:0")
    'other content: written at 1970-01-01 00:01:00 UTC'
    """
    old, new = _decode(before), _decode(after)
    if old.n_bytes != new.n_bytes:
        return f"another size: {new.n_bytes:,} bytes, not {old.n_bytes:,}"
    if (old.device, old.inode) != (new.device, new.inode):
        return f"another file of this name, put there at {_format_time(new.ctime_ns)}"
    if old.mtime_ns != new.mtime_ns:
        return f"other content: written at {_format_time(new.mtime_ns)}"
    return (
        "another state: written with its time set back, moved, linked or given other permissions "
        f"at {_format_time(new.ctime_ns)}"
    )


def _decode(version: str) -> FileState:
    return FileState(*map(int, version.split(":")))


def _format_time(time_ns: int) -> str:
    return f"{datetime.fromtimestamp(time_ns // _NS_PER_S, timezone.utc):%Y-%m-%d %H:%M:%S UTC}"
