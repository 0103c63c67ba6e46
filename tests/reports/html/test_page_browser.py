"""The page in a browser: no requests, no console messages, accessible, usable by keyboard."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from chromium import Visit, rows_of, wait_until

from gafreduce.cli.main import main
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.html.render import render

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PARTIAL = ("224308", "83333")


#: Widths of the window, colours, and rules of axe: the first time all, then those whose result may
#: differ. 320 is 1280 at a zoom of 400 %, 720 is 1440 at 200 %.
SIZES = ("target-size", "scrollable-region-focusable", "link-in-text-block")
VIEWS: tuple[tuple[int, dict[str, str], tuple[str, ...]], ...] = (
    (1440, {"color_scheme": "light"}, ()),
    (1440, {"color_scheme": "dark"}, ("color-contrast",)),
    (1024, {"color_scheme": "dark"}, SIZES),
    (720, {"color_scheme": "light"}, ()),
    (390, {"color_scheme": "dark"}, (*SIZES, "color-contrast")),
    (390, {"color_scheme": "light"}, ("color-contrast",)),
    (1024, {"color_scheme": "light"}, ("color-contrast",)),
    (320, {"color_scheme": "light", "forced_colors": "active"}, SIZES),
)
#: What is like the elements before it is not checked again: it takes most of the time.
ALIKE = (".picture", "table tbody tr:nth-child(n+4)", "dl > :nth-child(n+7)", "li:nth-child(n+9)")


def find_violations(
    page: Any, options: dict[str, Any], *, excluded: tuple[str, ...] = ALIKE
) -> list[tuple[str, list[str]]]:
    """Return the rules of axe that the page breaks, with the first elements of each."""
    from axe_playwright_python.sync_playwright import Axe

    options = {**options, "resultTypes": ["violations"]}
    found = (
        Axe()
        .run(page, context={"exclude": [[each] for each in excluded]}, options=options)
        .response["violations"]
    )
    return [(each["id"], [node["html"][:160] for node in each["nodes"]][:3]) for each in found]


def test_page_is_accessible_at_any_size_in_all_colours(browser: Any, sample_page: Path) -> None:
    """With a selection, an order and everything open; the page sends no request meanwhile."""
    visit = Visit(browser, sample_page, "#o=235909&e=electronic&r=name")
    page = visit.page
    visit.open_all()
    for number, (width, colours, rules) in enumerate(VIEWS):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(**colours)
        assert page.evaluate("document.documentElement.scrollWidth") == width
        if not number:
            tags = {"runOnly": {"type": "tag", "values": WCAG}}
            assert find_violations(page, tags, excluded=ALIKE[1:]) == []
        elif rules:
            values = {"runOnly": {"type": "rule", "values": list(rules)}}
            assert find_violations(page, values) == [], f"at {width} px, {colours}"
    for width in range(360, 1640, 160):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        matrix = page.evaluate(
            "(box => box.scrollWidth - box.clientWidth)(document.querySelector('.matrix'))"
        )
        assert matrix <= 0, f"the matrix is {matrix} px too wide at {width} px"
    assert visit.console == []
    assert [url for url in visit.requests if not url.startswith("data:")] == [sample_page.as_uri()]


def test_one_order_holds_for_matrix_figures_and_tables(browser: Any, sample_page: Path) -> None:
    visit = Visit(browser, sample_page)
    page = visit.page
    rows = {row["organism_id"]: row for row in rows_of(sample_page, "organisms")}
    wanted = sorted(
        (each for each in rows if rows[each]["compared"] == "true"),
        key=lambda each: (each in PARTIAL, -int(rows[each]["n_in_aspect"] or 0)),
    )
    depths = [rows[each]["n_in_aspect"] for each in wanted]
    listing = "rows => rows.map(row => row.dataset.row)"
    before = page.locator(".matrix tbody tr").evaluate_all(listing)
    page.locator(".order select").focus()
    page.keyboard.type("ann")  # annotation depth
    page.keyboard.press("Enter")
    wait_until(page, "location.hash.includes('r=depth')")
    shown = page.locator(".matrix tbody tr").evaluate_all(listing)
    assert [rows[each]["n_in_aspect"] for each in shown] == depths
    assert shown != before
    tops = page.locator("#figure-evidence [data-at]").evaluate_all(
        "marks => marks.map(each => [each.getBoundingClientRect().top, each.dataset.row])"
    )
    assert [row for _, row in sorted(tops)] == shown
    assert visit.count("organisms") == f"{len(shown)} organisms"
    names = page.locator("#table-organisms tbody th").all_inner_texts()
    assert [name.strip() for name in names] == [rows[each]["organism"] for each in shown]
    page.go_back()
    assert page.locator(".matrix tbody tr").evaluate_all(listing) == before
    assert visit.console == []


def test_tables_are_sorted_filtered_and_saved_by_keyboard(browser: Any, sample_page: Path) -> None:
    visit = Visit(browser, sample_page, "#gene-products")
    page = visit.page
    table = page.locator("#table-gene_products")
    texts = [row["symbol"] + row["name"] for row in rows_of(sample_page, "gene_products")]
    wanted = sum("mec" in text.lower() for text in texts)
    assert 1 < wanted < 25
    table.locator("input[type=search]").first.focus()
    page.keyboard.type("mec")
    wait_until(
        page,
        f"document.querySelector('#table-gene_products .count').textContent === "
        f"'{wanted} of {len(texts)} gene products'",
    )
    table.locator("thead button").first.focus()
    assert "symbol" in page.locator("#tip").inner_text().lower(), "heads are described"
    page.keyboard.press("Enter")
    assert table.locator("thead th").first.get_attribute("aria-sort") == "ascending"
    table.locator(".menu > summary").nth(1).focus()
    page.keyboard.press("Enter")
    with page.expect_download() as download:
        table.get_by_role("button", name="Download the rows shown of gene_products as JSON").click()
    saved = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    stored = {
        (row["organism_id"], row["object_id"]): row for row in rows_of(sample_page, "gene_products")
    }
    assert len(saved) == wanted
    for row in saved:
        same = stored[row["organism_id"], row["object_id"]]
        assert {key: str(value) for key, value in row.items()} == same, "raw values, all columns"
    again = Visit(browser, sample_page, "#" + page.url.partition("#")[2])
    assert again.count("gene_products") == visit.count("gene_products")
    assert again.console == visit.console == []


def test_every_annotated_term_is_found(browser: Any, sample_page: Path) -> None:
    visit = Visit(browser, sample_page, "#terms")
    terms = rows_of(sample_page, "terms")
    assert visit.count("terms") == f"{len(terms):,} terms"
    table = visit.page.locator("#table-terms")
    for term in (terms[0], terms[len(terms) // 2], terms[-1]):
        table.locator("input[type=search]").first.fill(term["go_id"])
        assert visit.count("terms") == f"1 of {len(terms):,} terms"
        assert table.locator("tbody").inner_text().count(term["name"][:30]) == 1
    unique = [row for row in terms if row["membership"] == "unique"]
    table.locator("input[type=search]").first.fill("")
    table.locator("select[aria-label=membership]").select_option(label="unique")
    assert visit.count("terms") == f"{len(unique):,} of {len(terms):,} terms"


def test_numbers_lead_to_what_they_count(browser: Any, sample_page: Path) -> None:
    """Each linked number of the organisms, followed; then the lines of a gene product."""
    visit = Visit(browser, sample_page, "#organisms")
    page = visit.page
    whole = len(rows_of(sample_page, "gene_products"))
    checked = 0
    for number in range(page.locator("#table-organisms tbody a[data-k]").count()):
        link = page.locator("#table-organisms tbody a[data-k]").nth(number)
        shown = str(link.text_content())
        link.click()
        assert visit.count("gene_products") == f"{shown} of {whole} gene products", shown
        page.go_back()
        checked += 1
    assert checked > 15
    page.locator("#table-organisms tbody tr", has_text="subtilis").locator(
        "a[data-k]"
    ).first.click()
    row = page.locator("#table-gene_products tbody tr:not(.space)").first
    row.locator(".toggle").click()
    symbol = str(row.locator("th").text_content()).strip()
    lines = [
        each
        for each in rows_of(sample_page, "annotations")
        if each["symbol"] == symbol and each["organism_id"] == "224308"
    ]
    details = page.locator("#table-gene_products tr.details")
    assert f"{len(lines)} of {len(lines)} annotation lines" in details.inner_text()
    assert lines[0]["with_from"] in details.inner_text()
    page.locator("#table-organisms .lead").first.click()
    assert re.fullmatch(
        r"gafreduce explain \. organisms/\d+/n_\w+",
        page.locator("#explain code").inner_text(),
    )
    assert visit.console == []


def test_one_selection_narrows_figures_and_tables(browser: Any, sample_page: Path) -> None:
    visit = Visit(browser, sample_page)
    page = visit.page
    terms = rows_of(sample_page, "terms")
    mark = page.locator("#figure-term-sets [data-set]").first
    members = set(str(mark.get_attribute("data-set")).split("|"))
    mark.click()
    having = [
        set(row["organism_ids"].split("|")) - set(PARTIAL) for row in terms if row["organism_ids"]
    ]
    n_exact = sum(each == members for each in having)
    assert visit.count("terms") == f"{n_exact:,} of {len(terms):,} terms"
    page.go_back()
    page.locator("#figure-spectrum [data-count='2']").first.press("Enter")
    n_two = sum(len(each) == 2 for each in having)
    assert visit.count("terms") == f"{n_two:,} of {len(terms):,} terms"
    assert page.locator("#chips li").count() == 1
    page.keyboard.press("Escape")
    assert visit.count("terms") == f"{len(terms):,} terms"
    page.locator(".matrix tbody th a").first.click()
    assert page.locator(".matrix tr.dimmed").count() == 6
    assert page.locator("#figure-evidence .dim").count() >= 6
    assert "o=" in page.url
    page.locator("#chips button").first.click()
    assert page.locator(".matrix tr.dimmed").count() == 0
    assert visit.console == []


def test_figures_save_themselves(browser: Any, sample_page: Path) -> None:
    from PIL import Image

    visit = Visit(browser, sample_page)
    figure = visit.page.locator("#figure-evidence")
    figure.locator("select").select_option(label="180 mm, 300 dpi")
    saved = []
    for kind in ("SVG", "PNG"):
        with visit.page.expect_download() as download:
            figure.get_by_role("button", name=f"Save as {kind}").click()
        saved.append(Path(download.value.path()))
    text = saved[0].read_text(encoding="utf-8")
    assert 'width="85mm"' in text
    assert "@font-face" in text
    assert "url(http" not in text
    with Image.open(saved[1]) as image:
        assert image.width == round(180 / 25.4 * 300)
        assert len(image.convert("RGB").getcolors(1 << 24) or ()) > 10, "not blank"
    assert visit.console == []


def test_page_is_whole_without_javascript(browser: Any, sample_page: Path) -> None:
    visit = Visit(browser, sample_page, java_script_enabled=False)
    page = visit.page
    n_products = len(rows_of(sample_page, "gene_products"))
    assert page.locator("#table-gene_products tbody tr").count() == 25
    assert f"25 of {n_products} rows are shown" in page.locator("#gene-products").inner_text()
    assert "tables/terms.tsv of the run folder has all" in page.locator("#terms").inner_text()
    assert page.locator("#table-organisms table").is_visible()
    assert page.locator(".picture svg").count() == 7
    page.click("#gene-products details.notes > summary")
    assert page.locator("#gene-products .limits").is_visible()


def test_page_prints_on_a4_and_letter(browser: Any, sample_page: Path) -> None:
    visit = Visit(browser, sample_page)
    for size in ("A4", "Letter"):
        printed = visit.page.pdf(format=size)
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) <= 9
    visit.page.emulate_media(media="print")
    assert visit.page.locator("#table-gene_products tbody tr").nth(20).is_visible()
    assert visit.console == []


HOSTILE = ("<script>document.title='ran'</script>", '"><img src=x onerror="document.title=1">')


@pytest.fixture(scope="module")
def hostile_page(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two organisms with markup in every text column, and two with names of 300 characters."""
    folder = tmp_path_factory.mktemp("hostile")
    cells = [*HOSTILE, "=HYPERLINK(1)", "+1+1", "@SUM(1)", "\uff1dHYPERLINK(2)"]
    lines = ["!gaf-version: 2.2"]
    for number, text in enumerate(cells * 2):
        row = [text, f"P{number}{text}", text, "", "GO:0030420", text, text, text, "P", text, text]
        row += [text, f"taxon:{1 + number % 2}", "20200101", text, text, text]
        lines.append("\t".join(row))
    lines += [
        f"DB\tP{n}\ts\t\tGO:0030420\tPMID:1\tIEA\tInterPro:IPR{n:06d}\tP\tn\t\tprotein\ttaxon:{taxon}"
        "\t20200101\tX\t\t"
        for n in range(9)
        for taxon in (562, 1423)
    ]
    (folder / "x.gaf").write_text("\n".join(lines) + "\n")
    names = (*HOSTILE, f"562 {'long ' * 40}", f"1423 {'unbroken' * 40}")
    listed = [f"{taxon}\t{name}\n" for taxon, name in zip((1, 2, 562, 1423), names, strict=True)]
    (folder / "names").write_text("".join(listed))
    arguments = ["run", folder / "x.gaf", "--ontology", samples / "go-samples.obo", "-q"]
    arguments += ["--no-report", "-o", folder / "run", "--organism-names", folder / "names"]
    assert main([str(each) for each in arguments]) == 0
    return render(RunFolder(folder / "run"))


