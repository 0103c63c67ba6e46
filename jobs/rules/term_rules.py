"""Rules over relation, term, evidence and aspect: asked once for each such combination."""

from __future__ import annotations

from functools import lru_cache
from typing import Callable, FrozenSet, Iterable, List, NamedTuple, Optional, Tuple

from gafreduce.jobs.model.evidence import NO_DATA
from gafreduce.jobs.model.evidence import is_known as is_known_evidence
from gafreduce.jobs.model.relations import is_known as is_known_relation
from gafreduce.jobs.rules.catalogue import Finding
from gafreduce.ontology.termfile import (
    COMPLEX,
    DO_NOT_ANNOTATE,
    DO_NOT_MANUALLY_ANNOTATE,
    OBSOLETION_CANDIDATE,
)

ROOTS = {"GO:0008150": "P", "GO:0003674": "F", "GO:0005575": "C"}
ASPECTS = ("P", "F", "C")

_UPSTREAM = "acts_upstream_of"
#: Relations that an aspect allows. Source: GORULE:0000061.
_ALLOWED = {
    "P": frozenset(
        {
            "involved_in",
            *(
                f"{relation}{effect}"
                for relation in (_UPSTREAM, f"{_UPSTREAM}_or_within")
                for effect in ("", "_positive_effect", "_negative_effect")
            ),
        }
    ),
    "F": frozenset({"enables", "contributes_to"}),
    "C": frozenset({"located_in", "is_active_in", "part_of", "colocalizes_with"}),
}
_OF_ROOT = {"P": "involved_in", "F": "enables", "C": "is_active_in"}
_OF_COMPLEX = "part_of"
_NEEDS_NOT = "IKR"


class Said(NamedTuple):
    """A combination, and what the ontology knows of its term."""

    relation: str  # lower case, without NOT; several joined by "|"
    negated: bool
    written: str  # GO id as written
    go_id: str  # after repair
    is_known: bool  # the ontology has the term
    is_obsolete: bool
    own_aspect: str  # the term's; empty for an unknown one
    marks: FrozenSet[str]  # sets of the term file that the term is in
    evidence_code: str
    group: str  # of the evidence
    aspect: str  # as written


_Found = Optional[Finding]


def ikr_without_not(said: Said) -> _Found:
    """GORULE:0000042."""
    return (
        Finding("ikr_without_not")
        if said.evidence_code == _NEEDS_NOT and not said.negated
        else None
    )


def nd_not_on_root(said: Said) -> _Found:
    """GORULE:0000011; nothing is said of unknown terms."""
    holds = said.group == NO_DATA and said.is_known and said.go_id not in ROOTS
    return Finding("nd_not_on_root") if holds else None


def repaired_go_id(said: Said) -> _Found:
    """GORULE:0000020."""
    if said.go_id == said.written:
        return None
    return Finding("repaired_go_id", said.written, said.go_id)


def obsolete_go_id(said: Said) -> _Found:
    """GORULE:0000020: obsolete, and nothing takes its place."""
    return Finding("obsolete_go_id", said.go_id) if said.is_obsolete else None


def unknown_go_id(said: Said) -> _Found:
    """GORULE:0000027."""
    return None if said.is_known else Finding("unknown_go_id", said.written)


def aspect_corrected(said: Said) -> _Found:
    """GORULE:0000028."""
    own = said.own_aspect
    if not own or said.aspect not in ASPECTS or said.aspect == own:
        return None
    return Finding("aspect_corrected", said.aspect, own)


def bad_aspect(said: Said) -> _Found:
    """GORULE:0000001; formats without the column have an empty one."""
    return Finding("bad_aspect") if said.aspect not in ("", *ASPECTS) else None


def unknown_evidence(said: Said) -> _Found:
    """GORULE:0000001."""
    return Finding("unknown_evidence") if not is_known_evidence(said.evidence_code) else None


