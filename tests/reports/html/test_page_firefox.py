"""The page in Firefox: usable, accessible, no wider than the window. `make test-firefox` runs it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from marionette import Firefox

from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.tables.reader import read_rows

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
#: Rows of a table are alike, and text in drawings is not checked by axe.
ALIKE = [[".picture"], ["table tbody tr:nth-child(n+4)"], ["dl > :nth-child(n+7)"]]
#: Presses of Tab between two parts of the page, at most.
MOST_STOPS = 60
DIMMED = "return document.querySelectorAll('.matrix tr.dimmed').length"


@pytest.fixture(scope="module")
def firefox(sample_page: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    """Firefox with the page, an organism selected, in the order of names."""
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    if program is None:
        pytest.skip("needs firefox-esr or firefox")
    with Firefox(program, tmp_path_factory.mktemp("firefox") / "profile") as opened:
        opened.send("WebDriver:Navigate", url=f"{sample_page.as_uri()}#o=235909&r=name")
        wait_until(opened, "document.body.dataset.ready === 'true'")
        yield opened


def wait_until(firefox: Firefox, expression: str) -> None:
    """Wait until an expression is true in the page."""
    assert firefox.run(
        "return new Promise(end => { let n = 0; const look = () => { "
        f"if ({expression}) end(true); else if (n++ > 200) end(false); else setTimeout(look, 100); "
        "}; look(); })"
    ), expression


def test_the_address_restores_selection_and_order(firefox: Firefox, sample_page: Path) -> None:
    assert firefox.run(DIMMED) == 6
    rows = {
        row["organism_id"]: row for row in read_rows(RunFolder(sample_page.parent), "organisms")
    }
    shown = firefox.run(
        "return [...document.querySelectorAll('.matrix tbody tr')].map(r => r.dataset.row)"
    )
    ordered = sorted(
        shown, key=lambda each: (rows[each]["complete"] != "true", rows[each]["organism"])
    )
    assert shown == ordered
    tops = firefox.run(
        "return [...document.querySelectorAll('#figure-evidence [data-at]')]"
        ".map(mark => [mark.getBoundingClientRect().top, mark.dataset.row])"
    )
    assert [row for _, row in sorted(tops)] == ordered


def test_tables_are_built_and_a_row_opens(firefox: Firefox, sample_page: Path) -> None:
    products = list(read_rows(RunFolder(sample_page.parent), "gene_products"))
    n_shown = sum(row["organism_id"] == "235909" for row in products)
    firefox.run("document.getElementById('gene-products').scrollIntoView()")
    count = f"{n_shown} of {len(products)} gene products"
    wait_until(
        firefox, f"document.querySelector('#table-gene_products .count')?.textContent === '{count}'"
    )
    firefox.run("document.querySelector('#table-gene_products .toggle').click()")
    opened = firefox.run(
        "return document.querySelector('#table-gene_products .details').textContent"
    )
    assert "annotation lines" in opened
    firefox.run(
        "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'Escape', bubbles: true}))"
    )
    assert firefox.run(DIMMED) == 0


def tab_to(firefox: Firefox, selector: str) -> None:
    """Press Tab until the focus is at a selector."""
    for _ in range(MOST_STOPS):
        firefox.press("Tab")
        if firefox.run(f"return document.activeElement.matches({selector!r})"):
            return
    raise AssertionError(f"expected {selector} to be reached by Tab")


def test_a_table_is_one_stop_in_which_arrows_go_from_row_to_row(
    firefox: Firefox, sample_page: Path
) -> None:
    n_rows = len(list(read_rows(RunFolder(sample_page.parent), "terms")))
    firefox.run("document.getElementById('terms').scrollIntoView()")
    wait_until(firefox, "document.querySelector('#table-terms .toggle')")
    firefox.run("document.querySelector('#table-terms .menu summary').focus()")
    tab_to(firefox, "#table-terms tbody .toggle")
    row = "return Number(document.activeElement.closest('tr').getAttribute('aria-rowindex'))"
    reached = []
    for key in ("ArrowDown", "End", "ArrowUp", "Home"):
        firefox.press(key)
        reached.append(firefox.run(row))
    assert reached == [3, n_rows + 1, n_rows, 2]
    firefox.press("ArrowRight")
    assert firefox.run("return document.activeElement.matches('#table-terms tbody a')")
    firefox.press("ArrowLeft")
    firefox.press("Enter")
    assert firefox.run("return document.querySelectorAll('#table-terms tr.details').length") == 1
    firefox.press("Enter")
    for number in range(30):  # also after the rows have been drawn again
        firefox.press("ArrowDown")
        assert firefox.run(row) == number + 3
    tab_to(firefox, "main section:not(#terms) *, #terms .notes *")


def test_marks_of_a_figure_are_one_stop(firefox: Firefox) -> None:
    firefox.run("document.getElementById('evidence').scrollIntoView()")
    firefox.run("document.querySelector('.matrix tbody tr:last-child a').focus()")
    tab_to(firefox, "#figure-evidence [data-mark]")
    label = "return document.activeElement.getAttribute('aria-label')"
    first = firefox.run(label)
    firefox.press("ArrowRight")
    assert firefox.run(label) != first
    firefox.press("Home")
    assert firefox.run(label) == first
    firefox.press("Enter")
    wait_until(firefox, "location.hash.includes('o=')")
    firefox.press("Escape")
    wait_until(firefox, "!location.hash.includes('o=')")


@pytest.mark.parametrize("width", [1440, 1024, 500])
def test_page_is_accessible_and_fits(firefox: Firefox, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    firefox.send("WebDriver:SetWindowRect", width=width, height=1000)
    wait_until(firefox, f"outerWidth === {width}")
    firefox.run("document.querySelectorAll('details:not(.menu)').forEach(e => { e.open = true; })")
    root = "document.documentElement"
    assert firefox.run(f"return {root}.scrollWidth - {root}.clientWidth") <= 0
    options = {"runOnly": {"type": "tag", "values": WCAG}, "resultTypes": ["violations"]}
    found = firefox.run(
        f"{Axe().axe_script}\nreturn axe.run({json.dumps({'exclude': ALIKE})}, {json.dumps(options)})"
        ".then(found => found.violations.map(each => [each.id, each.nodes[0].html.slice(0, 160)]))"
    )
    assert found == []
