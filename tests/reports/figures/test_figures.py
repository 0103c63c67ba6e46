"""The figures, and SVG in the page: tests of the drawn elements, not of pixels."""

from __future__ import annotations

import io
import itertools
import re
import zlib
from collections.abc import Callable
from xml.etree import ElementTree

import pandas as pd
import pytest

from gafreduce.errors import InternalError
from gafreduce.reports.figures import comparison_figures as comparison
from gafreduce.reports.figures import data, slim_figure, style, terms_figures
from gafreduce.reports.figures import evidence_figures as evidence
from gafreduce.reports.figures.canvas import Canvas, Drawing, choose_ticks
from gafreduce.reports.figures.groups import make_groups
from gafreduce.reports.figures.names import fit_names, measure_styled
from gafreduce.reports.figures.text_width import measure_text
from gafreduce.reports.html.svg import inline_svg

#: Text of the page in a column of 85 mm, in points: the smallest that journals take.
MIN_SIZE = 5.8


def make_canvas(title: str = "A finding") -> Canvas:
    return Canvas(85, [(title, False)])


def all_figures(names: list[str]) -> dict[str, Drawing]:
    """Return each figure of some organisms, the last of which is partial."""
    ids = [str(n) for n in range(len(names))]
    named = list(zip(ids, names, strict=True))
    square = pd.DataFrame(0.5, index=names, columns=names)
    counts = {"experimental": 3, "electronic": 30}
    rows = [
        evidence.EvidenceRow(key, name, place < len(names) - 1, counts)
        for place, (key, name) in enumerate(named)
    ]
    left = [
        evidence.SensitivityRow(key, name, 5, [3, None, 0], [False, False, True])
        for key, name in named
    ]
    columns = [
        comparison.ComponentColumn(key, name, True, frozenset({"A"}), frozenset("AB"))
        for key, name in named
    ]
    rates = [comparison.OrganismRate(key, name, (2.0, 1.0, 4.0)) for key, name in named]
    sets = [terms_figures.TermSet(ids, 1369), terms_figures.TermSet(ids[:1], 3)]
    shares = [terms_figures.ShareRow(key, name, 9, 5, 2) for key, name in named]
    parts = [("A", True), ("B", False)]
    cells = [slim_figure.SlimCell(True, 0.01 * place or None) for place in range(len(names))]
    lines = [slim_figure.SlimLine(f"a process {n}", "a", cells) for n in range(45)]
    return {
        "evidence": evidence.draw_evidence(make_canvas(), rows),
        "groups": evidence.draw_evidence_of_groups(make_canvas(), rows),
        "sensitivity": evidence.draw_sensitivity(make_canvas(), ["a", "b" * 90, "c"], left),
        "sources": evidence.draw_sources(make_canvas(), [evidence.SourceRow("a", 3, 2, 1, 4)]),
        "spectrum": terms_figures.draw_spectrum(make_canvas(), list(range(1, len(names) + 1))),
        "sets": terms_figures.draw_sets(make_canvas(), named, sets),
        "shares": terms_figures.draw_shares(make_canvas(), shares),
        "rates": comparison.draw_rates(make_canvas(), rates, 2.0),
        "rates of groups": comparison.draw_rates_of_groups(
            make_canvas(),
            [comparison.GroupRate(rate.name, (2.0, 1.0, 4.0), [rate]) for rate in rates],
            2.0,
        ),
        "similarity": comparison.draw_similarity(make_canvas(), square, are_groups=False),
        "slim": slim_figure.draw_slim(make_canvas(), lines, names),
        "components": comparison.draw_components(make_canvas(), parts, columns),
    }


@pytest.fixture(scope="module", params=["one organism", "twenty", "odd names"])
def figures(request: pytest.FixtureRequest) -> Callable[[], dict[str, Drawing]]:
    names = {
        "one organism": ["one"],
        "twenty": [f"Genus species strain {n}" for n in range(20)],
        "odd names": [
            "x" * 300,
            "$x^{$",
            "<b>&amp;",
            "\u0645\u0631\u062d",
            "\U0001f9a0",
            "a\u202eb",
        ],
    }[request.param]
    return lambda: all_figures(names)


def draw(drawing: Drawing, save: Callable[..., None], **more: bool) -> bytes:
    stream = io.BytesIO()
    save(drawing.figure, stream, **more)
    return stream.getvalue()


