from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gafreduce.cli.main import parser
from gafreduce.jobs.model.landmarks import LANDMARKS
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.tables.reader import read_rows

Command = Callable[..., tuple[int, str, str]]
REPOSITORY = Path(__file__).parents[3]


@pytest.fixture
def run(gafreduce: Command, samples: Path, tmp_path: Path) -> Callable[..., tuple[int, str, str]]:
    """Run over the samples, tables only, into tmp_path/run."""

    def of_samples(*more: object) -> tuple[int, str, str]:
        return gafreduce(
            *("run", samples, "--ontology", samples / "go-samples.obo"),
            *("-o", tmp_path / "run", "--no-report", *more),
        )

    return of_samples


def test_the_summary_is_printed(
    gafreduce: Command, samples: Path, complete_samples: Path, tmp_path: Path
) -> None:
    code, output, errors = gafreduce(
        *("run", complete_samples, "--ontology", samples / "go-samples.obo"),
        *("-o", tmp_path / "run", "--no-report"),
    )
    assert (code, errors) == (0, "")
    lines = output.splitlines()
    assert lines[0].startswith("All 7 compared organisms have annotations to")
    assert lines[0].endswith("(GO:0030420), only by electronic annotation (IEA).")
    assert sum("annotated only electronically (IEA)" in line for line in lines) == 7
    (row,) = (line.split() for line in lines if line.startswith("  Bacillus subtilis 168 "))
    assert row[-3:] == ["52", "of", "54"]
    assert any(
        "annotated in all 7 organisms with complete files: GO:0030420" in line for line in lines
    )
    assert any("taxon:2359090" in line for line in lines)
    assert "artial file" not in output
    assert lines[-1] == str(tmp_path / "run")


def test_the_summary_of_partial_files_is_printed(run: Command, tmp_path: Path) -> None:
    code, output, errors = run()
    assert (code, errors) == (0, "")
    lines = output.splitlines()
    assert lines[0].startswith("All 7 partial files contain annotations to")
    assert lines[0].endswith("(GO:0030420) (strongest evidence in the file: electronic).")
    words = "annotated; strongest evidence in this file: electronic"
    assert sum(words in line for line in lines) == 7
    (row,) = (line.split() for line in lines if line.startswith("  Bacillus subtilis 168 "))
    assert row[-3:] == ["52", "of", "54"]
    assert any("in partial files only: GO:0030420" in line for line in lines)
    assert any(line.startswith("Partial files: all (by the sample sheet).") for line in lines)
    assert any("taxon:2359090" in line for line in lines)
    assert lines[-1] == str(tmp_path / "run")


def test_an_existing_run_is_reported_and_not_made_again(run: Command, tmp_path: Path) -> None:
    code, first, _ = run()
    assert code == 0
    before = (tmp_path / "run" / "MANIFEST.tsv").stat().st_mtime_ns
    code, output, _ = run()
    assert code == 0
    assert "this run exists already" in output
    assert output.splitlines()[:-1] == first.splitlines()[:-1]
    assert (tmp_path / "run" / "MANIFEST.tsv").stat().st_mtime_ns == before


def test_an_incomplete_run_is_refused_and_replaced_by_force(run: Command, tmp_path: Path) -> None:
    assert run("--no-report")[0] == 0
    rows = tmp_path / "run" / "MANIFEST.tsv"
    whole = rows.read_bytes()
    table = tmp_path / "run" / "tables" / "profile.tsv"
    rows.write_bytes(whole[:40])
    code, output, errors = run("--no-report")
    assert (code, output) == (1, "")
    assert "MANIFEST.tsv: expected one whole row for each file, got others" in errors
    rows.write_bytes(whole)
    table.unlink()
    code, output, errors = run("--no-report")
    assert (code, output) == (1, "")
    assert "run/tables/profile.tsv: expected " in errors
    assert "or make it again with --force" in errors
    assert run("--no-report", "--force")[0] == 0
    assert table.exists()


def test_another_run_is_refused_and_replaced_by_force(run: Command, tmp_path: Path) -> None:
    assert run()[0] == 0
    code, _, errors = run("--scope", "target")
    assert code == 1
    assert "expected a new folder or run" in errors
    assert run("--scope", "target", "--force")[0] == 0
    record = json.loads((tmp_path / "run" / "run.json").read_text())
    assert record["scope"] == "target"
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_force_replaces_only_run_folders(run: Command, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "thesis.txt").write_text("dear")
    for more in ([], ["--force"]):
        code, _, errors = run(*more)
        assert code == 1
        assert "expected" in errors
    assert (tmp_path / "run" / "thesis.txt").read_text() == "dear"


def test_run_id_depends_on_options_that_decide_the_numbers(run: Command) -> None:
    def run_id(*more: object) -> str:
        code, output, _ = run("--dry-run", *more)
        assert code == 0
        return output.splitlines()[0].split("\t")[1]

    plain = run_id()
    assert run_id("-r", "local", "-v") == plain
    others = [
        run_id("--scope", "target"),
        run_id("--term", "GO:0009294"),
        run_id("--organism", "224308"),
        run_id("--ontology-relations", "is_a"),
    ]
    assert len({plain, *others}) == 5


