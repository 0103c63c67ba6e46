"""Recognise and convert text that is not lines of UTF-8: UTF-16, and lines ended by CR alone.

Spreadsheets write both: "Unicode text" is UTF-16, and CR ends lines for the old Mac OS. Jobs and
clusters read lines ended by LF, so such a file is converted to a temporary file of this
machine. Only what is certain is converted: UTF-16 with a byte order mark, and text whose beginning
has CRs and no LF.
"""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

from gafreduce.errors import InputError
from gafreduce.inputs import free_space
from gafreduce.jobs.files.batching import BLOCK_BYTES
from gafreduce.jobs.files.compression import decompress
from gafreduce.jobs.files.file_version import open_version

UTF_16 = "utf-16"
CR_LINES = "cr"
DESCRIPTIONS = {UTF_16: "text in UTF-16", CR_LINES: "lines ended by CR alone"}
#: Commands that convert such text.
COMMANDS = {
    UTF_16: "iconv -f UTF-16 -t UTF-8 OLD > NEW",
    CR_LINES: "tr '\\r' '\\n' < OLD > NEW",
}
_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
#: A text in UTF-32 begins like one in UTF-16.
_UTF_32_BOM = codecs.BOM_UTF32_LE


def find_encoding(beginning: bytes) -> str:
    r"""Return how a text differs from lines of UTF-8, by its beginning; "" if it does not.

    >>> find_encoding("a".encode("utf-16")), find_encoding(b"a\rb\r"), find_encoding(b"a\r\n")
    ('utf-16', 'cr', '')
    """
    if beginning.startswith(_BOMS) and not beginning.startswith(_UTF_32_BOM):
        return UTF_16
    if b"\n" not in beginning and b"\r" in beginning.rstrip(b"\r"):
        return CR_LINES
    return ""


def convert_beginning(beginning: bytes, encoding: str) -> bytes:
    """Return the beginning of a text, which may be cut anywhere, as lines of UTF-8.

    Args:
        beginning: As stored.
        encoding: The result of `find_encoding`.
    """
    if encoding == UTF_16:
        text = codecs.getincrementaldecoder("utf-16")("replace").decode(beginning)
        beginning = text.encode("utf-8", "replace")
        encoding = find_encoding(beginning)
    return beginning.replace(b"\r", b"\n") if encoding == CR_LINES else beginning


class StoredText(NamedTuple):
    """A file with text."""

    path: Path
    compression: str  # plain, gzip or bzip2
    version: str  # when it was listed; empty when that is not known
    label: str  # its name in messages


def convert(source: StoredText, target: Path, encoding: str) -> str:
    """Write a text as lines of UTF-8, and return the sha256 of the stored bytes.

    Args:
        source: The file.
        target: A new file for the text.
        encoding: The result of `find_encoding`.

    Raises:
        InputError: The file is damaged, has another line end behind the first ones, or there is no
            space for the text.
        ChangedError: The file is another version, or changed while it was read.
    """
    if source.compression == "zstd":
        raise InputError(
            f"{source.label}: expected plain, gzip or bzip2, got zstd with "
            f"{DESCRIPTIONS[encoding]} (unpack it, zstd -d, and convert it: {COMMANDS[encoding]})"
        )
    with open_version(str(source.path), source.version) as stored:
        free_space.check_space(source.path.stat().st_size, target.parent)
        digest = hashlib.sha256()
        chunks = decompress(_read(stored, digest), source.compression, source.label)
        if encoding == UTF_16:
            chunks = _decode(chunks, source.label)
        with target.open("wb") as stream:
            stream.writelines(_end_lines(chunks, encoding == CR_LINES, source.label))
        return digest.hexdigest()


def _read(stored: IO[bytes], digest: hashlib._Hash) -> Iterator[bytes]:
    while chunk := stored.read(BLOCK_BYTES):
        digest.update(chunk)
        yield chunk


def _decode(chunks: Iterator[bytes], label: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder("utf-16")()
    try:
        for chunk in chunks:
            yield decoder.decode(chunk).encode()
        yield decoder.decode(b"", final=True).encode()
    except UnicodeError as error:
        raise InputError(
            f"{label}: expected text in UTF-16, as its first bytes say, got damaged text ({error}; "
            "save it again as UTF-8)"
        ) from error


def _end_lines(chunks: Iterator[bytes], is_cr: bool, label: str) -> Iterator[bytes]:
    """Yield text with LF for each CR that ends a line.

    Raises:
        InputError: Text whose first lines end by CR has an LF.
    """
    is_known = is_cr
    for chunk in chunks:
        if not chunk:
            continue
        if not is_known:  # the line ends of a text in UTF-16
            is_known, is_cr = True, find_encoding(chunk) == CR_LINES
        if is_cr and b"\n" in chunk:
            raise InputError(
                f"{label}: expected lines ended by CR, as its first lines are, got LF, too "
                "(save it again with one kind of line end)"
            )
        yield chunk.replace(b"\r", b"\n") if is_cr else chunk
