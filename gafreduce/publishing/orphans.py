"""Orphans of killed runs, found by age, on this machine and in Hadoop's file system.

On this machine: folders that runs were built in, locks that no run holds, temporary folders, files
that were not completed. In HDFS: temporary folders. Orphans in S3 are in orphans_s3.py.
"""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gafreduce import owned_paths, tempdir
from gafreduce.directory import Directory
from gafreduce.ontology import cache
from gafreduce.publishing import folder_lock, local_publish, lock_record, recovery, resource_marks
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.storage import hadoop, s3
from gafreduce.storage.hadoop import Hadoop, HadoopError

HOUR = 3600.0

log = logging.getLogger(__name__)
#: A line of `hadoop fs -ls`: rights, copies, owner, group, size, date, time, path.
_LINE = re.compile(r"d\S+\s+\S+\s+\S+\s+\S+\s+\d+\s+(\S+ \S+)\s+(\S+)")


@dataclass(frozen=True)
class Orphan:
    """One thing that a killed run left and no run needs."""

    place: str  # path or URI
    description: str
    age: float  # seconds since its last change
    proof: str  # why it is a thing of gafreduce
    remove: Callable[[], object]

    def line(self) -> str:
        """Return a line of text: place, description, age and proof."""
        return f"{self.place}\t{self.description}\t{self.age / HOUR:.1f} hours old\t{self.proof}"

    def as_dict(self) -> dict[str, object]:
        """Return place, description, age and proof as plain data."""
        hours = round(self.age / HOUR, 1)
        known = {"place": self.place, "description": self.description, "proof": self.proof}
        return {**known, "hours": hours}


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
        access: How AWS is reached, to end the resources in a lock.
    """
    if not parent.is_dir():
        return
    with Directory.open(parent.resolve()) as folder:
        for name in folder.list_names():
            path = parent / name
            if local_publish.find_run_name(name) is not None:
                yield from _check_build(folder, name, older_than)
            elif name.startswith(owned_paths.WORKING_PREFIX):
                yield from _check_working_name(folder, name, older_than, access)
            elif folder_lock.NAME.fullmatch(name):
                yield from _check_lock(path, older_than, access)
            elif path.is_symlink():  # its run was built where it points to
                yield from _find_near_target(path.resolve(), older_than, access)
            elif path.is_dir():
                yield from _find_in_run(RunFolder(path), older_than)


def _check_working_name(
    folder: Directory, name: str, older_than: float, access: s3.Access
) -> Orphans:
    """Yield a file or folder that a process made or removed when it was killed."""
    path = folder.path / name
    yield from _check_bare(folder, name, owned_paths.BUILD, older_than)
    yield from _check_partial(path, older_than)
    if folder_lock.NAME.fullmatch(name):  # with its content, but not yet with its own name
        yield from _check_lock(path, older_than, access)


def _find_near_target(target: Path, older_than: float, access: s3.Access) -> Orphans:
    """Yield build folders and the lock of one run folder."""
    try:
        with Directory.open(target.parent) as folder:
            for name in folder.list_names():
                if local_publish.find_run_name(name) == target.name:
                    yield from _check_build(folder, name, older_than)
    except OSError:  # a dangling link
        return
    path = folder_lock.lock_path(target)
    if path.exists():
        yield from _check_lock(path, older_than, access)


def _find_in_run(run: RunFolder, older_than: float) -> Orphans:
    """Yield partial files in a run folder, which a killed `gafreduce report` left."""
    if run.run_id is not None:
        for name in run.list_partials():
            yield from _check_partial(run.path / name, older_than)


def list_live_folders(parent: Path) -> Iterator[str]:
    """Yield the temporary folders in the lock records of live runs in a parent of run folders."""
    if parent.is_dir():
        for path in sorted(parent.iterdir()):
            if path.is_file() and folder_lock.NAME.fullmatch(path.name):
                yield from folder_lock.read_live_record(path)[lock_record.TEMPORARY]


def find_temporary(older_than: float) -> Orphans:
    """Yield temporary folders of this user's runs on this machine."""
    parent = tempdir.find_parent()
    if not parent.is_dir():
        return
    with Directory.open(parent.resolve()) as folder:
        for name in folder.list_names():
            if name.startswith(tempdir.PREFIX):
                yield from _check_folder(
                    folder,
                    name,
                    owned_paths.TEMPORARY,
                    "a run's temporary folder",
                    older_than,
                    owned_paths.remove_folder,
                )
            elif name.startswith(owned_paths.WORKING_PREFIX):
                yield from _check_bare(folder, name, owned_paths.TEMPORARY, older_than)


