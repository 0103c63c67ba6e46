"""Build a run folder under a temporary name, and rename it when it is complete."""

from __future__ import annotations

import contextlib
import re
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

from gafreduce.errors import InputError
from gafreduce.publishing.run_folder import RunFolder

#: Suffix of a run folder that is being replaced.
_OLD = ".old"


def check_replaceable(folder: RunFolder) -> None:
    """Check that --force would replace a run folder and nothing else.

    Raises:
        InputError: The folder holds something that is not a run.
    """
    path = folder.path
    if path.is_dir() and (folder.run_id or not any(path.iterdir())):
        return
    if path.exists():
        raise InputError(
            f"{path}: expected a run folder to replace, got something else "
            "(name another folder with -o)"
        )


def make_error(path: Path, error: OSError) -> InputError:
    """Return the error for a place where no folder can be made."""
    return InputError(
        f"{path}: expected to make a run folder there, got {error.strerror or error} "
        "(name another folder with -o)"
    )


def remove_dead_builds(path: Path) -> None:
    """Remove unfinished folders of dead runs; the caller holds the lock of the run folder.

    A run that died while it replaced an older one had renamed that: it gets its name back.
    """
    ours = re.compile(rf"\.{re.escape(path.name)}\.[0-9a-f]{{8}}(\.old)?")
    for found in sorted(path.parent.iterdir()):
        if not (ours.fullmatch(found.name) and found.is_dir()):
            continue
        if found.name.endswith(_OLD) and not path.exists():
            found.rename(path)
        else:
            shutil.rmtree(found, ignore_errors=True)


@contextlib.contextmanager
def build_run_folder(path: Path) -> Iterator[RunFolder]:
    """Give a temporary folder; rename it to `path` at the end, or remove it on failure.

    A run folder at `path` is replaced: the caller has checked that it may be.

    Raises:
        InputError: No folder can be made there, or another run made one first.
    """
    attempt = path.parent / f".{path.name}.{uuid.uuid4().hex[:8]}"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        attempt.mkdir()
    except OSError as error:
        raise make_error(path, error) from error
    replaces = path.exists()
    try:
        yield RunFolder(attempt)
        _rename(attempt, path, replaces)
    finally:
        shutil.rmtree(attempt, ignore_errors=True)


def _rename(attempt: Path, path: Path, replaces: bool) -> None:
    old = attempt.with_name(attempt.name + _OLD)
    if replaces:
        path.rename(old)
    try:
        attempt.rename(path)
    except OSError as error:
        if old.exists():
            old.rename(path)
            raise
        raise InputError(
            f"{path}: expected no folder yet, got one that another run has made in the meantime "
            "(name another folder with -o)"
        ) from error
    shutil.rmtree(old, ignore_errors=True)
