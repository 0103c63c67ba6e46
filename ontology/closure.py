"""The target term, its closure and its repairs: pure functions over the graph."""

from __future__ import annotations

import difflib
import heapq
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from gafreduce.ontology.graph import Children, Graph, Node, OntologyError
from gafreduce.ontology.termfile import TermSetMember

#: The relations whose terms act on a process without being part of it, by the class they make.
REGULATES = {
    "positively_regulates": "positive_regulator",
    "negatively_regulates": "negative_regulator",
    "regulates": "regulator",
}
#: Over these a NOT holds for all descendants.
NEGATING_RELATIONS = ("is_a", "part_of")

#: A way up to the target: its number of steps, and its text; empty at the target itself.
_Path = tuple[int, str]


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
    for go_id in (asked, asked.upper()):
        node = graph.nodes.get(go_id)
        if node is not None:
            return Resolved(_current(graph, node, go_id).go_id, "")
        if go_id in graph.alternatives:
            return _resolve_alternative(graph, go_id)
    return _resolve_name(graph, asked)


def _resolve_alternative(graph: Graph, asked: str) -> Resolved:
    claims = graph.alternatives[asked]
    if len(claims) > 1:
        raise OntologyError(
            f"{asked}: expected the id of one term, got an alternative id of {', '.join(claims)} "
            "(ask for one of them)"
        )
    node = _current(graph, graph.nodes[claims[0]], asked)
    return Resolved(node.go_id, f"{asked} is an alternative id of {node.go_id}")


def _current(graph: Graph, node: Node, asked: str) -> Node:
    """Return the term when it is not obsolete."""
    if not node.is_obsolete:
        return node
    end = _end_of_chain(graph, node.go_id)
    instead = [end] if end else [*node.replaced_by, *node.consider]
    names = [f"{go_id} ({graph.nodes[go_id].name})" for go_id in instead if go_id in graph.nodes]
    what = node.name if asked == node.go_id else f"{node.go_id}, {node.name}"
    raise OntologyError(
        f"{asked}: expected a current term, got an obsolete one: {what} "
        f"({'ask for ' + ' or '.join(names) if names else 'the ontology names no other'})"
    )


def _resolve_name(graph: Graph, asked: str) -> Resolved:
    by_name: dict[str, list[Node]] = {}
    for node in graph.nodes.values():
        by_name.setdefault(node.name.casefold(), []).append(node)
    found = by_name.get(asked.casefold(), [])
    found = [node for node in found if not node.is_obsolete] or found
    found = [node for node in found if node.name == asked] or found
    if len(found) == 1:
        go_id = _current(graph, found[0], asked).go_id
        return Resolved(go_id, f"{asked!r} is {go_id}")
    if found:
        ids = ", ".join(sorted(node.go_id for node in found))
        raise OntologyError(
            f"{asked!r}: expected the name of one term, got that of {ids} (give the id)"
        )
    if asked.upper().startswith("GO:"):
        close = difflib.get_close_matches(asked.upper(), [*graph.nodes, *graph.alternatives], n=3)
    else:
        names = [name for name, nodes in by_name.items() if not nodes[0].is_obsolete]
        holding = sorted((name for name in names if asked and asked.casefold() in name), key=len)
        matches = holding[:3] or difflib.get_close_matches(asked.casefold(), names, n=3)
        close = [f"{node.name} ({node.go_id})" for name in matches for node in by_name[name][:1]]
    raise OntologyError(
        f"{asked[:100]!r}: expected an id or an exact name of a term of the ontology, got neither "
        f"({'close: ' + '; '.join(close) if close else 'nothing is close'})"
    )


def check_relations(graph: Graph, relations: Sequence[str]) -> None:
    """Check that relations are those of the ontology.

    Raises:
        OntologyError: One isn't; the message lists those that are.
    """
    known = sorted(graph.relations.union(NEGATING_RELATIONS))  # a small extract may lack part_of
    for relation in relations:
        if relation not in known:
            raise OntologyError(
                f"{relation!r}: expected a relation of the ontology, got none of "
                f"{', '.join(known)} (--ontology-relations)"
            )
    if not relations:
        raise OntologyError("expected at least one relation, got none (--ontology-relations is_a)")


