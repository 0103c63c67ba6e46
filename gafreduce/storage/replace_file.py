"""Write a file under a unique partial name in its folder, and rename it when it is complete.

So a reader never sees half a file, and of two writers each writes a whole one. All files that the
product writes outside its own temporary folders are written here.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, TextIO

from gafreduce import owned_paths
from gafreduce.directory import Directory
from gafreduce.errors import InputError, name_file
from gafreduce.system import file_access

_BLOCK_BYTES = 1 << 20


@contextlib.contextmanager
def replace_file(
    path: Path, root: Path | None = None, may_replace: bool = True
) -> Iterator[BinaryIO]:
    """Open a file for bytes that replaces `path` at the end of the block, or not at all.

    Args:
        path: The file; it must not be a link.
        root: A folder above it; no folder between them may be a link. None for its own folder.
        may_replace: Whether another content may be replaced; a file with the same bytes may.

    Raises:
        InputError: The path or a folder above it is a link, or the file may not be replaced.
        OSError: The file cannot be written.
    """
    with contextlib.ExitStack() as stack:
        folder = open_folder(root or path.parent, path.parent, stack)
        before = folder.stat(path.name)
        if before is not None and not stat.S_ISREG(before.st_mode):
            kind = "a link" if stat.S_ISLNK(before.st_mode) else "something else"
            raise InputError(f"{path}: expected a file to replace, got {kind} (remove it)")
        name, descriptor = stack.enter_context(owned_paths.create_partial(folder))
        if before is not None:
            file_access.copy_mode(descriptor, before)
        with name_file(path), os.fdopen(descriptor, "wb", closefd=False) as stream:
            yield stream
        if before is not None and not may_replace:
            if _has_same_bytes(folder, path.name, descriptor):
                return
            raise InputError(
                f"{path}: expected a file that the manifest names, got another one "
                "(move it to another folder)"
            )
        folder.rename(name, path.name)


@contextlib.contextmanager
def replace_text(path: Path, errors: str = "strict") -> Iterator[TextIO]:
    r"""Open a file for text that replaces `path` at the end of the block, or not at all.

    The text is UTF-8 with the line ends that are written: "\n" on every system.

    Args:
        path: The file; it must not be a link.
        errors: How characters that UTF-8 doesn't have are written, as for `open`.
    """
    with (
        replace_file(path) as stream,
        io.TextIOWrapper(stream, encoding="utf-8", errors=errors, newline="\n") as text,
    ):
        yield text


def open_folder(root: Path, path: Path, stack: contextlib.ExitStack) -> Directory:
    """Open a folder below another one without following links between them.

    Raises:
        InputError: One of them is a link, or no folder.
    """
    folder = stack.enter_context(Directory.open(Path(os.path.realpath(root))))
    for part in path.relative_to(root).parts:
        try:
            folder = stack.enter_context(folder.open_below(part))
        except OSError as error:
            if error.errno not in (errno.ELOOP, errno.ENOTDIR):
                raise
            raise InputError(
                f"{folder.path / part}: expected a folder, got a link or a file (remove it)"
            ) from error
    return folder


def _has_same_bytes(folder: Directory, name: str, descriptor: int) -> bool:
    other = folder.open_file(name)
    try:
        position = 0
        while True:
            block = file_access.read_at(descriptor, _BLOCK_BYTES, position)
            if block != file_access.read_at(other, _BLOCK_BYTES, position):
                return False
            if not block:
                return True
            position += len(block)
    finally:
        os.close(other)
