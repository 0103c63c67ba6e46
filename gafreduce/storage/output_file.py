"""Output files that a user names: which are refused, and how each kind is written.

A regular file is replaced as a whole, through links in its path. A pipe or a character device is
written to, as is a stream of this process (/dev/stdout). Everything else is refused.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TextIO

from gafreduce.errors import InputError, OutputError, UsageError
from gafreduce.storage.replace_file import replace_text
from gafreduce.system import file_access, host

STANDARD_INPUT = 0
STANDARD_OUTPUT = 1
_NAMED = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}
_NUMBERED = re.compile(r"/(?:dev|proc/self)/fd/(\d+)")

log = logging.getLogger(__name__)

#: Identity of a file: equal for two names of one file.
_Key = tuple[object, ...]


def find_descriptor(name: str) -> int | None:
    """Return the descriptor that a path of a stream of this process names; None for other paths.

    >>> find_descriptor("/dev/stdout"), find_descriptor("/dev/fd/3"), find_descriptor("x")
    (1, 3, None)
    """
    match = _NUMBERED.fullmatch(name)
    return int(match.group(1)) if match else _NAMED.get(name)


def check_outputs(outputs: Mapping[str, str], inputs: Iterable[str | int]) -> None:
    """Check that outputs can be written, and are neither inputs nor equal to each other.

    Files are compared by device and inode, so links of every kind are seen, and names of files that
    do not exist yet without regard to case: the file system may not distinguish it.

    Args:
        outputs: The paths, each by its option.
        inputs: Paths of input files, and descriptors.

    Raises:
        UsageError: A path is empty.
        InputError: A path cannot be an output.
    """
    seen: dict[_Key, str] = {}
    for each in inputs:
        status = _stat(each)
        if status is not None and stat.S_ISREG(status.st_mode):
            seen[status.st_dev, status.st_ino] = "an input"
    for option, name in outputs.items():
        key = _check_output(option, name)
        if key is not None:
            if key in seen:
                raise InputError(
                    f"{name}: expected a new file, got {seen[key]} (choose another name: {option})"
                )
            seen[key] = f"the file of {option}"


def check_standard_output(inputs: Iterable[str | int]) -> None:
    """Check that standard output is no input: a file that is read and appended to never ends.

    Raises:
        InputError: It is.
    """
    out = _stat(STANDARD_OUTPUT)
    if out is None or not stat.S_ISREG(out.st_mode):
        return
    for each in inputs:
        status = _stat(each)
        if status is not None and os.path.samestat(status, out):
            raise InputError(
                f"{each}: expected another file as standard output, got this input (choose another)"
            )


def _check_output(option: str, name: str) -> _Key | None:
    """Return the identity of an output file; None for a device, which any number may write."""
    if not name:
        raise UsageError(f"{option}: expected a file, got an empty text")
    descriptor = find_descriptor(name)
    status = _stat(name if descriptor is None else descriptor)
    if status is None:
        return _find_new_key(option, name)
    kind = stat.S_IFMT(status.st_mode)
    if kind == stat.S_IFDIR:
        raise InputError(f"{name}: expected a file, got a folder (name a file: {option})")
    if kind in (stat.S_IFBLK, stat.S_IFSOCK):
        raise InputError(f"{name}: expected a file, got a disk or socket (name a file: {option})")
    return None if kind == stat.S_IFCHR else (status.st_dev, status.st_ino)


def _find_new_key(option: str, name: str) -> _Key:
    real = Path(os.path.realpath(name))
    folder = _stat(str(real.parent))
    if (
        name.endswith(("/", os.sep))
        or folder is None
        or not stat.S_ISDIR(folder.st_mode)
        or real.is_symlink()
    ):
        raise InputError(
            f"{name}: expected a file in an existing folder, got none or a link to itself "
            f"(make the folder, or choose another name: {option})"
        )
    return folder.st_dev, folder.st_ino, real.name.casefold()


def _stat(name: str | int) -> os.stat_result | None:
    try:
        return os.stat(name)  # noqa: PTH116 - or a descriptor
    except (OSError, ValueError):
        return None


@contextlib.contextmanager
def open_output(name: str) -> Iterator[TextIO]:
    """Open an output for text in UTF-8; bytes of inputs that are not UTF-8 stay as they are.

    A regular file is replaced at the end of the block, or not at all.

    Raises:
        InputError: The path cannot be an output.
        OutputError: The reader of a pipe ended.
        OSError: It cannot be written; the error has the path.
    """
    try:
        with _open(name) as stream:
            yield stream
    except BrokenPipeError as error:
        raise OutputError(error) from error
    except OSError as error:
        if error.filename is None and error.errno is not None:
            raise OSError(error.errno, error.strerror, name) from error
        raise


def _open(name: str) -> contextlib.AbstractContextManager[TextIO]:
    descriptor = find_descriptor(name)
    if descriptor is None:
        status = _stat(name)
        if status is None or stat.S_ISREG(status.st_mode):
            return replace_text(Path(os.path.realpath(name)), errors="surrogateescape")
        descriptor = _open_special(name)
    else:
        descriptor = os.dup(descriptor)
    return os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape", newline="\n")


def _open_special(name: str) -> int:
    flags = os.O_WRONLY | getattr(os, "O_NOCTTY", 0) | file_access.BYTES
    try:
        descriptor = os.open(name, flags | file_access.NO_WAIT)
    except OSError as error:
        if error.errno != errno.ENXIO:
            raise
        log.warning("%s: waiting for a program that reads this pipe", name)
        return os.open(name, flags)
    if not host.IS_WINDOWS:
        os.set_blocking(descriptor, True)
    return descriptor
