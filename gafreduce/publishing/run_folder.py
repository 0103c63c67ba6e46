"""Where a run goes: made beside its place under another name, and moved there when it is whole."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

from gafreduce.publishing import manifest

RECORD = "run.json"
TABLES = "tables"

DEFAULT_PARENT = Path("gafreduce-runs")

#: How the name of a folder ends that a new one takes the place of.
_OLD = ".old"


class RunFolderError(ValueError):
    """A run folder is in the way, or is not one."""


def is_complete(folder: Path, run_id: str) -> bool:
    """Tell whether a folder holds the finished run of this id.

    Raises:
        RunFolderError: Something else is there, or not all of it.
    """
    if not folder.exists():
        return False
    rows = folder / manifest.NAME
    found = run_id_of(folder) if rows.is_file() else None
    if found == run_id:
        files = manifest.files_of(folder)
        sizes = {path.relative_to(folder).as_posix(): path.stat().st_size for path in files}
        flaw = manifest.flaw(rows.read_bytes(), sizes)
        if not flaw:
            return True
        raise RunFolderError(
            f"{folder}/{flaw} (a part of this run is gone: name another folder with -o, or remake "
            "it with --force)"
        )
    what = f"run {found}" if found else "something that is not a finished run"
    raise RunFolderError(
        f"{folder}: expected a new folder or run {run_id}, got {what} "
        "(name another with -o, or remake it with --force)"
    )


def run_id_of(folder: Path) -> str | None:
    """Return the id in a run folder's record; None when there is none."""
    try:
        record = json.loads((folder / RECORD).read_bytes())
    except (OSError, ValueError):
        return None
    found = record.get("run_id") if isinstance(record, dict) else None
    return str(found) if found else None


def check_replaceable(folder: Path) -> None:
    """Check that --force would replace a run folder and nothing else.

    Raises:
        RunFolderError: The folder holds something that no run has left.
    """
    if folder.is_dir() and (run_id_of(folder) or not any(folder.iterdir())):
        return
    if folder.exists():
        raise RunFolderError(
            f"{folder}: expected a run folder to make anew, got something else "
            "(name another with -o)"
        )


def unusable(folder: Path, error: OSError) -> RunFolderError:
    """Return the error for a place where no folder can be made."""
    return RunFolderError(
        f"{folder}: expected to make a run folder there, got {error.strerror or error} "
        "(name another with -o)"
    )


def clear_up(folder: Path) -> None:
    """Remove what attempts that died built beside a run folder; for whoever holds its claim.

    One that died while it put its own in the place of an older run has moved that aside: it is put
    back.
    """
    ours = re.compile(rf"\.{re.escape(folder.name)}\.[0-9a-f]{{8}}(\.old)?")
    for path in sorted(folder.parent.iterdir()):
        if not (ours.fullmatch(path.name) and path.is_dir()):
            continue
        if path.name.endswith(_OLD) and not folder.exists():
            path.rename(folder)
        else:
            shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def built(folder: Path) -> Iterator[Path]:
    """Give a folder to build the run in; moved to its place at the end, or removed on failure.

    A run folder that stands there already is replaced: whoever comes here has checked it before.

    Raises:
        RunFolderError: None can be made there, or another run was faster.
    """
    attempt = folder.parent / f".{folder.name}.{uuid.uuid4().hex[:8]}"
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        attempt.mkdir()
    except OSError as error:
        raise unusable(folder, error) from error
    replaces = folder.exists()
    try:
        yield attempt
        _put_in_place(attempt, folder, replaces)
    finally:
        shutil.rmtree(attempt, ignore_errors=True)


def _put_in_place(attempt: Path, folder: Path, replaces: bool) -> None:
    old = attempt.with_name(attempt.name + _OLD)
    if replaces:
        folder.rename(old)
    try:
        attempt.rename(folder)
    except OSError as error:
        if old.exists():
            old.rename(folder)
            raise
        raise RunFolderError(
            f"{folder}: expected no folder yet, got one that another run has made meanwhile "
            "(name another with -o)"
        ) from error
    shutil.rmtree(old, ignore_errors=True)
