"""Resolve the target term and the relations that the user gave."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from typing import NamedTuple

from gafreduce.ontology.graph import Graph, Node
from gafreduce.ontology.obo_text import OntologyError, TermText, read_go_id
from gafreduce.ontology.repairs import find_current_term
from gafreduce.ontology.term_set import NEGATING_RELATIONS


class ResolvedTerm(NamedTuple):
    """A term that the user named."""

    go_id: str
    note: str  # how the name leads to the id; empty when it is the id


def resolve_term(
    graph: Graph,
    text: str,
    find_synonyms: Callable[[str], Sequence[tuple[TermText, str]]] = lambda _: (),
) -> ResolvedTerm:
    """Return the term with an id, an alternative id, or an exact unique name or synonym.

    Args:
        graph: The ontology.
        text: As the user wrote it; ids may be written in any way, as `go:30420`.
        find_synonyms: Returns the terms with a synonym, and its scope; called when no name fits.

    Raises:
        OntologyError: It is unknown, obsolete or ambiguous; the message names alternatives.
    """
    wanted = text.strip()
    for go_id in (wanted, wanted.upper(), read_go_id(wanted)):
        node = graph.nodes.get(go_id)
        if node is not None:
            return ResolvedTerm(_require_current(graph, node, go_id).go_id, "")
        if go_id in graph.alternatives:
            return _resolve_alternative(graph, go_id)
    return _resolve_name(graph, wanted, find_synonyms)


def _resolve_alternative(graph: Graph, wanted: str) -> ResolvedTerm:
    claims = graph.alternatives[wanted]
    if len(claims) > 1:
        raise OntologyError(
            f"{wanted}: expected the id of one term, got an alternative id of {', '.join(claims)} "
            "(use one of these)"
        )
    node = _require_current(graph, graph.nodes[claims[0]], wanted)
    return ResolvedTerm(node.go_id, f"{wanted} is an alternative id of {node.go_id}")


def _require_current(graph: Graph, node: Node, wanted: str) -> Node:
    """Return the term, or raise OntologyError when it is obsolete."""
    if not node.is_obsolete:
        return node
    successor = find_current_term(graph, node.go_id)
    instead = [successor] if successor else [*node.replaced_by, *node.consider]
    names = [f"{go_id} ({graph.nodes[go_id].name})" for go_id in instead if go_id in graph.nodes]
    described = node.name if wanted == node.go_id else f"{node.go_id}, {node.name}"
    raise OntologyError(
        f"{wanted}: expected a current term, got an obsolete one: {described} "
        f"({'use ' + ' or '.join(names) if names else 'the ontology has no replacement for it'})"
    )


def _resolve_name(
    graph: Graph, wanted: str, find_synonyms: Callable[[str], Sequence[tuple[TermText, str]]]
) -> ResolvedTerm:
    by_name: dict[str, list[Node]] = {}
    for node in graph.nodes.values():
        by_name.setdefault(node.name.casefold(), []).append(node)
    found = by_name.get(wanted.casefold(), [])
    found = [node for node in found if not node.is_obsolete] or found
    found = [node for node in found if node.name == wanted] or found
    if len(found) == 1:
        go_id = _require_current(graph, found[0], wanted).go_id
        return ResolvedTerm(go_id, f"{wanted!r} is {go_id}")
    if found:
        ids = ", ".join(sorted(node.go_id for node in found))
        raise OntologyError(
            f"{wanted!r}: expected the name of one term, got that of {ids} (give the id)"
        )
    synonyms = find_synonyms(wanted)
    if len(synonyms) == 1:
        term, scope = synonyms[0]
        return ResolvedTerm(
            term.go_id, f"{wanted!r} is a synonym ({scope}) of {term.go_id}, {term.name}"
        )
    if synonyms:
        ids = "; ".join(f"{term.go_id}, {term.name}" for term, _ in synonyms[:5])
        raise OntologyError(
            f"{wanted!r}: expected the synonym of one term, got that of {len(synonyms)} (use "
            f"one of their ids: {ids})"
        )
    go_id = read_go_id(wanted) or wanted.upper()
    if go_id.startswith("GO:"):
        similar = difflib.get_close_matches(go_id, [*graph.nodes, *graph.alternatives], n=3)
    else:
        names = [name for name, nodes in by_name.items() if not nodes[0].is_obsolete]
        containing = sorted(
            (name for name in names if wanted and wanted.casefold() in name), key=len
        )
        matches = containing[:3] or difflib.get_close_matches(wanted.casefold(), names, n=3)
        similar = [f"{node.name} ({node.go_id})" for name in matches for node in by_name[name][:1]]
    known = f"similar: {'; '.join(similar)}" if similar else "no name is similar"
    raise OntologyError(
        f"{wanted[:100]!r}: expected an id, an exact name or a synonym of a term of the ontology, "
        f"got none ({known}; `gafreduce search` finds terms)"
    )


def check_relations(graph: Graph, relations: Sequence[str]) -> None:
    """Check that the ontology has the relations.

    Raises:
        OntologyError: It lacks one, or there are none; the message lists those that it has.
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
