"""Evidence codes and their groups.

Groups are kinds of evidence, not ranks of quality. Source: GO's own grouping,
https://geneontology.org/docs/guide-go-evidence-codes/ (IGC is a computational code there).
"""

from __future__ import annotations

from typing import Dict, NamedTuple, Tuple

#: Groups in the order in which the strongest one of a gene product is chosen.
GROUPS = (
    "experimental",
    "high_throughput",
    "phylogenetic",
    "computational",
    "author",
    "curator",
    "electronic",
    "unstated",
)
#: Groups that give the verdict `curated`.
CURATED = ("phylogenetic", "computational", "author", "curator")
#: The group of ND: a statement that nothing is known, not evidence.
NO_DATA = "no_data"


class EvidenceCode(NamedTuple):
    """An evidence code."""

    code: str
    group: str  # of GROUPS, or NO_DATA
    eco_id: str  # the equivalent ECO id; empty for none


EVIDENCE_CODES = (
    EvidenceCode("EXP", "experimental", "ECO:0000269"),
    EvidenceCode("IDA", "experimental", "ECO:0000314"),
    EvidenceCode("IPI", "experimental", "ECO:0000353"),
    EvidenceCode("IMP", "experimental", "ECO:0000315"),
    EvidenceCode("IGI", "experimental", "ECO:0000316"),
    EvidenceCode("IEP", "experimental", "ECO:0000270"),
    EvidenceCode("HTP", "high_throughput", "ECO:0006056"),
    EvidenceCode("HDA", "high_throughput", "ECO:0007005"),
    EvidenceCode("HMP", "high_throughput", "ECO:0007001"),
    EvidenceCode("HGI", "high_throughput", "ECO:0007003"),
    EvidenceCode("HEP", "high_throughput", "ECO:0007007"),
    EvidenceCode("IBA", "phylogenetic", "ECO:0000318"),
    EvidenceCode("IBD", "phylogenetic", "ECO:0000319"),
    EvidenceCode("IKR", "phylogenetic", "ECO:0000320"),
    EvidenceCode("IRD", "phylogenetic", "ECO:0000321"),
    EvidenceCode("ISS", "computational", "ECO:0000250"),
    EvidenceCode("ISO", "computational", "ECO:0000266"),
    EvidenceCode("ISA", "computational", "ECO:0000247"),
    EvidenceCode("ISM", "computational", "ECO:0000255"),
    EvidenceCode("IGC", "computational", "ECO:0000317"),
    EvidenceCode("RCA", "computational", "ECO:0000245"),
    EvidenceCode("TAS", "author", "ECO:0000304"),
    EvidenceCode("NAS", "author", "ECO:0000303"),
    EvidenceCode("IC", "curator", "ECO:0000305"),
    EvidenceCode("IEA", "electronic", "ECO:0000501"),
    EvidenceCode("NR", "unstated", ""),
    EvidenceCode("ND", NO_DATA, "ECO:0000307"),
)

GROUP_OF: Dict[str, str] = {each.code: each.group for each in EVIDENCE_CODES}
#: Codes by their names in lower case, without `inferred from` or `inferred by`.
CODE_OF_NAME: Dict[str, str] = {
    "experiment": "EXP",
    "direct assay": "IDA",
    "physical interaction": "IPI",
    "mutant phenotype": "IMP",
    "genetic interaction": "IGI",
    "expression pattern": "IEP",
    "high throughput experiment": "HTP",
    "high throughput direct assay": "HDA",
    "high throughput mutant phenotype": "HMP",
    "high throughput genetic interaction": "HGI",
    "high throughput expression pattern": "HEP",
    "biological aspect of ancestor": "IBA",
    "biological aspect of descendant": "IBD",
    "key residues": "IKR",
    "rapid divergence": "IRD",
    "sequence or structural similarity": "ISS",
    "sequence similarity": "ISS",
    "sequence orthology": "ISO",
    "sequence alignment": "ISA",
    "sequence model": "ISM",
    "genomic context": "IGC",
    "reviewed computational analysis": "RCA",
    "traceable author statement": "TAS",
    "non traceable author statement": "NAS",
    "curator": "IC",
    "electronic annotation": "IEA",
    "no biological data available": "ND",
}
CODES_OF_GROUP: Dict[str, Tuple[str, ...]] = {
    group: tuple(each.code for each in EVIDENCE_CODES if each.group == group)
    for group in (*GROUPS, NO_DATA)
}


def find_group(evidence_code: str) -> str:
    """Return the group of an evidence code; unknown and empty ones are `unstated`.

    >>> find_group("IDA"), find_group("ND"), find_group("")
    ('experimental', 'no_data', 'unstated')
    """
    return GROUP_OF.get(evidence_code, "unstated")


def is_known_evidence(evidence_code: str) -> bool:
    """Return whether a code is one of GO's, or empty: other codes deserve a warning.

    >>> [is_known_evidence(code) for code in ("IDA", "", "NR", "MADEUP", "ECO:0000001")]
    [True, True, True, False, False]
    """
    return not evidence_code or evidence_code in GROUP_OF
