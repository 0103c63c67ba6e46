"""The figures: each one function from one table to a picture; none computes what isn't in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobs.evidence import GROUPS
from ontology.termfile import REGULATOR_CLASSES
from reports.answer import GROUP_WORDS
from reports.figure_style import (
    FAINT,
    GROUP_STYLES,
    INK,
    NEGATED,
    REGULATOR,
    clear_frame,
    new_figure,
    no_data,
    shorten,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Rows and columns that a picture shows; the tables hold all.
MAX_ORGANISMS = 100
MAX_TERMS = 30
MAX_INTERSECTIONS = 30

_LINE_HEIGHT = 0.27


def evidence_bars(evidence: pd.DataFrame) -> Figure:
    """Return stacked bars: gene products with the target by their strongest evidence.

    Args:
        evidence: A row for each organism (index: its label), a column for each evidence group with
            the number of gene products whose strongest group it is: each counts once.
    """
    from matplotlib.ticker import MaxNLocator

    shown = evidence.iloc[:MAX_ORGANISMS]
    figure = new_figure(7.5, 1.3 + _LINE_HEIGHT * max(len(shown), 2))
    if shown.empty:
        return no_data(figure, "No organism is compared.")
    axes = figure.add_subplot()
    left = [0] * len(shown)
    places = list(range(len(shown)))
    for group in GROUPS:
        counts = [int(count) for count in shown[group]]
        if not any(counts):
            continue
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
            label=GROUP_WORDS[group],
        )
        left = [a + b for a, b in zip(left, counts, strict=True)]
    for place, total in zip(places, left, strict=True):
        axes.text(total, place, f" {total}", va="center", ha="left")
    axes.set_yticks(places, [shorten(str(label)) for label in shown.index])
    axes.invert_yaxis()
    axes.set_xlim(0, max([*left, 1]) * 1.1)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("gene products, by their strongest evidence")
    if any(left):
        axes.legend(loc="lower right", frameon=False, fontsize=8)
    return figure


def presence_matrix(presence: pd.DataFrame) -> Figure:
    """Return a grid: for each organism and term of the closure, the evidence groups it has.

    Each cell has a bar in parts, one for each evidence group with a supporting line, and the number
    of gene products; a cross marks a NOT. Regulators stand apart, on another ground.

    Args:
        presence: Columns organism, go_id, name, term_class, group (evidence group, `any` or
            `negated`) and n_gene_products; organisms and terms as they are to be shown.
    """
    organisms = list(dict.fromkeys(presence["organism"]))[:MAX_ORGANISMS]
    terms = presence.drop_duplicates("go_id")[["go_id", "name", "term_class"]].head(MAX_TERMS)
    figure = new_figure(
        3.2 + 0.95 * max(len(terms), 2), 1.9 + _LINE_HEIGHT * 1.3 * max(len(organisms), 1)
    )
    if not organisms or terms.empty:
        return no_data(figure, "No term of the closure is annotated.")
    axes = figure.add_subplot()
    cells = {
        key: dict(zip(found["group"], found["n_gene_products"], strict=True))
        for key, found in presence.groupby(["organism", "go_id"], sort=False)
    }
    for x, (go_id, term_class) in enumerate(zip(terms["go_id"], terms["term_class"], strict=True)):
        for y, organism in enumerate(organisms):
            ground = REGULATOR if term_class in REGULATOR_CLASSES else "#FFFFFF"
            _draw_cell(axes, x, y, cells.get((organism, go_id), {}), ground)
    axes.set_xlim(-0.5, len(terms) - 0.5)
    axes.set_ylim(len(organisms) - 0.5, -0.5)
    axes.set_yticks(range(len(organisms)), [shorten(str(label)) for label in organisms])
    labels = [
        f"{go_id}\n{str(term_class).replace('_', chr(10))}"
        for go_id, term_class in zip(terms["go_id"], terms["term_class"], strict=True)
    ]
    axes.set_xticks(range(len(terms)), labels, fontsize=7.5)
    axes.xaxis.tick_top()
    clear_frame(axes)
    _legend(figure, presence)
    return figure


def _draw_cell(axes: Axes, x: int, y: int, groups: dict[str, int], ground: str) -> None:
    from matplotlib.patches import Rectangle

    alpha = 0.25 if ground == REGULATOR else 1.0
    axes.add_patch(
        Rectangle((x - 0.45, y - 0.42), 0.9, 0.84, facecolor=ground, alpha=alpha, linewidth=0)
    )
    axes.add_patch(
        Rectangle((x - 0.45, y - 0.42), 0.9, 0.84, fill=False, edgecolor=FAINT, linewidth=0.8)
    )
    shown = [group for group in GROUPS if groups.get(group)]
    for place, group in enumerate(shown):
        colour, hatch = GROUP_STYLES[group]
        width = 0.44 / len(shown)
        axes.add_patch(
            Rectangle(
                (x - 0.4 + place * width, y - 0.3),
                width,
                0.6,
                facecolor=colour,
                hatch=hatch,
                edgecolor=INK,
                linewidth=0.6,
            )
        )
    if shown:
        total = groups.get("any", 0)
        axes.text(x + 0.25, y, f"{total}", ha="center", va="center", fontsize=8)
    if groups.get("negated"):
        axes.plot(
            [x - 0.4, x + 0.04, float("nan"), x - 0.4, x + 0.04],
            [y - 0.3, y + 0.3, float("nan"), y + 0.3, y - 0.3],
            color=NEGATED,
            linewidth=1.6,
        )


def _legend(figure: Figure, presence: pd.DataFrame) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    found = set(presence["group"])
    handles: list[Patch | Line2D] = [
        Patch(
            facecolor=GROUP_STYLES[group][0],
            hatch=GROUP_STYLES[group][1],
            edgecolor=INK,
            label=GROUP_WORDS[group],
        )
        for group in GROUPS
        if group in found
    ]
    if "negated" in found:
        handles.append(Line2D([], [], color=NEGATED, marker="x", linestyle="", label="NOT"))
    if set(presence["term_class"]) & set(REGULATOR_CLASSES):
        handles.append(
            Patch(facecolor=REGULATOR, alpha=0.25, edgecolor=FAINT, label="regulation: apart")
        )
    if handles:
        figure.legend(
            handles=handles, loc="outside lower center", ncols=4, frameon=False, fontsize=8
        )


def term_sets(sets: pd.DataFrame, title: str) -> Figure:
    """Return an UpSet-style picture: how many terms are annotated in exactly these organisms.

    Only intersections that occur are counted, the largest are shown, and the picture says how many
    of how many. Drawn by ourselves: of the libraries for this, one drops intersections silently and
    another takes seconds to import.

    Args:
        sets: A row for each intersection that occurs, largest first: n_terms, and a boolean column
            for each organism.
        title: What the terms are.
    """
    organisms = [name for name in sets.columns if name != "n_terms"][:MAX_ORGANISMS]
    shown = sets.iloc[:MAX_INTERSECTIONS]
    figure = new_figure(
        3.4 + 0.27 * max(len(shown), 6), 2.6 + _LINE_HEIGHT * max(len(organisms), 1)
    )
    if shown.empty or not organisms:
        return no_data(figure, "No term is annotated in a compared organism.")
    grid = figure.add_gridspec(2, 1, height_ratios=[1.9, _LINE_HEIGHT * len(organisms) + 0.1])
    bars, dots = figure.add_subplot(grid[0]), figure.add_subplot(grid[1])
    places = list(range(len(shown)))
    counts = [int(count) for count in shown["n_terms"]]
    bars.bar(places, counts, color=GROUP_STYLES["experimental"][0], width=0.7)
    for place, count in zip(places, counts, strict=True):
        bars.text(place, count, f"{count}", ha="center", va="bottom", fontsize=7)
    bars.set_xlim(-0.6, len(shown) - 0.4)
    bars.set_ylim(0, max(counts) * 1.12)
    bars.set_xticks([])
    bars.set_ylabel("terms")
    bars.set_title(f"{title}: {len(shown)} shown of {len(sets)} intersections", fontsize=9)
    _draw_dots(dots, shown, organisms)
    return figure


def _coordinates(points: list[tuple[int, int]]) -> tuple[list[int], list[int]]:
    return [x for x, _ in points], [y for _, y in points]


def _draw_dots(axes: Axes, shown: pd.DataFrame, organisms: list[str]) -> None:
    for y in range(0, len(organisms), 2):
        axes.axhspan(y - 0.5, y + 0.5, color="#F4F4F4", linewidth=0)
    columns = list(shown[organisms].to_numpy(dtype=bool))
    inside = [(x, int(y)) for x, column in enumerate(columns) for y in column.nonzero()[0]]
    outside = [(x, int(y)) for x, column in enumerate(columns) for y in (~column).nonzero()[0]]
    # one call for all dots: a call for each column took half of the page's time
    axes.scatter(*_coordinates(outside), color=FAINT, s=16, linewidths=0)
    axes.scatter(*_coordinates(inside), color=INK, s=22, linewidths=0, zorder=3)
    ends = [column.nonzero()[0] for column in columns]
    axes.vlines(
        range(len(columns)),
        [found.min() for found in ends],
        [found.max() for found in ends],
        color=INK,
        linewidth=1.2,
    )
    axes.set_xlim(-0.6, len(shown) - 0.4)
    axes.set_ylim(len(organisms) - 0.5, -0.5)
    axes.set_yticks(range(len(organisms)), [shorten(name) for name in organisms])
    axes.set_xticks([])
    clear_frame(axes)
