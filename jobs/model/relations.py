"""Relations between gene products and terms (GAF column 4).

Source: https://geneontology.org/docs/go-annotation-file-gaf-format-2.2/ and GORULE:0000061, which
gives the ids and the aspect of each relation.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import List, NamedTuple, Tuple


class Relation(NamedTuple):
    """A relation of GO."""

    name: str
    curie: str  # as GPAD 2.0 writes it
    aspect: str  # P, F or C: of the terms that it is used with
    supports: bool  # whether a positive line with it supports its term, by default


RELATIONS = (
    Relation("involved_in", "RO:0002331", "P", True),
    Relation("acts_upstream_of", "RO:0002263", "P", False),
    Relation("acts_upstream_of_positive_effect", "RO:0004034", "P", False),
    Relation("acts_upstream_of_negative_effect", "RO:0004035", "P", False),
    Relation("acts_upstream_of_or_within", "RO:0002264", "P", True),
    Relation("acts_upstream_of_or_within_positive_effect", "RO:0004032", "P", True),
    Relation("acts_upstream_of_or_within_negative_effect", "RO:0004033", "P", False),
    Relation("enables", "RO:0002327", "F", True),
    Relation("contributes_to", "RO:0002326", "F", True),
    Relation("part_of", "BFO:0000050", "C", True),
    Relation("located_in", "RO:0001025", "C", True),
    Relation("is_active_in", "RO:0002432", "C", True),
    Relation("colocalizes_with", "RO:0002325", "C", False),
)

#: A positive line with one of these, or with none given, supports its term.
SUPPORTING = frozenset({"", *(relation.name for relation in RELATIONS if relation.supports)})
#: Known relations that do not support a term; lines with them are kept and counted apart.
OTHER = frozenset(relation.name for relation in RELATIONS if not relation.supports)
RELATION_BY_CURIE = {relation.curie: relation.name for relation in RELATIONS}
CURIE_BY_RELATION = {relation.name: relation.curie for relation in RELATIONS}
ASPECT_BY_RELATION = {relation.name: relation.aspect for relation in RELATIONS}
#: The relation of a gene product with a root term; nothing more is known of it.
ROOT_RELATION_BY_ASPECT = {"P": "involved_in", "F": "enables", "C": "is_active_in"}
#: The relation of a gene product with a complex.
COMPLEX_RELATION = "part_of"
#: Relations that leave open whether the gene product takes part: it may act upstream only.
UPSTREAM_OR_WITHIN = frozenset(
    {"acts_upstream_of_or_within", "acts_upstream_of_or_within_positive_effect"}
)

_SEPARATOR = re.compile("[|,;]")
#: NOT, with the relation behind it: "not", "not involved_in", "not:involved_in".
_NOT = re.compile(r"not(?:[^a-z0-9]+(.*))?")
_BLANKS = re.compile(r"[\s_-]+")
#: A relation as id or as address, in lower case.
_RELATION_ID = re.compile(r"(?:\S*/|obo:)?(ro|bfo)[:_]([0-9]{7})>?")


def is_known_relation(relation: str) -> bool:
    """Return whether each of the relations (joined by "|") is one of GO's, or none is given.

    >>> [is_known_relation(each) for each in ("enables", "colocalizes_with", "integral_to", "")]
    [True, True, False, True]
    """
    return all(part in SUPPORTING or part in OTHER for part in relation.split("|"))


@lru_cache(maxsize=4096)
def read_relation(text: str) -> Tuple[str, bool]:
    """Return the relation of GAF column 4 without NOT, and whether the cell has a NOT.

    Relations may be written as names, with blanks too, or as ids; several are joined by "|". NOT is
    a word of its own, separated by anything but a letter or digit. An unknown relation is returned
    as written, in lower case.

    >>> read_relation("NOT|Contributes_to"), read_relation(""), read_relation("notable")
    (('contributes_to', True), ('', False), ('notable', False))
    >>> read_relation("NOT involved in"), read_relation("NOT,RO:0002331"), read_relation("not odd")
    (('involved_in', True), ('involved_in', True), ('odd', True))
    """
    names: List[str] = []
    has_not = False
    for part in _SEPARATOR.split(text.lower()):
        name = part.strip()
        found = _NOT.fullmatch(name)
        if found:
            has_not, name = True, found[1] or ""
        if name:
            names.append(_name_relation(name))
    return "|".join(names), has_not


def _name_relation(text: str) -> str:
    """Return GO's name of a relation in lower case; an unknown one unchanged."""
    name = _BLANKS.sub("_", text)
    if name in ASPECT_BY_RELATION:
        return name
    found = _RELATION_ID.fullmatch(text)
    return RELATION_BY_CURIE.get(f"{found[1].upper()}:{found[2]}", text) if found else text
