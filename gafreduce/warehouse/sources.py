"""Find the Parquet files of run folders and converted inputs, here or in S3.

A place is a run folder, a parent of run folders, a folder of `convert --to parquet`, or a file of
`convert --ancestors`. A run without a manifest is still being published, and is left out.
"""

from __future__ import annotations

import itertools
import logging
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from gafreduce.errors import InputError
from gafreduce.publishing.manifest import NAME as MANIFEST
from gafreduce.publishing.open_run import check_files
from gafreduce.publishing.run_folder import RECORD, RunFolder, parquet_path
from gafreduce.reports.tables.schema import ALL_TABLES, ANNOTATION_LINES, TERM_ANCESTORS
from gafreduce.storage import s3
from gafreduce.storage.resolve import local_path
from gafreduce.storage.s3_errors import translate_errors
from gafreduce.warehouse import annotation_dataset

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_PARQUET = ".parquet"
#: A file of `convert --to parquet`, in the folder of an organism.
_LINE_FILE = re.compile(r"[^/\\:]+=[^/\\:]*/[^/\\:]+\.parquet")

log = logging.getLogger(__name__)

#: Whether a table is wanted, by its name.
Wanted = Callable[[str], bool]


@dataclass
class Sources:
    """The files of each table, on this machine."""

    runs: dict[str, str] = field(default_factory=dict)  # address of each run, by its id
    run_files: dict[str, dict[str, str]] = field(default_factory=dict)  # table -> file -> run id
    line_files: list[str] = field(default_factory=list)
    ancestor_files: list[str] = field(default_factory=list)

    def list_files(self) -> list[str]:
        """Return all files."""
        tables = [path for files in self.run_files.values() for path in files]
        return [*tables, *self.line_files, *self.ancestor_files]


def find_sources(
    places: Iterable[str], access: s3.Access, scratch: Path, is_wanted: Wanted
) -> Sources:
    """Return the files of the wanted tables; those in S3 are downloaded.

    Args:
        places: Paths and s3:// URIs.
        access: How S3 is reached.
        scratch: A temporary folder for downloads.
        is_wanted: Which tables are wanted; `runs` always is.

    Raises:
        InputError: A place holds nothing of gafreduce, two folders hold the same run, or a run
            differs from its manifest.
        TransientError: S3 cannot be reached.
    """
    found = Sources()
    for number, place in enumerate(places):
        path = local_path(place)
        if path is None:
            _add_s3(found, place, access, scratch / f"place-{number}", is_wanted)
        else:
            _add_local(found, path, is_wanted)
    return found


def _add_local(found: Sources, path: Path, is_wanted: Wanted) -> None:
    if path.is_file() and path.suffix == _PARQUET:
        found.ancestor_files.append(str(path.resolve()))
        return
    below = sorted(each for each in path.iterdir() if each.is_dir()) if path.is_dir() else []
    is_any = False
    for folder in (path, *(each for each in below if not each.name.startswith("."))):
        if (folder / RECORD).is_file():
            if not (folder / MANIFEST).is_file():
                continue
            is_any = True
            _add_run(found, str(folder), RunFolder(folder), is_wanted)
        elif annotation_dataset.is_dataset(folder):
            is_any = True
            found.line_files += [
                str(each.resolve()) for each in sorted(folder.glob(f"*=*/*{_PARQUET}"))
            ]
    if not is_any:
        raise _refuse(str(path))


def _add_run(found: Sources, address: str, folder: RunFolder, is_wanted: Wanted) -> None:
    run_id = folder.run_id
    if run_id is None:
        raise InputError(f"{folder.record}: expected the record of a run of gafreduce")
    if run_id in found.runs:
        raise InputError(
            f"{address}: expected another run than {found.runs[run_id]}, got the same one, {run_id}"
            " (name one of the two)"
        )
    found.runs[run_id] = address
    tables = [name for name in ALL_TABLES if is_wanted(name) and folder.parquet(name).is_file()]
    check_files(folder, [RECORD, *map(parquet_path, tables)])
    for name in tables:
        found.run_files.setdefault(name, {})[str(folder.parquet(name).resolve())] = run_id


def _refuse(place: str) -> InputError:
    return InputError(
        f"{place}: expected a run folder, a parent of run folders, a folder of gafreduce convert "
        "--to parquet, or a .parquet file of gafreduce convert --ancestors, got none of these"
    )


