"""zstd files: unpacked here, because neither Hadoop from jars nor Python before 3.14 reads them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import IO

import zstandard

_CHUNK_BYTES = 1 << 20
_SKIPPABLE = range(0x184D2A50, 0x184D2A60)
#: Of a frame, at most; of a block.
_FRAME_HEADER_BYTES = 18
_BLOCK_HEADER_BYTES = 3
_CHECKSUM_BYTES = 4
_RUN_LENGTH = 1


def beginning(stored: IO[bytes], n_bytes: int) -> bytes:
    """Return the first bytes of the text; the stored bytes may be cut anywhere.

    Raises:
        ValueError: They are damaged, or so few that nothing comes out.
    """
    reader = zstandard.ZstdDecompressor().stream_reader(stored, read_across_frames=True)
    try:
        text = reader.read(n_bytes)
        stored.seek(0)
        if not text and not _is_whole(stored.read()):
            raise ValueError("cut short")
        return text
    except zstandard.ZstdError as error:
        raise ValueError(str(error)) from error


def unpack(path: Path, target: Path) -> str:
    """Unpack all frames of a file, and return the sha256 of the stored bytes.

    Raises:
        ValueError: It is cut short or damaged, or something else stands behind the last frame.
    """
    # the reader below ends quietly where a file is cut
    if (end := _end_of_frames(path)) != (size := path.stat().st_size):
        raise ValueError(f"cut short: {size} bytes where {end} were announced")
    digest = hashlib.sha256()
    with path.open("rb") as stored, target.open("wb") as text:
        while chunk := stored.read(_CHUNK_BYTES):
            digest.update(chunk)
        stored.seek(0)
        reader = zstandard.ZstdDecompressor().stream_reader(stored, read_across_frames=True)
        try:
            while data := reader.read(_CHUNK_BYTES):
                text.write(data)
        except zstandard.ZstdError as error:
            raise ValueError(str(error)) from error
    return digest.hexdigest()


def _is_whole(stored: bytes) -> bool:
    """Tell whether the first frame is there to its end."""
    frame = zstandard.ZstdDecompressor().decompressobj()
    frame.decompress(stored)
    return frame.eof


def _end_of_frames(path: Path) -> int:
    """Return where the last frame of a file ends by what its headers announce.

    Source: https://datatracker.ietf.org/doc/html/rfc8878#section-3
    """
    size = path.stat().st_size
    position = 0
    with path.open("rb") as stream:
        while position < size:
            stream.seek(position)
            header = stream.read(_FRAME_HEADER_BYTES)
            if int.from_bytes(header[:4], "little") in _SKIPPABLE:
                position += 8 + int.from_bytes(header[4:8], "little")
            else:
                position = _end_of_frame(stream, position, header)
    return position


def _end_of_frame(stream: IO[bytes], position: int, header: bytes) -> int:
    try:
        position += zstandard.frame_header_size(header)
        has_checksum = zstandard.get_frame_parameters(header).has_checksum
    except zstandard.ZstdError as error:
        raise ValueError(f"no frame at byte {position}: {error}") from error
    is_last = False
    while not is_last:
        stream.seek(position)
        block = stream.read(_BLOCK_HEADER_BYTES)
        if len(block) < _BLOCK_HEADER_BYTES:
            return position + _BLOCK_HEADER_BYTES
        word = int.from_bytes(block, "little")
        is_last = bool(word & 1)
        position += _BLOCK_HEADER_BYTES + (1 if word >> 1 & 3 == _RUN_LENGTH else word >> 3)
    return position + _CHECKSUM_BYTES * has_checksum
