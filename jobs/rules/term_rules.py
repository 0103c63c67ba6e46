"""Rules over relation, term, evidence and aspect, checked once for each combination of them.

Each function that checks a rule has the name of the finding that it returns.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Callable, FrozenSet, Iterable, List, NamedTuple, Optional, Tuple

from gafreduce.jobs.model.evidence import NO_DATA, is_known_evidence
from gafreduce.jobs.model.go_terms import ASPECTS, ROOTS
from gafreduce.jobs.model.relations import (
    COMPLEX_RELATION,
    RELATIONS,
    ROOT_RELATION_BY_ASPECT,
    is_known_relation,
)
from gafreduce.jobs.rules.catalogue import Finding
from gafreduce.ontology.termfile import (
    COMPLEX,
    DO_NOT_ANNOTATE,
    DO_NOT_MANUALLY_ANNOTATE,
    OBSOLETION_CANDIDATE,
)

#: The relations that the terms of an aspect allow. Source: GORULE:0000061.
_ALLOWED = {
    aspect: frozenset(relation.name for relation in RELATIONS if relation.aspect == aspect)
    for aspect in ASPECTS
}
_NEEDS_NOT = "IKR"


class Combination(NamedTuple):
    """Relation, term, evidence and aspect of a line, with facts about the term."""

    relation: str  # lower case, without NOT; several joined by "|"
    negated: bool
    written_go_id: str  # as written
    go_id: str  # after repair
    is_known: bool  # whether the ontology has the term
    is_obsolete: bool
    own_aspect: str  # the term's aspect; empty for an unknown term
    marks: FrozenSet[str]  # sets of the term file that hold the term
    evidence_code: str
    group: str  # the group of the evidence
    aspect: str  # as written


_Violation = Optional[Finding]


def ikr_without_not(combination: Combination) -> _Violation:
    """Find IKR without NOT (GORULE:0000042)."""
    return (
        Finding("ikr_without_not")
        if combination.evidence_code == _NEEDS_NOT and not combination.negated
        else None
    )


def nd_not_on_root(combination: Combination) -> _Violation:
    """Find ND on a known term other than a root (GORULE:0000011)."""
    holds = combination.group == NO_DATA and combination.is_known and combination.go_id not in ROOTS
    return Finding("nd_not_on_root") if holds else None


def repaired_go_id(combination: Combination) -> _Violation:
    """Find an id that has a replacement (GORULE:0000020)."""
    if combination.go_id == combination.written_go_id:
        return None
    return Finding("repaired_go_id", combination.written_go_id, combination.go_id)


def obsolete_go_id(combination: Combination) -> _Violation:
    """Find an obsolete term without a replacement (GORULE:0000020)."""
    return Finding("obsolete_go_id", combination.go_id) if combination.is_obsolete else None


def unknown_go_id(combination: Combination) -> _Violation:
    """Find a term that the ontology lacks (GORULE:0000027)."""
    return None if combination.is_known else Finding("unknown_go_id", combination.written_go_id)


def aspect_corrected(combination: Combination) -> _Violation:
    """Find an aspect other than the term's own (GORULE:0000028)."""
    own = combination.own_aspect
    if not own or combination.aspect not in ASPECTS or combination.aspect == own:
        return None
    return Finding("aspect_corrected", combination.aspect, own)


def bad_aspect(combination: Combination) -> _Violation:
    """Find an aspect that is none of the three or empty (GORULE:0000001)."""
    return Finding("bad_aspect") if combination.aspect not in ("", *ASPECTS) else None


def unknown_evidence(combination: Combination) -> _Violation:
    """Find evidence that GO does not know (GORULE:0000001)."""
    return Finding("unknown_evidence") if not is_known_evidence(combination.evidence_code) else None


def unknown_relation(combination: Combination) -> _Violation:
    """Find a relation that GO does not know (GORULE:0000061)."""
    return Finding("unknown_relation") if not is_known_relation(combination.relation) else None


