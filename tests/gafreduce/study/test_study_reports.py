"""Studies with reports: pages, figures, `report` and `explain` on a trait, and studies in S3."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gafreduce.cli.main import main

Command = Callable[..., tuple[int, str, str]]

TERMS = ("--term", "GO:0030420", "--term", "GO:0009294")
#: Object id, term, evidence code, taxon.
LINES = (
    ("P1", "GO:0030420", "IDA", 101),
    ("P2", "GO:0030420", "IEA", 101),
    ("P3", "GO:0009294", "IEA", 102),
    ("P4", "GO:0008150", "ND", 102),
)


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inputs")
    for taxon in (101, 102):
        rows = [
            f"UniProtKB\t{object_id}\t{object_id}\tinvolved_in\t{term}\tPMID:1\t{code}\t\tP\t\t\t"
            f"protein\ttaxon:{number}\t20200101\tUniProt\t\t"
            for object_id, term, code, number in LINES
            if number == taxon
        ]
        (folder / f"{taxon}.gaf").write_text("\n".join(["!gaf-version: 2.2", *rows, ""]))
    sheet = "path\tcomplete\n101.gaf\ttrue\n102.gaf\ttrue\n"
    (folder / "inputs.tsv").write_text(sheet)
    (folder / "tree.nwk").write_text("(102:1,(101:1,1423:1):1);")
    return folder


@pytest.fixture(scope="module")
def study(inputs: Path, samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "study"
    ontology = ("--ontology", str(samples / "go-samples.obo"))
    made = ["run", str(inputs), *ontology, *TERMS, "--figure-format", "svg", "-q"]
    made += ["--tree", str(inputs / "tree.nwk")]
    assert main([*made, "-o", str(folder)]) == 0
    return folder


def hash_files(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_trait_has_the_figures_of_a_run_of_its_own_and_a_page(
    study: Path, inputs: Path, samples: Path, tmp_path: Path
) -> None:
    own = tmp_path / "own"
    ontology = ("--ontology", str(samples / "go-samples.obo"))
    made = ["run", str(inputs), *ontology, *TERMS[:2], "--figure-format", "svg", "-q"]
    made += ["--tree", str(inputs / "tree.nwk")]
    assert main([*made, "-o", str(own)]) == 0
    trait = study / "traits" / "GO_0030420"
    figures, expected = (hash_files(each / "figures") for each in (trait, own))
    assert expected
    assert figures == expected
    assert set(hash_files(trait)) == set(hash_files(own))
    page = (trait / "report.html").read_text(encoding="utf-8")
    assert "establishment of competence for transformation" in page
    index = (study / "index.html").read_text(encoding="utf-8")
    assert 'href="traits/GO_0030420/report.html"' in index
    assert 'href="traits/GO_0009294/report.html"' in index
    assert re.findall(r'<tr data-row="(\d+)"', page) == ["102", "101"], "the order of the tree"


def test_report_and_explain_take_the_folder_of_a_trait(study: Path, gafreduce: Command) -> None:
    trait = study / "traits" / "GO_0030420"
    before = hash_files(study)
    assert gafreduce("report", trait)[0] == 0
    after = hash_files(study)
    page = "traits/GO_0030420/report.html"
    assert after[page] == before[page]
    assert gafreduce("verify", study)[0] == 0
    code, out, _ = gafreduce("explain", trait, "organisms/101/n_target_gene_products")
    assert code == 0
    assert "P1" in out
    assert "P2" in out
    above = study / "traits" / "GO_0009294"  # it includes competence
    code, out, _ = gafreduce("explain", above, "organisms/102/n_target_gene_products")
    assert code == 0
    assert "P3" in out
    assert "P1" not in out


def test_a_study_reads_from_s3_and_writes_there(
    s3_client: Any, inputs: Path, samples: Path, gafreduce: Command, study: Path
) -> None:
    s3_client.create_bucket(Bucket="studies")
    for path in inputs.iterdir():
        s3_client.put_object(Bucket="studies", Key=f"in/{path.name}", Body=path.read_bytes())
    ontology = ("--ontology", samples / "go-samples.obo")
    code, out, _ = gafreduce(
        *("run", "s3://studies/in/inputs.tsv", *ontology, *TERMS, "--no-report"),
        *("-o", "s3://studies/out"),
    )
    assert code == 0
    assert out.splitlines()[-1].startswith("s3://studies/out")
    keys = {
        item["Key"].removeprefix("out/")
        for item in s3_client.list_objects_v2(Bucket="studies", Prefix="out/")["Contents"]
    }
    expected = {name for name in hash_files(study) if "/tables/" in name or "/parquet/" in name}
    tables = {name for name in keys if name.startswith("traits/") and "/tables/" in name}
    assert tables
    assert tables <= expected

    def read(key: str) -> bytes:
        found = s3_client.get_object(Bucket="studies", Key=f"out/{key}")["Body"].read()
        assert isinstance(found, bytes)
        return found

    assert [trait["go_id"] for trait in json.loads(read("study.json"))["traits"]] == [
        *("GO:0030420", "GO:0009294"),
    ]
    for name in ("tables/traits.tsv", "traits/GO_0030420/tables/gene_products.tsv"):
        assert read(name) == (study / name).read_bytes(), name
    assert gafreduce("verify", "s3://studies/out")[0] == 0
