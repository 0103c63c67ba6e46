"""Figures of the results of the main job: one function each, which draws one frame."""

from __future__ import annotations

import textwrap
from collections import defaultdict
from typing import TYPE_CHECKING

from gafreduce.jobs.model.evidence import GROUPS
from gafreduce.ontology.termfile import REGULATOR_CLASSES
from gafreduce.reports.figures.style import (
    BLUE,
    FAINT,
    GROUP_STYLES,
    INK,
    LINE,
    STRIPE,
    add_legend,
    clear_frame,
    draw_stripes,
    label_columns,
    label_rows,
    make_empty_figure,
    make_figure,
    make_framed_figure,
    measure_row_margin,
    measure_slanted_labels,
    measure_text,
    shorten,
)
from gafreduce.reports.summary.sentences import GROUP_LABELS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

#: Largest numbers of rows and columns in a figure; the tables of the page have all.
MAX_ORGANISMS = 100
MAX_TERMS = 30
MAX_INTERSECTIONS = 30
#: Number of terms up to which their names are written horizontally above the columns.
MAX_WRAPPED = 4


def draw_evidence(evidence: pd.DataFrame) -> Figure:
    """Return stacked bars of gene products with the target term by their strongest evidence.

    Args:
        evidence: A row for each organism (index: its label) and a column for each evidence group,
            with the number of gene products that have it as their strongest group.
    """
    from matplotlib.ticker import MaxNLocator

    shown = evidence.iloc[:MAX_ORGANISMS]
    if shown.empty:
        return make_empty_figure("No organism is compared.")
    labels = [shorten(str(label)) for label in shown.index]
    figure, axes = make_framed_figure(
        4.6, LINE * len(labels) + 0.1, measure_row_margin(labels), 0.15, 0.85
    )
    left = [0] * len(shown)
    places = list(range(len(shown)))
    used = [group for group in GROUPS if shown[group].any()]
    for group in used:
        counts = [int(count) for count in shown[group]]
        colour, hatch = GROUP_STYLES[group]
        axes.barh(
            places,
            counts,
            left=left,
            color=colour,
            hatch=hatch,
            edgecolor=INK,
            linewidth=0.6,
            height=0.72,
            label=GROUP_LABELS[group],
        )
        left = [a + b for a, b in zip(left, counts, strict=True)]
    longest = max([*left, 1])
    for place, total in zip(places, left, strict=True):
        axes.text(total + 0.012 * longest, place, f"{total}", va="center", ha="left")
    label_rows(axes, labels)
    axes.set_xlim(0, longest * 1.12)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("gene products by strongest evidence")
    if used:
        add_legend(figure, axes.get_legend_handles_labels()[0])
    return figure


def draw_presence(presence: pd.DataFrame) -> Figure:
    """Return a grid of organisms and terms of the term set with evidence and gene products.

    A cell has a bar with one part for each evidence group of its supporting annotations, and the
    number of gene products; a cross marks a NOT annotation. Regulators have a grey background.

    Args:
        presence: Columns organism, go_id, name, term_class, group (evidence group, `any` or
            `negated`) and n_gene_products; organisms and terms in the order of the figure.
    """
    organisms = list(dict.fromkeys(presence["organism"]))[:MAX_ORGANISMS]
    terms = presence.drop_duplicates("go_id")[["go_id", "name", "term_class"]].head(MAX_TERMS)
    if not organisms or terms.empty:
        return make_empty_figure("The term, its descendants and regulators have no annotations.")
    labels = [shorten(str(label)) for label in organisms]
    wide = len(terms) <= MAX_WRAPPED
    columns = [
        _make_column_label(str(go_id), str(name), str(term_class), wide)
        for go_id, name, term_class in zip(
            terms["go_id"], terms["name"], terms["term_class"], strict=True
        )
    ]
    top = 0.95 if wide else measure_slanted_labels(columns)
    size = (1.75 if wide else 0.75) * len(columns), LINE * 1.25 * len(labels)
    figure, axes = make_framed_figure(*size, measure_row_margin(labels), top, 0.75)
    if not wide:  # slanted labels lean out to the right
        _widen(figure, axes, 0.76 * measure_text(columns, 8))
    for x, term_class in enumerate(terms["term_class"]):
        if term_class in REGULATOR_CLASSES:
            axes.axvspan(x - 0.5, x + 0.5, color=STRIPE, linewidth=0, zorder=0)
    _draw_cells(axes, presence, organisms, list(terms["go_id"]))
    for edge in range(len(labels) + 1):
        axes.axhline(edge - 0.5, color=FAINT, linewidth=0.7, zorder=1)
    for edge in range(len(columns) + 1):
        axes.axvline(edge - 0.5, color=FAINT, linewidth=0.7, zorder=1)
    label_rows(axes, labels)
    label_columns(axes, columns, slanted=not wide)
    clear_frame(axes)
    _add_legend(figure, presence)
    return figure


