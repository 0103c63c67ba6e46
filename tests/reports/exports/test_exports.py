"""Exports are read back with other libraries than those that write them."""

from __future__ import annotations

import csv
import importlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import networkx
import openpyxl
import pytest

from gafreduce.cli.main import main
from gafreduce.commands.runs.export import KINDS as COMMAND_KINDS
from gafreduce.publishing import manifest
from gafreduce.reports.exports.registry import KINDS

Command = Callable[..., tuple[int, str, str]]

ONTOLOGY = """format-version: 1.2
data-version: x

[Term]
id: GO:0008150
name: biological_process
namespace: biological_process

[Term]
id: GO:0000001
name: target
namespace: biological_process
is_a: GO:0008150

[Term]
id: GO:0000002
name: left
namespace: biological_process
is_a: GO:0000001

[Term]
id: GO:0000003
name: right
namespace: biological_process
is_a: GO:0000001

[Term]
id: GO:0000004
name: both
namespace: biological_process
is_a: GO:0000002
is_a: GO:0000003
"""


def line(product: str, go_id: str, symbol: str = "s", relation: str = "involved_in") -> str:
    cells = ["UniProtKB", product, symbol, relation, go_id, "PMID:1", "IDA", "", "P", "name", ""]
    return "\t".join([*cells, "protein", "taxon:1", "20200101", "X", "", ""])


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported")
    (folder / "go.obo").write_text(ONTOLOGY)
    lines = [
        line("A", "GO:0000004", "=cmd|' /C calc'!A0"),
        line("B", "GO:0000002", "http://example.org/x"),
        line("C", "GO:0000003", "007"),
        line("C", "GO:0000001", "007", "NOT|involved_in"),
        line("D", "GO:0000004", "NA", "NOT|involved_in"),
    ]
    (folder / "a.gaf").write_text("!gaf-version: 2.2\n" + "\n".join(lines) + "\n")
    arguments = [str(folder / "a.gaf"), "--ontology", str(folder / "go.obo"), "--no-report", "-q"]
    arguments += ["--term", "GO:0000001", "--organism", "1", "-o", str(folder / "run")]
    assert main(["run", *arguments]) == 0
    return folder / "run"


def read_tsv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))


def test_the_command_offers_all_kinds() -> None:
    assert tuple(KINDS) == COMMAND_KINDS


def test_workbook_has_the_cells_of_the_tables_as_text(
    run_dir: Path, tmp_path: Path, gafreduce: Command
) -> None:
    path = tmp_path / "run.xlsx"
    assert gafreduce("export", run_dir, "--to", "xlsx", "-o", path)[0] == 0
    book = openpyxl.load_workbook(path)
    assert book.sheetnames[0] == "about"
    tables = sorted(each.stem for each in (run_dir / "tables").iterdir())
    assert sorted(book.sheetnames[1:]) == tables
    for name in tables:
        head, *rows = read_tsv(run_dir / "tables" / f"{name}.tsv")
        sheet = book[name]
        assert [cell.value for cell in sheet[1]] == head
        assert sheet.freeze_panes == "B2"
        assert sheet.auto_filter.ref is not None
        assert sheet.max_row == len(rows) + 1
        for number, row in enumerate(rows, 2):
            shown = ["" if cell.value is None else cell.value for cell in sheet[number]]
            as_text = [str(v).lower() if isinstance(v, bool) else str(v) for v in shown]
            assert as_text == row
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type != "f" and cell.hyperlink is None for cell in cells)
    symbols = [row[3].value for row in book["gene_products"].iter_rows(min_row=2)]
    assert symbols == ["=cmd|' /C calc'!A0", "http://example.org/x", "007", "NA"]
    again = tmp_path / "again.xlsx"
    assert gafreduce("export", run_dir, "--to", "xlsx", "-o", again)[0] == 0
    assert path.read_bytes() == again.read_bytes()


def test_term2gene_has_every_gene_product_on_and_below_a_term(
    run_dir: Path, tmp_path: Path, gafreduce: Command
) -> None:
    folder = tmp_path / "sets"
    code, _, err = gafreduce("export", run_dir, "--to", "term2gene", "-o", folder)
    assert code == 1
    assert "expected the ontology of the run" in err
    assert not folder.exists()
    arguments = ("export", run_dir, "--to", "term2gene", "-o", folder, "--ontology")
    assert gafreduce(*arguments, run_dir.parent / "go.obo")[0] == 0
    _, *pairs = read_tsv(folder / "term2gene.tsv")
    assert {(term[-1], gene[-1]) for term, gene, _ in pairs} == {
        *(("4", "A"), ("3", "A"), ("2", "A"), ("1", "A")),
        *(("2", "B"), ("1", "B"), ("3", "C"), ("1", "C")),
    }
    assert read_tsv(folder / "term2name.tsv")[1] == ["GO:0000001", "target"]
    assert gafreduce(*arguments, run_dir.parent / "go.obo")[0] == 1
    other = tmp_path / "other.obo"
    other.write_text(ONTOLOGY.replace("name: left", "name: port"))
    assert (
        "expected the ontology of the run"
        in gafreduce(
            "export", run_dir, "--to", "term2gene", "-o", tmp_path / "x", "--ontology", other
        )[2]
    )


