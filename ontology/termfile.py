"""The term file: the ontology and the target as the workers need them, in one text file.

Each column with one value per term is one line, so that a worker loads 47,000 terms with a few
`split` calls instead of 47,000. Standard library only, Python 3.9: this module runs on nodes.

Layout: docs/formats.md#term-file
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import FrozenSet, Mapping, NamedTuple

from gafreduce.errors import InputError

VERSION = "gafreduce-terms/3"

DEFAULT_TERM = "GO:0030420"
DEFAULT_RELATIONS = ("is_a", "part_of")

#: Classes of the terms of a term set; a term has the first one that applies.
TERM_CLASSES = ("target", "core", "positive_regulator", "negative_regulator", "regulator")
SUPPORTING_CLASSES = ("target", "core")
REGULATOR_CLASSES = ("positive_regulator", "negative_regulator", "regulator")

#: Marks: sets of terms for GO's rules; a set that the ontology does not define is absent.
DO_NOT_ANNOTATE = "gocheck_do_not_annotate"
DO_NOT_MANUALLY_ANNOTATE = "gocheck_do_not_manually_annotate"
OBSOLETION_CANDIDATE = "gocheck_obsoletion_candidate"
COMPLEX = "complex"  # protein-containing complexes
INTERSPECIES = "interspecies"  # processes that act on, or take place in, another organism

#: Aspect letters of GAF column 9 by OBO namespace.
ASPECTS = {"biological_process": "P", "molecular_function": "F", "cellular_component": "C"}


class TermFileError(InputError):
    """The file is not a complete term file of this version."""


class TermSetMember(NamedTuple):
    """A term of the term set: the target, one of its descendants or regulators."""

    go_id: str
    term_class: str  # one of TERM_CLASSES
    relation_path: str  # "GO:a -part_of-> GO:b", the shortest path; empty for the target
    name: str


@dataclass(frozen=True)
class TermFile:
    """The ontology and the target for the jobs. Indexes are positions in `go_ids`."""

    data_version: str  # OBO data-version, may be empty
    ontology_sha256: str  # of the OBO text, decompressed
    relations: tuple[str, ...]  # the relations of core terms and of propagation
    target: str  # primary id of the target term
    definition: str  # of the target, as in the ontology; may be empty
    go_ids: tuple[str, ...]  # current and obsolete primary ids, sorted
    aspects: str  # a letter P, F or C for each of go_ids
    parents: tuple[str, ...]  # for each of go_ids: the indexes of its parents joined by ","
    obsolete: FrozenSet[int]
    repairs: dict[str, str]  # alt_id or replaced obsolete id -> its replacement
    negating: FrozenSet[int]  # the target and its is_a / part_of ancestors: a NOT on them
    term_set: tuple[TermSetMember, ...]  # sorted by go_id
    names: tuple[str, ...]  # for each of go_ids
    marks: Mapping[str, FrozenSet[int]] = field(default_factory=dict)  # sets of terms for rules
    regulates: tuple[tuple[int, int], ...] = ()  # regulating term, regulated term; sorted
    #: Position of each go_id. It is a field, so that forked tasks share it.
    index: Mapping[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Set the index."""
        object.__setattr__(self, "index", dict(zip(self.go_ids, range(len(self.go_ids)))))

    @property
    def target_aspect(self) -> str:
        """Aspect letter of the target term."""
        return self.aspects[self.index[self.target]]


def make_empty() -> TermFile:
    """Return the term file of an ontology without terms."""
    return TermFile("", "", DEFAULT_RELATIONS, "GO:", "", ("GO:",), "P", ("",), frozenset(), {},
                    frozenset(), (), ("",))  # fmt: skip


def _join_lines(text: str) -> str:
    """Return text for one cell: tabs and line ends become spaces."""
    return " ".join(text.split())


