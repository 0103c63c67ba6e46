"""The page as plain data, and its rendering: the template computes nothing."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

import jinja2
from markupsafe import Markup

from reports import links
from reports.answer import Answer, plural

#: Rows of a table that the page holds; the TSV beside it holds all.
MAX_ROWS = 5000


@dataclass(frozen=True)
class Cell:
    """One cell: text, and where it leads."""

    parts: tuple[tuple[str, str | None], ...]
    is_number: bool = False


@dataclass(frozen=True)
class TableView:
    """A table as the page shows it."""

    name: str  # of the TSV beside the page
    caption: str
    columns: tuple[tuple[str, str], ...]  # heading, and what it means
    rows: tuple[tuple[Cell, ...], ...]
    n_rows: int  # in all

    def __post_init__(self) -> None:
        """Check that every row has a cell under each heading: else numbers stand under others."""
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError(f"{self.name}: expected {len(self.columns)} cells in every row")


@dataclass(frozen=True)
class FigureView:
    """A figure with the finding in words and its numbers."""

    name: str
    caption: str
    finding: str
    svg: str
    table: TableView


@dataclass(frozen=True)
class Page:
    """Everything that the page says."""

    answer: Answer
    record: Mapping[str, Any]
    closure: TableView
    organisms: TableView
    evidence: FigureView
    presence: FigureView
    sets: FigureView
    gene_products: TableView
    annotations: TableView
    terms: TableView
    inputs: TableView
    rejections: TableView
    incomplete: tuple[str, ...]  # organisms whose files were chosen by the outcome
    downloads: tuple[str, ...]


def text_cell(value: object) -> Cell:
    """Return a cell of plain text."""
    return Cell(((str(value), None),))


def number_cell(value: str) -> Cell:
    """Return a cell of a number, empty for none."""
    return Cell(((value, None),), is_number=True)


def id_cell(identifier: str) -> Cell:
    """Return a cell with an id, linked when its database is known."""
    return Cell(((identifier, links.link(identifier)),))


def ids_cell(raw: str) -> Cell:
    """Return a cell with the ids of a raw column, each linked when its database is known."""
    return Cell(tuple(links.parts(raw)))


def render(page: Page) -> str:
    """Return the page as HTML; the same page gives the same bytes."""
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=jinja2.FunctionLoader(_template),
    )
    environment.filters["plural"] = plural
    style = _template("report.css")
    return environment.get_template("report.html").render(
        page=page,
        style=Markup(style),
        style_hash=_csp_hash(style),
        max_rows=MAX_ROWS,
        quickgo=links.quickgo_annotations,
        link=links.link,
        svg=_inline_svg,
    )


def _template(name: str) -> str:
    return (resources.files("reports") / "templates" / name).read_text(encoding="utf-8")


def _csp_hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def _inline_svg(figure: FigureView) -> Markup:
    """Return a figure for the page: its own drawing, in an image that holds it as data.

    An image can run no script and its ids can't meet those of another figure.
    """
    data = base64.b64encode(figure.svg.encode("utf-8")).decode()
    return Markup('<img alt="{}" src="data:image/svg+xml;base64,{}">').format(figure.finding, data)