def find_in_cache(older_than: float) -> Orphans:
    """Yield files of the user's cache that were not completed."""
    try:
        folders = cache.list_folders(cache.find_user_cache() / "gafreduce")
    except RuntimeError:  # the user has no home
        return
    for each in folders:
        try:
            is_there = each.is_dir()
        except PermissionError:  # the home of another user, after `su`
            continue
        if is_there:
            for path in sorted(each.glob(f"{owned_paths.WORKING_PREFIX}*")):
                yield from _check_partial(path, older_than)


def _check_lock(path: Path, older_than: float, access: s3.Access) -> Orphans:
    record = folder_lock.read_dead_record(path)
    if record is not None and (age := time.time() - path.lstat().st_mtime) >= older_than:

        def end() -> None:
            recovery.end_all(record, folder_lock.find_place(path), access)
            path.unlink()

        description = f"the lock{recovery.describe(record)} of a run that ended"
        proof = "the file names gafreduce, you own it and no run holds it"
        yield Orphan(str(path), description, age, proof, end)


def _check_build(parent: Directory, name: str, older_than: float) -> Orphans:
    description = "an unfinished run folder"
    if os.path.lexists(parent.path / name / "old"):
        description += ", with the run that it was to replace (it gets its name back)"
    remove = local_publish.remove_build
    yield from _check_folder(parent, name, owned_paths.BUILD, description, older_than, remove)


def _check_folder(
    parent: Directory,
    name: str,
    kind: str,
    description: str,
    older_than: float,
    remove: Callable[[Directory, str, str], None],
) -> Orphans:
    proof = owned_paths.prove_folder(parent, name, kind)
    age = owned_paths.read_age(parent, name)
    if not proof.is_ours:
        if not proof.is_in_use:
            log.warning("%s is left alone: %s", parent.path / name, proof.text)
    elif age is not None and age >= older_than:

        def end() -> None:
            with Directory.open(parent.path) as again:
                remove(again, name, kind)

        yield Orphan(str(parent.path / name), description, age, proof.text, end)


def _check_bare(parent: Directory, name: str, kind: str, older_than: float) -> Orphans:
    """Yield a folder with a working name."""
    proof = owned_paths.prove_working_folder(parent, name, kind)
    age = owned_paths.read_age(parent, name)
    if proof.is_ours and age is not None and age >= older_than:

        def end() -> None:
            with Directory.open(parent.path) as again:
                owned_paths.remove_working_folder(again, name, kind)

        yield Orphan(str(parent.path / name), "a folder without files", age, proof.text, end)


def _check_partial(path: Path, older_than: float) -> Orphans:
    with Directory.open(path.parent.resolve()) as parent:
        proof = owned_paths.prove_partial(parent, path.name)
        age = owned_paths.read_age(parent, path.name)
    if not proof.is_ours:
        log.debug("%s is left alone: %s", path, proof.text)
    elif age is not None and age >= older_than:

        def end() -> None:
            with Directory.open(path.parent.resolve()) as again:
                owned_paths.remove_partial(again, path.name)

        yield Orphan(str(path), "a file that was not completed", age, proof.text, end)


def find_in_hdfs(older_than: float, conf: Path | None = None) -> Orphans:
    """Yield the temporary folders of attempts in Hadoop's file system.

    Only folders with a marker of gafreduce: `hadoop_tmp_dir` may be shared with other programs.

    Args:
        older_than: Seconds since the last change.
        conf: mrjob.conf.

    Raises:
        HadoopError: There is no Hadoop, or the listing failed.
    """
    client = Hadoop(hadoop.find_binary(conf), hadoop.find_temporary_folder(conf))
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
                "it is in the temporary folder of gafreduce",
                Hadoop(client.binary, match.group(2)).remove,
            )
