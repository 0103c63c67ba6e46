"""A figure of a given width, drawn in points from the top: shapes, text, and a title.

One point is 1/72 inch. The plots are drawn without Matplotlib's axes, ticks and legends: most of
the time of a small figure is spent there, and the text has to keep its size at 85 mm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gafreduce.reports.figures.drawing_library import Figure, mpl
from gafreduce.reports.figures.line_text import LineText
from gafreduce.reports.figures.names import StyledText, wrap_styled
from gafreduce.reports.figures.style import (
    DARK,
    EDGE,
    GROUP_STYLES,
    INK,
    LABEL_SIZE,
    LETTER_SIZE,
    SETTINGS,
    SOFT_INK,
)
from gafreduce.reports.figures.text_width import BOLD, ITALIC, UPRIGHT, measure_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MM = 72 / 25.4
#: Ids of elements that the page leaves out: it has a title and a background of its own.
HEAD_PREFIX = "head-"
MARK_PREFIX = "mark-"

Point = tuple[float, float]


@dataclass(frozen=True)
class Drawing:
    """A drawn figure."""

    figure: Figure
    marks: Mapping[str, Mapping[str, str]]  # what elements stand for, by their ids
    head: float  # height of the title in points


class Canvas:
    """Collects shapes and text of a figure; `finish` draws them."""

    def __init__(self, width: float, title: StyledText, rank: str = "") -> None:
        """Start a figure with its title.

        Args:
            width: Width in mm.
            title: Title, wrapped to the width.
            rank: Of rows that are taxa with names of one word, empty for organisms.
        """
        self.rank = rank
        self.width = width * MM
        self._artists: list[Callable[[Axes], None]] = []
        self._marks: dict[str, Mapping[str, str]] = {}
        self._n_ids = 0
        self._row: dict[str, str] = {}
        self._placed: set[str] = set()  # rows with a place
        self._cells: dict[str, list[tuple[float, float, float, float]]] = {}
        y = 2.0
        for line in wrap_styled(title, self.width - 2, LABEL_SIZE, BOLD):
            y += 8.8
            self._write_runs(1, y, line, LABEL_SIZE, is_head=True, weight=BOLD)
        self.head = y + 5
        self.y = self.head

    @contextmanager
    def row(self, organism_id: str, at: float, *, is_column: bool = False) -> Iterator[None]:
        """Let what is drawn belong to the row of an organism or group, which the page may move.

        Args:
            organism_id: Id of the organism, or name of the group.
            at: Place of the row from the top, or of the column from the left.
            is_column: Whether it is a column.
        """
        self._row = {"row": organism_id}
        if organism_id not in self._placed:
            self._placed.add(organism_id)
            self._row |= {"across" if is_column else "at": f"{at:g}"}
        yield
        self._row = {}

    def _make_id(self, keys: Mapping[str, str] | None, is_head: bool = False) -> str | None:
        if self._row:
            keys = {**(keys or {}), **self._row}
            self._row = {"row": self._row["row"]}
        if not keys and not is_head:
            return None
        self._n_ids += 1
        made = f"{HEAD_PREFIX if is_head else MARK_PREFIX}{self._n_ids}"
        if keys:
            self._marks[made] = keys
        return made

    def add_box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        fill: str = "none",
        *,
        edge: str = "none",
        line: float = 0.5,
        dashed: bool = False,
        hatch: str = "",
        hatch_colour: str = INK,
        alpha: float | None = None,
        keys: Mapping[str, str] | None = None,
    ) -> None:
        """Add a rectangle; x and y are its upper left corner."""
        from matplotlib.patches import Rectangle

        gid = self._make_id(keys)
        self._artists.append(
            lambda axes: _add(
                axes,
                Rectangle(
                    (x, y),
                    width,
                    height,
                    facecolor=fill,
                    edgecolor=edge,
                    linewidth=line if edge != "none" else 0,
                    linestyle=(0, (2, 1.5)) if dashed else "solid",
                    hatch=hatch or None,
                    hatchcolor=hatch_colour,
                    alpha=alpha,
                    gid=gid,
                ),
            )
        )

    def add_evidence(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        group: str,
        *,
        is_complete: bool = True,
        keys: Mapping[str, str] | None = None,
    ) -> None:
        """Add a bar of an evidence group: its colour, pattern and, where it fits, its letter."""
        style = GROUP_STYLES[group]
        self.add_box(
            x,
            y,
            width,
            height,
            style.colour,
            edge=EDGE,
            dashed=not is_complete,
            hatch=style.hatch,
            hatch_colour=style.hatch_colour,
            alpha=None if is_complete else 0.55,
            keys=keys,
        )
        if width > 8.5 and height > 7:
            middle = x + width / 2
            self.add_box(middle - 3, y + height / 2 - 3.3, 6, 6.6, "#ffffff")
            self.add_text(
                middle,
                y + height / 2 + 2.05,
                style.letter,
                LETTER_SIZE,
                align="center",
                weight=BOLD,
                colour=DARK,
            )

    def add_line(
        self,
        points: Sequence[Point],
        *,
        colour: str = INK,
        line: float = 0.5,
        dashed: bool = False,
        keys: Mapping[str, str] | None = None,
    ) -> None:
        """Add a line through points."""
        from matplotlib.lines import Line2D

        gid = self._make_id(keys)
        xs, ys = [x for x, _ in points], [y for _, y in points]
        self._artists.append(
            lambda axes: _add(
                axes,
                Line2D(
                    xs,
                    ys,
                    color=colour,
                    linewidth=line,
                    linestyle=(0, (3, 2)) if dashed else "solid",
                    solid_capstyle="butt",
                    gid=gid,
                ),
            )
        )

    def add_cell(self, x: float, y: float, width: float, height: float, fill: str) -> None:
        """Add a rectangle without outline; all of one colour are one element of the drawing."""
        self._cells.setdefault(fill, []).append((x, y, width, height))

    def add_dot(
        self,
        x: float,
        y: float,
        radius: float,
        fill: str,
        *,
        edge: str = "none",
        line: float = 0.9,
        keys: Mapping[str, str] | None = None,
    ) -> None:
        """Add a circle."""
        from matplotlib.patches import Circle

        gid = self._make_id(keys)
        self._artists.append(
            lambda axes: _add(
                axes,
                Circle(
                    (x, y),
                    radius,
                    facecolor=fill,
                    edgecolor=edge,
                    linewidth=line if edge != "none" else 0,
                    gid=gid,
                ),
            )
        )

    def add_text(
        self,
        x: float,
        y: float,
        text: str,
        size: float = LABEL_SIZE,
        *,
        align: str = "left",
        weight: str = UPRIGHT,
        colour: str = INK,
        rotation: float = 0,
        is_head: bool = False,
    ) -> None:
        """Add a line of text; y is its base line."""
        gid = self._make_id(None, is_head)
        words: dict[str, Any] = {"fontsize": size, "color": colour, "gid": gid, "ha": align}
        if weight == BOLD:
            words["fontweight"] = 600
        if weight == ITALIC:
            words["fontstyle"] = "italic"
        if rotation:
            words["rotation"] = rotation
        width = measure_text(text, size, weight)
        self._artists.append(lambda axes: _add(axes, LineText(x, y, text, width, **words)))

    def add_name(
        self,
        x: float,
        y: float,
        name: StyledText,
        size: float = LABEL_SIZE,
        *,
        align: str = "left",
        colour: str = INK,
        rotation: float = 0,
    ) -> None:
        """Add text in italic and upright parts; y is its base line."""
        self._write_runs(x, y, name, size, align=align, colour=colour, rotation=rotation)

    def _write_runs(
        self,
        x: float,
        y: float,
        runs: StyledText,
        size: float,
        *,
        align: str = "left",
        colour: str = INK,
        rotation: float = 0,
        is_head: bool = False,
        weight: str = UPRIGHT,
    ) -> None:
        from math import cos, radians, sin

        total = sum(measure_text(t, size, ITALIC if it else weight) for t, it in runs)
        start = {"left": 0.0, "center": -total / 2, "right": -total}[align]
        turn = radians(rotation)
        for text, is_italic in runs:
            style = ITALIC if is_italic else weight
            width = measure_text(text, size, style)
            # spaces at the ends are positions: SVG drops them
            lead = measure_text(text[: len(text) - len(text.lstrip())], size, style)
            if text.strip():
                self.add_text(
                    x + (start + lead) * cos(turn),
                    y - (start + lead) * sin(turn),
                    text.strip(),
                    size,
                    weight=style,
                    colour=colour,
                    rotation=rotation,
                    is_head=is_head,
                )
            start += width

    def add_key(self, entries: Sequence[tuple[str, Callable[[float, float], None]]]) -> None:
        """Add a key below what is drawn, wrapped to the width.

        Args:
            entries: Text of each entry, and a function that draws its sign (12 x 7 points) at the
                upper left corner that it gets.
        """
        x, y = 1.0, self.y + 3
        for text, draw in entries:
            width = 15 + measure_text(text, LETTER_SIZE) + 9
            if x > 1 and x + width - 8 > self.width:
                x, y = 1.0, y + 10
            draw(x, y)
            self.add_text(x + 15, y + 5.6, text, LETTER_SIZE, colour=SOFT_INK)
            x += width
        self.y = y + 11

    def finish(self) -> Drawing:
        """Return the figure."""
        mpl.rcParams.update(SETTINGS)
        height = self.y + 2
        figure = Figure(figsize=(self.width / 72, height / 72))
        figure.patch.set_gid(f"{HEAD_PREFIX}background")
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set_xlim(0, self.width)
        axes.set_ylim(height, 0)
        for fill, cells in self._cells.items():
            _add(axes, _make_cells(fill, cells))
        for add in self._artists:
            add(axes)
        return Drawing(figure, self._marks, self.head)


def _add(axes: Axes, artist: Any) -> None:
    artist.set_clip_on(False)
    axes.add_artist(artist)
    artist.set_clip_path(None)


def _make_cells(fill: str, cells: Sequence[tuple[float, float, float, float]]) -> Any:
    """Return rectangles as one shape."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    vertices: list[Point] = []
    for x, y, width, height in cells:
        vertices += [(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)]
    codes = [Path.MOVETO, *[Path.LINETO] * 3, Path.CLOSEPOLY] * len(cells)
    return PathPatch(Path(vertices, codes), facecolor=fill, linewidth=0)


def choose_ticks(largest: float, n_most: int = 5) -> list[float]:
    """Return round numbers from 0 up to the largest value, for an axis.

    >>> choose_ticks(7), choose_ticks(1369)
    ([0, 2, 4, 6], [0, 500, 1000])
    """
    step = 1.0
    while largest / step >= n_most:
        digits = step
        while digits >= 10:
            digits /= 10
        step *= 2.5 if round(digits) == 2 else 2
    count = int(largest / step)
    return [each * step if step % 1 else int(each * step) for each in range(count + 1)]
