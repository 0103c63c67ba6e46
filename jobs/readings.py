"""What one combination of relation, term, evidence and aspect says, worked out once and kept.

A file of a million lines has some ten thousand such combinations. Each becomes a *token*, the few
bytes that stand for a line in the shuffle:

    4711x       supports term 4711 of the term file, with stated evidence other than electronic
    4711e       supports it, electronic or not stated
    GO:9999999Px, GO:9999999Pe    the same for a term unknown to the ontology, with its aspect
                (`?` for none)
    s           supports a term that --scope target leaves out, in the target's aspect
    a           supports nothing (NOT, another relation), in the target's aspect
    d           ND in the target's aspect
    n           none of these
"""

from __future__ import annotations

import re
from typing import Dict, NamedTuple, Tuple, Union

from jobs.annotation import Filtered, Rejection
from jobs.evidence import NO_DATA, group_of, is_known
from jobs.relations import is_known as is_known_relation
from jobs.selection import EVERYTHING, Selection
from ontology.termfile import TermFile

_GO_ID = re.compile(r"GO:[0-9]{7}")
_ROOTS = frozenset({"GO:0008150", "GO:0003674", "GO:0005575"})
_UNNAMED = ("electronic", "unstated")

SUPPORT_IN_ASPECT = b"s"
OTHER_IN_ASPECT = b"a"
NO_DATA_IN_ASPECT = b"d"
NOTHING = b"n"


class Reading(NamedTuple):
    """What a combination says."""

    token: bytes
    go_id: str  # primary id after repair
    term_class: str  # class in the closure, `ancestor` for a NOT above the target, else empty
    evidence_group: str
    takes_part: bool  # the relation says that the product takes part; NOT and ND play no role
    supporting: bool
    warnings: Tuple[str, ...] = ()  # words of `file_counts.WARNINGS`


class Reader:
    """Reads combinations against one term file."""

    def __init__(
        self, terms: TermFile, target_only: bool, selection: Selection = EVERYTHING
    ) -> None:
        self._index = {go_id: number for number, go_id in enumerate(terms.go_ids)}
        self._terms = terms
        self._target_only = target_only
        self._selection = selection
        self._class_of: Dict[str, str] = {term.go_id: term.term_class for term in terms.closure}
        self.target_aspect = terms.aspects[self._index[terms.target]]

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
        if not _GO_ID.fullmatch(go_id):
            return Rejection("bad_go_id", "GORULE:0000027")
        group = group_of(evidence_code)
        if evidence_code == "IKR" and not negated:
            return Rejection("ikr_without_not", "GORULE:0000042")
        go_id = self._terms.repairs.get(go_id, go_id)
        number = self._index.get(go_id)
        if group == NO_DATA and number is not None and go_id not in _ROOTS:
            return Rejection("nd_not_on_root", "GORULE:0000011")
        if number is not None:
            aspect = self._terms.aspects[number]
        elif aspect not in ("P", "F", "C"):
            aspect = "?"
        option = self._selection.leaves_out(relation, evidence_code, group, aspect)
        if option is not None:
            return Filtered(option)
        term_class = self._class_of.get(go_id, "")
        if negated and not term_class and number in self._terms.negating:
            term_class = "ancestor"
        takes_part = self._selection.supports(relation)
        supporting = not negated and group != NO_DATA and takes_part
        token = self._token(number, go_id, aspect, group, supporting, bool(term_class))
        warnings = (
            *(() if is_known(evidence_code) else ("unknown_evidence",)),
            *(() if is_known_relation(relation) else ("unknown_relation",)),
        )
        return Reading(token, go_id, term_class, group, takes_part, supporting, warnings)

    def _token(
        self,
        number: Union[int, None],
        go_id: str,
        aspect: str,
        group: str,
        supporting: bool,
        in_closure: bool,
    ) -> bytes:
        in_aspect = aspect == self.target_aspect
        if not supporting:
            if not in_aspect:
                return NOTHING
            return NO_DATA_IN_ASPECT if group == NO_DATA else OTHER_IN_ASPECT
        if self._target_only and not in_closure:
            return SUPPORT_IN_ASPECT if in_aspect else NOTHING
        term = f"{go_id}{aspect}" if number is None else str(number)
        return f"{term}{'e' if group in _UNNAMED else 'x'}".encode()
