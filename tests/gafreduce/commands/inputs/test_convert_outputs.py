"""Outputs of `gafreduce convert`: neither inputs nor each other, and special files stay."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from gafreduce.cli.main import main
from gafreduce.storage import output_file

Command = Callable[..., tuple[int, str, str]]

LINE = "UniProtKB\tP{}\tcomEA\tinvolved_in\tGO:0030420\tPMID:1\tIDA\t\tP\t\t\tprotein\ttaxon:1\t20200102\tU\t\t\n"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.gaf"
    path.write_text("!gaf-version: 2.2\n" + LINE.format(1))
    return path


@pytest.fixture
def convert(gafreduce: Command, source: Path) -> Command:
    def run(*arguments: object) -> tuple[int, str, str]:
        return gafreduce("convert", source, "--to", "gpad2.0", *arguments)

    return run


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("option", ["-o", "--write-gpi"])
@pytest.mark.parametrize("kind", ["same", "link", "hard link", "folder link", "dots"])
def test_an_output_that_is_an_input_by_any_name_is_refused(
    convert: Command, source: Path, tmp_path: Path, option: str, kind: str
) -> None:
    other = tmp_path / "other"
    if kind == "link":
        other.symlink_to(source)
    elif kind == "hard link":
        other.hardlink_to(source)
    elif kind == "folder link":
        other.symlink_to(tmp_path)
        other /= source.name
    else:
        other = source if kind == "same" else tmp_path / "." / ".." / tmp_path.name / source.name
    before = source.read_bytes()
    code, _, errors = convert(option, other)
    assert code == 1
    assert f"expected a new file, got an input (choose another name: {option})" in errors
    assert source.read_bytes() == before


def test_ontology_companion_and_sheet_are_inputs_too(
    gafreduce: Command, source: Path, samples: Path, tmp_path: Path
) -> None:
    ontology, sheet = tmp_path / "go.obo", tmp_path / "inputs.tsv"
    ontology.write_bytes((samples / "go-samples.obo").read_bytes())
    sheet.write_text(f"path\n{source}\n")
    for given, output in ((sheet, ontology), (sheet, sheet), (tmp_path, sheet)):
        before = output.read_bytes()
        command = ("convert", given, "--to", "gaf2.2", "--ontology", ontology, "-o", output)
        code, _, errors = gafreduce(*command)
        assert (code, "got an input" in errors) == (1, True), errors
        assert output.read_bytes() == before


@pytest.mark.parametrize("second", ["out", "OUT", "link", "./out"])
def test_two_outputs_that_are_one_file_are_refused(
    convert: Command, tmp_path: Path, second: str
) -> None:
    (tmp_path / "link").symlink_to("out")
    code, _, errors = convert("-o", tmp_path / "out", "--write-gpi", f"{tmp_path}/{second}")
    assert code == 1
    assert "expected a new file, got the file of -o" in errors
    assert names(tmp_path) == ["in.gaf", "link"]


def test_a_link_is_resolved_and_its_target_replaced(convert: Command, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    for name in ("old", "new"):
        (tmp_path / name).symlink_to(f"disk/{name}")
    (tmp_path / "disk" / "old").write_text("old")
    assert convert("-o", tmp_path / "old", "--write-gpi", tmp_path / "new")[0] == 0
    assert (tmp_path / "old").is_symlink()
    assert (tmp_path / "disk" / "old").read_text().startswith("!gpad-version: 2.0")
    assert (tmp_path / "disk" / "new").read_text().startswith("!gpi-version: 2.0")
    assert names(tmp_path / "disk") == ["new", "old"]


@pytest.mark.parametrize("option", ["-o", "--write-gpi"])
@pytest.mark.parametrize("name", ["folder", "self", "none/x", "x/", "", "socket"])
def test_what_cannot_be_an_output_is_refused_in_words(
    convert: Command, tmp_path: Path, option: str, name: str
) -> None:
    import socket

    (tmp_path / "folder").mkdir()
    (tmp_path / "self").symlink_to("self")
    before = names(tmp_path)
    if name == "socket":
        here = socket.socket(socket.AF_UNIX)
        folder = Path.cwd()
        os.chdir(tmp_path)  # paths of sockets are short
        here.bind(name)
        os.chdir(folder)
        here.close()
        before = names(tmp_path)
    code, _, errors = convert(option, f"{tmp_path}/{name}" if name else "")
    assert code == (1 if name else 2)
    assert "expected a file" in errors
    assert errors.count("\n") == 1
    assert names(tmp_path) == before


def test_a_full_device_is_written_to_and_stays(convert: Command) -> None:
    before = Path("/dev/full").stat()
    for option in ("-o", "--write-gpi"):
        code, _, errors = convert(option, "/dev/full")
        assert (code, errors.count("\n")) == (3, 1)
        assert errors.startswith("gafreduce: /dev/full: No space left on device (make room")
    after = Path("/dev/full").stat()
    assert (stat.S_ISCHR(after.st_mode), after.st_ino) == (True, before.st_ino)
    assert convert("-o", "/dev/null", "--write-gpi", "/dev/null")[0] == 0


def test_a_pipe_is_written_to_and_stays(
    convert: Command, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Timer(0.3, lambda: read.append(pipe.read_text()))
    reader.start()
    assert convert("-o", pipe)[0] == 0
    reader.join(10)
    assert read[0].startswith("!gpad-version: 2.0")
    assert pipe.is_fifo()
    assert f"{pipe}: waiting for a program that reads this pipe" in caplog.text


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_standard_output_by_its_path_is_standard_output(
    source: Path, tmp_path: Path, name: str
) -> None:
    out = tmp_path / "out"
    with out.open("w") as stream:
        command = [sys.executable, "-m", "gafreduce", "convert", source, "--to", "gpad2.0"]
        done = subprocess.run(
            [*command, "-o", name], stdout=stream, stderr=subprocess.PIPE, check=True
        )
    assert out.read_text().startswith("!gpad-version: 2.0")
    assert "kept" not in out.read_text()
    assert b"kept" in done.stderr


def test_standard_output_and_input_are_compared_too(source: Path, tmp_path: Path) -> None:
    command = f"'{sys.executable}' -m gafreduce convert --to gaf2.2"
    before = source.read_bytes()
    for more in (f"'{source}' >> '{source}'", f"- < '{source}' -o '{source}'"):
        done = subprocess.run(["sh", "-c", f"{command} {more}"], capture_output=True, check=False)
        assert done.returncode == 1
        assert b"input" in done.stderr
        assert source.read_bytes() == before


def test_two_conversions_into_one_output_do_not_mix(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = tmp_path / "second.gaf"
    second.write_text("!gaf-version: 2.2\n" + "".join(LINE.format(n) for n in range(2, 5000)))
    out = tmp_path / "out"
    opened = output_file.replace_text

    def run_another(*arguments: object, **options: object) -> object:
        monkeypatch.setattr(output_file, "replace_text", opened)
        found = opened(*arguments, **options)  # type: ignore[arg-type]
        stream = found.__enter__()
        stream.write("!of the first\n")
        stream.flush()
        assert main(["convert", str(second), "--to", "gaf2.2", "-o", str(out), "-q"]) == 0
        assert len(out.read_text().splitlines()) == 5000
        assert "of the first" not in out.read_text()

        class Entered:
            def __enter__(self) -> object:
                return stream

            def __exit__(self, *problem: object) -> object:
                return found.__exit__(*problem)  # type: ignore[arg-type]

        return Entered()

    monkeypatch.setattr(output_file, "replace_text", run_another)
    assert main(["convert", str(source), "--to", "gaf2.2", "-o", str(out), "-q"]) == 0
    assert len(out.read_text().splitlines()) == 4
    assert names(tmp_path) == ["in.gaf", "out", "second.gaf"]


def test_a_failed_conversion_changes_neither_file(convert: Command, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_text("old")
    (tmp_path / "in.gaf").write_text("!gaf-version: 2.2\n" + "a\tb\n" * 5)
    assert convert("-o", tmp_path / "a", "--write-gpi", tmp_path / "b")[0] == 1
    assert (tmp_path / "a").read_text() == (tmp_path / "b").read_text() == "old"
    assert names(tmp_path) == ["a", "b", "in.gaf"]
