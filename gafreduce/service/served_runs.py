"""Find the runs to serve, here or in S3, and make their search database where there is none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from gafreduce.errors import InputError
from gafreduce.publishing.manifest import NAME as MANIFEST
from gafreduce.publishing.open_run import check_files
from gafreduce.publishing.run_folder import (
    PAGE,
    RECORD,
    SEARCH_DATABASE,
    RunFolder,
    table_path,
)
from gafreduce.service.search_database import TABLES, build_database, is_current
from gafreduce.storage import s3
from gafreduce.storage.resolve import local_path
from gafreduce.storage.s3_errors import translate_errors

_DATABASE = "search.sqlite"
#: What answers are made of. The page may differ from the manifest: it is made again from tables.
_SERVED = (RECORD, SEARCH_DATABASE, *(table_path(table.name) for table in TABLES))


class ServedRuns(NamedTuple):
    """Runs and their search database."""

    database: Path
    runs: Mapping[str, RunFolder]  # by run id

    @property
    def pages(self) -> dict[str, Path]:
        """The page of each run that has one, by run id."""
        return {run_id: each.page for run_id, each in self.runs.items() if each.page.is_file()}


def find_served_runs(places: Iterable[str], access: s3.Access, scratch: Path) -> ServedRuns:
    """Return the runs of run folders and of parents of run folders.

    A run without a manifest is still being published, and is left out. The search database of a
    single run is used where it is; for others one is made in `scratch`.

    Args:
        places: Paths and s3:// URIs.
        access: How S3 is reached.
        scratch: A temporary folder.

    Raises:
        InputError: A place holds no run, two folders hold the same one, or a run differs from its
            manifest.
        TransientError: S3 cannot be reached.
    """
    runs: dict[str, RunFolder] = {}
    for number, place in enumerate(places):
        path = local_path(place)
        if path is None:
            path = _download(place, access, scratch / f"place-{number}")
        found = _list_runs(path)
        if not found:
            raise InputError(
                f"{place}: expected a run folder or a parent of run folders, got none of them"
            )
        for folder in found:
            run_id = RunFolder.open(folder.path).run_id
            if run_id is None:
                raise InputError(f"{folder.record}: expected the record of a run of gafreduce")
            if run_id in runs:
                raise InputError(
                    f"{folder.path}: expected another run than {runs[run_id].path}, got the same "
                    f"one, {run_id} (name one of the two)"
                )
            check_files(folder, _SERVED)
            runs[run_id] = folder
    ordered = {run_id: runs[run_id] for run_id in sorted(runs)}
    if len(runs) == 1:
        (folder,) = runs.values()
        existing = folder.path / SEARCH_DATABASE
        if is_current(existing):
            return ServedRuns(existing, ordered)
    database = scratch / _DATABASE
    build_database(ordered.values(), database)
    return ServedRuns(database, ordered)


def _list_runs(path: Path) -> list[RunFolder]:
    """Return the finished runs at a path and in it."""
    below = sorted(path.iterdir()) if path.is_dir() else []
    folders = [path, *(each for each in below if each.is_dir() and not each.name.startswith("."))]
    return [
        RunFolder(folder)
        for folder in folders
        if (folder / RECORD).is_file() and (folder / MANIFEST).is_file()
    ]


def _download(place: str, access: s3.Access, folder: Path) -> Path:
    """Copy what is served of the runs below a URI; each is then a folder in the returned one."""
    location = s3.parse(place)
    prefix = f"{location.key.rstrip('/')}/" if location.key else ""
    with translate_errors(f"reading {place}"):
        client = access.client()
        objects = s3.list_objects(client, s3.Location(location.bucket, prefix))
        keys = {each["Key"] for each in objects}
        manifests = sorted(key for key in keys if f"/{key}".endswith(f"/{MANIFEST}"))
        for number, manifest in enumerate(manifests):
            run = manifest.removesuffix(MANIFEST)
            if f"{run}{RECORD}" not in keys:
                continue
            for name in (*_SERVED, PAGE, MANIFEST):
                if f"{run}{name}" in keys:
                    path = folder / f"{number:06}" / name
                    path.parent.mkdir(parents=True, exist_ok=True)
                    client.download_file(location.bucket, f"{run}{name}", str(path))
    return folder
