"""Compare gafreduce under Windows' Python with gafreduce here, byte by byte."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from wine_windows import commands, founding, wheel
from wine_windows.wine import Windows, name_path

#: The table of what may differ between equal runs: time, run id, versions (docs/decisions.md).
_MAY_DIFFER = "tables/runs.tsv"
#: Files of text: none may have a CR.
_TEXT = (".tsv", ".json", ".html", ".svg", ".csv", ".txt", ".md", ".R", ".gaf", ".gpad", ".cff")


class Checks:
    """What was compared, with its time."""

    def __init__(self, root: Path, scratch: Path) -> None:
        self.root = root
        self.scratch = scratch
        self.samples = root / "data" / "samples"
        self.ontology = self.samples / "go-samples.obo"
        self.python = sys.executable
        self._begin = time.monotonic()

    def note(self, text: str) -> None:
        """Print a line with the seconds since the last one."""
        now = time.monotonic()
        print(f"{now - self._begin:6.1f} s  {text}", flush=True)  # noqa: T201
        self._begin = now

    def run_here(self, name: str, *arguments: str) -> Path:
        """Run gafreduce on this system, and return the run folder."""
        folder = self.scratch / "here" / name
        command = [sys.executable, "-m", "gafreduce", "run", *arguments, "-o", str(folder)]
        subprocess.run(command, check=True, capture_output=True, cwd=self.scratch)
        self.note(f"here: {name}")
        return folder

    def compare(self, here: Path, there: Path) -> int:
        """Check that two run folders have the same tables, and return their number.

        Tables are equal in every byte but the one for what may differ; Parquet files too. Text
        has no CR, and no file is missing.
        """
        names = _list_files(here)
        assert names == _list_files(there), sorted({*names} ^ {*_list_files(there)})
        tables = [name for name in names if name.startswith("tables/") and name != _MAY_DIFFER]
        differing = [n for n in tables if (here / n).read_bytes() != (there / n).read_bytes()]
        assert not differing, f"{there}: other bytes than here: {differing}"
        for name in names:
            if name.endswith(_TEXT):
                assert b"\r" not in (there / name).read_bytes(), f"{there / name}: has CR"
        for name in names:
            if name.endswith(".png"):
                assert _read_pixels(here / name) == _read_pixels(there / name), name
            if name.endswith(".svg"):
                assert (here / name).read_bytes() == (there / name).read_bytes(), name
        return len(tables)


def _list_files(folder: Path) -> list[str]:
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


def _read_pixels(path: Path) -> bytes:
    from PIL import Image

    with Image.open(path) as image:
        return bytes(image.convert("RGBA").tobytes())


def check_all(root: Path, *, is_quick: bool) -> None:
    """Run all checks, or those for CI.

    Raises:
        AssertionError: gafreduce does another thing under Windows.
    """
    with tempfile.TemporaryDirectory(prefix="gafreduce-windows-") as name:
        scratch = Path(name)
        checks = Checks(root, scratch)
        wheels = wheel.build_wheels(root, scratch / "wheels")
        checks.note("wheels built")
        try:
            _check_systems(checks, wheels, is_quick=is_quick)
        finally:
            _end_wine(scratch)


def _end_wine(scratch: Path) -> None:
    environment = {**os.environ, "WINEPREFIX": str(scratch / "prefix")}
    subprocess.run(["wineserver", "-k"], env=environment, check=False, capture_output=True)


def _check_systems(checks: Checks, wheels: dict[str, Path], *, is_quick: bool) -> None:
    samples, ontology = checks.samples, checks.ontology
    here = checks.run_here("samples", str(samples), "--ontology", str(ontology))
    tables_only = checks.run_here(
        "tables", str(samples), "--ontology", str(ontology), "--no-report"
    )
    systems = [("3.11", "C"), ("3.13", "Python")]
    if not is_quick:
        systems += [("3.11", "Python"), ("3.13", "C")]
    for number, (version, kind) in enumerate(systems):
        windows = Windows(version, wheels[kind], checks.scratch)
        _check_extension(windows, kind, checks.scratch)
        label = f"Python {version}, {kind}"
        run = ("run", name_path(samples), "--ontology", name_path(ontology))
        # a report once in CI: it takes half of the time
        runs: list[tuple[str, Sequence[str], Path]] = [
            ("inline", (), here)
            if number == 0 or not is_quick
            else ("inline", ("--no-report",), tables_only),
            ("local", ("--cores", "2", "--no-report"), tables_only),
        ]
        for runner, options, expected in runs:
            out = checks.scratch / f"{runner}-{version}-{kind}"
            windows.gafreduce(
                *run, "-r", runner, *options, "-o", name_path(out), folder=checks.scratch
            )
            n_tables = checks.compare(expected, out)
            checks.note(f"{label}, {runner}: {n_tables} tables have the bytes of this system")
        if number == 0:
            commands.check_commands(checks, windows, checks.scratch / f"inline-{version}-{kind}")
    if not is_quick:
        founding.check_founding(checks, Windows("3.11", wheels["C"], checks.scratch))


def _check_extension(windows: Windows, kind: str, folder: Path) -> None:
    code = "from gafreduce.jobs.native import loader; print(loader.has_extension())"
    done = windows.run("-c", code, folder=folder)
    assert done.stdout.split() == [str(kind == "C").encode()], done
