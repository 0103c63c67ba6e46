"""GPI 1.1, 1.2 and 2.0: symbol, name, type and taxon of the gene products of a GPAD file.

Columns: id (1.2: database and id), symbol, name, synonyms, type, taxon, parent, and others that are
not used. Version 1.1 has no column for the database: its header names it.

Source: https://geneontology.org/docs/gene-product-information-gpi-format/ and the 2.0 specification
of the Gene Ontology Consortium.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache
from typing import Dict, NamedTuple, Optional, Sequence, Tuple

from gafreduce.jobs.files.file_version import check_version, encode_version
from gafreduce.jobs.files.splits import Split, read_split
from gafreduce.jobs.formats.base import FormatError, read_taxon_id, select_data_lines
from gafreduce.jobs.model.annotation import decode

_NAMESPACE = re.compile(r"!\s*namespace\s*:\s*(\S+)", re.IGNORECASE)
_TAXON = re.compile(r"(?:taxon|ncbitaxon)[:_][0-9]+(?:\|.*)?", re.IGNORECASE)
#: Types of version 2.0, in the words of GAF column 12.
_TYPES = {
    "PR:000000001": "protein",
    "SO:0000104": "protein",
    "SO:0000655": "ncRNA",
    "SO:0000252": "rRNA",
    "SO:0000253": "tRNA",
    "SO:0000274": "snRNA",
    "SO:0000275": "snoRNA",
    "SO:0000276": "miRNA",
    "SO:0000673": "transcript",
    "SO:0000704": "gene",
    "SO:0001217": "protein_coding_gene",
    "SO:0001263": "ncRNA_gene",
    "GO:0032991": "protein_complex",
    "CHEBI:33695": "gene_product",
}
TYPE_IDS = {word: type_id for type_id, word in reversed(list(_TYPES.items()))}


class GeneProductInfo(NamedTuple):
    """The row of a gene product in a GPI file."""

    symbol: str
    name: str
    synonyms: str
    object_type: str
    taxon_id: int
    parent: str  # `DB:ID` of the product that it is a form of; empty for none


def read_gene_products(path: str, version: str = "") -> Dict[str, GeneProductInfo]:
    """Return the gene products of a file by `DB:ID`; of several rows of an id, the first.

    All are held in memory, about 500 bytes each.

    Args:
        path: A file of this machine.
        version: Of the file when it was listed; empty when that is not known.

    Raises:
        FormatError: The file can't be read, or no line of it is GPI.
        InputError: It is damaged.
        ChangedError: It is another version, or changed while it was read.
    """
    try:
        status = os.stat(path)
        if version:  # also for a version that was read before
            check_version(path, status, version)
        return _read(path, status.st_size, encode_version(status))
    except OSError as error:
        raise FormatError(f"{path}: expected a GPI file, got {error}") from error


@lru_cache(maxsize=4)
def _read(path: str, size: int, version: str) -> Dict[str, GeneProductInfo]:
    """Read a version of a file once for all parts of a GPAD file."""
    found: Dict[str, GeneProductInfo] = {}
    namespace = ""
    for block in read_split(Split(path, 0, size), version).blocks:
        for line in block.split(b"\n")[:-1]:
            text = decode(line.rstrip(b"\r"))
            if text.startswith("!"):
                named = _NAMESPACE.match(text)
                namespace = named.group(1) if named else namespace
                continue
            described = parse_line(text, namespace)
            if described is not None:
                found.setdefault(*described)
    if not found:
        raise FormatError(f"{path}: expected a GPI file, got no line with a gene product and taxon")
    return found


def parse_line(text: str, namespace: str) -> Optional[Tuple[str, GeneProductInfo]]:
    """Return `DB:ID` and the gene product of a line; None if the line is no GPI.

    Args:
        text: A line without its line end.
        namespace: The database of version 1.1, from the header.
    """
    cells = [cell.strip(" ") for cell in text.split("\t")]
    cells += [""] * (10 - len(cells))
    if _TAXON.fullmatch(cells[6]):
        object_id, rest, parent = f"{cells[0]}:{cells[1]}", cells[2:], cells[7]
    elif _TAXON.fullmatch(cells[5]):
        has_prefix = ":" in cells[0]
        object_id = cells[0] if has_prefix else f"{namespace}:{cells[0]}"
        rest, parent = cells[1:], cells[7] if has_prefix else cells[6]
    else:
        return None
    if not object_id or object_id.startswith(":") or object_id.endswith(":"):
        return None
    symbol, name, synonyms, object_type, taxon = rest[:5]
    first_parent = parent.split("|")[0]
    return object_id, GeneProductInfo(
        symbol=symbol,
        name=name,
        synonyms=synonyms,
        object_type=_TYPES.get(object_type, object_type),
        taxon_id=read_taxon_id(taxon.split("|")[0]),
        parent="" if first_parent == object_id else first_parent,
    )


def looks_like_gpi(lines: Sequence[bytes]) -> bool:
    """Return whether the first lines of a file describe gene products and annotate none."""
    data = [decode(line) for line in select_data_lines(lines, b"!")]
    if not data or any("\tGO:" in line for line in data):
        return False
    return all(line.count("\t") >= 6 and parse_line(line, "x") is not None for line in data)
