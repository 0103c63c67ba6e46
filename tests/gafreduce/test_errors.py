"""Faults of the machine are one line, with the file or folder and advice, and exit code 3."""

from __future__ import annotations

import errno
import os
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gafreduce import errors, redaction
from gafreduce.commands.runs import clean
from gafreduce.pipeline import report_process
from gafreduce.pipeline.report_process import ReportError

Command = Callable[..., tuple[int, str, str]]
GAFREDUCE = Path(sys.executable).with_name("gafreduce")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (MemoryError(), "expected enough memory, got too little (use fewer processes"),
        (OSError(errno.EMFILE, "Too many open files", "/d/x"), "/d/x: Too many open files (raise"),
        (OSError(errno.ENOSPC, "No space left on device", "/d/x"), "/d/x: No space left on device (make"),
        (OSError(errno.EACCES, "Permission denied", "/d"), "/d: Permission denied (change its"),
        (OSError(errno.EFBIG, "File too large"), "File too large (a limit of the size of files"),
        (ImportError("x.so: failed to map segment from shared object"), "expected enough memory"),
        (RuntimeError("can't start new thread"), "expected enough memory, got too little (use"),
        (OSError(errno.EAGAIN, "Resource temporarily unavailable"), "Resource temporarily unavailable (a limit of processes"),
        (EOFError("marshal data too short"), "expected whole compiled modules of Python, got one"),
        (OSError(errno.EROFS, "Read-only file system", "/d"), "/d: Read-only file system (name"),
        (sqlite3.OperationalError("database or disk is full"), "expected space on the disk, got database or disk"),
        (sqlite3.OperationalError("disk I/O error"), "expected space on the disk, got disk I/O error (make"),
        (RuntimeError("IO Error: x: No space left on device"), "expected space on the disk, got IO Error"),
    ],
)  # fmt: skip
def test_a_fault_of_the_machine_is_one_line_with_advice(
    gafreduce: Command, monkeypatch: pytest.MonkeyPatch, error: Exception, message: str
) -> None:
    def fail(arguments: object) -> Any:
        raise error
        yield

    monkeypatch.setattr(clean, "run", fail)
    code, out, printed = gafreduce("clean")
    assert (code, out) == (3, "")
    assert printed.startswith(f"gafreduce: {message}")
    assert printed.count("\n") == 1
    assert "bug" not in printed
    assert "Errno" not in printed


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (-signal.SIGKILL, "its process was ended by SIGKILL (out of memory?"),
        (-signal.SIGSEGV, "its process was ended by SIGSEGV"),
        (-64, "its process was ended by "),
        (7, "its process ended with exit code 7"),
    ],
)
def test_a_report_without_a_message_names_signal_or_exit_code(code: int, words: str) -> None:
    error = ReportError(*errors.read_error_line("", code))
    assert str(error).startswith(f"the report failed: {words}")
    assert errors.exit_code(error) == 3


def test_a_library_that_ends_a_process_blames_no_input() -> None:
    """OpenBLAS ends the process with 1 when it has no memory; a failing import does, too."""
    for text in ("OpenBLAS error: Memory allocation still failed", "a\nImportError: x"):
        assert errors.read_error_line(text, 1) == (text.splitlines()[-1], 3)
    assert errors.read_error_line("warning\ngafreduce: x: expected y", 1) == ("x: expected y", 1)
    assert errors.read_error_line("Traceback\nKeyError: 'x'", 70) == ("KeyError: 'x'", 70)


