"""The GO graph, read by goatools: the only module of the project that knows it.

goatools trusts its input: it exits, prints, recurses without end or raises KeyError on a damaged
file. So the text is checked first, in one pass, and every fault is an OntologyError.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import tempfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_GZIP = b"\x1f\x8b"
_ID = re.compile(r"^id: *(\S+)", re.MULTILINE)
_PARENT = re.compile(r"^(?:is_a: *|relationship: *\S+ +)(\S+)", re.MULTILINE)
_REPLACED = re.compile(r"^replaced_by: *(\S+)", re.MULTILINE)
_DEFINITION = re.compile(r'^def: *"((?:[^"\\]|\\.)*)"', re.MULTILINE)
_DATA_VERSION = re.compile(r"^data-version: *(.*)$", re.MULTILINE)


class OntologyError(ValueError):
    """The ontology can't be used, or doesn't know what was asked of it."""


@dataclass(frozen=True)
class Node:
    """One term."""

    go_id: str
    name: str
    namespace: str
    parents: Mapping[str, tuple[str, ...]]  # relation (is_a, part_of ...) -> ids, sorted
    is_obsolete: bool
    replaced_by: tuple[str, ...]
    consider: tuple[str, ...]
    definition: str


@dataclass(frozen=True)
class Graph:
    """An ontology."""

    nodes: Mapping[str, Node]  # by primary id, obsolete ones included
    alternatives: Mapping[str, str]  # alt_id -> primary id
    data_version: str
    sha256: str  # of the text, decompressed

    @property
    def relations(self) -> frozenset[str]:
        """The relations that occur."""
        return frozenset(name for node in self.nodes.values() for name in node.parents)


def load_graph(path: Path) -> Graph:
    """Return the ontology of an OBO file, plain or gzip.

    Raises:
        OntologyError: It is missing, damaged, not OBO, or not an acyclic graph of its own terms.
    """
    data = _read(path)
    text = data.decode("utf-8", "replace")
    stanzas = _stanzas(text, path)
    parents = {go_id: _PARENT.findall(stanza) for go_id, stanza in stanzas.items()}
    _check_parents(parents, path)
    _check_cycles(parents, path)
    nodes, alternatives = _parse(data, stanzas, path)
    version = _DATA_VERSION.search(text)
    return Graph(
        nodes=nodes,
        alternatives=alternatives,
        data_version=version.group(1).strip() if version else "",
        sha256=hashlib.sha256(data).hexdigest(),
    )


def _read(path: Path) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise OntologyError(
            f"{path}: expected an ontology file, got {error.strerror} (name another: --ontology)"
        ) from error
    if not data.startswith(_GZIP):
        return data
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise OntologyError(
            f"{path}: expected a whole gzip file, got a damaged one ({error}; get it again)"
        ) from error


def _stanzas(text: str, path: Path) -> dict[str, str]:
    """Return the text of each term by id."""
    stanzas: dict[str, str] = {}
    for stanza in re.split(r"^\[", text, flags=re.MULTILINE)[1:]:
        if not stanza.startswith("Term]"):
            continue
        found = _ID.search(stanza)
        if found is None:
            raise OntologyError(f"{path}: expected an `id:` in each [Term], got {stanza[:60]!r}")
        if found.group(1) in stanzas:
            raise OntologyError(f"{path}: expected each term once, got {found.group(1)} twice")
        stanzas[found.group(1)] = stanza
    if not stanzas or "\0" in text:
        raise OntologyError(
            f"{path}: expected an OBO file with [Term] stanzas, got {text[:40]!r} "
            "(get https://purl.obolibrary.org/obo/go/go-basic.obo)"
        )
    return stanzas


def _check_parents(parents: Mapping[str, list[str]], path: Path) -> None:
    for go_id, found in parents.items():
        for parent in found:
            if parent not in parents:
                raise OntologyError(
                    f"{path}: expected every parent to be a term of the file, got {parent} as a "
                    f"parent of {go_id} (is it cut short? get it again)"
                )


def _parse(
    data: bytes, stanzas: Mapping[str, str], path: Path
) -> tuple[dict[str, Node], dict[str, str]]:
    """Return the terms and alternative ids, as goatools reads them."""
    from goatools.obo_parser import GODag

    with tempfile.NamedTemporaryFile(suffix=".obo") as stream:
        stream.write(data)
        stream.flush()
        try:
            dag = GODag(
                stream.name,
                optional_attrs={"relationship", "consider"},
                load_obsolete=True,
                prt=None,
            )
        except (Exception, SystemExit) as error:  # goatools raises and exits as it likes
            raise OntologyError(
                f"{path}: expected an OBO file that goatools can read, got {error!r}"
            ) from error
    nodes: dict[str, Node] = {}
    alternatives: dict[str, str] = {}
    for key, term in dag.items():
        if key != term.item_id:
            alternatives[key] = term.item_id
            continue
        parents = {"is_a": tuple(sorted(parent.item_id for parent in term.parents))}
        for relation, found in term.relationship.items():
            parents[relation] = tuple(sorted(parent.item_id for parent in found))
        definition = _DEFINITION.search(stanzas[key])
        nodes[key] = Node(
            go_id=key,
            name=term.name,
            namespace=term.namespace,
            parents={relation: ids for relation, ids in parents.items() if ids},
            is_obsolete=term.is_obsolete,
            replaced_by=tuple(_REPLACED.findall(stanzas[key])),
            consider=tuple(sorted(term.consider)),
            definition=definition.group(1) if definition else "",
        )
    return nodes, alternatives


def _check_cycles(parents: Mapping[str, list[str]], path: Path) -> None:
    """Check that no term is its own ancestor, over all relations together."""
    done: set[str] = set()
    for start in parents:
        trail: dict[str, None] = {}
        stack = [(start, False)]
        while stack:
            go_id, leaving = stack.pop()
            if leaving:
                trail.pop(go_id)
                done.add(go_id)
            elif go_id in trail:
                cycle = [*list(trail)[list(trail).index(go_id) :], go_id]
                raise OntologyError(
                    f"{path}: expected no term to be its own ancestor, got the cycle "
                    f"{' -> '.join(cycle)} (use go-basic.obo)"
                )
            elif go_id not in done:
                trail[go_id] = None
                stack.append((go_id, True))
                stack.extend((parent, False) for parent in parents[go_id])
