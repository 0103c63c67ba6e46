"""Orphans of killed runs, found by age, on this machine and in Hadoop's file system.

On this machine: folders that runs were built in, locks that no run holds, temporary folders. In
HDFS: temporary folders. Orphans in S3 are in orphans_s3.py.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from gafreduce.publishing import folder_lock, lock_record, recovery, resource_marks
from gafreduce.storage import hadoop, s3
from gafreduce.storage.hadoop import Hadoop, HadoopError

HOUR = 3600.0

#: Names of a run folder while it is built, and of the one that it replaces.
_BUILD = re.compile(r"\..+\.[0-9a-f]{8}(\.old)?")
#: Temporary folders of this user's runs.
_TEMPORARY = "gafreduce-*"
#: A line of `hadoop fs -ls`: rights, copies, owner, group, size, date, time, path.
_LINE = re.compile(r"d\S+\s+\S+\s+\S+\s+\S+\s+\d+\s+(\S+ \S+)\s+(\S+)")


@dataclass(frozen=True)
class Orphan:
    """One thing that a killed run left and no run needs."""

    place: str  # path or URI
    description: str
    age: float  # seconds since its last change
    remove: Callable[[], object]

    def line(self) -> str:
        """Return a line of text: place, description and age."""
        return f"{self.place}\t{self.description}\t{self.age / HOUR:.1f} hours old"


Orphans = Iterator[Orphan]


def exclude_live(orphans: Orphans, list_live: Callable[[], Iterable[str]]) -> Orphans:
    """Yield temporary folders but those of live runs.

    Args:
        orphans: Temporary folders; the last two parts of each are ids of run and attempt, so that
            another spelling of the same folder is recognised.
        list_live: Returns the temporary folders in the lock records of live runs.
    """
    ids = {_ids(each) for each in list_live()}
    yield from (each for each in orphans if _ids(each.place) not in ids)


def _ids(place: str) -> tuple[str, ...]:
    return tuple(place.rstrip("/").split("/")[-2:])


def find_in_parent(parent: Path, older_than: float, access: s3.Access) -> Orphans:
    """Yield unfinished run folders and locks of dead runs in a parent of run folders.

    Args:
        parent: The folder of run folders.
        older_than: Seconds since the last change; a live run changes its folder all the time.
        access: How what a lock names in AWS is ended.
    """
    if parent.is_dir():
        for path in sorted(parent.iterdir()):
            if path.is_dir() and _BUILD.fullmatch(path.name):
                yield from _check_age(path, "an unfinished run folder", older_than)
            elif path.is_file() and folder_lock.NAME.fullmatch(path.name):
                yield from _check_lock(path, older_than, access)


def list_live_folders(parent: Path) -> Iterator[str]:
    """Yield the temporary folders in the lock records of live runs in a parent of run folders."""
    if parent.is_dir():
        for path in sorted(parent.iterdir()):
            if path.is_file() and folder_lock.NAME.fullmatch(path.name):
                yield from folder_lock.read_live_record(path)[lock_record.TEMPORARY]


def find_temporary(older_than: float) -> Orphans:
    """Yield temporary folders of this user's runs on this machine."""
    for path in sorted(Path(tempfile.gettempdir()).glob(_TEMPORARY)):
        if path.is_dir():
            yield from _check_age(path, "a run's temporary folder", older_than)


def _check_lock(path: Path, older_than: float, access: s3.Access) -> Orphans:
    record = folder_lock.read_dead_record(path)
    age = time.time() - path.stat().st_mtime
    if record is not None and age >= older_than:

        def end() -> None:
            recovery.end_all(record, folder_lock.find_place(path), access)
            path.unlink()

        description = f"the lock{recovery.describe(record)} of a run that ended"
        yield Orphan(str(path), description, age, end)


def _check_age(path: Path, description: str, older_than: float) -> Orphans:
    try:
        changed = max(each.lstat().st_mtime for each in (path, *path.rglob("*")))
    except OSError:
        return  # removed in the meantime, or another user's
    age = time.time() - changed
    if age >= older_than:
        yield Orphan(str(path), description, age, partial(shutil.rmtree, path))


def find_in_hdfs(older_than: float, conf: Path | None = None) -> Orphans:
    """Yield the temporary folders of attempts in Hadoop's file system.

    Only folders with a marker of gafreduce: `hadoop_tmp_dir` may be shared with other programs.

    Args:
        older_than: Seconds since the last change.
        conf: mrjob.conf.

    Raises:
        HadoopError: There is no Hadoop, or the listing failed.
    """
    client = Hadoop(hadoop.find_binary(), hadoop.find_temporary_folder(conf))
    markers = f"{client.folder}/*/*/{resource_marks.MARKER}*"
    try:
        marked = {
            line.rpartition("/")[0]
            for line in client.call("fs", "-ls", "-C", "-d", markers).splitlines()
        }
        listing = client.call("fs", "-ls", f"{client.folder}/*")
    except HadoopError as error:
        if "No such file" in str(error):
            return
        raise
    for line in listing.splitlines():
        match = _LINE.fullmatch(line.strip())
        if match is None or match.group(2) not in marked:
            continue
        changed = datetime.strptime(match.group(1), "%Y-%m-%d %H:%M").astimezone()
        age = (datetime.now().astimezone() - changed).total_seconds()
        if age >= older_than:
            yield Orphan(
                match.group(2),
                "files of an attempt that ended",
                age,
                Hadoop(client.binary, match.group(2)).remove,
            )
