"""What the notes of the statistics say on the page, and the lists of sets."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.html import caveats, sets_sections


def tables(rows: dict[str, list[dict[str, str]]], compared: tuple[str, ...] = ("1", "2")) -> Any:
    """Return tables of a run as far as they are asked here."""
    return SimpleNamespace(
        folder=RunFolder(Path()),
        compared=list(compared),
        rows=lambda name: iter(rows.get(name, [])),
        label=lambda taxon: f"organism {taxon}",
        who=lambda taxa: " and ".join(f"organism {taxon}" for taxon in taxa.split("|")),
    )


def said(*of: tuple[str, str, str, str]) -> list[str]:
    rows = [dict(zip(("table", "subject", "key", "value"), row, strict=True)) for row in of]
    return list(caveats.in_words(tables({"statistics_notes": rows}), "t"))


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("t", "", "reason", "scope_target")], "There is nothing to show: --scope target keeps"),
        ([("t", "", "reason", "unheard_of")], "There is nothing to show: unheard of."),
        (
            [("t", "", "n_organisms_shown", "100"), ("t", "", "n_organisms_complete", "1000")],
            "Shown are 100 of 1,000 complete organisms:",
        ),
        ([("t", "", "max_entries", "50")], "Of an organism the 50 With/From entries"),
        ([("t", "", "min_terms", "20")], "fewer than 20 terms."),
        ([("t", "", "alpha", "0.05"), ("t", "", "min_population", "2")], "below p = 0.05 at all"),
        (
            [("t", "5", "reason", "more_than_50000_lines"), ("t", "7", "reason", "other")],
            "Left out, more than 50,000 lines: organism 5.",
        ),
        ([("t", "P", "reason", "no_single_root")], "no single root there: biological process."),
        ([("t", "5", "incomplete", "true")], "so that terms are missing: organism 5."),
        (
            [("t", "all P direct", "n_sets", "900"), ("t", "all P direct", "n_sets_shown", "500")],
            "Sets of all P direct: the 500 largest of 900 are listed.",
        ),
        (
            [("t", "", "n_orthologs_without_lines", "3")],
            "Named orthologs that no line is about: 3.",
        ),
    ],
)
def test_every_kind_of_note_becomes_a_sentence(rows, words):
    assert any(words in sentence for sentence in said(*rows)), said(*rows)


def test_what_was_not_cut_is_not_said():
    assert not said(("t", "", "n_organisms_shown", "7"), ("t", "", "n_organisms_complete", "7"))
    assert not said(("other", "", "reason", "scope_target"))


def test_the_pool_is_named_with_its_size():
    sentences = said(
        ("t", "", "pool", "abc"),
        ("t", "", "pool_organisms", "5"),
        ("t", "P", "pool_gene_products", "12345"),
        ("t", "F", "pool_gene_products", "0"),
    )
    assert any("5 complete organisms of this run (pool abc)" in each for each in sentences)
    assert (
        "Gene products in that pool: biological process 12,345, molecular function 0." in sentences
    )


def sets_row(taxa: str, go_ids: str, **more: str) -> dict[str, str]:
    row = {"scope": "all", "aspect": "all", "counting": "direct", "rank": "1"}
    row |= {"n_terms": "1", "n_organisms": "1", "taxon_ids": taxa, "go_ids": go_ids}
    return row | more


def lists(compared: tuple[str, ...], *rows: dict[str, str]) -> Any:
    found = tables({"sets": list(rows), "terms": [{"go_id": "GO:1", "name": "one"}]}, compared)
    found.has = lambda name: True
    return next(sets_sections.sets(found)).tables


def test_two_organisms_are_listed_side_by_side():
    (view,) = lists(
        ("1", "2"), sets_row("1", "GO:1|GO:2"), sets_row("1|2", "GO:3"), sets_row("2", "GO:4")
    )
    assert [heading for heading, _ in view.columns] == [
        "only organism 1",
        "both",
        "only organism 2",
    ]
    texts = [[cell.text for cell in row.cells] for row in view.rows]
    assert texts == [["GO:1 one", "GO:3 ", "GO:4 "], ["GO:2 ", "", ""]]


def test_of_three_it_is_said_who_has_a_term():
    (view,) = lists(
        ("1", "2", "3"), sets_row("1|2|3", "GO:1"), sets_row("1|3", "GO:2"), sets_row("2", "GO:3")
    )
    texts = [[cell.text for cell in row.cells] for row in view.rows]
    assert texts == [["GO:1 one", "GO:2  (organism 1 and organism 3)", "GO:3  (organism 2)"]]


def test_more_organisms_have_the_table_only():
    assert lists(("1", "2", "3", "4"), sets_row("1", "GO:1")) == ()
