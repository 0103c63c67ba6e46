"""Repairs: the current terms that alternative ids and replaced obsolete ids lead to."""

from __future__ import annotations

from gafreduce.ontology.graph import Graph


def find_repairs(graph: Graph) -> dict[str, str]:
    """Return the replacement of each alternative id and each replaced obsolete id.

    An obsolete id has a replacement when its chain of replacements ends in a single current term.
    If the chain of an alternative id does not, the id is replaced by the obsolete term that it was
    merged into, so it still resolves to a known term. `consider` is never followed: it would be a
    guess. A current term is never replaced, even if another term claims its id.
    """
    merged = {go_id: _find_merge_target(graph, go_id) for go_id in graph.alternatives}
    replaced = [go_id for go_id, node in graph.nodes.items() if node.replaced_by]
    ends = {go_id: find_current_term(graph, go_id) for go_id in [*graph.alternatives, *replaced]}
    found = {go_id: end or merged.get(go_id) for go_id, end in ends.items()}
    return {go_id: end for go_id, end in found.items() if end is not None and end != go_id}


def _find_merge_target(graph: Graph, go_id: str) -> str | None:
    """Return the only term with this alternative id, unless the id has a stanza of its own."""
    claiming = graph.alternatives[go_id]
    return claiming[0] if go_id not in graph.nodes and len(claiming) == 1 else None


def find_current_term(graph: Graph, go_id: str) -> str | None:
    """Return the single current term at the end of an id's chain of replacements, if any."""
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
