"""Links to other sites, for known prefixes of ids only: an unknown id stays text."""

from __future__ import annotations

import re

#: Accessions that may become part of a link.
_PLAIN = re.compile(r"[A-Za-z0-9_.:-]+")

#: Addresses by prefix, with {} for the accession; the script of the page uses them too.
BY_PREFIX: dict[str, str] = {
    "GO": "https://purl.obolibrary.org/obo/GO_{}",
    "GO_REF": "https://purl.obolibrary.org/obo/go/references/{}",
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


def find_url(identifier: str) -> str | None:
    """Return the page that describes an id of the form `PREFIX:accession`; None if unknown.

    >>> find_url("GO:0030420"), find_url("javascript:alert(1)")
    ('https://purl.obolibrary.org/obo/GO_0030420', None)
    """
    prefix, _, accession = identifier.partition(":")
    if not _PLAIN.fullmatch(accession) or not accession.strip("."):  # `..`: another folder
        return None
    template = BY_PREFIX.get(prefix)
    return template.format(accession) if template else None


def link_ids(cell: str) -> list[tuple[str, str | None]]:
    """Return the ids of a raw cell (reference, With/From) with their links, separators as text.

    >>> [text for text, _ in link_ids("PMID:1|GO_REF:0000043,x")]
    ['PMID:1', '|', 'GO_REF:0000043', ',', 'x']
    """
    found = re.split(r"([|,])", cell)
    return [(part, find_url(part.strip())) for part in found if part]


def list_term_pages(go_id: str) -> list[tuple[str, str]]:
    """Return the sites with a page on a GO term: name of the site, and address of the page."""
    if not re.fullmatch(r"GO:\d{7}", go_id):
        return []
    return [
        ("QuickGO", f"https://www.ebi.ac.uk/QuickGO/term/{go_id}"),
        ("AmiGO", f"https://amigo.geneontology.org/amigo/term/{go_id}"),
    ]
