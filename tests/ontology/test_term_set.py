from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from gafreduce.ontology.graph import Graph, load_graph
from gafreduce.ontology.term_set import REGULATES, find_ancestors, find_term_set

MakeObo = Callable[[Mapping[int, Sequence[str]]], Path]

DEFAULT = ("is_a", "part_of")


def go(number: int) -> str:
    return f"GO:{number:07d}"


def classes(graph: Graph, target: int, relations: Sequence[str] = DEFAULT) -> dict[int, str]:
    found = find_term_set(graph, go(target), relations)
    return {int(term.go_id[3:]): term.term_class for term in found}


def paths(graph: Graph, target: int, relations: Sequence[str] = DEFAULT) -> dict[int, str]:
    found = find_term_set(graph, go(target), relations)
    return {int(term.go_id[3:]): term.relation_path for term in found}


def test_each_class_of_a_term_set(graph: Graph) -> None:
    assert classes(graph, 3) == {
        3: "target",
        4: "core",
        5: "core",
        6: "regulator",
        7: "negative_regulator",
        8: "positive_regulator",
        9: "regulator",
    }


def test_relations_decide_which_terms_are_core(graph: Graph) -> None:
    assert 5 not in classes(graph, 3, ["is_a"])
    assert classes(graph, 3, ["part_of"]) == {
        3: "target",
        6: "regulator",
        8: "positive_regulator",
        9: "positive_regulator",
    }


def test_a_signed_term_below_an_unsigned_one_keeps_its_sign(make_obo: MakeObo) -> None:
    found = load_graph(
        make_obo(
            {
                1: [],
                2: ["relationship: regulates #1"],
                3: ["is_a: #2", "relationship: positively_regulates #1"],
                4: ["is_a: #2", "relationship: negatively_regulates #1"],
                5: ["is_a: #3"],
                6: ["relationship: part_of #4"],
                7: ["is_a: #5", "is_a: #6"],
                8: ["relationship: regulates #7"],
            }
        )
    )
    assert classes(found, 1) == {
        1: "target",
        2: "regulator",
        3: "positive_regulator",
        4: "negative_regulator",
        5: "positive_regulator",
        6: "negative_regulator",
        7: "regulator",
    }


def test_a_core_term_that_regulates_is_core(make_obo: MakeObo) -> None:
    found = load_graph(
        make_obo({1: [], 2: ["is_a: #1", "relationship: negatively_regulates #1"], 3: ["is_a: #2"]})
    )
    assert classes(found, 1) == {1: "target", 2: "core", 3: "core"}


def test_a_diamond_counts_once(make_obo: MakeObo) -> None:
    found = load_graph(
        make_obo({1: [], 3: ["is_a: #1"], 2: ["is_a: #1"], 4: ["is_a: #2", "is_a: #3"]})
    )
    terms = find_term_set(found, go(1), DEFAULT)
    assert [term.go_id for term in terms] == [go(1), go(2), go(3), go(4)]
    assert terms[3].relation_path == f"{go(4)} -is_a-> {go(2)} -is_a-> {go(1)}"
    assert find_ancestors(found, go(4), DEFAULT) == {go(1), go(2), go(3)}


def test_relation_paths_as_text(graph: Graph) -> None:
    found = paths(graph, 3)
    assert found[3] == ""
    assert found[5] == f"{go(5)} -part_of-> {go(4)} -is_a-> {go(3)}"
    assert found[7] == f"{go(7)} -negatively_regulates-> {go(4)} -is_a-> {go(3)}"
    assert found[9] == f"{go(9)} -is_a-> {go(8)} -positively_regulates-> {go(3)}"


def test_a_path_to_a_nearer_regulator_may_be_the_shortest(make_obo: MakeObo) -> None:
    found = load_graph(
        make_obo(
            {
                1: [],
                2: ["is_a: #1"],
                3: ["is_a: #2"],
                10: ["relationship: regulates #1"],
                11: ["is_a: #10"],
                12: ["relationship: regulates #3"],
                13: ["is_a: #12", "is_a: #11"],
            }
        )
    )
    assert paths(found, 1)[13] == f"{go(13)} -is_a-> {go(11)} -is_a-> {go(10)} -regulates-> {go(1)}"


