"""`gafreduce query`: places, formats, and what is refused; runs here and in S3."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gafreduce.publishing.run_folder import RunFolder

Command = Callable[..., tuple[int, str, str]]
SQL = "SELECT organism_id, verdict, n_target_gene_products FROM organisms ORDER BY organism_id"


@pytest.fixture(scope="module")
def run_dir(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run of one sample file."""
    from gafreduce.cli.main import main

    folder = tmp_path_factory.mktemp("query") / "run"
    source, ontology = samples / "Escherichia_coli_K_12-83333.gaf", samples / "go-samples.obo"
    arguments = ("run", source, "--ontology", ontology, "--no-report", "-q", "-o", folder)
    assert main([str(each) for each in arguments]) == 0
    return folder


def test_the_formats_hold_the_same_rows(gafreduce: Command, run_dir: Path) -> None:
    found = {}
    for to in ("tsv", "csv", "json", "table"):
        code, out, errors = gafreduce("query", SQL, run_dir, "--to", to)
        assert (code, errors) == (0, "")
        found[to] = out
    expected = ["83333", "electronic_only", "2"]
    assert found["tsv"].splitlines()[1].split("\t") == expected
    assert list(csv.reader(io.StringIO(found["csv"])))[1] == expected
    assert json.loads(found["json"]) == [
        {"organism_id": "83333", "verdict": "electronic_only", "n_target_gene_products": 2}
    ]
    assert found["table"].splitlines()[1].split() == expected
    assert found["table"].splitlines()[-1] == "1 row"
    assert gafreduce("query", SQL, run_dir)[1] == found["tsv"]  # no terminal


def test_an_empty_result_is_whole_in_every_format(gafreduce: Command, run_dir: Path) -> None:
    text = "SELECT organism FROM organisms WHERE false"
    found = {
        to: gafreduce("query", text, run_dir, "--to", to)[1] for to in ("tsv", "json", "table")
    }
    assert found == {"tsv": "organism\n", "json": "[]\n", "table": "0 rows\n"}


def test_lists_and_texts_survive_csv_and_tsv(gafreduce: Command, run_dir: Path) -> None:
    text = (
        "SELECT ['a|b', 'c'] AS list, 'a\"b,c' AS text, NULL AS nothing, true AS yes, 0.5 AS half"
    )
    assert gafreduce("query", text, run_dir, "--to", "tsv")[1].splitlines()[1].split("\t") == [
        "a%7Cb|c",
        'a"b,c',
        "",
        "true",
        "0.5",
    ]
    (_, row) = csv.reader(io.StringIO(gafreduce("query", text, run_dir, "--to", "csv")[1]))
    assert row == ["a%7Cb|c", 'a"b,c', "", "true", "0.5"]
    (found,) = json.loads(gafreduce("query", text, run_dir, "--to", "json")[1])
    assert (found["list"], found["yes"], found["nothing"]) == (["a|b", "c"], True, None)


def test_named_queries_are_listed_shown_and_run(gafreduce: Command, run_dir: Path) -> None:
    code, out, _ = gafreduce("query", "--list")
    assert code == 0
    assert "@which-organisms\t" in out
    assert "    --set term=...\tan id such as GO:0030420" in out
    code, out, _ = gafreduce("query", "@which-organisms", "--show")
    assert out == (Path(__file__).parents[4] / "infra/queries/which-organisms.sql").read_text()
    code, out, _ = gafreduce("query", "@organism-history", run_dir, "--set", "organism=83333")
    assert (code, len(out.splitlines())) == (0, 2)


def test_a_parent_names_all_its_finished_runs(
    gafreduce: Command, run_dir: Path, tmp_path: Path
) -> None:
    shutil.copytree(run_dir, tmp_path / "a")
    shutil.copytree(run_dir, tmp_path / "unfinished")
    (tmp_path / "unfinished" / "MANIFEST.tsv").unlink()
    (tmp_path / "other").mkdir()
    code, out, _ = gafreduce("query", "SELECT count(*) FROM runs", tmp_path)
    assert (code, out.splitlines()[1]) == (0, "1")
    shutil.copytree(run_dir, tmp_path / "b")
    code, _, errors = gafreduce("query", SQL, tmp_path)
    assert code == 1
    assert "expected another run than" in errors


def test_what_is_empty_is_said(
    gafreduce: Command, run_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    code, out, _ = gafreduce("query", "SELECT count(*) FROM enrichment, term_ancestors", run_dir)
    assert (code, out.splitlines()[1]) == (0, "0")
    assert "no run has the table enrichment" in caplog.text
    assert "term_ancestors is empty: name a file of gafreduce convert --ancestors" in caplog.text


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ((), 2, "expected a query, got none"),
        (("",), 2, "expected a query, got an empty text"),
        (("SELECT 1",), 2, "expected run folders to query, got none"),
        (("SELECT 1", "{folder}"), 1, "expected a run folder, a parent of run folders"),
        (("SELECT 1", "{folder}/nothing"), 1, "expected a run folder, a parent of run folders"),
        (("DROP VIEW runs", "{run}"), 2, "where one SELECT is allowed"),
        (("SELECT x FROM runs", "{run}"), 2, "expected a query that can be run, got: Binder Error"),
        (("@any-term", "{run}"), 2, "expected a value for $term (an id such as GO:0030420)"),
        (("@any", "{run}"), 2, "expected a named query, one of any-term, "),
        (("SELECT 1", "{run}", "--set", "x"), 2, "--set x: expected NAME=VALUE"),
        (("SELECT 1", "{run}", "--set", "x=1"), 2, "--set x: expected a parameter of the query"),
        (("SELECT 1", "{run}", "--athena", "w"), 2, "--athena: expected no run folders"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    gafreduce: Command,
    run_dir: Path,
    tmp_path: Path,
    arguments: tuple[str, ...],
    code: int,
    message: str,
) -> None:
    filled = [each.format(folder=tmp_path, run=run_dir) for each in arguments]
    found, out, errors = gafreduce("query", *filled)
    assert (found, out) == (code, "")
    assert message in errors


def test_runs_in_s3_are_queried_where_they_are_finished(
    gafreduce: Command, run_dir: Path, s3_client: Any
) -> None:
    s3_client.create_bucket(Bucket="results")
    for path in run_dir.rglob("*"):
        if path.is_file():
            name = path.relative_to(run_dir).as_posix()
            for folder in ("runs/one", "runs/unfinished"):
                if not (folder.endswith("unfinished") and name == "MANIFEST.tsv"):
                    s3_client.upload_file(str(path), "results", f"{folder}/{name}")
    expected = gafreduce("query", SQL, run_dir)[1]
    for place in ("s3://results/runs", "s3://results/runs/one/", "s3://results"):
        assert gafreduce("query", SQL, place) == (0, expected, "")
    code, out, errors = gafreduce("query", SQL, "s3://results/runs/unfinished")
    assert (code, out) == (1, "")
    assert "expected a run folder" in errors
    assert gafreduce("query", SQL, "s3://results/run")[0] == 1  # no part of a name
    assert RunFolder(run_dir).run_id in gafreduce("query", "@compare-runs", "s3://results")[1]
