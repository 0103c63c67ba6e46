"""Help, usage and the order of arguments."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from gafreduce.cli.main import COMMANDS, parser
from gafreduce.cli.parsers import ReplacingAppend

Command = Callable[..., tuple[int, str, str]]


def test_no_arguments_and_help_print_the_commands(gafreduce: Command) -> None:
    code, text, errors = gafreduce()
    assert (code, errors) == (0, "")
    assert all(f"    {command.name} " in text for command in COMMANDS)
    assert gafreduce("help") == gafreduce("--help") == (0, text, "")


@pytest.mark.parametrize("name", [command.name for command in COMMANDS])
def test_help_of_a_command(gafreduce: Command, name: str) -> None:
    code, text, errors = gafreduce("help", name)
    assert (code, errors) == (0, "")
    assert text.startswith(f"usage: gafreduce {name} [option ...]")
    assert gafreduce(name, "--help") == (0, text, "")


def test_an_unknown_command_names_similar_ones(gafreduce: Command) -> None:
    for words in (["exlpain", "x"], ["help", "exlpain"]):
        code, output, errors = gafreduce(*words)
        assert (code, output) == (2, "")
        assert "expected a command, got 'exlpain' (similar: explain; `gafreduce help`" in errors


@pytest.mark.parametrize(
    ("words", "usage", "message"),
    [
        (
            ["run", "x", "--evidnce", "IDA"],
            "gafreduce run [option ...] INPUT [INPUT ...]",
            "expected an option of gafreduce run, got '--evidnce' (similar: --evidence",
        ),
        (
            ["convert", "x", "--from=gaf"],
            "gafreduce convert [option ...] [INPUT ...]",
            "expected an option of gafreduce convert, got '--from' (similar: --format, --to",
        ),
        (
            ["term-set", "GO:0030420", "--ontolgy=x.obo"],
            "gafreduce term-set [option ...] TERM",
            "got '--ontolgy' (similar: --ontology",
        ),
        (
            ["term-set", "GO:0030420", "x.obo"],
            "gafreduce term-set [option ...] TERM",
            "expected no more arguments, got 'x.obo'",
        ),
        (["run"], "gafreduce run [option ...] INPUT [INPUT ...]", "required: INPUT"),
    ],
)
def test_wrong_usage_shows_the_usage_of_its_command(
    gafreduce: Command, words: list[str], usage: str, message: str
) -> None:
    code, output, errors = gafreduce(*words)
    assert (code, output) == (2, "")
    first, last = errors.splitlines()
    assert first == f"usage: {usage}"
    assert message in last


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            ["doctor", "emr", "-c", "C", "x", "y"],
            {"what": "emr", "conf": "C", "inputs": ["x", "y"]},
        ),
        (["doctor", "emr", "x", "-q", "y"], {"what": "emr", "inputs": ["x", "y"], "quiet": True}),
        (["doctor", "-q"], {"what": "local", "inputs": []}),
        (["run", "x", "--term", "t", "y", "-q", "z"], {"inputs": ["x", "y", "z"], "term": ["t"]}),
        (["run", "-", "-q"], {"inputs": ["-"]}),
        (["run", "-q", "--", "-x.gaf"], {"inputs": ["-x.gaf"], "quiet": True}),
        (["clean", "a", "--yes", "b"], {"places": ["a", "b"], "yes": True}),
        (["explain", "r", "-v", "a/b/c"], {"run_dir": "r", "address": ["a/b/c"]}),
        (["convert", "x", "--to", "gaf2.2", "y"], {"inputs": ["x", "y"], "to": "gaf2.2"}),
        (["check", "x", "--json", "y"], {"inputs": ["x", "y"], "to": "json"}),
    ],
)
def test_options_may_be_between_arguments(words: list[str], expected: dict[str, object]) -> None:
    found = vars(parser().parse_args(words))
    assert {name: found[name] for name in expected} == expected


def test_format_is_the_format_of_inputs_in_every_command() -> None:
    texts = set()
    for name, command in next(a for a in parser()._actions if a.choices).choices.items():  # type: ignore[union-attr]
        for action in command._actions:
            if "--format" in action.option_strings:
                texts.add((action.help, action.metavar))
            assert "--input-format" not in action.option_strings, name
    ((text, metavar),) = texts
    assert text.startswith("format of all inputs")
    assert metavar == "FORMAT"


def test_what_programs_can_read_is_printed_as_json(
    gafreduce: Command, samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("GAFREDUCE_ONTOLOGY", str(samples / "go-samples.obo"))
    gaf = samples / "Bacillus_subtilis_168-224308.gaf"
    code, text, _ = gafreduce("clean", tmp_path, "--json")
    assert (code, json.loads(text)) == (0, [])
    code, text, _ = gafreduce("doctor", "--json")
    assert {each["state"] for each in json.loads(text)} <= {"ok", "problem", "not checked"}
    code, text, _ = gafreduce("term-set", "GO:0030420", "--json")
    assert json.loads(text)[0]["term_class"] == "target"
    converted = ("convert", gaf, "--to", "gpad2.0", "-o", tmp_path / "out", "--json")
    code, text, _ = gafreduce(*converted)
    (counted,) = json.loads(text)["files"]
    assert (counted["n_lines"], counted["n_annotations"]) == (89, 84)
    code, text, _ = gafreduce("run", gaf, "--dry-run", "--json", "-o", tmp_path / "run")
    plan = json.loads(text)
    assert plan["folder"] == str(tmp_path / "run")
    assert plan["inputs"][0]["source_file"] == gaf.name
    assert plan["terms"][0] == {
        "go_id": "GO:0030420",
        "term_class": "target",
        "name": "establishment of competence for transformation",
    }


def test_clean_says_that_it_found_nothing(
    gafreduce: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    code, text, _ = gafreduce("clean", tmp_path)
    assert code == 0
    assert text.startswith("Nothing was found that an interrupted run left 24 hours ago")
    assert gafreduce("clean", tmp_path, "-q") == (0, "", "")


def test_terms_of_the_command_line_replace_those_of_the_defaults() -> None:
    parser = argparse.ArgumentParser()
    default = ["a"]
    parser.add_argument("--term", action=ReplacingAppend, default=default)
    assert parser.parse_args([]).term == ["a"]
    assert parser.parse_args(["--term", "b"]).term == ["b"]
    assert parser.parse_args(["--term", "b", "--term", "c"]).term == ["b", "c"]
    assert default == ["a"]
