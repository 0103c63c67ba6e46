"""The table `runs`: one row, whose cells agree with the record and the other tables."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet

from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.tables.reader import read_rows, split_list
from gafreduce.reports.tables.verdicts import VERDICTS
from gafreduce.warehouse.run_table import make_cells


def read_run(folder: Path) -> dict[str, str]:
    (row,) = read_rows(RunFolder(folder), "runs")
    return row


def test_the_row_says_what_was_asked_and_found(parent: Path, samples: Path) -> None:
    row = read_run(parent / "competence")
    record = RunFolder(parent / "competence").read_record()
    assert (row["run_id"], row["created"]) == (record["run_id"], record["created"])
    assert row["target"] == "GO:0030420"
    assert row["target_name"] == "establishment of competence for transformation"
    assert row["ontology_version"] == "releases/2022-07-01"
    ontology = (samples / "go-samples.obo").read_bytes()
    assert row["ontology_sha256"] == hashlib.sha256(ontology).hexdigest()
    files = sorted(samples.glob("*.gaf"))
    assert split_list(row["inputs"]) == [path.name for path in files]
    lines = [line for path in files for line in path.read_bytes().splitlines()]
    assert int(row["n_lines"]) == len(lines)
    assert int(row["n_kept"]) == len([line for line in lines if not line.startswith(b"!")])
    sums = sorted(hashlib.sha256(path.read_bytes()).hexdigest() for path in files)
    together = hashlib.sha256("".join(f"{each}\n" for each in sums).encode()).hexdigest()
    assert row["inputs_sha256"] == together


def test_verdicts_are_those_of_the_organisms(parent: Path) -> None:
    for name in ("competence", "manual"):
        row = read_run(parent / name)
        organisms = read_rows(RunFolder(parent / name), "organisms")
        expected = Counter(each["verdict"] for each in organisms if each["compared"] == "true")
        assert {
            word: int(row[f"n_{word}"]) for word in VERDICTS if row[f"n_{word}"] != "0"
        } == expected
        assert int(row["n_organisms"]) == sum(expected.values()) == 7


def test_options_are_named_only_where_they_decide_and_differ(parent: Path) -> None:
    assert read_run(parent / "competence")["options"] == "report=False"
    assert split_list(read_run(parent / "manual")["options"]) == [
        "excluded_evidence=IEA",
        "max_rejected=0.01",
        "report=False",
    ]


def test_runs_of_the_same_files_can_be_recognised(parent: Path) -> None:
    first, second = (read_run(parent / name) for name in ("competence", "manual"))
    same = {name for name, cell in first.items() if second[name] == cell}
    assert {"inputs_sha256", "ontology_sha256", "target", "gafreduce_version"} <= same
    assert "run_id" not in same


def test_parquet_has_the_types(parent: Path) -> None:
    found = parquet.read_table(RunFolder(parent / "competence").parquet("runs")).to_pylist()[0]
    assert (found["n_inputs"], found["relations"]) == (7, ["is_a", "part_of"])


def test_many_inputs_are_cut_and_unknown_checksums_give_none() -> None:
    record: dict[str, Any] = {
        "run_id": "x",
        "created": "",
        "target": {"go_id": "GO:1", "name": "n", "aspect": "P"},
        "ontology": {"source": "go.obo", "data_version": "", "sha256": "a"},
        "versions": {"python": "3.11.1", "pyarrow": "20"},
        "inputs": [{"source_file": f"{n:05}", "sha256": ""} for n in range(1001)],
        "relations": ["part_of", "is_a"],
        "scope": "full",
        "counts": {},
        "verdicts": {"1": "curated", "2": "curated"},
        "gafreduce_version": "1",
    }
    cells = make_cells(record, [])
    names = cells["inputs"]
    assert isinstance(names, list)
    assert (len(names), names[-2:], cells["n_inputs"]) == (1001, ["00999", "..."], 1001)
    assert (cells["inputs_sha256"], cells["ontology_version"]) == (None, None)
    assert (cells["n_curated"], cells["n_experimental"]) == (2, 0)
