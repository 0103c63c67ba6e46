from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from gafreduce.ontology.graph import Graph, load_graph
from gafreduce.ontology.repairs import find_repairs
from gafreduce.ontology.target import resolve_term

MakeObo = Callable[[Mapping[int, Sequence[str]]], Path]


def go(number: int) -> str:
    return f"GO:{number:07d}"


def test_repairs_follow_chains_and_never_guess(graph: Graph) -> None:
    assert find_repairs(graph) == {
        go(33): go(3),  # alternative id
        go(21): go(3),  # replaced by an alternative id
        go(20): go(3),  # replaced by a replaced one
        go(28): go(4),
        go(34): go(4),  # merged into a term that was replaced later
        go(35): go(29),  # merged into a term that is obsolete
    }


def test_a_current_term_is_never_repaired(make_obo: MakeObo) -> None:
    found = load_graph(
        make_obo(
            {
                1: ["alt_id: #2", "alt_id: #3"],
                2: [],
                3: ["is_obsolete: true"],  # a stanza left behind by a merge
                4: ["is_obsolete: true", "replaced_by: #2"],
                5: ["is_obsolete: true", "replaced_by: #5"],
                6: ["is_obsolete: true", "alt_id: #7", "replaced_by: #7"],
            }
        )
    )
    assert find_repairs(found) == {go(3): go(1), go(4): go(2), go(7): go(6)}
    assert resolve_term(found, go(2)) == (go(2), "")


def test_an_id_merged_into_an_obsolete_term_is_that_term(make_obo: MakeObo) -> None:
    found = load_graph(
        make_obo(
            {
                1: [],
                2: ["is_obsolete: true", "alt_id: #12", "alt_id: #15"],
                3: ["is_obsolete: true", "alt_id: #13", "replaced_by: #4", "replaced_by: #1"],
                4: ["is_obsolete: true", "alt_id: #14", "replaced_by: #5"],
                5: ["is_obsolete: true", "alt_id: #15", "replaced_by: #4"],
            }
        )
    )
    assert find_repairs(found) == {go(12): go(2), go(13): go(3), go(14): go(4)}


def test_repairs_of_the_real_ontology_lead_to_current_terms(real_graph: Graph) -> None:
    ends = set(find_repairs(real_graph).values())
    assert not any(real_graph.nodes[go_id].is_obsolete for go_id in ends)
