"""The report worker in runs: statistics and page, their inputs, and errors."""

import hashlib
import io
import json

import pytest

from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports import serving, worker
from gafreduce.reports.tables.reader import read_rows
from gafreduce.reports.tables.schema import STATISTICS_TABLES

HEADER = "component\trole\trequired\tfamilies\tsymbols\tsource\n"


#: Figures are drawn once, for the page.
FEW_FIGURES = ("--figure-format", "svg")


@pytest.fixture
def run(gafreduce, samples, tmp_path):
    """Run the samples with options; gives the run folder, or the error."""

    def make(*more, name="run"):
        out = tmp_path / name
        options = ("--ontology", samples / "go-samples.obo", "-q", "-o", out, *FEW_FIGURES)
        code, _, errors = gafreduce("run", samples, *options, *more)
        return out if code == 0 else errors

    return make


def table_bytes(run_dir):
    return {name: (run_dir / "tables" / f"{name}.tsv").read_bytes() for name in STATISTICS_TABLES}


def rows(run_dir, name):
    return list(read_rows(RunFolder(run_dir), name))


def test_all_runners_give_the_same_statistics(run):
    inline = table_bytes(run("-r", "inline", name="inline"))
    assert table_bytes(run("-r", "local", "--cores", "2", name="local")) == inline
    assert all(inline.values())


def test_the_page_can_be_remade_from_the_run_folder_alone(run, gafreduce):
    run_dir = run()
    before = table_bytes(run_dir)
    page = (run_dir / "report.html").read_bytes()
    (run_dir / "report.html").unlink()
    assert gafreduce("report", run_dir)[0] == 0
    assert table_bytes(run_dir) == before
    assert (run_dir / "report.html").read_bytes() == page


def test_a_run_without_report_can_get_a_page_later(run, gafreduce):
    run_dir = run("--no-report")
    assert not (run_dir / "tables" / "pairwise.tsv").exists()
    assert gafreduce("report", run_dir)[0] == 0
    assert (run_dir / "report.html").is_file()


def test_notes_explain_empty_tables_with_scope_target(run):
    run_dir = run("--scope", "target")
    reasons = {r["table"]: r["value"] for r in rows(run_dir, "statistics_notes")}
    assert reasons["similarity"] == reasons["enrichment"] == "scope_target"
    assert rows(run_dir, "similarity") == []
    assert rows(run_dir, "components")
    assert rows(run_dir, "robustness")


def test_a_broad_target_is_supported(run):
    run_dir = run("--term", "GO:0008150")
    assert rows(run_dir, "robustness")
    assert rows(run_dir, "components") == []


def test_components_and_orthologs_files_are_used(run, tmp_path):
    (tmp_path / "parts.tsv").write_text(
        f"{HEADER}X\tchannel\ttrue\tInterPro:IPR004797\t\there\nY\tnone\tfalse\t\tnosuch\there\n"
    )
    (tmp_path / "known.tsv").write_text("component\tobject_id\nY\tUniProtKB:P75869\n")
    files = ("--components", tmp_path / "parts.tsv", "--orthologs", tmp_path / "known.tsv")
    run_dir = run(*files)
    found = {(r["component"], r["taxon_id"]): r for r in rows(run_dir, "components")}
    assert found["X", "83333"]["found_by"] == "family"
    assert found["Y", "83333"]["object_ids"] == "UniProtKB:P75869"
    assert {component for component, _ in found} == {"X", "Y"}
    digests = json.loads((run_dir / "run.json").read_text())["option_files"]
    content = (tmp_path / "parts.tsv").read_bytes()
    assert digests["components"] == hashlib.sha256(content).hexdigest()


def test_the_content_of_components_files_is_part_of_the_run_id(run, tmp_path):
    ids = set()
    for number, name in enumerate(("a", "b")):
        (tmp_path / "parts.tsv").write_text(f"{HEADER}{name}\tr\ttrue\t\tcoma\ts\n")
        run_dir = run("--no-report", "--components", tmp_path / "parts.tsv", name=str(number))
        ids.add(json.loads((run_dir / "run.json").read_text())["run_id"])
    assert len(ids) == 2


@pytest.mark.parametrize(
    ("option", "text", "error"),
    [
        ("--components", "nonsense\n", "parts.tsv:1: expected the header"),
        ("--components", f"{HEADER}X\tr\tmaybe\t\ta\ts\n", "parts.tsv:2: expected required"),
        ("--orthologs", "component\tobject_id\nX\tA:1\n", "parts.tsv:2: expected a component"),
    ],
)
def test_invalid_components_files_are_refused_before_the_job(run, tmp_path, option, text, error):
    (tmp_path / "parts.tsv").write_text(text)
    assert error in run(option, tmp_path / "parts.tsv")
    assert not (tmp_path / "run").exists()


def test_a_missing_file_is_named(run, tmp_path):
    assert "nothing.tsv" in run("--components", tmp_path / "nothing.tsv")


def test_the_worker_ends_without_error_at_the_end_of_input(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert serving.run_program(worker.serve) == 0


def test_the_worker_prints_its_error(monkeypatch, capsys, tmp_path):
    message = {"run_dir": str(tmp_path), "term_file": str(tmp_path / "x"), "scratch": str(tmp_path)}
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(message) + "\n"))
    assert serving.run_program(worker.serve) == 1
    assert str(tmp_path / "x") in capsys.readouterr().err


def test_the_founding_seven_give_the_same_tables_on_both_runners(
    gafreduce, real_files, real_ontology, tmp_path
):
    made = []
    for runner in ("inline", "local"):
        out = tmp_path / runner
        arguments = ("--ontology", real_ontology, "-r", runner, "-o", out, "-q", *FEW_FIGURES)
        assert gafreduce("run", *real_files, *arguments)[0] == 0
        made.append(table_bytes(out))
    assert made[0] == made[1]
    whole = {r["taxon_id"]: r for r in rows(tmp_path / "inline", "rates")}
    assert int(whole["326423"]["n_target_gene_products"]) > 0
    left = {
        r["taxon_id"]: int(r["n_target_gene_products"])
        for r in rows(tmp_path / "inline", "robustness")
        if (r["kind"], r["source"]) == ("source", "UniProt keywords")
    }
    assert left["224308"] == 4
