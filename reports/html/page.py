"""The page as plain data: sections, figures, tables, rows and cells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from gafreduce.reports.html import links
from gafreduce.reports.html.store import StoredTable
from gafreduce.reports.html.term_chart import ChartLine
from gafreduce.reports.summary.summary import Summary

#: A part of a cell: text, and its link target (None without a link).
Part = tuple[str, str | None]
#: Characters up to which a word in a table is not broken in print; table.js has it too.
_MAX_WORD = 16


@dataclass(frozen=True)
class Cell:
    """A cell of a table."""

    parts: tuple[Part, ...]
    is_number: bool = False
    order: str = ""  # sort key, where it differs from the text

    @property
    def text(self) -> str:
        """The cell as plain text."""
        return "".join(text for text, _ in self.parts)

    @property
    def is_long(self) -> bool:
        """Whether a word is so long that it may be broken in print."""
        return any(len(word) > _MAX_WORD for word in self.text.split())


@dataclass(frozen=True)
class RowView:
    """A row of a table, with the keys by which links and filter buttons select it."""

    cells: tuple[Cell, ...]
    organism: str = ""  # its id
    group: str = ""  # evidence group


@dataclass(frozen=True)
class TableView:
    """A table of the page."""

    name: str  # of the table in the run folder, or of the figure that it belongs to
    caption: str
    columns: tuple[tuple[str, str], ...]  # heading and its explanation
    rows: tuple[RowView, ...]
    n_rows: int  # of the whole table
    tsv: str = ""  # path of the whole table in the run folder
    stored: StoredTable | None = None  # all rows, for the store of the page
    explain: str = ""  # address of a row for `explain`, with columns in braces

    def __post_init__(self) -> None:
        """Check that every row has one cell per column."""
        if any(len(row.cells) != len(self.columns) for row in self.rows):
            raise ValueError(f"{self.name}: expected {len(self.columns)} cells in every row")

    @property
    def is_cut(self) -> bool:
        """Whether the page has only the first rows as HTML."""
        return self.n_rows > len(self.rows)


@dataclass(frozen=True)
class FigureView:
    """A figure with its title, what is drawn, and its numbers."""

    name: str
    caption: str
    finding: str  # its title
    svg: str
    table: TableView
    marks: Mapping[str, Mapping[str, str]]  # what elements of the SVG stand for, by their ids
    head: float  # height in points that the title has in the SVG


@dataclass(frozen=True)
class Section:
    """A section of the page."""

    id: str
    title: str
    lead: tuple[str, ...] = ()
    figures: tuple[FigureView, ...] = ()
    tables: tuple[TableView, ...] = ()
    folded: tuple[TableView, ...] = ()  # shown on request
    notes: tuple[str, ...] = ()


def join_sections(section: Section, others: Iterable[Section]) -> Section:
    """Return a section with the figures and notes of others, and their tables on request."""
    for other in others:
        section = replace(
            section,
            lead=(*section.lead, *other.lead),
            figures=(*section.figures, *other.figures),
            folded=(*section.folded, *other.tables, *other.folded),
            notes=(*section.notes, *other.notes),
        )
    return section


class EvidencePart(NamedTuple):
    """A part of a bar of evidence."""

    x: float
    width: float
    group: str
    letter: str  # empty where it does not fit
    title: str


@dataclass(frozen=True)
class StripPart:
    """An organism of a group, or organisms with the same evidence where there are many."""

    x: float
    width: float
    group: str  # evidence group, empty without annotation
    organisms: str  # its id; empty for several
    title: str


@dataclass(frozen=True)
class MatrixRow:
    """An organism, or a group of organisms."""

    key: str  # id of the organism, or name of the group
    name: str
    organisms: str  # their ids, with commas
    mark: str  # of the file, or number of organisms
    verdict: str
    sign: str  # class of the verdict's sign
    n_products: str
    has_target: bool  # whether the number leads to gene products
    bar: float
    is_complete: bool
    is_broken: bool  # longer than the scale
    evidence: tuple[EvidencePart, ...]
    regulators: tuple[tuple[str, str], ...]  # what a number leads to, or nothing; and its text
    remaining: str
    share_left: float | None  # of the gene products, without the largest source
    depth: str
    depth_bar: float
    numbers: tuple[int, int]  # gene products and depth, to order by
    strip: tuple[StripPart, ...] = ()  # organisms of a group
    group: str = ""  # of an organism, in the sample sheet
    is_species: bool = False  # a group of the taxonomy, whose name is in italics


@dataclass(frozen=True)
class FirstScreen:
    """What is above everything else."""

    answer: tuple[str, ...]  # the first sentence is the largest text of the page
    support: str
    caveats: tuple[str, ...]
    more: tuple[str, ...]  # caveats below the matrix
    rows: tuple[MatrixRow, ...]
    empty: str  # names of organisms without a row
    n_more: int  # groups without a row
    is_grouped: bool
    order: str  # of the rows, in words
    used: tuple[tuple[str, str, str], ...]  # evidence groups: name, letter and label
    marks: tuple[str, ...]  # of regulators, with their meaning
    has_regulators: bool
    has_remaining: bool
    has_partial: bool
    dates: str


@dataclass(frozen=True)
class Page:
    """The whole page."""

    summary: Summary
    statements: tuple[str, ...]  # further sentences of the summary, from the statistics
    record: Mapping[str, Any]
    sections: tuple[Section, ...]
    folded: tuple[TableView, ...]  # the tables of the section "More tables"
    downloads: tuple[str, ...]  # files of the run folder, relative to it
    figure_width: float  # of the figures' files, in mm
    methods: str  # to copy
    citation: str
    store: str  # all rows of the tables, see store.py
    example: str  # id of an organism
    chart: tuple[ChartLine, ...]
    first: FirstScreen


def make_text_cell(value: object) -> Cell:
    """Return a cell of plain text."""
    return Cell(((str(value), None),))


def make_number_cell(value: str, order: str = "", target: str | None = None) -> Cell:
    """Return a cell of a number, linked to `target` unless it is zero or empty."""
    return Cell(((value, target if value not in ("", "0") else None),), True, order)


def make_id_cell(identifier: str) -> Cell:
    """Return a cell with an id, linked if its database is known."""
    return Cell(((identifier, links.find_url(identifier)),))


def make_ids_cell(raw: str) -> Cell:
    """Return a cell with the ids of a raw column, each linked if its database is known."""
    return Cell(tuple(links.link_ids(raw)))


def make_anchor(section: str, organism: str = "", group: str = "") -> str:
    """Return the link target for the rows of an organism, or of one of its evidence groups.

    The address is that of a section, which also works without JavaScript; after it, separated by
    colons, what the script of the page selects there.

    >>> make_anchor("gene-products", "83333", "electronic")
    '#gene-products:83333:electronic'
    """
    return "#" + ":".join(part for part in (section, organism, group) if part)


def make_rows(
    values: Sequence[Sequence[object]],
    find_target: Callable[[str], str] | None = None,
    organisms: Sequence[str] = (),
) -> tuple[RowView, ...]:
    """Return rows of plain values; whole numbers become number cells.

    Args:
        values: Row by row.
        find_target: Returns the link target of the numbers of a row from its first value.
        organisms: The id of each row's organism, if rows have one.
    """
    return tuple(
        RowView(
            tuple(
                make_number_cell(
                    str(value), target=find_target(str(row[0])) if find_target else None
                )
                if isinstance(value, int) and not isinstance(value, bool)
                else make_text_cell(value)
                for value in row
            ),
            organism,
        )
        for row, organism in zip(values, organisms or [""] * len(values), strict=True)
    )
