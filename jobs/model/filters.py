"""The filters of a run: which lines it takes, how strictly, and which relations support a term.

Lines that a filter excludes are counted as filtered, apart from rejected lines: they are sound. A
job gets its filters as a small JSON file (`--filters`).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Dict, Mapping, Optional, Tuple

from gafreduce.errors import InputError
from gafreduce.jobs.model.annotation import Annotation
from gafreduce.jobs.model.relations import SUPPORTING

#: Treatments of obsolete terms: replaced by their successors, kept as they are, or refused.
OBSOLETE = ("repair", "keep", "drop")
REPAIR, KEEP, DROP = OBSOLETE
#: The word for a relation that is not stated, in options.
NOT_STATED = "none"


@dataclass(frozen=True)
class Filters:
    """The filters of a run; an empty filter takes every line, several values are alternatives."""

    evidence: Tuple[str, ...] = ()  # codes and groups to take
    excluded_evidence: Tuple[str, ...] = ()  # codes and groups to exclude
    aspects: Tuple[str, ...] = ()  # P, F or C: the ontology's, not the line's
    relations: Tuple[str, ...] = ()  # of column 4, lower case; "" for none given
    object_types: Tuple[str, ...] = ()  # column 12, lower case
    assigned_by: Tuple[str, ...] = ()  # column 15
    supporting_relations: Tuple[str, ...] = tuple(sorted(SUPPORTING))  # "" for none given
    strict: Tuple[str, ...] = ()  # words of `RULES`: lines with such findings are refused
    obsolete: str = REPAIR  # of OBSOLETE; merged ids (alt_id) are always repaired
    quarantine: bool = False  # keep refused and repaired lines in files

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Filters:
        """Return the filters that `asdict` made a dictionary of; lists stand for tuples.

        Raises:
            TypeError: A name or a value is unknown.
        """
        frozen: Dict[str, Any] = {
            name: value if isinstance(value, (str, bool)) else tuple(value)
            for name, value in values.items()
        }
        return cls(**frozen)

    @property
    def exclusions(self) -> Dict[str, Tuple[str, ...]]:
        """The filters that exclude lines, by field; empty when every line is taken."""
        names = ("evidence", "excluded_evidence", "aspects", "relations", "object_types")
        found = {name: getattr(self, name) for name in (*names, "assigned_by")}
        return {name: values for name, values in found.items() if values}

    @property
    def changes(self) -> Dict[str, Tuple[str, ...]]:
        """The exclusions, and the supporting relations unless they are the documented ones."""
        changed = dict(self.exclusions)
        if self.supporting_relations != NO_FILTERS.supporting_relations:
            changed["supporting_relations"] = self.supporting_relations
        return {
            name: tuple(value or NOT_STATED for value in values) for name, values in changed.items()
        }

    @property
    def has_line_filters(self) -> bool:
        """Whether a filter needs cells other than relation, term, evidence and aspect."""
        return bool(self.object_types or self.assigned_by or self.strict)

    def supports(self, relation: str) -> bool:
        """Return whether each of the relations (joined by "|") supports the term.

        >>> Filters().supports("involved_in"), Filters().supports("")
        (True, True)
        >>> Filters().supports("contributes_to|colocalizes_with")
        False
        """
        if "|" not in relation:  # nearly all lines have one, or none
            return relation in self.supporting_relations
        return all(part in self.supporting_relations for part in relation.split("|"))

    def check_combination(
        self, relation: str, evidence_code: str, evidence_group: str, aspect: str
    ) -> Optional[str]:
        """Return the option that excludes lines with this combination; None when they are taken.

        Args:
            relation: Lower case, without NOT; several joined by "|".
            evidence_code: Upper case.
            evidence_group: Its group, `no_data` included.
            aspect: The ontology's; "?" where neither it nor the line has one.
        """
        evidence = (evidence_code, evidence_group)
        if self.evidence and not any(word in self.evidence for word in evidence):
            return "evidence"
        if self.excluded_evidence and any(word in self.excluded_evidence for word in evidence):
            return "exclude_evidence"
        if self.aspects and aspect not in self.aspects:
            return "aspect"
        if self.relations and not all(part in self.relations for part in relation.split("|")):
            return "relation"
        return None

    def check_annotation(self, annotation: Annotation) -> Optional[str]:
        """Return the option that excludes an annotation by cells outside of its combination."""
        if self.object_types and annotation.object_type.lower() not in self.object_types:
            return "object_type"
        if self.assigned_by and annotation.assigned_by not in self.assigned_by:
            return "assigned_by"
        return None


#: Takes every line; relations support as documented (docs/evidence.md#relations).
NO_FILTERS = Filters()


def write_filters(filters: Filters, path: Path) -> None:
    """Write the file with the filters."""
    path.write_bytes(json.dumps(asdict(filters), sort_keys=True).encode() + b"\n")


def read_filters(path: Path) -> Filters:
    """Read the file with the filters.

    Raises:
        InputError: The file holds no filters.
    """
    try:
        return Filters.from_dict(json.loads(path.read_text(encoding="utf-8")))
    except (TypeError, ValueError, AttributeError) as error:
        raise InputError(f"{path}: expected filters as JSON, got {error}") from error