def _make_column_label(go_id: str, name: str, term_class: str, wide: bool) -> str:
    words = f"({term_class.replace('_', ' ')})"
    if not wide:
        return f"{go_id} {shorten(name, 34)} {words}"
    return "\n".join([go_id, *textwrap.wrap(shorten(name, 76), 24)[:4], words])


def _widen(figure: Figure, axes: Axes, more: float) -> None:
    """Add `more` inches on the right without changing the size of the plot."""
    width = figure.get_figwidth()
    place = axes.get_position()
    figure.set_figwidth(width + more)
    scale = width / (width + more)
    axes.set_position((place.x0 * scale, place.y0, place.width * scale, place.height))


def _draw_cells(
    axes: Axes, presence: pd.DataFrame, organisms: list[str], go_ids: list[str]
) -> None:
    """Draw the bars of an evidence group in one call: one call a cell takes ten times longer."""
    from matplotlib.collections import PolyCollection

    rows = {organism: y for y, organism in enumerate(organisms)}
    columns = {go_id: x for x, go_id in enumerate(go_ids)}
    cells: dict[tuple[int, int], dict[str, int]] = defaultdict(dict)
    for organism, go_id, group, count in presence[
        ["organism", "go_id", "group", "n_gene_products"]
    ].itertuples(index=False):
        if count and organism in rows and go_id in columns:
            cells[columns[go_id], rows[organism]][group] = int(count)
    boxes: dict[str, list[list[tuple[float, float]]]] = defaultdict(list)
    for (x, y), groups in cells.items():
        found = [group for group in GROUPS if group in groups]
        for place, group in enumerate(found):
            width = 0.42 / len(found)
            start = x - 0.4 + place * width
            boxes[group].append(_make_box(start, y, width))
        if found:
            axes.text(x + 0.24, y, f"{groups['any']}", ha="center", va="center", fontsize=8.5)
        if "negated" in groups:
            axes.plot(
                [x - 0.42, x + 0.04, float("nan"), x - 0.42, x + 0.04],
                [y - 0.34, y + 0.34, float("nan"), y + 0.34, y - 0.34],
                color=INK,
                linewidth=1.8,
                zorder=4,
            )
    for group, shapes in boxes.items():
        colour, hatch = GROUP_STYLES[group]
        axes.add_collection(
            PolyCollection(
                shapes, facecolor=colour, hatch=hatch, edgecolor=INK, linewidth=0.6, zorder=2
            )
        )


def _make_box(start: float, y: float, width: float) -> list[tuple[float, float]]:
    return [
        (start, y - 0.3),
        (start + width, y - 0.3),
        (start + width, y + 0.3),
        (start, y + 0.3),
    ]


def _add_legend(figure: Figure, presence: pd.DataFrame) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    found = set(presence.loc[presence["n_gene_products"] > 0, "group"])
    handles: list[Patch | Line2D] = [
        Patch(
            facecolor=GROUP_STYLES[group][0],
            hatch=GROUP_STYLES[group][1],
            edgecolor=INK,
            label=GROUP_LABELS[group],
        )
        for group in GROUPS
        if group in found
    ]
    if "negated" in found:
        handles.append(Line2D([], [], color=INK, marker="x", linestyle="", label="NOT"))
    if set(presence["term_class"]) & set(REGULATOR_CLASSES):
        handles.append(
            Patch(facecolor=STRIPE, edgecolor=FAINT, label="regulation (counted separately)")
        )
    if handles:
        add_legend(figure, handles)


