"""GPAD 1.1, 1.2 and 2.0, together with a GPI file or a taxon from the user.

Columns: database and id (2.0: `DB:ID` and NOT), relation, GO id, reference, ECO id, With/From,
interacting taxon, date, assigned by, extension, properties. The first two columns show the version
of a line, so files of several blocks, and parts without a header, can be read.

Sources: https://geneontology.org/docs/gene-product-association-data-gpad-format/ and the GPAD 2.0
specification of the Gene Ontology Consortium. Indexes are 0-based.
"""

from __future__ import annotations

import re
from typing import Dict, List, Optional, Sequence, Union

from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats import gpi
from gafreduce.jobs.formats.base import (
    Format,
    FormatError,
    LineReader,
    compact_date,
    read_taxon_id,
    select_data_lines,
)
from gafreduce.jobs.model.annotation import Annotation, Rejection, decode
from gafreduce.jobs.model.eco import read_eco_id
from gafreduce.jobs.model.go_terms import GO_ID_BYTES
from gafreduce.jobs.model.relations import read_relation

MIN_COLUMNS = 10
_COLUMNS = 12
_VERSION = re.compile(rb"!\s*gpad?[-_]version\s*:?\s*([0-9.]*)", re.IGNORECASE)
_ECO_ID = re.compile(rb"ECO:[0-9]{6,7}")
_STATED_CODE = re.compile(r"(?:^|\|)go_evidence=([A-Z]+)(?:\||$)")


def find_mismatch(lines: Sequence[bytes]) -> str:
    """Return why a file with these first lines is no GPAD; "" if it may be one."""
    if any(_VERSION.match(line) for line in lines):
        return ""
    for line in select_data_lines(lines, b"!"):
        cells = [cell.strip() for cell in line.split(b"\t")]
        if (
            len(cells) >= MIN_COLUMNS
            and GO_ID_BYTES.fullmatch(cells[3])
            and _ECO_ID.fullmatch(cells[5])
        ):
            return ""
    return (
        f"no `!gpa-version` header, and no line has {MIN_COLUMNS} columns or more with a GO id in "
        "the fourth and an ECO id in the sixth"
    )


def find_layout(lines: Sequence[bytes]) -> str:
    """Return the versions of the header blocks, or the version that the columns suggest.

    It is for people: the reader reads all versions in the same way.
    """
    named = [found.group(1).decode() for found in map(_VERSION.match, lines) if found]
    if named:
        return ", ".join(dict.fromkeys(version or "?" for version in named))
    data = [decode(line).split("\t") for line in select_data_lines(lines, b"!")]
    is_2 = any(_is_version_2(cells[0], cells[1].strip(" ")) for cells in data if len(cells) > 1)
    return "2.0 by columns" if is_2 else "1.1 by columns"


def _is_version_2(first: str, second: str) -> bool:
    return second in ("", "NOT", "not") and ":" in first


class GpadReader(LineReader):
    """Reads the lines of a GPAD file; a GPI file describes its gene products."""

    header_prefix = b"!"
    required = ("reference", "date", "assigned_by")

    def __init__(self, taxon_id: int, products: Dict[str, gpi.GeneProductInfo]) -> None:
        self._taxon_id = taxon_id
        self._products = products

    def parse(self, line: bytes) -> Union[List[Annotation], Rejection]:
        """Return the annotation of a line, or the reason to refuse it."""
        cells = [cell.strip(" ") for cell in decode(line).split("\t")]
        if len(cells) < MIN_COLUMNS:
            return Rejection("too_few_columns", "GORULE:0000001")
        cells += [""] * (_COLUMNS - len(cells))
        object_id, qualifiers = f"{cells[0]}:{cells[1]}", cells[2]
        if _is_version_2(cells[0], cells[1]):
            object_id, qualifiers = cells[0], f"{cells[1]}|{cells[2]}"
        product = self._products.get(object_id)
        taxon_id = product.taxon_id if product is not None else self._taxon_id
        if not taxon_id:
            if product is None:
                return Rejection("unknown_gene_product", "GORULE:0000027")
            return Rejection("bad_taxon", "GORULE:0000027")
        relation, negated = read_relation(qualifiers)
        evidence = read_eco_id(cells[5])
        stated = _STATED_CODE.search(cells[11]) if evidence.warning else None
        form = ""
        if product is not None and _is_form(object_id, product.parent):
            object_id, form = product.parent, object_id
            product = self._products.get(object_id, product)
        db, _, local_id = object_id.partition(":")
        annotation = Annotation(
            db=db,
            local_id=local_id,
            relation=relation,
            negated=negated,
            go_id=cells[3],
            reference=cells[4],
            evidence_code=stated.group(1) if stated else evidence.evidence_code,
            with_from=cells[6],
            taxon_id=taxon_id,
            interacting_taxon=str(read_taxon_id(cells[7]) or ""),
            date=compact_date(cells[8]),
            assigned_by=cells[9],
            annotation_extension=cells[10],
            gene_product_form=form,
            eco_id=cells[5],
        )
        return [annotation if product is None else _describe(annotation, product)]


def _is_form(object_id: str, parent: str) -> bool:
    """Return whether a product is a form of another one in the same database (GAF column 17)."""
    return bool(parent) and object_id.partition(":")[0] == parent.partition(":")[0]


def _describe(annotation: Annotation, product: gpi.GeneProductInfo) -> Annotation:
    """Return an annotation with symbol, name, synonyms and type of its gene product."""
    return annotation._replace(
        symbol=product.symbol,
        name=product.name,
        synonyms=product.synonyms,
        object_type=product.object_type,
    )


def make_reader(source: InputFile) -> LineReader:
    """Return the reader of a file.

    Raises:
        FormatError: The user gave neither a GPI file nor a taxon, or the GPI file can't be read.
    """
    if not source.companion and not source.taxon_id:
        raise FormatError(
            f"{source.uri}: expected a GPI file or a taxon for a GPAD file, which has no column "
            "for the taxon, got neither (name the GPI file, --companion, or the taxon, "
            "--taxon; or either in a sample sheet, columns `companion` and `taxon_id`)"
        )
    products: Optional[Dict[str, gpi.GeneProductInfo]] = None
    if source.companion:
        products = gpi.read_gene_products(source.companion, source.companion_version)
    return GpadReader(source.taxon_id, products or {})


FORMAT = Format("gpad", find_mismatch, make_reader, find_layout)
