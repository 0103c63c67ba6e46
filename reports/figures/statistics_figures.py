"""Figures of the statistics: one function each, which draws one frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gafreduce.reports.figures.style import (
    BLUE,
    FAINT,
    INK,
    LINE,
    add_legend,
    choose_blue,
    clear_frame,
    draw_stripes,
    label_columns,
    label_rows,
    make_empty_figure,
    make_framed_figure,
    measure_row_margin,
    measure_slanted_labels,
    measure_text,
    shorten,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MAX_ORGANISMS = 100
#: Number of columns up to which cells have room for a number.
MAX_NUMBERED = 20

#: Markers by the way in which a component was found.
FOUND_SIGNS = {"ortholog": "s", "family": "o", "symbol": "D"}


def draw_rates(rates: pd.DataFrame) -> Figure:
    """Return a plot of gene products per 1,000 with 95 % intervals, a row for each organism.

    Args:
        rates: Index: organisms; columns rate_per_1000, rate_low, rate_high.
    """
    shown = rates.iloc[:MAX_ORGANISMS]
    if shown.empty:
        return make_empty_figure("No compared organism has complete files, so there are no rates.")
    labels = [shorten(str(label)) for label in shown.index]
    figure, axes = make_framed_figure(
        4.6, LINE * len(labels) + 0.1, measure_row_margin(labels), 0.1, 0.5
    )
    draw_stripes(axes, len(labels))
    places = list(range(len(labels)))
    middle = [float(value) for value in shown["rate_per_1000"]]
    axes.hlines(
        places,
        [float(value) for value in shown["rate_low"]],
        [float(value) for value in shown["rate_high"]],
        color=INK,
        linewidth=1.4,
    )
    axes.scatter(middle, places, color=BLUE, edgecolor=INK, linewidths=0.6, s=34, zorder=3)
    label_rows(axes, labels)
    axes.set_xlim(left=0)
    axes.set_xlabel("gene products with the target term per 1,000 in its aspect, 95 % interval")
    return figure


def draw_number_map(numbers: pd.DataFrame, full: Sequence[float], marked: pd.DataFrame) -> Figure:
    """Return a heat map of numbers, coloured by their share of the full number of the row.

    Args:
        numbers: Index: rows; columns: headings. NaN leaves a cell empty.
        full: The full number of each row.
        marked: Same shape as `numbers`; true where a cell gets a frame.
    """
    shown = numbers.iloc[:MAX_ORGANISMS]
    if shown.empty or not len(shown.columns):
        return make_empty_figure("There are no numbers.")
    labels = [shorten(str(label)) for label in shown.index]
    columns = [shorten(str(name), 34) for name in shown.columns]
    lean = 0.76 * measure_text(columns[-1:], 8)
    numbered = len(columns) <= MAX_NUMBERED
    width, row = (0.55 if numbered else 0.2) * len(columns), LINE * 1.1 if numbered else 0.2
    figure, axes = make_framed_figure(
        width + lean,
        row * len(labels),
        measure_row_margin(labels),
        measure_slanted_labels(columns),
        0.1,
    )
    if numbered:
        _draw_numbered_cells(axes, shown, list(full), marked)
    else:
        _draw_cell_image(axes, shown, list(full))
    label_rows(axes, labels)
    label_columns(axes, columns)
    axes.set_xlim(-0.5, len(columns) * (1 + lean / width) - 0.5)
    clear_frame(axes)
    return figure


def _draw_numbered_cells(
    axes: Axes, shown: pd.DataFrame, full: list[float], marked: pd.DataFrame
) -> None:
    from matplotlib.collections import PolyCollection

    boxes, fills, frames = [], [], []
    whole = all(float(value).is_integer() for value in shown.to_numpy().ravel() if value == value)
    for y, values in enumerate(shown.itertuples(index=False)):
        for x, value in enumerate(values):
            if value != value:  # NaN
                continue
            fill, ink = choose_blue(value / full[y] if full[y] else 0.0)
            boxes.append(_make_square(x, y))
            fills.append(fill)
            if marked.iat[y, x]:
                frames.append(_make_square(x, y))
            text = f"{value:.0f}" if whole else f"{value:.2f}"
            axes.text(x, y, text, color=ink, ha="center", va="center", fontsize=8)
    axes.add_collection(
        PolyCollection(boxes, facecolors=fills, edgecolor=FAINT, linewidth=0.7, zorder=1)
    )
    if frames:
        axes.add_collection(
            PolyCollection(frames, facecolors="none", edgecolor=INK, linewidth=1.8, zorder=2)
        )


def _draw_cell_image(axes: Axes, shown: pd.DataFrame, full: list[float]) -> None:
    """Draw cells without numbers as one image, because 10,000 squares would double the page.

    Not with `imshow`, which takes forty bytes of memory for each pixel of the PNG.
    """
    from matplotlib.colors import LinearSegmentedColormap

    shares = shown.to_numpy(dtype=float) / [[each or 1.0] for each in full]
    ramp = LinearSegmentedColormap.from_list("share", [choose_blue(0.0)[0], choose_blue(1.0)[0]])
    edges = [[position - 0.5 for position in range(size + 1)] for size in shares.shape]
    axes.pcolormesh(edges[1], edges[0], shares, cmap=ramp, vmin=0, vmax=1, rasterized=True)


def _make_square(x: float, y: float) -> list[tuple[float, float]]:
    return [(x - 0.5, y - 0.5), (x + 0.5, y - 0.5), (x + 0.5, y + 0.5), (x - 0.5, y + 0.5)]


def draw_components(components: pd.DataFrame) -> Figure:
    """Return a grid of the components found in each organism, with a marker for the kind of hit.

    Args:
        components: Columns organism, component, found_by, n_gene_products, n_with_target; organisms
            and components in the order of the figure.
    """
    from matplotlib.lines import Line2D

    organisms = list(dict.fromkeys(components["organism"]))[:MAX_ORGANISMS]
    names = list(dict.fromkeys(components["component"]))
    if not organisms or not names:
        return make_empty_figure("No components are known for this term.")
    labels = [shorten(str(label)) for label in organisms]
    columns = [shorten(str(name), 30) for name in names]
    figure, axes = make_framed_figure(
        0.36 * len(columns) + 0.3,
        LINE * len(labels),
        measure_row_margin(labels),
        measure_slanted_labels(columns),
        0.7,
    )
    draw_stripes(axes, len(labels))
    rows = {organism: y for y, organism in enumerate(organisms)}
    places = {name: x for x, name in enumerate(names)}
    points: dict[tuple[str, bool], tuple[list[int], list[int]]] = {}
    for organism, name, found_by, n_with_target in components[
        ["organism", "component", "found_by", "n_with_target"]
    ].itertuples(index=False):
        if organism in rows:
            xs, ys = points.setdefault((found_by, n_with_target > 0), ([], []))
            xs.append(places[name])
            ys.append(rows[organism])
    for (found_by, has_target), (xs, ys) in sorted(points.items()):
        if found_by:
            fill = BLUE if has_target else "#ffffff"
            axes.scatter(
                xs, ys, marker=FOUND_SIGNS[found_by], c=fill, edgecolor=INK, s=42, zorder=3
            )
        else:
            axes.scatter(xs, ys, marker=".", c=FAINT, s=14, linewidths=0, zorder=2)
    label_rows(axes, labels)
    label_columns(axes, columns)
    axes.set_xlim(-0.6, len(columns) + 0.3)
    clear_frame(axes)
    signs = [
        Line2D(
            [], [], marker=sign, color="none", markeredgecolor=INK, markersize=6, label=f"by {by}"
        )
        for by, sign in FOUND_SIGNS.items()
    ]
    signs += [
        Line2D(
            [],
            [],
            marker="o",
            color="none",
            markerfacecolor=BLUE,
            markeredgecolor=INK,
            markersize=6,
            label="filled: annotated to the target term",
        ),
        Line2D([], [], marker=".", color="none", markeredgecolor=FAINT, label="not found"),
    ]
    add_legend(figure, signs, columns=3)
    return figure
