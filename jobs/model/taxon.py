"""Taxon ids: positive 32-bit integers, as NCBI Taxonomy assigns them."""

from __future__ import annotations

import re

#: The largest taxon id; ids are 7 digits long in 2026, and 32-bit integers in NCBI's tools.
MAX_TAXON_ID = (1 << 31) - 1
_NUMBER = re.compile(r"0*([1-9][0-9]{0,9})")


def parse_taxon_id(text: str) -> int:
    """Return the taxon id of a text of digits; 0 if it is none.

    >>> parse_taxon_id("224308"), parse_taxon_id("2147483647"), parse_taxon_id("2147483648")
    (224308, 2147483647, 0)
    """
    found = _NUMBER.fullmatch(text)
    taxon_id = int(found[1]) if found else 0
    return taxon_id if taxon_id <= MAX_TAXON_ID else 0