def test_printed_tables_fit_the_paper(browser: Any, hostile_page: Path) -> None:
    """Names of 300 characters, on the width that A4 has between its margins."""
    visit = Visit(browser, hostile_page, viewport={"width": 703, "height": 900})
    visit.page.emulate_media(media="print")
    too_wide = visit.page.evaluate(
        """Array.from(document.querySelectorAll('table.data, p, li, figcaption'))
             .filter(each => each.checkVisibility() && each.getBoundingClientRect().right > 704)
             .map(each => each.id || each.textContent.slice(0, 60))"""
    )
    assert too_wide == []


def test_hostile_text_does_not_run(browser: Any, hostile_page: Path, tmp_path: Path) -> None:
    """Every text column contains markup; as a control the same markup is added unescaped."""
    path = hostile_page
    text = path.read_text(encoding="utf-8")
    start, end = text.index('<meta http-equiv="Content'), text.index('<meta name="viewport"')
    control = tmp_path / "control.html"
    control.write_text(text[:start] + text[end:] + HOSTILE[0], encoding="utf-8")
    for each in (control, path):
        visit = Visit(browser, each)
        visit.open_all()
        assert (visit.page.title() == "ran") is (each == control)
    assert visit.console == []
    table = visit.page.locator("#table-gene_products")
    table.locator(".menu > summary").nth(1).click()
    with visit.page.expect_download() as download:
        table.get_by_role("button", name="all rows of gene_products as CSV").click()
    saved = Path(download.value.path()).read_text(encoding="utf-8")
    assert "'=HYPERLINK(1)" in saved
    assert ",=HYPERLINK" not in saved
    assert ",@SUM" not in saved
    assert "'\uff1dHYPERLINK(2)" in saved
    assert ",\uff1dHYPERLINK" not in saved
    visit.page.goto(f"{path.as_uri()}#%")
    visit.page.goto(f"{path.as_uri()}#o=%E0%A4%A&q.terms=%")
    visit.page.reload()
    wait_until(visit.page, "document.body.dataset.ready === 'true'")
    assert visit.console == [], "an address that cannot be decoded is ignored"
