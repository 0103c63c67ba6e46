"""The target term, its closure and its repairs: pure functions over the graph."""

from __future__ import annotations

import difflib
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from ontology.graph import Graph, OntologyError
from ontology.termfile import TERM_CLASSES, ClosureTerm

#: The relations whose terms act on a process without being part of it, by the class they make.
REGULATES = {
    "positively_regulates": "positive_regulator",
    "negatively_regulates": "negative_regulator",
    "regulates": "regulator",
}
#: Over these a NOT holds for all descendants.
NEGATING_RELATIONS = ("is_a", "part_of")


class Resolved(NamedTuple):
    """The term that was meant, and what has to be said about it."""

    go_id: str
    note: str


def resolve_term(graph: Graph, text: str) -> Resolved:
    """Return the term that an id, an alternative id or an exact unique name means.

    Raises:
        OntologyError: It is unknown, obsolete or ambiguous; the message says what to ask instead.
    """
    asked = text.strip()
    if asked in graph.alternatives:
        go_id = graph.alternatives[asked]
        return Resolved(go_id, f"{asked} is an alternative id of {go_id}")
    node = graph.nodes.get(asked)
    if node is None:
        return _resolve_name(graph, asked)
    if node.is_obsolete:
        instead = " or ".join([*node.replaced_by, *node.consider]) or "no other is named"
        raise OntologyError(
            f"{asked}: expected a current term, got an obsolete one ({node.name}); "
            f"ask for {instead}"
        )
    return Resolved(asked, "")


def _resolve_name(graph: Graph, asked: str) -> Resolved:
    names: dict[str, list[str]] = {}
    for node in graph.nodes.values():
        if not node.is_obsolete:
            names.setdefault(node.name.casefold(), []).append(node.go_id)
    found = names.get(asked.casefold(), [])
    if len(found) == 1:
        return Resolved(found[0], f"{asked!r} is {found[0]}")
    if found:
        raise OntologyError(
            f"{asked!r}: expected the name of one term, got that of {', '.join(sorted(found))} "
            "(give the id)"
        )
    close = difflib.get_close_matches(asked.casefold(), names, n=3)
    ids = difflib.get_close_matches(asked, graph.nodes, n=3) if asked.startswith("GO:") else []
    similar = [f"{graph.nodes[names[name][0]].name} ({names[name][0]})" for name in close]
    hint = "; ".join([*similar, *ids]) or "nothing is close"
    raise OntologyError(
        f"{asked!r}: expected an id or an exact name of a term of the ontology, got neither "
        f"(close: {hint})"
    )


def check_relations(graph: Graph, relations: Sequence[str]) -> None:
    """Check that relations occur in the ontology.

    Raises:
        OntologyError: One doesn't; the message lists those that do.
    """
    for relation in relations:
        if relation not in graph.relations:
            raise OntologyError(
                f"{relation!r}: expected a relation of the ontology, got none of "
                f"{', '.join(sorted(graph.relations))}"
            )
    if not relations:
        raise OntologyError("expected at least one relation, got none (--ontology-relations is_a)")


def children_of(graph: Graph, relations: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """Return (child, relation) of each term over relations, sorted."""
    chosen = set(relations)
    children: dict[str, list[tuple[str, str]]] = {}
    for node in graph.nodes.values():
        for relation, parents in node.parents.items():
            if relation in chosen:
                for parent in parents:
                    children.setdefault(parent, []).append((node.go_id, relation))
    return {go_id: sorted(found) for go_id, found in children.items()}


def closure(graph: Graph, target: str, relations: Sequence[str]) -> tuple[ClosureTerm, ...]:
    """Return the closure of a term, sorted by id.

    The class of a term is the first that holds: target; core (a descendant over `relations`); then
    the sign of regulation. A regulator has an edge of the regulates family to target or core, or
    is an is_a / part_of descendant of such a term; two signs make it a `regulator`, one sign beats
    none.
    """
    down = children_of(graph, relations)
    paths = _paths({target: ""}, down)
    core = set(paths)
    regulating = children_of(graph, REGULATES)
    below = children_of(graph, NEGATING_RELATIONS)
    signs: dict[str, set[str]] = {}
    found_paths: dict[str, str] = {}
    for relation, term_class in REGULATES.items():
        starts = {
            child: _step(child, relation, term, paths[term])
            for term in sorted(core, key=lambda go_id: (paths[go_id].count("->"), go_id))
            for child, over in reversed(regulating.get(term, []))
            if over == relation and child not in core
        }
        for go_id, path in _paths(starts, below).items():
            if go_id not in core:
                signs.setdefault(go_id, set()).add(term_class)
                best = found_paths.get(go_id)
                if best is None or (path.count("->"), path) < (best.count("->"), best):
                    found_paths[go_id] = path
    classes = {go_id: "target" if go_id == target else "core" for go_id in core}
    classes |= {go_id: _sign(found) for go_id, found in signs.items()}
    return tuple(
        ClosureTerm(go_id, classes[go_id], {**found_paths, **paths}[go_id], graph.nodes[go_id].name)
        for go_id in sorted(classes)
    )


def _sign(found: set[str]) -> str:
    signed = found - {"regulator"}
    term_class = signed.pop() if len(signed) == 1 else "regulator"
    assert term_class in TERM_CLASSES
    return term_class


def _step(child: str, relation: str, parent: str, path: str) -> str:
    return f"{child} -{relation}-> {path or parent}"


def _paths(starts: Mapping[str, str], down: Mapping[str, list[tuple[str, str]]]) -> dict[str, str]:
    """Return the shortest way up from each descendant, the first by bytes among equals."""
    paths = dict(starts)
    queue = deque(sorted(starts, key=lambda go_id: (starts[go_id].count("->"), starts[go_id])))
    while queue:
        parent = queue.popleft()
        for child, relation in down.get(parent, []):
            if child not in paths:
                paths[child] = _step(child, relation, parent, paths[parent])
                queue.append(child)
    return paths


def ancestors(graph: Graph, go_id: str, relations: Iterable[str]) -> frozenset[str]:
    """Return the ancestors of a term over relations, itself not among them."""
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


def repairs(graph: Graph) -> dict[str, str]:
    """Return what each alternative id and each replaced obsolete id becomes: a current term.

    Chains are followed with a guard against loops; one that doesn't end in a single current term is
    no repair. `consider` is never followed: it would be a guess.
    """
    found = {}
    for go_id in [*graph.alternatives, *graph.nodes]:
        end = _end_of_chain(graph, go_id)
        if end is not None and end != go_id:
            found[go_id] = end
    return found


def _end_of_chain(graph: Graph, go_id: str) -> str | None:
    seen: set[str] = set()
    while go_id not in seen:
        seen.add(go_id)
        go_id = graph.alternatives.get(go_id, go_id)
        node = graph.nodes.get(go_id)
        if node is None:
            return None
        if not node.is_obsolete:
            return go_id
        if len(node.replaced_by) != 1:
            return None
        go_id = node.replaced_by[0]
    return None
