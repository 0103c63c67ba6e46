"""Pair GPAD files with the GPI files of their gene products, which have the same name.

GOA and GO's releases come as pairs, `goa_human.gpa.gz` and `goa_human.gpi.gz`. A GPI file is never
an input of its own, so a pair among the inputs needs no option.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from gafreduce.inputs.discovery import FoundInput
from gafreduce.storage.resolve import local_path

_NAME = re.compile(r"(.+)\.(gpad|gpa|gpi)(?:\.(?:gz|bz2))?", re.IGNORECASE | re.DOTALL)
#: Endings of a GPI file next to a GPAD file.
_ENDINGS = (".gpi", ".gpi.gz", ".gpi.bz2")


def pair_companions(
    found: Sequence[FoundInput], has_taxon: bool
) -> tuple[list[FoundInput], list[str]]:
    """Return the inputs without GPI files that are companions of others, and a note on each.

    A GPAD file without a companion gets the GPI file of its name among the inputs; without a taxon
    also the one next to it on this machine.

    Args:
        found: The inputs, with their rows of the sheet.
        has_taxon: Whether the options give a taxon.
    """
    stems = {each.uri: _NAME.fullmatch(each.uri) for each in found}
    products = {
        name[1]: uri for uri, name in stems.items() if name is not None and name[2].lower() == "gpi"
    }
    used: set[str] = set()
    paired, notes = [], []
    for each in found:
        name = stems[each.uri]
        if name is None or name[2].lower() == "gpi" or each.row.companion:
            paired.append(each)
            continue
        companion = products.get(name[1], "")
        if not companion and not has_taxon and not each.row.taxon_id:
            companion = _find_beside(name[1])
        if companion:
            used.add(companion)
            notes.append(f"{companion}: describes the gene products of {each.uri}")
            each = each._replace(row=each.row._replace(companion=companion))
        paired.append(each)
    used.update(each.row.companion for each in found)
    return [each for each in paired if each.uri not in used], notes


def _find_beside(stem: str) -> str:
    """Return the GPI file of a name on this machine; empty if there is none."""
    for ending in _ENDINGS:
        path = local_path(stem + ending)
        if path is not None and path.is_file():
            return path.as_posix()
    return ""
