from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from gafreduce.ontology.graph import Graph, load_graph
from gafreduce.ontology.obo_text import OntologyError
from gafreduce.ontology.target import check_relations, resolve_term

MakeObo = Callable[[Mapping[int, Sequence[str]]], Path]

DEFAULT = ("is_a", "part_of")


def go(number: int) -> str:
    return f"GO:{number:07d}"


def test_terms_are_found_by_id_alternative_id_and_name(graph: Graph) -> None:
    assert resolve_term(graph, go(3)) == (go(3), "")
    assert resolve_term(graph, " go:0000003\n") == (go(3), "")
    assert resolve_term(graph, go(33)) == (go(3), f"{go(33)} is an alternative id of {go(3)}")
    assert resolve_term(graph, "A Name") == (go(2), f"'A Name' is {go(2)}")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (go(20), r"obsolete one: term 20 \(use GO:0000003 \(target\)\)"),
        (go(22), r"use GO:0000002 \(a name\) or GO:0000003 \(target\)"),
        (go(23), r"use GO:0000024 \(term 24\)"),
        (go(25), "no replacement"),
        (go(26), r"use GO:0000001 \(term 1\) or GO:0000002"),
        (go(27), "no replacement"),
        (go(34), r"GO:0000034: .* GO:0000028, merged and gone \(use GO:0000004"),
        (go(36), "one term, got an alternative id of GO:0000031, GO:0000032"),
        ("Merged and gone", r"obsolete one: GO:0000028, merged and gone \(use GO:0000004"),
        ("twice", "the name of one term, got that of GO:0000030, GO:0000031"),
        ("GO:0000004444", "got none .similar: .*GO:0000004"),
        ("targets", r"similar: target \(GO:0000003\)"),
        ("", "no name is similar"),
        ("%$" * 1000, "no name is similar"),
    ],
)
def test_a_term_that_cannot_be_the_target_is_refused_with_alternatives(
    graph: Graph, name: str, words: str
) -> None:
    with pytest.raises(OntologyError, match=words) as caught:
        resolve_term(graph, name)
    assert len(str(caught.value)) < 300


def test_names_that_differ_in_case_only_need_the_exact_case(make_obo: MakeObo) -> None:
    found = load_graph(make_obo({1: ["name: a Name"], 2: ["name: A name"]}))
    assert resolve_term(found, "A name").go_id == go(2)
    with pytest.raises(OntologyError, match="that of GO:0000001, GO:0000002"):
        resolve_term(found, "a name")


def test_a_name_of_two_terms_means_the_current_one(make_obo: MakeObo) -> None:
    found = load_graph(make_obo({1: ["name: a", "is_obsolete: true"], 2: ["name: a"]}))
    assert resolve_term(found, "a").go_id == go(2)


def test_a_name_of_the_real_ontology(real_graph: Graph) -> None:
    name = "Establishment of competence for transformation"
    assert resolve_term(real_graph, name).go_id == "GO:0030420"


def test_unknown_or_missing_relations_are_refused(graph: Graph) -> None:
    known = "is_a, negatively_regulates, part_of, positively_regulates, regulates"
    with pytest.raises(OntologyError, match=f"'has_part': .* got none of {known}"):
        check_relations(graph, ["is_a", "has_part"])
    with pytest.raises(OntologyError, match="at least one relation"):
        check_relations(graph, [])


def test_the_default_relations_are_valid_for_an_extract_without_part_of(make_obo: MakeObo) -> None:
    check_relations(load_graph(make_obo({1: [], 2: ["is_a: #1"]})), DEFAULT)
