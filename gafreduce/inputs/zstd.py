"""Unpack zstd files on this machine: neither Hadoop from jars nor nodes' Pythons read them."""

from __future__ import annotations

import hashlib
import shutil
import sys
from pathlib import Path

from gafreduce.jobs.files.file_version import open_version

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


ZstdDecompressor = zstd.ZstdDecompressor
ZstdError = zstd.ZstdError


def unpack(path: Path, target: Path, version: str = "") -> str:
    """Unpack all frames of a file, and return the sha256 of the stored bytes.

    Args:
        path: The file.
        target: A new file for the text.
        version: Of the file when it was listed; empty when that is not known.

    Raises:
        ValueError: The file is cut short or damaged, or has other bytes behind its last frame.
        ChangedError: The file is another version, or changed while it was read.
    """
    with open_version(str(path), version) as stored:
        try:
            with zstd.ZstdFile(stored) as text, target.open("wb") as stream:
                shutil.copyfileobj(text, stream)
        except (ZstdError, EOFError) as error:
            raise ValueError(str(error)) from error
        stored.seek(0)
        return hashlib.file_digest(stored, "sha256").hexdigest()