def test_the_default_target_of_the_real_ontology(real_graph: Graph) -> None:
    found = find_term_set(real_graph, "GO:0030420", DEFAULT)
    assert [(term.go_id, term.term_class, term.relation_path) for term in found] == [
        ("GO:0030420", "target", ""),
        ("GO:0045304", "regulator", "GO:0045304 -regulates-> GO:0030420"),
        ("GO:0045808", "negative_regulator", "GO:0045808 -negatively_regulates-> GO:0030420"),
        ("GO:0045809", "positive_regulator", "GO:0045809 -positively_regulates-> GO:0030420"),
    ]


#: Edges of random graphs: child, parent (always the smaller number: no cycles), relation.
EDGES = st.lists(
    st.tuples(
        st.integers(2, 12),
        st.integers(1, 11),
        st.sampled_from(
            ["is_a", "is_a", "part_of", "regulates", "positively_regulates", "negatively_regulates"]
        ),
    ).filter(lambda edge: edge[0] > edge[1]),
    max_size=30,
    unique=True,
)


def _load(make_obo: MakeObo, edges: Sequence[tuple[int, int, str]]) -> Graph:
    terms: dict[int, list[str]] = {number: [] for number in range(1, 13)}
    for child, parent, relation in edges:
        prefix = "is_a:" if relation == "is_a" else f"relationship: {relation}"
        terms[child].append(f"{prefix} #{parent}")
    return load_graph(make_obo(terms))


def _network(edges: Sequence[tuple[int, int, str]], relations: Sequence[str]) -> nx.DiGraph:
    network = nx.DiGraph()
    network.add_nodes_from(range(1, 13))
    network.add_edges_from(edge[:2] for edge in edges if edge[2] in relations)
    return network


@given(edges=EDGES, target=st.integers(1, 6), relations=st.sampled_from([("is_a",), DEFAULT]))
@settings(max_examples=60, deadline=None)
def test_classes_and_ancestors_agree_with_networkx(
    make_obo: MakeObo, edges: list[tuple[int, int, str]], target: int, relations: tuple[str, ...]
) -> None:
    graph = _load(make_obo, edges)
    chosen, grouping = _network(edges, relations), _network(edges, DEFAULT)
    core = {target} | nx.ancestors(chosen, target)  # networkx' edges point at the parent
    signs: dict[int, set[str]] = {}
    for child, parent, relation in edges:
        if relation in REGULATES and parent in core and child not in core:
            for term in ({child} | nx.ancestors(grouping, child)) - core:
                signs.setdefault(term, set()).add(relation.partition("_")[0])
    expected = dict.fromkeys(core, "core") | {target: "target"}
    for term, found in signs.items():
        signed = found - {"regulates"}
        expected[term] = (
            "positive_regulator"
            if signed == {"positively"}
            else "negative_regulator"
            if signed == {"negatively"}
            else "regulator"
        )
    assert classes(graph, target, relations) == expected
    for number in range(1, 13):
        above = {go(n) for n in nx.descendants(chosen, number)}
        assert find_ancestors(graph, go(number), relations) == above


@given(edges=EDGES, data=st.data())
@settings(max_examples=60, deadline=None)
def test_relation_paths_are_shortest_paths_of_the_graph(
    make_obo: MakeObo, edges: list[tuple[int, int, str]], data: st.DataObject
) -> None:
    graph = _load(make_obo, edges)
    again = _load(make_obo, data.draw(st.permutations(edges)))
    found = find_term_set(graph, go(1), DEFAULT)
    assert found == find_term_set(again, go(1), DEFAULT)
    # going up, a way has grouping steps, at most one step that regulates, then grouping steps
    layered = nx.DiGraph()
    layered.add_nodes_from([(1, False), (1, True)])
    core = {1} | nx.ancestors(_network(edges, DEFAULT), 1)
    for child, parent, relation in edges:
        if relation in DEFAULT:
            layered.add_edge((child, False), (parent, False))
            layered.add_edge((child, True), (parent, True))
        elif parent in core:
            layered.add_edge((child, False), (parent, True))
    stated = {(go(child), relation, go(parent)) for child, parent, relation in edges}
    for term in found[1:]:
        steps = re.findall(r"(\S+) -(\w+)-> (?=(\S+))", term.relation_path)
        assert [steps[0][0], steps[-1][2]] == [term.go_id, go(1)]
        assert set(steps) <= stated
        end = (1, term.term_class != "core")
        assert len(steps) == nx.shortest_path_length(layered, (int(term.go_id[3:]), False), end)
