"""A finished run as an object: tables as data frames, verdicts, figures, a view in notebooks."""

from __future__ import annotations

import html
import json
import os
import shutil
import tempfile
import weakref
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from gafreduce.errors import InputError
from gafreduce.publishing.open_run import open_folder
from gafreduce.publishing.run_folder import (
    FIGURES,
    RECORD,
    SUMMARY_EXPORT,
    RunFolder,
    parquet_path,
    table_path,
)
from gafreduce.reports.tables.schema import ALL_TABLES

if TYPE_CHECKING:
    import pandas as pd

#: Organisms in the view of a notebook.
_MOST_ROWS = 30


class RunFigure(NamedTuple):
    """A figure of a run; notebooks show it."""

    name: str
    svg: str

    def __repr__(self) -> str:
        return f"<figure {self.name}>"

    def _repr_svg_(self) -> str:
        return self.svg

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the figure as SVG."""
        Path(path).write_text(self.svg, encoding="utf-8", newline="\n")


class _RunTable:
    """A table of a run, as an attribute; it is read when it is first used."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.__doc__ = ALL_TABLES[name].description

    @overload
    def __get__(self, run: None, owner: type) -> _RunTable: ...
    @overload
    def __get__(self, run: Run, owner: type) -> pd.DataFrame: ...
    def __get__(self, run: Run | None, owner: type) -> _RunTable | pd.DataFrame:
        return self if run is None else run.table(self._name)


class Run:
    """A finished run, from a folder or from S3.

    Tables are pandas data frames, read when they are first used: text columns are strings, whole
    numbers `Int64` and truth values `boolean` (both may be missing), and columns of several values
    arrays. Columns: docs/formats.md.

    Attributes:
        address: The path or s3:// prefix of the run.
        record: The run record: options, versions, checksums of the inputs.
    """

    organisms = _RunTable("organisms")
    gene_products = _RunTable("gene_products")
    annotations = _RunTable("annotations")
    profile = _RunTable("profile")
    terms = _RunTable("terms")
    inputs = _RunTable("inputs")
    runs = _RunTable("runs")
    rejections = _RunTable("rejections")
    findings = _RunTable("findings")
    term_set = _RunTable("term_set")
    rates = _RunTable("rates")
    pairwise = _RunTable("pairwise")
    similarity = _RunTable("similarity")
    similarity_depth = _RunTable("similarity_depth")
    enrichment = _RunTable("enrichment")
    enrichment_families = _RunTable("enrichment_families")
    robustness = _RunTable("robustness")
    robustness_sets = _RunTable("robustness_sets")
    components = _RunTable("components")
    component_members = _RunTable("component_members")
    candidates = _RunTable("candidates")
    neighbours = _RunTable("neighbours")
    slim = _RunTable("slim")
    sets = _RunTable("sets")
    statistics_notes = _RunTable("statistics_notes")

    def __init__(self, address: str, folder: _RunFiles) -> None:
        """Use `gafreduce.open_run` instead."""
        self.address = address
        self._files = folder
        self._tables: dict[str, pd.DataFrame] = {}
        self.record: dict[str, Any] = RunFolder(folder.path).read_record()

    @property
    def tables(self) -> tuple[str, ...]:
        """The names of the tables that the run has."""
        return tuple(name for name in ALL_TABLES if self._files.has(parquet_path(name)))

    def table(self, name: str) -> pd.DataFrame:
        """Return a table by its name.

        Raises:
            InputError: The run has no such table.
        """
        if name not in self._tables:
            if name not in ALL_TABLES or not self._files.has(parquet_path(name)):
                raise InputError(
                    f"{self.address}: expected one of the tables {', '.join(self.tables)}, got "
                    f"{name!r} (statistics are missing in runs with --no-report)"
                )
            self._tables[name] = _read_table(self._files.get(parquet_path(name)))
        return self._tables[name]

    @property
    def summary(self) -> dict[str, Any]:
        """The summary as plain data (docs/summary.schema.json).

        Raises:
            InputError: The run was made without a report.
        """
        found: dict[str, Any] = json.loads(self._files.get(SUMMARY_EXPORT).read_text("utf-8"))
        return found

    @property
    def term(self) -> str:
        """The id of the target term."""
        return str(self.record["target"]["go_id"])

    def verdict(self, organism: str | int) -> str:
        """Return the verdict of an organism (docs/verdicts.md).

        Args:
            organism: Its id (a taxon id or a sample), or its name.

        Raises:
            InputError: The run has no such organism.
        """
        wanted = str(organism)
        rows = self.organisms
        found = rows[(rows["organism_id"] == wanted) | (rows["organism"] == wanted)]
        if len(found) != 1:
            names = ", ".join(rows["organism_id"].astype(str).head(20))
            raise InputError(
                f"{self.address}: expected the id or name of one organism, got {wanted!r} "
                f"(organisms: {names})"
            )
        return str(found["verdict"].iloc[0])

    @property
    def figures(self) -> tuple[str, ...]:
        """The names of the figures."""
        names = self._files.list_names()
        return tuple(
            name.removeprefix(f"{FIGURES}/").removesuffix(".svg")
            for name in names
            if name.startswith(f"{FIGURES}/") and name.endswith(".svg")
        )

    def figure(self, name: str) -> RunFigure:
        """Return a figure by its name.

        Raises:
            InputError: The run has no such figure.
        """
        if name not in self.figures:
            raise InputError(
                f"{self.address}: expected one of the figures {', '.join(self.figures) or '(none)'}"
                f", got {name!r} (figures are drawn as SVG unless --figure-format says otherwise)"
            )
        path = self._files.get(f"{FIGURES}/{name}.svg")
        return RunFigure(name, path.read_text(encoding="utf-8"))

    def to_excel(self, path: str | os.PathLike[str]) -> None:
        """Write all tables as an Excel workbook, a sheet each; needs gafreduce[export].

        Raises:
            InputError: XlsxWriter is not installed, or the file cannot be written.
        """
        from gafreduce.reports.exports.registry import export_run

        names = [table_path(name) for name in ALL_TABLES if self._files.has(table_path(name))]
        for name in names:
            self._files.get(name)
        export_run(RunFolder(self._files.path), "xlsx", Path(path))

    def __repr__(self) -> str:
        target = self.record["target"]
        return f"<gafreduce run {self.record['run_id']}: {target['name']} ({target['go_id']})>"

    def _repr_html_(self) -> str:
        """Return the answer for notebooks: term, and a row for each compared organism."""
        target = self.record["target"]
        rows = self.organisms
        rows = rows[rows["compared"].fillna(False)]
        columns = ("organism", "verdict", "n_target_gene_products", "n_in_aspect", "complete")
        cells = [
            "".join(f"<td>{_escape(row[name])}</td>" for name in columns)
            for row in rows.head(_MOST_ROWS).to_dict("records")
        ]
        more = len(rows) - len(cells)
        heads = ("organism", "verdict", "gene products", "of (aspect)", "complete")
        head = "".join(f"<th>{each}</th>" for each in heads)
        note = f"<p>and {more:,} more organisms</p>" if more > 0 else ""
        return (
            f"<h4>{_escape(target['name'])} ({_escape(target['go_id'])})</h4>"
            f"<p>Run {_escape(self.record['run_id'])}, {_escape(self.address)}</p>"
            f"<table><thead><tr>{head}</tr></thead><tbody>"
            f"{''.join(f'<tr>{row}</tr>' for row in cells)}</tbody></table>{note}"
        )


