"""Lines of a stream, some thousand at a time: what costs for each call costs little for a line."""

from __future__ import annotations

import sys
from bisect import bisect_left
from itertools import islice
from typing import IO, Callable, Iterable, Iterator, List, TypeVar

_Line = TypeVar("_Line", bytes, str)

#: Lines that are taken at once.
CHUNK_LINES = 4096
#: Stands behind all that UTF-8 can be.
_BEHIND_TEXT = b"\xff"
#: Bytes that are taken at once.
_TEXT_BYTES = 1 << 18


def chunks(lines: Iterable[_Line]) -> Iterator[List[_Line]]:
    """Return all lines in lists."""
    lines = iter(lines)
    while more := list(islice(lines, CHUNK_LINES)):
        yield more


def write(lines: Iterable[bytes], stream: IO[bytes]) -> None:
    """Write lines, in half the time of `writelines`."""
    for more in chunks(lines):
        stream.write(b"".join(more))


def texts(stream: IO[bytes], n_bytes: int) -> Iterator[bytes]:
    """Return lines of a stream in texts: those that begin in its next bytes, each to its end."""
    while n_bytes > 0 and (text := stream.read(min(n_bytes, _TEXT_BYTES))):
        if not text.endswith(b"\n"):
            text += stream.readline()
        yield text
        n_bytes -= len(text)


def next_line(stream: IO[bytes], place: int) -> int:
    """Go to where the first line begins that begins at a place or behind it, and return it."""
    stream.seek(max(place - 1, 0))
    if place:
        stream.readline()
    return stream.tell()


def without_ends(lines: Iterable[bytes]) -> Iterator[List[bytes]]:
    """Return all lines in lists, each without its line end."""
    for more in chunks(lines):
        yield [line[:-1] for line in more]


def whole_groups(
    lines: Iterable[bytes], beginning: Callable[[bytes], bytes]
) -> Iterator[List[bytes]]:
    """Return all lines in lists, none of which cuts a group.

    Args:
        lines: Those of a group side by side.
        beginning: Returns of a line the beginning that its group has, and no other.
    """
    held: List[bytes] = []
    for more in chunks(lines):
        held += more
        last = beginning(held[-1])
        if held[0].startswith(last):
            continue
        start = len(held) - 1
        while held[start - 1].startswith(last):
            start -= 1
        yield held[:start]
        held = held[start:]
    if held:
        yield held


def whole_texts(stream: IO[bytes], beginning: Callable[[bytes], bytes]) -> Iterator[bytes]:
    """Return all lines of a stream in texts, none of which cuts a group.

    Args:
        stream: Lines ended by LF, those of a group side by side.
        beginning: As for `whole_groups`.
    """
    held: List[bytes] = []
    last = b""
    for text in texts(stream, sys.maxsize):
        start = text.rfind(b"\n", 0, -1) + 1
        before, last = last, beginning(text[start:])
        while start:  # back to where the last group begins
            line = text.rfind(b"\n", 0, start - 1) + 1
            if not text.startswith(last, line):
                break
            start = line
        if start or last != before:
            whole = b"".join([*held, text[:start]])
            held = []  # before it is used: a group may be large
            if whole:
                yield whole
        held.append(text[start:])
    if held:
        yield b"".join(held)


def alike(lines: List[bytes], length: int) -> Iterator[List[bytes]]:
    """Return sorted lines in lists that begin alike, without asking each line.

    Args:
        lines: Of UTF-8, none of them shorter.
        length: Bytes that those of a list share.
    """
    start = 0
    while start < len(lines):
        end = len(lines)
        begins = lines[start][:length]
        if not lines[-1].startswith(begins):
            end = bisect_left(lines, begins + _BEHIND_TEXT, start)
        yield lines[start:end] if end - start < len(lines) else lines
        start = end
