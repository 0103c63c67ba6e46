"""The files of a run folder: their paths, the run record, and the check that a run is complete.

    tables/NAME.tsv             one table
    parquet/NAME/NAME.parquet   the same table, alone in its folder: a location of an external table
    figures/                    figures as PNG and SVG
    report.html                 the page
    extras/                     exports for other programs, and lines put into quarantine
    run.json                    the run record
    MANIFEST.tsv                path, size and checksum of every other file; written last

Paths relative to the folder are constants and functions, for folders in S3 too; `RunFolder` is a
folder on this machine.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gafreduce.errors import InputError
from gafreduce.publishing import manifest
from gafreduce.storage.local import replace_text

RECORD = "run.json"
PAGE = "report.html"
FIGURES = "figures"
EXTRAS = "extras"
_TABLES = "tables"
_PARQUET = "parquet"

#: Version of the run record and of the layout above: it goes up when a reader has to change.
SCHEMA = "gafreduce-run/2"

#: Parent of run folders when no output is given.
DEFAULT_PARENT = Path("gafreduce-runs")


def table_path(name: str) -> str:
    """Return the path of a table's TSV, relative to the run folder.

    >>> table_path("terms")
    'tables/terms.tsv'
    """
    return f"{_TABLES}/{name}.tsv"


def parquet_path(name: str) -> str:
    """Return the path of a table's Parquet file, relative to the run folder.

    >>> parquet_path("terms")
    'parquet/terms/terms.parquet'
    """
    return f"{_PARQUET}/{name}/{name}.parquet"


def find_defect(rows: bytes, sizes: Mapping[str, int]) -> str:
    """Return the first difference between a run's manifest and its files; empty when there is none.

    Args:
        rows: The content of the manifest.
        sizes: Bytes of each file, by its path relative to the run folder.
    """
    return manifest.find_defect(rows, sizes, (f"{_TABLES}/", f"{_PARQUET}/"))


@dataclass(frozen=True)
class RunFolder:
    """A run folder on this machine, finished or being built."""

    path: Path

    @classmethod
    def open(cls, path: Path) -> RunFolder:
        """Return the folder of a finished run.

        Raises:
            InputError: The folder has no run record, or one of another version.
        """
        folder = cls(path)
        if folder.run_id is None:
            raise InputError(f"{path}: expected a run folder with {RECORD}, got none")
        schema = folder.read_record().get("schema")
        if schema != SCHEMA:
            raise InputError(
                f"{folder.record}: expected schema {SCHEMA}, got {schema or 'none'} (the run was "
                "made by another version of gafreduce: use that version, or run it again)"
            )
        return folder

    @property
    def record(self) -> Path:
        """The path of the run record."""
        return self.path / RECORD

    @property
    def page(self) -> Path:
        """The path of the page."""
        return self.path / PAGE

    @property
    def figures(self) -> Path:
        """The path of the folder of figures."""
        return self.path / FIGURES

    @property
    def extras(self) -> Path:
        """The path of the folder of exports."""
        return self.path / EXTRAS

    @property
    def quarantine(self) -> Path:
        """The path of the folder of refused and repaired lines."""
        return self.extras / "quarantine"

    @property
    def manifest(self) -> Path:
        """The path of the manifest."""
        return self.path / manifest.NAME

    def table(self, name: str) -> Path:
        """Return the path of a table's TSV."""
        return self.path / table_path(name)

    def parquet(self, name: str) -> Path:
        """Return the path of a table's Parquet file."""
        return self.path / parquet_path(name)

    def has_table(self, name: str) -> bool:
        """Return whether a table exists: a run can be made without statistics."""
        return self.table(name).is_file()

    def list_tables(self) -> list[str]:
        """Return the names of the tables that exist, sorted."""
        return sorted(path.stem for path in (self.path / _TABLES).glob("*.tsv"))

    def list_files(self) -> list[str]:
        """Return the relative paths of all files but the manifest, sorted."""
        return manifest.list_files(self.path)

    def list_downloads(self) -> list[str]:
        """Return the relative paths of tables, figures and exports: the files a page links to."""
        folders = (_TABLES, _PARQUET, FIGURES, EXTRAS)
        files = self.list_files()
        return [name for folder in folders for name in files if name.startswith(f"{folder}/")]

    def read_record(self) -> dict[str, Any]:
        """Return the run record.

        Raises:
            InputError: The record is missing or damaged.
        """
        try:
            found = json.loads(self.record.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise InputError(f"{self.record}: expected the record of a run, got {error}") from error
        if not isinstance(found, dict):
            raise InputError(
                f"{self.record}: expected the record of a run, got {type(found).__name__}"
            )
        return found

    def write_record(self, record: Mapping[str, Any]) -> None:
        """Write the run record, with the version of its schema first."""
        # bytes of a file name that are not UTF-8 become escapes, which JSON understands
        with replace_text(self.record, errors="backslashreplace") as stream:
            # not as one text: it may name a million organisms
            json.dump({"schema": SCHEMA, **record}, stream, indent=2, ensure_ascii=False)
            stream.write("\n")

    @property
    def run_id(self) -> str | None:
        """The id in the run record; None when there is no such record."""
        try:
            found = self.read_record().get("run_id")
        except InputError:
            return None
        return str(found) if found else None

    def write_manifest(self) -> None:
        """Write the manifest. It is the last file of a run."""
        manifest.write_manifest(self.path)

    def is_complete(self, run_id: str) -> bool:
        """Return whether the folder holds the finished run of this id; False without a folder.

        Raises:
            InputError: The folder holds something else, or an incomplete run.
        """
        if not self.path.exists():
            return False
        found = self.run_id if self.manifest.is_file() else None
        if found == run_id:
            sizes = {name: (self.path / name).stat().st_size for name in self.list_files()}
            defect = find_defect(self.manifest.read_bytes(), sizes)
            if not defect:
                return True
            raise InputError(
                f"{self.path}/{defect} (the run is incomplete: name another folder with -o, or "
                "make it again with --force)"
            )
        what = f"run {found}" if found else "something that is not a finished run"
        raise InputError(
            f"{self.path}: expected a new folder or run {run_id}, got {what} "
            "(name another folder with -o, or replace it with --force)"
        )
