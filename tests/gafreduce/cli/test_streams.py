"""Standard streams that are closed, full or of another encoding: no traceback, and the right files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

GAFREDUCE = Path(sys.executable).with_name("gafreduce")
SAMPLE = "Bacillus_subtilis_168-224308.gaf"


def run_shell(
    redirections: str, *arguments: object, program: str = "", **more: str
) -> tuple[int, str, str]:
    """Run the command line with redirections of the shell; give exit code, output and errors."""
    done = subprocess.run(
        [
            "bash",
            "-c",
            f'"$@" {redirections}{program}',
            "bash",
            str(GAFREDUCE),
            *map(str, arguments),
        ],
        env={**os.environ, **more},
        capture_output=True,
        check=False,
    )
    return done.returncode, done.stdout.decode("latin-1"), done.stderr.decode()


def run_arguments(samples: Path, out: Path, *more: object) -> list[object]:
    ontology = samples / "go-samples.obo"
    return ["run", samples / SAMPLE, "--ontology", ontology, "--no-report", "-o", out, *more]


def read_tables(folder: Path) -> dict[str, bytes]:
    paths = sorted((folder / "tables").iterdir())
    return {path.name: path.read_bytes() for path in paths if path.name != "runs.tsv"}


@pytest.fixture(scope="module")
def golden(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    out = tmp_path_factory.mktemp("golden") / "run"
    assert run_shell("", *run_arguments(samples, out))[0] == 0
    return read_tables(out)


@pytest.mark.parametrize(
    ("redirections", "code"),
    [
        ("<&-", 0),
        (">&-", 4),
        ("2>&-", 0),
        ("<&- >&- 2>&-", 4),
        (">/dev/full", 4),
        ("2>/dev/full", 0),
        (">/dev/full 2>/dev/full", 4),
    ],
)
def test_a_run_without_a_stream_makes_the_right_files(
    samples: Path, tmp_path: Path, golden: dict[str, bytes], redirections: str, code: int
) -> None:
    found, _, errors = run_shell(redirections, *run_arguments(samples, tmp_path / "run"))
    assert found == code
    assert "Traceback" not in errors
    assert errors.count("\n") == (code == 4 and "2>" not in redirections)
    assert read_tables(tmp_path / "run") == golden
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_run_with_an_ended_reader_is_published_and_quiet(
    samples: Path, tmp_path: Path, golden: dict[str, bytes]
) -> None:
    program = " | true; exit ${PIPESTATUS[0]}"
    arguments = run_arguments(samples, tmp_path / "run", "--json")
    assert run_shell("", *arguments, program=program) == (4, "", "")
    assert read_tables(tmp_path / "run") == golden


@pytest.mark.parametrize("arguments", [["--version"], ["-V"], [], ["help"], ["help", "run"]])
def test_help_and_version_on_a_full_device_print_one_line(arguments: list[str]) -> None:
    code, _, errors = run_shell(">/dev/full", *arguments)
    assert (code, errors) == (
        3,
        "gafreduce: standard output: expected to write to it, got No space left on device\n",
    )


@pytest.mark.parametrize("arguments", [["--version"], ["--help"]])
def test_help_and_version_without_a_reader_end_as_cat_does(arguments: list[str]) -> None:
    program = " | (exec <&-; sleep 0.5); exit ${PIPESTATUS[0]}"
    assert run_shell("", *arguments, program=program) == (141, "", "")


def test_commands_that_only_print_end_quietly_without_a_reader(samples: Path) -> None:
    ontology = samples / "go-samples.obo"
    for arguments in (
        ["term-set", "GO:0030420", "--ontology", ontology],
        ["check", samples / SAMPLE, "--ontology", ontology],
        ["convert", samples / SAMPLE, "--to", "gpad2.0"],
        ["convert", samples / SAMPLE, "--to", "gpad2.0", "-o", "/dev/stdout"],
        ["run", samples, "--ontology", ontology, "--dry-run"],
    ):
        program = " | (exec <&-; sleep 3); exit ${PIPESTATUS[0]}"
        assert run_shell("", *arguments, program=program) == (141, "", ""), arguments


def test_a_conversion_to_a_full_device_publishes_nothing(samples: Path) -> None:
    code, _, errors = run_shell(">/dev/full", "convert", samples / SAMPLE, "--to", "gpad2.0")
    assert (code, errors.count("\n")) == (3, 1)


def test_files_of_a_conversion_are_whole_when_the_counts_cannot_be_printed(
    samples: Path, tmp_path: Path
) -> None:
    arguments = ["convert", samples / SAMPLE, "--to", "gpad2.0", "-o"]
    assert run_shell("", *arguments, tmp_path / "one")[0] == 0
    assert run_shell(">/dev/full", *arguments, tmp_path / "two")[0] == 4
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.mark.parametrize("more", [{"PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "latin-1"}])
def test_output_in_any_encoding_is_printed(
    samples: Path, tmp_path: Path, more: dict[str, str]
) -> None:
    names = tmp_path / "names.tsv"
    names.write_text("224308\tBacillus \u03b1\U0001f9a0 \u00e9\n", encoding="utf-8")
    arguments = run_arguments(samples, tmp_path / "run", "--organism-names", names, "--json")
    code, out, errors = run_shell("", *arguments, **more)
    assert (code, errors) == (0, "")
    assert "Bacillus \u03b1\U0001f9a0 \u00e9" in json.dumps(json.loads(out), ensure_ascii=False)


def test_the_c_locale_prints_every_character(samples: Path, tmp_path: Path) -> None:
    names = tmp_path / "names.tsv"
    names.write_text("224308\tBacillus \u00e9\n", encoding="utf-8")
    arguments = run_arguments(samples, tmp_path / "run", "--organism-names", names)
    more = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    code, out, errors = run_shell("", *arguments, **more)
    assert (code, errors) == (0, "")
    assert "Bacillus \\u00e9" in out


def test_a_conversion_prints_the_bytes_of_a_file(samples: Path, tmp_path: Path) -> None:
    source = tmp_path / "odd.gaf"
    first = (samples / SAMPLE).read_bytes().splitlines(keepends=True)
    line = next(each for each in first if not each.startswith(b"!"))
    cells = line.split(b"\t")
    cells[9] = "caf\u00e9 \u03b1".encode()
    source.write_bytes(b"!gaf-version: 2.2\n" + b"\t".join(cells))
    arguments = ["convert", source, "--to", "gaf2.2"]
    assert run_shell("", *arguments, "-o", tmp_path / "out")[0] == 0
    code, out, _ = run_shell("", *arguments, PYTHONIOENCODING="ascii")
    assert code == 0
    assert out.encode("latin-1") == (tmp_path / "out").read_bytes()
    assert cells[9] in (tmp_path / "out").read_bytes()
