"""Read cells of delimited text: evidence codes, relations, aspects, and the signs of their columns.

Tables of people hold more than codes: `IDA: Inferred from Direct Assay`, `IEA (InterPro)`, or a
word of their own in one cell of many. So a column is recognised by the half of its cells.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Callable, List, Mapping, Sequence, Tuple

from gafreduce.jobs.formats.base import read_taxon_id
from gafreduce.jobs.formats.delimited import rows
from gafreduce.jobs.model.eco import read_eco_id
from gafreduce.jobs.model.evidence import CODE_OF_NAME, GROUP_OF
from gafreduce.jobs.model.go_terms import ASPECT_BY_NAME
from gafreduce.jobs.model.relations import OTHER, SUPPORTING, read_relation

NO_EVIDENCE, NO_RELATION = ("", ""), ("", False)
_WORD_BREAK = re.compile(r"[\s_.\-]+")
_CODE = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2,3}(?![A-Za-z0-9])")
_LIST = re.compile(r"[;,|]")
#: What the labels of ECO have behind the kind of evidence.
_USE = re.compile(r" evidence(?: used in (manual|automatic) assertion)?$")
_LETTERS = re.compile(r"[a-z]+")
_INFERRED = re.compile(r"^inferred (?:from|by) ")
_PLACE_OF_CODE = {code: place for place, code in enumerate(GROUP_OF)}  # the strongest first

#: Aspects by the names that tables give them, in lower case, with blanks.
ASPECTS: Mapping[str, str] = {
    **{name.replace("_", " "): aspect for name, aspect in ASPECT_BY_NAME.items()},
    **{"bp": "P", "mf": "F", "cc": "C"},
}


def normalize_name(cell: str) -> str:
    """Return the name of a column in lower case, words separated by single blanks.

    >>> normalize_name('#GO.term_accession "')
    'go term accession'
    """
    return _WORD_BREAK.sub(" ", cell.strip('#" ').lower()).strip(" ")


@lru_cache(maxsize=1024)
def read_evidence(cell: str) -> Tuple[str, str]:
    """Return the evidence code and the ECO id of a cell; empty if it has none.

    A code may be among words, or its name may be there; of several codes the strongest counts.
    Other text is returned in capitals, as a code that GO does not define.

    >>> read_evidence("Inferred from Direct Assay"), read_evidence("Non-traceable author statement")
    (('IDA', ''), ('NAS', ''))
    >>> read_evidence("ida"), read_evidence("IEA (InterPro)"), read_evidence("IEA|IDA")
    (('IDA', ''), ('IEA', ''), ('IDA', ''))
    """
    cell = cell.strip(" ")
    if rows.is_no_term(cell):
        return NO_EVIDENCE
    if cell.startswith("ECO:"):
        return read_eco_id(cell).evidence_code, cell
    code = cell.upper()
    if code not in GROUP_OF:
        codes = [found for found in _CODE.findall(cell) if found in GROUP_OF]
        code = min(codes, key=_PLACE_OF_CODE.__getitem__, default=_find_named_code(cell) or code)
    return code, ""


def read_evidence_list(cell: str, n_terms: int) -> List[Tuple[str, str]]:
    """Return code and ECO id for each term of a row.

    As many codes as terms are one for each, in their order. If the numbers differ, the codes cannot
    be assigned: each term gets the weakest of them.

    >>> [code for code, _ in read_evidence_list("IDA;IEA", 2)], read_evidence_list("IEA|IDA", 1)
    (['IDA', 'IEA'], [('IDA', '')])
    >>> [code for code, _ in read_evidence_list("IDA; IEA", 3)]
    ['IEA', 'IEA', 'IEA']
    >>> [code for code, _ in read_evidence_list("IDA: inferred, by assay", 2)]
    ['IDA', 'IDA']
    """
    if n_terms > 1:
        found = list(map(read_evidence, _LIST.split(cell)))
        known = {each for each in found if each[0] in GROUP_OF}
        if len(found) == n_terms and all(each in known or each == NO_EVIDENCE for each in found):
            return found
        if len(known) > 1:
            return [max(known, key=lambda each: (_PLACE_OF_CODE[each[0]], each))] * n_terms
    return [read_evidence(cell)] * n_terms


def _find_named_code(cell: str) -> str:
    """Return the code with this name, such as `Inferred from Direct Assay`; "" for none."""
    name = " ".join(_LETTERS.findall(cell.lower()))
    use = _USE.search(name)
    if use and use[1] == "automatic":
        return "IEA"
    return CODE_OF_NAME.get(_INFERRED.sub("", _USE.sub("", name)), "")


@lru_cache(maxsize=1024)
def read_relation_cell(cell: str) -> Tuple[str, bool]:
    """Return the relation of a cell, as in GAF or as `NOT involved_in`, and if it has a NOT."""
    cell = cell.strip(" ")
    return NO_RELATION if rows.is_no_term(cell) else read_relation(cell)


@lru_cache(maxsize=1024)
def read_aspect(cell: str) -> str:
    """Return the letter of an aspect by its name; empty for another text."""
    return ASPECTS.get(normalize_name(cell), "")


def find_role(column: Sequence[str]) -> str:
    """Return the role of a column without a name that its content shows; "" for none."""
    filled = [cell for cell in column if cell]
    if not filled:
        return ""
    if all(cell in GROUP_OF for cell in filled):
        return "evidence_code"
    if all(normalize_name(cell) in ASPECTS for cell in filled):
        return "aspect"
    if all(map(_is_relation, filled)) or any(cell.lower() == "not" for cell in filled):
        return "relation"
    return ""


def may_have(role: str, column: Sequence[str]) -> bool:
    """Return whether a column of this content can have the role that its name suggests.

    Half of the filled cells have to fit, and one NOT is enough: no NOT may be read as positive.
    """
    if role == "relation" and any(read_relation(cell)[1] for cell in column):
        return True
    filled: List[str] = [cell for cell in column if not rows.is_no_term(cell)]
    fits = _FITS.get(role)
    return bool(role) and (fits is None or 2 * sum(map(fits, filled)) >= len(filled))


def _is_evidence(cell: str) -> bool:
    return cell.startswith("ECO:") or read_evidence(cell)[0] in GROUP_OF


def _is_relation(cell: str) -> bool:
    relation, negated = read_relation(cell)
    return (negated and not relation) or relation in SUPPORTING or relation in OTHER


_FITS: Mapping[str, Callable[[str], bool]] = {
    "evidence_code": _is_evidence,  # and no E-value or text
    "aspect": lambda cell: normalize_name(cell) in ASPECTS,
    "taxon_id": lambda cell: read_taxon_id(cell) > 0,
    "relation": _is_relation,
}
