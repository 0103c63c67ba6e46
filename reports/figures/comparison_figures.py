"""Figures that compare organisms: rates, similarity, and the components that were found."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import cos, radians, sin
from typing import Any, NamedTuple

import pandas as pd

from gafreduce.reports.figures.canvas import Canvas, Drawing, choose_ticks
from gafreduce.reports.figures.evidence_figures import LABEL_SHARE
from gafreduce.reports.figures.names import (
    StyledText,
    fit_names,
    measure_names,
    measure_styled,
)
from gafreduce.reports.figures.style import (
    AXIS_SIZE,
    BAR,
    BLUE,
    EDGE,
    INK,
    LABEL_SIZE,
    LETTER_SIZE,
    LINE,
    SOFT_INK,
    STRIPE,
    choose_blue,
)

#: Organisms up to which each has a row with its name.
MAX_NAMED = 30
#: Organisms up to which cells have room for a number.
MAX_NUMBERED = 10
#: Points that the name of a column of a triangle takes at most, and that its cells have at least.
_MAX_HEAD, _MIN_CELL = 90.0, 4.5
_SLANT = 50.0
#: Organisms up to which each has a column below its slanted name; the names of more would touch.
MAX_COLUMNS = 12
#: Points that the bars of few groups take together.
_MAX_SHARE = 140.0
#: Components up to which each has a column below its upright name.
_MAX_COMPONENTS = 20


class OrganismRate(NamedTuple):
    """The rate of an organism per 1,000 gene products; None for a partial file."""

    organism_id: str
    name: str
    interval: tuple[float, float, float] | None  # rate, low and high end

    def includes(self, value: float) -> bool:
        """Return whether the interval includes a value; a missing one includes all."""
        return self.interval is None or self.interval[1] <= value <= self.interval[2]


class GroupRate(NamedTuple):
    """The rate of a group of organisms, all of its gene products together."""

    name: str
    interval: tuple[float, float, float]  # rate, low and high end
    organisms: Sequence[OrganismRate]  # those with a rate


def draw_rates(canvas: Canvas, rates: Sequence[OrganismRate], common: float) -> Drawing:
    """Return rates with 95 % intervals, and a dashed line at the common rate."""
    names = fit_names([rate.name for rate in rates], canvas.width * LABEL_SHARE, LABEL_SIZE)
    left, right, row = measure_names(names, LABEL_SIZE) + 8, canvas.width - 6, 12.0
    top = canvas.y + 2
    largest = max((rate.interval[2] for rate in rates if rate.interval), default=1.0) or 1.0
    scale = (right - left) / largest
    measured = [place for place, rate in enumerate(rates) if rate.interval]
    ends = (top + row * min(measured, default=0) - 2, top + row * (max(measured, default=0) + 1))
    x = left + common * scale
    canvas.add_line([(x, ends[0]), (x, ends[1])], colour=SOFT_INK, dashed=True, line=0.7)
    for place, rate in enumerate(rates):
        y = top + (place + 0.5) * row
        with canvas.row(rate.organism_id, y):
            canvas.add_name(left - 7, y + 2.4, names[place], align="right")
            _draw_named_rate(canvas, rate, left, y, scale)
    _draw_rate_axis(canvas, left, right, top + row * len(rates), largest)
    return canvas.finish()


def draw_rates_of_groups(canvas: Canvas, groups: Sequence[GroupRate], common: float) -> Drawing:
    """Return a row for each group: above a dot for each organism, below the rate of all.

    A dark dot is of an organism of which the interval does not include the common rate.
    """
    names = fit_names(
        [group.name for group in groups], canvas.width * LABEL_SHARE, LABEL_SIZE, canvas.rank
    )
    left, right, row = measure_names(names, LABEL_SIZE) + 8, canvas.width - 6, 14.0
    top = canvas.y + 2
    values = [each.interval[0] for group in groups for each in group.organisms if each.interval]
    largest = max((*values, *(group.interval[2] for group in groups)), default=1.0) or 1.0
    scale = (right - left) / largest
    bottom = top + row * len(groups)
    x = left + common * scale
    canvas.add_line([(x, top - 2), (x, bottom)], colour=SOFT_INK, dashed=True, line=0.7)
    for place, group in enumerate(groups):
        y = top + (place + 0.5) * row
        with canvas.row(group.name, y):
            canvas.add_name(left - 7, y + 2.4, names[place], align="right")
            for each in group.organisms:
                if each.interval:
                    colour = BAR if each.includes(common) else INK
                    keys = {"organism": each.organism_id}
                    canvas.add_dot(left + each.interval[0] * scale, y - 2.8, 1.7, colour, keys=keys)
            middle, low, high = (left + value * scale for value in group.interval)
            canvas.add_line([(low, y + 2.2), (high, y + 2.2)], line=1.0)
            canvas.add_dot(middle, y + 2.2, 2.2, BLUE, edge=INK, line=0.5)
    _draw_rate_axis(canvas, left, right, bottom, largest)
    return canvas.finish()


def _draw_rate_axis(
    canvas: Canvas, left: float, right: float, bottom: float, largest: float
) -> None:
    canvas.add_line([(left, bottom), (right, bottom)], colour=LINE)
    for tick in choose_ticks(largest):
        x = left + tick * (right - left) / largest
        canvas.add_line([(x, bottom), (x, bottom + 2)], colour=SOFT_INK)
        canvas.add_text(x, bottom + 9, f"{tick:,}", AXIS_SIZE, align="center", colour=SOFT_INK)
    canvas.y = bottom + 18
    text = "gene products per 1,000, with 95 % interval"
    middle = (left + right) / 2 if left < canvas.width / 3 else canvas.width / 2
    canvas.add_text(middle, canvas.y, text, AXIS_SIZE, align="center", colour=SOFT_INK)
    canvas.y += 3


def _draw_named_rate(
    canvas: Canvas, rate: OrganismRate, left: float, y: float, scale: float
) -> None:
    """Draw the rate and interval of an organism that has a row."""
    if rate.interval is None:
        text = "partial file: no rate"
        canvas.add_text(left, y + 2.2, text, LETTER_SIZE, colour=SOFT_INK)
        return
    middle, low, high = (left + value * scale for value in rate.interval)
    keys = {"organism": rate.organism_id}
    canvas.add_line([(low, y), (high, y)], line=1.0, keys=keys)
    canvas.add_dot(middle, y, 2.5, BLUE, edge=INK, line=0.5, keys=keys)


def draw_similarity(canvas: Canvas, similarity: pd.DataFrame, *, are_groups: bool) -> Drawing:
    """Return the lower triangle of a square of similarities, with a key of its colours.

    Args:
        canvas: With the title.
        similarity: Index and columns: labels in the order of the figure; NaN is left empty.
        are_groups: Whether rows are groups of organisms, which have similarities in themselves.
    """
    size = len(similarity)
    values = similarity.to_numpy(dtype=float)
    used = [
        values[y, x]
        for y in range(size)
        for x in range(y + are_groups)
        if values[y, x] == values[y, x]
    ]
    low, high = min(used, default=0.0), max(used, default=1.0)
    is_named = size <= MAX_NAMED
    first = 0 if are_groups else 1  # the first row of organisms has no cell
    labels = [str(label) for label in similarity.index]
    names: list[StyledText] = []
    left = 4.0
    if is_named:
        names = fit_names(labels, canvas.width * LABEL_SHARE, LABEL_SIZE, canvas.rank)
        left = measure_names(names, LABEL_SIZE) + 6
    columns = size - 1 + are_groups
    cell = min(26.0, (canvas.width - left - 2) / max(columns, 1))
    heads = fit_names(labels[:columns], _MAX_HEAD, LETTER_SIZE, canvas.rank) if is_named else []
    for x, head in enumerate(heads):  # names of columns stand at the right of the diagonal
        room = canvas.width - left - measure_styled(head, LETTER_SIZE) - 2
        cell = min(cell, max(_MIN_CELL, room / (x + 0.1)))
    row = cell if is_named and cell > 12 else max(cell, 9.0) if is_named else cell
    top = canvas.y + (9 if is_named else 2)
    for y in range(first, size):
        at = top + (y - first) * row
        if is_named:
            canvas.add_name(left - 4, at + row / 2 + 2.4, names[y], align="right")
    _draw_cells(canvas, values, (left, top, cell, row), (low, high), are_groups=are_groups)
    if is_named:  # what a column stands for is at the end of the diagonal
        for x, head in enumerate(heads):
            at_x = left + x * cell + 1
            if at_x + measure_styled(head, LETTER_SIZE) <= canvas.width:
                canvas.add_name(at_x, top + x * row - 2.5, head, LETTER_SIZE, colour=SOFT_INK)
    canvas.y = top + row * (size - first) + 4
    _draw_ramp(canvas, low, high)
    return canvas.finish()


def _draw_cells(
    canvas: Canvas,
    values: Any,
    place: tuple[float, float, float, float],
    limits: tuple[float, float],
    *,
    are_groups: bool,
) -> None:
    """Draw the cells, those of one colour at once: 5,000 elements would double the page."""
    left, top, cell, row = place
    low, high = limits
    size = len(values)
    first = 0 if are_groups else 1
    for y in range(first, size):
        for x in range(y + are_groups):
            value = float(values[y, x])
            if value != value:
                continue
            share = (value - low) / (high - low) if high > low else 1.0
            fill, ink = choose_blue(round(share * 8) / 8)
            at_x, at_y = left + x * cell, top + (y - first) * row
            if size > MAX_NAMED:
                canvas.add_cell(at_x, at_y, cell, row, fill)
                continue
            canvas.add_box(at_x, at_y, cell - 0.6, row - 0.6, fill)
            if size <= MAX_NUMBERED:
                text = f"{value:.2f}".removeprefix("0")
                canvas.add_text(
                    at_x + cell / 2 - 0.3,
                    at_y + row / 2 + 2,
                    text,
                    LETTER_SIZE,
                    align="center",
                    colour=ink,
                )


def _draw_ramp(canvas: Canvas, low: float, high: float) -> None:
    for step in range(9):
        canvas.add_box(1 + step * 9, canvas.y + 3, 9, 6, choose_blue(step / 8)[0])
    canvas.add_text(1, canvas.y + 16, f"{low:.2f}", LETTER_SIZE, colour=SOFT_INK)
    canvas.add_text(82, canvas.y + 16, f"{high:.2f}", LETTER_SIZE, align="right", colour=SOFT_INK)
    text = "similarity (simGIC)"
    canvas.add_text(87, canvas.y + 8.2, text, LETTER_SIZE, colour=SOFT_INK)
    canvas.y += 17


class ComponentColumn(NamedTuple):
    """An organism, or a group of organisms, with the components found in it."""

    organism_id: str
    name: str
    is_complete: bool
    annotated: frozenset[str] | dict[str, float]  # names; or shares of a group's organisms
    found: frozenset[str] | dict[str, float]  # by family, symbol or ortholog; includes annotated


def draw_components(
    canvas: Canvas, components: Sequence[tuple[str, bool]], columns: Sequence[ComponentColumn]
) -> Drawing:
    """Return a grid of components and organisms: filled if annotated, a ring if only found.

    Args:
        canvas: With the title.
        components: Name of each component, and whether it is required; required ones first.
        columns: Organisms; or groups, for which bars show shares of their organisms.
    """
    are_groups = bool(columns) and isinstance(columns[0].found, dict)
    if not are_groups and len(columns) > MAX_COLUMNS and len(components) <= _MAX_COMPONENTS:
        return _draw_organisms_down(canvas, components, columns)
    labels = [[(name, False)] for name, _ in components]
    left = min(measure_names(labels, LABEL_SIZE) + 7, canvas.width * LABEL_SHARE)
    names = fit_names([column.name for column in columns], 92.0, LABEL_SIZE, canvas.rank)
    lean = cos(radians(_SLANT)) * measure_names(names, LABEL_SIZE)  # any may become the last
    widest = _MAX_SHARE / max(len(columns), 1) if are_groups else 24.0
    cell = min(max(24.0, widest), (canvas.width - left - lean * 0.85) / max(len(columns), 1))
    high = sin(radians(_SLANT)) * measure_names(names, LABEL_SIZE) + 6
    top = canvas.y + high + 3
    row, gap = 11.0, 6.0
    bottom = top + row * len(components)
    if any(is_required for _, is_required in components):
        bottom += gap * any(not is_required for _, is_required in components)
    for number, (column, name) in enumerate(zip(columns, names, strict=True)):
        x = left + (number + 0.5) * cell
        with canvas.row(column.organism_id or column.name, x, is_column=True):
            if not column.is_complete:
                canvas.add_box(left + number * cell, top, cell, bottom - top, STRIPE)
            canvas.add_name(x + 1, top - 4, name, rotation=_SLANT)
    y = top
    for place, (component, is_required) in enumerate(components):
        if place and components[place - 1][1] and not is_required:
            y += gap
        canvas.add_text(left - 4, y + 8, component, align="right")
        canvas.add_line(
            [(left, y + row), (left + cell * len(columns), y + row)], colour=LINE, line=0.4
        )
        for number, column in enumerate(columns):
            x = left + (number + 0.5) * cell
            with canvas.row(column.organism_id or column.name, x, is_column=True):
                _draw_component(canvas, column, component, x, y, cell)
        y += row
    canvas.y = bottom + 2
    if are_groups:
        canvas.add_key(
            [
                ("annotated (share of the organisms)", partial(_draw_box, canvas, BLUE)),
                ("found, not annotated", partial(_draw_box, canvas, BAR)),
            ]
        )
    else:
        _add_key_of_organisms(canvas, columns)
    return canvas.finish()


def _draw_organisms_down(
    canvas: Canvas, components: Sequence[tuple[str, bool]], organisms: Sequence[ComponentColumn]
) -> Drawing:
    """Return the grid with a row for each organism, and the components as columns."""
    names = fit_names([each.name for each in organisms], canvas.width * LABEL_SHARE, LABEL_SIZE)
    left, row, gap = measure_names(names, LABEL_SIZE) + 8, 10.5, 4.0
    n_required = sum(is_required for _, is_required in components)
    has_gap = 0 < n_required < len(components)
    cell = min(14.0, (canvas.width - left - gap - 2) / max(len(components), 1))
    places = [
        left + (number + 0.5) * cell + gap * (has_gap and number >= n_required)
        for number in range(len(components))
    ]
    labels = [[(name, False)] for name, _ in components]
    top = canvas.y + min(measure_names(labels, LABEL_SIZE), 60.0) + 6
    for x, label in zip(
        places, fit_names([name for name, _ in components], 60.0, LABEL_SIZE), strict=True
    ):
        canvas.add_name(x + 2.4, top - 3, label, rotation=90)
    right = places[-1] + cell / 2
    for number, organism in enumerate(organisms):
        y = top + number * row
        with canvas.row(organism.organism_id, y):
            if not organism.is_complete:
                canvas.add_box(left, y, right - left, row, STRIPE)
            canvas.add_name(left - 7, y + 7.7, names[number], align="right")
            canvas.add_line([(left, y + row), (right, y + row)], colour=LINE, line=0.4)
            for x, (component, _) in zip(places, components, strict=True):
                _draw_component(canvas, organism, component, x, y - 0.3, cell)
    canvas.y = top + row * len(organisms) + 2
    _add_key_of_organisms(canvas, organisms)
    return canvas.finish()


def _add_key_of_organisms(canvas: Canvas, organisms: Sequence[ComponentColumn]) -> None:
    entries = [
        ("annotated to the term", partial(_draw_sign, canvas, BLUE)),
        ("found by family or symbol, not annotated", partial(_draw_sign, canvas, "none")),
    ]
    if not all(organism.is_complete for organism in organisms):
        entries.append(("partial file: blanks say nothing", partial(_draw_box, canvas, STRIPE)))
    canvas.add_key(entries)


def _draw_component(
    canvas: Canvas, column: ComponentColumn, component: str, x: float, y: float, cell: float
) -> None:
    if isinstance(column.found, dict) and isinstance(column.annotated, dict):
        width = cell * 0.8  # beside it is that of the next group
        filled = column.annotated.get(component, 0.0)
        found = column.found.get(component, 0.0)
        canvas.add_box(x - width / 2, y + 2.5, width * found, 6.5, BAR)
        canvas.add_box(x - width / 2, y + 2.5, width * filled, 6.5, BLUE)
        return
    keys = {"organism": column.organism_id, "component": component}
    radius = min(3.1, cell * 0.36)
    if component in column.annotated:
        canvas.add_dot(x, y + 5.5, radius, BLUE, keys=keys)
    elif component in column.found:
        canvas.add_dot(x, y + 5.5, radius - 0.4, "none", edge=BLUE, keys=keys)


def _draw_sign(canvas: Canvas, fill: str, x: float, y: float) -> None:
    canvas.add_dot(x + 6, y + 3.5, 2.8, fill, edge=BLUE)


def _draw_box(canvas: Canvas, fill: str, x: float, y: float) -> None:
    canvas.add_box(x, y, 12, 7, fill, edge=EDGE, line=0.3)
