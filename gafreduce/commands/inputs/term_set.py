"""`gafreduce term-set`: print a term, its descendants and their regulators."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from gafreduce import streams
from gafreduce.cli.options import (
    add_json,
    add_ontology,
    add_ontology_relations,
    add_verbosity,
    describe,
    format_json,
)


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options."""
    describe(
        command,
        "Print a term, its descendants and their regulators as TSV, with class, relation path and "
        "name.",
    )
    command.add_argument(
        "term", metavar="TERM", help="an id, or an exact and unique name or synonym"
    )
    add_ontology(command)
    add_ontology_relations(command)
    add_json(command, "the terms")
    add_verbosity(command)


def run(arguments: argparse.Namespace) -> Iterator[str]:
    """Yield the term set as TSV: go_id, term_class, relation_path, name."""
    from gafreduce.inputs.ontology_file import download_ontology, find_ontology
    from gafreduce.ontology.cache import load_term_file
    from gafreduce.storage.s3 import Access
    from gafreduce.tempdir import temporary_folder

    named = find_ontology(arguments.ontology)
    with temporary_folder() as scratch:
        ontology = download_ontology(named, Access(), scratch)
        found = load_term_file(ontology, arguments.term, arguments.ontology_relations)
    if arguments.json:
        yield format_json([term._asdict() for term in found.terms.term_set])
        return
    streams.pass_data()
    yield "go_id\tterm_class\trelation_path\tname"
    for term in found.terms.term_set:
        yield f"{term.go_id}\t{term.term_class}\t{term.relation_path}\t{term.name}"
