"""Links out of the page, for known prefixes only: an unknown id stays text."""

from __future__ import annotations

import re
from collections.abc import Callable

#: How an accession of each database may look; anything else is not made a link.
_PLAIN = re.compile(r"[A-Za-z0-9_.:-]+")

_BY_PREFIX: dict[str, str] = {
    "UniProtKB": "https://www.uniprot.org/uniprotkb/{}",
    "InterPro": "https://www.ebi.ac.uk/interpro/entry/InterPro/{}",
    "PMID": "https://pubmed.ncbi.nlm.nih.gov/{}",
    "UniProtKB-KW": "https://www.uniprot.org/keywords/{}",
    "SP_KW": "https://www.uniprot.org/keywords/{}",
    "UniRule": "https://www.uniprot.org/unirule/{}",
    "RNAcentral": "https://rnacentral.org/rna/{}",
    "EcoCyc": "https://ecocyc.org/gene?orgid=ECOLI&id={}",
    "ComplexPortal": "https://www.ebi.ac.uk/complexportal/complex/{}",
    "taxon": "https://www.ncbi.nlm.nih.gov/Taxonomy/Browser/wwwtax.cgi?id={}",
}


def _go(accession: str) -> str:
    return f"https://purl.obolibrary.org/obo/GO_{accession}"


def _go_ref(accession: str) -> str:
    return f"https://purl.obolibrary.org/obo/go/references/{accession}"


_MADE: dict[str, Callable[[str], str]] = {"GO": _go, "GO_REF": _go_ref}


def link(identifier: str) -> str | None:
    """Return where an id of the form `PREFIX:accession` is described; None when not known.

    >>> link("GO:0030420"), link("javascript:alert(1)")
    ('https://purl.obolibrary.org/obo/GO_0030420', None)
    """
    prefix, _, accession = identifier.partition(":")
    if not _PLAIN.fullmatch(accession):
        return None
    if prefix in _MADE:
        return _MADE[prefix](accession)
    template = _BY_PREFIX.get(prefix)
    return template.format(accession) if template else None


def quickgo_annotations(go_id: str, taxon_id: int) -> str:
    """Return QuickGO's annotations of a term and its descendants in one taxon."""
    return (
        f"https://www.ebi.ac.uk/QuickGO/annotations?goId={go_id}&taxonId={taxon_id}"
        "&goUsage=descendants&goUsageRelationships=is_a,part_of"
    )


def parts(cell: str) -> list[tuple[str, str | None]]:
    """Return the ids of a raw cell (reference, With/From) each with its link, separators as text.

    >>> [text for text, _ in parts("PMID:1|GO_REF:0000043,x")]
    ['PMID:1', '|', 'GO_REF:0000043', ',', 'x']
    """
    found = re.split(r"([|,])", cell)
    return [(part, link(part.strip())) for part in found if part]


def term_pages(go_id: str) -> list[tuple[str, str]]:
    """Return where more stands on a term: name of the place, and its address."""
    if not re.fullmatch(r"GO:\d{7}", go_id):
        return []
    return [
        ("QuickGO", f"https://www.ebi.ac.uk/QuickGO/term/{go_id}"),
        ("AmiGO", f"https://amigo.geneontology.org/amigo/term/{go_id}"),
    ]
