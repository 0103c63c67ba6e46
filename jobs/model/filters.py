"""Which of the understood lines are taken, how strictly, and which relations mean taking part.

What a filter leaves out is counted as filtered, apart from what is refused: the line is sound, the
question leaves it out. The selection travels with the job as a small JSON file.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Dict, Optional, Tuple

from gafreduce.jobs.model.annotation import Annotation
from gafreduce.jobs.model.relations import SUPPORTING

#: What is done about obsolete terms: read as what replaced them, kept as they are, or refused.
OBSOLETE = ("repair", "keep", "drop")
REPAIR, KEEP, DROP = OBSOLETE
#: How a relation that is not stated is named in options.
NOT_STATED = "none"


class SelectionError(ValueError):
    """The file of the selection is damaged."""


@dataclass(frozen=True)
class Selection:
    """Filters; an empty one takes everything. Values are alternatives."""

    evidence: Tuple[str, ...] = ()  # codes and groups that are taken
    not_evidence: Tuple[str, ...] = ()  # codes and groups that are left out
    aspects: Tuple[str, ...] = ()  # P, F or C: the ontology's, not the line's
    relations: Tuple[str, ...] = ()  # of column 4, lower case; "" for none given
    object_types: Tuple[str, ...] = ()  # column 12, lower case
    assigned_by: Tuple[str, ...] = ()  # column 15
    taking_part: Tuple[str, ...] = tuple(sorted(SUPPORTING))  # relations that support; "" for none
    strict: Tuple[str, ...] = ()  # words of `rules.RULES` whose lines are refused besides
    obsolete: str = REPAIR  # of OBSOLETE; merged ids (alt_id) are always read as what they became
    quarantine: bool = False  # refused and repaired lines are kept for whoever mends them

    @property
    def reads_more(self) -> bool:
        """Whether it needs more of a line than relation, term, evidence and aspect."""
        return bool(self.object_types or self.assigned_by or self.strict)

    def supports(self, relation: str) -> bool:
        """Tell whether each of the relations (joined by "|") says that the product takes part.

        >>> Selection().supports("involved_in"), Selection().supports("")
        (True, True)
        >>> Selection().supports("contributes_to|colocalizes_with")
        False
        """
        return all(part in self.taking_part for part in relation.split("|"))

    def leaves_out(
        self, relation: str, evidence_code: str, evidence_group: str, aspect: str
    ) -> Optional[str]:
        """Return the option that leaves such lines out, None when they are taken.

        Args:
            relation: Lower case, without NOT; several joined by "|".
            evidence_code: Upper case.
            evidence_group: Its group, `no_data` included.
            aspect: The ontology's; "?" where neither it nor the line says one.
        """
        evidence = (evidence_code, evidence_group)
        if self.evidence and not any(word in self.evidence for word in evidence):
            return "evidence"
        if any(word in self.not_evidence for word in evidence):
            return "exclude_evidence"
        if self.aspects and aspect not in self.aspects:
            return "aspect"
        if self.relations and not all(part in self.relations for part in relation.split("|")):
            return "relation"
        return None

    def leaves_out_annotation(self, annotation: Annotation) -> Optional[str]:
        """Return the option that leaves out an annotation by what `leaves_out` does not see."""
        if self.object_types and annotation.object_type.lower() not in self.object_types:
            return "object_type"
        if self.assigned_by and annotation.assigned_by not in self.assigned_by:
            return "assigned_by"
        return None


#: Takes every line; relations support as design and documents say.
EVERYTHING = Selection()


def write(selection: Selection, path: Path) -> None:
    """Write a selection."""
    path.write_text(json.dumps(asdict(selection), sort_keys=True) + "\n", encoding="utf-8")


def read(path: Path) -> Selection:
    """Read a selection.

    Raises:
        SelectionError: It is none.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        values: Dict[str, Any] = {
            name: value if isinstance(value, (str, bool)) else tuple(value)
            for name, value in found.items()
        }
        return Selection(**values)
    except (TypeError, ValueError, AttributeError) as error:
        raise SelectionError(f"{path}: expected a selection as JSON, {error}") from error