def test_dry_run_lists_inputs_and_terms_and_writes_nothing(run: Command, tmp_path: Path) -> None:
    code, output, _ = run("--dry-run")
    assert code == 0
    assert "term\tGO:0045808\tnegative_regulator" in output
    assert output.count("\ninput\t") == 7
    assert "Bacillus subtilis 168" in output
    assert list(tmp_path.iterdir()) == []


def test_the_summary_as_json(run: Command) -> None:
    code, output, _ = run("--json")
    assert code == 0
    answer = json.loads(output)
    assert answer["go_id"] == "GO:0030420"
    assert {found["verdict"] for found in answer["organisms"]} == {"electronic_only"}


def _annotate_landmarks() -> bytes:
    """Return lines that give B. subtilis as many gene products as a whole organism has."""
    return "".join(
        f"UniProtKB\tP{each.go_id[3:]}{n}\tx{n}\t\t{each.go_id}\tPMID:1\tIDA\t\t{each.aspect}"
        "\t\t\tprotein\ttaxon:224308\t20200101\tUniProt\t\t\n"
        for each in LANDMARKS
        for n in range(each.min_gene_products)
    ).encode()


@pytest.mark.parametrize(
    ("more", "complete", "reasons"),
    [(b"", "suspect", "landmarks:0/12"), (_annotate_landmarks(), "true", "")],
    ids=["selection", "whole"],
)
def test_standard_input(
    gafreduce: Command,
    samples: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    more: bytes,
    complete: str,
    reasons: str,
) -> None:
    content = (samples / "Bacillus_subtilis_168-224308.gaf").read_bytes() + more
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    code, _, _ = gafreduce(
        *("run", "-", "--ontology", samples / "go-samples.obo", "-o", tmp_path / "run"),
        *("--no-report", "-q"),
    )
    assert code == 0
    (organism,) = read_rows(RunFolder(tmp_path / "run"), "organisms")
    assert organism["n_target_gene_products"] == "52"
    found = (organism["complete"], organism["partial_reasons"])
    assert found == (complete, reasons), "without a sheet the content decides"
    assert (organism["rate_per_1000"] != "") == (complete == "true")


@pytest.mark.parametrize(
    ("is_complete", "verdicts"),
    [
        (True, {"224308": "electronic_only", "2359090": "not_annotated", "9606": "not_annotated"}),
        (False, {"224308": "electronic_only", "2359090": "partial_file", "9606": "partial_file"}),
    ],
    ids=["complete", "partial"],
)
def test_compared_organisms_can_be_named(
    gafreduce: Command,
    samples: Path,
    complete_samples: Path,
    tmp_path: Path,
    is_complete: bool,
    verdicts: dict[str, str],
) -> None:
    code, output, _ = gafreduce(
        *("run", complete_samples if is_complete else samples),
        *("--ontology", samples / "go-samples.obo", "-o", tmp_path / "run", "--no-report"),
        *("--organism", "224308", "--organism", "2359090", "--organism", "9606"),
    )
    assert code == 0
    compared = {
        row["taxon_id"]: row
        for row in read_rows(RunFolder(tmp_path / "run"), "organisms")
        if row["compared"] == "true"
    }
    assert {taxon: row["verdict"] for taxon, row in compared.items()} == verdicts
    assert compared["9606"]["n_annotations"] == "0"
    assert "Homo sapiens was requested but has no annotations" in output
    terms = {row["go_id"]: row for row in read_rows(RunFolder(tmp_path / "run"), "terms")}
    assert terms["GO:0030420"]["organism_ids"] == "224308"
    assert terms["GO:0030420"]["membership"] == ("unique" if is_complete else "partial_only")


def test_target_scope_agrees_with_full_scope(run: Command, tmp_path: Path) -> None:
    assert run()[0] == 0
    full = {
        name: list(read_rows(RunFolder(tmp_path / "run"), name))
        for name in ("organisms", "gene_products", "annotations", "profile", "terms")
    }
    assert run("--scope", "target", "--force")[0] == 0
    term_set = {row["go_id"] for row in read_rows(RunFolder(tmp_path / "run"), "term_set")}
    for name in ("gene_products", "annotations"):
        assert list(read_rows(RunFolder(tmp_path / "run"), name)) == full[name]
    for name in ("profile", "terms"):
        expected = [row for row in full[name] if row["go_id"] in term_set]
        assert list(read_rows(RunFolder(tmp_path / "run"), name)) == expected
    organisms = list(read_rows(RunFolder(tmp_path / "run"), "organisms"))
    assert organisms == [{**row, "n_terms": ""} for row in full["organisms"]]


def test_a_root_as_target_lists_nearly_every_line(run: Command, tmp_path: Path) -> None:
    assert run("--term", "biological_process")[0] == 0
    rows = sum(1 for _ in read_rows(RunFolder(tmp_path / "run"), "annotations"))
    target = sum(
        int(r["n_target_annotations"]) for r in read_rows(RunFolder(tmp_path / "run"), "organisms")
    )
    assert rows >= target > 1000


