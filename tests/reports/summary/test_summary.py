"""The summary of a run in sentences, from plain rows."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from gafreduce.reports.summary.sentences import VERDICT_LABELS, write_components
from gafreduce.reports.summary.summary import make_summary

RECORD: dict[str, Any] = {
    "run_id": "r",
    "target": {"go_id": "GO:0030420", "name": "competence"},
    "warnings": ["not compared: taxon:9"],
}


def organism(taxon_id: int, verdict: str = "electronic_only", **cells: str) -> dict[str, str]:
    return {
        "organism_id": str(taxon_id),
        "taxon_id": str(taxon_id),
        "organism": f"o{taxon_id}",
        "compared": "true",
        "complete": "true",
        "verdict": verdict,
        "contested": "false",
        "n_target_gene_products": "0" if verdict == "not_annotated" else "3",
        "best_group": "",
    } | cells


def term(go_id: str, membership: str, n_organisms: int, term_class: str = "core") -> dict[str, str]:
    return {
        "go_id": go_id,
        "name": f"name of {go_id}",
        "membership": membership,
        "n_organisms": str(n_organisms),
        "term_class": term_class,
    }


@pytest.mark.parametrize(
    ("verdicts", "headline"),
    [
        (["electronic_only"] * 2, "2 of 2 compared organisms have annotations to competence "
         "(GO:0030420): all with electronic annotations only, none with experimental evidence."),
        (["experimental", "electronic_only", "not_annotated"], "2 of 3 compared organisms have "
         "annotations to competence (GO:0030420): 1 with experimental evidence, 1 with electronic annotations only."),
        (["curated", "negated"], "1 of 2 compared organisms has annotations to competence "
         "(GO:0030420): 0 with experimental evidence, 0 with electronic annotations only."),
        (["not_annotated"] * 2, "None of 2 compared organisms has an annotation to competence "
         "(GO:0030420); this is not evidence of absence."),
        ([], "No organism is compared for competence (GO:0030420)."),
    ],
)  # fmt: skip
def test_headline_counts_organisms_by_evidence(verdicts: list[str], headline: str) -> None:
    rows = [organism(n, verdict) for n, verdict in enumerate(verdicts, 1)]
    assert make_summary(RECORD, rows, []).headline == headline


def test_compared_organisms_are_sorted_by_verdict_and_name() -> None:
    rows = [
        organism(1, "not_annotated"),
        organism(2, "experimental", best_group="experimental", contested="true"),
        organism(3, compared="false"),
        organism(4, best_group="electronic"),
    ]
    summary = make_summary(RECORD, rows, [])
    assert [found.taxon_id for found in summary.organisms] == [2, 4, 1]


def test_shared_terms_are_listed_by_membership() -> None:
    terms = [
        term("GO:1", "core", 2, "target"),
        term("GO:2", "unique", 1),
        term("GO:3", "unique", 1, "negative_regulator"),
        term("GO:4", "", 0),
    ]
    said = make_summary(RECORD, [organism(1), organism(2)], terms).shared
    assert said == (
        "Among the term, its descendants and regulators, annotated in all 2 organisms: GO:1 name "
        "of GO:1. Annotated in only one: GO:2 name of GO:2; GO:3 name of GO:3 (regulation)."
    )
    assert "no term can be shared" in make_summary(RECORD, [organism(1)], terms).shared
    assert make_summary(RECORD, [organism(1), organism(2)], []).shared.startswith("No compared")
    many = [term(f"GO:{n}", "core", 2) for n in range(9)]
    assert "and 4 more" in make_summary(RECORD, [organism(1), organism(2)], many).shared


def test_organisms_with_incomplete_files_are_named() -> None:
    rows = [organism(1, complete="false"), organism(2)]
    (caveat,) = make_summary(RECORD, rows, []).caveats
    assert caveat.startswith("Incomplete files (o1)")
    (caveat,) = make_summary(RECORD, rows[:1], []).caveats
    assert "all organisms" in caveat


def test_no_verdict_label_claims_absence_of_the_trait() -> None:
    for words in VERDICT_LABELS.values():
        assert "not competent" not in words
        assert "absent" not in words


def test_summary_imports_the_standard_library_only() -> None:
    code = "import sys, gafreduce.reports.summary.summary; print({'pandas', 'matplotlib', 'jinja2'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize(
    ("everywhere", "nowhere", "n_compared", "sentence"),
    [
        (["A"], ["B"], 7, "Found in all 7 organisms: A. Not found in any organism: B."),
        ([], [], 7, "No component was found in all 7 organisms. Every component was found in some "
         "organism."),
        (["A"], ["B"], 1, "Found: A. Not found: B."),
        ([], ["B"], 1, "Found: no component. Not found: B."),
    ],
)  # fmt: skip
def test_components_are_named_by_where_they_were_found(
    everywhere: list[str], nowhere: list[str], n_compared: int, sentence: str
) -> None:
    assert write_components(everywhere, nowhere, n_compared) == sentence
