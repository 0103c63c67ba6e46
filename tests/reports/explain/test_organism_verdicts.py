"""The independent recount agrees with the statuses that the reducer gives to gene products."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gafreduce.jobs.records import AnnotationRow
from gafreduce.jobs.reducer.gene_product import GeneProductRows
from gafreduce.reports.explain.organism_verdicts import determine_status
from gafreduce.reports.explain.source_lines import TracedAnnotation


def make_row(
    term_class: str = "target",
    negated: str = "false",
    evidence_group: str = "electronic",
    takes_part: str = "true",
    extension: str = "",
    form: str = "",
    relation: str = "involved_in",
) -> AnnotationRow:
    cells = dict.fromkeys(AnnotationRow._fields, "")
    cells |= {"term_class": term_class, "negated": negated, "evidence_group": evidence_group}
    cells |= {"takes_part": takes_part, "annotation_extension": extension}
    cells |= {
        "gene_product_form": form,
        "relation": relation,
        "go_id": "GO:1",
        "annotated_go_id": "GO:1",
    }
    return AnnotationRow(**cells)


CLASSES = ("target", "core", "ancestor", "regulator", "negative_regulator")
ROWS = [
    make_row(*values)
    for values in itertools.product(
        CLASSES,
        ("true", "false"),
        ("experimental", "electronic", "no_data"),
        ("true", "false"),
        ("", "part_of(CL:1)"),
        ("", "PR:P1", "PR:P1-2"),
    )
]
ROWS += [
    make_row(*values, relation=relation)
    for relation, takes_part in (
        ("acts_upstream_of_or_within", "true"),
        ("acts_upstream_of", "false"),
        ("taught_by", "false"),
    )
    for values in itertools.product(CLASSES, ("true", "false"), ("electronic",), (takes_part,))
]


@given(st.lists(st.sampled_from(ROWS), min_size=1, max_size=5))
def test_status_agrees_with_the_reducer(rows: list[AnnotationRow]) -> None:
    product = GeneProductRows("DB:P1")
    for row in rows:
        product.add(row)
    expected = product.summarise()
    status = determine_status([TracedAnnotation(1, "DB:P1", row, "") for row in rows])
    assert status == (
        *(expected.status, expected.best_group),
        *(expected.is_negated_on_target, expected.is_upstream_or_within),
    )


@pytest.mark.parametrize(
    ("rows", "status"),
    [
        ([make_row()], "positive"),
        ([make_row(), make_row("ancestor", "true")], "conflicting"),
        ([make_row("target", "true")], "negated"),
        ([make_row("target", "true", extension="part_of(CL:1)")], "listed"),
        ([make_row(takes_part="false")], "other_relation"),
        ([make_row("negative_regulator")], "regulator"),
        ([make_row(takes_part="false", relation="odd")], "not_understood"),
        ([make_row(negated="true", takes_part="false", relation="odd")], "not_understood"),
    ],
)
def test_status_follows_the_strongest_line(rows: list[AnnotationRow], status: str) -> None:
    annotations = [TracedAnnotation(1, "DB:P1", row, "") for row in rows]
    assert determine_status(annotations).status == status