def term_set(graph: Graph, target: str, relations: Sequence[str]) -> tuple[TermSetMember, ...]:
    """Return the closure of a term, sorted by id.

    The class of a term is the first that holds: target; core (a descendant over `relations`); then
    the sign of regulation. A regulator has an edge of the regulates family to target or core, or
    is an is_a / part_of descendant of such a term; two signs make it a `regulator`, one sign beats
    none.
    """
    children = graph.children
    core = _shortest_paths({target: (0, "")}, children, set(relations))
    starts: dict[str, dict[str, _Path]] = {relation: {} for relation in REGULATES}
    for term in core:
        for child, relation in children.get(term, ()):
            if relation in REGULATES and child not in core:
                path = _step(child, relation, term, core[term])
                starts[relation][child] = min(path, starts[relation].get(child, path))
    signs: dict[str, set[str]] = {}
    paths = dict(core)
    for relation, found in starts.items():
        below = _shortest_paths(found, children, set(NEGATING_RELATIONS))
        for go_id in below.keys() - core.keys():
            signs.setdefault(go_id, set()).add(REGULATES[relation])
            paths[go_id] = min(below[go_id], paths.get(go_id, below[go_id]))
    classes = dict.fromkeys(core, "core") | {target: "target"}
    classes |= {go_id: _sign(found) for go_id, found in signs.items()}
    return tuple(
        TermSetMember(go_id, classes[go_id], paths[go_id][1], graph.nodes[go_id].name)
        for go_id in sorted(classes)
    )


def _sign(found: set[str]) -> str:
    signed = found - {"regulator"}
    return signed.pop() if len(signed) == 1 else "regulator"


def _step(child: str, relation: str, parent: str, path: _Path) -> _Path:
    n_steps, text = path
    return n_steps + 1, f"{child} -{relation}-> {text or parent}"


def _shortest_paths(
    starts: Mapping[str, _Path], children: Children, relations: set[str]
) -> dict[str, _Path]:
    """Return the shortest way up from each start and descendant, the first by text among equals."""
    paths: dict[str, _Path] = {}
    queue = [(path, go_id) for go_id, path in starts.items()]
    heapq.heapify(queue)
    while queue:
        path, go_id = heapq.heappop(queue)
        if go_id in paths:
            continue
        paths[go_id] = path
        for child, relation in children.get(go_id, ()):
            if relation in relations and child not in paths:
                heapq.heappush(queue, (_step(child, relation, go_id, path), child))
    return paths


def descendants(graph: Graph, go_ids: Iterable[str], relations: Iterable[str]) -> frozenset[str]:
    """Return terms and all their descendants over relations."""
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
    """Return what each alternative id and each replaced obsolete id becomes.

    Chains are followed with a guard against loops; one that doesn't end in a single current term is
    no repair of an obsolete id. An alternative id that leads to no current term becomes the term
    that it was merged into, though that is obsolete: it is no stranger. `consider` is never
    followed: it would be a guess. A current term stays itself, whoever else claims its id.
    """
    merged = {go_id: _merged_into(graph, go_id) for go_id in graph.alternatives}
    replaced = [go_id for go_id, node in graph.nodes.items() if node.replaced_by]
    ends = {go_id: _end_of_chain(graph, go_id) for go_id in [*graph.alternatives, *replaced]}
    found = {go_id: end or merged.get(go_id) for go_id, end in ends.items()}
    return {go_id: end for go_id, end in found.items() if end is not None and end != go_id}


def _merged_into(graph: Graph, go_id: str) -> str | None:
    """Return the only term that has an id without a stanza of its own as an alternative."""
    claiming = graph.alternatives[go_id]
    return claiming[0] if go_id not in graph.nodes and len(claiming) == 1 else None


def _end_of_chain(graph: Graph, go_id: str) -> str | None:
    seen: set[str] = set()
    while go_id not in seen:
        seen.add(go_id)
        node = graph.nodes.get(go_id)
        if node is not None and not node.is_obsolete:
            return go_id
        following = {*(node.replaced_by if node else ()), *graph.alternatives.get(go_id, ())}
        if len(following) != 1:
            return None
        go_id = following.pop()
    return None