def test_text_is_large_enough_and_within_the_column(
    figures: Callable[[], dict[str, Drawing]],
) -> None:
    for name, drawing in figures().items():
        width, height = drawing.figure.get_size_inches() * 72
        assert width == pytest.approx(85 / 25.4 * 72)
        assert height < 700, "a page of a journal"
        for text in drawing.figure.axes[0].texts:
            assert text.get_fontsize() >= MIN_SIZE
            x, _ = text.get_position()
            used = measure_text(text.get_text(), text.get_fontsize())
            start = {"left": x, "center": x - used / 2, "right": x - used}[str(text.get_ha())]
            if not text.get_rotation():
                assert start > -2, (name, text.get_text())
                assert start + used < width + 4, (name, text.get_text())


def test_figures_of_the_same_data_have_the_same_bytes(
    figures: Callable[[], dict[str, Drawing]],
) -> None:
    first, second = figures(), figures()
    for name in first:
        drawn = draw(first[name], style.save_svg)
        assert drawn == draw(second[name], style.save_svg)
        inline = inline_svg(drawn.decode(), "f", "a", "b", first[name].marks, first[name].head)
        assert "style=" not in inline
        assert "<style" not in inline
        assert "A finding" not in inline, "the page has the title"
    for save in (style.save_png, style.save_pdf):
        assert draw(first["evidence"], save) == draw(second["evidence"], save)


def test_fonts_are_embedded_in_pdf_and_outlined_in_svg() -> None:
    drawing = all_figures(["Bacillus subtilis 168", "Escherichia coli K-12"])["evidence"]
    pdf = draw(drawing, style.save_pdf)
    used = set(re.findall(rb"/BaseFont /\w+\+(\S+)", pdf))
    assert used == {b"GafreduceSans-Regular", b"GafreduceSans-Italic", b"GafreduceSans-SemiBold"}
    assert pdf.count(b"/FontFile2 ") == 3, "each of them embedded, as TrueType"
    assert b"/Type3" not in pdf
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    assert any(zlib.decompress(each).startswith(b"\x00\x01\x00\x00") for each in streams)
    outlined = draw(drawing, style.save_svg, outlined=True)
    assert b"<text" not in outlined
    assert b"<text" in draw(drawing, style.save_svg)


def test_species_are_italic_and_marks_are_addressable() -> None:
    drawing = all_figures(["Bacillus subtilis 168", "Escherichia coli K-12"])["evidence"]
    svg = draw(drawing, style.save_svg).decode()
    texts = {
        "".join(each.itertext()): each.get("style", "")
        for each in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")
    }
    assert "italic" in texts["B. subtilis"]
    assert "italic" not in texts["168"]
    inline = inline_svg(svg, "f", "a", "b", drawing.marks, drawing.head)
    assert 'data-group="electronic" data-organism="1"' in inline
    assert "mark-" not in inline


def test_bars_add_up_and_partial_files_set_no_scale() -> None:
    rows = [
        evidence.EvidenceRow("1", "one", True, {"experimental": 2, "electronic": 5}),
        evidence.EvidenceRow("2", "two", False, {"electronic": 52}),
    ]
    drawing = evidence.draw_evidence(make_canvas(), rows)
    bars: dict[str, list[float]] = {}
    for patch in drawing.figure.axes[0].patches:
        if patch.get_gid():
            keys = drawing.marks[str(patch.get_gid())]
            if "organism" in keys:
                bars.setdefault(keys["organism"], []).append(patch.get_width())  # type: ignore[attr-defined]
    assert bars["1"][0] * 5 == pytest.approx(bars["1"][1] * 2)
    assert sum(bars["2"]) == pytest.approx(sum(bars["1"])), "as long as the longest complete one"
    assert {"7", "52"} <= {text.get_text() for text in drawing.figure.axes[0].texts}


def test_everything_in_a_row_can_be_moved_with_it() -> None:
    rows = [evidence.EvidenceRow(each, each, True, {"electronic": 5}) for each in ("1", "2")]
    drawing = evidence.draw_evidence(make_canvas(), rows)
    found = list(drawing.marks.values())
    places = {keys["row"]: float(keys["at"]) for keys in found if "at" in keys}
    assert places["2"] - places["1"] == evidence.ROW
    for row in ("1", "2"):  # the name, the bar, its letter and the plate below it, the number
        assert sum(keys.get("row") == row for keys in found) == 5