def unknown_relation(said: Said) -> _Found:
    """GORULE:0000061."""
    return Finding("unknown_relation") if not is_known_relation(said.relation) else None


def relation_not_allowed(said: Said) -> _Found:
    """GORULE:0000061; a relation that is not stated or not known is not asked here.

    `part_of` passes on any component: before GAF 2.2 it was the relation of all of them.
    """
    own = said.own_aspect
    if not own or not said.relation or not is_known_relation(said.relation):
        return None
    allowed = _ALLOWED[own]
    if said.go_id in ROOTS:
        allowed = frozenset({_OF_ROOT[own]})
    elif COMPLEX in said.marks:
        allowed = frozenset({_OF_COMPLEX})
    return (
        Finding("relation_not_allowed")
        if not allowed.issuperset(said.relation.split("|"))
        else None
    )


def iep_not_on_process(said: Said) -> _Found:
    """GORULE:0000006."""
    is_expression = said.evidence_code in ("IEP", "HEP")
    return (
        Finding("iep_not_on_process") if is_expression and said.own_aspect in ("F", "C") else None
    )


def too_general_term(said: Said) -> _Found:
    """GORULE:0000008: some terms for nobody, others for electronic annotation only."""
    is_manual = said.evidence_code not in ("IEA", "ND")
    holds = DO_NOT_ANNOTATE in said.marks or (is_manual and DO_NOT_MANUALLY_ANNOTATE in said.marks)
    return Finding("too_general_term") if holds and said.evidence_code != "ND" else None


def root_without_nd(said: Said) -> _Found:
    """GORULE:0000011, the other way round; evidence that is not stated says neither."""
    is_other = said.group not in (NO_DATA, "unstated")
    return Finding("root_without_nd") if is_other and said.go_id in ROOTS else None


def obsoletion_candidate(said: Said) -> _Found:
    """GORULE:0000065."""
    return Finding("obsoletion_candidate") if OBSOLETION_CANDIDATE in said.marks else None


_Rule = Callable[[Said], _Found]
#: Rules whose lines are refused, the first that holds.
REFUSING: Tuple[_Rule, ...] = (ikr_without_not, nd_not_on_root)
#: Rules about the term, whose lines are kept.
OF_TERM: Tuple[_Rule, ...] = (
    repaired_go_id,
    obsolete_go_id,
    unknown_go_id,
    aspect_corrected,
    bad_aspect,
)
#: Rules about relation and evidence and a kind of term, whose lines are kept.
OF_KIND: Tuple[_Rule, ...] = (
    unknown_evidence,
    unknown_relation,
    relation_not_allowed,
    iep_not_on_process,
    too_general_term,
    root_without_nd,
    obsoletion_candidate,
)


def refusing(said: Said) -> Optional[Finding]:
    """Return why lines with this combination are refused; None when they are not."""
    if said.group != NO_DATA and said.evidence_code != _NEEDS_NOT:
        return None
    return next(iter(_asked(REFUSING, said)), None)


def findings(said: Said) -> Tuple[Finding, ...]:
    """Return what there is to say of lines with this combination."""
    found = _of_kind(
        said.relation,
        said.go_id if said.go_id in ROOTS else "",
        said.own_aspect,
        said.marks,
        said.evidence_code,
        said.group,
    )
    return (*_asked(OF_TERM, said), *found)


@lru_cache(maxsize=16384)
def _of_kind(
    relation: str, root: str, own_aspect: str, marks: FrozenSet[str], code: str, group: str
) -> Tuple[Finding, ...]:
    """Return what is the same for thousands of terms."""
    said = Said(relation, False, root, root, True, False, own_aspect, marks, code, group, "")
    return tuple(_asked(OF_KIND, said))


def _asked(rules: Iterable[_Rule], said: Said) -> List[Finding]:
    found: List[Finding] = []
    for rule in rules:
        one = rule(said)
        if one is not None:
            found.append(one)
    return found
