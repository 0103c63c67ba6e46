"""The sources of an annotation line: what would have to be wrong for the line to be wrong.

An electronic method is one source, whoever passed its lines on; GO_REF:0000120 joins methods and is
split by With/From into alternatives. IBA is PAN-GO. Any other line has its reference and who
assigned it as one source. docs/statistics.md#sensitivity-analysis
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path

from gafreduce.reports.tables.evidence_sources import (
    Alternatives,
    get_database,
    normalise_entry,
    split_alternatives,
)

#: Electronic methods with their GO_REFs, and their databases in With/From of COMBINED.
METHODS = Path(__file__).parent / "electronic_methods.tsv"
#: The reference of lines that several electronic methods made.
COMBINED = "GO_REF:0000120"
PAN_GO = "PAN-GO"
NOT_STATED = "not stated"

_ELECTRONIC = "IEA"
_PHYLOGENETIC = "IBA"
#: Of several ids of one publication, those that other files are most likely to name.
_PREFERRED = ("PMID", "DOI", "GO_REF")


@cache
def _read_methods() -> tuple[dict[str, str], dict[str, str]]:
    """Return the method of each GO_REF, and of each database of With/From."""
    of_reference: dict[str, str] = {}
    of_database: dict[str, str] = {}
    with METHODS.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream, delimiter="\t"):
            of_reference.update(dict.fromkeys(row["references"].split("|"), row["source"]))
            of_database.update(dict.fromkeys(row["databases"].split("|"), row["source"]))
    return of_reference, of_database


@lru_cache(maxsize=100_000)
def find_sources(
    evidence_code: str, reference: str, with_from: str, assigned_by: str
) -> Alternatives:
    """Return the sources of a line: alternatives, each of sources that are needed together.

    Args:
        evidence_code: GAF column 7.
        reference: Column 6.
        with_from: Column 8; it matters for GO_REF:0000120 alone.
        assigned_by: Column 15.

    >>> find_sources("IEA", "GO_REF:0000002", "InterPro:IPR1|InterPro:IPR2", "InterPro")
    (frozenset({'InterPro'}),)
    >>> [list(each) for each in find_sources("IEA", COMBINED, "InterPro:IPR1|RHEA:2", "UniProt")]
    [['InterPro'], ['Rhea']]
    >>> find_sources("IDA", "PMID:1|DOI:2", "", "CACAO")
    (frozenset({'PMID:1 (CACAO)'}),)
    """
    if evidence_code == _PHYLOGENETIC:
        return (frozenset({PAN_GO}),)
    references = list(_list_ids(reference))
    if evidence_code == _ELECTRONIC:
        of_reference, of_database = _read_methods()
        if COMBINED in references:
            methods = (
                frozenset(of_database.get(name, name) for name in map(get_database, together))
                for together in split_alternatives(with_from)
            )
            found = tuple(dict.fromkeys(methods))
        else:
            known = (of_reference[each] for each in references if each in of_reference)
            found = tuple(frozenset({method}) for method in dict.fromkeys(known))
        if found:
            return found
    chosen = min(references, key=_rank_reference, default="")
    if chosen and assigned_by:
        return (frozenset({f"{chosen} ({assigned_by})"}),)
    return (frozenset({chosen or assigned_by or NOT_STATED}),)


def _list_ids(reference: str) -> Iterator[str]:
    for each in reference.replace(",", "|").split("|"):
        if each.strip():
            yield normalise_entry(each)


def _rank_reference(reference: str) -> tuple[int, str]:
    database = get_database(reference)
    rank = _PREFERRED.index(database) if database in _PREFERRED else len(_PREFERRED)
    return rank, reference
