"""Times of the page in a browser: first paint and usable tables, of five loads or more.

    python benchmarks/page.py REPORT.html ... [--loads N]

The pages are loaded in turn, and with them a blank page, whose first paint is the browser's own
time. For each page are printed the medians and, in brackets, the quickest load: on a machine that
does other work too, the quickest one and the CPU time of the page's main thread say more.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

_LOADS = 5
_FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
_BLANK = '<!doctype html><html lang="en"><title>Blank</title><body data-ready="true"><p>Text</p>'
_READY = "document.body.dataset.ready === 'true'"
_PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"


class Load(NamedTuple):
    """What one load of a page took."""

    paint: float  # s until the first paint with content
    ready: float  # s until the tables in sight are usable
    cpu: float  # s of CPU of the main thread until then
    n_elements: int


def measure_load(browser: Any, page: Path) -> Load:
    """Load a page in a context of its own."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    tab = context.new_page()
    session = context.new_cdp_session(tab)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    tab.goto(page.resolve().as_uri())
    while not tab.evaluate(_READY):
        tab.wait_for_timeout(5)
    metrics = session.send("Performance.getMetrics")["metrics"]
    cpu = next(each["value"] for each in metrics if each["name"] == "TaskDuration")
    while (paint := tab.evaluate(_PAINT)) is None:
        tab.wait_for_timeout(5)
    ready = float(tab.evaluate("document.body.dataset.seconds ?? 0"))
    n_elements = int(tab.evaluate("document.querySelectorAll('*').length"))
    context.close()
    return Load(paint / 1000, ready, cpu, n_elements)


def _describe(values: list[float]) -> str:
    return f"{median(values):.2f} s ({min(values):.2f})"


def main() -> None:
    """Print a line for each page."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("pages", nargs="+", type=Path)
    parser.add_argument("--loads", type=int, default=_LOADS, help="of each (default: %(default)s)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        blank = Path(folder) / "blank.html"
        blank.write_text(_BLANK, encoding="utf-8")
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=list(_FLAGS)
        )
        pages = [blank, *arguments.pages]
        measure_load(browser, blank)  # the browser's first page takes longer
        loads: dict[Path, list[Load]] = {page: [] for page in pages}
        for _ in range(arguments.loads):
            for page in pages:
                loads[page].append(measure_load(browser, page))
        browser.close()
        print(f"blank page: first paint {_describe([each.paint for each in loads[blank]])}")
        for page in arguments.pages:
            found = loads[page]
            print(
                f"{page}: {page.stat().st_size / 1e6:.2f} MB, "
                f"first paint {_describe([each.paint for each in found])}, "
                f"tables usable {_describe([each.ready for each in found])}, "
                f"main thread {_describe([each.cpu for each in found])}, "
                f"{max(each.n_elements for each in found):,} elements"
            )


if __name__ == "__main__":
    main()
