"""The page by keyboard alone, and at a zoom of 200 and 400 %."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from chromium import Visit, rows_of, wait_until

#: Where the focus is, and whether it is in sight: within the window and on top.
FOCUS = """(selector => {
  const element = document.activeElement;
  const box = element.getBoundingClientRect();
  const [x, y] = [Math.max(0, box.left) + Math.min(box.width, 16) / 2, box.top + Math.min(box.height, 16) / 2];
  const top = document.elementFromPoint(x, y);
  const isSeen = Boolean(top) && (element.contains(top) || top.contains(element));
  return [element.matches(selector), isSeen, element.outerHTML.slice(0, 120)];
})"""
MOST_STOPS = 200


def tab_to(page: Any, selector: str, key: str = "Tab") -> list[str]:
    """Press Tab until the focus is at a selector; return the stops that could not be seen."""
    hidden = []
    for _ in range(MOST_STOPS):
        page.keyboard.press(key)
        is_there, is_seen, text = page.evaluate(f"{FOCUS}({selector!r})")
        if not is_seen:
            hidden.append(text)
        if is_there:
            return hidden
    raise AssertionError(f"expected {selector} to be reached by {key}")


def test_every_selection_is_made_and_undone_by_keyboard(browser: Any, sample_page: Path) -> None:
    visit = Visit(browser, sample_page)
    page = visit.page
    products = rows_of(sample_page, "gene_products")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the link over the side bar
    assert page.evaluate("document.activeElement.closest('section').id") == "summary"

    tab_to(page, ".matrix tbody th a")
    organism = page.evaluate("document.activeElement.dataset.o")
    page.keyboard.press("Enter")
    assert f"o={organism}" in page.url
    tab_to(page, "#chips button", "Shift+Tab")
    page.keyboard.press("Enter")
    assert "o=" not in page.url
    page.go_back()  # its key belongs to the window, which a browser without one lacks
    wait_until(page, f"location.hash.includes('o={organism}')")
    page.keyboard.press("Escape")
    wait_until(page, "!location.hash.includes('o=')")

    page.locator(".matrix tbody th a").last.focus()
    tab_to(page, ".key button[data-e]")
    page.keyboard.press("Space")
    assert page.locator(".key button[aria-pressed=true]").count() == 1
    assert "e=" in page.url
    page.keyboard.press("Escape")

    for figure, key in (("evidence", "o"), ("spectrum", "n"), ("term-sets", "m")):
        tab_to(page, f"#figure-{figure} [data-mark]")
        first = page.evaluate("document.activeElement.getAttribute('aria-label')")
        page.keyboard.press("ArrowRight")
        second = page.evaluate("document.activeElement.getAttribute('aria-label')")
        assert first
        assert second != first, "arrows go to the next mark"
        page.keyboard.press("Home")
        assert page.evaluate("document.activeElement.getAttribute('aria-label')") == first
        page.keyboard.press("Enter")
        assert f"{key}=" in page.url, figure
        page.locator(f"#figure-{figure} h3").evaluate("title => title.tabIndex = -1")
        page.locator(f"#figure-{figure} h3").focus()
        page.keyboard.press("Escape")
        assert f"{key}=" not in page.url
    tab_to(page, "#figure-components [data-mark]")
    page.keyboard.press("Enter")
    assert "c=" in page.url
    page.keyboard.press("Escape")
    assert visit.count("gene_products") == f"{len(products)} gene products"
    assert visit.console == []


def test_a_number_leads_to_its_lines_by_keyboard(browser: Any, sample_page: Path) -> None:
    visit = Visit(browser, sample_page)
    page = visit.page
    page.locator("h1").evaluate("title => { title.tabIndex = -1; title.focus(); }")
    tab_to(page, ".matrix td a[data-s=gene-products]")
    number = int(page.evaluate("document.activeElement.textContent"))
    page.keyboard.press("Enter")
    whole = len(rows_of(sample_page, "gene_products"))
    wait_until(page, "document.activeElement.closest('section').id === 'gene-products'")
    assert visit.count("gene_products") == f"{number} of {whole} gene products"
    assert tab_to(page, "#table-gene_products .menu > summary") == []
    page.keyboard.press("Enter")
    tab_to(page, "#table-gene_products .column input[type=checkbox]:not(:checked)")
    before = page.locator("#table-gene_products thead th").count()
    page.keyboard.press("Space")
    assert page.locator("#table-gene_products thead th").count() == before + 1
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY", "the menu gives it back"
    assert page.locator("#table-gene_products .menu[open]").count() == 0
    tab_to(page, "#table-gene_products thead button")
    assert page.locator("#tip").is_visible()
    page.keyboard.press("Escape")
    assert page.locator("#tip").is_hidden()
    assert "k=target" in page.url, "Escape closes one thing after the other"
    tab_to(page, "#table-gene_products .toggle")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.getAttribute('aria-expanded')") == "true"
    assert "annotation lines" in page.locator("#table-gene_products tr.details").inner_text()

    page.locator("#table-organisms").scroll_into_view_if_needed()
    page.locator("#table-organisms .toggle").first.focus()
    tab_to(page, "#table-organisms button.lead", "ArrowRight")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.textContent") == "Copy command"
    page.keyboard.press("Escape")
    assert page.locator("#explain").is_hidden()
    assert page.evaluate("document.activeElement.matches('button.lead')"), "the focus comes back"
    assert visit.console == []


def test_arrows_go_from_row_to_row_and_tab_leaves_a_table(browser: Any, sample_page: Path) -> None:
    """Of all rows, most of which are not drawn yet, Tab reaches one."""
    visit = Visit(browser, sample_page, "#terms")
    page = visit.page
    n_rows = len(rows_of(sample_page, "terms"))
    tab_to(page, "#table-terms tbody .toggle")
    rows = []
    for key in ("ArrowDown", "End", "ArrowUp", "PageUp", "ArrowRight", "Home"):
        page.keyboard.press(key)
        assert page.evaluate(f"{FOCUS}('#table-terms tbody *')")[:2] == [True, True], key
        rows.append(
            int(page.evaluate("document.activeElement.closest('tr').getAttribute('aria-rowindex')"))
        )
    assert rows[:3] == [3, n_rows + 1, n_rows]
    assert rows[3] == rows[4] < n_rows
    assert rows[5] == 2
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    assert page.locator("#table-terms tr.details").count() == 1
    for number in range(40):  # also after the rows have been drawn again
        page.keyboard.press("ArrowDown")
        assert page.evaluate("document.activeElement.className") == "toggle", number
    tab_to(page, "#shared *, #organisms *, #terms .notes *")
    assert visit.console == []


@pytest.mark.parametrize(("width", "height"), [(640, 512), (320, 256)])
def test_page_is_usable_at_a_zoom_of_200_and_400_percent(
    browser: Any, sample_page: Path, width: int, height: int
) -> None:
    """1280 x 1024 pixels, zoomed: nothing is wider than the window or hidden at the focus."""
    visit = Visit(
        browser,
        sample_page,
        "#o=235909,592022&e=electronic",
        viewport={"width": width, "height": height},
        device_scale_factor=1280 / width,
    )
    page = visit.page
    visit.open_all()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    too_wide = page.evaluate(
        """[...document.querySelectorAll('h1, h2, h3, p, summary, button, select, .picture svg')]
             .filter(each => each.checkVisibility() && !each.closest('.scroll, aside, .inside')
               && each.getBoundingClientRect().right > innerWidth + 1)
             .map(each => each.outerHTML.slice(0, 80))"""
    )
    assert too_wide == []
    page.evaluate("scrollTo(0, 3000)")
    bar = page.evaluate("document.querySelector('aside').getBoundingClientRect().bottom")
    assert bar < height / 4, "the bar leaves room to read"
    page.locator("#gene-products h2").evaluate("title => { title.tabIndex = -1; title.focus(); }")
    for stop in (".menu > summary", "thead button", ".toggle"):
        assert tab_to(page, f"#table-gene_products {stop}") == []
    assert visit.console == []
