"""Leftovers on this machine: folders that runs were built in, and temporary folders."""

from __future__ import annotations

import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from gafreduce.publishing import folder_lock, lock_record, recovery
from gafreduce.publishing.orphans import Leftover, Leftovers
from gafreduce.storage import s3

#: How a run folder is called while it is built, and the one it takes the place of.
_BUILT = re.compile(r"\..+\.[0-9a-f]{8}(\.old)?")
_SCRATCH = "gafreduce-*"


def found_beside_runs(parent: Path, older_than: float, access: s3.Access) -> Leftovers:
    """Yield what was built in a folder of runs and never finished, and claims that nobody holds.

    Args:
        parent: Where run folders lie.
        older_than: Seconds since the last change: a run that goes on changes its folder.
        access: How what a claim names in AWS is ended.
    """
    if parent.is_dir():
        for path in sorted(parent.iterdir()):
            if path.is_dir() and _BUILT.fullmatch(path.name):
                yield from _old(path, "an unfinished run folder", older_than)
            elif path.is_file() and folder_lock.NAME.fullmatch(path.name):
                yield from _claim(path, older_than, access)


def used_beside_runs(parent: Path) -> Iterator[str]:
    """Yield the temporary folders elsewhere of runs that go on, by their claims."""
    if parent.is_dir():
        for path in sorted(parent.iterdir()):
            if path.is_file() and folder_lock.NAME.fullmatch(path.name):
                yield from folder_lock.held_holdings(path)[lock_record.TEMPORARY]


def found_in_temporary_folder(older_than: float) -> Leftovers:
    """Yield what is left in the temporary folder, of this user's runs."""
    for path in sorted(Path(tempfile.gettempdir()).glob(_SCRATCH)):
        if path.is_dir():
            yield from _old(path, "a run's temporary folder", older_than)


def _claim(path: Path, older_than: float, access: s3.Access) -> Leftovers:
    left = folder_lock.holdings_of(path)
    age = time.time() - path.stat().st_mtime
    if left is not None and age >= older_than:

        def end() -> None:
            recovery.end_all(left, access)
            path.unlink()

        words = f"the claim{recovery.in_words(left)} of a run that ended"
        yield Leftover(str(path), words, age, end)


def _old(path: Path, what: str, older_than: float) -> Leftovers:
    try:
        changed = max(each.lstat().st_mtime for each in (path, *path.rglob("*")))
    except OSError:
        return  # gone meanwhile, or another user's
    age = time.time() - changed
    if age >= older_than:
        yield Leftover(str(path), what, age, partial(shutil.rmtree, path))
