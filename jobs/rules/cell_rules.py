"""Rules over single cells, and over the cells that some evidence codes need."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import Callable, FrozenSet, Mapping, Optional, Tuple

from gafreduce.jobs.rules.catalogue import Finding
from gafreduce.ontology.termfile import COMPLEX, INTERSPECIES

Findings = Tuple[Finding, ...]
_NONE: Findings = ()

_DATE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_TAXA = re.compile(r"taxon:[1-9][0-9]*(?:\|taxon:[1-9][0-9]*)?")
#: How nearly all raw cells with a taxon are written.
PLAIN_TAXON = re.compile(rb"taxon:([1-9][0-9]{0,9})")
_ID = re.compile(r"[^\s:|]+:\S+")
_PMID = re.compile(r"PMID:[1-9][0-9]*")
_PUBLIC = ("PMID:", "PMC:", "DOI:", "GO_REF:")
#: One relation with its filler: an id without blanks. Source: the specification of GAF 2.2.
_EXTENSION = re.compile(r"[^\s(),|]+\([^\s(),|:]+:[^\s(),|]+\)")
#: Numbers of obsolete GO_REFs. Source: metadata/gorefs.yaml of go-site, November 2026.
_OBSOLETE_GO_REFS = frozenset(
    f"GO_REF:{number:07d}"
    for number in (
        *(1, 6, 10, 18, 19, 20, 23, 25, 26, 28, 29, 30, 31, 32, 35, 37, 38, 39, 40, 42, 45, 46),
        *(48, 49, 53, 55, 56, 77, 82, 98, 99, 100, 102, 103, 106, 112),
    )
)
#: Database whose gene products are complexes.
COMPLEX_DATABASE = "ComplexPortal"
#: Codes that say that a similar gene product is known.
BY_SIMILARITY = ("ISS", "ISA", "ISO")
#: References of PAN-GO: today's, and the one that its lines had until 2023.
_PAN_GO = frozenset({"GO_REF:0000033", "PMID:21873635"})


def bad_date(text: str) -> Findings:
    """GORULE:0000001; an empty date is a missing value."""
    found = _DATE.fullmatch(text)
    if found:
        try:
            date(*map(int, found.groups()))
        except ValueError:
            found = None
    return _NONE if found or not text else (Finding("bad_date"),)


@lru_cache(maxsize=4096)
def odd_taxon(text: str) -> Findings:
    """GORULE:0000027: `taxon:` and a number, once, or twice with a bar between."""
    return _NONE if _TAXA.fullmatch(text) else (Finding("odd_taxon"),)


def bad_extension(text: str) -> Findings:
    """GORULE:0000001: RELATION(ID), joined by "," (and) or "|" (or)."""
    parts = re.split(r"[,|]", text)
    if not text or all(_EXTENSION.fullmatch(part.strip(" ")) for part in parts):
        return _NONE
    return (Finding("bad_extension"),)


def references(text: str) -> Findings:
    """GORULE:0000027, 30, 33 and 55, of all references of a line."""
    if not text:
        return _NONE
    ids = [part.strip(" ") for part in text.split("|")]
    kinds = [each.partition(":")[0].upper() for each in ids]
    rules = {
        "bad_reference": not all(map(_is_reference, ids)),
        "obsolete_go_ref": any(each in _OBSOLETE_GO_REFS for each in ids),
        "no_public_reference": not any(each.upper().startswith(_PUBLIC) for each in ids),
        "several_references": len(set(kinds)) < len(kinds),
    }
    return tuple(Finding(word) for word, holds in rules.items() if holds)


def _is_reference(text: str) -> bool:
    is_pubmed = text.upper().startswith("PMID")
    return (_PMID if is_pubmed else _ID).fullmatch(text) is not None


#: Rules by the field of `Annotation` that they look at.
CELL_RULES: Mapping[str, Callable[[str], Findings]] = {
    name: lru_cache(maxsize=4096)(rule)
    for name, rule in (
        ("reference", references),
        ("date", bad_date),
        ("annotation_extension", bad_extension),
    )
}


def ic_without_go_id(with_from: str) -> Findings:
    """GORULE:0000016."""
    return _NONE if "GO:" in with_from else (Finding("ic_without_go_id"),)


def by_similarity(object_id: str, with_from: str) -> Findings:
    """GORULE:0000050 and 63."""
    if not with_from:
        return (Finding("iss_without_source"),)
    named = [part.strip(" ") for part in re.split(r"[,|]", with_from)]
    return (Finding("self_reference"),) if object_id in named else _NONE


def iba_of_others(reference: str, assigned_by: str) -> Findings:
    """GORULE:0000026 and 37."""
    ids = {part.strip(" ") for part in reference.split("|")}
    if assigned_by == "GO_Central" and not ids.isdisjoint(_PAN_GO):
        return _NONE
    return (Finding("iba_of_others"),)


#: Evidence codes that need a look at other cells.
LOOKED_AT: FrozenSet[str] = frozenset({"IC", "IBA", *BY_SIMILARITY})


def of_evidence(
    code: str, object_id: str, with_from: str, reference: str, assigned_by: str
) -> Findings:
    """Return what there is to say of a line with one of `LOOKED_AT`."""
    if code == "IC":
        return ic_without_go_id(with_from)
    if code == "IBA":
        return iba_of_others(reference, assigned_by)
    return by_similarity(object_id, with_from)


def dual_taxon(
    interacting_taxon: str, number: Optional[int], marks: Mapping[str, FrozenSet[int]]
) -> Findings:
    """GORULE:0000015."""
    known = marks.get(INTERSPECIES)
    if not interacting_taxon or known is None or number in known:
        return _NONE
    return (Finding("dual_taxon"),)


def complex_on_complex(
    db: str, number: Optional[int], marks: Mapping[str, FrozenSet[int]]
) -> Findings:
    """GORULE:0000039."""
    if db == COMPLEX_DATABASE and number in marks.get(COMPLEX, ()):
        return (Finding("complex_on_complex"),)
    return _NONE
