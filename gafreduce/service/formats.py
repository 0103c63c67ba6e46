"""The formats of answers - JSON, CSV, TSV - and how a request names one: by suffix or by Accept."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from gafreduce.reports.tables.writer import encode_cell

JSON, CSV, TSV = "json", "csv", "tsv"
#: Media types by format; the first one is the default.
MEDIA_TYPES = {
    JSON: "application/json",
    CSV: "text/csv",
    TSV: "text/tab-separated-values",
}
_FORMAT_OF = {media: name for name, media in MEDIA_TYPES.items()}
_WILDCARDS = {"*/*": JSON, "application/*": JSON, "text/*": CSV}


def choose_format(accept: str) -> str | None:
    """Return the format that an Accept header prefers; None when it allows none.

    >>> choose_format("text/csv;q=0.5, text/tab-separated-values"), choose_format("image/png")
    ('tsv', None)
    >>> choose_format(""), choose_format("text/html, */*;q=0.1"), choose_format("text/csv;q=0")
    ('json', 'json', None)
    """
    best: tuple[float, int] | None = None
    chosen = None
    for position, part in enumerate(accept.split(",") if accept.strip() else ["*/*"]):
        media, *parameters = (text.strip().lower() for text in part.split(";"))
        name = _FORMAT_OF.get(media) or _WILDCARDS.get(media)
        quality = _read_quality(parameters)
        if name and quality > 0 and (best is None or (quality, -position) > best):
            best, chosen = (quality, -position), name
    return chosen


def _read_quality(parameters: Sequence[str]) -> float:
    for each in parameters:
        if each.startswith("q="):
            try:
                return float(each[2:])
            except ValueError:
                return 0.0
    return 1.0


def encode_json(value: Any) -> bytes:
    """Return a value as JSON in UTF-8."""
    return orjson.dumps(value)


def encode_rows(name: str, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Return rows as CSV (RFC 4180) or TSV, with the names of the columns first.

    Args:
        name: CSV or TSV.
        columns: The names.
        rows: Values by column; lists are joined by `|`, as in the tables of a run.
    """
    cells = [[encode_cell(row[column]) for column in columns] for row in rows]
    if name == TSV:
        return "".join("\t".join(row) + "\n" for row in [list(columns), *cells]).encode()
    stream = io.StringIO()
    csv.writer(stream).writerows([columns, *cells])
    return stream.getvalue().encode()
