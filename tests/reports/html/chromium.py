"""Chromium with a page of the report, and what a page says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.tables.reader import read_rows

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


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
        options = {"viewport": {"width": 1440, "height": 900}, "reduced_motion": "reduce"} | options
        self.context = browser.new_context(accept_downloads=True, **options)
        self.page = self.context.new_page()
        self.requests: list[str] = []
        self.console: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.console.append(message.text))
        self.page.on("pageerror", lambda error: self.console.append(str(error)))
        self.page.goto(path.as_uri() + fragment)
        if options.get("java_script_enabled", True):
            wait_until(self.page, "document.body.dataset.ready === 'true'")

    def open_all(self) -> None:
        """Open every part of the page, and scroll to every table, which makes it interactive."""
        self.page.evaluate(
            "document.querySelectorAll('details:not(.menu)').forEach(each => { each.open = true; })"
        )
        for table in self.page.locator("[data-table]").all():
            table.scroll_into_view_if_needed()
        wait_until(
            self.page,
            "[...document.querySelectorAll('[data-table]')].every(each => each.querySelector('.live'))",
        )
        for name in ("gene_products", "terms", "organisms"):
            self.page.locator(f"#table-{name} .toggle").first.click()
        self.page.locator("#table-gene_products .menu > summary").first.click()

    def count(self, name: str) -> str:
        """Return how many rows a table says to show."""
        table = self.page.locator(f"#table-{name}")
        table.scroll_into_view_if_needed()
        return str(table.locator(".count").text_content())


def rows_of(page: Path, name: str) -> list[dict[str, str]]:
    return list(read_rows(RunFolder(page.parent), name))
