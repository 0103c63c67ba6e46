"""Gene product to term relations (GAF column 4): which say that the product takes part.

Source: https://geneontology.org/docs/go-annotation-file-gaf-format-2.2/ and GORULE:0000061.
"""

from __future__ import annotations

#: A positive line with one of these (or with none given) supports its term.
SUPPORTING = frozenset(
    {
        "",
        "involved_in",
        "acts_upstream_of_or_within",
        "acts_upstream_of_or_within_positive_effect",
        "acts_upstream_of_or_within_negative_effect",
        "enables",
        "contributes_to",
        "part_of",
        "located_in",
        "is_active_in",
    }
)
#: Known, kept and counted apart.
OTHER = frozenset(
    {
        "acts_upstream_of",
        "acts_upstream_of_positive_effect",
        "acts_upstream_of_negative_effect",
        "colocalizes_with",
    }
)

#: Relations as GPAD 2.0 writes them. Source: the same rule, which names them by id.
RELATION_OF_ID = {
    "RO:0002327": "enables",
    "RO:0002326": "contributes_to",
    "RO:0002331": "involved_in",
    "RO:0002263": "acts_upstream_of",
    "RO:0004034": "acts_upstream_of_positive_effect",
    "RO:0004035": "acts_upstream_of_negative_effect",
    "RO:0002264": "acts_upstream_of_or_within",
    "RO:0004032": "acts_upstream_of_or_within_positive_effect",
    "RO:0004033": "acts_upstream_of_or_within_negative_effect",
    "BFO:0000050": "part_of",
    "RO:0001025": "located_in",
    "RO:0002432": "is_active_in",
    "RO:0002325": "colocalizes_with",
}


def is_known(relation: str) -> bool:
    """Tell whether each of the relations (joined by "|") is one of GO's.

    >>> is_known("enables"), is_known("colocalizes_with"), is_known("integral_to"), is_known("")
    (True, True, False, True)
    """
    return all(part in SUPPORTING or part in OTHER for part in relation.split("|"))
