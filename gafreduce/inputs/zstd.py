"""Decompress and verify zstd files on this machine: neither Hadoop nor nodes' Pythons read them."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import IO

from gafreduce.errors import InputError
from gafreduce.inputs import free_space
from gafreduce.jobs.files.batching import BLOCK_BYTES
from gafreduce.jobs.files.file_version import open_version
from gafreduce.jobs.files.splits import read_whole_lines

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


ZstdDecompressor = zstd.ZstdDecompressor
ZstdError = zstd.ZstdError


#: The largest text of a file, by its stored size: a few kilobytes may unpack to terabytes.
_MAX_RATIO = 1000
_LEAST_MAX_BYTES = 1 << 30
#: Bytes that are written before the free space is looked at again.
_CHECKED_BYTES = free_space.SPARE_BYTES // 4


def unpack(path: Path, target: Path, version: str = "", label: str = "") -> str:
    """Unpack all frames of a file, and return the sha256 of the stored bytes.

    Args:
        path: The file.
        target: A new file for the text.
        version: Of the file when it was listed; empty when that is not known.
        label: The name of the file in messages; its path when empty.

    Raises:
        ValueError: The file is cut short or damaged, or has other bytes behind its last frame.
        InputError: Its text has a line that is too long, is too large for a file of this size, or
            for the disk.
        ChangedError: The file is another version, or changed while it was read.
    """
    with open_version(str(path), version) as stored:
        try:
            with zstd.ZstdFile(stored) as text, target.open("wb") as stream:
                _copy_text(text, stream, label or str(path), path.stat().st_size)
        except (ZstdError, EOFError) as error:
            raise ValueError(str(error)) from error
        stored.seek(0)
        return hashlib.file_digest(stored, "sha256").hexdigest()


def _copy_text(text: zstd.ZstdFile, target: IO[bytes], label: str, stored_bytes: int) -> None:
    """Copy a text of whole lines, as much as there may be.

    Raises:
        InputError: There is more.
    """
    most = max(stored_bytes * _MAX_RATIO, _LEAST_MAX_BYTES)
    n_written, n_checked = 0, 0
    chunks = iter(lambda: text.read(BLOCK_BYTES), b"")
    for block in read_whole_lines(chunks, at_start=False, path=label):
        n_written += len(block)
        if n_written > most:
            raise InputError(
                f"{label}: expected at most {most:,} bytes of text in {stored_bytes:,} bytes of "
                "zstd, got more (is it an annotation file? if so, unpack it yourself: zstd -d)"
            )
        if n_written > n_checked:
            free_space.check_space(_CHECKED_BYTES, Path(target.name).parent)
            n_checked = n_written + _CHECKED_BYTES
        target.write(block)
