"""Writes the tables of docs/formats.md from the column definitions: `make docs`."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

from gafreduce.reports.tables.schema import TABLES
from gafreduce.reports.tables.statistics_schema import TABLES as STATISTICS

BEGIN, END = "<!-- tables: begin -->", "<!-- tables: end -->"


def wrap(text: str, indent: str = "") -> str:
    """Return text in lines of at most 118 columns."""
    return textwrap.fill(
        text, 118, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def tables() -> str:
    """Return every table's definition as Markdown."""
    parts = []
    for table in (TABLES | STATISTICS).values():
        parts.append(f"### {table.name}\n\n{wrap(table.meaning)}\n\nKey: {', '.join(table.key)}.\n")
        rows = [wrap(f"- `{c.name}` ({c.type}): {c.meaning}", "  ") for c in table.columns]
        parts.append("\n".join(rows) + "\n")
    return "\n".join(parts)


def with_tables(text: str) -> str:
    """Return the page with its tables made anew."""
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    return f"{before}{BEGIN}\n\n{tables()}\n{END}{after}"


if __name__ == "__main__":
    path = Path(__file__).with_name("formats.md")
    old = path.read_text(encoding="utf-8")
    path.write_text(with_tables(old), encoding="utf-8")
    sys.exit(0)