def test_the_ontology_is_found_in_folder_or_environment(
    gafreduce: Command, samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GAFREDUCE_ONTOLOGY", raising=False)
    code, _, errors = gafreduce("term-set", "GO:0030420")
    assert code == 1
    assert "purl.obolibrary.org/obo/go/go-basic.obo" in errors
    monkeypatch.setenv("GAFREDUCE_ONTOLOGY", str(samples / "go-samples.obo"))
    code, output, _ = gafreduce("term-set", "GO:0030420")
    assert code == 0
    assert output.splitlines()[1].startswith("GO:0030420\ttarget\t")
    (tmp_path / "go-basic.obo").write_bytes(b"")
    assert gafreduce("term-set", "GO:0030420")[0] == 1, "the working folder comes first"


@pytest.mark.parametrize(
    "arguments",
    [
        ["run"],
        ["run", "x", "--max-rejected", "2"],
        ["run", "x", "--scope", "none"],
        ["nonsense"],
    ],
)
def test_wrong_usage_exits_with_two(gafreduce: Command, arguments: list[str]) -> None:
    code, _, errors = gafreduce(*arguments)
    assert code == 2
    assert "usage: gafreduce" in errors


def test_the_version(gafreduce: Command) -> None:
    assert gafreduce("--version") == (0, "gafreduce 0.1.0\n", "")
    assert gafreduce("-V") == gafreduce("--version")


def test_every_option_has_help_and_the_readme_names_every_command() -> None:
    readme = (REPOSITORY / "README.md").read_text()
    commands = next(a for a in parser()._actions if a.choices and not a.option_strings)
    for name, command in dict(commands.choices or {}).items():
        assert f"gafreduce {name}" in readme
        assert all(action.help for action in command._actions), name


def test_examples_of_the_help_work_as_printed(
    gafreduce: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "data").symlink_to(REPOSITORY / "data")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        parser().parse_args(["run", "--help"])
    epilog = (
        next(a for a in parser()._actions if a.choices and not a.option_strings)
        .choices["run"]
        .epilog
    )  # type: ignore[index]
    examples = [line.split()[1:] for line in epilog.splitlines() if line.startswith("  gafreduce")]
    assert len(examples) >= 4
    for example in examples:
        more = [] if "--dry-run" in example or "--no-report" in example else ["--no-report"]
        assert gafreduce(*example, *more)[0] == 0


@pytest.mark.parametrize("n_cores", ["0", "-3", "two"])
def test_zero_cores_are_wrong_usage(run: Command, n_cores: str) -> None:
    code, _, errors = run("-r", "local", f"--cores={n_cores}")
    assert code == 2
    assert "expected a number from 1" in errors


def _is_group(number: int) -> bool:
    """Tell whether a process of a group is there."""
    try:
        os.killpg(number, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_no_files(
    samples: Path, tmp_path: Path, number: signal.Signals
) -> None:
    big = tmp_path / "big.gaf"
    content = (samples / "Bacillus_megaterium_DSM_319-592022.gaf").read_bytes()
    big.write_bytes(content * 1000)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "gafreduce", "run", big, "-r", "local"),
            *("-o", tmp_path / "runs/run", "--ontology", samples / "go-samples.obo"),
        ],
        env={**os.environ, "TMPDIR": str(scratch)},
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    while not list(scratch.glob("*/annotation_profile*/")) and process.poll() is None:
        time.sleep(0.01)  # until the job has a folder of its own
    process.send_signal(number)
    _, errors = process.communicate()
    assert process.returncode == 128 + number, errors
    assert b"; nothing was published" in errors
    assert list((tmp_path / "runs").iterdir()) == []
    assert list(scratch.iterdir()) == []
    deadline = time.monotonic() + 30  # a killed process takes a moment on a busy machine
    while _is_group(process.pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not _is_group(process.pid)


def test_paths_with_parent_folders_are_read(
    gafreduce: Command, samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "deep" / "er"
    here.mkdir(parents=True)
    name = "Escherichia_coli_K-12-83333.gaf"
    (tmp_path / name).write_bytes(next(samples.glob("*83333*")).read_bytes())
    monkeypatch.chdir(here)
    more = ("--ontology", samples / "go-samples.obo", "--no-report", "-q", "-o")
    for number, path in enumerate((f"../../{name}", f"../er/../../{name}", "../../*.gaf")):
        assert gafreduce("run", path, *more, tmp_path / f"run{number}")[0] == 0
    command = [sys.executable, samples.parents[1] / "jobs" / "annotation_profile.py"]
    options = ("--ontology", samples / "go-samples.obo", "--no-conf", "--no-cat-output")
    done = subprocess.run(
        [*command, f"../../{name}", *options, "--output-dir", tmp_path / "out"],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_an_empty_output_is_refused(gafreduce: Command, samples: Path) -> None:
    code, out, err = gafreduce("run", samples, "-o", "", "--ontology", samples / "go-samples.obo")
    assert (code, out) == (2, "")
    assert "-o: expected a folder" in err
