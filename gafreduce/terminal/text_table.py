"""Lay out tables and paragraphs for a terminal, or for a file when there is none."""

from __future__ import annotations

import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple

from gafreduce import streams
from gafreduce.streams import StyledLine

_GAP = "  "
#: A column is not made narrower than this; longer words are broken.
_LEAST_WIDTH = 8


class TextColumn(NamedTuple):
    """A column of a text table."""

    title: str
    is_number: bool = False  # aligned to the right, and never wrapped


class TextCell(NamedTuple):
    """A cell of a text table."""

    text: str
    style: str = ""  # a key of streams.STYLES


def get_width() -> int:
    """Return the width of the terminal that standard output is; 0 when it is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 0


def wrap_text(text: str, width: int, hanging: str = "") -> list[str]:
    """Return the lines of a paragraph.

    Args:
        text: The paragraph.
        width: Of the terminal; 0 for one line of any length.
        hanging: The beginning of all lines but the first.

    >>> wrap_text("note: one two three", 12, "  ")
    ['note: one two', '  three']
    """
    if not width:
        return [text]
    return textwrap.wrap(text, max(width, 2 * _LEAST_WIDTH), subsequent_indent=hanging) or [""]


def format_table(
    columns: Sequence[TextColumn], rows: Sequence[Sequence[TextCell]], width: int
) -> Iterator[StyledLine]:
    """Yield the lines of a table, which are at most as long as a terminal is wide.

    Empty columns are left out. Texts are wrapped when the table would be too wide.

    Args:
        columns: The columns.
        rows: The cells of each row, one for each column.
        width: Of the terminal; 0 for any width.
    """
    rows = [
        [TextCell(streams.escape(cell.text, line_feeds=True), cell.style) for cell in row]
        for row in rows
    ]
    kept = [number for number in range(len(columns)) if any(row[number].text for row in rows)]
    columns = [columns[number] for number in kept]
    rows = [[row[number] for number in kept] for row in rows]
    widths = _choose_widths(columns, rows, width)
    is_tight = width and sum(widths) + len(_GAP) * len(columns) > width
    gaps = ["" if is_tight else _GAP, *[_GAP] * (len(columns) - 1)]
    titles = [TextCell(each.title, "dim") for each in columns]
    for row in (titles, *rows):
        yield from _format_row(columns, row, widths, gaps)


def _choose_widths(
    columns: Sequence[TextColumn], rows: Sequence[Sequence[TextCell]], width: int
) -> list[int]:
    """Return the widths of columns: as wide as their cells, then the widest ones narrower."""
    cells = [max((_measure(row[n].text) for row in rows), default=0) for n in range(len(columns))]
    widths = [max(cell, len(column.title)) for cell, column in zip(cells, columns, strict=True)]
    room = width - len(_GAP) * (len(columns) - 1)
    if width and sum(widths) + len(_GAP) > room:
        words = [max(map(len, column.title.split()), default=0) for column in columns]
        widths = [max(pair) for pair in zip(cells, words, strict=True)]  # titles are wrapped first
    texts = [number for number, column in enumerate(columns) if not column.is_number]
    while width and texts and sum(widths) > room:
        widest = max(texts, key=widths.__getitem__)
        if widths[widest] <= _LEAST_WIDTH:
            break
        widths[widest] -= 1
    return widths


def _format_row(
    columns: Sequence[TextColumn],
    cells: Sequence[TextCell],
    widths: Sequence[int],
    gaps: Sequence[str],
) -> Iterator[StyledLine]:
    """Yield the lines of a row; each cell may have several."""
    wrapped = [
        textwrap.wrap(cell.text, width) if _measure(cell.text) > width else [cell.text]
        for cell, width in zip(cells, widths, strict=True)
    ]
    for texts in zip_longest(*wrapped, fillvalue=""):
        parts: list[tuple[str, str]] = []
        for column, cell, text, width, gap in zip(columns, cells, texts, widths, gaps, strict=True):
            blanks = " " * (width - _measure(text))
            parts.append((gap + blanks if column.is_number else gap, ""))
            parts.append((text, cell.style))
            parts.append(("" if column.is_number else blanks, ""))
        yield StyledLine(_strip_end(parts))


def _strip_end(parts: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return the parts of a line without blanks at its end."""
    while parts and not parts[-1][0].strip():
        parts.pop()
    if parts:
        parts[-1] = (parts[-1][0].rstrip(), parts[-1][1])
    return tuple(parts)


def _measure(text: str) -> int:
    """Return the number of columns that a text takes on a terminal.

    >>> _measure("E. coli"), _measure("\u83cc")
    (7, 2)
    """
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(each) else 1 + (unicodedata.east_asian_width(each) in "WF")
        for each in text
    )
