"""Find organisms that have another species name in their file, or in the NCBI Taxonomy.

Names of species change: *Bacillus megaterium* became *Priestia megaterium*. The tables have one
name, and readers may know the other. Standard library only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from gafreduce.jobs.model.organisms import order_organism
from gafreduce.reports.summary.italics import find_species
from gafreduce.reports.tables.reader import Row

#: Sources of names that users gave: their taxon may have another name.
_GIVEN = ("sheet", "names_file")


class OtherName(NamedTuple):
    """An organism with another genus or species than its name has."""

    organism: str  # its name in tables
    other: str
    is_of_file: bool  # else of the NCBI Taxonomy


def list_other_names(
    rows: Iterable[Row], find_taxon_name: Callable[[int], str | None]
) -> Iterator[OtherName]:
    """Yield the organisms whose other name has another genus or species.

    Args:
        rows: Rows of `organisms`.
        find_taxon_name: Returns the name of a taxon in the NCBI Taxonomy; called in their order.
    """
    for row in sorted(
        rows, key=lambda row: (int(row["taxon_id"]), order_organism(row["organism_id"]))
    ):
        name, source = row["organism"], row.get("name_source", "")  # older run folders have none
        if source == "ncbi":
            label = read_species(row["file_label"], row["taxon_id"], name)
            if label and is_other_species(name, label):
                yield OtherName(name, label, is_of_file=True)
        elif source in _GIVEN and find_species(name):
            found = find_taxon_name(int(row["taxon_id"]))
            if found and is_other_species(name, found):
                yield OtherName(name, found, is_of_file=False)


def is_other_species(one: str, other: str) -> bool:
    """Return whether two names have different species; a genus may be shortened in one of them.

    >>> is_other_species("Priestia megaterium DSM 319", "Bacillus megaterium")
    True
    >>> is_other_species("E. coli K-12", "Escherichia coli"), is_other_species("x", "E. coli")
    (False, False)
    """
    first, second = find_species(one), find_species(other)
    if first is None or second is None:
        return False
    return not _is_same_genus(first[0], second[0]) or first[1] != second[1]


def _is_same_genus(one: str, other: str) -> bool:
    short, long = sorted((one.rstrip("."), other.rstrip(".")), key=len)
    return long.startswith(short) and (short == long or len(short) < 5)


def read_species(label: str, taxon_id: str, name: str) -> str:
    """Return the species that the stem of a file names; empty if it names none.

    It is a species only if the stem has the taxon id too, or shares genus or species with the name:
    other words may look like one.

    >>> read_species("29934.B_amyloliquefaciens_FZB42", "326423", "Bacillus velezensis FZB42")
    'B amyloliquefaciens'
    >>> read_species("Final_version", "326423", "Bacillus velezensis FZB42")
    ''
    """
    found = find_species(" ".join(re.split(r"[_\s]+", re.sub(r"^\d+\.", "", label))))
    known = find_species(name)
    if found is None or known is None:
        return ""
    is_near = _is_same_genus(found[0], known[0]) or found[1] == known[1]
    return " ".join(found) if is_near or taxon_id in re.findall(r"\d+", label) else ""
