"""Interpretations of relation, term, evidence and aspect, each computed once for many lines.

A file of a million lines has some ten thousand such combinations. Each is interpreted as a *token*,
the few bytes that represent a line in the first shuffle (jobs/records.py):

    4711x       supports term 4711 of the term file, with stated evidence other than electronic
    4711e       supports it, electronic or not stated
    GO:9999999Px, GO:9999999Pe    the same for a term unknown to the ontology, with its aspect
                (`?` for none)
    s           supports a term that --scope target leaves out, in the target's aspect
    a           supports nothing (NOT, another relation), in the target's aspect
    P, F, C, ?  ND in this aspect; with --scope target, in the target's aspect alone
    n           none of these
"""

from __future__ import annotations

from typing import Dict, FrozenSet, NamedTuple, Optional, Tuple, Union

from gafreduce.jobs import records
from gafreduce.jobs.model.annotation import Filtered, Rejection
from gafreduce.jobs.model.evidence import NO_DATA, find_group
from gafreduce.jobs.model.filters import DROP, KEEP, NO_FILTERS, Filters
from gafreduce.jobs.model.go_terms import ASPECTS, is_go_id
from gafreduce.jobs.rules import term_rules
from gafreduce.jobs.rules.catalogue import RULES, Finding
from gafreduce.jobs.rules.cell_rules import CODES_WITH_RULES
from gafreduce.jobs.rules.term_rules import Combination
from gafreduce.ontology.termfile import TermFile

_NO_MARKS: FrozenSet[str] = frozenset()
_NOT_STATED = ("electronic", "unstated")


class Interpretation(NamedTuple):
    """The interpretation of a combination."""

    token: bytes
    go_id: str  # primary id after repair
    term_class: str  # class in the term set, `ancestor` for a NOT above the target, else empty
    evidence_group: str
    has_supporting_relation: bool  # whatever NOT and ND make of it
    is_supporting: bool
    term_number: Optional[int] = None  # in the term file; None for an unknown term
    findings: Tuple[Finding, ...] = ()  # of rules that the combination decides
    checked_code: str = ""  # the evidence code, if a rule checks it against other cells


class Interpreter:
    """Interprets combinations by one term file."""

    def __init__(
        self,
        terms: TermFile,
        target_only: bool,
        filters: Filters = NO_FILTERS,
    ) -> None:
        self._terms = terms
        self._marks_of = _invert_marks(terms)
        self._target_only = target_only
        self._filters = filters
        self._class_of: Dict[str, str] = {term.go_id: term.term_class for term in terms.term_set}
        self.target_aspect = terms.target_aspect

    def interpret(
        self, relation: str, negated: bool, go_id: str, evidence_code: str, aspect: str
    ) -> Union[Interpretation, Rejection, Filtered]:
        """Return the interpretation, or why lines with this combination are refused or left out.

        Args:
            relation: As in `Annotation`: lower case, without NOT.
            negated: Whether the relation is preceded by NOT.
            go_id: As written.
            evidence_code: Upper case; may be empty or unknown.
            aspect: As written; used only for terms that the ontology does not have.
        """
        if not is_go_id(go_id):
            return Rejection("bad_go_id", "GORULE:0000027")
        written = go_id
        terms = self._terms
        is_obsolete = terms.index.get(written) in terms.obsolete
        if not (is_obsolete and self._filters.obsolete == KEEP):
            go_id = terms.repairs.get(written, written)
        number = terms.index.get(go_id)
        if (is_obsolete or number in terms.obsolete) and self._filters.obsolete == DROP:
            return make_rejection(Finding("obsolete_dropped", written))
        group = find_group(evidence_code)
        combination = Combination(
            relation,
            negated,
            written,
            go_id,
            number is not None,
            number in terms.obsolete,
            "" if number is None else terms.aspects[number],
            self._marks_of.get(number, _NO_MARKS),
            evidence_code,
            group,
            aspect,
        )
        refusal = term_rules.find_refusal(combination)
        if refusal is not None:
            return make_rejection(refusal)
        aspect = combination.own_aspect or (aspect if aspect in ASPECTS else "?")
        option = self._filters.check_combination(relation, evidence_code, group, aspect)
        if option is not None:
            return Filtered(option)
        findings = term_rules.find_violations(combination)
        strict = self._filters.strict
        for finding in findings if strict else ():
            if finding.word in strict:
                return make_rejection(finding)
        term_class = self._class_of.get(go_id, "")
        if negated and not term_class and number in terms.negating:
            term_class = "ancestor"
        has_supporting_relation = self._filters.supports(relation)
        is_supporting = not negated and group != NO_DATA and has_supporting_relation
        return Interpretation(
            self._make_token(number, go_id, aspect, group, is_supporting, bool(term_class)),
            go_id,
            term_class,
            group,
            has_supporting_relation,
            is_supporting,
            number,
            findings,
            evidence_code if evidence_code in CODES_WITH_RULES else "",
        )

    def _make_token(
        self,
        number: Optional[int],
        go_id: str,
        aspect: str,
        group: str,
        is_supporting: bool,
        in_term_set: bool,
    ) -> bytes:
        in_aspect = aspect == self.target_aspect
        if not is_supporting:
            if group == NO_DATA and (in_aspect or not self._target_only):
                return aspect.encode()
            return records.OTHER_IN_ASPECT if in_aspect else records.NOTHING
        if self._target_only and not in_term_set:
            return records.SUPPORT_IN_ASPECT if in_aspect else records.NOTHING
        term = go_id if number is None else number
        return records.encode_support(term, aspect, is_stated=group not in _NOT_STATED)


def _invert_marks(terms: TermFile) -> Dict[Optional[int], FrozenSet[str]]:
    """Return the marks of each term that has any."""
    marks_of: Dict[Optional[int], FrozenSet[str]] = {}
    for mark, numbers in terms.marks.items():
        for number in numbers:
            marks_of[number] = marks_of.get(number, _NO_MARKS) | {mark}
    return marks_of


def make_rejection(finding: Finding) -> Rejection:
    """Return the rejection of a line with this finding."""
    return Rejection(finding.word, RULES[finding.word].gorule or None, finding.value)
