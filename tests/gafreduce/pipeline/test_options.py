"""The options of a run: from the command line into the run record, and back."""

from __future__ import annotations

import argparse
import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from gafreduce.cli.main import parser
from gafreduce.commands.runs.run import read_options
from gafreduce.errors import InputError, UsageError
from gafreduce.jobs.model.filters import Filters
from gafreduce.pipeline.options import RunnerOptions, RunOptions, S3Options

FULL = (
    *(
        "run",
        "a.gaf",
        "b.gaf",
        "-o",
        "s3://b/x",
        "--force",
        "--term",
        "GO:1",
        "--ontology",
        "go.obo",
    ),
    *("--ontology-relations", "is_a", "--format", "table", "--taxon", "7", "--companion", "x"),
    *("--recursive", "--skip-unknown", "--id-map", "ids"),
    *("--delimiter", "comma", "--id-column", "gene", "--go-column", "3"),
    *("--organism", "7", "--organism", "9", "--organism-names", "names.tsv", "--scope", "target"),
    *("--max-rejected", "1%", "--components", "parts.tsv", "--orthologs", "known.tsv"),
    *("--slim", "goslim_x", "--tree", "tree.nwk"),
    *("--figure-width", "180", "--figure-format", "pdf,svg"),
    *(
        "--search",
        "--catalog",
        "db",
        "--no-report",
        "--evidence",
        "IDA",
        "--aspect",
        "P",
        "--strict",
        "unknown_evidence",
    ),
    *(
        "-r",
        "local",
        "-c",
        "mrjob.conf",
        "-D",
        "a.b=c",
        "--cores",
        "2",
        "--max-wall",
        "1h",
        "--max-cost",
        "2.5",
    ),
    *("--endpoint-url", "http://here", "--profile", "me", "--sse-kms-key-id", "key"),
    "--no-sign-request",
)
#: Arguments for the output on the terminal, which a run does not need.
TERMINAL = {"dry_run", "json", "quiet", "verbose", "help", "parser", "make_parser"}
#: Arguments of a study of several terms: its runs have the options of a run of one term.
STUDY = {"terms", "cluster_traits"}


def read(*words: str) -> RunOptions:
    return read_options(parser("run").parse_args(words))


def test_every_option_differs_from_its_default() -> None:
    options, default = read(*FULL), RunOptions(inputs=())
    for part, usual in (
        (options, default),
        (options.runner, RunnerOptions()),
        (options.s3, S3Options()),
    ):
        same = [
            field.name
            for field in fields(part)  # type: ignore[arg-type]
            if getattr(part, field.name) == getattr(usual, field.name)
        ]
        assert same == (["defaults_file"] if part is options else [])


def test_every_argument_of_run_is_a_field() -> None:
    arguments = (
        vars(parser("run").parse_args(["run", "x"])).keys()
        - TERMINAL
        - STUDY
        - {"module", "version"}
    )
    kinds: tuple[Any, ...] = (RunOptions, RunnerOptions, S3Options)
    names = {field.name for kind in kinds for field in fields(kind)}
    names -= {"filters", "s3", "defaults_file"}
    filters = {
        *("evidence", "exclude_evidence", "aspect", "relation", "object_type", "assigned_by"),
        *("qualifier_relations", "strict", "obsolete", "quarantine"),
    }
    assert arguments - filters == names


@pytest.mark.parametrize("words", [FULL, ("run", "x")])
def test_the_record_gives_the_options_back(words: tuple[str, ...]) -> None:
    options = read(*words)
    assert RunOptions.from_record(json.loads(json.dumps(options.as_record()))) == options


def test_the_record_is_redacted() -> None:
    record = read("run", "http://me:secret12@host/x.gaf").as_record()
    assert record["inputs"] == ["http://***@host/x.gaf"]


@pytest.mark.parametrize("record", [{}, {"inputs": [], "filters": {"no": 1}}, {"nonsense": 1}])
def test_a_damaged_record_is_refused(record: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="expected the options of a run"):
        RunOptions.from_record(record)


def test_files_decide_the_run_by_their_content(tmp_path: Path) -> None:
    ids = []
    for name, content in (("a", "x"), ("b", "x"), ("a", "y")):
        path = tmp_path / name
        path.write_text(content)
        options = RunOptions(inputs=("i",), components=str(path))
        ids.append(options.list_deciding(options.hash_files()))
    assert ids[0] == ids[1]
    assert ids[0] != ids[2]
    assert ids[0]["orthologs"] is None


def test_a_subset_of_go_is_a_file_or_a_name(tmp_path: Path) -> None:
    path = tmp_path / "slim.obo"
    path.write_text("x")
    by_name = RunOptions(inputs=("i",), slim="goslim_prokaryote")
    by_file = RunOptions(inputs=("i",), slim=str(path), components=str(path))
    assert by_name.hash_files() == {}
    assert set(by_file.hash_files()) == {"components", "slim"}


def test_only_options_that_decide_the_numbers_are_in_the_run_id() -> None:
    options = RunOptions(inputs=("i",))
    others = {
        "inputs": ("j",),
        "output": "o",
        "force": True,
        "runner": RunnerOptions(runner="local"),
        "s3": S3Options(profile="me"),
    }
    for name, value in others.items():
        assert replace(options, **{name: value}).list_deciding({}) == options.list_deciding({})
    for name, value in {"filters": Filters(evidence=("IDA",)), "scope": "target"}.items():
        assert replace(options, **{name: value}).list_deciding({}) != options.list_deciding({})


def test_an_empty_output_is_wrong_usage() -> None:
    with pytest.raises(UsageError, match="-o: expected a folder"):
        read_options(argparse.Namespace(output=""))
