"""Figures of the evidence, and of what remains without a source of evidence."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from gafreduce.jobs.model.evidence import GROUPS
from gafreduce.reports.figures.canvas import Canvas, Drawing, choose_ticks
from gafreduce.reports.figures.names import fit_names, measure_names
from gafreduce.reports.figures.style import (
    AXIS_SIZE,
    BLUE,
    EDGE,
    GROUP_STYLES,
    INK,
    LABEL_SIZE,
    LETTER_SIZE,
    LINE,
    PAPER,
    SOFT_INK,
    STRIPE,
)
from gafreduce.reports.figures.text_width import measure_text
from gafreduce.reports.summary.sentences import GROUP_LABELS

#: Height of a row of organisms, and of the bar in it.
ROW, BAR_HEIGHT = 13.0, 9.0
#: Height of a line in the head of a column.
HEAD_LINE = 7.0
#: Share of the width that labels of rows take at most.
LABEL_SHARE = 0.42
#: Groups of organisms that are drawn; the others are counted.
MAX_GROUPS = 20


class EvidenceRow(NamedTuple):
    """Gene products of an organism, or of a group of organisms, by their strongest evidence."""

    organism_id: str  # empty for a group
    name: str
    is_complete: bool
    counts: Mapping[str, int]  # by evidence group
    n_organisms: int = 1

    @property
    def total(self) -> int:
        """Gene products of all groups."""
        return sum(self.counts.values())


def draw_evidence(canvas: Canvas, rows: Sequence[EvidenceRow]) -> Drawing:
    """Return stacked bars of gene products by strongest evidence, a row for each organism.

    The longest bar of a complete file sets the scale; bars of partial files have a dashed outline,
    and are broken where they are longer.
    """
    top = canvas.y
    left, right = _label_rows(canvas, rows, top), canvas.width - 22
    complete = [row.total for row in rows if row.is_complete]
    largest = max(complete, default=0) or max((row.total for row in rows), default=0) or 1
    scale = (right - left) / largest
    bottom = top + ROW * len(rows)
    _draw_axis(canvas, left, right, bottom, largest)
    for place, row in enumerate(rows):
        y = top + place * ROW + (ROW - BAR_HEIGHT) / 2
        with canvas.row(row.organism_id, y):
            end = _draw_bar(canvas, row, left, right, y, scale)
            if row.total > largest:
                _break_bar(canvas, right - 9, y)
            canvas.add_text(end + 3, y + 7, f"{row.total:,}", LABEL_SIZE)
    canvas.y = bottom + 12
    canvas.add_text(
        (left + right) / 2,
        canvas.y + 6,
        "gene products",
        AXIS_SIZE,
        align="center",
        colour=SOFT_INK,
    )
    canvas.y += 9
    _add_evidence_key(canvas, rows)
    return canvas.finish()


def draw_evidence_of_groups(canvas: Canvas, rows: Sequence[EvidenceRow]) -> Drawing:
    """Return a bar of 100 % for each group of organisms, with its number of gene products."""
    top = canvas.y
    shown = rows[:MAX_GROUPS]
    left, right = _label_rows(canvas, shown, top), canvas.width - 34
    for place, row in enumerate(shown):
        y = top + place * ROW + (ROW - BAR_HEIGHT) / 2
        with canvas.row(row.name, y):
            if row.total:
                _draw_bar(canvas, row, left, right, y, (right - left) / row.total)
            canvas.add_text(right + 3, y + 7, f"{row.total:,}", LABEL_SIZE)
    canvas.y = top + ROW * len(shown) + 8
    for share in (0, 50, 100):
        x = left + (right - left) * share / 100
        align = "right" if share == 100 else "center"  # beside it is another label
        canvas.add_text(x, canvas.y, f"{share} %", AXIS_SIZE, align=align, colour=SOFT_INK)
    canvas.add_text(right + 3, canvas.y, "products", AXIS_SIZE, colour=SOFT_INK)
    canvas.y += 2
    _add_evidence_key(canvas, shown)
    return canvas.finish()


def _label_rows(canvas: Canvas, rows: Sequence[EvidenceRow], top: float) -> float:
    """Write the names before the rows; return where the bars begin."""
    room = canvas.width * LABEL_SHARE
    names = fit_names([row.name for row in rows], room, LABEL_SIZE, canvas.rank)
    left = measure_names(names, LABEL_SIZE) + 5
    for place, (row, name) in enumerate(zip(rows, names, strict=True)):
        with canvas.row(row.organism_id or row.name, top + place * ROW + (ROW - BAR_HEIGHT) / 2):
            canvas.add_name(left - 4, top + place * ROW + 9, name, align="right")
    return left


def _draw_bar(
    canvas: Canvas, row: EvidenceRow, left: float, right: float, y: float, scale: float
) -> float:
    """Draw the parts of a bar, no longer than the plot; return its end."""
    x = left
    for group in GROUPS:
        count = row.counts.get(group, 0)
        width = min(count * scale, right - x)
        if width > 0:
            keys = {"group": group} | ({"organism": row.organism_id} if row.organism_id else {})
            canvas.add_evidence(
                x, y, width, BAR_HEIGHT, group, is_complete=row.is_complete, keys=keys
            )
            x += width
    return x


def _break_bar(canvas: Canvas, x: float, y: float) -> None:
    canvas.add_box(x - 1, y - 1, 6, BAR_HEIGHT + 2, PAPER)
    for shift in (0.0, 2.6):
        canvas.add_line([(x + shift, y + BAR_HEIGHT), (x + shift + 2, y)], line=0.7)


def _draw_axis(canvas: Canvas, left: float, right: float, y: float, largest: float) -> None:
    canvas.add_line([(left, y), (right, y)], colour=LINE)
    for tick in choose_ticks(largest):
        x = left + (right - left) * tick / largest
        canvas.add_line([(x, y), (x, y + 2)], colour=SOFT_INK)
        canvas.add_text(x, y + 9, f"{tick:,}", AXIS_SIZE, align="center", colour=SOFT_INK)


def _add_evidence_key(canvas: Canvas, rows: Sequence[EvidenceRow]) -> None:
    used = [group for group in GROUPS if any(row.counts.get(group) for row in rows)]
    entries: list[tuple[str, Callable[[float, float], None]]] = [
        (
            f"{GROUP_STYLES[group].letter}  {GROUP_LABELS[group]}",
            partial(_draw_swatch, canvas, group),
        )
        for group in used
    ]
    if not all(row.is_complete for row in rows):
        entries.append(("partial file, sets no scale", partial(_draw_partial, canvas)))
    canvas.add_key(entries)


def _draw_swatch(canvas: Canvas, group: str, x: float, y: float) -> None:
    style = GROUP_STYLES[group]
    canvas.add_box(
        x, y, 12, 7, style.colour, edge=EDGE, hatch=style.hatch, hatch_colour=style.hatch_colour
    )


def _draw_partial(canvas: Canvas, x: float, y: float) -> None:
    canvas.add_box(x, y, 12, 7, edge=EDGE, dashed=True)


class SensitivityRow(NamedTuple):
    """What remains of the gene products of an organism without each source."""

    organism_id: str
    name: str
    total: int
    left: Sequence[int | None]  # by source; None where the organism has no line of it
    changes: Sequence[bool]  # whether the verdict changes


def draw_sensitivity(
    canvas: Canvas, sources: Sequence[str], rows: Sequence[SensitivityRow]
) -> Drawing:
    """Return a bar and a number for each organism and source; a frame marks a changed verdict."""
    names = fit_names([row.name for row in rows], canvas.width * LABEL_SHARE, LABEL_SIZE)
    left = measure_names(names, LABEL_SIZE) + 6
    column = (canvas.width - left) / len(sources)
    heads = [_wrap_head(source, column - 4) for source in sources]
    high = max(map(len, heads))
    for number, lines in enumerate(heads):
        for place, text in enumerate(reversed(lines)):
            y = canvas.y + HEAD_LINE * (high - place)
            canvas.add_text(left + number * column, y, text, LETTER_SIZE, colour=SOFT_INK)
    top = canvas.y + HEAD_LINE * high + 4
    width = column - 26
    for place, (row, name) in enumerate(zip(rows, names, strict=True)):
        y = top + place * ROW
        with canvas.row(row.organism_id, y):
            canvas.add_name(left - 4, y + 9, name, align="right")
            for number, remaining in enumerate(row.left):
                if remaining is not None and row.total:
                    x = left + number * column
                    _draw_remaining(canvas, row, (x, y, width), remaining, row.changes[number])
    canvas.y = top + ROW * len(rows)
    canvas.add_key(
        [
            ("gene products that keep the term", lambda x, y: canvas.add_box(x, y, 12, 7, BLUE)),
            (
                "verdict changes",
                partial(_draw_frame, canvas),
            ),
        ]
    )
    return canvas.finish()


def _wrap_head(text: str, width: float) -> list[str]:
    """Return the lines of a head of a column, at most three; a part that is too long is cut."""
    lines = [""]
    for part in re.findall(r"[^ :]+:?|[: ]", text):
        if part != " " and measure_text(lines[-1] + part, LETTER_SIZE) > width and lines[-1]:
            lines.append("")
        lines[-1] += part if part != " " or lines[-1] else ""
    return [_cut(line.rstrip(), width, LETTER_SIZE) for line in lines[:3]]


def _cut(text: str, width: float, size: float) -> str:
    while measure_text(text, size) > width and len(text) > 4:
        text = text[:-2] + "…"
    return text


def _draw_remaining(
    canvas: Canvas,
    row: SensitivityRow,
    place: tuple[float, float, float],
    remaining: int,
    is_changed: bool,
) -> None:
    """Draw the bar of an organism without a source; `place` is x, y and the full width."""
    x, y, width = place
    canvas.add_box(x, y + 3.2, width, 7, STRIPE)
    keys = {"organism": row.organism_id}
    canvas.add_box(x, y + 3.2, width * remaining / row.total, 7, BLUE, keys=keys)
    if is_changed:
        canvas.add_box(x, y + 3.2, width, 7, edge=INK, line=1.1)
    canvas.add_text(x + width + 3, y + 9, f"{remaining:,}", LABEL_SIZE)


def _draw_frame(canvas: Canvas, x: float, y: float) -> None:
    canvas.add_box(x, y, 12, 7, STRIPE, edge=INK, line=1.1)


class SourceRow(NamedTuple):
    """How many organisms a source concerns."""

    source: str
    n_all_lost: int
    n_some_lost: int
    n_unchanged: int
    n_verdicts_changed: int


def draw_sources(canvas: Canvas, rows: Sequence[SourceRow]) -> Drawing:
    """Return a bar for each source: organisms that lose all, some, or none of their products."""
    room = canvas.width * 0.5
    labels = [_cut(row.source, room - 5, LABEL_SIZE) for row in rows]
    left = max((measure_text(label, LABEL_SIZE) for label in labels), default=0) + 5
    right = canvas.width - 44
    head = "verdict changes"
    canvas.add_text(
        canvas.width - 1, canvas.y + 6, head, LETTER_SIZE, align="right", colour=SOFT_INK
    )
    top = canvas.y + 9
    colours = (("#0a4a77", "#ffffff"), ("#6d9dc1", "#17212b"), ("#e4ebf1", "#17212b"))
    for place, row in enumerate(rows):
        y = top + place * ROW
        total = row.n_all_lost + row.n_some_lost + row.n_unchanged
        canvas.add_text(left - 4, y + 9, labels[place], align="right")
        draw_segments(
            canvas,
            (left, y),
            [
                Segment((right - left) * int(count) / (total or 1), f"{count}", fill, ink)
                for count, (fill, ink) in zip(row[1:4], colours, strict=True)
            ],
            margin=5,
        )
        canvas.add_text(right + 6, y + 9, f"{row.n_verdicts_changed}", LABEL_SIZE)
    canvas.y = top + ROW * len(rows)
    words = ("lose all products", "lose some", "lose none")
    add_colour_key(canvas, words, [fill for fill, _ in colours])
    return canvas.finish()


class Segment(NamedTuple):
    """A part of a bar."""

    width: float
    text: str  # drawn where it fits
    fill: str
    ink: str


def draw_segments(
    canvas: Canvas,
    corner: tuple[float, float],
    segments: Sequence[Segment],
    margin: float,
    keys: Mapping[str, str] | None = None,
) -> float:
    """Draw a bar of segments beside each other, and return where it ends.

    Args:
        canvas: Of the figure.
        corner: Upper left corner of the row of the bar.
        segments: From the left; those without width are not drawn.
        margin: Points beside a text without which it does not fit.
        keys: See `Canvas.add_box`.
    """
    x, y = corner
    for width, text, fill, ink in segments:
        if width:
            canvas.add_box(x, y + 2, width, BAR_HEIGHT, fill, edge=EDGE, keys=keys)
            if width > margin + measure_text(text, LETTER_SIZE):
                canvas.add_text(
                    x + width / 2, y + 8.6, text, LETTER_SIZE, align="center", colour=ink
                )
        x += width
    return x


def add_colour_key(canvas: Canvas, words: Sequence[str], fills: Sequence[str]) -> None:
    """Add a key of colours."""
    canvas.add_key(
        [
            (text, partial(_draw_colour, canvas, fill))
            for text, fill in zip(words, fills, strict=True)
        ]
    )


def _draw_colour(canvas: Canvas, fill: str, x: float, y: float) -> None:
    canvas.add_box(x, y, 12, 7, fill, edge=EDGE)
