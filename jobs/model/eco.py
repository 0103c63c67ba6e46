"""ECO ids and evidence codes, by the mapping that GO and ECO publish.

`eco_ids.tsv` has the evidence code of each ECO id. Source:
http://purl.obolibrary.org/obo/eco/gaf-eco-mapping-derived.txt (1,407 ids; sha256
ee9aacc42fd2e8930e934c631831be14e0155dcd5122622d63cbcc0fc8243dc5) and gaf-eco-mapping.txt in the
same folder (82dfdb764764d9fe3df8cd15d6519627d14a2475f798bb1227a8bfc9ddcfe1dc), as of November 2026.
ECO is in the public domain (CC0 1.0).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Dict, NamedTuple

from gafreduce.jobs.model.data_table import read_data_table
from gafreduce.jobs.model.evidence import EVIDENCE_CODES

#: The root of ECO, "evidence": no kind of evidence is stated.
UNSTATED_ECO_ID = "ECO:0000000"
#: Ids that the published file maps to two codes: the weaker one, which is taken, and the other.
AMBIGUOUS = {"ECO:0007295": ("IEA", "EXP")}

_ECO_ID_OF_CODE = {each.code: each.eco_id for each in EVIDENCE_CODES}
#: A narrower ECO id for a code with a certain reference. The published file has three more, for
#: ISS; their ids lead back to ISA and ISM, so they are not used: the way back must keep the code.
_BY_REFERENCE = {
    ("IEA", "GO_REF:0000002"): "ECO:0000256",
    ("IEA", "GO_REF:0000003"): "ECO:0000501",
    ("IEA", "GO_REF:0000004"): "ECO:0007322",
    ("IEA", "GO_REF:0000023"): "ECO:0007322",
    ("IEA", "GO_REF:0000020"): "ECO:0000501",
    ("IEA", "GO_REF:0000035"): "ECO:0000265",
    ("IEA", "GO_REF:0000041"): "ECO:0000501",
    ("IEA", "GO_REF:0000043"): "ECO:0000501",
    ("IEA", "GO_REF:0000116"): "ECO:0000501",
    ("IEA", "GO_REF:0000044"): "ECO:0000501",
    ("IEA", "GO_REF:0000107"): "ECO:0000249",
    ("IEA", "GO_REF:0000108"): "ECO:0000363",
    ("IGC", "GO_REF:0000025"): "ECO:0000354",
}


class EcoEvidence(NamedTuple):
    """The evidence code of an ECO id, with a warning."""

    evidence_code: str  # the id itself when it has no known code: its group is `unstated`
    warning: str  # "", `unknown_eco_id` or `ambiguous_eco_id`


@lru_cache(maxsize=1)
def load_eco_ids() -> Dict[str, str]:
    """Return the evidence code of each ECO id that has exactly one."""
    rows = read_data_table("gafreduce.jobs.model", "eco_ids.tsv", ("eco_id", "evidence_code"))
    return {row[0]: row[1] for row in rows}


@lru_cache(maxsize=4096)
def read_eco_id(eco_id: str) -> EcoEvidence:
    """Return the evidence code of an ECO id.

    >>> read_eco_id("ECO:0000314")
    EcoEvidence(evidence_code='IDA', warning='')
    >>> read_eco_id("ECO:0007295")
    EcoEvidence(evidence_code='IEA', warning='ambiguous_eco_id')
    """
    if eco_id in ("", UNSTATED_ECO_ID):
        return EcoEvidence("", "")
    if eco_id in AMBIGUOUS:
        return EcoEvidence(AMBIGUOUS[eco_id][0], "ambiguous_eco_id")
    code = load_eco_ids().get(eco_id)
    return EcoEvidence(eco_id, "unknown_eco_id") if code is None else EcoEvidence(code, "")


def find_eco_id(evidence_code: str, reference: str) -> str:
    """Return the ECO id of an evidence code; empty for a code that has none.

    Args:
        evidence_code: Upper case.
        reference: GAF column 6; a GO_REF in it may make the id narrower.

    >>> find_eco_id("IEA", "GO_REF:0000002"), find_eco_id("IDA", "PMID:1"), find_eco_id("NR", "")
    ('ECO:0000256', 'ECO:0000314', '')
    """
    for each in reference.split("|"):
        narrower = _BY_REFERENCE.get((evidence_code, each))
        if narrower:
            return narrower
    return _ECO_ID_OF_CODE.get(evidence_code, "")
