"""From an ontology file to a term file; also a program of its own, so that others need no goatools.

    python -m ontology.build ONTOLOGY TERM RELATIONS OUT

prints one JSON line with a note, or one line on standard error and exits with 1.
"""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from ontology import closure, termfile
from ontology.graph import Graph, OntologyError, load_graph
from ontology.termfile import ASPECTS, TermFile


class Built(NamedTuple):
    """A term file, and what has to be said about the term that was asked for."""

    terms: TermFile
    note: str


def build_term_file(ontology: Path, term: str, relations: Sequence[str]) -> Built:
    """Return the term file of an ontology for one target.

    Raises:
        OntologyError: The ontology can't be used, or doesn't know the term or a relation.
    """
    graph = load_graph(ontology)
    closure.check_relations(graph, relations)
    resolved = closure.resolve_term(graph, term)
    return Built(_term_file(graph, resolved.go_id, relations, ontology), resolved.note)


def _term_file(graph: Graph, target: str, relations: Sequence[str], path: Path) -> TermFile:
    go_ids = sorted(graph.nodes)
    number = {go_id: index for index, go_id in enumerate(go_ids)}
    nodes = [graph.nodes[go_id] for go_id in go_ids]
    unknown = {node.namespace for node in nodes} - set(ASPECTS)
    if unknown:
        raise OntologyError(
            f"{path}: expected the namespaces of GO, got {min(unknown)!r} (use go-basic.obo)"
        )
    negating = set(relations) & set(closure.NEGATING_RELATIONS)
    above = closure.ancestors(graph, target, negating)
    return TermFile(
        data_version=graph.data_version,
        ontology_sha256=graph.sha256,
        relations=tuple(relations),
        target=target,
        definition=graph.nodes[target].definition,
        go_ids=tuple(go_ids),
        aspects="".join(ASPECTS[node.namespace] for node in nodes),
        parents=tuple(
            ",".join(
                map(str, sorted({number[p] for r in relations for p in node.parents.get(r, ())}))
            )
            for node in nodes
        ),
        obsolete=frozenset(number[node.go_id] for node in nodes if node.is_obsolete),
        repairs=closure.repairs(graph),
        negating=frozenset(number[go_id] for go_id in {target, *above}),
        closure=closure.closure(graph, target, relations),
        names=tuple(node.name for node in nodes),
    )


def main(arguments: Sequence[str]) -> int:
    """Build a term file; return the exit code."""
    gc.disable()  # a short life full of small objects: collecting them would be a third of it
    ontology, term, relations, out = arguments
    try:
        built = build_term_file(Path(ontology), term, relations.split(","))
    except OntologyError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    termfile.write(built.terms, Path(out))
    sys.stdout.write(json.dumps({"note": built.note}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
