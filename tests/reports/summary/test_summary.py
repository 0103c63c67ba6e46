"""The summary of a run in sentences, from plain rows."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gafreduce.reports.summary.answer_sentences import (
    Answer,
    list_answer,
    write_partial_caveat,
    write_partial_reason,
)
from gafreduce.reports.summary.sentences import (
    POSITIVE_VERDICTS,
    VERDICT_LABELS,
)
from gafreduce.reports.summary.summary import make_summary
from gafreduce.reports.tables.verdicts import VERDICTS

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
        "partial_reasons": "",
        "n_in_aspect": "10",
        "n_upstream_or_within_only": "0",
    } | cells


def term(go_id: str, membership: str, n_organisms: int, term_class: str = "core") -> dict[str, str]:
    return {
        "go_id": go_id,
        "name": f"name of {go_id}",
        "membership": membership,
        "n_organisms": str(n_organisms),
        "term_class": term_class,
    }


TERM = "competence (GO:0030420)"


@pytest.mark.parametrize(
    ("verdicts", "headline"),
    [
        (["electronic_only"] * 2, f"Both compared organisms have annotations to {TERM}, only by electronic "
         "annotation (IEA)."),
        (["experimental", "electronic_only", "not_annotated"], f"2 of 3 compared organisms have annotations to {TERM}: "
         "1 by experiment, 1 only by electronic annotation (IEA). The other: without annotation, which is not evidence "
         "of absence."),
        (["curated", "negated"], f"1 of 2 compared organisms has annotations to {TERM}, by curated, "
         "non-experimental evidence. The other: with NOT annotations only."),
        (["curated"] * 13 + ["not_annotated"] * 7, f"13 of 20 compared organisms have annotations to {TERM}, by "
         "curated, non-experimental evidence. The other 7: without annotation, which is not evidence of absence."),
        (["not_annotated", "no_data"], f"None of 2 compared organisms has an annotation to {TERM}: "
         "1 where curators found no data (ND), 1 without annotation, which is not evidence of absence."),
        (["not_annotated"] * 5, f"None of 5 compared organisms has an annotation to {TERM}, which is not evidence of "
         "absence."),
        (["regulators_only"] * 2, f"None of 2 compared organisms has an annotation to {TERM}: both with regulators "
         "only."),
        (["curated"], f"The only compared organism has annotations to {TERM}: by curated, non-experimental evidence."),
        (["regulators_only"], f"The only compared organism has no clear annotation to {TERM}: with regulators only."),
        (["not_annotated"], f"The only compared organism has no annotation to {TERM}, which is not evidence of "
         "absence."),
        ([], f"No organism is compared for {TERM}."),
    ],
)  # fmt: skip
def test_headline_counts_organisms_by_evidence(verdicts: list[str], headline: str) -> None:
    rows = [organism(n, verdict) for n, verdict in enumerate(verdicts, 1)]
    assert make_summary(RECORD, rows, []).headline == headline


def count_organisms(sentence: str) -> int:
    """Return the sum of the classes of a sentence, or the number of its only class."""
    classes = re.findall(r"(?:[:,.] )(\d+) (?:by|only|with|conflicting|where)", sentence)
    if classes:
        return sum(map(int, classes))
    number = re.match(r"(?:All |None of |The other )?(\d+)", sentence)
    return int(number[1]) if number else 2 if sentence.startswith("Both") else 1


@given(st.lists(st.tuples(st.sampled_from(VERDICTS), st.booleans()), max_size=30))
def test_every_organism_is_in_one_class_of_the_headline(verdicts: list[tuple[str, bool]]) -> None:
    # complete organisms are never called partial, and partial ones make no claim of absence
    claims = VERDICTS[VERDICTS.index("filtered_out") :]
    answers = [
        Answer("o", verdict, is_complete, "electronic" if verdict in POSITIVE_VERDICTS else "")
        for verdict, is_complete in verdicts
        if (verdict != "partial_file")
        if is_complete or verdict not in claims
    ]
    if not answers:
        return
    n_complete = sum(each.is_complete for each in answers)
    sentences = list_answer(answers, "GO:1", "t", is_filtered=False)
    text = " ".join(sentences)
    complete = sentences[: -1 if n_complete < len(answers) else None]
    assert sum(map(count_organisms, complete)) == n_complete
    assert text.startswith("The only ") == (n_complete == 1)
    number = r"(the(?= partial)|both|(?:all|the) \d+|\d+ of \d+) partial file|(the other(?: \d+)?)$"
    partial = [a or b for a, b in re.findall(number, text.lower().rstrip("."))]
    numbers = {"the": 1, "the other": 1, "both": 2}
    counted = [numbers.get(n) or int(re.findall(r"\d+", n)[0]) for n in partial]
    assert sum(counted) == len(answers) - n_complete


def test_partial_files_are_counted_apart() -> None:
    rows = [
        *(organism(n, "electronic_only", best_group="electronic") for n in range(5)),
        organism(5, "electronic_only", best_group="electronic", complete="suspect"),
        organism(6, "partial_file", complete="false", partial_reasons="sheet"),
    ]
    assert make_summary(RECORD, rows, []).headline == (
        f"All 5 complete organisms have annotations to {TERM}, only by electronic annotation "
        "(IEA). 1 of 2 partial files also contains annotations (strongest evidence in the file: "
        "electronic); no conclusion can be drawn from the other."
    )
    labels = [found.words for found in make_summary(RECORD, rows, []).organisms]
    assert "annotated; strongest evidence in this file: electronic" in labels


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
        "Of the term, its descendants and regulators, 1 is annotated in both organisms with complete "
        "files: GO:1 name of GO:1. 2 are annotated in only one: GO:2 name of GO:2; GO:3 name of GO:3 "
        "(regulation)."
    )
    assert "no term can be shared" in make_summary(RECORD, [organism(1)], terms).shared
    assert make_summary(RECORD, [organism(1), organism(2)], []).shared.startswith("No compared")
    many = [term(f"GO:{n}", "core", 2) for n in range(9)]
    assert "and 4 more" in make_summary(RECORD, [organism(1), organism(2)], many).shared


def test_partial_files_are_named_with_their_reasons() -> None:
    rows = [
        organism(1, complete="false", partial_reasons="sheet"),
        organism(2, complete="suspect", partial_reasons="aspect:F|landmarks:3/12"),
        organism(3),
    ]
    (caveat,) = make_summary(RECORD, rows, []).caveats
    assert caveat.startswith(
        "Partial files: o1 (by the sample sheet); o2 (no annotation in molecular function; 3 of "
        "12 terms that every cellular organism has)."
    )


def test_an_organism_annotated_upstream_or_within_only_is_named() -> None:
    rows = [organism(1, n_upstream_or_within_only="3"), organism(2, n_upstream_or_within_only="1")]
    (caveat,) = make_summary(RECORD, rows, []).caveats
    assert caveat.startswith("Annotated by acts_upstream_of_or_within alone (o1)")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("selection", "the header of the download names a selection"),
        ("gene_products:12", "12 gene products"),
        ("term:GO:0071704:98/100", "GO:0071704 on 98 of 100 gene products"),
    ],
)
def test_reasons_are_words(code: str, words: str) -> None:
    assert write_partial_reason([code]) == words


def test_no_verdict_label_claims_absence_of_the_trait() -> None:
    for words in VERDICT_LABELS.values():
        assert "not competent" not in words
        assert "absent" not in words


def test_summary_imports_the_standard_library_only() -> None:
    code = "import sys, gafreduce.reports.summary.summary; print({'pandas', 'matplotlib', 'jinja2'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_the_first_caveat_is_that_of_a_retired_source() -> None:
    rows = [organism(1, best_group="electronic", complete="false", partial_reasons="sheet")]
    products = [
        {"organism_id": "1", "symbol": "a", "flags": "keyword_only"},
        {"organism_id": "1", "symbol": "b", "flags": "several_symbols"},
        {"organism_id": "2", "symbol": "c", "flags": "keyword_only"},  # not compared
    ]
    summary = make_summary(RECORD, rows, [], gene_products=products)
    assert summary.caveats[0] == (
        "1 of 3 gene products of o1 rests only on a keyword mapping that GO stopped using in March "
        "2026."
    )
    assert [text.partition(":")[0] for text in summary.caveats[1:]] == [
        *("Partial files", "Electronic annotation (IEA)"),
    ]


def test_many_partial_files_are_counted_by_reasons() -> None:
    partial = {
        f"o{n}": [f"landmarks:{n}/12", *(["aspect:F"] if n > 7 else [])] for n in range(1, 10)
    }
    (text,) = write_partial_caveat(partial, 20)
    assert text.startswith(
        "Partial files: 9 of 20 organisms (2 without annotation in an aspect; 9 without some terms "
        "that every cellular organism has). They hold"
    )
