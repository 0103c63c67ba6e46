"""Control characters of texts of others never reach a terminal; data for programs pass unchanged."""

from __future__ import annotations

import json
import logging
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gafreduce import redaction, streams

Command = Callable[..., tuple[int, str, str]]
GAFREDUCE = Path(sys.executable).with_name("gafreduce")
#: Title, colour, cursor, clipboard; CSI as one character; carriage return, backspace; direction.
EVIL = "\x1b]0;title\x07\x1b[31m\x1b[2J\x1b]52;c;eA==\x07\x9b5A\r\x08\u202egpj"
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@pytest.fixture
def evil(samples: Path, tmp_path: Path) -> Path:
    """Write a file and an ontology with control characters in every name."""
    folder = tmp_path / f"in{EVIL}"
    folder.mkdir()
    (folder / f"a{EVIL}.gaf").write_bytes(
        (samples / "Escherichia_coli_K_12-83333.gaf").read_bytes()
        + f"U\tP1\tx{EVIL}\t\tGO:9999999{EVIL}\tPMID:1\tIEA\t\tP\t\t\tprotein\ttaxon:83333\t2020\tX\n".encode()
    )
    ontology = (samples / "go-samples.obo").read_text()
    name = "establishment of competence for transformation"
    (folder / "go.obo").write_text(ontology.replace(f"name: {name}", f"name: {name}{EVIL}"))
    return folder


def run(*words: object) -> tuple[bytes, bytes]:
    done = subprocess.run(
        [GAFREDUCE, *words], stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    return done.stdout, done.stderr


def run_on_terminal(*words: object) -> str:
    """Return what a command writes to a terminal, which is its standard output and error."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        [GAFREDUCE, *words], stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    found = b""
    try:
        while block := os.read(ours, 65536):
            found += block
    except OSError:  # the other end is closed
        pass
    child.wait()
    os.close(ours)
    return found.decode().replace("\r\n", "\n")


def test_no_command_prints_control_characters(evil: Path, tmp_path: Path) -> None:
    (gaf,) = evil.glob("*.gaf")
    ontology = ("--ontology", evil / "go.obo")
    names = tmp_path / "names.tsv"
    names.write_text(f"83333\tE. coli {EVIL}\n")
    out = tmp_path / f"run{EVIL}"
    commands: list[tuple[object, ...]] = [
        ("run", evil, *ontology, "--organism-names", names, "--no-report", "-o", out, "-v"),
        ("run", evil, *ontology, "--organism-names", names, "--no-report", "-o", out, "--json"),
        ("run", evil, *ontology, "--dry-run"),
        ("run", evil / "missing", *ontology),
        ("run", gaf, "--ontology", evil / "missing.obo"),
        ("run", gaf, *ontology, "--term", f"GO:0{EVIL}"),
        ("run", gaf, f"--no-such-option{EVIL}"),
        (f"command{EVIL}",),
        ("check", evil, *ontology),
        ("check", evil, *ontology, "--json"),
        ("explain", out, "terms/GO:0030420/membership", *ontology),
        ("explain", out, f"terms/GO:0030420/{EVIL}", *ontology),
        ("report", evil),
        ("clean", evil, tmp_path / f"none{EVIL}"),
        ("convert", gaf, "--to", "gaf2.2", "-o", evil / "out.gaf"),
    ]
    for words in commands:
        for text in run(*words):
            assert not CONTROL.search(text.decode()), (words, text)


def test_data_pass_unchanged_but_not_to_a_terminal(evil: Path) -> None:
    words = ("term-set", "GO:0030420", "--ontology", evil / "go.obo")
    assert "\x1b]0;title\x07" in run(*words)[0].decode()
    shown = run_on_terminal(*words)
    assert "\\u001b]0;title\\u0007" in shown
    assert not CONTROL.search(shown)


def test_json_keeps_its_meaning() -> None:
    text = json.dumps({EVIL: "\x7f\x9b"}, ensure_ascii=False)
    assert json.loads(streams.escape(text)) == {EVIL: "\x7f\x9b"}


def test_a_message_cannot_look_like_two(capsys: pytest.CaptureFixture[str]) -> None:
    formatter = redaction.RedactingFormatter("gafreduce: %(message)s")
    name = "x\ngafreduce: all is well"
    record = logging.LogRecord("g", logging.WARNING, "", 0, "%s: bad", (name,), None)
    assert formatter.format(record) == "gafreduce: x\\ngafreduce: all is well: bad"


def test_one_line_of_an_error_names_a_file_with_a_line_feed(
    gafreduce: Command, tmp_path: Path, samples: Path
) -> None:
    ontology = samples / "go-samples.obo"
    code, _, errors = gafreduce("run", tmp_path / "a\nb.gaf", "--ontology", ontology)
    assert code == 1
    assert len(errors.splitlines()) == 1
    assert "a\\nb.gaf" in errors


def test_bytes_that_are_not_text_are_escaped() -> None:
    assert streams.escape(os.fsdecode(b"\xff\x1b.gaf")) == "\\udcff\\u001b.gaf"
    assert streams.escape("tab\tand\nline") == "tab\tand\nline"
