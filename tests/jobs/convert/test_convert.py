from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_terms import make_terms

from gafreduce.jobs.convert.completion import LOSSES, TermFacts, new_losses
from gafreduce.jobs.convert.gaf_writer import GafWriter
from gafreduce.jobs.convert.gpad_writer import GpadWriter
from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats import gpi, registry
from gafreduce.jobs.formats.gpad import GpadReader
from gafreduce.jobs.model.annotation import Annotation, Rejection
from gafreduce.jobs.model.evidence import GROUP_OF
from gafreduce.jobs.model.go_terms import COMPLEX_ID
from gafreduce.jobs.model.relations import OTHER, SUPPORTING
from gafreduce.ontology.termfile import TermSetMember

Command = Callable[..., tuple[int, str, str]]

FACTS = TermFacts(
    make_terms(
        {
            **{"GO:0003674": "F", "GO:0003677": "F", "GO:0005575": "C", "GO:0005886": "C"},
            **{"GO:0008150": "P", "GO:0030420": "P", COMPLEX_ID: "C", "GO:0044423": "C"},
        },
        COMPLEX_ID,
        term_set=(
            TermSetMember(COMPLEX_ID, "target", "", "complex"),
            TermSetMember("GO:0044423", "core", "", "virion part"),
        ),
        repairs={"GO:0000001": "GO:0044423"},
    )
)
NOTHING = TermFacts(None)


def annotation(**more: object) -> Annotation:
    whole = Annotation(
        db="DB",
        local_id="1",
        symbol="sym",
        relation="involved_in",
        go_id="GO:0030420",
        reference="PMID:1",
        evidence_code="IDA",
        with_from="X:1|X:2,X:3",
        aspect="P",
        name="a name",
        synonyms="b|c",
        object_type="protein",
        taxon_id=224308,
        interacting_taxon="562",
        date="20200102",
        assigned_by="UniProt",
        annotation_extension="part_of(CL:1)",
        gene_product_form="DB:1-2",
    )
    return Annotation(**{**whole._asdict(), **more})


def as_gaf(written: Annotation, facts: TermFacts = FACTS) -> tuple[list[str], dict[str, int]]:
    losses = new_losses()
    line = GafWriter(facts, losses).make_line(written)
    return line.split("\t"), dict(losses)


def as_gpad(written: Annotation, keeps: bool = True) -> tuple[list[str], dict[str, int]]:
    losses = new_losses()
    line = GpadWriter(FACTS, losses, keeps).make_line(written)
    return line.split("\t"), dict(losses)


@pytest.mark.parametrize(
    ("go_id", "stated_aspect", "relation"),
    [
        ("GO:0030420", "", "acts_upstream_of_or_within"),
        ("GO:0003677", "", "enables"),
        ("GO:0005886", "", "located_in"),
        ("GO:0032991", "", "part_of"),
        ("GO:0044423", "", "part_of"),
        ("GO:0000001", "", "part_of"),  # an alt_id of a complex
        ("GO:0008150", "", "involved_in"),
        ("GO:0003674", "", "enables"),
        ("GO:0005575", "", "is_active_in"),
        ("GO:7777777", "P", "acts_upstream_of_or_within"),
        ("GO:7777777", "", ""),
    ],
)
def test_a_missing_relation_is_supplied_by_term_and_aspect(
    go_id: str, stated_aspect: str, relation: str
) -> None:
    written = annotation(relation="", go_id=go_id, aspect=stated_aspect)
    cells, losses = as_gaf(written)
    assert cells[3] == relation
    assert losses["relation_not_stated"] == 1
    assert losses.get("aspect_not_known", 0) == (not relation)
    assert as_gaf(written._replace(negated=True))[0][3] == (
        f"NOT|{relation}" if relation else "NOT"
    )


@pytest.mark.parametrize(
    ("relation", "aspect"),
    [
        ("involved_in", "P"),
        ("acts_upstream_of_positive_effect", "P"),
        ("contributes_to", "F"),
        ("is_active_in", "C"),
        ("odd", ""),
    ],
)
def test_without_an_ontology_the_relation_gives_the_aspect(relation: str, aspect: str) -> None:
    cells, losses = as_gaf(annotation(relation=relation, aspect=""), NOTHING)
    assert cells[8] == aspect
    assert losses.get("aspect_not_known", 0) == (not aspect)


