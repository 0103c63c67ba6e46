"""What one combination of relation, term, evidence and aspect says, worked out once and kept.

A file of a million lines has some ten thousand such combinations. Each becomes a *token*, the few
bytes that stand for a line in the shuffle:

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
from gafreduce.jobs.model.evidence import NO_DATA, group_of
from gafreduce.jobs.model.filters import DROP, KEEP, NO_FILTERS, Filters
from gafreduce.jobs.model.go_terms import ASPECTS, is_go_id
from gafreduce.jobs.rules import term_rules
from gafreduce.jobs.rules.catalogue import RULES, Finding
from gafreduce.jobs.rules.cell_rules import CODES_WITH_RULES
from gafreduce.jobs.rules.term_rules import Combination
from gafreduce.ontology.termfile import TermFile

_NO_MARKS: FrozenSet[str] = frozenset()
_UNNAMED = ("electronic", "unstated")


class Reading(NamedTuple):
    """What a combination says."""

    token: bytes
    go_id: str  # primary id after repair
    term_class: str  # class in the closure, `ancestor` for a NOT above the target, else empty
    evidence_group: str
    takes_part: bool  # the relation says that the product takes part; NOT and ND play no role
    supporting: bool
    number: Optional[int] = None  # of the term in the term file; None for an unknown one
    findings: Tuple[Finding, ...] = ()  # of rules that the combination decides
    looked_at: str = ""  # the evidence code, when a rule asks for other cells beside it


class Reader:
    """Reads combinations against one term file."""

    def __init__(
        self,
        terms: TermFile,
        target_only: bool,
        filters: Filters = NO_FILTERS,
    ) -> None:
        self._terms = terms
        self._marks_of = _marks_of(terms)
        self._target_only = target_only
        self._filters = filters
        self._class_of: Dict[str, str] = {term.go_id: term.term_class for term in terms.term_set}
        self.target_aspect = terms.target_aspect

    def read(
        self, relation: str, negated: bool, go_id: str, evidence_code: str, aspect: str
    ) -> Union[Reading, Rejection, Filtered]:
        """Return what the combination says, or why such lines are refused or left out.

        Args:
            relation: As in `Annotation`: lower case, without NOT.
            negated: Whether NOT stands beside it.
            go_id: As written.
            evidence_code: Upper case; may be empty or unknown.
            aspect: As written; used only for terms that the ontology doesn't know.
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
            return rejection(Finding("obsolete_dropped", written))
        group = group_of(evidence_code)
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
        refusing = term_rules.find_refusal(combination)
        if refusing is not None:
            return rejection(refusing)
        aspect = combination.own_aspect or (aspect if aspect in ASPECTS else "?")
        option = self._filters.check_combination(relation, evidence_code, group, aspect)
        if option is not None:
            return Filtered(option)
        findings = term_rules.find_violations(combination)
        strict = self._filters.strict
        for finding in findings if strict else ():
            if finding.word in strict:
                return rejection(finding)
        term_class = self._class_of.get(go_id, "")
        if negated and not term_class and number in self._terms.negating:
            term_class = "ancestor"
        takes_part = self._filters.supports(relation)
        supporting = not negated and group != NO_DATA and takes_part
        return Reading(
            self._token(number, go_id, aspect, group, supporting, bool(term_class)),
            go_id,
            term_class,
            group,
            takes_part,
            supporting,
            number,
            findings,
            evidence_code if evidence_code in CODES_WITH_RULES else "",
        )

    def _token(
        self,
        number: Optional[int],
        go_id: str,
        aspect: str,
        group: str,
        supporting: bool,
        in_closure: bool,
    ) -> bytes:
        in_aspect = aspect == self.target_aspect
        if not supporting:
            if group == NO_DATA and (in_aspect or not self._target_only):
                return aspect.encode()
            return records.OTHER_IN_ASPECT if in_aspect else records.NOTHING
        if self._target_only and not in_closure:
            return records.SUPPORT_IN_ASPECT if in_aspect else records.NOTHING
        term = go_id if number is None else number
        return records.encode_support(term, aspect, is_stated=group not in _UNNAMED)


def _marks_of(terms: TermFile) -> Dict[Optional[int], FrozenSet[str]]:
    """Return the marks of each term that has some."""
    found: Dict[Optional[int], FrozenSet[str]] = {}
    for name, numbers in terms.marks.items():
        for number in numbers:
            found[number] = found.get(number, _NO_MARKS) | {name}
    return found


def rejection(finding: Finding) -> Rejection:
    """Return the refusal of a line for what a rule has to say of it."""
    return Rejection(finding.word, RULES[finding.word].gorule or None, finding.value)