def relation_not_allowed(combination: Combination) -> _Violation:
    """Find a known relation that the term does not allow (GORULE:0000061).

    Every component allows `part_of`, which was the relation of all of them before GAF 2.2.
    """
    own = combination.own_aspect
    if not own or not combination.relation or not is_known_relation(combination.relation):
        return None
    allowed = _ALLOWED[own]
    if combination.go_id in ROOTS:
        allowed = frozenset({ROOT_RELATION_BY_ASPECT[own]})
    elif COMPLEX in combination.marks:
        allowed = frozenset({COMPLEX_RELATION})
    return (
        Finding("relation_not_allowed")
        if not allowed.issuperset(combination.relation.split("|"))
        else None
    )


def iep_not_on_process(combination: Combination) -> _Violation:
    """Find evidence by expression on a function or a component (GORULE:0000006)."""
    is_expression = combination.evidence_code in ("IEP", "HEP")
    return (
        Finding("iep_not_on_process")
        if is_expression and combination.own_aspect in ("F", "C")
        else None
    )


def too_general_term(combination: Combination) -> _Violation:
    """Find a term that is too general, for all or for manual annotations (GORULE:0000008)."""
    is_manual = combination.evidence_code not in ("IEA", "ND")
    holds = DO_NOT_ANNOTATE in combination.marks or (
        is_manual and DO_NOT_MANUALLY_ANNOTATE in combination.marks
    )
    return Finding("too_general_term") if holds and combination.evidence_code != "ND" else None


def root_without_nd(combination: Combination) -> _Violation:
    """Find a root term with stated evidence other than ND (converse of GORULE:0000011)."""
    is_other = combination.group not in (NO_DATA, "unstated")
    return Finding("root_without_nd") if is_other and combination.go_id in ROOTS else None


def obsoletion_candidate(combination: Combination) -> _Violation:
    """Find a term that is about to become obsolete (GORULE:0000065)."""
    return Finding("obsoletion_candidate") if OBSOLETION_CANDIDATE in combination.marks else None


_Rule = Callable[[Combination], _Violation]
#: A line that violates one of these is refused, with the first violation.
_REFUSING_RULES: Tuple[_Rule, ...] = (ikr_without_not, nd_not_on_root)
#: Rules over the term; lines that violate them are kept.
_TERM_RULES: Tuple[_Rule, ...] = (
    repaired_go_id,
    obsolete_go_id,
    unknown_go_id,
    aspect_corrected,
    bad_aspect,
)
#: Rules over relation, evidence and properties of the term; lines that violate them are kept.
_RELATION_AND_EVIDENCE_RULES: Tuple[_Rule, ...] = (
    unknown_evidence,
    unknown_relation,
    relation_not_allowed,
    iep_not_on_process,
    too_general_term,
    root_without_nd,
    obsoletion_candidate,
)


def find_refusal(combination: Combination) -> Optional[Finding]:
    """Return the finding that refuses lines with this combination; None when they are kept."""
    if combination.group != NO_DATA and combination.evidence_code != _NEEDS_NOT:
        return None
    return next(iter(_check_all(_REFUSING_RULES, combination)), None)


def find_violations(combination: Combination) -> Tuple[Finding, ...]:
    """Return the findings for lines with this combination, which are kept."""
    more = _check_relation_and_evidence(
        combination.relation,
        combination.go_id if combination.go_id in ROOTS else "",
        combination.own_aspect,
        combination.marks,
        combination.evidence_code,
        combination.group,
    )
    return (*_check_all(_TERM_RULES, combination), *more)


@lru_cache(maxsize=16384)
def _check_relation_and_evidence(
    relation: str, root: str, own_aspect: str, marks: FrozenSet[str], code: str, group: str
) -> Tuple[Finding, ...]:
    """Return the findings that are the same for thousands of terms."""
    combination = Combination(
        relation, False, root, root, True, False, own_aspect, marks, code, group, ""
    )
    return tuple(_check_all(_RELATION_AND_EVIDENCE_RULES, combination))


def _check_all(rules: Iterable[_Rule], combination: Combination) -> List[Finding]:
    findings = [rule(combination) for rule in rules]
    return [finding for finding in findings if finding is not None]
