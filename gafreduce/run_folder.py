"""Where a run goes: made beside its place under another name, and moved there when it is whole."""

from __future__ import annotations

import contextlib
import json
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

MANIFEST = "MANIFEST.tsv"
RECORD = "run.json"
TABLES = "tables"

DEFAULT_PARENT = Path("gafreduce-runs")


class RunFolderError(ValueError):
    """A run folder is in the way, or is not one."""


def is_complete(folder: Path, run_id: str) -> bool:
    """Tell whether a folder holds the finished run of this id.

    Raises:
        RunFolderError: Something else is there.
    """
    if not folder.exists():
        return False
    found = run_id_of(folder) if (folder / MANIFEST).is_file() else None
    if found == run_id:
        return True
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


@contextlib.contextmanager
def built(folder: Path) -> Iterator[Path]:
    """Give a folder to build the run in; moved to its place at the end, or removed on failure.

    A run folder that stands there by then is replaced: whoever comes here has checked it before.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    attempt = folder.parent / f".{folder.name}.{uuid.uuid4().hex[:8]}"
    attempt.mkdir()
    try:
        yield attempt
        _put_in_place(attempt, folder)
    finally:
        shutil.rmtree(attempt, ignore_errors=True)


def _put_in_place(attempt: Path, folder: Path) -> None:
    old = attempt.with_name(attempt.name + ".old")
    if folder.exists():
        folder.rename(old)
    try:
        attempt.rename(folder)
    except OSError:
        if old.exists():
            old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)
