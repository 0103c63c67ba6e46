"""The answer in sentences, from plain rows."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from gafreduce.reports.summary.summary import VERDICT_WORDS, make_answer

RECORD: dict[str, Any] = {
    "run_id": "r",
    "target": {"go_id": "GO:0030420", "name": "competence"},
    "warnings": ["not compared: taxon:9"],
}


def organism(taxon_id: int, verdict: str = "electronic_only", **cells: str) -> dict[str, str]:
    return {
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
         "(GO:0030420): all of it electronic, none by experiment."),
        (["experimental", "electronic_only", "not_annotated"], "2 of 3 compared organisms have "
         "annotations to competence (GO:0030420): 1 by experiment, 1 electronic only."),
        (["curated", "negated"], "1 of 2 compared organisms has annotations to competence "
         "(GO:0030420): 0 by experiment, 0 electronic only."),
        (["not_annotated"] * 2, "None of 2 compared organisms has an annotation to competence "
         "(GO:0030420); no annotation is not absence."),
        ([], "No organism is compared for competence (GO:0030420)."),
    ],
)  # fmt: skip
def test_the_first_sentence(verdicts: list[str], headline: str) -> None:
    rows = [organism(n, verdict) for n, verdict in enumerate(verdicts, 1)]
    assert make_answer(RECORD, rows, []).headline == headline


def test_organisms_go_by_verdict_then_name_and_leaks_take_no_part() -> None:
    rows = [
        organism(1, "not_annotated"),
        organism(2, "experimental", best_group="experimental", contested="true"),
        organism(3, compared="false"),
        organism(4, best_group="electronic"),
    ]
    answer = make_answer(RECORD, rows, [])
    assert [found.taxon_id for found in answer.organisms] == [2, 4, 1]
    text = answer.lines()
    assert text[2].split("  ")[1:] == [
        "o2",
        "annotated, with experimental evidence; 3 gene products; best evidence: experimental; "
        "contested by NOT",
    ]
    assert text[-1] == "note: not compared: taxon:9"


def test_what_is_shared() -> None:
    terms = [
        term("GO:1", "core", 2, "target"),
        term("GO:2", "unique", 1),
        term("GO:3", "unique", 1, "negative_regulator"),
        term("GO:4", "", 0),
    ]
    said = make_answer(RECORD, [organism(1), organism(2)], terms).shared
    assert said == (
        "Of the closure, annotated in all 2: GO:1 name of GO:1; annotated in one only: "
        "GO:2 name of GO:2 (1), GO:3 name of GO:3 (regulation) (1)."
    )
    assert "nothing can be shared" in make_answer(RECORD, [organism(1)], terms).shared
    assert make_answer(RECORD, [organism(1), organism(2)], []).shared.startswith("No term")
    many = [term(f"GO:{n}", "core", 2) for n in range(9)]
    assert "and 4 more" in make_answer(RECORD, [organism(1), organism(2)], many).shared


def test_files_chosen_by_the_outcome_are_named() -> None:
    rows = [organism(1, complete="false"), organism(2)]
    (caveat,) = make_answer(RECORD, rows, []).caveats
    assert caveat.startswith("Chosen by the outcome (o1)")
    (caveat,) = make_answer(RECORD, rows[:1], []).caveats
    assert "all files" in caveat


def test_no_word_claims_what_annotation_cannot() -> None:
    for words in VERDICT_WORDS.values():
        assert "not competent" not in words
        assert "absent" not in words


def test_it_needs_the_standard_library_only() -> None:
    code = "import sys, gafreduce.reports.summary.summary; print({'pandas', 'matplotlib', 'jinja2'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
