"""Write the table definitions of docs/formats.md from the schema: `make docs`."""

from __future__ import annotations

import textwrap
from pathlib import Path

from gafreduce.reports.tables.schema import TABLES, Table

BEGIN, END = "<!-- tables: begin -->", "<!-- tables: end -->"
WIDTH = 118


def wrap(text: str, indent: str = "") -> str:
    """Return text in lines of at most WIDTH characters."""
    return textwrap.fill(
        text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def describe_tables() -> str:
    """Return the definitions of all tables as Markdown."""
    return "\n".join(map(_describe, TABLES.values()))


def _describe(table: Table) -> str:
    """Return the section of one table: its description, its key, and a list of its columns."""
    columns = "\n".join(
        wrap(f"- `{column.name}` ({column.type}): {column.description}", "  ")
        for column in table.columns
    )
    key = ", ".join(table.key)
    return f"### {table.name}\n\n{wrap(table.description)}\n\nKey: {key}.\n\n{columns}\n"


def with_tables(text: str) -> str:
    """Return the page with its table definitions replaced by the current ones."""
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    return f"{before}{BEGIN}\n\n{describe_tables()}\n{END}{after}"


if __name__ == "__main__":
    path = Path(__file__).with_name("formats.md")
    path.write_text(with_tables(path.read_text(encoding="utf-8")), encoding="utf-8")
