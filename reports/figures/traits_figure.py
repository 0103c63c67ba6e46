"""The figure of a study: traits x organisms, by verdict and strongest evidence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from gafreduce.jobs.model.evidence import GROUPS
from gafreduce.reports.figures.canvas import Canvas, Drawing
from gafreduce.reports.figures.names import fit_names, measure_names
from gafreduce.reports.figures.style import (
    DARK,
    EDGE,
    GROUP_STYLES,
    INK,
    LABEL_SIZE,
    LETTER_SIZE,
    LINE,
    SOFT_INK,
    STRIPE,
)
from gafreduce.reports.figures.text_width import BOLD, measure_text
from gafreduce.reports.summary.sentences import (
    GROUP_LABELS,
    POSITIVE_VERDICTS,
    REGULATION_MARKS,
)

#: Organisms up to which each has a column with its name.
MAX_NAMED = 30
#: Height of a row, widest column, narrowest column of which the name and letters are legible.
_ROW, _COLUMN, _NAMED_COLUMN = 11.0, 16.0, 9.4
_INDENT = 6.0
#: Share of the width that names of traits take at most, and height of names of organisms.
_LABEL_SHARE, _HEAD = 0.42, 95.0
_SLANT = 50.0
#: Signs of verdicts that are not positive, with what they say.
SIGNS = {
    "conflicting": ("!", "conflicting"),
    "negated": ("N", "NOT only"),
    "regulators_only": ("", "regulators only"),  # its sign is that of the regulation
    "other_relation_only": ("~", "another relation only"),
    "filtered_out": ("f", "excluded by filters"),
    "not_understood": ("?", "relation not understood"),
    "no_data": ("ND", "no data (ND)"),
    "partial_file": ("", "partial file: nothing can be said"),
    "not_annotated": ("", "no annotation (not absence)"),
}


class TraitLine(NamedTuple):
    """A row of the figure."""

    go_id: str
    label: str
    group: str
    is_nested: bool  # in the trait above it


class TraitColumn(NamedTuple):
    """A column of the figure: an organism."""

    organism_id: str
    name: str
    group: str
    is_complete: bool


class TraitCell(NamedTuple):
    """A trait in an organism."""

    verdict: str
    best_group: str
    regulation: str  # a class of regulators, if there are regulators of one sign alone


def choose_width(n_organisms: int, single: float, double: float) -> float:
    """Return the width of the figure in mm: that of one column of a journal, or of two."""
    return single if n_organisms <= 12 else double


def draw_traits(
    canvas: Canvas,
    lines: Sequence[TraitLine],
    columns: Sequence[TraitColumn],
    cells: Sequence[Sequence[TraitCell]],
) -> Drawing:
    """Return a grid of traits and organisms: colour and letter show the strongest evidence.

    Cells of partial files have a dashed outline. With many organisms the columns have no names.

    Args:
        canvas: With the title.
        lines: The traits.
        columns: The organisms.
        cells: By trait, then by organism.
    """
    is_named = len(columns) <= MAX_NAMED
    labels = [_fit_text(line, canvas.width * _LABEL_SHARE) for line in lines]
    left = 4 + max(
        (measure_text(text, LABEL_SIZE) + _INDENT * line.is_nested for text, line in labels),
        default=0.0,
    )
    column = min(_COLUMN, (canvas.width - left - 2) / max(len(columns), 1))
    top = canvas.y + (_draw_names(canvas, columns, left, column) if is_named else 3)
    y = top
    group = ""
    for (text, line), of_trait in zip(labels, cells, strict=True):
        if line.group != group:
            group = line.group
            y += 9
            canvas.add_text(1, y - 2, group or "without a group", LETTER_SIZE, colour=SOFT_INK)
        canvas.add_text(1 + _INDENT * line.is_nested, y + _ROW - 3.2, text, LABEL_SIZE)
        for place, (organism, cell) in enumerate(zip(columns, of_trait, strict=True)):
            keys = {"organism": organism.organism_id}
            box = left + place * column, y + 0.6, column - 0.8, _ROW - 1.2
            _draw_cell(canvas, box, organism, cell, keys if is_named else None)
        y += _ROW
    canvas.y = y + 2
    if not is_named:
        text = f"{len(columns)} organisms, a column each"
        canvas.add_text(left, canvas.y + 6, text, LETTER_SIZE, colour=SOFT_INK)
        canvas.y += 9
    _draw_key(canvas, columns, [cell for of_trait in cells for cell in of_trait])
    return canvas.finish()


def _fit_text(line: TraitLine, width: float) -> tuple[str, TraitLine]:
    text, room = line.label, width - _INDENT * line.is_nested
    if measure_text(text, LABEL_SIZE) > room:
        while text and measure_text(text + "…", LABEL_SIZE) > room:
            text = text[:-1].rstrip()
        text += "…"
    return text, line


def _draw_names(
    canvas: Canvas, columns: Sequence[TraitColumn], left: float, column: float
) -> float:
    """Write the names of organisms above the columns; return the height that they take."""
    from math import cos, radians, sin

    names = []
    for place, organism in enumerate(columns):
        # the last names have less room on their right
        room = (canvas.width - left - (place + 0.5) * column - 2) / cos(radians(_SLANT))
        width = max(min(_HEAD, room), 24.0)
        names.append(fit_names([organism.name], width, LETTER_SIZE)[0])
    height = max((measure_names([name], LETTER_SIZE) for name in names), default=0.0)
    height = height * sin(radians(_SLANT)) + 5
    for place, name in enumerate(names):
        x = left + (place + 0.5) * column + 1.5
        canvas.add_name(x, canvas.y + height - 2, name, LETTER_SIZE, rotation=_SLANT)
    return height


def _draw_cell(
    canvas: Canvas,
    box: tuple[float, float, float, float],
    organism: TraitColumn,
    cell: TraitCell,
    keys: dict[str, str] | None,
) -> None:
    x, y, width, height = box
    is_small = width < _NAMED_COLUMN - 1
    if cell.verdict in POSITIVE_VERDICTS:
        group = cell.best_group or "unstated"
        if keys is None and organism.is_complete:
            canvas.add_cell(x, y, width, height, GROUP_STYLES[group].colour)
        else:
            more = keys and {**keys, "group": group}
            complete = organism.is_complete
            canvas.add_evidence(x, y, width, height, group, is_complete=complete, keys=more)
        return
    if cell.verdict == "partial_file":
        if keys is None:
            canvas.add_line([(x, y + height), (x + width, y)], colour=LINE, line=0.4)
        else:
            canvas.add_box(x, y, width, height, "#ffffff", edge=LINE, dashed=True, keys=keys)
        return
    if keys is None:
        canvas.add_cell(x, y, width, height, STRIPE)
    else:
        canvas.add_box(x, y, width, height, STRIPE, keys=keys)
    sign = find_sign(cell)
    if sign and not is_small:
        size = LETTER_SIZE if len(sign) < 2 else LETTER_SIZE - 0.8
        canvas.add_text(
            x + width / 2, y + height / 2 + 2, sign, size, align="center", weight=BOLD, colour=DARK
        )
    elif sign:
        canvas.add_cell(x, y + height / 2 - 0.6, width, 1.2, INK)


def find_sign(cell: TraitCell) -> str:
    """Return the sign of a verdict that is not positive; empty for none."""
    if cell.verdict == "regulators_only":
        return REGULATION_MARKS[cell.regulation or "regulator"]
    return SIGNS[cell.verdict][0]


def _draw_key(canvas: Canvas, columns: Sequence[TraitColumn], cells: Sequence[TraitCell]) -> None:
    positive = [cell for cell in cells if cell.verdict in POSITIVE_VERDICTS]
    used = {cell.best_group or "unstated" for cell in positive}
    entries: list[tuple[str, Callable[[float, float], None]]] = [
        (
            f"{GROUP_STYLES[group].letter}  {GROUP_LABELS[group]}",
            partial(_draw_group, canvas, group),
        )
        for group in GROUPS
        if group in used
    ]
    for verdict, (_, text) in SIGNS.items():
        found = [cell for cell in cells if cell.verdict == verdict]
        signs = sorted({find_sign(cell) for cell in found})
        if found:
            draw = partial(_draw_sign, canvas, verdict, " ".join(signs))
            entries.append((text, draw))
    if positive and not all(column.is_complete for column in columns):
        entries.append(("in a partial file", partial(_draw_partial, canvas)))
    canvas.add_key(entries)


def _draw_group(canvas: Canvas, group: str, x: float, y: float) -> None:
    style = GROUP_STYLES[group]
    canvas.add_box(
        x, y, 12, 7, style.colour, edge=EDGE, hatch=style.hatch, hatch_colour=style.hatch_colour
    )


def _draw_sign(canvas: Canvas, verdict: str, sign: str, x: float, y: float) -> None:
    if verdict == "partial_file":
        canvas.add_box(x, y, 12, 7, "#ffffff", edge=LINE, dashed=True)
        return
    canvas.add_box(x, y, 12, 7, STRIPE)
    canvas.add_text(
        x + 6, y + 5.4, sign, LETTER_SIZE - 0.6, align="center", weight=BOLD, colour=DARK
    )


def _draw_partial(canvas: Canvas, x: float, y: float) -> None:
    canvas.add_box(x, y, 12, 7, edge=EDGE, dashed=True)
