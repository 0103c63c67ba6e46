"""The commands of gafreduce under Windows, as a user types them."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from wine_windows.wine import Windows, name_path

if TYPE_CHECKING:
    from wine_windows.checks import Checks

_SECONDS = 60.0


def check_commands(checks: Checks, windows: Windows, run: Path) -> None:
    """Check each command once.

    Args:
        checks: Notes what was done.
        windows: The Python.
        run: A run folder of the samples that it made.
    """
    folder = checks.root / "data"  # the working folder: paths are relative, with backslashes
    subtilis = "samples\\Bacillus_subtilis_168-224308.gaf"
    ontology = ("--ontology", "samples\\go-samples.obo")
    out = name_path(run)
    gafreduce = windows.gafreduce

    def text(*arguments: str) -> str:
        printed = gafreduce(*arguments, folder=folder)
        assert b"\r" not in printed, f"{arguments}: CR"
        return printed.decode()

    assert "84 kept + 0 rejected" in text("check", subtilis)
    assert "all files are as its manifest states" in text("verify", out)
    assert "No differences" in text("compare", out, out)
    assert "Bacillus_subtilis_168-224308.gaf:" in text(
        "explain", out, "organisms/224308/n_target_electronic"
    )
    assert "GO:0045808" in text("term-set", "GO:0030420", *ontology)
    assert "/data/samples/Escherichia_coli_K_12-83333.gaf\tgaf\t83333" in text("sheet", "samples")
    assert text("run", "samples\\*.gaf", *ontology, "--dry-run").count("\ninput\t") >= 6
    assert "GO:0030420" in text("search", "competence", "--run", out)
    assert "7" in text("query", "select count(*) from organisms where compared", out)
    assert text("report", out).strip() == out + "\\report.html"
    gpad = checks.scratch / "x.gpad"
    text("convert", subtilis, "--to", "gpad2.0", "-o", name_path(gpad), *ontology)
    assert gpad.read_bytes().count(b"\n") > 80
    assert b"\r" not in gpad.read_bytes()
    text("export", out, "--to", "xlsx", "-o", name_path(checks.scratch / "x.xlsx"))
    checks.note("commands")
    code, errors = windows.fail("run", subtilis, "-r", "hadoop", *ontology, folder=folder)
    assert code == 2, errors
    assert "WSL" in errors
    code, errors = windows.fail(
        "run", subtilis, subtilis.upper(), *ontology, "-o", name_path(checks.scratch / "twice"),
        folder=folder,
    )  # fmt: skip
    assert code == 1, errors
    assert not (checks.scratch / "twice").exists()
    _check_names(checks, windows)
    _check_script(checks, windows, folder)
    _check_service(windows, run)
    checks.note("names, script and service")
    _check_killed_run(checks, windows)
    checks.note("killed and repeated run")


def _check_names(checks: Checks, windows: Windows) -> None:
    """Check a sheet with CRLF, names in other scripts, blanks, and a path with a drive."""
    inputs = checks.scratch / "two words Ж"
    inputs.mkdir()
    shutil.copy(checks.samples / "Bacillus_subtilis_168-224308.gaf", inputs / "ЖЮЩ.gaf")
    coli = name_path(checks.samples / "Escherichia_coli_K_12-83333.gaf")
    sheet = f"path\ttaxon_id\torganism\r\nЖЮЩ.gaf\t224308\tЖЮЩ Ψ\r\n{coli}\t83333\tE. coli\r\n"
    (inputs / "inputs.tsv").write_bytes(sheet.encode())
    out = checks.scratch / "out Ж"
    options = ("--ontology", name_path(checks.ontology), "--no-report", "-o", name_path(out))
    for _ in range(2):  # the second finds the run complete
        printed = windows.gafreduce("run", name_path(inputs), *options, folder=checks.scratch)
        assert "ЖЮЩ Ψ".encode() in printed
    listed = (out / "tables" / "inputs.tsv").read_text("utf-8")
    assert "ЖЮЩ.gaf" in listed
    assert "\\" not in listed


def _check_script(checks: Checks, windows: Windows, folder: Path) -> None:
    """Check that the job as a script writes the records of this system."""
    module = "gafreduce.jobs.annotation_profile"
    arguments = ("--ontology", "samples/go-samples.obo", "--no-conf", "-r")
    done = [
        windows.run("-m", module, "samples\\Bacillus_subtilis_168-224308.gaf", *arguments, runner,
                    folder=folder)
        for runner in ("inline", "local")
    ]  # fmt: skip
    path = "samples/Bacillus_subtilis_168-224308.gaf"
    here = subprocess.run(
        [checks.python, "-m", module, path, *arguments, "inline"],
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
    with _started(windows, "serve", name_path(run), "--port", str(port), folder=run):
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


def _check_killed_run(checks: Checks, windows: Windows) -> None:
    """Check that a killed run publishes nothing, and that the next one clears up after it."""
    out = checks.scratch / "killed"
    options = ("--ontology", name_path(checks.ontology), "--no-report", "-o", name_path(out))
    with _started(windows, "run", name_path(checks.samples), *options, folder=checks.scratch):
        limit = time.monotonic() + _SECONDS
        while not list(checks.scratch.glob(".killed.*[0-9a-f]")):
            assert time.monotonic() < limit, "the run builds nothing"
            time.sleep(0.05)
    assert not out.exists()
    windows.gafreduce("run", name_path(checks.samples), *options, folder=checks.scratch)
    assert (out / "MANIFEST.tsv").exists()
    left = [path.name for path in checks.scratch.glob(".*killed*")]
    assert not left, left


@contextlib.contextmanager
def _started(windows: Windows, *arguments: str, folder: Path) -> Iterator[None]:
    """Run a command of gafreduce while the block runs, and kill it then."""
    process = subprocess.Popen(
        windows.command("-m", "gafreduce", *arguments),
        cwd=folder,
        env=windows.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
        process.communicate()