def find_run_prefixes(keys: Sequence[str]) -> list[str]:
    """Return the prefixes of published runs among the keys of a bucket.

    >>> find_run_prefixes(["a/x/MANIFEST.tsv", "a/x/run.json", "a/y/run.json"])
    ['a/x/']
    """
    with_record = {key.removesuffix(RECORD) for key in keys if f"/{key}".endswith(f"/{RECORD}")}
    return sorted(prefix for prefix in with_record if f"{prefix}{MANIFEST}" in set(keys))


def list_keys(client: S3Client, place: str) -> tuple[str, list[str]]:
    """Return the bucket and the keys at and below a URI.

    Raises:
        TransientError: S3 cannot be reached.
    """
    location = s3.parse(place)
    pages = client.get_paginator("list_objects_v2").paginate(
        Bucket=location.bucket, Prefix=location.key
    )
    folder = f"{location.key.rstrip('/')}/" if location.key else ""
    keys = [each["Key"] for page in pages for each in page.get("Contents", [])]
    return location.bucket, [key for key in keys if key == location.key or key.startswith(folder)]


def _add_s3(found: Sources, place: str, access: s3.Access, folder: Path, is_wanted: Wanted) -> None:
    with translate_errors(f"reading {place}"):
        client = access.client()
        bucket, keys = list_keys(client, place)
        downloads = _Downloads(client, bucket, frozenset(keys), folder)
        if place.endswith(_PARQUET):
            found.ancestor_files += downloads.get_files(keys)
            if keys:
                return
        runs = find_run_prefixes(keys)
        for prefix in runs:
            run = downloads.get_run(prefix, is_wanted)
            _add_run(found, f"s3://{bucket}/{prefix}", run, is_wanted)
        marker = f"/{annotation_dataset.DESCRIPTION}"
        datasets = [key.removesuffix(marker) for key in keys if key.endswith(marker)]
        for dataset in datasets if is_wanted(ANNOTATION_LINES.name) else ():
            found.line_files += downloads.get_lines(f"{dataset}/")
    if not runs and not datasets:
        raise _refuse(place)


class _Downloads:
    """Copies objects to this machine, each run and dataset into a folder with a number.

    Others choose keys: a path that is made of one could lead anywhere.
    """

    def __init__(self, client: S3Client, bucket: str, keys: Collection[str], folder: Path) -> None:
        self._client, self._bucket, self._keys, self._folder = client, bucket, keys, folder
        self._numbers = itertools.count()

    def get_files(self, keys: Iterable[str]) -> list[str]:
        """Copy single files; return their paths."""
        return [self._get(key, self._make_folder() / f"file{_PARQUET}") for key in keys]

    def get_run(self, prefix: str, is_wanted: Wanted) -> RunFolder:
        """Copy the wanted tables of a run, with its record and manifest."""
        folder = self._make_folder()
        tables = [parquet_path(name) for name in ALL_TABLES if is_wanted(name)]
        for name in (RECORD, MANIFEST, *tables):
            if f"{prefix}{name}" in self._keys:
                self._get(f"{prefix}{name}", folder / name)
        return RunFolder(folder)

    def get_lines(self, prefix: str) -> list[str]:
        """Copy the annotations of a dataset; return the paths of the files."""
        folder = self._make_folder()
        names = [key.removeprefix(prefix) for key in self._keys if key.startswith(prefix)]
        wanted = sorted(name for name in names if _LINE_FILE.fullmatch(name))
        return [self._get(f"{prefix}{name}", folder / name) for name in wanted]

    def _make_folder(self) -> Path:
        return self._folder / f"{next(self._numbers):06}"

    def _get(self, key: str, path: Path) -> str:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._client.download_file(self._bucket, key, str(path))
        return str(path)


def describe_missing(found: Sources, is_wanted: Wanted) -> list[str]:
    """Return a note for each table that a query names and no place has."""
    notes = [
        f"no run has the table {name}: it is empty here (a run without a report has no statistics)"
        for name in ALL_TABLES
        if is_wanted(name) and found.runs and name not in found.run_files
    ]
    if is_wanted(ANNOTATION_LINES.name) and not found.line_files:
        notes.append("annotation_lines is empty: name a folder of gafreduce convert --to parquet")
    if is_wanted(TERM_ANCESTORS.name) and not found.ancestor_files:
        notes.append("term_ancestors is empty: name a file of gafreduce convert --ancestors")
    return notes
