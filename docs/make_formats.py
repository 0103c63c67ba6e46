"""Write the definitions of tables and reasons of docs/ from the schemas: `make docs`."""

from __future__ import annotations

import textwrap
from pathlib import Path

from gafreduce.reports.comparison.reasons import REASONS
from gafreduce.reports.comparison.schema import COMPARISON_TABLES
from gafreduce.reports.tables.schema import ALL_TABLES, CONVERTED_TABLES, Table

BEGIN, END = "<!-- tables: begin -->", "<!-- tables: end -->"
WIDTH = 118


def wrap(text: str, indent: str = "") -> str:
    """Return text in lines of at most WIDTH characters."""
    return textwrap.fill(
        text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def describe_tables() -> str:
    """Return the definitions of all tables as Markdown."""
    return "\n".join(map(_describe, (ALL_TABLES | CONVERTED_TABLES).values()))


def _describe(table: Table) -> str:
    """Return the section of one table: its description, its key, and a list of its columns."""
    columns = "\n".join(
        wrap(f"- `{column.name}` ({column.type}): {column.description}", "  ")
        for column in table.columns
    )
    key = ", ".join(table.key)
    return f"### {table.name}\n\n{wrap(table.description)}\n\nKey: {key}.\n\n{columns}\n"


def describe_comparison() -> str:
    """Return the reasons and tables of a comparison as Markdown."""
    reasons = "\n".join(
        f"{n}. `{word}`: {text}." for n, (word, text) in enumerate(REASONS.items(), 1)
    )
    tables = "\n".join(map(_describe, COMPARISON_TABLES.values()))
    return f"## Reasons, in their order\n\n{reasons}\n\n## Tables\n\n{tables}"


def with_tables(text: str, described: str | None = None) -> str:
    """Return the page with its definitions replaced by the current ones."""
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    return f"{before}{BEGIN}\n\n{described or describe_tables()}\n{END}{after}"


if __name__ == "__main__":
    for name, described in (("formats", describe_tables()), ("compare", describe_comparison())):
        path = Path(__file__).with_name(f"{name}.md")
        text = with_tables(path.read_text(encoding="utf-8"), described)
        path.write_text(text, encoding="utf-8")
