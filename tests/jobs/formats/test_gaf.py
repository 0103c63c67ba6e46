from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gafreduce.jobs.formats import gaf
from gafreduce.jobs.model import relations
from gafreduce.jobs.model.annotation import Annotation, Rejection

LINE = (
    "UniProtKB\tP39694\tcomEA\tinvolved_in\tGO:0030420\tGO_REF:0000043\tIEA\tUniProtKB-KW:KW-0178\tP\t"
    "ComE operon protein 1\tcomEA|BSU25590\tprotein\ttaxon:224308\t20191214\tUniProt\text\tform"
)


def parse(line: str) -> Annotation:
    result = gaf.parse_line(line.encode())
    assert isinstance(result, Annotation)
    return result


def test_all_columns_of_a_line_are_read() -> None:
    assert parse(LINE) == Annotation(
        db="UniProtKB",
        local_id="P39694",
        symbol="comEA",
        relation="involved_in",
        negated=False,
        go_id="GO:0030420",
        reference="GO_REF:0000043",
        evidence_code="IEA",
        with_from="UniProtKB-KW:KW-0178",
        aspect="P",
        name="ComE operon protein 1",
        synonyms="comEA|BSU25590",
        object_type="protein",
        taxon_id=224308,
        interacting_taxon="",
        date="20191214",
        assigned_by="UniProt",
        annotation_extension="ext",
        gene_product_form="form",
    )


@pytest.mark.parametrize(
    ("text", "relation", "negated"),
    [
        ("", "", False),
        ("NOT", "", True),
        ("not|Contributes_To", "contributes_to", True),
        ("NOT | involved_in", "involved_in", True),
        ("involved_in|NOT", "involved_in", True),
        ("NOT involved_in", "involved_in", True),
        ("NOT,involved_in", "involved_in", True),
        ("NOT|", "", True),
        ("not_part of", "part_of", True),
        ("NOT:RO:0002331", "involved_in", True),
        ("NOT taught_by", "taught_by", True),
        ("acts upstream of or within", "acts_upstream_of_or_within", False),
        ("RO:0002331", "involved_in", False),
        ("NOT|ro_0002264", "acts_upstream_of_or_within", True),
        ("http://purl.obolibrary.org/obo/BFO_0000050", "part_of", False),
        ("RO:9999999", "ro:9999999", False),
        ("notable", "notable", False),
        ("colocalizes_with|contributes_to", "colocalizes_with|contributes_to", False),
    ],
)
def test_not_is_an_exact_token(text: str, relation: str, negated: bool) -> None:
    assert relations.read_relation(text) == (relation, negated)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("taxon:224308", (224308, "")),
        ("taxon:224308|taxon:562", (224308, "562")),
        ("NCBITaxon:83333", (83333, "")),
        ("TAXON:0083333", (83333, "")),
        ("taxon:224308|nonsense", (224308, "")),
        ("taxon:", None),
        ("taxon:0", None),
        ("taxon:12345678901", None),
        ("taxon:\u0663", None),
        ("224308", None),
        ("", None),
    ],
)
def test_the_first_taxon_is_the_organism(text: str, expected: tuple[int, str] | None) -> None:
    assert gaf.read_taxon(text) == expected


@pytest.mark.parametrize("n_columns", [15, 16, 17, 18, 25])
def test_lines_of_fifteen_columns_or_more_are_read(n_columns: int) -> None:
    cells = (LINE.split("\t") + ["more"] * 9)[:n_columns]
    annotation = parse("\t".join(cells))
    assert annotation.go_id == "GO:0030420"
    assert annotation.gene_product_form == ("form" if n_columns >= 17 else "")


def test_a_line_of_fourteen_columns_is_refused() -> None:
    line = "\t".join(LINE.split("\t")[:14]).encode()
    assert gaf.parse_line(line) == Rejection("too_few_columns", "GORULE:0000001")


def test_a_line_that_is_not_utf8_is_read_as_latin1() -> None:
    line = LINE.replace("ComE operon", "Comé operon").encode("latin-1")
    result = gaf.parse_line(line)
    assert isinstance(result, Annotation)
    assert result.name == "Comé operon protein 1"


def test_quotes_are_data() -> None:
    assert parse(LINE.replace("comEA\t", '"comEA\t', 1)).symbol == '"comEA'


@given(st.binary())
def test_any_line_is_an_annotation_or_a_rejection(line: bytes) -> None:
    assert isinstance(gaf.parse_line(line.replace(b"\n", b"")), Annotation | Rejection)
