"""`gafreduce closure TERM`: what "descendants" means here, for anybody to check."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from gafreduce.inputs.ontology_file import find_ontology
from gafreduce.ontology.cache import load_term_file
from gafreduce.tempdir import temporary_folder


def run(arguments: argparse.Namespace) -> Iterator[str]:
    """Print the closure as TSV: go_id, term_class, relation_path, name."""
    ontology = Path(find_ontology(arguments.ontology))
    with temporary_folder():
        found = load_term_file(ontology, arguments.term, arguments.ontology_relations)
    yield "go_id\tterm_class\trelation_path\tname"
    for term in found.terms.term_set:
        yield f"{term.go_id}\t{term.term_class}\t{term.relation_path}\t{term.name}"
