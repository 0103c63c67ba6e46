"""Find term sets of many targets of one ontology; a program like `build`.

    python -m gafreduce.ontology.targets ONTOLOGY RELATIONS < TERMS

reads a JSON list of terms and prints, as a JSON list, the SHA-256 of the ontology and another list:
for each term the fields of `Target`, or `error`. The ontology is read once. On an error of the
ontology it prints one line on standard error and exits with the error's exit code. The command line
imports this module: it imports goatools in the program only.
"""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from gafreduce import startup
from gafreduce.child_process import start_python
from gafreduce.errors import (
    ERROR_PREFIX,
    INPUT,
    GafreduceError,
    InputError,
    TransientError,
    describe,
    exit_code,
    read_error_line,
)
from gafreduce.ontology.termfile import SUPPORTING_CLASSES, TermFile, TermSetMember

#: Names of terms in a message.
_N_LISTED = 10


class Target(NamedTuple):
    """A target, with the parts of a term file that depend on it."""

    go_id: str
    note: str  # how the term that the user named was resolved; may be empty
    definition: str
    negating: tuple[int, ...]  # terms by number
    term_set: tuple[TermSetMember, ...]

    def apply(self, terms: TermFile) -> TermFile:
        """Return the term file of this target, from that of another one in the same ontology."""
        return dataclasses.replace(
            terms,
            target=self.go_id,
            definition=self.definition,
            negating=frozenset(self.negating),
            term_set=self.term_set,
        )


def find_targets(
    ontology: Path, terms: Sequence[str], places: Sequence[str], first: TermFile
) -> list[Target]:
    """Return the targets that terms name, in their order.

    Args:
        ontology: OBO, plain or gzip.
        terms: Ids, alternative ids, or exact unique names or synonyms.
        places: Where the user named each, for messages.
        first: The term file of one target of the ontology.

    Raises:
        InputError: The ontology cannot be used, or lacks terms; the message names them.
        TransientError: The ontology is not that of the term file, or the process was killed.
    """
    process = start_python(
        "gafreduce.ontology.targets",
        *(str(ontology.absolute()), ",".join(first.relations)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process:
        out, errors = process.communicate(json.dumps(list(terms)).encode())
    if process.returncode:
        message, code = read_error_line(errors.decode(errors="replace"), process.returncode)
        if code == INPUT:
            raise InputError(message)
        raise TransientError(f"the ontology could not be read: {message}")
    sha256, found = json.loads(out)
    if sha256 != first.ontology_sha256:
        raise TransientError(
            f"{ontology}: expected the file that was read at first, got another one (nothing was "
            "published: run again when nothing writes to it)"
        )
    faults = [
        f"{place}: {each['error']}"
        for place, each in zip(places, found, strict=True)
        if "error" in each
    ]
    if faults:
        more = f"; and {len(faults) - _N_LISTED} more" if len(faults) > _N_LISTED else ""
        raise InputError("; ".join(faults[:_N_LISTED]) + more)
    return [
        Target(
            each["go_id"],
            each["note"],
            _join_lines(each["definition"]),
            tuple(each["negating"]),
            tuple(
                TermSetMember(go_id, term_class, path, _join_lines(name))
                for go_id, term_class, path, name in each["term_set"]
            ),
        )
        for each in found
    ]


def _join_lines(text: str) -> str:
    """Return text as a term file has it: tabs and line ends become spaces."""
    return " ".join(text.split())


def join_targets(targets: Sequence[TermFile]) -> TermFile:
    """Return a term file with the joined term sets of several, for a job with many targets.

    A term has class `core` if it has a supporting class for any target, else one of a regulator.
    """
    members: dict[str, TermSetMember] = {}
    for terms in targets:
        for member in terms.term_set:
            known = members.get(member.go_id)
            if member.term_class in SUPPORTING_CLASSES:
                members[member.go_id] = member._replace(term_class="core")
            elif known is None:
                members[member.go_id] = member
    return dataclasses.replace(
        targets[0],
        negating=frozenset().union(*(terms.negating for terms in targets)),
        term_set=tuple(members[go_id] for go_id in sorted(members)),
    )


def _describe_targets(path: Path, terms: Sequence[str], relations: Sequence[str]) -> list[Any]:
    from gafreduce.ontology.graph import load_graph
    from gafreduce.ontology.obo_text import OntologyError, find_synonyms, read_text
    from gafreduce.ontology.target import check_relations, resolve_term
    from gafreduce.ontology.term_set import NEGATING_RELATIONS, find_ancestors, find_term_set

    graph = load_graph(path)
    check_relations(graph, relations)
    negating = set(relations) & set(NEGATING_RELATIONS)
    number = {go_id: index for index, go_id in enumerate(sorted(graph.nodes))}
    found: list[Any] = []
    for term in terms:
        try:
            target = resolve_term(graph, term, lambda name: find_synonyms(read_text(path), name))
            term_set = find_term_set(graph, target.go_id, relations)
        except OntologyError as error:
            found.append({"error": str(error)})
            continue
        above = find_ancestors(graph, target.go_id, negating)
        found.append(
            {
                "go_id": target.go_id,
                "note": target.note,
                "definition": graph.nodes[target.go_id].definition,
                "negating": sorted(number[go_id] for go_id in {target.go_id, *above}),
                "term_set": [
                    [member.go_id, member.term_class, member.relation_path, member.name]
                    for member in term_set
                ],
            }
        )
    return [graph.sha256, found]


def main(arguments: Sequence[str]) -> int:
    """Print the targets of the terms on standard input; return the exit code."""
    if len(arguments) != 2:
        sys.stderr.write("usage: python -m gafreduce.ontology.targets ONTOLOGY RELATIONS\n")
        return 2
    try:
        terms = json.load(sys.stdin)
        found = _describe_targets(Path(arguments[0]), terms, arguments[1].split(","))
    except (GafreduceError, OSError, MemoryError) as error:
        sys.stderr.write(f"{ERROR_PREFIX}{describe(error)}\n")
        return exit_code(error)
    sys.stdout.write(json.dumps(found) + "\n")
    return 0


if __name__ == "__main__":
    startup.disable_collector()
    startup.end_process(main(sys.argv[1:]))
