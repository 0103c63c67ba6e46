"""The compressed store of the page: the rows of its tables, column by column.

The page holds a few rows of each table as HTML, and all of them here: base64 of gzip of JSON, which
the browser unpacks (DecompressionStream). The same tables give the same bytes.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from gafreduce.reports.html import links
from gafreduce.reports.summary.italics import NameRun
from gafreduce.reports.summary.run_results import RunResults
from gafreduce.reports.tables.reader import read_columns, split_list

#: Significant digits of numbers that are no whole ones; the tables of the run have all.
_DIGITS = 5
#: Rows of the profile up to which the page has the counts of each term by organism.
MAX_PROFILE = 400_000


class StoredColumn(NamedTuple):
    """A column of a stored table."""

    name: str  # in the table of the run
    heading: str
    explanation: str
    kind: str  # how the script of the page shows a cell
    is_shown: bool
    leads: str  # what a number leads to: kind of gene products, or `explain`
    cells: Mapping[str, Any]  # see `encode_cells`


class StoredTable(NamedTuple):
    """A table with its columns."""

    columns: Sequence[StoredColumn]
    n_stored: int

    def as_json(self, caption: str, n_rows: int, explain: str) -> dict[str, Any]:
        """Return the table as the script of the page reads it."""
        return {
            "caption": caption,
            "n": self.n_stored,
            "all": n_rows,
            "explain": explain,
            "columns": [
                {
                    "k": column.name,
                    "h": column.heading,
                    "t": column.explanation,
                    "y": column.kind,
                    "on": int(column.is_shown),
                    "go": column.leads,
                    **column.cells,
                }
                for column in self.columns
            ],
        }


def encode_cells(
    cells: Sequence[str], kind: str, write: Callable[[str], str] | None = None
) -> dict[str, Any]:
    """Return the cells of a column: `v`, or distinct values `d` and their positions `i`.

    Args:
        cells: As in the TSV.
        kind: `int` and `float` become numbers, None where they are empty.
        write: Returns the label of a value; with it, distinct values have labels `l`.
    """
    distinct = dict.fromkeys(cells)
    if write is None and 2 * len(distinct) > len(cells):
        return {"v": [_encode(cell, kind) for cell in cells]}
    positions = {cell: place for place, cell in enumerate(distinct)}
    encoded: dict[str, Any] = {"d": [_encode(cell, kind) for cell in distinct]}
    if len(distinct) > 1:
        encoded["i"] = [positions[cell] for cell in cells]
    if write is not None:
        encoded["l"] = [write(cell) for cell in distinct]
    return encoded


def _encode(cell: str, kind: str) -> Any:
    if kind == "int":
        return int(cell) if cell else None
    if kind == "float":
        value = float(cell) if cell else None
        if value is None or value in (float("inf"), float("-inf")):
            return None if value is None else cell
        return float(f"{value:.{_DIGITS}g}")
    return cell


def encode_sets(cells: Sequence[str], order: Mapping[str, int]) -> dict[str, Any]:
    """Return a column of lists of organisms: each a number in hexadecimal, with a bit by place.

    >>> encode_sets(["a|c", "b", "a|c"], {"a": 0, "b": 1, "c": 2})
    {'v': ['5', '2', '5']}
    """
    found = [
        format(sum(1 << order[each] for each in split_list(cell) if each in order), "x")
        for cell in cells
    ]
    return encode_cells(found, "organisms")


def make_profile(results: RunResults, terms: StoredTable) -> dict[str, list[int]] | None:
    """Return the counts of each stored term by organism; None if there are too many.

    Returns:
        By term: number of organisms (`n`). By term and organism: place of the organism
        less that of the one before (`o`), lines (`a`), gene products directly (`g`) and with more
        specific terms (`p`).
    """
    cells = {column.name: column.cells for column in terms.columns}
    go_ids = list(_decode(cells["go_id"], terms.n_stored))
    if sum(_decode(cells["n_organisms_propagated"], terms.n_stored)) > MAX_PROFILE:
        return None
    order = {organism_id: place for place, organism_id in enumerate(results.compared)}
    columns = (
        "go_id",
        "organism_id",
        "n_annotations",
        "n_gene_products",
        "n_gene_products_propagated",
    )
    rows = read_columns(results.folder, "profile", columns)
    found: dict[str, list[tuple[int, str, str, str]]] = {}
    for go_id, group in groupby(rows, itemgetter(0)):
        found[go_id] = sorted(
            (order[organism_id], lines, direct, propagated)
            for _, organism_id, lines, direct, propagated in group
            if organism_id in order
        )
    profile: dict[str, list[int]] = {name: [] for name in "noagp"}
    for go_id in go_ids:
        counts = found.get(go_id, [])
        profile["n"].append(len(counts))
        last = 0
        for place, lines, direct, propagated in counts:
            profile["o"].append(place - last)
            profile["a"].append(int(lines))
            profile["g"].append(int(direct))
            profile["p"].append(int(propagated))
            last = place
    return profile


def _decode(cells: Mapping[str, Any], n_rows: int) -> Iterator[Any]:
    """Yield the values of an encoded column."""
    if "v" in cells:
        yield from cells["v"]
    else:
        yield from (cells["d"][place] for place in cells.get("i", [0] * n_rows))


def list_organisms(results: RunResults, order: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Return the organisms, the compared ones first: id, name in parts, completeness, numbers.

    Args:
        results: Of the run.
        order: Ids of organisms in which similar ones are next to each other.
    """
    rows = {row["organism_id"]: row for row in results.organisms}
    likeness = {organism_id: place for place, organism_id in enumerate(order)}
    compared = set(results.compared)
    others = sorted(rows.keys() - compared)
    return [
        {
            "id": organism_id,
            "name": _split_name(results.label(organism_id), results.split_label),
            "whole": int(rows[organism_id]["complete"] == "true"),
            "n": int(organism_id in compared),
            "p": int(rows[organism_id]["n_target_gene_products"] or 0),
            "d": int(rows[organism_id]["n_in_aspect"] or 0),
            **({"s": likeness.get(organism_id, len(order))} if order else {}),
        }
        for organism_id in [*results.compared, *others]
    ]


def name_organisms(
    labels: Iterable[str], split: Callable[[str], Sequence[NameRun]]
) -> list[dict[str, Any]]:
    """Return organisms whose cells are their labels.

    Args:
        labels: The labels.
        split: Returns the italic and upright parts of a label.
    """
    return [
        {"id": label, "name": _split_name(label, split), "whole": 0, "n": 0} for label in labels
    ]


def _split_name(label: str, split: Callable[[str], Sequence[NameRun]]) -> list[list[Any]]:
    """Return the parts of a name, each with 1 if it is italic."""
    return [[run.text, int(run.is_italic)] for run in split(label)] or [[label, 0]]


def pack_store(content: Mapping[str, Any]) -> str:
    """Return the store as base64 of gzip of JSON."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode()


def make_store(
    organisms: Sequence[Mapping[str, Any]],
    n_compared: int,
    tables: Iterable[tuple[str, dict[str, Any]]],
    **more: Any,
) -> str:
    """Return the store of a page.

    Args:
        organisms: See `list_organisms`.
        n_compared: How many of them are compared; they come first.
        tables: Name and content of each table.
        more: Further content.
    """
    return pack_store(
        {
            "organisms": organisms,
            "n_compared": n_compared,
            "links": links.BY_PREFIX,
            "tables": dict(tables),
            **more,
        }
    )