def draw_term_sets(sets: pd.DataFrame, title: str) -> Figure:
    """Return an UpSet plot of the numbers of terms annotated in exactly these organisms.

    The largest intersections are drawn, and the title has their number and the total. Drawn with
    plain matplotlib, because upsetplot needs pyplot and omits intersections without notice, and
    marsilea takes seconds to import.

    Args:
        sets: A row for each intersection that is not empty, largest first: n_terms, and a boolean
            column for each organism.
        title: Title of the figure; the numbers are appended.
    """
    names = [name for name in sets.columns if name != "n_terms"]
    organisms = names[:MAX_ORGANISMS]
    shown = sets.iloc[:MAX_INTERSECTIONS]
    if shown.empty or not organisms:
        return make_empty_figure("No term is annotated in a compared organism.")
    totals = [int(sets.loc[sets[name], "n_terms"].sum()) for name in organisms]
    labels = [f"{shorten(name)} ({total:,})" for name, total in zip(organisms, totals, strict=True)]
    title = f"{title}: {len(shown)} of {len(sets)} intersections"
    if len(organisms) < len(names):
        title += f", the first {len(organisms)} of {len(names):,} organisms"
    left, width = measure_row_margin(labels), max(0.28 * len(shown), measure_text([title]))
    high, low, between = 1.8, LINE * len(organisms), 0.12
    total_width, total_height = left + width + 0.2, 0.35 + high + between + low + 0.1
    figure = make_figure(total_width, total_height)
    across = (left / total_width, width / total_width)
    bars = figure.add_axes(
        (across[0], (low + between + 0.1) / total_height, across[1], high / total_height)
    )
    dots = figure.add_axes((across[0], 0.1 / total_height, across[1], low / total_height))
    places = list(range(len(shown)))
    counts = [int(count) for count in shown["n_terms"]]
    bars.bar(places, counts, color=BLUE, width=0.7)
    for place, count in zip(places, counts, strict=True):
        bars.text(place, count, f"{count}", ha="center", va="bottom", fontsize=7)
    bars.set_xlim(-0.6, len(shown) - 0.4)
    bars.set_ylim(0, max(counts) * 1.12)
    bars.set_xticks([])
    bars.set_ylabel("terms")
    bars.set_title(title, fontsize=9, loc="left")
    _draw_dots(dots, shown, organisms)
    label_rows(dots, labels)
    return figure


def _split_points(points: list[tuple[int, int]]) -> tuple[list[int], list[int]]:
    return [x for x, _ in points], [y for _, y in points]


def _draw_dots(axes: Axes, shown: pd.DataFrame, organisms: list[str]) -> None:
    draw_stripes(axes, len(organisms))
    columns = list(shown[organisms].to_numpy(dtype=bool))
    inside = [(x, int(y)) for x, column in enumerate(columns) for y in column.nonzero()[0]]
    outside = [(x, int(y)) for x, column in enumerate(columns) for y in (~column).nonzero()[0]]
    # all dots in one call, because one call for each column took half of the time of the page
    axes.scatter(*_split_points(outside), color=FAINT, s=16, linewidths=0)
    axes.scatter(*_split_points(inside), color=INK, s=22, linewidths=0, zorder=3)
    ends = [
        (x, found.min(), found.max())
        for x, column in enumerate(columns)
        if len(found := column.nonzero()[0])
    ]  # sets of organisms beyond the limit have no dots
    if ends:
        axes.vlines(*zip(*ends, strict=True), color=INK, linewidth=1.2)
    axes.set_xlim(-0.6, len(shown) - 0.4)
    axes.set_xticks([])
    clear_frame(axes)
