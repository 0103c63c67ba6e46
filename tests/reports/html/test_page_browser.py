"""The page in a browser: no requests, no console messages, accessible, usable by keyboard."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gafreduce.cli.main import main
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.html.render import render
from gafreduce.reports.tables.reader import read_rows

Command = Callable[..., tuple[int, str, str]]

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("needs chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def sample_page(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run_dir = tmp_path_factory.mktemp("page") / "run"
    arguments = ["run", samples, "--ontology", samples / "go-samples.obo", "-q", "--no-report"]
    assert main([str(each) for each in (*arguments, "-o", run_dir)]) == 0
    return render(RunFolder(run_dir))


def wait_until(page: Any, expression: str) -> None:
    """Wait until an expression is true; polled from here, because the page's policy forbids eval."""
    for _ in range(200):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"expected to become true: {expression}")


class Visit:
    """An open page, with its requests and console messages."""

    def __init__(self, browser: Any, path: Path, fragment: str = "", **options: Any) -> None:
        self.context = browser.new_context(accept_downloads=True, **options)
        self.page = self.context.new_page()
        self.requests: list[str] = []
        self.console: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.console.append(message.text))
        self.page.on("pageerror", lambda error: self.console.append(str(error)))
        self.page.goto(path.as_uri() + fragment)

    def scroll_through(self) -> None:
        """Scroll to every table, which makes it interactive."""
        self.page.evaluate(
            "document.querySelectorAll('details.folded').forEach(each => { each.open = true; })"
        )
        for table in self.page.locator("table.data").all():
            if table.is_visible():
                table.scroll_into_view_if_needed()
        wait_until(
            self.page,
            "[...document.querySelectorAll('details.folded table.data, section > .scroll table.data')]"
            ".every(each => each.closest('.dt-container'))",
        )

    def read_info(self, name: str) -> str:
        """Return the info line of a table."""
        return str(
            self.page.locator(f"#table-{name}").evaluate(
                "each => each.closest('.dt-container').querySelector('.dt-info').textContent"
            )
        )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1440])  # 320: 1280 at a zoom of 400 %
