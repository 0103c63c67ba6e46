"""The lock of a run folder: a file in its parent folder, locked (flock) before any work.

The kernel releases the lock when the process ends, however it ends. The file then still has the
lock record of that run, and the next run ends the orphans in it.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import re
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

from gafreduce.errors import LockedError
from gafreduce.publishing import local_publish, lock_record
from gafreduce.publishing.lock_record import LockRecord

#: Names of lock files.
NAME = re.compile(r"\..+\.lock")

log = logging.getLogger(__name__)


class FolderLock:
    """The lock of a run folder, held by this process.

    Args:
        descriptor: Of the lock file.
        place: The address of the run folder.

    Attributes:
        attempt: A random id of this attempt to make the run.
        must_stay: Whether the file stays when the lock is released, because something in its record
            could not be ended.
        left_behind: The lock record of a dead run.
    """

    def __init__(self, descriptor: int, place: str) -> None:
        self.attempt = uuid.uuid4().hex
        self.place = place
        self.must_stay = False
        self.left_behind = lock_record.parse(os.pread(descriptor, os.fstat(descriptor).st_size, 0))
        self._descriptor = descriptor
        self._record = self.left_behind

    def record(self, kind: str, values: Sequence[str]) -> None:
        """Add resources of this run to the lock record (kinds: lock_record.py)."""
        self._record = lock_record.add(self._record, lock_record.ATTEMPTS, [self.attempt])
        self._record = lock_record.add(self._record, kind, values)
        body = json.dumps(self._record).encode()
        os.pwrite(self._descriptor, body, 0)
        os.ftruncate(self._descriptor, len(body))


def lock_path(folder: Path) -> Path:
    """Return the path of the lock file of a run folder."""
    return folder.with_name(f".{folder.name}.lock")


def find_place(path: Path) -> str:
    """Return the address of the run folder that a lock file is of; marks depend on it.

    >>> find_place(Path("/runs/.demo.lock"))
    '/runs/demo'
    """
    return str(path.parent.resolve() / path.name.removeprefix(".").removesuffix(".lock"))


@contextlib.contextmanager
def lock_folder(folder: Path) -> Iterator[FolderLock]:
    """Hold the lock of a run folder; remove unfinished folders of dead runs first.

    Raises:
        LockedError: Another run holds the lock.
        InputError: No folder can be made there.
    """
    path = lock_path(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        descriptor = _open_locked(path, folder)
    except OSError as error:
        raise local_publish.make_error(folder, error) from error
    lock = FolderLock(descriptor, find_place(path))
    try:
        yield lock
    finally:
        if not lock.must_stay:
            path.unlink(missing_ok=True)  # before the lock is released: no other run has this file
        os.close(descriptor)


def _open_locked(path: Path, folder: Path) -> int:
    """Return the descriptor of the lock file, locked."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            is_locked = _lock(descriptor, folder)
            if path.exists() and path.stat().st_ino == os.fstat(descriptor).st_ino:
                if is_locked:
                    local_publish.remove_dead_builds(folder)
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # its holder removed the file after we opened it: try the new one


def read_dead_record(path: Path) -> LockRecord | None:
    """Return the lock record of a dead run; None when a run holds the lock."""
    try:
        descriptor = os.open(path, os.O_RDWR)
        try:
            _lock(descriptor, path)
            return FolderLock(descriptor, find_place(path)).left_behind
        finally:
            os.close(descriptor)
    except (OSError, LockedError):
        return None


def read_live_record(path: Path) -> LockRecord:
    """Return the lock record of a run that holds the lock; an empty one when no run does."""
    if read_dead_record(path) is not None:
        return lock_record.EMPTY
    try:
        return lock_record.parse(path.read_bytes())
    except OSError:  # removed just now, or another user's
        return lock_record.EMPTY


def _lock(descriptor: int, folder: Path) -> bool:
    """Lock a file; return False when the file system has no locks.

    Raises:
        LockedError: Another process holds the lock.
    """
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise LockedError(
            f"{folder}: expected to be alone, got another run at work there "
            "(wait for it, or name another folder with -o)"
        ) from error
    except OSError as error:  # the rename at the end then decides between two runs
        log.debug("%s: the file system has no locks: %s", folder, error)
        return False
    return True
