"""The interface for Python programs: public names, runs as objects, and what importing costs."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

import gafreduce
from gafreduce.errors import InputError, UsageError
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.tables.schema import ALL_TABLES


def test_the_public_names_are_those_that_users_rely_on() -> None:
    """A change here is a change of the major version."""
    assert gafreduce.__all__ == ["Run", "open_run", "run"]
    assert sorted(gafreduce._MODULES) == gafreduce.__all__
    assert sorted(name for name in vars(gafreduce.Run) if not name.startswith("_")) == sorted(
        [
            *ALL_TABLES,
            *("figure", "figures", "summary", "table", "tables", "term", "to_excel", "verdict"),
        ]
    )


def test_importing_loads_nothing_heavy() -> None:
    script = (
        "import sys; before = set(sys.modules); import gafreduce; dir(gafreduce)\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    out = subprocess.run([sys.executable, "-P", "-c", script], capture_output=True, text=True)
    assert out.stdout.split() == ["gafreduce"]


@pytest.fixture(scope="module")
def made(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> gafreduce.Run:
    """Run two of the samples, from Python."""
    files = [
        samples / "Bacillus_subtilis_168-224308.gaf",
        samples / "Escherichia_coli_K_12-83333.gaf",
    ]
    return gafreduce.run(
        files,
        term="GO:0030420",
        ontology=samples / "go-samples.obo",
        output=tmp_path_factory.mktemp("made") / "run",
        figure_format="svg",
    )


def test_a_run_gives_tables_verdicts_and_figures(made: gafreduce.Run) -> None:
    again = gafreduce.open_run(made.address)
    assert again.term == "GO:0030420"
    assert again.verdict("224308") == again.verdict(224308) == "electronic_only"
    for name in again.tables:
        with RunFolder(Path(made.address)).table(name).open(encoding="utf-8", newline="") as stream:
            head, *rows = csv.reader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
        frame = getattr(again, name)
        assert list(frame.columns) == head
        assert len(frame) == len(rows)
    counts = again.organisms.set_index("organism_id")["n_target_gene_products"]
    assert (counts["224308"], counts["83333"]) == (52, 2)
    assert int(again.annotations["takes_part"].sum()) == 60
    assert again.organisms is again.organisms
    figure = again.figure(again.figures[0])
    assert figure._repr_svg_().lstrip().startswith("<")
    assert again.summary["target"]["go_id"] == "GO:0030420"
    with pytest.raises(InputError, match="expected one of the figures"):
        again.figure("none")
    with pytest.raises(InputError, match="expected one of the tables"):
        again.table("none")
    with pytest.raises(InputError, match="expected the id or name of one organism"):
        again.verdict("Bacillus")


def test_notebooks_show_the_answer_escaped(made: gafreduce.Run) -> None:
    shown = gafreduce.open_run(made.address)
    shown.record["target"]["name"] = "<script>"
    text = shown._repr_html_()
    assert "&lt;script&gt;" in text
    assert "<script>" not in text
    assert "<td>52</td>" in text


def test_excel(made: gafreduce.Run, tmp_path: Path) -> None:
    import openpyxl

    made.to_excel(tmp_path / "run.xlsx")
    book = openpyxl.load_workbook(tmp_path / "run.xlsx")
    assert {*book.sheetnames} == {"about", *made.tables}


def test_faults_are_errors_of_their_kind(samples: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="expected an option of gafreduce run, got '--foo'"):
        gafreduce.run(samples, foo=1)
    with pytest.raises(InputError, match=r"missing\.gaf"):
        gafreduce.run(tmp_path / "missing.gaf", ontology=samples / "go-samples.obo")
    with pytest.raises(InputError, match="expected a run folder"):
        gafreduce.open_run(tmp_path)


def test_a_published_run_is_downloaded_by_file(
    made: gafreduce.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    folder = Path(made.address)
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket="bucket")
        for path in folder.rglob("*"):
            if path.is_file():
                client.upload_file(str(path), "bucket", f"runs/a/{path.relative_to(folder)}")
        found = gafreduce.open_run("s3://bucket/runs/a")
        assert found.tables == made.tables
        assert found.verdict(83333) == made.verdict(83333)
        assert found.figures == made.figures
        client.put_object(Bucket="bucket", Key="runs/a/parquet/terms/terms.parquet", Body=b"x")
        with pytest.raises(InputError, match="expected the file that its manifest states"):
            _ = found.terms
        with pytest.raises(InputError, match="expected a published run"):
            gafreduce.open_run("s3://bucket/none")