@pytest.mark.parametrize(
    ("more", "column", "written", "loss"),
    [
        ({}, 6, "IDA", None),
        ({"evidence_code": ""}, 6, "NR", "evidence_not_stated"),
        ({"evidence_code": "MADEUP"}, 6, "MADEUP", "evidence_not_known"),
        ({"evidence_code": "IDA", "eco_id": "ECO:0000314"}, 6, "IDA", None),
        ({"evidence_code": "IDA", "eco_id": "ECO:0001225"}, 6, "IDA", "eco_id_widened"),
        ({"symbol": ""}, 2, "1", "symbol_not_stated"),
        ({"object_type": ""}, 11, "gene_product", "type_not_stated"),
        ({"reference": ""}, 5, "", "reference_not_stated"),
        ({"date": ""}, 13, "", "date_not_stated"),
        ({"assigned_by": ""}, 14, "", "assigned_by_not_stated"),
        ({"relation": "odd"}, 3, "odd", "relation_not_known"),
        ({"name": "two\tcells\x0b"}, 9, "two cells ", None),
    ],
)
def test_gaf_columns_and_losses_of_an_annotation(
    more: dict[str, object], column: int, written: str, loss: str | None
) -> None:
    cells, losses = as_gaf(annotation(**more))
    assert len(cells) == 17
    assert cells[column] == written
    assert losses == ({loss: 1} if loss else {})


@pytest.mark.parametrize(
    ("more", "column", "written", "loss"),
    [
        ({}, 0, "DB:1-2", None),
        ({"gene_product_form": ""}, 0, "DB:1", None),
        ({"gene_product_form": "PR:1"}, 0, "DB:1", "form_dropped"),
        ({"negated": True}, 1, "NOT", None),
        ({}, 2, "RO:0002331", None),
        ({"relation": "odd"}, 2, "odd", "relation_not_known"),
        ({}, 5, "ECO:0000314", None),
        ({"eco_id": "ECO:0001225"}, 5, "ECO:0001225", None),
        ({"evidence_code": ""}, 5, "ECO:0000000", "evidence_not_stated"),
        ({"evidence_code": "MADEUP"}, 5, "ECO:0000000", "evidence_not_known"),
        ({"evidence_code": "IEA", "reference": "GO_REF:0000002"}, 5, "ECO:0000256", None),
        ({}, 7, "NCBITaxon:562", None),
        ({}, 8, "2020-01-02", None),
        ({"date": "TODAY"}, 8, "TODAY", "date_not_a_date"),
        ({"go_id": "GO:7777777"}, 3, "GO:7777777", "aspect_dropped"),
    ],
)
def test_gpad_columns_and_losses_of_an_annotation(
    more: dict[str, object], column: int, written: str, loss: str | None
) -> None:
    cells, losses = as_gpad(annotation(**more))
    assert len(cells) == 12
    assert cells[column] == written
    assert losses == ({loss: 1} if loss else {})


def test_gpad_without_gpi_counts_the_lost_columns() -> None:
    cells, losses = as_gpad(annotation(), keeps=False)
    assert cells[0] == "DB:1"
    assert losses == {"product_dropped": 1, "form_dropped": 1}


def test_a_product_with_two_descriptions_is_counted() -> None:
    losses = new_losses()
    writer = GpadWriter(FACTS, losses, True)
    for symbol in ("a", "b", "a"):
        writer.make_line(annotation(symbol=symbol, gene_product_form=""))
    assert losses == {"product_differs": 1}
    assert writer.make_gene_products()[2:] == [
        "DB:1\ta\ta name\tb|c\tPR:000000001\tNCBITaxon:224308\t\t\t\t\t"
    ]


words = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), max_size=6)
annotations_of_any_kind = st.builds(
    annotation,
    db=st.sampled_from(["DB", "UniProtKB"]),
    local_id=st.sampled_from(["1", "a-b", "Q:1"]),
    relation=st.sampled_from(sorted((SUPPORTING | OTHER) - {""})),
    negated=st.booleans(),
    reference=words,
    evidence_code=st.sampled_from(sorted(set(GROUP_OF) - {"NR"})),
    with_from=words,
    interacting_taxon=st.sampled_from(["", "562"]),
    date=st.sampled_from(["", "20200102"]),
    assigned_by=words,
    annotation_extension=words,
    gene_product_form=st.just(""),
)


