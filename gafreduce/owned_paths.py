"""The one rule for removing and replacing: only what gafreduce can prove to have made.

A folder is proven by the marker in it: a file with the product's name, the kind of folder, the
folder's name and its inode. A copy, a renamed folder and a folder that only looks alike have no
valid marker. A partial file is proven by its name, which ends with its inode. Both must belong to
this user. While a process uses one, it holds a lock on the marker or the partial file; the
kernel releases it when the process ends.

A process can be killed between any two steps. So a thing gets its proof under a *working name*,
`.gafreduce-` with 16 random digits and a suffix, and only then its own name; a folder loses its
proof under such a name too. What has a working name is proven by it, as long as nothing can be lost
with it: a file is empty, a folder has nothing in it but the marker.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import logging
import os
import re
import secrets
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Self

from gafreduce.directory import Directory
from gafreduce.system import file_access, host

PRODUCT = "gafreduce"
#: Name of the marker in a folder.
MARKER = ".gafreduce-marker.json"

#: Kinds of folders.
BUILD = "build"
TEMPORARY = "temporary"

#: Beginning of working names and of the names of partial files.
WORKING_PREFIX = ".gafreduce-"
#: Suffixes of the working names of files.
PART = "part"
LOCK = "lock"
_WORKING_FILE = re.compile(rf"\.gafreduce-[0-9a-f]{{16}}\.(?:{PART}|{LOCK})")
_WORKING_FOLDER = re.compile(rf"\.gafreduce-[0-9a-f]{{16}}\.({BUILD}|{TEMPORARY})")
_PARTIAL = re.compile(rf"\.gafreduce-[0-9a-f]{{16}}-([0-9a-f]+)\.{PART}")
_MARKER_BYTES = 4096
_LOCK_TRIES = 100

log = logging.getLogger(__name__)


class Proof(NamedTuple):
    """Whether gafreduce made a folder or file, and no process uses it."""

    is_ours: bool
    text: str  # why, or why not
    is_in_use: bool = False


class OwnedFolder:
    """A folder that this process made, with its marker; it is removed at the end of the block.

    Attributes:
        must_stay: Whether the folder stays at the end of the block.
    """

    def __init__(self, path: Path, kind: str, marker: int) -> None:
        self.path = path
        self.must_stay = False
        self._kind = kind
        self._marker = marker

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if host.IS_WINDOWS:
            os.close(self._marker)  # no folder is renamed that has an open file
        try:
            if not self.must_stay:
                with Directory.open(_real(self.path)) as up:
                    _remove_tree(up, self.path.name, self._kind)
        except FileNotFoundError:
            pass
        except OSError as error:  # what the block did is done
            log.warning("%s could not be removed (see gafreduce clean): %s", self.path, error)
        finally:
            if not host.IS_WINDOWS:
                os.close(self._marker)


def make_folder(parent: Path, prefix: str, kind: str) -> OwnedFolder:
    """Make a folder with a new name, readable by this user only, and its marker.

    Args:
        parent: Of the folder.
        prefix: The beginning of its name; eight hexadecimal digits follow.
        kind: BUILD or TEMPORARY.

    Raises:
        OSError: No folder can be made there.
    """
    with Directory.open(_real(parent / "x")) as up:
        names = (f"{prefix}{secrets.token_hex(4)}" for _ in itertools.count())
        name = next(each for each in names if up.stat(each) is None)  # for the rename below
        working_name = make_working_name(kind)
        up.make(working_name, 0o700)
        status, marker = None, -1
        try:
            with up.open_below(working_name) as made:
                marker = made.create(MARKER, 0o600)
                lock(marker)
                status = made.stat()
            assert status is not None
            content = {"product": PRODUCT, "kind": kind, "name": name, "inode": status.st_ino}
            os.write(marker, json.dumps(content).encode() + b"\n")
            if host.IS_WINDOWS:  # no folder is renamed that has an open file
                os.close(marker)
                marker = -1
            up.rename(working_name, name)
            if host.IS_WINDOWS:
                with up.open_below(name) as made:
                    marker = made.open_file(MARKER, os.O_RDWR)
                lock(marker)
        except BaseException:
            with contextlib.suppress(OSError):
                os.close(marker)
            with contextlib.suppress(OSError):
                found = up.stat(name)  # an interrupt came after the renaming
                is_renamed = found and status and os.path.samestat(found, status)
                _remove_bare(up, name if is_renamed else working_name)
            raise
    return OwnedFolder(parent / name, kind, marker)


def make_working_name(suffix: str) -> str:
    """Return a new working name.

    Args:
        suffix: PART or LOCK for a file, the kind for a folder.
    """
    return f"{WORKING_PREFIX}{secrets.token_hex(8)}.{suffix}"


def _remove_tree(parent: Directory, name: str, kind: str) -> None:
    """Remove a folder of gafreduce and all below: a killed removal leaves what is proven."""
    with parent.open_below(name) as folder:
        folder.clear(kept=MARKER)
    working_name = make_working_name(kind)
    parent.rename(name, working_name)
    _remove_bare(parent, working_name)


def _remove_bare(parent: Directory, name: str) -> None:
    """Remove a folder that has nothing in it but a marker."""
    with parent.open_below(name) as folder:
        folder.unlink(MARKER)
    parent.remove_empty(name)


def prove_folder(parent: Directory, name: str, kind: str) -> Proof:
    """Return whether a folder is one that gafreduce made and no process uses."""
    status = parent.stat(name)
    if status is None or not stat.S_ISDIR(status.st_mode):
        return Proof(False, "it is not a folder")
    try:
        with parent.open_below(name) as folder:
            marker = folder.open_file(MARKER)
            status = folder.stat()
    except OSError:
        return Proof(False, f"it has no marker ({MARKER})")
    assert status is not None
    try:
        if not file_access.is_own(status) or not file_access.is_own(os.fstat(marker)):
            return Proof(False, "it belongs to another user")
        if _read_marker(marker) != (PRODUCT, kind, name, status.st_ino):
            return Proof(False, "its marker is of another folder")
        if is_locked(marker):
            return Proof(False, "a process of gafreduce uses it", is_in_use=True)
    finally:
        os.close(marker)
    return Proof(True, f"its marker names gafreduce and this folder, user {status.st_uid} owns it")


def _read_marker(descriptor: int) -> tuple[object, ...]:
    try:
        found = json.loads(file_access.read_at(descriptor, _MARKER_BYTES, 0))
    except (ValueError, RecursionError):
        return ()
    if not isinstance(found, dict):
        return ()
    return tuple(found.get(key) for key in ("product", "kind", "name", "inode"))


def _require(proof: Proof, parent: Directory) -> None:
    """Raise a PermissionError unless gafreduce made a folder."""
    if not proof.is_ours:
        raise PermissionError(1, f"expected a folder of gafreduce: {proof.text}", str(parent.path))


def remove_folder(parent: Directory, name: str, kind: str) -> None:
    """Remove a folder after proving again that gafreduce made it.

    Raises:
        OSError: There is no proof, or something could not be removed.
    """
    _require(prove_folder(parent, name, kind), parent)
    _remove_tree(parent, name, kind)


def prove_working_folder(parent: Directory, name: str, kind: str) -> Proof:
    """Return whether a folder with a working name is one that gafreduce made and no process uses.

    It has nothing in it but a marker, which is empty or has the folder's inode.
    """
    match = _WORKING_FOLDER.fullmatch(name)
    status = parent.stat(name)
    if match is None or match.group(1) != kind or status is None:
        return Proof(False, "its name is not a working name")
    if not stat.S_ISDIR(status.st_mode) or not file_access.is_own(status):
        return Proof(False, "it is not a folder, or belongs to another user")
    try:
        with parent.open_below(name) as folder:
            if folder.list_names() not in ([], [MARKER]):
                return Proof(False, "it is not empty")
            marker = folder.open_file(MARKER)
    except FileNotFoundError:
        return Proof(True, f"it is empty, has a working name, and user {status.st_uid} owns it")
    except OSError:
        return Proof(False, "it cannot be read")
    try:
        if os.fstat(marker).st_size and _read_marker(marker)[::3] != (PRODUCT, status.st_ino):
            return Proof(False, "its marker is of another folder")
        if is_locked(marker):
            return Proof(False, "a process of gafreduce uses it", is_in_use=True)
    finally:
        os.close(marker)
    return Proof(True, f"it has a working name and no files, and user {status.st_uid} owns it")


def remove_working_folder(parent: Directory, name: str, kind: str) -> None:
    """Remove a folder with a working name after proving again that gafreduce made it.

    Raises:
        OSError: There is no proof, or it could not be removed.
    """
    _require(prove_working_folder(parent, name, kind), parent)
    _remove_bare(parent, name)


@contextlib.contextmanager
def create_partial(folder: Directory, mode: int = 0o666) -> Iterator[tuple[str, int]]:
    """Create a partial file; give its name and descriptor, and remove it if it still has the name.

    Args:
        folder: The folder that it is made in.
        mode: Its permissions, of which the umask takes some.

    Raises:
        OSError: No file can be created there.
    """
    working_name = make_working_name(PART)
    descriptor = folder.create(working_name, mode)
    stem = working_name.removesuffix(f".{PART}")
    name = f"{stem}-{os.fstat(descriptor).st_ino:x}.{PART}"
    try:
        lock(descriptor)
        folder.rename(working_name, name)
        yield name, descriptor
    finally:
        folder.unlink(working_name)  # when the block was not reached
        folder.unlink(name)
        os.close(descriptor)


def prove_partial(folder: Directory, name: str) -> Proof:
    """Return whether a file is a partial file that gafreduce made and no process uses.

    Empty files with a working name are among them.
    """
    match = _PARTIAL.fullmatch(name)
    if match is None and not _WORKING_FILE.fullmatch(name):
        return Proof(False, "its name is not that of a partial file")
    try:
        descriptor = folder.open_file(name)
    except OSError:
        return Proof(False, "it is not a regular file, or cannot be read")
    try:
        status = os.fstat(descriptor)
        is_copy = match is not None and int(match.group(1), 16) != status.st_ino
        if is_copy or status.st_nlink != 1:
            return Proof(False, "it is a copy of a partial file, or has another name")
        if match is None and status.st_size:
            return Proof(False, "it has a working name, but is not empty")
        if not file_access.is_own(status):
            return Proof(False, "it belongs to another user")
        if is_locked(descriptor):
            return Proof(False, "a process of gafreduce writes it")
    finally:
        os.close(descriptor)
    reason = "its name has its inode" if match else "it is empty and has a working name"
    return Proof(True, f"{reason}, user {status.st_uid} owns it")


def remove_partial(folder: Directory, name: str) -> None:
    """Remove a partial file after proving again that gafreduce made it.

    Raises:
        OSError: There is no proof, or it could not be removed.
    """
    proof = prove_partial(folder, name)
    if not proof.is_ours:
        raise PermissionError(1, f"expected a file of gafreduce: {proof.text}", str(folder.path))
    folder.unlink(name)


def read_age(folder: Directory, name: str) -> float | None:
    """Return the seconds since the last change of an entry and all below; None if unreadable."""
    try:
        return time.time() - folder.last_change(name)
    except OSError:
        return None


def lock(descriptor: int) -> None:
    """Lock a file of this process, where the file system has locks."""
    for _ in range(_LOCK_TRIES):
        try:
            file_access.lock(descriptor)
        except BlockingIOError:  # `is_locked` of another process: it takes microseconds
            time.sleep(0.001)
        except OSError:
            return
        else:
            return


def is_locked(descriptor: int) -> bool:
    """Return whether another open file holds the lock; False where there are no locks."""
    try:
        return file_access.is_locked(descriptor)
    except OSError:
        return False


def _real(path: Path) -> Path:
    """Return the parent of a path without links."""
    return Path(os.path.realpath(path.parent))
