"""Term files of a few terms, for tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gafreduce.ontology.termfile import TermFile, TermSetMember


def make_terms(
    aspects: Mapping[str, str],
    target: str,
    term_set: Sequence[TermSetMember] | None = None,
    **fields: Any,
) -> TermFile:
    """Return a term file.

    Args:
        aspects: The aspect of each GO id, sorted by GO id.
        target: The target.
        term_set: The term set; by default the target alone.
        **fields: Other fields of `TermFile`; by default no term has parents or is obsolete.
    """
    if term_set is None:
        term_set = [TermSetMember(target, "target", "", "")]
    defaults: dict[str, Any] = {
        "data_version": "",
        "ontology_sha256": "",
        "relations": ("is_a", "part_of"),
        "definition": "",
        "parents": ("",) * len(aspects),
        "obsolete": frozenset(),
        "repairs": {},
        "negating": frozenset(),
        "names": ("",) * len(aspects),
    }
    return TermFile(
        **(defaults | fields),
        target=target,
        go_ids=tuple(aspects),
        aspects="".join(aspects.values()),
        term_set=tuple(term_set),
    )
