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


def supports(relation: str) -> bool:
    """Tell whether each of the relations (joined by "|") says that the product takes part.

    >>> supports("involved_in"), supports(""), supports("contributes_to|colocalizes_with")
    (True, True, False)
    """
    return relation in SUPPORTING or (
        "|" in relation and all(part in SUPPORTING for part in relation.split("|"))
    )