def test_r_reads_term2gene(run_dir: Path, tmp_path: Path, gafreduce: Command) -> None:
    program = shutil.which("Rscript")
    if program is None:
        pytest.skip("needs R")
    folder = tmp_path / "sets"
    ontology = run_dir.parent / "go.obo"
    arguments = ("export", run_dir, "--to", "term2gene", "-o", folder, "--ontology", ontology)
    assert gafreduce(*arguments)[0] == 0
    found = subprocess.run(
        [program, "--vanilla", "enrich.R"], cwd=folder, capture_output=True, text=True, check=True
    )
    assert found.stdout == "8 pairs of 4 terms and 3 gene products\n"


def test_graph_has_terms_products_and_organisms(
    run_dir: Path, tmp_path: Path, gafreduce: Command
) -> None:
    path = tmp_path / "run.graphml"
    assert gafreduce("export", run_dir, "--to", "graphml", "-o", path)[0] == 0
    graph = networkx.read_graphml(path)
    kinds = sorted(kind for _, kind in graph.nodes(data="kind"))
    assert kinds == ["gene_product"] * 4 + ["organism"] + ["term"] * 4
    edges = {(a, b): data["kind"] for a, b, data in graph.edges(data=True)}
    assert edges["1/UniProtKB:A", "GO:0000004"] == "annotation"
    assert edges["1/UniProtKB:D", "GO:0000004"] == "not_annotation"
    assert edges["1/UniProtKB:C", "organism:1"] == "gene_product_of"
    assert edges["GO:0000002", "GO:0000001"] == "is_a"


@pytest.mark.parametrize("change", ["edited", "linked", "removed"])
@pytest.mark.parametrize("name", ["report.html", "figures/x.svg", "tables/organisms.tsv"])
def test_crate_has_only_files_that_the_manifest_states(
    run_dir: Path, tmp_path: Path, gafreduce: Command, name: str, change: str
) -> None:
    """Its metadata state their checksums; a link would copy a file from elsewhere."""
    run, foreign = tmp_path / "run", tmp_path / "foreign"
    shutil.copytree(run_dir, run)
    path = run / name
    path.parent.mkdir(exist_ok=True)
    if not path.exists():
        path.write_text("made by the run")
    manifest.write_manifest(run)
    foreign.write_bytes(path.read_bytes())
    if change == "edited":
        path.write_bytes(path.read_bytes()[::-1])
    else:
        path.unlink()
    if change == "linked":
        path.symlink_to(foreign)
    code, _, errors = gafreduce("export", run, "--to", "ro-crate", "-o", tmp_path / "crate")
    assert code == 1
    assert f"{run / name}: expected" in errors
    assert not (tmp_path / "crate").exists()


def test_crate_describes_every_file(run_dir: Path, tmp_path: Path, gafreduce: Command) -> None:
    folder = tmp_path / "crate"
    assert gafreduce("export", run_dir, "--to", "ro-crate", "-o", folder)[0] == 0
    metadata = json.loads((folder / "ro-crate-metadata.json").read_text())
    entities = {each["@id"]: each for each in metadata["@graph"]}
    files = {name for name, each in entities.items() if each["@type"] == "File"}
    assert files == {*manifest.list_files(run_dir), manifest.NAME}
    for name in files - {manifest.NAME}:
        assert entities[name]["sha256"] == manifest.hash_file(folder / name)
    assert {each["@id"] for each in entities["./"]["hasPart"]} == files
    (action,) = (each for each in entities.values() if each["@type"] == "CreateAction")
    assert entities[action["object"][0]["@id"]]["name"] == "a.gaf"
    again = tmp_path / "again"
    assert gafreduce("export", run_dir, "--to", "ro-crate", "-o", again)[0] == 0
    assert (again / "ro-crate-metadata.json").read_text() == (
        folder / "ro-crate-metadata.json"
    ).read_text()


def test_a_missing_library_is_named(
    run_dir: Path, tmp_path: Path, gafreduce: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    importlib.import_module("xlsxwriter")
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    code, _, err = gafreduce("export", run_dir, "--to", "xlsx", "-o", tmp_path / "x.xlsx")
    assert code == 1
    assert "pip install 'gafreduce[export]'" in err
    assert list(tmp_path.iterdir()) == []
