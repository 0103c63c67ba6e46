"""Filters, from the command line to the tables: what is left out is counted, nothing is lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gafreduce.cli import main
from gafreduce.jobs.model.filters import Filters
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.tables.reader import read_rows

SAMPLES = Path(__file__).parents[3] / "data" / "samples"
TARGET = "GO:0030420"


@pytest.fixture(scope="module", autouse=True)
def cache_folder(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


def run(folder: Path, *options: str, inputs: tuple[str, ...] = (str(SAMPLES),)) -> Path:
    obo = str(SAMPLES / "go-samples.obo")
    arguments = ["run", *inputs, "--ontology", obo, "--no-report", "-q", "-o", str(folder)]
    assert main.main([*arguments, *options]) == 0
    return folder


def lines(path: Path) -> list[list[str]]:
    text = path.read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("!")]


def kept(folder: Path) -> dict[str, tuple[int, int]]:
    return {
        row["source_file"]: (int(row["n_kept"]), int(row["n_filtered"]))
        for row in read_rows(RunFolder(folder), "inputs")
    }


@pytest.mark.parametrize(
    ("options", "is_taken"),
    [
        (("--exclude-evidence", "IEA"), lambda cells: cells[6] != "IEA"),
        (("--evidence", "ida,ECO:0000315"), lambda cells: cells[6] in ("IDA", "IMP")),
        (("--aspect", "MF"), lambda cells: cells[8] == "F"),
        (("--assigned-by", "InterPro"), lambda cells: cells[14] == "InterPro"),
        (
            ("--object-type", "PROTEIN", "--exclude-evidence", "electronic"),
            lambda cells: cells[11] == "protein" and cells[6] != "IEA",
        ),
    ],
)
def test_filtered_lines_are_excluded_and_counted(tmp_path, options, is_taken):
    folder = run(tmp_path / "run", *options)
    expected = {}
    for path in sorted(SAMPLES.glob("*.gaf")):
        found = [is_taken(cells) for cells in lines(path)]
        expected[path.name] = (sum(found), len(found) - sum(found))
    assert kept(folder) == expected
    record = json.loads((folder / "run.json").read_text())
    assert record["counts"]["n_filtered"] == sum(out for _, out in expected.values())
    assert record["counts"]["n_rejected"] == 0
    assert Filters.from_dict(record["options"]["filters"]).exclusions


def test_filtering_equals_a_run_of_filtered_files(tmp_path):
    names = sorted(SAMPLES.glob("*.gaf"))
    for path in names:
        text = path.read_text(encoding="utf-8").splitlines(keepends=True)
        taken = [line for line in text if line.startswith("!") or "\tUniProt\t" in line]
        (tmp_path / path.name).write_text("".join(taken), encoding="utf-8")
    by_file = run(tmp_path / "a", inputs=tuple(str(tmp_path / path.name) for path in names))
    by_filter = run(
        tmp_path / "b", "--assigned-by", "UniProt", inputs=tuple(str(path) for path in names)
    )
    for name in ("gene_products", "annotations", "profile", "terms"):
        table = f"tables/{name}.tsv"
        assert (by_filter / table).read_bytes() == (by_file / table).read_bytes(), name
    # the filter leaves a trace: which lines it excluded, and what is known without it
    traces = {"n_filtered_lines", "n_filtered_target_gene_products", "partial_reasons"}
    filtered, alone = (
        [
            {name: cell for name, cell in row.items() if name not in traces}
            for row in read_rows(RunFolder(folder), "organisms")
        ]
        for folder in (by_filter, by_file)
    )
    assert [row for row in filtered if row["n_annotations"] != "0"] == alone


def test_filters_give_the_same_bytes_on_every_runner(tmp_path):
    options = ("--exclude-evidence", "IEA", "--aspect", "P")
    inline = run(tmp_path / "inline", *options)
    local = run(tmp_path / "local", *options, "-r", "local", "--cores", "2")
    for path in sorted((inline / "tables").glob("*.tsv")):
        if path.name != "runs.tsv":  # it has the time of the run
            assert path.read_bytes() == (local / "tables" / path.name).read_bytes()


def test_the_summary_names_the_filters(tmp_path, capsys):
    obo = str(SAMPLES / "go-samples.obo")
    arguments = ["run", str(SAMPLES), "--ontology", obo, "--no-report", "--exclude-evidence", "IEA"]
    assert main.main([*arguments, "-o", str(tmp_path / "run")]) == 0
    said = capsys.readouterr().out
    assert said.startswith("Counting only annotations that pass the filters, ")
    assert "lines were excluded by filters: --exclude-evidence" in said


def test_qualifier_relations_replace_the_supporting_relations(tmp_path):
    path = tmp_path / "x.gaf"
    cells = ["DB", "P1", "s", "", TARGET, "R:1", "IDA", "", "P", "", "", "protein", "taxon:562"]
    rows = []
    for number, relation in enumerate(("involved_in", "acts_upstream_of", "")):
        cells[1], cells[3] = f"P{number}", relation
        rows.append("\t".join([*cells, "20200101", "X", "", ""]) + "\n")
    path.write_text("!gaf-version: 2.2\n" + "".join(rows))
    usual = run(tmp_path / "usual", inputs=(str(path),))
    other = run(
        tmp_path / "other",
        *("--qualifier-relations", "acts_upstream_of,none"),
        inputs=(str(path),),
    )
    names = ("takes_part",)
    assert [row[n] for row in read_rows(RunFolder(usual), "annotations") for n in names] == [
        "true",
        "false",
        "true",
    ]
    assert [row["takes_part"] for row in read_rows(RunFolder(other), "annotations")] == [
        "false",
        "true",
        "true",
    ]
    for folder in (usual, other):
        row = next(iter(read_rows(RunFolder(folder), "organisms")))
        assert (row["n_target_gene_products"], row["n_other_relation_gene_products"]) == ("2", "1")
    statuses = [row["status"] for row in read_rows(RunFolder(other), "gene_products")]
    assert statuses == ["other_relation", "positive", "positive"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--evidence", "MADEUP"), "expected a code such as IDA"),
        (("--aspect", "X"), "expected P, F or C"),
        (("--relation", "likes"), "expected a relation of GO"),
        (("--assigned-by", " , "), "expected a comma-separated list"),
    ],
)
def test_unknown_words_in_filters_are_wrong_usage(options, said, capsys):
    with pytest.raises(SystemExit) as caught:
        main.main(["run", str(SAMPLES), *options])
    assert caught.value.code == 2
    assert said in capsys.readouterr().err
