"""Ancestors of terms, and the terms that gene products with the target have by definition."""

from __future__ import annotations

from gafreduce.ontology.termfile import TermFile, TermSetMember
from gafreduce.reports.statistics.ancestors import Ancestors

TERMS = TermFile(
    data_version="",
    ontology_sha256="",
    relations=("is_a", "part_of"),
    target="GO:0030420",
    definition="",
    go_ids=("GO:0003674", "GO:0008150", "GO:0009294", "GO:0030420", "GO:0045808", "GO:0050789",
            "GO:0099999", "GO:0005575", "GO:0000001"),
    aspects="FPPPPPPCC",
    parents=("", "", "1", "2", "5", "1", "", "", ""),
    obsolete=frozenset({6}),
    repairs={},
    negating=frozenset(),
    term_set=(
        TermSetMember("GO:0030420", "target", "", "competence"),
        TermSetMember("GO:0045808", "negative_regulator", "", "negative regulation"),
        TermSetMember("GO:0099999", "negative_regulator", "", "an obsolete one"),
    ),
    names=("",) * 9,
    marks={},
)  # fmt: skip


def test_obsolete_and_unknown_terms_have_no_number() -> None:
    ancestors = Ancestors(TERMS)
    assert [ancestors.find_number(each) for each in ("GO:0030420", "GO:0099999", "GO:1")] == [
        *(3, None, None)
    ]


def test_a_root_is_the_only_term_without_parents_of_its_aspect() -> None:
    assert Ancestors(TERMS).find_roots() == {"F": 0, "P": 1}


def test_terms_of_the_target_by_definition_have_a_reason() -> None:
    assert Ancestors(TERMS).find_circular() == {
        1: "ancestor", 2: "ancestor", 3: "closure", 4: "closure", 5: "regulator_ancestor",
    }  # fmt: skip
