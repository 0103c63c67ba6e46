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
    ends: dict[str, str | None] = {}
    for go_id in [*graph.alternatives, *replaced]:
        _follow_chain(graph, go_id, ends)
    found = {go_id: ends[go_id] or merged.get(go_id) for go_id in [*graph.alternatives, *replaced]}
    return {go_id: end for go_id, end in found.items() if end is not None and end != go_id}


def _find_merge_target(graph: Graph, go_id: str) -> str | None:
    """Return the only term with this alternative id, unless the id has a stanza of its own."""
    claiming = graph.alternatives[go_id]
    return claiming[0] if go_id not in graph.nodes and len(claiming) == 1 else None


def find_current_term(graph: Graph, go_id: str) -> str | None:
    """Return the single current term at the end of an id's chain of replacements, if any."""
    ends: dict[str, str | None] = {}
    _follow_chain(graph, go_id, ends)
    return ends[go_id]


def _follow_chain(graph: Graph, go_id: str, ends: dict[str, str | None]) -> None:
    """Add the end of a chain of replacements, for each id of the chain: chains share their ends."""
    chain: dict[str, None] = {}
    following: str | None = go_id
    end = None
    while following is not None and following not in chain:
        if following in ends:
            end = ends[following]
            break
        chain[following] = None
        node = graph.nodes.get(following)
        if node is not None and not node.is_obsolete:
            end = following
            break
        others = {
            *(node.replaced_by if node else ()),
            *graph.alternatives.get(following, ()),
        }
        following = others.pop() if len(others) == 1 else None
    ends.update(dict.fromkeys(chain, end))
