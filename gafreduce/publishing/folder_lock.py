"""The claim of a run folder on this machine: a locked file beside it, from before any work.

The kernel lets go of the lock when its holder ends, however it ends. The file then still says what
the holder had elsewhere, and whoever locks it next ends that.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from gafreduce.publishing import local_publish, lock_record
from gafreduce.publishing.run_folder import RunFolderError

#: How claims are called.
NAME = re.compile(r"\..+\.claim")

log = logging.getLogger(__name__)


class FolderClaim:
    """A claim that is held."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        #: Set when something that it names could not be ended: whoever comes next finds it by it.
        self.stays = False
        #: What a dead attempt left elsewhere.
        self.left_behind = lock_record.read(os.pread(descriptor, os.fstat(descriptor).st_size, 0))
        self._known = self.left_behind

    def name(self, kind: str, values: Sequence[str]) -> None:
        """Name what this attempt has elsewhere; kinds: publishing/lock_record.py."""
        self._known = lock_record.added(self._known, kind, values)
        body = json.dumps(self._known).encode()
        os.pwrite(self._descriptor, body, 0)
        os.ftruncate(self._descriptor, len(body))


def path_of(folder: Path) -> Path:
    """Return where the claim of a run folder lies."""
    return folder.with_name(f".{folder.name}.claim")


@contextlib.contextmanager
def held(folder: Path) -> Iterator[FolderClaim]:
    """Hold the claim of a run folder; what dead attempts built beside it is removed.

    Raises:
        RunFolderError: Another run holds it, or no folder can be made there.
    """
    path = path_of(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        descriptor = _locked(path, folder)
    except OSError as error:
        raise local_publish.make_error(folder, error) from error
    claim = FolderClaim(descriptor)
    try:
        yield claim
    finally:
        if not claim.stays:
            path.unlink(missing_ok=True)  # before the lock goes: so far nobody else has this file
        os.close(descriptor)


def _locked(path: Path, folder: Path) -> int:
    """Return the claim's file, locked."""
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
        os.close(descriptor)  # its holder removed it, and ended, between our opening and locking


def holdings_of(path: Path) -> lock_record.Holdings | None:
    """Return what a claim names that no run holds any more; None when one does."""
    try:
        descriptor = os.open(path, os.O_RDWR)
        try:
            _lock(descriptor, path)
            return FolderClaim(descriptor).left_behind
        finally:
            os.close(descriptor)
    except (OSError, RunFolderError):
        return None


def held_holdings(path: Path) -> lock_record.Holdings:
    """Return what a claim names whose run goes on; nothing when none does."""
    if holdings_of(path) is not None:
        return lock_record.NOTHING
    try:
        return lock_record.read(path.read_bytes())
    except OSError:  # it ended just now, or is another user's
        return lock_record.NOTHING


def _lock(descriptor: int, folder: Path) -> bool:
    """Lock a file; tell whether the file system knows locks at all.

    Raises:
        RunFolderError: Another process holds it.
    """
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise RunFolderError(
            f"{folder}: expected to be alone, got another run at work there "
            "(wait for it, or name another with -o)"
        ) from error
    except OSError as error:  # then the last step, a rename, decides alone
        log.debug("no lock beside %s: %s", folder, error)
        return False
    return True
