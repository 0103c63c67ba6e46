"""Times of the page in a browser: first paint and usable tables, medians of five loads.

python benchmarks/page.py REPORT.html ...
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from statistics import median
from typing import Any

_LOADS = 5
_FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
_READY = "document.body.dataset.ready === 'true'"
_PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"


def measure_load(browser: Any, page: Path) -> tuple[float, float, int]:
    """Return first paint and usable tables in seconds, and the number of elements."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    tab = context.new_page()
    tab.goto(page.resolve().as_uri())
    while not tab.evaluate(_READY) or tab.evaluate(_PAINT) is None:
        tab.wait_for_timeout(5)
    times = (tab.evaluate(_PAINT) / 1000, float(tab.evaluate("document.body.dataset.seconds")))
    n_elements = int(tab.evaluate("document.querySelectorAll('*').length"))
    context.close()
    return (*times, n_elements)


def main(paths: list[str]) -> None:
    """Print a line for each page."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=list(_FLAGS)
        )
        for path in paths:
            loads = [measure_load(browser, Path(path)) for _ in range(_LOADS)]
            paint, ready = (median(each[place] for each in loads) for place in (0, 1))
            size = Path(path).stat().st_size / 1e6
            print(
                f"{path}: {size:.2f} MB, first paint {paint:.2f} s, tables usable {ready:.2f} s, "
                f"{loads[0][2]:,} elements"
            )
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