def read_again(lines: list[str], name: str, companion: str = "") -> list[Annotation]:
    reader = registry.make_reader(InputFile("x", "x", name, "plain", 0, 0, companion))
    annotations: list[Annotation] = []
    for line in lines:
        result = reader.parse(line.encode())
        assert not isinstance(result, Rejection)
        annotations += result
    return annotations


@given(annotations_of_any_kind)
def test_an_annotation_survives_gaf_and_back(written: Annotation) -> None:
    cells, _ = as_gaf(written)
    assert read_again(["\t".join(cells)], "gaf") == [written]


@given(annotations_of_any_kind)
def test_an_annotation_survives_gpad_and_back_but_for_its_losses(written: Annotation) -> None:
    product = gpi.GeneProductInfo("sym", "a name", "b|c", "protein", 224308, "")
    cells, _ = as_gpad(written)
    reader = GpadReader(0, {written.object_id: product})
    (again,) = reader.parse("\t".join(cells).encode())
    assert again._replace(eco_id="", aspect="P") == written


def test_a_form_survives_gpad_and_gpi(tmp_path: Path) -> None:
    writer = GpadWriter(FACTS, new_losses(), True)
    written = [annotation(), annotation(gene_product_form="", evidence_code="IEA")]
    lines = [writer.make_line(each) for each in written]
    path = tmp_path / "x.gpi"
    path.write_text("\n".join(writer.make_gene_products()) + "\n")
    again = [each._replace(eco_id="", aspect="P") for each in read_again(lines, "gpad", str(path))]
    assert again == written


def test_every_loss_is_documented() -> None:
    text = (Path(__file__).parents[3] / "docs" / "formats.md").read_text()
    assert all(f"| {name} | {meaning} |" in text for name, meaning in LOSSES.items())


# The command


GPAD = "UniProtKB\tP39694\tinvolved_in\tGO:0030420\tPMID:1\tECO:0000314\t\t\t20200102\tX\t\t\n"


