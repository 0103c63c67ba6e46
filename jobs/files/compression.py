"""Recognise, decompress and verify gzip and bzip2 files.

They are read as strictly as Hadoop reads them: all members, and damaged, missing or additional
bytes are an error that names the file. (The reader of mrjob 0.7.4 ignores all but the first member,
and missing bytes.) zstd files are only recognised: nodes' Pythons do not read them, so
`gafreduce.inputs.zstd` decompresses and verifies them before a job.
"""

from __future__ import annotations

import bz2
import zlib
from typing import Iterator

from gafreduce.errors import InputError
from gafreduce.jobs.files.batching import BLOCK_BYTES

_MAGIC = (
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
)


def find_compression(first_bytes: bytes) -> str:
    """Return the compression by magic bytes: plain, gzip, bzip2 or zstd.

    >>> find_compression(b"BZh91AY"), find_compression(b"!gaf-version: 2.2")
    ('bzip2', 'plain')
    """
    for magic, name in _MAGIC:
        if first_bytes.startswith(magic):
            return name
    return "plain"


def decompress(chunks: Iterator[bytes], compression: str, path: str) -> Iterator[bytes]:
    """Return the text of stored bytes in chunks, verified to the last byte.

    Args:
        chunks: The stored bytes, from the start of the file.
        compression: Plain, gzip, bzip2 or zstd.
        path: The file, for messages.

    Raises:
        InputError: The file is damaged, cut short, or zstd; raised when the chunks are read.
    """
    if compression == "gzip":
        return _gunzip(chunks, path)
    if compression == "bzip2":
        return _bunzip2(chunks, path)
    if compression == "zstd":
        raise InputError(
            f"{path}: expected plain, gzip or bzip2, got zstd (gafreduce run unpacks it; "
            "by hand: zstd -d)"
        )
    return chunks


def _gunzip(chunks: Iterator[bytes], path: str) -> Iterator[bytes]:
    """Yield the content of all members of a gzip file; zlib checks their CRC and length."""
    inflater = zlib.decompressobj(wbits=31)
    fed = False
    for chunk in chunks:
        while chunk:
            if inflater.eof:
                inflater = zlib.decompressobj(wbits=31)
            fed = True
            try:
                data = inflater.decompress(chunk, BLOCK_BYTES)
            except zlib.error as error:
                raise InputError(
                    f"{path}: expected gzip members and nothing else, got damaged data or "
                    f"something after the last member ({error}; get the file again)"
                ) from error
            if data:
                yield data
            chunk = inflater.unconsumed_tail or inflater.unused_data
    if not fed or not inflater.eof:
        raise InputError(
            f"{path}: expected a whole gzip file, got one cut short (get the file again)"
        )


def _bunzip2(chunks: Iterator[bytes], path: str) -> Iterator[bytes]:
    """Yield the content of all streams of a bzip2 file; their CRC is checked."""
    inflater = bz2.BZ2Decompressor()
    for chunk in chunks:
        while chunk:
            if inflater.eof:
                inflater = bz2.BZ2Decompressor()
            try:
                data = inflater.decompress(chunk, BLOCK_BYTES)
                while data or not (inflater.needs_input or inflater.eof):
                    if data:
                        yield data
                    if inflater.eof or inflater.needs_input:
                        break
                    data = inflater.decompress(b"", BLOCK_BYTES)
            except OSError as error:
                raise InputError(
                    f"{path}: expected bzip2 streams and nothing else, got damaged data or "
                    f"something after the last stream ({error}; get the file again)"
                ) from error
            chunk = inflater.unused_data if inflater.eof else b""
    if not inflater.eof:
        raise InputError(
            f"{path}: expected a whole bzip2 file, got one cut short (get the file again)"
        )