def open_run(
    address: str | os.PathLike[str],
    *,
    endpoint_url: str | None = None,
    profile: str | None = None,
) -> Run:
    """Open a finished run.

    Args:
        address: A run folder, or the s3:// prefix of a published run. Of the latter, files are
            downloaded when they are used, and compared with the manifest.
        endpoint_url: S3 endpoint other than Amazon's.
        profile: AWS profile.

    Raises:
        InputError: There is no finished run, or its files differ from its manifest.
        TransientError: S3 cannot be reached.
    """
    from gafreduce.storage.resolve import local_path

    name = os.fspath(address)
    if local_path(name) is not None:
        return Run(name, _LocalFiles(open_folder(Path(name))))
    return Run(name, _DownloadedFiles(name, endpoint_url, profile))


class _RunFiles(ABC):
    """The files of a run."""

    path: Path  # of the folder on this machine

    @abstractmethod
    def list_names(self) -> Sequence[str]:
        """Return the names of all files, relative to the run folder."""

    def has(self, name: str) -> bool:
        return name in self.list_names()

    def get(self, name: str) -> Path:
        """Return the path of a file on this machine.

        Raises:
            InputError: The run lacks it.
        """
        if not self.has(name):
            raise InputError(f"{self.path}/{name}: expected a file of the run, got none")
        return self.path / name


class _LocalFiles(_RunFiles):
    def __init__(self, folder: RunFolder) -> None:
        self.path = folder.path
        self._names = list(folder.read_rows())

    def list_names(self) -> Sequence[str]:
        return self._names


class _DownloadedFiles(_RunFiles):
    """Files of a published run, in a folder that is removed with this object."""

    def __init__(self, place: str, endpoint_url: str | None, profile: str | None) -> None:
        from gafreduce.publishing.open_run import PublishedRun
        from gafreduce.storage.s3 import Access

        scratch = tempfile.mkdtemp(prefix="gafreduce-run-")
        weakref.finalize(self, shutil.rmtree, scratch, ignore_errors=True)
        folder = RunFolder(Path(scratch) / "run")
        self._published = PublishedRun(place, Access(endpoint_url, profile), folder)
        self._published.download([RECORD])
        self.path = folder.path

    def list_names(self) -> Sequence[str]:
        return list(self._published.rows)

    def get(self, name: str) -> Path:
        path = super().get(name)
        if not path.exists():
            self._published.download([name])
        return path


def _read_table(path: Path) -> pd.DataFrame:
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
    found: pd.DataFrame = pq.read_table(path).to_pandas(types_mapper=kinds.get)
    return found


def _escape(value: object) -> str:
    text = "" if value is None or value != value or str(value) == "<NA>" else str(value)
    return html.escape(text)
