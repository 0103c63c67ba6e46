"""The answer on the terminal: one line for each organism, or a summary by verdict."""

from __future__ import annotations

import re

import pytest

from gafreduce.reports.summary.answer import MANY_ORGANISMS, format_answer
from gafreduce.reports.summary.sentences import VERDICT_LABELS
from gafreduce.reports.summary.summary import OrganismSummary, Summary


def make_summary(*verdicts: str, best_group: str = "", contested: bool = False) -> Summary:
    organisms = tuple(
        OrganismSummary(
            organism_id=str(number),
            taxon_id=number,
            organism=f"Organism {number}",
            verdict=verdict,
            words=VERDICT_LABELS[verdict],
            n_target_gene_products=1234,
            best_group=best_group,
            contested=contested,
            complete="true",
            partial_reasons=(),
            n_in_aspect=2345,
            n_upstream_or_within_only=0,
        )
        for number, verdict in enumerate(verdicts, 1)
    )
    return Summary("r", "GO:1", "t", "The headline.", organisms, "Shared.", ("Caveat.",), ("w",))


def format_lines(summary: Summary, width: int = 0) -> list[str]:
    return [str(line) for line in format_answer(summary, "run/tables/organisms.tsv", width)]


def test_each_organism_has_a_line() -> None:
    assert format_lines(make_summary("experimental", "electronic_only")) == [
        "The headline.",
        "",
        "  organism    verdict                               gene products",
        "  Organism 1  annotated, by experiment             1,234 of 2,345",
        "  Organism 2  annotated only electronically (IEA)  1,234 of 2,345",
        "",
        "Shared.",
        "Caveat.",
        "note: w",
    ]


@pytest.mark.parametrize(
    ("verdict", "best_group", "contested", "remarks"),
    [
        ("electronic_only", "electronic", False, ""),
        ("experimental", "experimental", True, "contested by NOT"),
        ("curated", "phylogenetic", False, "best evidence: phylogenetic"),
        ("conflicting", "", True, ""),
        ("high_throughput", "high_throughput", False, ""),
    ],
)
def test_a_line_says_nothing_twice(
    verdict: str, best_group: str, contested: bool, remarks: str
) -> None:
    summary = make_summary(verdict, best_group=best_group, contested=contested)
    line = format_lines(summary)[3]
    assert line.partition("1,234 of 2,345")[2].strip() == remarks
    words = [word for word in re.findall(r"[a-z-]{5,}", line) if word != "annotation"]
    assert len(words) == len(set(words))


def test_many_organisms_are_summarised_by_verdict() -> None:
    verdicts = ["electronic_only"] * MANY_ORGANISMS + ["not_annotated"] * 2
    summary = make_summary(*verdicts)
    in_file = format_lines(summary)
    titles, *rows = in_file[2:5]
    assert titles.split() == ["organisms", "verdict", "for", "example"]
    examples = ("Organism 1, Organism 2, Organism 3 and 27 more", "Organism 31, Organism 32")
    assert [" ".join(row.split()) for row in rows] == [
        f"30 {VERDICT_LABELS['electronic_only']} {examples[0]}",
        f"2 {VERDICT_LABELS['not_annotated']} {examples[1]}",
    ]
    assert sum(line.startswith("  Organism ") for line in in_file) == len(verdicts)
    on_terminal = format_lines(summary, width=80)
    assert len(on_terminal) <= 24
    assert max(map(len, on_terminal)) <= 80
    assert "All 32 organisms: run/tables/organisms.tsv" in on_terminal
