"""GO ids, aspects and root terms.

Source: https://geneontology.org/docs/ontology-documentation/
"""

from __future__ import annotations

import re

#: A GO id and nothing else, in text and in bytes: for `fullmatch`.
GO_ID = re.compile(r"GO:[0-9]{7}")
GO_ID_BYTES = re.compile(GO_ID.pattern.encode())

#: Letters of the aspects, as in GAF column 9: biological process, molecular function, component.
ASPECTS = ("P", "F", "C")
#: The letter of an aspect by the names that files give it, in lower case.
ASPECT_BY_NAME = {
    "p": "P",
    "process": "P",
    "biological_process": "P",
    "f": "F",
    "function": "F",
    "molecular_function": "F",
    "c": "C",
    "component": "C",
    "cellular_component": "C",
}
#: The aspect of each root term.
ROOTS = {"GO:0008150": "P", "GO:0003674": "F", "GO:0005575": "C"}
#: The term "protein-containing complex".
COMPLEX_ID = "GO:0032991"


def is_go_id(text: str) -> bool:
    """Return whether a text is a GO id and nothing else.

    >>> is_go_id("GO:0030420"), is_go_id("GO:30420"), is_go_id("GO:0030420 ")
    (True, False, False)
    """
    return GO_ID.fullmatch(text) is not None
