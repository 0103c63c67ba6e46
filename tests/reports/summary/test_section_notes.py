"""The notes below the sections of the page: every kind of note of the statistics has a sentence."""

from __future__ import annotations

import pytest

from gafreduce.reports.summary import section_notes

Note = tuple[str, str, str]


def list_sentences(*notes: Note) -> list[str]:
    rows = [dict(zip(("subject", "key", "value"), note, strict=True)) for note in notes]
    return list(section_notes.note_statistics(rows, lambda taxon: f"organism {taxon}"))


@pytest.mark.parametrize(
    ("notes", "words"),
    [
        ([("", "reason", "scope_target")], "There are no results: --scope target keeps"),
        ([("", "reason", "unheard_of")], "There are no results: unheard of."),
        (
            [("", "n_organisms_shown", "100"), ("", "n_organisms_complete", "1000")],
            "100 of 1,000 complete organisms are shown",
        ),
        ([("", "max_sources", "20")], "For each organism, at most 20 sources are left out"),
        ([("", "max_entries", "50")], "the 50 With/From entries with the most electronic"),
        ([("", "min_terms", "20")], "fewer than 20 terms."),
        ([("", "alpha", "0.05"), ("", "min_population", "2")], "a p-value below 0.05"),
        (
            [("5", "reason", "more_than_50000_lines"), ("7", "reason", "other")],
            "Left out (more than 50,000 lines): organism 5.",
        ),
        (
            [("P", "reason", "no_single_root")],
            "no single root in this aspect): biological process.",
        ),
        ([("5", "incomplete", "true")], "because the files are incomplete: organism 5."),
        (
            [("all P direct", "n_sets", "900"), ("all P direct", "n_sets_shown", "500")],
            "Sets of all P direct: the 500 largest of 900 are listed.",
        ),
        ([("", "n_orthologs_without_lines", "3")], "Named orthologs without annotations: 3."),
    ],
)
def test_every_kind_of_note_becomes_a_sentence(notes: list[Note], words: str) -> None:
    sentences = list_sentences(*notes)
    assert any(words in sentence for sentence in sentences), sentences


def test_complete_samples_have_no_note() -> None:
    assert not list_sentences(("", "n_organisms_shown", "7"), ("", "n_organisms_complete", "7"))


def test_pool_of_information_content_has_its_size() -> None:
    sentences = list_sentences(
        ("", "pool", "abc"),
        ("", "pool_organisms", "5"),
        ("P", "pool_gene_products", "12345"),
        ("F", "pool_gene_products", "0"),
    )
    assert any("5 complete organisms of this run (pool abc)" in each for each in sentences)
    assert (
        "Gene products in this pool: biological process 12,345, molecular function 0." in sentences
    )
