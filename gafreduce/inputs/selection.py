"""Find in the header of a download whether it is a selection of an organism's annotations.

QuickGO writes the parameters of a download into the header of GAF and GPAD files:
`!Filtering parameters selected to generate file: ...goId=GO:0030420...`. A taxon selects no part of
an organism; every other parameter does.

Source: https://www.ebi.ac.uk/QuickGO/api/index.html (parameters of /annotation/downloadSearch)
"""

from __future__ import annotations

import re

_INTRODUCTION = re.compile(r"^!\s*Filtering parameters selected to generate file:", re.IGNORECASE)
_SELECTING = re.compile(
    r"\b(goId|goid|term|geneProductId|protein|geneProductType|evidence|evidenceCode|qualifier|"
    r"reference|withFrom|assignedBy|source|aspect|extension|proteome|geneProductSubset|"
    r"targetSet)=[^&\s]+"
)


def find_selection(text: str) -> str:
    r"""Return the first parameter by which a download was selected; empty for none.

    Args:
        text: The beginning of the file.

    >>> find_selection("!Filtering parameters selected to generate file: GAnnotation?tax=1423")
    ''
    >>> find_selection("!Filtering parameters selected to generate file:\n!x?goId=GO:0030420&y=1")
    'goId=GO:0030420'
    """
    is_list = False
    for line in text.split("\n"):
        if not line.startswith("!"):
            return ""
        is_list = is_list or _INTRODUCTION.match(line) is not None
        found = _SELECTING.search(line) if is_list else None
        if found:
            return found[0][:100]
    return ""
