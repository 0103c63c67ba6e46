"""The page as plain data, and its rendering: the template computes nothing."""

from __future__ import annotations

import base64
import hashlib
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

import jinja2
from markupsafe import Markup, escape

from gafreduce.reports.html import links
from gafreduce.reports.html.datatables import read_table_library
from gafreduce.reports.html.svg import inline_svg
from gafreduce.reports.summary.summary import Answer, plural

#: A word of more characters may be broken after so many.
_LONG_WORD, _BROKEN = 40, 20

#: A part of a cell: text, and where it leads.
Part = tuple[str, str | None]


@dataclass(frozen=True)
class Cell:
    """One cell: text that may lead somewhere."""

    parts: tuple[Part, ...]
    is_number: bool = False
    order: str = ""  # what to sort by, where that isn't the text

    @property
    def text(self) -> str:
        """The cell as plain text."""
        return "".join(text for text, _ in self.parts)


@dataclass(frozen=True)
class RowView:
    """One row, and what links and chips may choose it by."""

    cells: tuple[Cell, ...]
    taxon: str = ""  # taxonomy id
    group: str = ""  # evidence group


@dataclass(frozen=True)
class TableView:
    """A table as the page shows it."""

    name: str  # of the TSV beside the page, or of the figure that it belongs to
    caption: str
    columns: tuple[tuple[str, str], ...]  # heading, and what it means
    rows: tuple[RowView, ...]
    n_rows: int  # in all
    tsv: str = ""  # the file that holds all of it

    def __post_init__(self) -> None:
        """Check that every row has a cell under each heading: else numbers stand under others."""
        if any(len(row.cells) != len(self.columns) for row in self.rows):
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
class Section:
    """A part of the page: words, figures, tables, and what they don't say."""

    id: str
    title: str
    lead: tuple[str, ...] = ()
    figures: tuple[FigureView, ...] = ()
    tables: tuple[TableView, ...] = ()
    folded: tuple[TableView, ...] = ()  # shown when asked for
    limits: tuple[str, ...] = ()


@dataclass(frozen=True)
class Page:
    """Everything that the page says."""

    answer: Answer
    statements: tuple[str, ...]  # what the other tables add to the answer
    record: Mapping[str, Any]
    sections: tuple[Section, ...]
    incomplete: tuple[str, ...]  # organisms whose files were chosen by the outcome
    downloads: tuple[str, ...]


def text_cell(value: object) -> Cell:
    """Return a cell of plain text."""
    return Cell(((str(value), None),))


def number_cell(value: str, order: str = "", target: str | None = None) -> Cell:
    """Return a cell of a number, empty for none, that may lead to its rows."""
    return Cell(((value, target if value not in ("", "0") else None),), True, order)


def id_cell(identifier: str) -> Cell:
    """Return a cell with an id, linked when its database is known."""
    return Cell(((identifier, links.link(identifier)),))


def ids_cell(raw: str) -> Cell:
    """Return a cell with the ids of a raw column, each linked when its database is known."""
    return Cell(tuple(links.parts(raw)))


def rows_anchor(table: str, taxon: str = "", group: str = "") -> str:
    """Return the fragment that leads to the rows of an organism, or of one of its groups.

    >>> rows_anchor("gene_products", "83333", "electronic")
    '#rows:gene_products:83333:electronic'
    """
    return "#" + ":".join(part for part in ("rows", table, taxon, group) if part)


def render(page: Page) -> str:
    """Return the page as HTML; the same page gives the same bytes.

    Raises:
        LibraryError: The library of tables is not there.
        FigureError: A figure is no SVG.
    """
    library = read_table_library()
    style = library.style + _template("report.css")
    # a scope of its own: of a page that is put into another, nothing is left in its window
    script = f"{library.script}\n{_template('report.js')}"
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=jinja2.FunctionLoader(_template),
    )
    environment.filters |= {
        "plural": plural,
        "rows": rows_html,
        "breakable": _breakable,
        "quoted": shlex.join,
    }
    return environment.get_template("report.html").render(
        page=page,
        style=Markup(style),
        style_hash=_csp_hash(style),
        script=Markup(script),
        script_hash=_csp_hash(script),
        link=links.link,
        term_pages=links.term_pages,
        svg=_svg,
    )


def rows_html(view: TableView) -> Markup:
    """Return the body of a table; every text is escaped here and nowhere else.

    End tags of cells and rows may be left out in HTML: a tenth of the page.
    """
    return Markup("\n").join(_rows(view))


def _rows(view: TableView) -> Iterator[Markup]:
    seen: set[str] = set()
    for row in view.rows:
        anchors = [
            anchor[1:]
            for anchor in (
                rows_anchor(view.name, row.taxon) if row.taxon else "",
                rows_anchor(view.name, row.taxon, row.group) if row.taxon and row.group else "",
            )
            if anchor
        ]
        fresh = [anchor if anchor not in seen else "" for anchor in anchors]
        seen.update(anchors)
        fresh += [""] * (len(row.cells) - len(fresh))
        opened = "<tr"
        if row.taxon:
            opened += f' data-taxon="{escape(row.taxon)}"'
        if row.group:
            opened += f' data-group="{escape(row.group)}"'
        cells = (_cell(cell, anchor) for cell, anchor in zip(row.cells, fresh, strict=False))
        yield Markup(f"{opened}>{''.join(cells)}")


def _cell(cell: Cell, anchor: str) -> str:
    attributes = f' id="{escape(anchor)}"' if anchor else ""
    if cell.is_number:
        attributes += " class=n"
    if cell.order:
        attributes += f' data-order="{escape(cell.order)}"'
    return f"<td{attributes}>{''.join(map(_part, cell.parts))}"


def _part(part: Part) -> str:
    text, target = part
    shown = _breakable(text)
    if not target:
        return str(shown)
    rel = "" if target.startswith("#") else " rel=noopener"
    return f'<a href="{escape(target)}"{rel}>{shown}</a>'


def _breakable(text: str) -> Markup:
    """Return text whose long words may be broken: else a column is wider than the paper."""
    if len(text) <= _LONG_WORD:
        return escape(text)
    words = (
        Markup("<wbr>").join(
            word[start : start + _BROKEN] for start in range(0, len(word), _BROKEN)
        )
        if len(word) > _LONG_WORD
        else escape(word)
        for word in text.split(" ")
    )
    return Markup(" ").join(words)


def _svg(figure: FigureView) -> Markup:
    return Markup(inline_svg(figure.svg, figure.name, figure.caption, figure.finding))


def _template(name: str) -> str:
    return (resources.files("gafreduce.reports.html") / "templates" / name).read_text(
        encoding="utf-8"
    )


def _csp_hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def frame_rows(
    values: Sequence[Sequence[object]], leads_to: Callable[[str], str] | None = None
) -> tuple[RowView, ...]:
    """Return plain values as rows; whole numbers to the right.

    Args:
        values: Row by row.
        leads_to: Where the numbers of a row lead, by its first value.
    """
    return tuple(
        RowView(
            tuple(
                number_cell(str(value), target=leads_to(str(row[0])) if leads_to else None)
                if isinstance(value, int) and not isinstance(value, bool)
                else text_cell(value)
                for value in row
            )
        )
        for row in values
    )