def write(terms: TermFile, path: Path) -> None:
    """Write a term file; its last line shows that it is complete."""
    rows = [
        ("format", VERSION),
        ("data_version", _join_lines(terms.data_version)),
        ("ontology_sha256", terms.ontology_sha256),
        ("relations", ",".join(terms.relations)),
        ("target", terms.target),
        ("definition", _join_lines(terms.definition)),
        ("go_ids", " ".join(terms.go_ids)),
        ("aspects", terms.aspects),
        ("parents", " ".join(p or "-" for p in terms.parents)),
        ("obsolete", " ".join(map(str, sorted(terms.obsolete)))),
        ("repairs", " ".join(f"{a}>{b}" for a, b in sorted(terms.repairs.items()))),
        ("negating", " ".join(map(str, sorted(terms.negating)))),
        *(
            ("term_set", f"{t.go_id}\t{t.term_class}\t{t.relation_path}\t{_join_lines(t.name)}")
            for t in terms.term_set
        ),
        ("names", "\t".join(map(_join_lines, terms.names))),
        *(
            ("mark", f"{name}\t{' '.join(map(str, sorted(found)))}")
            for name, found in sorted(terms.marks.items())
        ),
        ("regulates", " ".join(f"{a}>{b}" for a, b in terms.regulates)),
        ("end", str(len(terms.go_ids))),
    ]
    text = "".join(f"{key}\t{value}\n" for key, value in rows)
    path.write_bytes(text.encode("utf-8"))


def read(path: Path) -> TermFile:
    """Return the term file at a path.

    Raises:
        TermFileError: It has another version, is cut short, or its columns differ in length.
    """
    return parse(path.read_bytes(), path)


def parse(content: bytes, path: Path) -> TermFile:
    """Return the term file with this content, read from a path; see `read`."""
    try:
        return _parse(content)
    except TermFileError as error:
        raise TermFileError(f"{path}: {error}") from error


@lru_cache(maxsize=1)  # a forked task reuses the file that its parent has read
def _parse(content: bytes) -> TermFile:
    fields: dict[str, str] = {}
    term_set: list[TermSetMember] = []
    marks: dict[str, FrozenSet[int]] = {}
    try:
        for line in content.decode("utf-8").split("\n"):
            key, _, value = line.partition("\t")
            if key == "term_set":
                term_set.append(TermSetMember(*value.split("\t")))
            elif key == "mark":
                name, numbers = value.split("\t")
                marks[name] = frozenset(map(int, numbers.split()))
            elif key:
                fields[key] = value
        if fields.get("format") == VERSION:
            return _make_term_file(fields, tuple(term_set), marks)
    except (KeyError, TypeError, ValueError) as error:
        raise TermFileError(f"expected a complete term file, got {error!r} (delete it)") from error
    raise TermFileError(f"expected a term file {VERSION}, got {str(fields.get('format'))[:100]!r}")


def _split_pairs(text: str) -> tuple[list[str], list[str]]:
    """Return the left and the right sides of pairs like `1>2 3>4`."""
    items = text.replace(">", " ").split()
    if 2 * text.count(">") != len(items):
        raise ValueError(f"expected pairs, got {text[:100]!r}")
    return items[::2], items[1::2]


def _make_term_file(
    fields: dict[str, str],
    term_set: tuple[TermSetMember, ...],
    marks: Mapping[str, FrozenSet[int]],
) -> TermFile:
    go_ids = tuple(fields["go_ids"].split())
    terms = TermFile(
        data_version=fields["data_version"],
        ontology_sha256=fields["ontology_sha256"],
        relations=tuple(fields["relations"].split(",")),
        target=fields["target"],
        definition=fields["definition"],
        go_ids=go_ids,
        aspects=fields["aspects"],
        parents=tuple(fields["parents"].replace("-", "").split(" ")),
        obsolete=frozenset(map(int, fields["obsolete"].split())),
        repairs=dict(zip(*_split_pairs(fields["repairs"]))),
        negating=frozenset(map(int, fields["negating"].split())),
        term_set=term_set,
        names=tuple(fields["names"].split("\t")),
        marks=marks,
        regulates=tuple(zip(*(map(int, side) for side in _split_pairs(fields["regulates"])))),
    )
    lengths = [int(fields["end"]), len(terms.aspects), len(terms.parents), len(terms.names)]
    if any(length != len(go_ids) for length in lengths):
        raise ValueError(f"columns of {len(go_ids)} and {lengths} terms")
    return terms
