"""The files of a run folder: their paths, the run record, and the check that a run is complete.

    tables/NAME.tsv             one table
    parquet/NAME/NAME.parquet   the same table, alone in its folder: a location of an external table
    figures/                    figures as SVG, PNG and PDF
    report.html                 the page
    extras/                     exports for other programs, and lines put into quarantine
    run.json                    the run record
    MANIFEST.tsv                path, size and checksum of every other file; written last

Paths relative to the folder are constants and functions, for folders in S3 too; `RunFolder` is a
folder on this machine.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

from gafreduce import owned_paths
from gafreduce.directory import Directory
from gafreduce.errors import InputError, describe
from gafreduce.publishing import manifest, record_shape
from gafreduce.publishing.manifest import Defect, Row
from gafreduce.regular_file import check_regular_file
from gafreduce.storage.replace_file import open_folder, replace_file, replace_text

RECORD = "run.json"
#: The record of a study, in the place of a run record.
STUDY_RECORD = "study.json"
PAGE = "report.html"
FIGURES = "figures"
#: Kinds of files of a figure, and its width in mm: a column of most journals.
FIGURE_FORMATS = ("svg", "png", "pdf")
FIGURE_WIDTH = 85.0
EXTRAS = "extras"
#: The folder of the run folders of a study.
TRAITS = "traits"
_TABLES = "tables"
_PARQUET = "parquet"
SUMMARY_EXPORT = f"{EXTRAS}/summary.json"
SEARCH_DATABASE = f"{EXTRAS}/search.sqlite"
MULTIQC_EXPORT = f"{EXTRAS}/gafreduce_mqc.json"
#: What `gafreduce report` makes again.
_REMADE = (PAGE, f"{FIGURES}/", SUMMARY_EXPORT, MULTIQC_EXPORT)

#: Version of the run record and of the layout above: it goes up when a reader has to change.
SCHEMA = "gafreduce-run/3"
_SCHEMAS = ("gafreduce-run/", "gafreduce-study/")

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

    Names and sizes are compared; contents are not read.

    Args:
        rows: The content of the manifest.
        sizes: Bytes of each file, by its path relative to the run folder.
    """
    defects = manifest.select_below(manifest.find_defects(rows, sizes), (_TABLES, _PARQUET))
    return str(defects[0]) if defects else ""


def is_ours(record: object) -> bool:
    """Return whether a record of a run or study is one of gafreduce, of any version.

    >>> is_ours({"schema": "gafreduce-run/1", "run_id": "x"}), is_ours({"run_id": "x"})
    (True, False)
    """
    if not isinstance(record, dict):
        return False
    return str(record.get("schema")).startswith(_SCHEMAS) and bool(record.get("run_id"))


