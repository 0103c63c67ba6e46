"""The content of input files: the text that their first bytes hold, and digests of their lines."""

from __future__ import annotations

import bz2
import hashlib
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gafreduce.errors import InputError
from gafreduce.jobs.files.splits import Split, read_split
from gafreduce.jobs.runners.script import SNIFFED_BYTES

#: Bytes of lines by which most files differ.
_BEGINNING = 4096
_INFLATION_ERRORS = (OSError, EOFError, zlib.error, ValueError)


def inflate(stored: bytes, compression: str, label: str) -> bytes:
    """Return the text that the first bytes of a file hold.

    Args:
        stored: The first bytes; they may be cut anywhere.
        compression: Plain, gzip, bzip2 or zstd.
        label: The name of the file in messages.

    Raises:
        InputError: The file is damaged.
    """
    try:
        if compression == "gzip":
            return _inflate_members(lambda: zlib.decompressobj(wbits=31), stored)
        if compression == "bzip2":
            return _inflate_members(bz2.BZ2Decompressor, stored)
        if compression == "zstd":
            return _inflate_zstd(stored)
    except _INFLATION_ERRORS as error:
        raise InputError(
            f"{label}: expected a {compression} file, got a damaged one ({error}; get it again)"
        ) from error
    return stored


def _inflate_zstd(stored: bytes) -> bytes:
    from gafreduce.inputs import zstd

    try:
        return _inflate_members(zstd.ZstdDecompressor, stored)
    except zstd.ZstdError as error:
        raise ValueError(str(error)) from error


def _inflate_members(new_inflater: Callable[[], Any], stored: bytes) -> bytes:
    """Return the text of the first members of a file; the first of them may be empty.

    Raises:
        EOFError: There is no text, and the first member is cut short.
    """
    text = b""
    while stored and len(text) < SNIFFED_BYTES:
        member = new_inflater()
        text += member.decompress(stored, SNIFFED_BYTES - len(text))
        if not member.eof:
            if not text:
                raise EOFError("cut short")
            break
        stored = member.unused_data
    return text


def hash_first_lines(text: bytes) -> str:
    """Return a digest of the first lines that are neither headers nor blank; "" when none is.

    Args:
        text: The first bytes of a file's text; a line that is cut is left out.
    """
    text = text[:SNIFFED_BYTES]  # the same number, however the file is compressed
    text = text[: text.rfind(b"\n") + 1] or text
    lines, start = b"", 0
    while start < len(text) and len(lines) < _BEGINNING:
        end = text.find(b"\n", start + _BEGINNING) + 1 or len(text)
        lines += _content_lines(text[start:end])
        start = end
    return hashlib.sha256(lines[:_BEGINNING]).hexdigest() if lines else ""


def hash_lines(path: Path, n_bytes: int, compression: str, text_encoding: str = "") -> str:
    """Return a digest of the lines of a file that are neither headers nor blank.

    Args:
        path: A file of this machine.
        n_bytes: Its stored size.
        compression: Plain, gzip, bzip2 or zstd.
        text_encoding: How the text differs from lines of UTF-8; empty if it does not.
    """
    if compression != "zstd" and not text_encoding:
        return _hash_split(Split(str(path), 0, n_bytes))
    from gafreduce.inputs import encoding, zstd

    with tempfile.TemporaryDirectory() as folder:
        text = Path(folder) / "text"
        if text_encoding:
            stored = encoding.StoredText(path, compression, "", str(path))
            encoding.convert(stored, text, text_encoding)
        else:
            zstd.unpack(path, text)
        return _hash_split(Split(str(text), 0, text.stat().st_size))


def _hash_split(split: Split) -> str:
    digest = hashlib.sha256()
    for block in read_split(split).blocks:
        digest.update(_content_lines(block))
    return digest.hexdigest()


def _content_lines(text: bytes) -> bytes:
    r"""Return the lines that are neither headers nor blank, each ended by LF.

    >>> _content_lines(b"!gaf-version: 2.1\r\na\tb\r\n\nc\n")
    b'a\tb\nc\n'
    """
    lines = (line.rstrip(b"\r") for line in text.split(b"\n"))
    return b"".join(
        line + b"\n" for line in lines if line.strip() and not line.startswith((b"!", b"#"))
    )
