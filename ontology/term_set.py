"""The term set of a target: the target, its descendants and its regulators.

Pure functions over the graph.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence

from gafreduce.ontology.graph import Children, Graph
from gafreduce.ontology.obo_text import OntologyError
from gafreduce.ontology.termfile import TermSetMember

#: The class of the terms that regulate another one, by their relation with it.
REGULATES = {
    "positively_regulates": "positive_regulator",
    "negatively_regulates": "negative_regulator",
    "regulates": "regulator",
}
#: The relations over which a NOT on a term holds for its descendants too.
NEGATING_RELATIONS = ("is_a", "part_of")

#: Bound for the text of all paths: those of all of GO to its root have ten million characters.
_MOST_CHARACTERS = 1 << 28

#: A path up to the target: the number of steps and the text; empty for the target itself.
_Path = tuple[int, str]


def find_term_set(graph: Graph, target: str, relations: Sequence[str]) -> tuple[TermSetMember, ...]:
    """Return the term set of a target, sorted by id.

    A term has the first class that applies: target; core (a descendant over `relations`); a class
    of regulators. A regulator has a relation of REGULATES with the target or a core term, or is an
    is_a / part_of descendant of such a term. A term that regulates in both directions is a
    `regulator`; one that regulates with and without a direction has the class of the direction.
    """
    children = graph.children
    core = _find_shortest_paths({target: (0, "")}, children, set(relations))
    starts: dict[str, dict[str, _Path]] = {relation: {} for relation in REGULATES}
    for term in core:
        for child, relation in children.get(term, ()):
            if relation in REGULATES and child not in core:
                path = _extend_path(child, relation, term, core[term])
                starts[relation][child] = min(path, starts[relation].get(child, path))
    regulator_classes: dict[str, set[str]] = {}
    paths = dict(core)
    for relation, found in starts.items():
        below = _find_shortest_paths(found, children, set(NEGATING_RELATIONS))
        for go_id in below.keys() - core.keys():
            regulator_classes.setdefault(go_id, set()).add(REGULATES[relation])
            paths[go_id] = min(below[go_id], paths.get(go_id, below[go_id]))
    classes = dict.fromkeys(core, "core") | {target: "target"}
    classes |= {go_id: _combine_classes(found) for go_id, found in regulator_classes.items()}
    return tuple(
        TermSetMember(go_id, classes[go_id], paths[go_id][1], graph.nodes[go_id].name)
        for go_id in sorted(classes)
    )


def _combine_classes(found: set[str]) -> str:
    """Return the class of a term that regulates in several ways."""
    directed = found - {"regulator"}
    return directed.pop() if len(directed) == 1 else "regulator"


def _extend_path(child: str, relation: str, parent: str, path: _Path) -> _Path:
    n_steps, text = path
    return n_steps + 1, f"{child} -{relation}-> {text or parent}"


def _find_shortest_paths(
    starts: Mapping[str, _Path], children: Children, relations: set[str]
) -> dict[str, _Path]:
    """Return the shortest path up from each start and descendant; of equals, the first by text.

    Raises:
        OntologyError: The paths would take too much memory.
    """
    paths: dict[str, _Path] = {}
    n_characters = 0
    queue = [(path, go_id) for go_id, path in starts.items()]
    heapq.heapify(queue)
    while queue:
        path, go_id = heapq.heappop(queue)
        if go_id in paths:
            continue
        paths[go_id] = path
        for child, relation in children.get(go_id, ()):
            if relation in relations and child not in paths:
                longer = _extend_path(child, relation, go_id, path)
                n_characters += len(longer[1])
                heapq.heappush(queue, (longer, child))
        if n_characters > _MOST_CHARACTERS:
            raise OntologyError(
                f"expected paths to the target of at most {_MOST_CHARACTERS:,} characters in all, "
                f"got more at {go_id} (use go-basic.obo, or another term)"
            )
    return paths


def find_descendants(
    graph: Graph, go_ids: Iterable[str], relations: Iterable[str]
) -> frozenset[str]:
    """Return the given terms and all of their descendants over relations."""
    children = graph.children
    chosen = frozenset(relations)
    stack = list(go_ids)
    found = set(stack)
    while stack:
        for child, relation in children.get(stack.pop(), ()):
            if relation in chosen and child not in found:
                found.add(child)
                stack.append(child)
    return frozenset(found)


def find_ancestors(graph: Graph, go_id: str, relations: Iterable[str]) -> frozenset[str]:
    """Return the ancestors of a term over relations, without the term itself."""
    chosen = tuple(relations)
    found: set[str] = set()
    stack = [go_id]
    while stack:
        parents = graph.nodes[stack.pop()].parents
        for relation in chosen:
            for parent in parents.get(relation, ()):
                if parent not in found:
                    found.add(parent)
                    stack.append(parent)
    return frozenset(found)
