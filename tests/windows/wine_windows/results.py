"""Compare what gafreduce makes under Windows' Python with what it makes here, byte by byte."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

_TABLES = (".tsv", ".parquet")
#: What may differ between equal runs: time, run id, versions (docs/decisions.md).
_MAY_DIFFER = ("runs.tsv", "runs.parquet", "MANIFEST.tsv")
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
        """Print a line with the seconds since the begin."""
        print(f"{time.monotonic() - self._begin:6.1f} s  {text}", flush=True)  # noqa: T201

    def run_here(self, name: str, *arguments: str) -> Path:
        """Run gafreduce on this system, and return the run folder."""
        folder = self.scratch / "here" / name
        command = [sys.executable, "-m", "gafreduce", "run", *arguments, "-o", str(folder)]
        done = subprocess.run(command, check=False, capture_output=True, cwd=self.scratch)
        assert done.returncode == 0, done.stderr.decode()
        self.note(f"here: {name}")
        return folder

    def compare(self, here: Path, there: Path) -> int:
        """Check that two run folders have the same tables, and return their number.

        Tables are equal in every byte, Parquet files too where both have one version of Arrow.
        SVG files are equal, PNG files have the same pixels, text has no CR, no file is missing.
        """
        names = _list_files(here)
        assert names == _list_files(there), sorted({*names} ^ {*_list_files(there)})
        differing = list_differing(here, there)
        assert not differing, f"{there}: other bytes than here: {differing}"
        for name in names:
            if name.endswith(_TEXT):
                assert b"\r" not in (there / name).read_bytes(), f"{there / name}: has CR"
        for name in names:
            if name.endswith(".png"):
                assert _read_pixels(here / name) == _read_pixels(there / name), name
            if name.endswith(".svg"):
                assert (here / name).read_bytes() == (there / name).read_bytes(), name
        return len(_list_tables(here))


def list_differing(here: Path, there: Path) -> list[str]:
    """Return the names of tables that are not equal in two run folders."""
    return [name for name in _list_tables(here) if not _is_same_table(here / name, there / name)]


def _list_tables(folder: Path) -> list[str]:
    return [
        name
        for name in _list_files(folder)
        if name.endswith(_TABLES) and name.rpartition("/")[2] not in _MAY_DIFFER
    ]


def _is_same_table(here: Path, there: Path) -> bool:
    if here.read_bytes() == there.read_bytes():
        return True
    if here.suffix != ".parquet":
        return False
    from pyarrow import parquet

    files = [parquet.ParquetFile(path) for path in (here, there)]
    first, second = (each.read() for each in files)
    writers = {each.metadata.created_by for each in files}
    return len(writers) > 1 and first.equals(second, check_metadata=True)


def _list_files(folder: Path) -> list[str]:
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


def _read_pixels(path: Path) -> bytes:
    from PIL import Image

    with Image.open(path) as image:
        return bytes(image.convert("RGBA").tobytes())
