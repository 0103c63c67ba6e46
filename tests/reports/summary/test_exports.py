"""The exports of a run: valid, consistent with the tables, same bytes every time."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from gafreduce.cli.main import main
from gafreduce.publishing.run_folder import EXTRAS, RunFolder
from gafreduce.reports.summary.exports import MULTIQC, SCHEMA, SUMMARY, write_exports
from gafreduce.reports.tables.reader import read_rows

Command = Callable[..., tuple[int, str, str]]
REPOSITORY = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def made(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("made") / "run"
    words = ("run", samples, "--ontology", samples / "go-samples.obo", "-q", "-o", out)
    assert main(list(map(str, words))) == 0
    return out


@pytest.fixture
def run_dir(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "run"))


@pytest.fixture(scope="module")
def schema() -> Any:
    found = json.loads((REPOSITORY / "docs" / "summary.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(found)
    return found


def read(run_dir: Path, name: str) -> Any:
    return json.loads((run_dir / EXTRAS / name).read_text("utf-8"))


def test_summary_follows_its_schema_and_the_tables(run_dir: Path, schema: Any) -> None:
    found = read(run_dir, SUMMARY)
    jsonschema.validate(found, schema)
    assert found["schema"] == schema["properties"]["schema"]["const"] == SCHEMA
    rows = list(read_rows(RunFolder(run_dir), "organisms"))
    assert [str(each["taxon_id"]) for each in found["organisms"]] == [r["taxon_id"] for r in rows]
    for each, row in zip(found["organisms"], rows, strict=True):
        assert each["verdict"] == row["verdict"]
        assert str(each["n_target_gene_products"]) == row["n_target_gene_products"]
        assert (each["rate_per_1000"] is None) == (row["rate_per_1000"] == "")
    changes = [
        r for r in read_rows(RunFolder(run_dir), "robustness") if r["changes_verdict"] == "true"
    ]
    assert len(found["verdict_changes"]) == len(changes) > 0
    assert found["warnings"][-1].startswith("species with another name: Bacillus ")


def test_schema_refuses_unknown_and_missing_keys(run_dir: Path, schema: Any) -> None:
    found = read(run_dir, SUMMARY)
    with pytest.raises(jsonschema.ValidationError, match="surprise"):
        jsonschema.validate(found | {"surprise": 1}, schema)
    del found["headline"]
    with pytest.raises(jsonschema.ValidationError, match="headline"):
        jsonschema.validate(found, schema)


def test_multiqc_section_has_a_row_for_each_compared_organism(run_dir: Path) -> None:
    """The keys are those of MultiQC's page on custom content; MultiQC finds the file by its name."""
    found = read(run_dir, MULTIQC)
    assert MULTIQC.endswith("_mqc.json")
    ids = {"id", "parent_id", "parent_name", "parent_description", "section_name", "description"}
    assert set(found) == ids | {"plot_type", "pconfig", "headers", "data"}
    assert found["plot_type"] == "table"
    compared = {
        r["organism"] for r in read_rows(RunFolder(run_dir), "organisms") if r["compared"] == "true"
    }
    assert set(found["data"]) == compared
    for cells in found["data"].values():
        assert set(cells) <= set(found["headers"])


def test_exports_are_in_the_manifest_and_reproducible(run_dir: Path, gafreduce: Command) -> None:
    names = [f"{EXTRAS}/{name}" for name in (SUMMARY, MULTIQC)]
    before = {name: (run_dir / name).read_bytes() for name in names}
    manifest = (run_dir / "MANIFEST.tsv").read_text()
    assert all(f"{name}\t" in manifest for name in names)
    for name in names:
        (run_dir / name).unlink()
    assert gafreduce("report", run_dir)[0] == 0
    assert {name: (run_dir / name).read_bytes() for name in names} == before


def test_summary_of_a_run_without_statistics_has_no_verdict_changes(
    gafreduce: Command, samples: Path, tmp_path: Path, schema: Any
) -> None:
    out = tmp_path / "bare"
    arguments = ("--ontology", samples / "go-samples.obo", "-o", out, "--no-report")
    assert gafreduce("run", samples, *arguments)[0] == 0
    assert not (out / EXTRAS).exists()
    write_exports(RunFolder(out))
    found = read(out, SUMMARY)
    jsonschema.validate(found, schema)
    assert found["verdict_changes"] == []


def test_multiqc_has_a_section_for_each_term(run_dir: Path, tmp_path: Path) -> None:
    out, other = tmp_path / "multiqc", tmp_path / "other"
    section = read(run_dir, MULTIQC)
    other.mkdir()
    text = json.dumps(section).replace("GO_0030420", "GO_0005886")
    (other / MULTIQC).write_text(text)
    folders = [str(run_dir), str(other)]
    command = [sys.executable, "-m", "multiqc", *folders, "-o", str(out), "--no-ansi"]
    done = subprocess.run(
        [*command, "--no-version-check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("Found 7 samples") == 2
    found = sorted(path.name for path in (out / "multiqc_data").glob("multiqc_*_organisms.txt"))
    assert found == [
        f"multiqc_gafreduce_GO_{number}_organisms.txt" for number in ("0005886", "0030420")
    ]
    table = (out / "multiqc_data" / found[1]).read_text("utf-8")
    names = {line.split("\t")[0] for line in table.splitlines()[1:]}
    rows = read_rows(RunFolder(run_dir), "organisms")
    assert names == {row["organism"] for row in rows if row["compared"] == "true"}
    assert (out / "multiqc_report.html").is_file()
