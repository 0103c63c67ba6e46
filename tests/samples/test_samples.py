"""The samples are what their README says, and their script makes them again."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path

import pytest

SEVEN = (326423, 279010, 592022, 224308, 83333, 235909, 420246)
TARGET = "GO:0030420"
CLOSURE = (TARGET, "GO:0045304", "GO:0045808", "GO:0045809")


def rows_of(samples: Path, taxon_id: int) -> list[list[str]]:
    (path,) = samples.glob(f"*-{taxon_id}.gaf")
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if not line.startswith("!")]


def stanzas_of(ontology: Path) -> dict[str, str]:
    _, *stanzas = ontology.read_text(encoding="utf-8").split("\n[Term]\n")
    return {re.findall(r"^id: (\S+)", text, re.MULTILINE)[0]: text for text in stanzas}


def test_the_script_makes_the_same_bytes_again(
    samples: Path,
    real_files: list[Path],
    real_ontology: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # the tutorial lists the folder
    spec = importlib.util.spec_from_file_location("make_samples", samples / "make_samples.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.main(real_files[0].parents[1], real_ontology, tmp_path)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert len(made) == 9
    assert made == {name: (samples / name).read_bytes() for name in made}


@pytest.mark.parametrize(
    ("taxon_id", "n_target", "n_closure"),
    [
        (326423, 8, 10),
        (279010, 7, 9),
        (592022, 8, 10),
        (224308, 56, 58),
        (83333, 2, 2),
        (235909, 9, 11),
        (420246, 8, 10),
    ],
)
def test_every_target_line_is_there(
    samples: Path, taxon_id: int, n_target: int, n_closure: int
) -> None:
    rows = rows_of(samples, taxon_id)
    assert {len(row) for row in rows} == {17}
    assert sum(row[4] == TARGET for row in rows) == n_target
    assert sum(row[4] in CLOSURE for row in rows) == n_closure
    readme = (samples / "README.md").read_text(encoding="utf-8")
    assert f"| {taxon_id} | {n_target} | {n_closure} |" in readme


def test_only_one_file_holds_a_foreign_taxon(samples: Path) -> None:
    foreign = {
        (taxon_id, row[12])
        for taxon_id in SEVEN
        for row in rows_of(samples, taxon_id)
        if row[12] != f"taxon:{taxon_id}"
    }
    assert foreign == {(235909, "taxon:2359090")}


def test_the_sheet_says_that_no_file_is_complete(samples: Path) -> None:
    header, *rows = [line.split("\t") for line in (samples / "inputs.tsv").read_text().splitlines()]
    sheet = [dict(zip(header, row, strict=True)) for row in rows]
    assert [int(row["taxon_id"]) for row in sheet] == list(SEVEN)
    assert {row["path"] for row in sheet} == {path.name for path in samples.glob("*.gaf")}
    assert {(row["compare"], row["complete"]) for row in sheet} == {("true", "false")}


def test_the_extract_of_go_has_every_term_and_every_ancestor(samples: Path) -> None:
    stanzas = stanzas_of(samples / "go-samples.obo")
    known = set(stanzas) | {
        other
        for text in stanzas.values()
        for other in re.findall(r"^alt_id: (\S+)", text, re.MULTILINE)
    }
    used = {row[4] for taxon_id in SEVEN for row in rows_of(samples, taxon_id)}
    assert used | set(CLOSURE) <= known
    parents = {
        parent
        for text in stanzas.values()
        for parent in re.findall(r"^(?:is_a:|relationship: \S+) (\S+)", text, re.MULTILINE)
    }
    assert parents <= set(stanzas)
    header = (samples / "go-samples.obo").read_text(encoding="utf-8").partition("\n\n")[0]
    assert "\ndata-version: releases/2022-07-01\n" in header


def test_the_samples_are_small_and_say_where_they_come_from(samples: Path) -> None:
    assert sum(path.stat().st_size for path in samples.iterdir() if path.is_file()) < 1_000_000
    assert "CC BY 4.0" in (samples / "README.md").read_text(encoding="utf-8")
    for path in samples.glob("*.gaf"):
        header = [line for line in path.read_text().splitlines() if line.startswith("!")]
        assert header[0] == "!gaf-version: 2.1"
        assert any("CC BY 4.0" in line for line in header)
        assert any("December 2019" in line for line in header)