def test_a_killed_report_process_is_named_with_its_signal(
    gafreduce: Command, samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = report_process.ReportProcess.finish

    def kill(self: report_process.ReportProcess, context: Any) -> None:
        self._process.kill()
        original(self, context)

    monkeypatch.setattr(report_process.ReportProcess, "finish", kill)
    sample = samples / "Escherichia_coli_K_12-83333.gaf"
    ontology = samples / "go-samples.obo"
    code, _, printed = gafreduce("run", sample, "--ontology", ontology, "-o", tmp_path / "run")
    assert code == 3
    assert "the report failed: its process was ended by SIGKILL (out of memory?" in printed
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("limit", "value"),
    [(resource.RLIMIT_NOFILE, 12), (resource.RLIMIT_FSIZE, 4096), (resource.RLIMIT_AS, 150 << 20)],
    ids=["files", "size", "memory"],
)
def test_limits_of_the_shell_give_one_line(
    samples: Path, tmp_path: Path, limit: int, value: int
) -> None:
    # the measurement of coverage would meet the limits too, and print what it thinks of them
    without_coverage = {
        name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")
    }
    done = subprocess.run(
        [GAFREDUCE, "run", samples, "--ontology", samples / "go-samples.obo", "-o", tmp_path / "r"],
        preexec_fn=lambda: resource.setrlimit(limit, (value, value)),
        env={**without_coverage, "XDG_CACHE_HOME": str(tmp_path / "cache")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3, done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert not (tmp_path / "r").exists()


@pytest.mark.parametrize("n_bytes", [1 << 10, 40 << 10, 400 << 10])
@pytest.mark.parametrize(
    "command", ["export {run} --to xlsx -o {new}", "run {samples} --no-report --search -o {new}"]
)
def test_a_library_that_cannot_write_gives_one_line_and_leaves_nothing(
    gafreduce: Command, samples: Path, tmp_path: Path, command: str, n_bytes: int
) -> None:
    """XlsxWriter has files in TMPDIR, which it leaves; SQLite has errors of its own."""
    run, new, temporary = (tmp_path / name for name in ("run", "new", "temporary"))
    temporary.mkdir()
    ontology = ("--ontology", str(samples / "go-samples.obo"))
    assert gafreduce("run", samples, *ontology, "--no-report", "-q", "-o", run)[0] == 0
    words = command.format(run=run, samples=samples, new=new).split()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    done = subprocess.run(
        [GAFREDUCE, *words, *(ontology if words[0] == "run" else ())],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, n_bytes)),
        # a compiled module would be cut, and stay so for all other tests
        env={**kept, "TMPDIR": str(temporary), "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3 or (done.returncode == 0 and new.exists()), done.stderr
    assert new.exists() == (done.returncode == 0)
    assert n_bytes > 40 << 10 or done.returncode == 3
    assert "bug" not in done.stderr
    assert len(done.stderr.splitlines()) == (1 if done.returncode else 0) or words[0] == "run"
    assert list(temporary.iterdir()) == []
    assert sorted(each.name for each in tmp_path.iterdir() if each.name[0] == ".") == []


def test_names_that_are_not_utf8_work_everywhere(
    samples: Path, tmp_path: Path, gafreduce: Command
) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    folder.mkdir()
    ontology = Path(os.fsdecode(os.fsencode(folder) + b"/g\xe9.obo"))
    ontology.write_bytes((samples / "go-samples.obo").read_bytes())
    sample = folder / "a.gaf"
    sample.write_bytes((samples / "Escherichia_coli_K_12-83333.gaf").read_bytes())
    code, _, printed = gafreduce("run", folder, "--ontology", ontology, "-o", folder / "run", "-q")
    assert (code, printed) == (0, "")
    for words in (("report", folder / "run"), ("explain", folder / "run", "terms/GO:0030420/name")):
        code, _, printed = gafreduce(*words)
        assert "codec" not in printed
        assert code == 0, printed
    code, _, printed = gafreduce("run", folder / "none.gaf", "--ontology", ontology)
    assert code == 1
    assert "codec" not in printed


@pytest.mark.parametrize(
    "text",
    [
        "file:///etc/passwd: expected an annotation file, got nothing",
        "/etc/passwd:12: expected 15 columns, got 7",
        "passwd: expected an annotation file",
        "passwd:3: expected 15 columns",
        "data/secret.key = not a setting",
        "annotation of 20221201 in /run/secrets/token-file",
    ],
)
def test_words_are_no_secrets(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_TOKEN", "annotation")
    monkeypatch.setenv("B_SECRET", "20221201")
    monkeypatch.setenv("TOKEN", "/run/secrets/token-file")
    assert redaction.redact(text) == text


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("DB_PASSWORD=hunter22", "DB_PASSWORD=***"),
        ("password: hunter22, user: me", "password: ***, user: me"),
        ("passwd = hunter22", "passwd = ***"),
    ],
)
def test_values_of_secret_settings_are_redacted(text: str, hidden: str) -> None:
    assert redaction.redact(text) == hidden
