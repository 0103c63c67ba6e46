"""Unpack zstd files on this machine: neither Hadoop from jars nor nodes' Pythons read them."""

from __future__ import annotations

import hashlib
import shutil
import sys
from pathlib import Path

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


ZstdDecompressor = zstd.ZstdDecompressor
ZstdError = zstd.ZstdError


def unpack(path: Path, target: Path) -> str:
    """Unpack all frames of a file, and return the sha256 of the stored bytes.

    Raises:
        ValueError: The file is cut short or damaged, or has other bytes behind its last frame.
    """
    try:
        with zstd.ZstdFile(path) as text, target.open("wb") as stream:
            shutil.copyfileobj(text, stream)
    except (ZstdError, EOFError) as error:
        raise ValueError(str(error)) from error
    with path.open("rb") as stored:
        return hashlib.file_digest(stored, "sha256").hexdigest()
