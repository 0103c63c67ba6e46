"""Load the GO graph with goatools, which no other module imports.

goatools trusts its input: on a damaged file it exits, prints, recurses without end, raises KeyError
or lets one term overwrite another. Here every fault raises an OntologyError that names it.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from goatools.obo_parser import GODag

from gafreduce.ontology.obo_text import OntologyError, check_is_obo, read_text

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_STANZA = b"\n[Term]"
_ID = b"\nid:"
#: Tags that gafreduce does not use: half of go-basic.obo, which goatools would parse as well.
_UNUSED_TAGS = re.compile(
    rb"\n(?:synonym|xref|subset|comment|property_value|created_by|creation_date): [^\n]*"
)
#: Subsets of terms that should not be used in annotations (GORULE:0000008, 65).
_SUBSET = b"\nsubset: gocheck_"
_ATTRIBUTES = frozenset({"relationship", "consider", "replaced_by", "def"})
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPE = re.compile(r"\\(.)")
#: Bounds for what the release of GO has: 35 MB of text, and less than 30 levels. The ancestors of
#: each annotated term are kept, so that memory grows with the levels.
_MOST_LEVELS = 5_000
_N_NAMED = 10


class Node(NamedTuple):
    """A term of the ontology."""

    go_id: str
    name: str
    namespace: str
    parents: Mapping[str, tuple[str, ...]]  # relation (is_a, part_of ...) -> ids, sorted
    is_obsolete: bool
    replaced_by: tuple[str, ...]  # ids, sorted
    consider: tuple[str, ...]  # ids, sorted
    stated_definition: str  # as in OBO: quoted, escaped, with its references; empty for none

    @property
    def definition(self) -> str:
        r"""The text of the definition, without quotes, escapes and references.

        >>> Node("GO:1", "n", "biological_process", {}, False, (), (), r'"A \"b\"." [x]').definition
        'A "b".'
        """
        found = _QUOTED.match(self.stated_definition)
        return _ESCAPE.sub(_unescape, found.group(1)) if found else ""


#: For each parent: (child, relation).
Children = Mapping[str, Sequence[tuple[str, str]]]


@dataclass(frozen=True)
class Graph:
    """The graph of an ontology."""

    nodes: Mapping[str, Node]  # by primary id, obsolete ones included
    alternatives: Mapping[str, tuple[str, ...]]  # alt_id -> primary ids with it, sorted
    data_version: str  # may be empty
    sha256: str  # of the text, decompressed
    subsets: Mapping[str, frozenset[str]] = field(default_factory=dict)  # GO's `gocheck_...` only

    @cached_property
    def children(self) -> Children:
        """The children of each parent, with their relation to it."""
        children: dict[str, list[tuple[str, str]]] = {}
        for go_id, node in self.nodes.items():
            for relation, parents in node.parents.items():
                for parent in parents:
                    children.setdefault(parent, []).append((go_id, relation))
        return children

    @property
    def relations(self) -> frozenset[str]:
        """The relations between the terms."""
        return frozenset(name for node in self.nodes.values() for name in node.parents)


def load_graph(path: Path) -> Graph:
    """Return the ontology of an OBO file, plain or gzip.

    Raises:
        OntologyError: The file is missing, damaged or not OBO, or its terms form no acyclic graph.

    Source: https://owlcollab.github.io/oboformat/doc/GO.format.obo-1_4.html
    """
    text = read_text(path)
    sha256 = hashlib.sha256(text).hexdigest()
    text = text.removeprefix(_BYTE_ORDER_MARK)
    n_stanzas = text.count(_STANZA) + text.startswith(_STANZA[1:])
    check_is_obo(text, n_stanzas, path)
    replacements = _find_replacements(text)
    subsets = _find_subsets(text)
    with tempfile.TemporaryDirectory() as folder:  # an open temporary file has no reader on Windows
        reduced = Path(folder, "reduced.obo")
        reduced.write_bytes(_UNUSED_TAGS.sub(b"", text))
        del text  # about 35 MB
        dag = _parse_obo(str(reduced), path)
    nodes = _make_nodes(dag, replacements)
    _check_terms(nodes, n_stanzas, path)
    _check_levels(nodes, path)
    return Graph(
        nodes=nodes,
        alternatives=_find_alternatives(dag),
        data_version=(dag.data_version or "").strip(),
        sha256=sha256,
        subsets=subsets,
    )


def _unescape(found: re.Match[str]) -> str:
    return {"n": " ", "t": " ", "W": " "}.get(found.group(1), found.group(1))


def _find_replacements(text: bytes) -> dict[str, tuple[str, ...]]:
    """Return all `replaced_by` of each term; goatools keeps only the last of several."""
    found: dict[str, set[str]] = {}
    for go_id, line in _find_tags(text, b"\nreplaced_by:"):
        value = line.partition(":")[2].split()
        if value:
            found.setdefault(go_id, set()).add(value[0])
    return {go_id: tuple(sorted(ids)) for go_id, ids in found.items()}


def _find_subsets(text: bytes) -> dict[str, frozenset[str]]:
    """Return the terms of each `gocheck_` subset by its name."""
    found: dict[str, set[str]] = {}
    for go_id, line in _find_tags(text, _SUBSET):
        found.setdefault(line.split()[1], set()).add(go_id)
    return {name: frozenset(ids) for name, ids in found.items()}


def _find_tags(text: bytes, tag: bytes) -> Iterator[tuple[str, str]]:
    """Yield each line that begins with a tag, with the id of its stanza, in linear time.

    Args:
        text: The OBO file.
        tag: The beginning of the line, with the line end before it.
    """
    go_id, before = "", 0
    start = text.find(tag)
    while start >= 0:
        if text.rfind(_ID, before, start) >= 0:  # a stanza may have the tag many times
            go_id = _find_stanza_id(text, start)
        line = text[start + 1 : _find_end_of_line(text, start + 1)]
        yield go_id, line.decode("utf-8", "replace")
        before, start = start, text.find(tag, start + 1)


def _find_stanza_id(text: bytes, position: int) -> str:
    """Return the id of the stanza at a position of the text."""
    start = text.rfind(_ID, 0, position) + len(_ID)
    return text[start : _find_end_of_line(text, start)].decode("utf-8", "replace").strip()


def _find_end_of_line(text: bytes, position: int) -> int:
    end = text.find(b"\n", position)
    return len(text) if end < 0 else end


class _StrictDag(GODag):  # type: ignore[misc]  # goatools has no types
    """A GODag that never loses a term."""

    def __setitem__(self, key: str, term: Any) -> None:
        """Add a term, unless its id is taken: goatools would overwrite the other one."""
        if self.get(key) is None:
            super().__setitem__(key, term)
        elif not key:
            raise OntologyError(
                "expected an id in each [Term] stanza, as `id: GO:0008150` with a blank, got two "
                "without (get it again)"
            )
        elif term.item_id == key:
            raise OntologyError(f"expected each term once, got {key} twice (get it again)")

    def _set_level_depth(self) -> None:
        """Do nothing: levels are not used, and on a cycle goatools would recurse without end."""


def _parse_obo(name: str, path: Path) -> _StrictDag:
    try:
        return _StrictDag(name, optional_attrs=set(_ATTRIBUTES), load_obsolete=True, prt=None)
    except OntologyError as error:
        raise OntologyError(f"{path}: {error}") from None
    except KeyError as error:
        parent = str(error.args[0])
        raise OntologyError(
            f"{path}: expected every parent to be a term of the file, got {parent} as a parent "
            f"of {_find_child(parent, read_text(path))} (is it cut short? get it again)"
        ) from error
    except UnicodeDecodeError as error:
        byte = error.object[error.start]
        raise OntologyError(
            f"{path}: expected UTF-8, got the byte 0x{byte:02x} (save it as UTF-8, or get it again)"
        ) from error
    except (Exception, SystemExit) as error:  # goatools raises anything, and exits
        raise OntologyError(
            f"{path}: expected an OBO file that goatools can read, got {error!r} "
            "(does a blank line end each stanza? get it again)"
        ) from error


def _find_child(parent: str, text: bytes) -> str:
    """Return the first term with this parent, for an error message."""
    edge = rb"\n(?:is_a:|relationship:[ \t]*\S+)[ \t]*" + re.escape(parent.encode()) + rb"(?!\S)"
    found = re.search(edge, text)
    return _find_stanza_id(text, found.start()) if found else "another term"


def _make_nodes(dag: _StrictDag, replacements: Mapping[str, tuple[str, ...]]) -> dict[str, Node]:
    nodes: dict[str, Node] = {}
    for key, term in dag.items():
        if key != term.item_id:
            continue  # an alternative id
        parents: dict[str, tuple[str, ...]] = {}
        if term.parents:
            parents["is_a"] = tuple(sorted([parent.item_id for parent in term.parents]))
        for relation, found in term.relationship.items():
            parents[relation] = tuple(sorted([parent.item_id for parent in found]))
        nodes[key] = Node(
            key,
            term.name,
            term.namespace,
            parents,
            term.is_obsolete,
            replacements.get(key, ()),
            _sort_ids(term.consider) if term.consider else (),
            getattr(term, "defn", ""),
        )
    return nodes


def _find_alternatives(dag: _StrictDag) -> dict[str, tuple[str, ...]]:
    claims: dict[str, set[str]] = {}
    for key, term in dag.items():
        if key == term.item_id:
            for go_id in _sort_ids(term.alt_ids) if term.alt_ids else ():
                claims.setdefault(go_id, set()).add(key)
    return {go_id: tuple(sorted(found)) for go_id, found in claims.items()}


def _sort_ids(values: set[str]) -> tuple[str, ...]:
    """Return the ids of tag values (`GO:1 ! name`), sorted."""
    return tuple(sorted({value.split()[0] for value in values if value.strip()}))


def _check_terms(nodes: Mapping[str, Node], n_stanzas: int, path: Path) -> None:
    """Check that no stanza was lost, and that each term has an id, a name and a namespace."""
    for node in nodes.values():
        if not node.name or not node.namespace or node.go_id.split() != [node.go_id]:
            raise OntologyError(
                f"{path}: expected an id, a name and a namespace of each term, got "
                f"{node.go_id!r}, {node.name!r}, {node.namespace!r} (is it cut short? get it again)"
            )
    if len(nodes) != n_stanzas:
        raise OntologyError(
            f"{path}: expected as many terms as [Term] stanzas, got {len(nodes)} of {n_stanzas} "
            "(does a blank line end each stanza? get it again)"
        )


def _check_levels(nodes: Mapping[str, Node], path: Path) -> None:
    """Check that no term is its own ancestor over all relations, and bound the levels."""
    n_children = Counter(
        parent for node in nodes.values() for ids in node.parents.values() for parent in ids
    )
    left = set(nodes)
    ready = [go_id for go_id in nodes if go_id not in n_children]
    levels = dict.fromkeys(ready, 1)  # of terms below, and the term
    while ready:
        go_id = ready.pop()
        left.remove(go_id)
        level = levels.pop(go_id) + 1
        for ids in nodes[go_id].parents.values():
            for parent in ids:
                n_children[parent] -= 1
                levels[parent] = max(levels.get(parent, 0), level)
                if not n_children[parent]:
                    ready.append(parent)
        if level > _MOST_LEVELS + 1:
            raise OntologyError(
                f"{path}: expected at most {_MOST_LEVELS:,} levels of terms, got more above "
                f"{go_id} (use go-basic.obo)"
            )
    if left:
        cycle = _find_cycle(nodes, left)
        n_more = len(cycle) - _N_NAMED
        names = [*cycle[:_N_NAMED], f"{n_more} more", cycle[-1]] if n_more > 1 else cycle
        raise OntologyError(
            f"{path}: expected no term to be its own ancestor, got the cycle "
            f"{' -> '.join(names)} (use go-basic.obo)"
        )


def _find_cycle(nodes: Mapping[str, Node], left: set[str]) -> list[str]:
    """Return a path from a term up to itself, given terms that each have a child among them."""
    child_of = {
        parent: go_id
        for go_id in sorted(left)
        for ids in nodes[go_id].parents.values()
        for parent in ids
    }
    path_up = [min(left)]
    seen: set[str] = set()
    while path_up[-1] not in seen:
        seen.add(path_up[-1])
        path_up.append(child_of[path_up[-1]])
    return path_up[path_up.index(path_up[-1]) :][::-1]
