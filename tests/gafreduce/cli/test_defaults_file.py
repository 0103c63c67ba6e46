"""Defaults from gafreduce.toml, and their record in the run folder."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from gafreduce.cli import defaults_file
from gafreduce.cli.main import parser
from gafreduce.errors import InputError

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], object]:
    """Write gafreduce.toml into the working folder."""
    monkeypatch.chdir(tmp_path)
    return (tmp_path / "gafreduce.toml").write_text


def parse(*words: str) -> dict[str, object]:
    return vars(parser(only=words[0]).parse_args(words))


def test_keys_are_options_at_the_top_for_all_commands_or_of_one(
    write: Callable[[str], object],
) -> None:
    write(
        'ontology = "a.obo"\nmax-rejected = "1%"\nto = "gaf2.2"\n'
        '[run]\norganism = [9606, 562]\nno-report = true\nevidence = ["IDA", "IMP"]\ncores = 2\n'
    )
    run = parse("run", "x")
    assert run["ontology"] == "a.obo"
    assert run["max_rejected"] == 0.01
    assert [str(each) for each in run["organisms"]] == ["9606", "562"]  # type: ignore[attr-defined]
    assert run["report"] is False
    assert run["evidence"] == ("IDA", "IMP")
    assert run["cores"] == 2
    assert parse("run", "x", "--ontology", "b.obo")["ontology"] == "b.obo"
    assert parse("convert", "x")["to"] == "gaf2.2"
    write('ontology = "a.obo"\n')
    assert parse("check", "x")["ontology"] == "a.obo"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ontolgy = 'x'", "expected an option of a command (without dashes), got ontolgy"),
        ("[runn]\nterm = 'x'", "expected a command, got [runn]"),
        ("[run]\nrules = 'all'", "expected an option of gafreduce run, got [run] rules"),
        ("[check]\nterm = 'x'", "expected an option of gafreduce check, got [check] term"),
        ("scope = 'half'", "scope: invalid choice: 'half'"),
        ("cores = 0", "cores: expected a number from 1, got '0'"),
        ("no-report = 'yes'", "expected true or false, got no-report = 'yes'"),
        ("term = true", "expected a value, got term = 'True'"),
        ('ontology = "a\\u0000b"', "expected a value, got ontology"),
        ("a = " + "[" * 20_000, "expected TOML, got an error: maximum recursion"),
        ("cores = " + "9" * 6_000, "expected TOML, got an error: Exceeds the limit"),
        ("#" + "x" * (1 << 20), "expected at most 1,048,576 bytes, got more"),
        ("force = true", "expected an option of a command (without dashes), got force"),
        ("conf = 'x.conf'", "expected an option of a command (without dashes), got conf"),
        ("endpoint-url = 'http://x'", "an option of a command (without dashes), got endpoint-url"),
        ("inputs = true", "expected a value, got inputs = 'True'"),
        ("term", "expected TOML, got an error"),
    ],
)
def test_what_is_no_option_is_refused(
    gafreduce: Command, write: Callable[[str], object], text: str, message: str
) -> None:
    write(text + "\n")
    name = "search" if text.startswith("inputs") else "run"
    code, output, errors = gafreduce(name, "x")
    assert (code, output) == (1, "")
    assert errors.startswith("gafreduce: gafreduce.toml: ")
    assert message in errors
    assert errors.count("\n") == 1
    assert gafreduce("--help")[0] == 0, "help needs no file"


def test_a_file_that_cannot_be_read_is_named(
    gafreduce: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "gafreduce.toml").write_bytes("term = 'caf\u00e9'\n".encode("latin-1"))
    code, _, errors = gafreduce("run", "x")
    assert (code, errors) == (1, "gafreduce: gafreduce.toml: expected UTF-8, got the byte 0xe9\n")

    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", "gafreduce.toml")

    monkeypatch.setattr(defaults_file, "_check_owner", refuse)
    code, _, errors = gafreduce("run", "x")
    assert code == 1
    assert errors == "gafreduce: gafreduce.toml: expected to read it, got Permission denied\n"


def test_what_came_from_the_file_is_recorded(
    gafreduce: Command, write: Callable[[str], object], samples: Path, tmp_path: Path
) -> None:
    ontology = samples / "go-samples.obo"
    write(f'ontology = "{ontology}"\nno-report = true\nscope = "target"\nterm = "GO:0009294"\n')
    gaf = samples / "Bacillus_subtilis_168-224308.gaf"
    assert gafreduce("run", gaf, "--scope", "full", "-o", "run", "-q")[0] == 0
    record = json.loads((tmp_path / "run" / "run.json").read_text())
    assert record["options"]["defaults_file"] == {
        "ontology": str(ontology),
        "report": True,
        "term": "GO:0009294",
    }
    assert record["target"]["go_id"] == "GO:0009294"
    assert record["scope"] == "full"
    address = "organisms/224308/n_target_gene_products"
    assert gafreduce("explain", "run", address)[0] == 0, "the record is read again"


def test_a_file_of_others_is_refused(
    write: Callable[[str], object], gafreduce: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    write('term = "GO:0030420"\n')
    Path("gafreduce.toml").chmod(0o666)
    code, _, errors = gafreduce("run", "x")
    assert code == 1
    assert "expected a file that only you can write to" in errors
    Path("gafreduce.toml").chmod(0o644)
    of_another = SimpleNamespace(st_uid=1, st_mode=0o644)
    system = SimpleNamespace(geteuid=lambda: 12345, fstat=lambda _: of_another)
    monkeypatch.setattr(defaults_file, "os", system)
    with pytest.raises(InputError, match="got one of another user"):
        parse("run", "x")
