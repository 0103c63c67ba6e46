"""Figures of the terms that all, some or one of the organisms have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gafreduce.reports.figures.canvas import Canvas, Drawing, choose_ticks
from gafreduce.reports.figures.evidence_figures import (
    LABEL_SHARE,
    ROW,
    Segment,
    add_colour_key,
    draw_segments,
)
from gafreduce.reports.figures.names import fit_names, measure_names
from gafreduce.reports.figures.style import (
    AXIS_SIZE,
    BAR,
    BLUE,
    INK,
    LABEL_SIZE,
    LETTER_SIZE,
    LINE,
    SOFT_INK,
    STRIPE,
)

#: Organisms up to which exact sets are drawn; with more there are too many small ones.
MAX_SET_ORGANISMS = 8
MAX_SETS = 13
#: Organisms with most terms of their own, of more.
MAX_SHARES = 12
#: Bars of the spectrum; with more organisms each counts several numbers.
MAX_BARS = 100
_HEIGHT = 92.0


def draw_spectrum(canvas: Canvas, counts: Sequence[int]) -> Drawing:
    """Return the number of terms by the number of organisms that have them.

    Args:
        canvas: With the title.
        counts: Terms in one, two, ... all organisms.
    """
    ranges = _divide_range(len(counts))
    bars = [sum(counts[first - 1 : last]) for first, last in ranges]
    left, right, top = 24.0, canvas.width - 4, canvas.y + 9
    bottom, largest = top + _HEIGHT, max([*bars, 1])
    for tick in choose_ticks(largest, 4):
        y = bottom - _HEIGHT * tick / largest
        canvas.add_line([(left, y), (right, y)], colour=LINE if tick else INK)
        canvas.add_text(left - 3, y + 2.2, f"{tick:,}", AXIS_SIZE, align="right", colour=SOFT_INK)
    slot = (right - left) / len(bars)
    gap = min(slot * 0.25, 6)
    every = max(1, -(-len(bars) // 10))
    for place, count in enumerate(bars):
        x, height = left + place * slot, _HEIGHT * count / largest
        is_end = place in (0, len(bars) - 1)
        fill = "#0a4a77" if place == len(bars) - 1 else BLUE if place == 0 else BAR
        first, last = ranges[place]
        keys = {"count": str(first)} if first == last else None
        canvas.add_box(x + gap / 2, bottom - height, slot - gap, height, fill, keys=keys)
        if len(bars) <= 12 or is_end:
            canvas.add_text(
                x + slot / 2, bottom - height - 2.5, f"{count:,}", LABEL_SIZE, align="center"
            )
        if place % every == 0 or place == len(bars) - 1:
            if place != len(bars) - 1 and len(bars) - 1 - place < every / 2:
                continue
            canvas.add_text(
                x + slot / 2, bottom + 9, f"{first:,}", AXIS_SIZE, align="center", colour=SOFT_INK
            )
    canvas.y = bottom + 18
    canvas.add_text(
        (left + right) / 2,
        canvas.y,
        "organisms that have the term",
        AXIS_SIZE,
        align="center",
        colour=SOFT_INK,
    )
    canvas.add_text(left - 22, top - 4, "terms", AXIS_SIZE, colour=SOFT_INK)
    canvas.y += 3
    return canvas.finish()


def _divide_range(n_organisms: int) -> list[tuple[int, int]]:
    """Return the first and last number of organisms of each bar; one and all have their own.

    >>> _divide_range(3)
    [(1, 1), (2, 2), (3, 3)]
    >>> ranges = _divide_range(107)
    >>> ranges[:2], ranges[-2:]
    ([(1, 1), (2, 3)], [(106, 106), (107, 107)])
    """
    if n_organisms <= MAX_BARS:
        return [(number, number) for number in range(1, n_organisms + 1)]
    step = -(-(n_organisms - 2) // (MAX_BARS - 2))
    starts = range(2, n_organisms, step)
    inner = [(first, min(first + step - 1, n_organisms - 1)) for first in starts]
    return [(1, 1), *inner, (n_organisms, n_organisms)]


class TermSet(NamedTuple):
    """Terms that exactly these organisms have."""

    organism_ids: Sequence[str]
    n_terms: int


def draw_sets(
    canvas: Canvas, organisms: Sequence[tuple[str, str]], sets: Sequence[TermSet]
) -> Drawing:
    """Return an UpSet plot of the largest sets; the others are counted below.

    Args:
        canvas: With the title.
        organisms: Id and name of each organism.
        sets: All sets that are not empty, the largest first.
    """
    shown = sets[:MAX_SETS]
    names = fit_names([name for _, name in organisms], canvas.width * LABEL_SHARE, LABEL_SIZE)
    left, right = measure_names(names, LABEL_SIZE) + 6, canvas.width - 2
    slot = (right - left) / max(len(shown), 1)
    slot = min(slot, 16.0)
    top, largest = canvas.y + 9, max(each.n_terms for each in shown)
    high = 62.0
    rows_top = top + high + 5
    for place in range(len(organisms)):
        if place % 2 == 0:
            canvas.add_box(left, rows_top + place * 11, slot * len(shown), 11, STRIPE)
        with canvas.row(organisms[place][0], rows_top + place * 11):
            canvas.add_name(left - 4, rows_top + place * 11 + 8, names[place], align="right")
    rows = {organism_id: place for place, (organism_id, _) in enumerate(organisms)}
    for number, each in enumerate(shown):
        x = left + (number + 0.5) * slot
        height = high * each.n_terms / largest
        keys = {"set": "|".join(each.organism_ids)}
        fill = "#0a4a77" if len(each.organism_ids) == len(organisms) else BAR
        canvas.add_box(x - slot * 0.36, top + high - height, slot * 0.72, height, fill, keys=keys)
        canvas.add_text(
            x, top + high - height - 2, f"{each.n_terms:,}", LETTER_SIZE, align="center"
        )
        inside = sorted(rows[organism_id] for organism_id in each.organism_ids)
        if len(inside) > 1:
            ends = [(x, rows_top + place * 11 + 5.5) for place in (inside[0], inside[-1])]
            canvas.add_line(ends, line=1.1, keys={"span": "|".join(each.organism_ids)})
        for place, (organism_id, _) in enumerate(organisms):
            y = rows_top + place * 11
            with canvas.row(organism_id, y):
                if place in inside:
                    canvas.add_dot(x, y + 5.5, 2.5, INK, keys=keys)
                else:
                    canvas.add_dot(x, y + 5.5, 1.5, LINE)
    canvas.add_text(1, top - 3, "terms", AXIS_SIZE, colour=SOFT_INK)
    canvas.y = rows_top + len(organisms) * 11 + 9
    if len(sets) > len(shown):
        rest = sum(each.n_terms for each in sets[len(shown) :])
        text = f"{rest:,} terms in {len(sets) - len(shown):,} smaller sets are not drawn"
        canvas.add_text(right, canvas.y, text, LETTER_SIZE, align="right", colour=SOFT_INK)
        canvas.y += 3
    return canvas.finish()


class ShareRow(NamedTuple):
    """Terms of an organism that all organisms have, that some have, and that no other has."""

    organism_id: str
    name: str
    n_all: int
    n_some: int
    n_own: int


def draw_shares(canvas: Canvas, rows: Sequence[ShareRow]) -> Drawing:
    """Return a bar for each of the organisms with most terms of their own."""
    shown = rows[:MAX_SHARES]
    names = fit_names([row.name for row in shown], canvas.width * LABEL_SHARE, LABEL_SIZE)
    left, right = measure_names(names, LABEL_SIZE) + 5, canvas.width - 26
    largest = max(row.n_all + row.n_some + row.n_own for row in shown) or 1
    colours = (("#0a4a77", "#ffffff"), (BAR, "#17212b"), ("#e69f00", "#17212b"))
    top = canvas.y
    for place, (row, name) in enumerate(zip(shown, names, strict=True)):
        y = top + place * ROW
        canvas.add_name(left - 4, y + 9, name, align="right")
        end = draw_segments(
            canvas,
            (left, y),
            [
                Segment((right - left) * int(count) / largest, f"{count:,}", fill, ink)
                for count, (fill, ink) in zip(row[2:], colours, strict=True)
            ],
            margin=6,
            keys={"organism": row.organism_id},
        )
        canvas.add_text(end + 3, y + 9, f"{row.n_own:,}", LABEL_SIZE)
    canvas.y = top + ROW * len(shown)
    words = ("in all organisms", "in some", "only here (number at the end)")
    add_colour_key(canvas, words, [fill for fill, _ in colours])
    return canvas.finish()
