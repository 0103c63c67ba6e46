"""The lock of a run folder: a file in its parent folder, locked (flock) before any work.

The kernel releases the lock when the process ends, however it ends. The file then still has the
lock record of that run, and the next run ends the orphans in it. A file without the marker is not a
lock of gafreduce: it is neither written nor removed.
"""

from __future__ import annotations

import contextlib
import errno
import json
import logging
import os
import re
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path

from gafreduce import owned_paths
from gafreduce.directory import Directory
from gafreduce.errors import InputError, LockedError
from gafreduce.publishing import local_publish, lock_record
from gafreduce.publishing.lock_record import LockRecord
from gafreduce.system import file_access

#: Names of lock files.
NAME = re.compile(r"\..+\.lock")
#: Key of the product's name in a lock file: the marker.
_MARKER = "product"

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
        self.attempt = secrets.token_hex(16)
        self.place = place
        self.must_stay = False
        self.left_behind = lock_record.parse(_read(descriptor))
        self.descriptor = descriptor
        self._record = self.left_behind

    def mark(self, path: Path) -> None:
        """Write the marker into an empty file.

        Raises:
            InputError: The file has another content: neither the marker nor a lock record.
        """
        body = _read(self.descriptor)
        if not body:
            self._write()
        elif self.left_behind == lock_record.EMPTY and not _is_ours(body):
            raise _make_foreign_error(path)

    def keep_left_behind(self) -> None:
        """Keep the file when the lock is released, if it has a record of a dead run."""
        self.must_stay = self.left_behind != lock_record.EMPTY

    def record(self, kind: str, values: Sequence[str]) -> None:
        """Add resources of this run to the lock record (kinds: lock_record.py)."""
        self._record = lock_record.add(self._record, lock_record.ATTEMPTS, [self.attempt])
        self._record = lock_record.add(self._record, kind, values)
        self._write()

    def _write(self) -> None:
        file_access.write_whole(self.descriptor, _make_body(self._record))


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
        lock = _open_locked(path, folder)
    except (OSError, RecursionError) as error:
        raise local_publish.make_error(folder, error) from error
    try:
        yield lock
    finally:
        if not lock.must_stay:
            path.unlink(missing_ok=True)  # before the lock is released: no other run has this file
        os.close(lock.descriptor)


def _open_locked(path: Path, folder: Path) -> FolderLock:
    """Return the lock, held by this process; its file has the marker."""
    with Directory.open(Path(os.path.realpath(path.parent))) as parent:
        while True:
            descriptor = _open_file(parent, path)
            if descriptor is None:
                continue
            try:
                is_locked = _lock(descriptor, folder)
                status = parent.stat(path.name)
                if status is not None and status.st_ino == os.fstat(descriptor).st_ino:
                    lock = FolderLock(descriptor, find_place(path))
                    lock.mark(path)
                    if is_locked:
                        local_publish.remove_dead_builds(folder)
                    return lock
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)  # its holder removed the file after we opened it: try the new one


def _open_file(parent: Directory, path: Path) -> int | None:
    """Return the descriptor of the lock file, which is made if it is missing; None to try again.

    Raises:
        InputError: The path is a link, or no file.
    """
    with contextlib.suppress(FileExistsError):
        return _create_file(parent, path.name)
    try:
        return parent.open_file(path.name, os.O_RDWR)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno not in (errno.ELOOP, errno.EINVAL, errno.EISDIR):
            raise
        raise _make_foreign_error(path) from error


def _create_file(parent: Directory, name: str) -> int:
    """Create a lock file that has the marker and is locked before it gets its name.

    Returns:
        Its descriptor.

    Raises:
        FileExistsError: The name is taken.
    """
    if parent.stat(name) is not None:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), name)
    working_name = owned_paths.make_working_name(owned_paths.LOCK)
    descriptor = parent.create(working_name, 0o600)
    try:
        owned_paths.lock(descriptor)
        os.write(descriptor, _make_body(lock_record.EMPTY))
        try:
            parent.link(working_name, name)
        except FileExistsError:
            raise
        except OSError as error:
            log.debug("%s: the file system has no hard links: %s", parent.path, error)
            named = parent.create(name, 0o600)  # it gets its content when it is locked
            os.close(descriptor)
            return named
    except BaseException:
        os.close(descriptor)
        raise
    finally:
        parent.unlink(working_name)
    return descriptor


def _make_foreign_error(path: Path) -> InputError:
    return InputError(
        f"{path}: expected no file or a lock of gafreduce, got something else "
        "(move it to another folder, or name another folder with -o)"
    )


def read_dead_record(path: Path) -> LockRecord | None:
    """Return the lock record of a dead run; None for a live one, and for files of others."""
    try:
        with Directory.open(path.parent) as parent:
            descriptor = parent.open_file(path.name, os.O_RDWR)
        try:
            if not file_access.is_own(os.fstat(descriptor)):
                return None
            _lock(descriptor, path)
            body = _read(descriptor)
            return lock_record.parse(body) if _is_ours(body) else None
        finally:
            os.close(descriptor)
    except (OSError, LockedError):
        return None


def read_live_record(path: Path) -> LockRecord:
    """Return the lock record of a run that holds the lock; an empty one when no run does."""
    if read_dead_record(path) is not None:
        return lock_record.EMPTY
    try:
        with Directory.open(path.parent) as parent:
            descriptor = parent.open_file(path.name)
    except OSError:  # removed just now, or another user's
        return lock_record.EMPTY
    try:
        return lock_record.parse(_read(descriptor))
    finally:
        os.close(descriptor)


def _read(descriptor: int) -> bytes:
    return file_access.read_at(descriptor, os.fstat(descriptor).st_size, 0)


def _make_body(record: LockRecord) -> bytes:
    return json.dumps({_MARKER: owned_paths.PRODUCT, **record}).encode()


def _is_ours(body: bytes) -> bool:
    """Return whether a lock file has the marker."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and found.get(_MARKER) == owned_paths.PRODUCT


def _lock(descriptor: int, folder: Path) -> bool:
    """Lock a file; return False when the file system has no locks.

    Raises:
        LockedError: Another process holds the lock.
    """
    try:
        file_access.lock(descriptor)
    except BlockingIOError as error:
        raise LockedError(
            f"{folder}: expected to be alone, got another run at work there "
            "(wait for it, or name another folder with -o)"
        ) from error
    except OSError as error:  # the rename at the end then decides between two runs
        log.debug("%s: the file system has no locks: %s", folder, error)
        return False
    return True
