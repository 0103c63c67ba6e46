"""The figure of a subset of GO: terms x organisms, by the share of gene products with each term."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import cbrt, cos, radians, sin
from typing import NamedTuple

from gafreduce.reports.figures.canvas import Canvas, Drawing
from gafreduce.reports.figures.names import fit_names, measure_names
from gafreduce.reports.figures.style import (
    LABEL_SIZE,
    LETTER_SIZE,
    LINE,
    SOFT_INK,
    STRIPE,
    choose_blue,
)

#: Terms that are drawn at most, for the height of a page.
MAX_LINES = 45
#: Columns up to which each has its name.
MAX_NAMED = 14
_ROW, _COLUMN, _HEAD = 9.5, 14.0, 80.0
_LABEL_SHARE = 0.52
_SLANT = 55.0
_N_SHADES = 8


class SlimCell(NamedTuple):
    """A term in an organism, or in a group of organisms."""

    is_annotated: bool
    share: float | None  # of the gene products; None for a partial file


class SlimLine(NamedTuple):
    """A row: a term with its cells, one for each column."""

    name: str
    aspect: str  # in words
    cells: Sequence[SlimCell]


def draw_slim(canvas: Canvas, lines: Sequence[SlimLine], columns: Sequence[str]) -> Drawing:
    """Return a grid of terms and organisms: the darker a cell, the larger the share.

    Shades follow the cube root of the share, so that small terms differ too. Partial files have
    a mark where they have gene products: their shares would not be those of the organism.

    Args:
        canvas: With the title.
        lines: The terms, those of an aspect together.
        columns: Names of organisms or groups.
    """
    names = fit_names([line.name for line in lines], canvas.width * _LABEL_SHARE, LABEL_SIZE)
    left = measure_names(names, LABEL_SIZE) + 6
    column = min(_COLUMN, (canvas.width - left - 14) / max(len(columns), 1))
    top = canvas.y + 3
    if len(columns) <= MAX_NAMED:
        top += _draw_names(canvas, columns, left, column)
    cells = [cell for line in lines for cell in line.cells]
    largest = max((cell.share for cell in cells if cell.share is not None), default=0.0)
    y = top
    aspect = ""
    for line, name in zip(lines, names, strict=True):
        if line.aspect != aspect:
            aspect = line.aspect
            y += 9
            canvas.add_text(1, y - 2, aspect, LETTER_SIZE, colour=SOFT_INK)
        canvas.add_name(left - 4, y + _ROW - 2.6, name, align="right")
        for place, cell in enumerate(line.cells):
            box = left + place * column, y + 0.4, column - 0.6, _ROW - 0.8
            _draw_cell(canvas, box, cell, largest)
        y += _ROW
    canvas.y = y + 2
    if len(columns) > MAX_NAMED:
        text = f"{len(columns)} organisms, a column each"
        canvas.add_text(1, canvas.y + 6, text, LETTER_SIZE, colour=SOFT_INK)
        canvas.y += 9
    _draw_key(canvas, cells, largest)
    return canvas.finish()


def _draw_names(canvas: Canvas, columns: Sequence[str], left: float, column: float) -> float:
    """Write the names of columns above them; return the height that they take."""
    names = []
    for place, text in enumerate(columns):
        # the last names have less room on their right
        room = (canvas.width - left - (place + 0.5) * column - 2) / cos(radians(_SLANT))
        names.append(fit_names([text], max(min(_HEAD, room), 24.0), LETTER_SIZE, canvas.rank)[0])
    height = measure_names(names, LETTER_SIZE) * sin(radians(_SLANT)) + 5
    for place, name in enumerate(names):
        x = left + (place + 0.5) * column + 1.5
        canvas.add_name(x, canvas.y + height - 2, name, LETTER_SIZE, rotation=_SLANT)
    return height


def _draw_cell(
    canvas: Canvas, box: tuple[float, float, float, float], cell: SlimCell, largest: float
) -> None:
    """Draw a cell; those of one colour are one element, as there may be a thousand."""
    x, y, width, height = box
    if cell.share:
        canvas.add_cell(x, y, width, height, _choose_shade(cell.share / largest))
        return
    canvas.add_cell(x, y, width, height, STRIPE)
    if cell.is_annotated and cell.share is None:
        canvas.add_cell(x + width / 2 - 1, y + height / 2 - 1, 2, 2, SOFT_INK)


def _choose_shade(share: float) -> str:
    """Return the colour of a share of the largest one."""
    step = max(round(cbrt(share) * _N_SHADES), 1)
    return choose_blue(step / _N_SHADES)[0]


def _draw_key(canvas: Canvas, cells: Sequence[SlimCell], largest: float) -> None:
    if largest:
        for step in range(1, _N_SHADES + 1):
            canvas.add_box(1 + (step - 1) * 9, canvas.y + 3, 9, 6, choose_blue(step / _N_SHADES)[0])
        text = f"up to {largest:.0%} of the gene products in the aspect"
        canvas.add_text(_N_SHADES * 9 + 6, canvas.y + 8.2, text, LETTER_SIZE, colour=SOFT_INK)
        canvas.y += 10
    entries = [("no annotation (not absence)", partial(_draw_sign, canvas, has_mark=False))]
    if any(cell.is_annotated and cell.share is None for cell in cells):
        entries.append(("annotated in a partial file", partial(_draw_sign, canvas, has_mark=True)))
    canvas.add_key(entries)


def _draw_sign(canvas: Canvas, x: float, y: float, *, has_mark: bool) -> None:
    canvas.add_box(x, y, 12, 7, STRIPE, edge=LINE, line=0.3)
    if has_mark:
        canvas.add_box(x + 5, y + 2.5, 2, 2, SOFT_INK)
