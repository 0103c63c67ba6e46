"""The command `gafreduce search`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

Command = Callable[..., tuple[int, str, str]]
TARGET = "GO:0030420"


@pytest.fixture(scope="module")
def run_dir(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from gafreduce.cli.main import main

    folder = tmp_path_factory.mktemp("search") / "run"
    ontology = str(samples / "go-samples.obo")
    assert (
        main(["run", str(samples), "--ontology", ontology, "--no-report", "-q", "-o", str(folder)])
        == 0
    )
    return folder


def count_products(samples: Path) -> int:
    """Return the gene products on the target, from the files themselves."""
    found = set()
    for path in samples.glob("*.gaf"):
        for line in path.read_text().splitlines():
            cells = line.split("\t")
            if len(cells) > 4 and cells[4] == TARGET and "NOT" not in cells[3]:
                found.add((cells[12], cells[0], cells[1]))
    return len(found)


def test_terms_are_listed(gafreduce: Command, samples: Path) -> None:
    code, text, _ = gafreduce("search", "competence", "--ontology", samples / "go-samples.obo")
    assert code == 0
    title, first, *_, last = text.splitlines()
    assert title.split() == ["id", "name"]
    assert first == f"  {TARGET}  P  establishment of competence for transformation"
    assert last.split()[0] == "GO:0045809"


def test_a_run_says_how_many_organisms_and_products_have_a_term(
    gafreduce: Command, samples: Path, run_dir: Path
) -> None:
    code, text, _ = gafreduce("search", "go:30420", "--run", run_dir)
    assert code == 0
    title, row = text.splitlines()
    assert title.split("  ")[-2:] == ["organisms", "gene products"]
    assert row.split()[-4:] == ["7", "of", "7", str(count_products(samples))]


def test_inputs_give_the_same_numbers_as_their_run(
    gafreduce: Command,
    samples: Path,
    run_dir: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ("search", "competence", "--json", "--ontology", samples / "go-samples.obo")
    of_inputs = gafreduce(*words, "--inputs", samples)
    assert of_inputs == gafreduce(*words, "--run", run_dir)
    found = {each["go_id"]: each for each in json.loads(of_inputs[1])}
    assert found[TARGET]["n_gene_products"] == count_products(samples)
    assert found["GO:0045809"]["n_gene_products"] == 0
    assert list(tmp_path.iterdir()) == [], "nothing is left"


def test_terms_outside_the_scope_of_a_run_are_not_counted(
    gafreduce: Command, samples: Path, tmp_path: Path
) -> None:
    ontology = ("--ontology", samples / "go-samples.obo")
    gaf = samples / "Bacillus_subtilis_168-224308.gaf"
    run = ("run", gaf, *ontology, "--no-report", "-q", "--scope", "target", "-o", tmp_path / "run")
    assert gafreduce(*run)[0] == 0
    _, text, _ = gafreduce("search", "GO:0008150", "--run", tmp_path / "run")
    assert text.count("not counted") == 2
    _, text, _ = gafreduce("search", TARGET, "--run", tmp_path / "run")
    assert "1 of 1" in text


def test_no_more_than_the_limit_is_printed(gafreduce: Command, samples: Path) -> None:
    words = ("search", "a", "--ontology", samples / "go-samples.obo", "--limit", 2)
    lines = gafreduce(*words)[1].splitlines()
    assert len(lines) == 4
    assert lines[-1].endswith("more (--limit)")


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["xyzzy"], 1, "'xyzzy': expected words of a name or synonym of the ontology, got none"),
        (["a", "--run", "x", "--inputs", "y"], 2, "expected --run or --inputs, got both"),
        (["a", "--run", "missing"], 1, "missing"),
    ],
)
def test_errors(
    gafreduce: Command, samples: Path, words: list[str], code: int, message: str
) -> None:
    found, text, errors = gafreduce("search", *words, "--ontology", samples / "go-samples.obo")
    assert (found, text) == (code, "")
    assert message in errors


def test_numbers_of_a_run_are_not_shown_for_another_ontology(
    gafreduce: Command, samples: Path, run_dir: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.obo"
    other.write_bytes((samples / "go-samples.obo").read_bytes() + b"\n")
    code, text, errors = gafreduce("search", "competence", "--run", run_dir, "--ontology", other)
    assert (code, text) == (1, "")
    assert errors.startswith(f"gafreduce: {other}: expected the ontology of the run, ")


def test_an_ontology_in_s3_is_read(
    gafreduce: Command, samples: Path, put: Callable[..., None]
) -> None:
    path = samples / "go-samples.obo"
    put(**{"go.obo": path.read_bytes()})
    for command in (("search", "competence"), ("term-set", TARGET)):
        here = gafreduce(*command, "--ontology", path)
        assert here[0] == 0
        assert gafreduce(*command, "--ontology", "s3://gaf/go.obo") == here
    code, _, errors = gafreduce("search", "competence", "--ontology", "s3://gaf/none.obo")
    assert (code, errors.startswith("gafreduce: s3://gaf/none.obo: expected an ontology")) == (1, 1)
