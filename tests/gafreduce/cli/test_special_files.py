"""Pipes and devices that are given as files are refused at once: reading them may never end."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

GAFREDUCE = Path(sys.executable).with_name("gafreduce")
SAMPLE = "Bacillus_subtilis_168-224308.gaf"


@pytest.fixture
def fifo(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "fifo")
    return tmp_path / "fifo"


def is_refused(*arguments: object) -> bool:
    done = subprocess.run(
        [str(GAFREDUCE), *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    words = ("expected a regular file, got a ", "expected a file, got a pipe or device")
    return done.returncode == 1 and any(each in done.stderr for each in words)


@pytest.mark.parametrize(
    "option",
    ["--components", "--orthologs", "--organism-names", "--companion", "--ontology", "--conf"],
)
def test_a_pipe_as_a_file_of_a_run_is_refused(
    samples: Path, tmp_path: Path, fifo: Path, option: str
) -> None:
    out = tmp_path / "run"
    ontology = () if option == "--ontology" else ("--ontology", samples / "go-samples.obo")
    assert is_refused("run", samples / SAMPLE, *ontology, option, fifo, "-o", out)
    assert not out.exists()


@pytest.mark.parametrize("command", ["run", "check", "convert", "term-set", "search"])
def test_a_pipe_as_ontology_is_refused_by_each_command(
    samples: Path, tmp_path: Path, fifo: Path, command: str
) -> None:
    arguments = {
        "run": [samples / SAMPLE, "-o", tmp_path / "run"],
        "check": [samples / SAMPLE],
        "convert": [samples / SAMPLE, "--to", "gpad2.0"],
        "term-set": ["GO:0030420"],
        "search": ["competence"],
    }
    assert is_refused(command, *arguments[command], "--ontology", fifo)


def test_devices_are_refused(samples: Path, tmp_path: Path) -> None:
    arguments = ["run", samples / SAMPLE, "-o", tmp_path / "run"]
    assert is_refused(*arguments, "--ontology", "/dev/zero")
    ontology = ["--ontology", samples / "go-samples.obo"]
    assert is_refused(*arguments, *ontology, "--organism-names", "/dev/zero")
    assert is_refused("run", "/dev/zero", *ontology)


def test_pipes_as_inputs_are_refused(samples: Path, tmp_path: Path, fifo: Path) -> None:
    ontology = ["--ontology", samples / "go-samples.obo"]
    assert is_refused("run", fifo, *ontology)
    sheet = tmp_path / "sheet.tsv"
    sheet.write_text(f"path\tcompanion\n{fifo}\t\n")
    assert is_refused("check", sheet, *ontology)
    sheet.write_text(f"path\tcompanion\n{samples / SAMPLE}\t{fifo}\n")
    assert is_refused("check", sheet, *ontology)
    os.mkfifo(tmp_path / "inputs.tsv")
    assert is_refused("check", tmp_path / "inputs.tsv", *ontology)
