"""The figures, and SVG in the page: tests of the drawn elements, not of pixels."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from matplotlib.figure import Figure

from gafreduce.errors import InternalError
from gafreduce.jobs.model.evidence import GROUPS
from gafreduce.reports.figures import core_figures, statistics_figures, style
from gafreduce.reports.figures.data import make_similarity_frame
from gafreduce.reports.html.svg import inline_svg


def all_figures(names: list[str]) -> list[Figure]:
    """Return each figure of some organisms."""
    evidence = pd.DataFrame(1, index=names, columns=list(GROUPS))
    presence = pd.DataFrame(
        [
            (name, "GO:1", "a term", "target", group, 2)
            for name in names
            for group in ("author", "any")
        ],
        columns=["organism", "go_id", "name", "term_class", "group", "n_gene_products"],
    )
    sets = pd.DataFrame([[3, *([True] * len(names))]], columns=["n_terms", *names])
    rates = pd.DataFrame(
        [[2.0, 1.0, 4.0]] * len(names),
        index=names,
        columns=["rate_per_1000", "rate_low", "rate_high"],
    )
    square = pd.DataFrame(0.5, index=names, columns=names)
    components = pd.DataFrame(
        [(name, "ComEC", "family", 1, 1) for name in names],
        columns=["organism", "component", "found_by", "n_gene_products", "n_with_target"],
    )
    return [
        core_figures.draw_evidence(evidence),
        core_figures.draw_presence(presence),
        core_figures.draw_term_sets(sets, "Terms"),
        statistics_figures.draw_rates(rates),
        statistics_figures.draw_number_map(square, [1.0] * len(names), square > 1),
        statistics_figures.draw_components(components),
    ]


@pytest.mark.parametrize(
    "names",
    [
        ["one"],
        [f"Genus species strain {n}" for n in range(20)],
        [
            "x" * 300,
            "$x^{$",
            "<b>&amp;",
            "\u0645\u0631\u062d\u0628\u0627",
            "\U0001f9a0",
            "a\u202eb",
        ],
    ],
    ids=["one organism", "twenty", "odd names"],
)
def test_figures_of_the_same_data_have_the_same_bytes(names: list[str], tmp_path: Path) -> None:
    first, second = tmp_path / "1", tmp_path / "2"
    for folder in (first, second):
        folder.mkdir()
        for number, figure in enumerate(all_figures(names)):
            with (folder / f"{number}.svg").open("wb") as stream:
                style.save_svg(figure, stream)
            if number == 1:
                with (folder / f"{number}.png").open("wb") as stream:
                    style.save_png(figure, stream)
    for path in first.iterdir():
        assert path.read_bytes() == (second / path.name).read_bytes()
        if path.suffix == ".svg":
            drawn = inline_svg(path.read_text(encoding="utf-8"), "f", "title", "finding")
            assert "style=" not in drawn
            assert "<style" not in drawn


def test_labels_fit_into_the_figure() -> None:
    names = [
        "Candidatus Magnetobacterium bavaricum strain MMMW 123",
        "GEOBACILLUS KAUSTOPHILUS " * 9,
    ]
    for figure in all_figures(names):
        figure.draw_without_rendering()
        width = figure.get_figwidth() * figure.dpi
        for axes in figure.axes:
            for label in axes.get_yticklabels():
                extent = label.get_window_extent()
                assert extent.x0 >= 0
                assert extent.x1 <= width


def test_rates_are_drawn_with_their_intervals() -> None:
    rates = pd.DataFrame(
        [[2.0, 1.0, 4.0], [3.0, 2.5, 3.5]],
        index=["a", "b"],
        columns=["rate_per_1000", "rate_low", "rate_high"],
    )
    axes = statistics_figures.draw_rates(rates).axes[0]
    lines, points = axes.collections[-2:]
    assert [[x for x, _ in path.vertices] for path in lines.get_paths()] == [[1, 4], [2.5, 3.5]]
    assert [tuple(place) for place in points.get_offsets()] == [(2, 0), (3, 1)]


def test_number_map_draws_numbers_and_frames_marked_cells() -> None:
    numbers = pd.DataFrame([[6.0, 0.0], [52.0, float("nan")]], index=["a", "b"], columns=["x", "y"])
    marked = pd.DataFrame([[False, True], [False, False]])
    axes = statistics_figures.draw_number_map(numbers, [6.0, 52.0], marked).axes[0]
    assert [text.get_text() for text in axes.texts] == ["6", "0", "52"]
    cells, frames = axes.collections
    assert (len(cells.get_paths()), len(frames.get_paths())) == (3, 1)


def test_sets_of_organisms_below_the_limit_have_no_dots() -> None:
    names = [f"o{n}" for n in range(core_figures.MAX_ORGANISMS + 1)]
    sets = pd.DataFrame(False, index=[0, 1], columns=["n_terms", *names]).astype({"n_terms": int})
    sets["n_terms"] = [5, 3]
    sets.loc[0, names[-1]] = sets.loc[1, names[0]] = True
    bars, dots = core_figures.draw_term_sets(sets, "Terms").axes
    assert "the first 100 of 101 organisms" in bars.get_title(loc="left")
    assert len(dots.collections[-1].get_paths()) == 1


def test_a_large_map_is_one_image() -> None:
    names = [f"o{n}" for n in range(60)]
    square = pd.DataFrame(0.5, index=names, columns=names)
    axes = statistics_figures.draw_number_map(square, [1.0] * 60, square > 1).axes[0]
    assert [cells.get_rasterized() for cells in axes.collections] == [True]
    assert not axes.texts


def test_similar_organisms_are_placed_together() -> None:
    pairs = {("1", "2"): 0.1, ("1", "3"): 0.9, ("1", "4"): 0.1, ("2", "3"): 0.1}
    pairs |= {("2", "4"): 0.8, ("3", "4"): 0.1}
    frame = make_similarity_frame(pairs)
    assert list(frame.index) == ["1", "3", "2", "4"]
    assert frame.loc["3", "1"] == frame.loc["1", "3"] == 0.9
    assert list(frame.to_numpy().diagonal()) == [1.0] * 4


def test_text_on_colours_has_enough_contrast() -> None:
    for step in range(101):
        fill, ink = style.choose_blue(step / 100)
        rgb = [int(fill[place : place + 2], 16) for place in (1, 3, 5)]
        text = style._luminance([int(ink[place : place + 2], 16) for place in (1, 3, 5)])
        assert style._contrast(rgb, text) > 4


SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'viewBox="0 0 72 36"><metadata/><defs><style>*{}</style><path id="m" d="M0 0"/></defs>'
    '<g id="unused" clip-path="url(#c)"><use xlink:href="#m" style="fill: #fff; font-family: X"/>'
    '</g><clipPath id="c"/></svg>'
)


def test_inline_svg_has_its_own_ids_and_a_description() -> None:
    drawn = inline_svg(SVG, "rates", "A <title>", "5 & 6")
    assert 'id="m"' not in drawn
    assert 'href="#rates-1"' in drawn
    assert 'id="rates-1"' in drawn
    assert 'clip-path="url(#rates-0)"' in drawn
    assert 'fill="#fff"' in drawn
    assert "unused" not in drawn
    assert 'role="img"' in drawn
    assert '<title id="rates-title">A &lt;title&gt;</title>' in drawn
    assert '<desc id="rates-desc">5 &amp; 6</desc>' in drawn
    assert 'width="96"' in drawn


def test_text_that_is_not_svg_is_refused() -> None:
    with pytest.raises(InternalError, match=r"figures/x\.svg: expected SVG"):
        inline_svg("<svg", "x", "", "")


@pytest.mark.parametrize("figure", range(3))
def test_empty_data_give_a_message(figure: int) -> None:
    empty = [
        core_figures.draw_evidence(pd.DataFrame(columns=list(GROUPS))),
        core_figures.draw_term_sets(pd.DataFrame(columns=["n_terms"]), "Terms"),
        statistics_figures.draw_rates(pd.DataFrame()),
    ][figure]
    assert len(empty.texts) == 1
