"""The answer of a run on the terminal: sentences, and a table of organisms that fits its width."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from gafreduce.reports.summary import sentences
from gafreduce.reports.summary.summary import OrganismSummary, Summary
from gafreduce.reports.tables.completeness import COMPLETE
from gafreduce.streams import StyledLine
from gafreduce.terminal.text_table import TextCell, TextColumn, format_table, wrap_text

#: From more organisms on, the answer begins with the number of organisms of each verdict.
MANY_ORGANISMS = 30
#: Styles of verdicts; others have none.
_STYLES = {
    **dict.fromkeys(("experimental", "high_throughput", "curated"), "green"),
    **dict.fromkeys(("electronic_only", "unstated_only"), "yellow"),
    **dict.fromkeys(("conflicting", "negated"), "red"),
}
_COLUMNS = (
    TextColumn("organism"),
    TextColumn("verdict"),
    TextColumn("gene products", is_number=True),
    TextColumn("remarks"),
)
_VERDICT_COLUMNS = (
    TextColumn("organisms", is_number=True),
    TextColumn("verdict"),
    TextColumn("for example"),
)
#: Organisms named for each verdict.
_MAX_NAMED = 3


def format_answer(summary: Summary, table: str, width: int) -> Iterator[str | StyledLine]:
    """Yield the summary of a run as lines of text.

    Args:
        summary: The summary.
        table: Where the table of all organisms is.
        width: Of the terminal; 0 when there is none: then no line is wrapped, and all organisms are
            listed, whatever their number.
    """
    yield from wrap_text(summary.headline, width)
    yield ""
    has_many = len(summary.organisms) > MANY_ORGANISMS
    if has_many:
        yield from _format_verdicts(summary, width)
        yield ""
    if has_many and width:
        yield from wrap_text(f"All {len(summary.organisms):,} organisms: {table}", width)
        yield ""
    elif summary.organisms:
        rows = [_make_row(found) for found in summary.organisms]
        yield from format_table(_COLUMNS, rows, width)
        yield ""
    for text in (summary.shared, *summary.sensitivity, *summary.caveats):
        yield from wrap_text(text, width)
    for warning in summary.warnings:
        yield from wrap_text(f"note: {warning}", width, " " * len("note: "))


def _format_verdicts(summary: Summary, width: int) -> Iterator[StyledLine]:
    """Yield a table of verdicts with their organisms; organisms are sorted by verdict."""
    rows = []
    for _words, group in groupby(summary.organisms, key=lambda found: found.words):
        found = list(group)
        names = sentences.list_names([each.organism for each in found], _MAX_NAMED)
        rows.append([TextCell(f"{len(found):,}"), _make_verdict(found[0]), TextCell(names)])
    yield from format_table(_VERDICT_COLUMNS, rows, width)


def _make_row(found: OrganismSummary) -> list[TextCell]:
    is_complete = found.complete == COMPLETE
    # the label of a partial file names its evidence
    best_group = found.best_group if is_complete else ""
    remarks = sentences.list_remarks(found.verdict, best_group, found.contested)
    number = ""
    if found.n_target_gene_products:
        number = f"{found.n_target_gene_products:,} of {found.n_in_aspect or 0:,}"
    return [
        TextCell(found.organism),
        _make_verdict(found),
        TextCell(number),
        TextCell("; ".join(remarks)),
    ]


def _make_verdict(found: OrganismSummary) -> TextCell:
    return TextCell(found.words, _STYLES.get(found.verdict, ""))
