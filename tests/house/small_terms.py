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


def make_competence_terms(**fields: Any) -> TermFile:
    """Return a term file of competence: two roots, an ancestor, the target, and a regulator.

    Args:
        **fields: Other fields of `TermFile`.
    """
    defaults: dict[str, Any] = {
        "parents": ("", "", "1", "2", "1"),
        "negating": frozenset({1, 2, 3}),
        "term_set": [
            TermSetMember("GO:0030420", "target", "", "competence"),
            TermSetMember("GO:0045808", "negative_regulator", "", "negative regulation"),
        ],
    }
    go_ids = ("GO:0003674", "GO:0008150", "GO:0009294", "GO:0030420", "GO:0045808")
    return make_terms(dict(zip(go_ids, "FPPPP", strict=True)), "GO:0030420", **(defaults | fields))
