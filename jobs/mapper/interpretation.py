"""Interpretations of relation, term, evidence and aspect, each computed once for many lines.

A file of a million lines has some ten thousand such combinations. Each is interpreted as a *token*,
the few bytes that represent a line in the first shuffle (jobs/records.py):

    4711x       supports term 4711 of the term file, with stated evidence other than electronic
    4711e       supports it, electronic or not stated
    GO:9999999Px, GO:9999999Pe    the same for a term unknown to the ontology, with its aspect
                (`?` for none)
    a           supports nothing (NOT, another relation), in the target's aspect
    +Pbe        supports a term in aspect P, at or below landmarks b and e, that --scope target
                leaves out
    -Pbe        would support such a term without --qualifier-relations
    ~Pbe, ~P!be  is excluded by a filter; with `!` it would support the target
    P, F, C, ?  ND in this aspect; with --scope target, in the target's aspect alone
    n           none of these

With several targets, whose term sets are joined in the term file, none has an aspect or a term of
its own in the tokens: `p`, `f` and `c` are in the place of `a`, they follow a token -P after a
blank, and excluded tokens have `@` and the term in the place of `!`.
"""

from __future__ import annotations

from typing import Dict, FrozenSet, NamedTuple, Optional, Tuple, Union

from gafreduce.jobs import run_tokens
from gafreduce.jobs.model.annotation import Filtered, Rejection
from gafreduce.jobs.model.evidence import NO_DATA, find_group
from gafreduce.jobs.model.filters import DROP, KEEP, NO_FILTERS, Filters
from gafreduce.jobs.model.go_terms import ASPECTS, is_go_id
from gafreduce.jobs.model.landmarks import LandmarkIndex
from gafreduce.jobs.rules import term_rules
from gafreduce.jobs.rules.catalogue import RULES, Finding
from gafreduce.jobs.rules.cell_rules import CODES_WITH_RULES
from gafreduce.jobs.rules.term_rules import Combination
from gafreduce.ontology.termfile import SUPPORTING_CLASSES, TermFile

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
    excluded_token: bytes = b""  # instead of `token`, if a filter of lines excludes the line


class Interpreter:
    """Interprets combinations by one term file."""

    def __init__(
        self,
        terms: TermFile,
        target_only: bool,
        filters: Filters = NO_FILTERS,
        has_many_targets: bool = False,
    ) -> None:
        self._terms = terms
        self._marks_of = _invert_marks(terms)
        self._target_only = target_only
        self._filters = filters
        self._has_many_targets = has_many_targets
        self._landmarks = LandmarkIndex(terms)
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
            return Filtered(option, self._make_excluded_token(combination, aspect))
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
        has_line_filters = self._filters.has_line_filters
        return Interpretation(
            self._make_token(combination, aspect, is_supporting, bool(term_class)),
            go_id,
            term_class,
            group,
            has_supporting_relation,
            is_supporting,
            number,
            findings,
            evidence_code if evidence_code in CODES_WITH_RULES else "",
            self._make_excluded_token(combination, aspect) if has_line_filters else b"",
        )

    def _make_token(
        self, combination: Combination, aspect: str, is_supporting: bool, in_term_set: bool
    ) -> bytes:
        """Return the token of a line that is kept."""
        in_aspect = aspect == self.target_aspect
        if is_supporting:
            if self._target_only and not in_term_set:
                return self._make_outside_token(run_tokens.LEFT_OUT, combination.go_id, aspect)
            number = self._terms.index.get(combination.go_id)
            term = combination.go_id if number is None else number
            is_stated = combination.group not in _NOT_STATED
            return run_tokens.encode_support(term, aspect, is_stated=is_stated)
        if combination.group == NO_DATA and (in_aspect or not self._target_only):
            return aspect.encode()
        has_many = self._has_many_targets
        if _supports_by_default(combination):
            token = self._make_outside_token(run_tokens.UNSUPPORTED, combination.go_id, aspect)
            return b"%s %s" % (token, run_tokens.encode_other(aspect)) if has_many else token
        if has_many:
            return run_tokens.encode_other(aspect)
        return run_tokens.OTHER_IN_ASPECT if in_aspect else run_tokens.NOTHING

    def _make_excluded_token(self, combination: Combination, aspect: str) -> bytes:
        """Return the token of a line that a filter excludes."""
        if not _supports_by_default(combination):
            return run_tokens.NOTHING
        is_on_target = self._class_of.get(
            combination.go_id
        ) in SUPPORTING_CLASSES and self._filters.supports(combination.relation)
        if self._has_many_targets and is_on_target:
            token = self._make_outside_token(run_tokens.EXCLUDED, combination.go_id, aspect)
            return run_tokens.add_term(token, combination.go_id)
        return self._make_outside_token(
            run_tokens.EXCLUDED, combination.go_id, aspect, on_target=is_on_target
        )

    def _make_outside_token(
        self, kind: bytes, go_id: str, aspect: str, *, on_target: bool = False
    ) -> bytes:
        number = self._terms.index.get(go_id)
        landmarks = "" if number is None else self._landmarks.find_letters(number)
        return run_tokens.encode_outside(kind, aspect, landmarks, on_target)


def _supports_by_default(combination: Combination) -> bool:
    """Return whether a line with the combination supports its term, whatever the options are."""
    is_positive = not combination.negated and combination.group != NO_DATA
    return is_positive and NO_FILTERS.supports(combination.relation)


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
