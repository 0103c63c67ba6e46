"""Evidence codes and their groups.

Source: https://geneontology.org/docs/guide-go-evidence-codes/ (GO's own grouping; IGC stands under
computational analysis there). Groups are kinds of evidence, not ranks of quality.
"""

from __future__ import annotations

#: Groups in the order in which the strongest one of a gene product is named.
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
#: Groups whose verdict word is `curated`.
CURATED = ("phylogenetic", "computational", "author", "curator")
NO_DATA = "no_data"

CODES = {
    "experimental": "EXP IDA IPI IMP IGI IEP",
    "high_throughput": "HTP HDA HMP HGI HEP",
    "phylogenetic": "IBA IBD IKR IRD",
    "computational": "ISS ISO ISA ISM IGC RCA",
    "author": "TAS NAS",
    "curator": "IC",
    "electronic": "IEA",
    "unstated": "NR",
    NO_DATA: "ND",
}
GROUP_OF = {code: group for group, codes in CODES.items() for code in codes.split()}


def group_of(evidence_code: str) -> str:
    """Return the group of an evidence code; unknown and absent ones are `unstated`.

    >>> group_of("IDA"), group_of("ND"), group_of("")
    ('experimental', 'no_data', 'unstated')
    """
    return GROUP_OF.get(evidence_code, "unstated")


def is_known(evidence_code: str) -> bool:
    """Tell whether a code is one of GO's, or openly none: of others there is to be a warning.

    >>> is_known("IDA"), is_known(""), is_known("NR"), is_known("MADEUP"), is_known("ECO:0000001")
    (True, True, True, False, False)
    """
    return not evidence_code or evidence_code in GROUP_OF
