"""The tables of a study are documented."""

from __future__ import annotations

from pathlib import Path

from gafreduce.reports.traits.schema import TABLES

DOCUMENT = Path(__file__).parents[3] / "docs" / "study.md"


def test_every_column_is_documented() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    for table in TABLES.values():
        start = text.index(f"\n### {table.name}\n")
        section = " ".join(text[start : text.find("\n##", start + 1)].split())
        assert table.description in section
        described = [f"- `{each.name}` ({each.type}): {each.description}" for each in table.columns]
        assert section.endswith(" ".join(described))
