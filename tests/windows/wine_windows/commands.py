"""The commands of gafreduce under Windows, as a user types them."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from wine_windows.results import Checks
from wine_windows.wine import Windows, name_path

_SECONDS = 900.0
_ONTOLOGY = ("--ontology", "samples\\go-samples.obo")
_SUBTILIS = "samples\\Bacillus_subtilis_168-224308.gaf"
#: Runs a command, and interrupts it as Ctrl-Break and a closed window do, when it builds its folder.
_INTERRUPTED = """
import glob, signal, sys, threading, time
from gafreduce.__main__ import entry

pattern = sys.argv.pop(1)

def interrupt():
    while not glob.glob(pattern):
        time.sleep(0.05)
    signal.raise_signal(signal.SIGBREAK)

threading.Thread(target=interrupt, daemon=True).start()
entry()
"""


def check_commands(checks: Checks, windows: Windows, run: Path) -> None:
    """Check commands, each once.

    Args:
        checks: Notes what was done.
        windows: The Python.
        run: A run folder of the samples that it made.
    """
    folder = checks.root / "data"  # the working folder: paths are relative, with backslashes
    out = name_path(run)
    gpad, workbook = checks.scratch / "x.gpad", checks.scratch / "x.xlsx"
    product = "organisms/224308/n_target_electronic"
    expected = [
        (("--version",), "gafreduce "),
        (("check", _SUBTILIS), "84 kept + 0 rejected"),
        (("verify", out), "all files are as its manifest states"),
        (("compare", out, out), "No differences"),
        (("explain", out, product), "Bacillus_subtilis_168-224308.gaf:"),
        (("term-set", "GO:0030420", *_ONTOLOGY), "GO:0045808"),
        (("sheet", "samples"), "/data/samples/Escherichia_coli_K_12-83333.gaf\tgaf\t83333"),
        (("run", "samples\\*.gaf", *_ONTOLOGY, "--dry-run"), "\ninput\t"),
        (("search", "competence", "--run", out), "GO:0030420"),
        (("query", "select count(*) from organisms where compared", out), "7"),
        (("report", out), out + "\\report.html"),
        (("convert", _SUBTILIS, "--to", "gpad2.0", "-o", name_path(gpad), *_ONTOLOGY), ""),
        (("export", out, "--to", "xlsx", "-o", name_path(workbook)), ""),
        (("estimate", "samples"), ""),
        (("doctor", *_ONTOLOGY), "not needed on Windows"),
        (("clean", name_path(checks.scratch)), ""),
        (("completion", "bash"), "complete"),
        (("manual",), "GAFREDUCE"),
        (("help", "run"), "usage: gafreduce run"),
    ]
    refused = [
        (("run", _SUBTILIS, "-r", "hadoop", *_ONTOLOGY), 2, "WSL"),
        (("run", _SUBTILIS, "-r", "emr", *_ONTOLOGY), 1, "expected inputs in S3 for -r emr"),
        (
            ("run", _SUBTILIS, _SUBTILIS.upper(), *_ONTOLOGY, "-o", "twice"),
            1,
            "expected each file once",
        ),
    ]
    commands = [*(each[0] for each in expected), *(each[0] for each in refused)]
    answers = iter(windows.batch(*commands, folder=folder))
    for (command, text), answer in zip(expected, answers, strict=False):
        assert answer.code == 0, f"{command}: {answer}"
        assert text in answer.output, f"{command}: {answer}"
        if command[0] == "run":
            assert answer.output.count(text) >= 6, f"{command}: {answer}"
    for (command, code, text), answer in zip(refused, answers, strict=True):
        assert answer.code == code, f"{command}: {answer}"
        assert text in answer.errors, f"{command}: {answer}"
    assert gpad.read_bytes().count(b"\n") > 80
    assert b"\r" not in gpad.read_bytes()
    checks.note(f"{len(commands)} commands")
    _check_script(checks, windows, folder)
    checks.note("the job as a script")
    _check_service(windows, run)
    checks.note("the service")
    _check_ends(checks, windows)
    checks.note("interrupted, killed and repeated runs")


def _check_script(checks: Checks, windows: Windows, folder: Path) -> None:
    """Check that the job as a script writes the records of this system."""
    module = "gafreduce.jobs.annotation_profile"
    arguments = ("--ontology", "samples/go-samples.obo", "--no-conf", "-r")
    done = [
        windows.run("-m", module, _SUBTILIS, *arguments, runner, folder=folder)
        for runner in ("inline", "local")
    ]
    here = subprocess.run(
        [checks.python, "-m", module, _SUBTILIS.replace("\\", "/"), *arguments, "inline"],
        cwd=folder,
        capture_output=True,
        check=True,
    )
    for each in done:
        assert each.returncode == 0, each.stderr.decode(errors="replace")[-3000:]
        assert sorted(each.stdout.split(b"\n")) == sorted(here.stdout.split(b"\n"))


def _check_service(windows: Windows, run: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ("-m", "gafreduce", "serve", name_path(run), "--port", str(port))
    with start(windows, *command, folder=run):
        limit = time.monotonic() + _SECONDS
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/organisms") as answer:
                    found = json.load(answer)
                break
            except (urllib.error.URLError, ConnectionError):
                assert time.monotonic() < limit, "the service does not answer"
                time.sleep(0.5)
    assert "Escherichia coli K-12" in json.dumps(found)


def _check_ends(checks: Checks, windows: Windows) -> None:
    """Check that a run that ends early publishes nothing, and that a run clears up after it."""
    out = checks.scratch / "ended"
    pattern = ".ended.*/new"
    options = ("--ontology", name_path(checks.ontology), "--no-report", "-o", name_path(out))
    run = ("run", name_path(checks.samples), *options)
    code, shown = windows.type_in_console(
        *("-m", "gafreduce", *run, "-r", "local", "--cores", "2"),
        keys=b"\x03",  # Ctrl-C, which all processes of the console get
        when=lambda: bool(list(checks.scratch.glob(pattern))),
        folder=checks.scratch,
    )
    assert code == 130, shown
    assert "nothing was published" in shown, shown
    done = windows.run("-c", _INTERRUPTED, pattern, *run, folder=checks.scratch)
    assert done.returncode == 130, done
    assert b"nothing was published" in done.stderr, done
    left = [path.name for path in checks.scratch.glob(".*ended*")]
    assert not left, left
    with start(windows, "-m", "gafreduce", *run, folder=checks.scratch):
        limit = time.monotonic() + _SECONDS
        while not list(checks.scratch.glob(pattern)):
            assert time.monotonic() < limit, "the run builds nothing"
            time.sleep(0.05)
    assert not out.exists()
    windows.gafreduce(*run, folder=checks.scratch)
    assert (out / "MANIFEST.tsv").exists()
    left = [path.name for path in checks.scratch.glob(".*ended*")]
    assert not left, left


@contextlib.contextmanager
def start(windows: Windows, *arguments: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run Python while the block runs, and kill it then."""
    process = subprocess.Popen(
        windows.command(*arguments),
        cwd=folder,
        env=windows.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
        process.communicate()
