"""Rules over single cells, and over the cells that belong to some evidence codes."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import Callable, FrozenSet, Mapping, Optional, Tuple

from gafreduce.jobs.model.taxon import parse_taxon_id
from gafreduce.jobs.rules.catalogue import Finding
from gafreduce.ontology.termfile import COMPLEX, INTERSPECIES

Findings = Tuple[Finding, ...]
_NONE: Findings = ()

_DATE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_TAXA = re.compile(r"taxon:([1-9][0-9]*)(?:\|taxon:([1-9][0-9]*))?")
#: The spelling of nearly all raw cells with a taxon; no such number exceeds `MAX_TAXON_ID`.
PLAIN_TAXON = re.compile(rb"taxon:([1-9][0-9]{0,8})")
_ID = re.compile(r"[^\s:|]+:\S+")
_PMID = re.compile(r"PMID:[1-9][0-9]*")
_PUBLIC = ("PMID:", "PMC:", "DOI:", "GO_REF:")
#: A relation with its filler, an id without blanks. Source: the specification of GAF 2.2.
_EXTENSION = re.compile(r"[^\s(),|]+\([^\s(),|:]+:[^\s(),|]+\)")
#: Numbers of obsolete GO_REFs. Source: metadata/gorefs.yaml of go-site, November 2026.
_OBSOLETE_GO_REFS = frozenset(
    f"GO_REF:{number:07d}"
    for number in (
        *(1, 6, 10, 18, 19, 20, 23, 25, 26, 28, 29, 30, 31, 32, 35, 37, 38, 39, 40, 42, 45, 46),
        *(48, 49, 53, 55, 56, 77, 82, 98, 99, 100, 102, 103, 106, 112),
    )
)
#: The database of complexes.
COMPLEX_DATABASE = "ComplexPortal"
#: Codes of evidence by similarity to another gene product.
BY_SIMILARITY = ("ISS", "ISA", "ISO")
#: References of PAN-GO: the current one, and the one in use until 2023.
_PAN_GO = frozenset({"GO_REF:0000033", "PMID:21873635"})


def check_date(text: str) -> Findings:
    """Find a date that is not YYYYMMDD; an empty one is a missing value (GORULE:0000001)."""
    found = _DATE.fullmatch(text)
    if found:
        try:
            date(*map(int, found.groups()))
        except ValueError:
            found = None
    return _NONE if found or not text else (Finding("bad_date"),)


@lru_cache(maxsize=4096)
def check_taxa(text: str) -> Findings:
    """Find a text other than `taxon:ID` or two of these joined by "|" (GORULE:0000027)."""
    found = _TAXA.fullmatch(text)
    is_plain = found and all(parse_taxon_id(each) for each in found.groups() if each)
    return _NONE if is_plain else (Finding("odd_taxon"),)


def check_extension(text: str) -> Findings:
    """Find an extension other than RELATION(ID) joined by "," or "|" (GORULE:0000001)."""
    parts = re.split(r"[,|]", text)
    if not text or all(_EXTENSION.fullmatch(part.strip(" ")) for part in parts):
        return _NONE
    return (Finding("bad_extension"),)


def check_references(text: str) -> Findings:
    """Find faults in the references of a line (GORULE:0000027, 30, 33 and 55)."""
    if not text:
        return _NONE
    ids = [part.strip(" ") for part in text.split("|")]
    kinds = [each.partition(":")[0].upper() for each in ids]
    violations = {
        "bad_reference": not all(map(_is_reference, ids)),
        "obsolete_go_ref": any(each in _OBSOLETE_GO_REFS for each in ids),
        "no_public_reference": not any(each.upper().startswith(_PUBLIC) for each in ids),
        "several_references": len(set(kinds)) < len(kinds),
    }
    return tuple(Finding(word) for word, is_violated in violations.items() if is_violated)


def _is_reference(text: str) -> bool:
    is_pubmed = text.upper().startswith("PMID")
    return (_PMID if is_pubmed else _ID).fullmatch(text) is not None


#: The rule over each of these fields of `Annotation`; results are cached.
CELL_RULES: Mapping[str, Callable[[str], Findings]] = {
    "reference": lru_cache(maxsize=4096)(check_references),
    "date": lru_cache(maxsize=4096)(check_date),
    "annotation_extension": lru_cache(maxsize=4096)(check_extension),
}


def _check_ic(with_from: str) -> Findings:
    """Find IC without a GO id in With/From (GORULE:0000016)."""
    return _NONE if "GO:" in with_from else (Finding("ic_without_go_id"),)


def _check_similarity(object_id: str, with_from: str) -> Findings:
    """Find similarity to nothing or to the gene product itself (GORULE:0000063 and 50)."""
    if not with_from:
        return (Finding("iss_without_source"),)
    sources = [part.strip(" ") for part in re.split(r"[,|]", with_from)]
    return (Finding("self_reference"),) if object_id in sources else _NONE


def _check_iba(reference: str, assigned_by: str) -> Findings:
    """Find IBA from a source other than PAN-GO (GORULE:0000026 and 37)."""
    ids = {part.strip(" ") for part in reference.split("|")}
    if assigned_by == "GO_Central" and not ids.isdisjoint(_PAN_GO):
        return _NONE
    return (Finding("iba_of_others"),)


#: Evidence codes with a rule over other cells of the line.
CODES_WITH_RULES: FrozenSet[str] = frozenset({"IC", "IBA", *BY_SIMILARITY})


def check_evidence(
    code: str, object_id: str, with_from: str, reference: str, assigned_by: str
) -> Findings:
    """Return the findings for a line with one of CODES_WITH_RULES."""
    if code == "IC":
        return _check_ic(with_from)
    if code == "IBA":
        return _check_iba(reference, assigned_by)
    return _check_similarity(object_id, with_from)


def check_second_taxon(
    interacting_taxon: str, number: Optional[int], marks: Mapping[str, FrozenSet[int]]
) -> Findings:
    """Find a second taxon with a term that is not interspecies (GORULE:0000015).

    Args:
        interacting_taxon: The second taxon; empty for none.
        number: The term's position in the term file; None for an unknown term.
        marks: The marks of the term file.
    """
    interspecies = marks.get(INTERSPECIES)
    if not interacting_taxon or interspecies is None or number in interspecies:
        return _NONE
    return (Finding("dual_taxon"),)


def check_complex(db: str, number: Optional[int], marks: Mapping[str, FrozenSet[int]]) -> Findings:
    """Find a complex with a complex term (GORULE:0000039).

    Args:
        db: The database of the gene product.
        number: As in `check_second_taxon`.
        marks: As in `check_second_taxon`.
    """
    if db == COMPLEX_DATABASE and number in marks.get(COMPLEX, ()):
        return (Finding("complex_on_complex"),)
    return _NONE