def test_the_command_writes_lines_and_reports_losses(
    gafreduce: Command, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "x.gpad"
    path.write_text(f"!gpa-version: 1.1\n\n{GPAD}bad\n")
    code, output, _ = gafreduce("convert", path, "--taxon", 224308, "--to", "gaf2.2")
    assert code == 0
    assert output.splitlines() == [
        "!gaf-version: 2.2",
        "!generated-by: gafreduce",
        "UniProtKB\tP39694\tP39694\tinvolved_in\tGO:0030420\tPMID:1\tIDA\t\tP\t\t\tgene_product\t"
        "taxon:224308\t20200102\tX\t\t",
    ]
    messages = [record.getMessage() for record in caplog.records]
    code, summary, _ = gafreduce(
        *("convert", path, "--taxon", 224308, "--to", "gaf2.2", "-o", tmp_path / "x.gaf")
    )
    assert code == 0
    assert (tmp_path / "x.gaf").read_text() == output
    assert summary.splitlines() == [
        "x.gpad: gpad, 4 lines = 1 kept (1 annotations) + 1 rejected + 1 header + 1 blank or "
        "without a term",
        "  rejected: too_few_columns 1, for example 'bad'",
        "lost or supplied (annotations):",
        f"  symbol_not_stated 1: {LOSSES['symbol_not_stated']}",
        f"  type_not_stated 1: {LOSSES['type_not_stated']}",
    ]
    assert messages == summary.splitlines()


def test_additional_columns_are_counted_as_a_loss(gafreduce: Command, tmp_path: Path) -> None:
    cells = ["DB", "P1", "s", "", "GO:0030420", "PMID:1", "IDA", "", "P", "n", "", "protein"]
    cells += ["taxon:562", "20200101", "X", "", ""]
    line = "\t".join(cells)
    (tmp_path / "x.gaf").write_text(f"!gaf-version: 2.1\n{line}\n{line}\tmore\n")
    _, summary, _ = gafreduce(
        *("convert", tmp_path / "x.gaf", "--to", "gaf2.2", "-o", tmp_path / "y.gaf")
    )
    assert f"  columns_not_read 1: {LOSSES['columns_not_read']}" in summary.splitlines()
    assert "more" not in (tmp_path / "y.gaf").read_text()


def test_the_samples_survive_both_conversions(
    gafreduce: Command, samples: Path, tmp_path: Path
) -> None:
    ontology = ("--ontology", samples / "go-samples.obo")
    original = sorted(samples.glob("Bacillus_subtilis*.gaf"))[0]
    first, gpad, described, second = (tmp_path / name for name in ("a", "b", "c", "d"))
    steps = [
        ("convert", original, "--to", "gaf2.2", "-o", first, *ontology),
        ("convert", first, "--to", "gpad2.0", "-o", gpad, "--write-gpi", described, *ontology),
        ("convert", gpad, "--companion", described, "--to", "gaf2.2", "-o", second, *ontology),
    ]
    for step in steps:
        code, output, errors = gafreduce(*step)
        assert (code, errors) == (0, "")
    assert second.read_text() == first.read_text()
    assert output.endswith("  nothing\n")


@pytest.mark.parametrize(
    ("content", "arguments", "message"),
    [
        (GPAD, (), "expected a GPI file or a taxon"),
        (
            "gene\tGO:1\n",
            ("--format", "id_list", "--taxon", 1),
            "bad_go_id 1; id_list: its GO ids are between other text; name another format",
        ),
        (GPAD, ("--taxon", 1, "--companion", "absent.gpi"), "absent.gpi: expected a GPI file"),
    ],
)
def test_inputs_that_the_command_refuses(
    content: str,
    arguments: tuple[object, ...],
    message: str,
    gafreduce: Command,
    tmp_path: Path,
) -> None:
    path = tmp_path / "x.txt"
    path.write_text(content)
    output = tmp_path / "out"
    code, _, errors = gafreduce("convert", path, "--to", "gaf2.2", "-o", output, *arguments)
    assert code == 1
    assert message in errors
    assert [found.name for found in tmp_path.iterdir()] == ["x.txt"]


def test_the_input_is_not_overwritten(gafreduce: Command, tmp_path: Path) -> None:
    path = tmp_path / "x.gpad"
    path.write_text(GPAD)
    code, _, errors = gafreduce("convert", path, "--taxon", 1, "--to", "gaf2.2", "-o", path)
    assert code == 1
    assert "expected a new file, got an input" in errors
    assert path.read_text() == GPAD


def test_a_run_accepts_a_taxon_or_a_companion(
    gafreduce: Command, samples: Path, tmp_path: Path
) -> None:
    path, described = tmp_path / "x.gpad", tmp_path / "x.gpi"
    path.write_text(GPAD)
    described.write_text("UniProtKB:P39694\tcomEA\tname\t\tprotein\tNCBITaxon:224308\t\t\t\t\t\n")
    ontology = ("--ontology", samples / "go-samples.obo", "--no-report")
    for number, option in enumerate((("--companion", described), ("--taxon", 224308))):
        folder = tmp_path / str(number)
        code, _, errors = gafreduce("run", path, *option, *ontology, "-o", folder)
        assert (code, errors) == (0, "")
        header, row = (folder / "tables/gene_products.tsv").read_text().splitlines()
        cells = dict(zip(header.split("\t"), row.split("\t"), strict=True))
        assert (cells["taxon_id"], cells["symbol"]) == ("224308", "comEA" if number == 0 else "")
    assert "expected a taxon id" in gafreduce("run", path, "--taxon", "x", *ontology)[2]
    nobody = ("--endpoint-url", "http://127.0.0.1:1")  # nothing listens there
    code, _, errors = gafreduce("run", path, "--companion", "s3://b/x.gpi", *nobody, *ontology)
    assert (code, "s3://b/x.gpi" in errors) == (3, True)


def test_a_changed_companion_gives_another_run_id(
    gafreduce: Command, samples: Path, tmp_path: Path
) -> None:
    path, described = tmp_path / "x.gpad", tmp_path / "x.gpi"
    path.write_text(GPAD)
    line = "UniProtKB:P39694\tcomEA\tname\t\tprotein\tNCBITaxon:224308\t\t\t\t\t\n"
    described.write_text(line)
    command = ("run", path, "--companion", described, "--no-report", "-o", tmp_path / "run")
    ontology = ("--ontology", samples / "go-samples.obo")
    assert gafreduce(*command, *ontology)[0] == 0
    assert gafreduce(*command, *ontology)[0] == 0  # the same again
    described.write_text(line * 2)
    assert gafreduce(*command, *ontology)[0] == 1
