from __future__ import annotations

import bz2
import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats import detection, gpi, registry
from gafreduce.jobs.model.annotation import Annotation, Rejection

PRODUCT = gpi.GeneProductInfo("comEA", "ComE operon protein 1", "a|b", "protein", 224308, "")
FIELDS = "comEA\tComE operon protein 1\ta|b"
VERSIONS = {
    "1.1": f"!gpi-version: 1.1\n!namespace: UniProtKB\nP39694\t{FIELDS}\tprotein\ttaxon:224308\t\t\t\n",
    "1.2": f"!gpi-version: 1.2\nUniProtKB\tP39694\t{FIELDS}\tprotein\ttaxon:224308\t\t\t\n",
    "2.0": f"!gpi-version: 2.0\nUniProtKB:P39694\t{FIELDS}\tPR:000000001\tNCBITaxon:224308"
    "\t\t\t\t\t\n",
}
FORM = "UniProtKB:P39694-2\tcomEA\tform\t\tprotein\ttaxon:224308\t\tUniProtKB:P39694\t\t\t\n"


@pytest.mark.parametrize("version", VERSIONS)
def test_all_versions_give_the_same_gene_products(version: str, tmp_path: Path) -> None:
    path = tmp_path / "x.gpi"
    path.write_text(VERSIONS[version])
    assert gpi.read_gene_products(str(path)) == {"UniProtKB:P39694": PRODUCT}


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress])
def test_compressed_files_are_read(pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    path = tmp_path / "x.gpi"
    path.write_bytes(pack(VERSIONS["2.0"].encode()))
    assert gpi.read_gene_products(str(path)) == {"UniProtKB:P39694": PRODUCT}


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "x.gpi"
    path.write_text(VERSIONS["2.0"])
    gpi.read_gene_products(str(path))
    path.write_text(VERSIONS["2.0"].replace("comEA", "longer name"))
    assert gpi.read_gene_products(str(path))["UniProtKB:P39694"].symbol == "longer name"


@pytest.mark.parametrize("text", [None, "", "!gpi-version: 1.2\n", "some\twords\n"])
def test_other_files_are_refused_by_name(text: str | None, tmp_path: Path) -> None:
    path = tmp_path / "x.gpi"
    if text is not None:
        path.write_text(text)
    with pytest.raises(registry.FormatError, match=r"x\.gpi: expected a GPI file, got "):
        gpi.read_gene_products(str(path))


def test_a_gpi_file_among_the_inputs_is_refused_with_advice(tmp_path: Path) -> None:
    for text in VERSIONS.values():
        for beginning in (text, text.partition("\n")[2].replace("!namespace: UniProtKB\n", "")):
            with pytest.raises(registry.FormatError, match=r"got a GPI file: .*`companion`"):
                detection.sniff(beginning.encode(), "x")


def gpad(object_id: str) -> bytes:
    return f"{object_id}\t\tRO:0002331\tGO:0030420\tPMID:1\tECO:0000314\t\t\t\tX\t\t".encode()


def read_with(companion: Path, taxon_id: int, line: bytes) -> Annotation | Rejection:
    source = InputFile("x", "x", "gpad", "plain", 0, taxon_id, str(companion))
    result = registry.make_reader(source).parse(line)
    return result if isinstance(result, Rejection) else result[0]


def test_gpad_gets_the_description_of_its_gene_products(tmp_path: Path) -> None:
    path = tmp_path / "x.gpi"
    path.write_text(VERSIONS["2.0"] + FORM)
    found = read_with(path, 0, gpad("UniProtKB:P39694"))
    assert isinstance(found, Annotation)
    assert (found.symbol, found.name, found.synonyms) == ("comEA", "ComE operon protein 1", "a|b")
    assert (found.object_type, found.taxon_id) == ("protein", 224308)


def test_a_form_counts_for_its_parent(tmp_path: Path) -> None:
    path = tmp_path / "x.gpi"
    path.write_text(VERSIONS["2.0"] + FORM)
    found = read_with(path, 0, gpad("UniProtKB:P39694-2"))
    assert isinstance(found, Annotation)
    assert (found.object_id, found.gene_product_form) == ("UniProtKB:P39694", "UniProtKB:P39694-2")
    assert found.name == "ComE operon protein 1"


def test_a_product_without_a_row_needs_a_taxon(tmp_path: Path) -> None:
    path = tmp_path / "x.gpi"
    path.write_text(VERSIONS["2.0"])
    missing = read_with(path, 0, gpad("UniProtKB:Q00000"))
    assert missing == Rejection("unknown_gene_product", "GORULE:0000027")
    with_taxon = read_with(path, 9606, gpad("UniProtKB:Q00000"))
    assert isinstance(with_taxon, Annotation)
    assert with_taxon.taxon_id == 9606


@pytest.mark.parametrize(
    ("eco_id", "properties", "code"),
    [
        ("ECO:0007295", "", "IEA"),
        ("ECO:0007295", "go_evidence=EXP", "EXP"),  # the line states the code
        ("ECO:0000314", "go_evidence=EXP", "IDA"),
        ("ECO:9999999", "id=1|go_evidence=TAS", "TAS"),
        ("ECO:9999999", "", "ECO:9999999"),
    ],
)
def test_gpad_evidence_comes_from_the_eco_id_or_the_stated_code(
    eco_id: str, properties: str, code: str
) -> None:
    line = gpad("A:B").replace(b"ECO:0000314", eco_id.encode()) + properties.encode()
    result = registry.make_reader(InputFile("x", "x", "gpad", "plain", 0, 1)).parse(line)
    assert not isinstance(result, Rejection)
    assert (result[0].evidence_code, result[0].eco_id) == (code, eco_id)
