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
    """Return the text that the first bytes of a file hold, up to `SNIFFED_BYTES`.

    `inflate_part` has arguments and errors.
    """
    return inflate_part(stored, compression, label, SNIFFED_BYTES)[0]


def inflate_part(stored: bytes, compression: str, label: str, most_text: int) -> tuple[bytes, int]:
    r"""Return the text that the first bytes of a file hold, and how many of them hold it.

    Args:
        stored: The first bytes; they may be cut anywhere.
        compression: Plain, gzip, bzip2 or zstd.
        label: The name of the file in messages.
        most_text: Bytes of text after which the rest is left; a plain file has all.

    Raises:
        InputError: The file is damaged.

    >>> inflate_part(bz2.compress(b"a\n") + bz2.compress(b"b\n"), "bzip2", "x", 9)[0]
    b'a\nb\n'
    """
    if compression == "plain":
        return stored, len(stored)
    new_inflater: Callable[[], Any]
    failures: tuple[type[Exception], ...] = _INFLATION_ERRORS
    if compression == "gzip":
        new_inflater = _new_gzip
    elif compression == "bzip2":
        new_inflater = bz2.BZ2Decompressor
    else:
        from gafreduce.inputs import zstd

        new_inflater, failures = zstd.ZstdDecompressor, (*failures, zstd.ZstdError)
    try:
        text, rest = _inflate_members(new_inflater, stored, most_text)
    except failures as error:
        raise InputError(
            f"{label}: expected a {compression} file, got a damaged one ({error}; get it again)"
        ) from error
    return text, len(stored) - len(rest)


def _new_gzip() -> Any:
    return zlib.decompressobj(wbits=31)


def _inflate_members(
    new_inflater: Callable[[], Any], stored: bytes, most_text: int
) -> tuple[bytes, bytes]:
    """Return the text of the first members of a file (the first may be empty), and the rest.

    Raises:
        EOFError: There is no text, and the first member is cut short.
    """
    text, rest = b"", stored
    while rest and len(text) < most_text:
        member = new_inflater()
        text += member.decompress(rest, most_text - len(text))
        if not member.eof:
            if not text:
                raise EOFError("cut short")
            return text, getattr(member, "unconsumed_tail", b"")
        rest = member.unused_data
    return text, rest


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
