"""The sections of the page on statistics: terms of each set of organisms, side by side."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.html import statistics_sections


def make_lists(compared: tuple[str, ...], *rows: dict[str, str]) -> Any:
    tables = {"sets": list(rows), "terms": [{"go_id": "GO:1", "name": "one"}]}
    results = SimpleNamespace(
        folder=RunFolder(Path()),
        compared=list(compared),
        rows=lambda table: iter(tables.get(table, [])),
        label=lambda taxon: f"organism {taxon}",
        list_organisms=lambda taxa: [taxa],
        name_organisms=lambda taxa: " and ".join(f"organism {t}" for t in taxa.split("|")),
    )
    (section,) = statistics_sections.make_sets_sections(results)  # type: ignore[arg-type]
    return section.tables


def make_row(taxa: str, go_ids: str) -> dict[str, str]:
    row = {"scope": "all", "aspect": "all", "counting": "direct", "rank": "1"}
    return row | {"n_terms": "1", "n_organisms": "1", "organism_ids": taxa, "go_ids": go_ids}


def read_texts(view: Any) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in view.rows]


def test_terms_of_two_organisms_are_listed_side_by_side() -> None:
    (view,) = make_lists(
        ("1", "2"), make_row("1", "GO:1|GO:2"), make_row("1|2", "GO:3"), make_row("2", "GO:4")
    )
    assert [heading for heading, _ in view.columns] == [
        "only organism 1",
        "both",
        "only organism 2",
    ]
    assert read_texts(view) == [["GO:1 one", "GO:3 ", "GO:4 "], ["GO:2 ", "", ""]]


def test_lists_of_three_organisms_name_the_organisms_of_each_term() -> None:
    (view,) = make_lists(
        ("1", "2", "3"), make_row("1|2|3", "GO:1"), make_row("1|3", "GO:2"), make_row("2", "GO:3")
    )
    assert read_texts(view) == [
        ["GO:1 one", "GO:2  (organism 1 and organism 3)", "GO:3  (organism 2)"]
    ]


def test_more_than_three_organisms_have_no_lists() -> None:
    assert make_lists(("1", "2", "3", "4"), make_row("1", "GO:1")) == ()