@pytest.mark.parametrize(("n_organisms", "key"), [(12, "across"), (13, "at"), (30, "at")])
def test_many_organisms_are_rows_of_the_components(n_organisms: int, key: str) -> None:
    parts = [(f"Com{n}", n < 9) for n in range(20)]
    columns = [
        comparison.ComponentColumn(
            str(n), f"Bacillus number {n}", n > 1, frozenset({"Com0"}), frozenset({"Com0", "Com19"})
        )
        for n in range(n_organisms)
    ]
    drawing = comparison.draw_components(make_canvas(), parts, columns)
    places = [float(keys[key]) for keys in drawing.marks.values() if key in keys]
    assert len(places) == n_organisms
    assert min(b - a for a, b in itertools.pairwise(sorted(places))) > 8, "names do not touch"
    dots = [keys for keys in drawing.marks.values() if "component" in keys]
    assert len(dots) == 2 * n_organisms
    width = drawing.figure.get_figwidth() * 72
    for text in drawing.figure.axes[0].texts:
        assert 0 <= text.get_position()[0] < width


def test_a_thousand_organisms_fit_a_page() -> None:
    rates = [comparison.OrganismRate(str(n), "x", (n / 9, n / 10, n / 8)) for n in range(1000)]
    groups = [comparison.GroupRate(str(n), (50.0, 40.0, 60.0), rates[n::20]) for n in range(20)]
    square = pd.DataFrame(0.5, index=range(60), columns=range(60))
    for drawing in (
        comparison.draw_rates_of_groups(make_canvas(), groups, 50.0),
        terms_figures.draw_spectrum(make_canvas(), [3] * 1000),
        comparison.draw_similarity(make_canvas(), square, are_groups=False),
    ):
        assert drawing.figure.get_figheight() < 9
        assert len(drawing.figure.axes[0].patches) < 1100, "not one for each cell"


def test_counts_of_terms_leave_out_partial_files() -> None:
    counts = {("1", "2"): 5, ("1",): 2}
    assert data.make_spectrum(counts, 2) == [2, 5]
    assert [each.n_terms for each in data.make_sets(counts)] == [5, 2]


def test_groups_are_of_the_sheet_or_the_taxonomy_and_never_of_a_label() -> None:
    def row(name: str, source: str = "ncbi", group: str = "") -> dict[str, str]:
        return {"organism_id": name, "organism": name, "name_source": source, "group": group}

    names = ["Bacillus subtilis 168", "Bacillus subtilis W23", "Escherichia coli K-12"]
    taxa = [row(name) for name in names] + [row("Bacillus cereus X", "file_label")]
    assert [(group.name, len(group.organism_ids)) for group in make_groups(taxa)] == [
        *[("Bacillus subtilis", 2), ("Escherichia coli", 1), ("other organisms", 1)]
    ]
    sheet = [row(name, group="soil") for name in names[:2]] + [row(names[2], group="gut")]
    assert [group.name for group in make_groups(sheet)] == ["soil", "gut"]


def test_names_are_abbreviated_unless_they_would_look_the_same() -> None:
    names = ["Bacillus subtilis 168", "Blautia subtilis 168", "Escherichia coli K-12"]
    fitted = ["".join(text for text, _ in name) for name in fit_names(names, 200, 7)]
    assert fitted == ["Bacillus subtilis 168", "Blautia subtilis 168", "E. coli K-12"]
    long = "Bacillus subtilis subsp. subtilis str. 168"
    (short,) = fit_names([long], 90, 7)
    assert "".join(text for text, _ in short) == "B. subtilis subsp. subtilis 168"
    (cut,) = fit_names(["x" * 300], 90, 7)
    assert measure_styled(cut, 7) <= 90


@pytest.mark.parametrize(
    ("largest", "ticks"),
    [(1, [0, 1]), (7, [0, 2, 4, 6]), (52, [0, 20, 40]), (1369, [0, 500, 1000])],
)
def test_ticks_are_round(largest: float, ticks: list[float]) -> None:
    assert choose_ticks(largest) == ticks


def test_similar_organisms_are_placed_together() -> None:
    pairs = {("1", "2"): 0.1, ("1", "3"): 0.9, ("1", "4"): 0.1, ("2", "3"): 0.1}
    pairs |= {("2", "4"): 0.8, ("3", "4"): 0.1}
    frame = data.make_similarity_frame(pairs)
    assert list(frame.index) == ["1", "3", "2", "4"]
    assert frame.loc["3", "1"] == frame.loc["1", "3"] == 0.9
    assert list(frame.to_numpy().diagonal()) == [1.0] * 4


def test_text_on_colours_has_enough_contrast() -> None:
    for step in range(9):
        fill, ink = style.choose_blue(step / 8)
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