def test_page_is_accessible_and_requests_nothing(
    browser: Any, sample_page: Path, scheme: str, width: int
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    visit = Visit(
        browser, sample_page, viewport={"width": width, "height": 900}, color_scheme=scheme
    )
    visit.scroll_through()
    assert visit.console == []
    assert [url for url in visit.requests if not url.startswith("data:")] == [sample_page.as_uri()]
    assert visit.page.evaluate("document.documentElement.scrollWidth") == width
    found = Axe().run(visit.page, options={"runOnly": {"type": "tag", "values": WCAG}})
    assert [
        (each["id"], each["nodes"][0]["html"][:200]) for each in found.response["violations"]
    ] == []
    visit.context.close()


def test_tables_are_sorted_filtered_and_shared_by_keyboard(browser: Any, sample_page: Path) -> None:
    visit = Visit(browser, sample_page, "#table-gene_products")
    page = visit.page
    page.wait_for_selector("#table-gene_products thead tr.dt-filters")
    page.locator("#table-gene_products thead th .dt-column-order").nth(2).focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#table-gene_products thead th:nth-child(3)[aria-sort=ascending]")
    page.locator("#table-gene_products thead tr.dt-filters input").nth(2).focus()
    page.keyboard.type("mec")
    symbols = [row["symbol"] for row in read_rows(RunFolder(sample_page.parent), "gene_products")]
    wanted = sum("mec" in symbol.lower() for symbol in symbols)
    assert 1 < wanted < 25
    wait_until(
        page,
        f"document.body.textContent.includes('Showing 1 to {wanted} of {wanted} entries (filt')",
    )
    button = page.locator(".dt-container:has(#table-gene_products) .dt-buttons button").first
    button.focus()
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    lines = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
    assert download.value.suggested_filename == "gene_products.csv"
    assert len(lines) == 1 + wanted
    assert all("mec" in line.lower() for line in lines[1:])
    shared = Visit(browser, sample_page, "#" + page.url.partition("#")[2])
    shared.page.wait_for_selector("#table-gene_products thead tr.dt-filters")
    assert shared.read_info("gene_products") == visit.read_info("gene_products")
    assert shared.console == visit.console == []


def test_number_links_to_its_rows(browser: Any, sample_page: Path) -> None:
    visit = Visit(browser, sample_page)
    visit.page.click('#organisms a[href="#rows:gene_products:224308"] >> nth=0')
    visit.page.wait_for_selector("#table-gene_products thead tr.dt-filters")
    assert "of 52 entries (filtered" in visit.read_info("gene_products")


def test_page_is_complete_without_javascript(browser: Any, sample_page: Path) -> None:
    visit = Visit(browser, sample_page, java_script_enabled=False)
    rows = visit.page.locator("#table-gene_products tbody tr")
    assert rows.count() == len(list(read_rows(RunFolder(sample_page.parent), "gene_products")))
    assert rows.last.is_visible()
    assert visit.page.locator("#organisms table").first.is_visible()
    visit.page.click("#gene-products details.folded > summary")
    assert visit.page.locator("#table-annotations").is_visible()


def test_page_prints_on_a4_and_letter(browser: Any, sample_page: Path) -> None:
    visit = Visit(browser, sample_page)
    for size in ("A4", "Letter"):
        assert visit.page.pdf(format=size).startswith(b"%PDF")
    visit.page.emulate_media(media="print")
    assert visit.page.locator("#table-gene_products tbody tr").nth(40).is_visible()
    assert visit.console == []


@pytest.mark.parametrize("unit", ["long ", "unbroken"])
def test_printed_tables_fit_the_paper(
    browser: Any, gafreduce: Command, samples: Path, tmp_path: Path, unit: str
) -> None:
    """Names of 300 characters, on the width that A4 has between its margins."""
    (tmp_path / "names").write_text("".join(f"{n}\t{n} {unit * 40}\n" for n in (562, 1423)))
    lines = [
        f"DB\tP{n}\ts\t\tGO:0030420\tPMID:1\tIEA\tInterPro:IPR{n:06d}\tP\tn\t\tprotein\ttaxon:{taxon}"
        "\t20200101\tX\t\t\n"
        for n in range(9)
        for taxon in (562, 1423)
    ]
    (tmp_path / "x.gaf").write_text("".join(lines))
    code, _, errors = gafreduce(
        *("run", tmp_path / "x.gaf", "--ontology", samples / "go-samples.obo", "-q"),
        *("-o", tmp_path / "run", "--organism-names", tmp_path / "names"),
    )
    assert (code, errors) == (0, "")
    visit = Visit(browser, tmp_path / "run" / "report.html", viewport={"width": 703, "height": 900})
    visit.page.emulate_media(media="print")
    too_wide = visit.page.evaluate(
        """Array.from(document.querySelectorAll('table.data, p, li, figcaption'))
             .filter(each => each.checkVisibility() && each.getBoundingClientRect().right > 704)
             .map(each => each.id || each.textContent.slice(0, 60))"""
    )
    assert too_wide == []


HOSTILE = ("<script>document.title='ran'</script>", '"><img src=x onerror="document.title=1">')


@pytest.mark.parametrize("control", [False, True])
def test_hostile_text_does_not_run(
    browser: Any, gafreduce: Command, samples: Path, tmp_path: Path, control: bool
) -> None:
    """Every text column contains markup; as a control the same markup is added unescaped."""
    cells = [*HOSTILE, "=HYPERLINK(1)", "+1+1", "@SUM(1)", "\uff1dHYPERLINK(2)"]
    lines = ["!gaf-version: 2.2"]
    for number, text in enumerate(cells * 2):
        row = [text, f"P{number}{text}", text, "", "GO:0030420", text, text, text, "P", text, text]
        row += [text, f"taxon:{1 + number % 2}", "20200101", text, text, text]
        lines.append("\t".join(row))
    (tmp_path / "x.gaf").write_text("\n".join(lines) + "\n")
    (tmp_path / "names").write_text(f"1\t{HOSTILE[0]}\n2\t{HOSTILE[1]}\n")
    code, _, errors = gafreduce(
        *("run", tmp_path / "x.gaf", "--ontology", samples / "go-samples.obo", "-q"),
        *("--no-report", "-o", tmp_path / "run", "--organism-names", tmp_path / "names"),
    )
    assert (code, errors) == (0, "")
    path = render(RunFolder(tmp_path / "run"))
    if control:
        text = path.read_text(encoding="utf-8")
        start, end = text.index('<meta http-equiv="Content'), text.index('<meta name="viewport"')
        path.write_text(text[:start] + text[end:] + HOSTILE[0], encoding="utf-8")
    visit = Visit(browser, path)
    visit.scroll_through()
    assert (visit.page.title() == "ran") is control
    if not control:
        assert visit.console == []
        with visit.page.expect_download() as download:
            visit.page.locator(
                ".dt-container:has(#table-gene_products) .dt-buttons button"
            ).first.click()
        saved = Path(download.value.path()).read_text(encoding="utf-8")
        assert "'=HYPERLINK(1)" in saved
        assert ",=HYPERLINK" not in saved
        assert ",@SUM" not in saved
        assert "'\uff1dHYPERLINK(2)" in saved
        assert ",\uff1dHYPERLINK" not in saved
        visit.page.goto(f"{path.as_uri()}#%")
        visit.page.goto(f"{path.as_uri()}#%E0%A4%A")
        visit.page.reload()
        assert visit.page.locator(".dt-container").count() > 0
        assert visit.console == [], "an address that cannot be decoded is ignored"
