"""The founding seven: published counts, and every number against two independent computations."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import oracle_duckdb
import oracle_goatools
import pytest

from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.tables.reader import read_rows

SEVEN = (326423, 279010, 592022, 224308, 83333, 235909, 420246)
#: Those with whole files.
WHOLE = (326423, 279010, 592022, 235909, 420246)


@pytest.fixture(scope="module")
def run_dir(
    real_files: list[Path], real_ontology: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    from gafreduce.cli.main import main

    folder = tmp_path_factory.mktemp("founding") / "run"
    arguments = [*map(str, real_files), "--ontology", str(real_ontology), "--no-report", "-q"]
    assert main(["run", *arguments, "-o", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def organisms(run_dir: Path) -> dict[int, dict[str, str]]:
    return {int(row["taxon_id"]): row for row in read_rows(RunFolder(run_dir), "organisms")}


def test_published_counts(organisms: dict[int, dict[str, str]], run_dir: Path) -> None:
    def column(name: str) -> list[int]:
        return [int(organisms[taxon_id][name]) for taxon_id in SEVEN]

    assert column("n_target_annotations") == [8, 7, 8, 56, 2, 9, 8]
    assert column("n_target_gene_products") == [6, 6, 6, 52, 2, 7, 6]
    n_rows = [0] * 7
    for row in read_rows(RunFolder(run_dir), "annotations"):
        n_rows[SEVEN.index(int(row["taxon_id"]))] += 1
    assert n_rows == [10, 9, 10, 58, 2, 11, 10]
    assert {organisms[taxon_id]["verdict"] for taxon_id in SEVEN} == {"electronic_only"}


def test_seven_are_compared_and_twenty_strays_are_named(
    organisms: dict[int, dict[str, str]], run_dir: Path
) -> None:
    compared = {taxon_id for taxon_id, row in organisms.items() if row["compared"] == "true"}
    assert compared == set(SEVEN)
    strays = set(organisms) - compared
    assert len(strays) == 20
    record = (run_dir / "run.json").read_text()
    first = ", ".join(f"taxon:{taxon_id}" for taxon_id in sorted(strays)[:5])
    assert "20 other organisms are not compared" in record
    assert f"{first} and 15 more" in record


def test_excerpts_are_suspect_and_core_counts_complete_organisms(
    organisms: dict[int, dict[str, str]], run_dir: Path
) -> None:
    found = {taxon_id: organisms[taxon_id]["complete"] for taxon_id in SEVEN}
    assert found == {taxon: "true" if taxon in WHOLE else "suspect" for taxon in SEVEN}
    assert all((organisms[taxon]["rate_per_1000"] == "") == (taxon not in WHOLE) for taxon in SEVEN)
    words = Counter(row["membership"] for row in read_rows(RunFolder(run_dir), "terms"))
    assert (words["core"], words["unique"], words["partial_only"]) == (1369, 315, 30)


def test_every_line_is_accounted_for(run_dir: Path) -> None:
    rows = list(read_rows(RunFolder(run_dir), "inputs"))
    assert sum(int(row["n_lines"]) for row in rows) == 97_146 + 258 + 202
    for row in rows:
        parts = [int(row[f"n_{name}"]) for name in ("header", "blank", "kept", "rejected")]
        assert sum(parts) == int(row["n_lines"])


def test_known_facts_of_the_whole_files(
    organisms: dict[int, dict[str, str]], run_dir: Path
) -> None:
    assert organisms[326423]["n_in_aspect"] == "2160"
    of_excerpts = {
        int(taxon_id)
        for row in read_rows(RunFolder(run_dir), "inputs")
        if row["compression"] == "plain"
        for taxon_id in row["taxon_ids"].split("|")
    }
    terms = list(read_rows(RunFolder(run_dir), "terms"))
    obsolete = {row["go_id"] for row in terms if row["status"] == "obsolete"}
    lines = sum(
        int(row["n_annotations"])
        for row in read_rows(RunFolder(run_dir), "profile")
        if row["go_id"] in obsolete and int(row["taxon_id"]) not in of_excerpts
    )
    assert (len(obsolete), lines) == (14, 2747)


def test_every_number_equals_sql_over_the_raw_lines(
    run_dir: Path, real_files: list[Path], real_ontology: Path
) -> None:
    found = oracle_duckdb.read_run(run_dir)
    assert len(found.profile) > 16_000
    assert found == oracle_duckdb.count(real_files, real_ontology, SEVEN, WHOLE)


@pytest.mark.filterwarnings("ignore")
def test_direct_and_propagated_counts_equal_those_of_goatools(
    run_dir: Path, real_files: list[Path], real_ontology: Path
) -> None:
    profile = oracle_duckdb.read_run(run_dir).profile
    found = {key: (direct, propagated) for key, (_, direct, propagated, _) in profile.items()}
    assert found == oracle_goatools.count(real_files, real_ontology)
