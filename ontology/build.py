"""Build a term file from an ontology file; a program, so that others need not import goatools.

    python -m gafreduce.ontology.build ONTOLOGY TERM RELATIONS OUT

writes the term file OUT and prints one JSON line (`term_file`, `note`). On an error it prints one
line on standard error and exits with the error's exit code. RELATIONS are joined by commas.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from gafreduce import startup
from gafreduce.errors import ERROR_PREFIX, GafreduceError, describe, exit_code
from gafreduce.ontology import termfile
from gafreduce.ontology.graph import Graph, load_graph
from gafreduce.ontology.obo_text import OntologyError, find_synonyms, read_text
from gafreduce.ontology.repairs import find_repairs
from gafreduce.ontology.target import check_relations, resolve_term
from gafreduce.ontology.term_set import (
    NEGATING_RELATIONS,
    REGULATES,
    find_ancestors,
    find_descendants,
    find_term_set,
)
from gafreduce.ontology.termfile import (
    ASPECTS,
    COMPLEX,
    DO_NOT_ANNOTATE,
    DO_NOT_MANUALLY_ANNOTATE,
    INTERSPECIES,
    OBSOLETION_CANDIDATE,
    TermFile,
)

#: Marks for rules: the roots of each set of terms, and the relations to their descendants.
#: Source: GORULE:0000061 (complexes) and GORULE:0000015 (other organisms).
_ROOTS_OF_MARKS = {
    COMPLEX: (("GO:0032991",), ("is_a",)),
    INTERSPECIES: (("GO:0044419", "GO:0043903", "GO:0018995"), ("is_a", "part_of")),
}


class BuiltTerms(NamedTuple):
    """A term file, and how the term that the user named was resolved."""

    terms: TermFile
    note: str


def build_term_file(ontology: Path, term: str, relations: Sequence[str]) -> BuiltTerms:
    """Return the term file of an ontology for one target.

    Args:
        ontology: OBO, plain or gzip.
        term: Id, alternative id, or exact unique name or synonym.
        relations: The relations of descendants and of propagation.

    Raises:
        OntologyError: The ontology can't be used, or lacks the term or a relation.
    """
    graph = load_graph(ontology)
    check_relations(graph, relations)
    resolved = resolve_term(graph, term, lambda name: find_synonyms(read_text(ontology), name))
    return BuiltTerms(_make_term_file(graph, resolved.go_id, relations, ontology), resolved.note)


def _make_term_file(graph: Graph, target: str, relations: Sequence[str], path: Path) -> TermFile:
    go_ids = sorted(graph.nodes)
    number = {go_id: index for index, go_id in enumerate(go_ids)}
    nodes = [graph.nodes[go_id] for go_id in go_ids]
    negating = set(relations) & set(NEGATING_RELATIONS)
    above = find_ancestors(graph, target, negating)
    return TermFile(
        data_version=graph.data_version,
        ontology_sha256=graph.sha256,
        relations=tuple(relations),
        target=target,
        definition=graph.nodes[target].definition,
        go_ids=tuple(go_ids),
        aspects=_encode_aspects(graph, go_ids, path),
        parents=_encode_parents(graph, go_ids, relations),
        obsolete=frozenset(number[node.go_id] for node in nodes if node.is_obsolete),
        repairs=find_repairs(graph),
        negating=frozenset(number[go_id] for go_id in {target, *above}),
        term_set=find_term_set(graph, target, relations),
        names=tuple(node.name for node in nodes),
        marks=_find_marks(graph, number),
        regulates=_find_regulations(graph, number),
    )


def _find_marks(graph: Graph, number: Mapping[str, int]) -> dict[str, frozenset[int]]:
    """Return the marks, without those that the ontology does not define.

    An ontology with any of GO's subsets has them all; some may be empty.
    """
    marks: dict[str, frozenset[int]] = {}
    if graph.subsets:
        for name in (DO_NOT_ANNOTATE, DO_NOT_MANUALLY_ANNOTATE, OBSOLETION_CANDIDATE):
            ids = graph.subsets.get(name, frozenset())
            marks[name] = frozenset(number[go_id] for go_id in ids if go_id in number)
    for name, (roots, relations) in _ROOTS_OF_MARKS.items():
        found = [go_id for go_id in roots if go_id in number]
        if found:
            below = find_descendants(graph, found, relations)
            marks[name] = frozenset(number[go_id] for go_id in below)
    return marks


def _find_regulations(graph: Graph, number: Mapping[str, int]) -> tuple[tuple[int, int], ...]:
    """Return the relations of REGULATES as sorted pairs: regulating and regulated term."""
    pairs = {
        (number[go_id], number[regulated])
        for go_id, node in graph.nodes.items()
        for relation in REGULATES
        for regulated in node.parents.get(relation, ())
    }
    return tuple(sorted(pairs))


def _encode_aspects(graph: Graph, go_ids: Sequence[str], path: Path) -> str:
    try:
        return "".join([ASPECTS[graph.nodes[go_id].namespace] for go_id in go_ids])
    except KeyError as error:
        raise OntologyError(
            f"{path}: expected the namespaces of GO ({', '.join(ASPECTS)}), got "
            f"{error.args[0]!r} (use go-basic.obo)"
        ) from error


def _encode_parents(
    graph: Graph, go_ids: Sequence[str], relations: Sequence[str]
) -> tuple[str, ...]:
    """Return the parents of each term as in the term file, in the order of their numbers."""
    label = {go_id: str(index) for index, go_id in enumerate(go_ids)}
    columns = []
    for go_id in go_ids:
        found = {p for r, ids in graph.nodes[go_id].parents.items() if r in relations for p in ids}
        columns.append(",".join([label[parent] for parent in sorted(found)]))
    return tuple(columns)


def main(arguments: Sequence[str]) -> int:
    """Build a term file; return the exit code."""
    if len(arguments) != 4:
        sys.stderr.write("usage: python -m gafreduce.ontology.build ONTOLOGY TERM RELATIONS OUT\n")
        return 2
    ontology, term, relations, out = arguments
    try:
        built = build_term_file(Path(ontology), term, relations.split(","))
        termfile.write(built.terms, Path(out))
    except (GafreduceError, OSError, MemoryError) as error:
        sys.stderr.write(f"{ERROR_PREFIX}{describe(error)}\n")
        return exit_code(error)
    sys.stdout.write(json.dumps({"term_file": out, "note": built.note}) + "\n")
    return 0


if __name__ == "__main__":
    startup.disable_collector()
    startup.end_process(main(sys.argv[1:]))