@dataclass(frozen=True)
class RunFolder:
    """A run folder on this machine, finished or being built."""

    path: Path
    record_name: ClassVar[str] = RECORD
    schema: ClassVar[str] = SCHEMA

    @classmethod
    def open(cls, path: Path) -> RunFolder:
        """Return the folder of a finished run.

        Raises:
            InputError: The folder has no run record, or one of another version.
        """
        folder = cls(path)
        if not folder.record.is_file():
            if (path / STUDY_RECORD).is_file():
                raise InputError(
                    f"{path}: expected a run folder, got a study (name one of the runs in its "
                    f"folder {TRAITS})"
                )
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
        return self.path / self.record_name

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

    def list_files(self) -> list[str]:
        """Return the relative paths of all files and links but the manifest, sorted."""
        return manifest.list_files(self.path)

    def list_downloads(self) -> list[str]:
        """Return the relative paths of tables, figures and exports: the files a page links to."""
        folders = (_TABLES, _PARQUET, FIGURES, EXTRAS)
        partial = f"/{owned_paths.WORKING_PREFIX}"
        files = [name for name in self.list_files() if partial not in name]
        return [name for folder in folders for name in files if name.startswith(f"{folder}/")]

    def read_record(self) -> dict[str, Any]:
        """Return the run record.

        Raises:
            InputError: The record is missing or damaged.
        """
        path = self.record
        check_regular_file(path)
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except UnicodeDecodeError as error:
            raise InputError(
                f"{path}: expected the record of a run, got bytes that are not UTF-8"
            ) from error
        except (OSError, ValueError, RecursionError) as error:
            reason = describe(error)
            raise InputError(f"{path}: expected the record of a run, got {reason}") from error
        if not isinstance(found, dict):
            raise InputError(f"{path}: expected the record of a run, got {type(found).__name__}")
        return found

    def check_record(self) -> None:
        """Check that the record of a finished run has all keys, with values of their types.

        Raises:
            InputError: It has not: it was edited.
        """
        fault = record_shape.find_fault(self.read_record())
        if fault:
            raise InputError(f"{self.record}: {fault} (it was edited: make the run again)")

    def write_record(self, record: Mapping[str, Any]) -> None:
        """Write the run record, with the version of its schema first."""
        # bytes of a file name that are not UTF-8 become escapes, which JSON understands
        with replace_text(self.record, errors="backslashreplace") as stream:
            # not as one text: it may name a million organisms
            json.dump({"schema": self.schema, **record}, stream, indent=2, ensure_ascii=False)
            stream.write("\n")

    @property
    def run_id(self) -> str | None:
        """The id in the record of the run or study; None when there is none of gafreduce."""
        is_study = (self.path / STUDY_RECORD).is_file()
        try:
            found = (StudyFolder(self.path) if is_study else self).read_record()
        except InputError:
            return None
        return str(found["run_id"]) if is_ours(found) else None

    def read_rows(self) -> dict[str, Row]:
        """Return the rows of the manifest by path; none when it is missing or damaged."""
        return manifest.parse_rows(self._read_manifest() or b"") or {}

    def _read_manifest(self) -> bytes | None:
        return self.manifest.read_bytes() if self.manifest.is_file() else None

    def write_manifest(self) -> None:
        """Write the manifest of a new folder. It is the last file of a run."""
        manifest.write_manifest(self.path)

    def update_manifest(self, made: Collection[str], removed: Collection[str]) -> None:
        """Write the manifest again: other files keep their rows, files without a row get none.

        Args:
            made: Paths of the files that were made again, relative to the folder.
            removed: Paths of files that were removed.
        """
        gone = {*made, *removed}
        kept = {name: row for name, row in self.read_rows().items() if name not in gone}
        manifest.write_manifest(self.path, kept, made)

    @contextlib.contextmanager
    def replace(self, name: str) -> Iterator[BinaryIO]:
        """Open a file of the folder for bytes; it replaces only a file that the manifest names.

        Args:
            name: Its path, relative to the folder. Its own folder is made, if it is missing.

        Raises:
            InputError: The file or its folder is a link, or the file is not one of the run.
        """
        path = self.path / name
        if not os.path.lexists(path.parent):
            path.parent.mkdir()
        with replace_file(path, self.path, may_replace=name in self.read_rows()) as stream:
            yield stream

    def list_named_figures(self) -> list[str]:
        """Return the paths of the figures that the manifest names."""
        return [name for name in self.read_rows() if re.fullmatch(rf"{FIGURES}/[^/]+", name)]

    def remove_figures(self, names: Iterable[str]) -> None:
        """Remove figures by their paths relative to the run folder, if they exist."""
        with contextlib.ExitStack() as stack:
            folder = open_folder(self.path, self.figures, stack)
            for name in names:
                folder.unlink(Path(name).name)

    def has_files(self) -> bool:
        """Return whether the folder exists and holds more than empty folders."""
        if not os.path.lexists(self.path):
            return False
        return not self.path.is_dir() or manifest.has_files(self.path)

    def find_defects(self, has_sums: bool = True) -> list[Defect]:
        """Return all differences between the manifest and the files, links among them.

        Args:
            has_sums: Whether checksums are compared if the files are large.
        """
        content = self._read_manifest()
        # without a manifest it may be any folder of the user, with any number of files
        sizes = {} if content is None else manifest.list_sizes(self.path)
        return manifest.compare_files(self.path, content, sizes, has_sums=has_sums)

    def list_foreign(self) -> list[str]:
        """Return the paths of what gafreduce has not made: without a row, or a link."""
        ours = {*self.read_rows(), *self.list_partials()}
        sizes = manifest.list_sizes(self.path)
        return [name for name, size in sizes.items() if name not in ours or size < 0]

    def list_partials(self) -> list[str]:
        """Return the paths of partial files of dead processes."""
        found = []
        for name in self.list_files():
            path = self.path / name
            if path.name.startswith(owned_paths.WORKING_PREFIX):
                with Directory.open(path.parent) as parent:
                    if owned_paths.prove_partial(parent, path.name).is_ours:
                        found.append(name)
        return found

    def remove_partials(self) -> None:
        """Remove partial files of dead processes."""
        for name in self.list_partials():
            path = self.path / name
            with Directory.open(path.parent) as parent:
                owned_paths.remove_partial(parent, path.name)

    def find_table_defects(self, has_sums: bool = True) -> list[Defect]:
        """Return where record, tables and exports of a finished run differ from the manifest.

        Figures, page and the exports that are made from tables may differ: they are made again.

        Args:
            has_sums: Whether checksums are compared if the files are large.
        """
        return [
            each
            for each in manifest.select_below(self.find_defects(has_sums), (_TABLES, _PARQUET))
            if not each.path.startswith(_REMADE)
        ]

    def check_tables(self) -> None:
        """Check that record, tables and exports of a finished run are as the manifest states.

        Raises:
            InputError: A file is missing, has another content, or is not one of the run.
        """
        self.refuse_tables(self.find_table_defects())

    def refuse_tables(self, defects: Sequence[Defect]) -> None:
        """Raise an error if there are defects of tables.

        Raises:
            InputError: There are; the message names the first.
        """
        self._refuse(defects, "make the run again: gafreduce verify lists all differences")

    def _refuse(self, defects: Sequence[Defect], advice: str) -> None:
        if defects:
            more = f", and {len(defects) - 1} more" if len(defects) > 1 else ""
            raise InputError(f"{self.path}/{defects[0]}{more} ({advice})")

    def is_complete(self, run_id: str) -> bool:
        """Return whether the folder holds the finished run of this id; False without files.

        Sizes are compared with the manifest, and checksums if the files are not large.

        Raises:
            InputError: The folder holds something else, or an incomplete run.
        """
        if not self.has_files():
            return False
        found = self.run_id if self.manifest.is_file() else None
        if found == run_id:
            defects = manifest.select_below(self.find_defects(has_sums=False), (_TABLES, _PARQUET))
            self._refuse(
                defects,
                "the run is incomplete: name another folder with -o, or make it again with --force",
            )
            return True
        what = f"run {found}" if found else "something that is not a finished run"
        raise InputError(
            f"{self.path}: expected a new folder or run {run_id}, got {what} "
            "(name another folder with -o, or replace it with --force)"
        )


class StudyFolder(RunFolder):
    """The folder of a study: run folders below `TRAITS`, and tables, figures and a page of all."""

    record_name = STUDY_RECORD
    schema = "gafreduce-study/1"
