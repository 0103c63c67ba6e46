"""Exit codes, and the one line that an error prints."""

from __future__ import annotations

import errno
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gafreduce import errors
from gafreduce.commands.inputs import term_set

Command = Callable[..., tuple[int, str, str]]


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (errors.InputError("x.gaf:1: expected y"), 1, "gafreduce: x.gaf:1: expected y\n"),
        (errors.UsageError("not both"), 2, "gafreduce: not both\n"),
        (errors.TransientError("no answer"), 3, "gafreduce: no answer\n"),
        (errors.LockedError("another run"), 3, "gafreduce: another run\n"),
        (OSError(errno.ENOSPC, "No space left on device"), 3, "No space left on device (make room"),
        (
            FileNotFoundError(errno.ENOENT, "No such file or directory", "x"),
            1,
            ": x: No such file or directory\n",
        ),
        (errors.InternalError("sums differ"), 70, "sums differ (this is a bug in gafreduce; "),
        (ValueError("of pandas"), 70, "ValueError: of pandas (this is a bug in gafreduce; "),
        (KeyboardInterrupt(), 130, "gafreduce: interrupted; nothing was published\n"),
        (errors.Terminated(), 143, "gafreduce: terminated; nothing was published\n"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_error_prints_one_line_and_sets_the_exit_code(
    gafreduce: Command,
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    code: int,
    words: str,
) -> None:
    def fail(arguments: Any) -> Iterator[str]:
        raise error
        yield ""

    monkeypatch.setattr(term_set, "run", fail)
    found, out, printed = gafreduce("term-set", "GO:1")
    assert (found, out) == (code, "")
    assert words in printed
    assert printed.count("\n") == 1


def test_a_bug_prints_its_traceback_when_verbose(
    gafreduce: Command, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(term_set, "run", lambda arguments: 1 // 0)
    code, _, printed = gafreduce("term-set", "GO:1", "-v")
    assert code == 70
    assert "ZeroDivisionError" in printed
    assert "please report it)" in printed


def test_the_help_imports_no_command_and_no_library() -> None:
    program = (
        "import sys\n"
        "from gafreduce.cli.main import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'pandas', 'pyarrow', 'mrjob', 'boto3', 'goatools'} & set(sys.modules)\n"
        "print(sorted(heavy), [n for n in sys.modules if n.startswith('gafreduce.commands.')])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[] []", done.stderr


def test_the_help_of_a_command_imports_only_that_one() -> None:
    program = (
        "import sys\n"
        "from gafreduce.cli.main import main\n"
        "try: main(['run', '--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'pandas', 'pyarrow', 'boto3', 'goatools'} & set(sys.modules)\n"
        "print(sorted(heavy), [n for n in sys.modules if n.startswith('gafreduce.commands.')])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (
        done.stdout.splitlines()[-1]
        == "[] ['gafreduce.commands.runs', 'gafreduce.commands.runs.run']"
    ), done.stderr


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--endpoint-url", "foo"), 2, "expected a URL such as https://s3.example.org, got 'foo'"),
        (("-c", "CONF"), 1, "mrjob.conf: expected the configuration of mrjob, got "),
    ],
)
def test_unusable_settings_are_no_bugs(
    gafreduce: Command,
    samples: Path,
    tmp_path: Path,
    options: tuple[str, ...],
    code: int,
    words: str,
) -> None:
    conf = tmp_path / "mrjob.conf"
    conf.write_text("runners: [\n")
    options = tuple(word.replace("CONF", str(conf)) for word in options)
    command = ("run", samples, "--ontology", samples / "go-samples.obo", "-o", tmp_path / "run")
    found, out, printed = gafreduce(*command, *options)
    assert (found, out) == (code, "")
    assert words in printed
