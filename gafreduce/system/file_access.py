"""Lock, read, write and link files, and find who can write to them, on any system."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import sys
import time
from pathlib import Path

#: How descriptors are opened: bytes are not changed, and children do not inherit them.
BYTES = getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOINHERIT", 0)
#: Links are not followed, where the system can be told so.
NO_LINK = getattr(os, "O_NOFOLLOW", 0)
#: Opening a FIFO does not wait for its writer.
NO_WAIT = getattr(os, "O_NONBLOCK", 0)

if sys.platform == "win32":
    import msvcrt

    #: The byte that is locked, far behind the content: others cannot read what is locked.
    _LOCKED_BYTE = 1 << 30
    #: Windows' errors for a file that another program has open: sharing, locking, and for folders
    #: with such a file "access denied".
    _IN_USE = (5, 32, 33)
    #: Scanners open new files for a moment: renaming is tried so often, after so many seconds.
    _TRIES, _SECONDS = 20, 0.1

    def lock(descriptor: int) -> None:
        """Lock a file that this process has open; the lock ends with the process.

        Raises:
            BlockingIOError: Another open file holds the lock.
            OSError: The file system has no locks.
        """
        _locking(descriptor, msvcrt.LK_NBLCK)

    def is_locked(descriptor: int) -> bool:
        """Return whether another open file holds the lock.

        Raises:
            OSError: The file system has no locks.
        """
        try:
            _locking(descriptor, msvcrt.LK_NBLCK)
        except BlockingIOError:
            return True
        _locking(descriptor, msvcrt.LK_UNLCK)
        return False

    def wait_for_lock(descriptor: int) -> None:
        """Lock a file as soon as no other open file holds the lock."""
        while True:
            try:
                lock(descriptor)
            except BlockingIOError:
                time.sleep(_SECONDS)
            else:
                return

    def _locking(descriptor: int, mode: int) -> None:
        before = os.lseek(descriptor, 0, os.SEEK_CUR)
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, mode, 1)
        except OSError as error:  # 0: under Wine
            if error.errno in (errno.EACCES, errno.EDEADLOCK, 0, None):
                raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN)) from error
            raise
        finally:
            os.lseek(descriptor, before, os.SEEK_SET)

    def read_at(descriptor: int, n_bytes: int, position: int) -> bytes:
        """Return bytes of a file; its position for others stays."""
        before = os.lseek(descriptor, 0, os.SEEK_CUR)
        os.lseek(descriptor, position, os.SEEK_SET)
        try:
            return os.read(descriptor, n_bytes)
        finally:
            os.lseek(descriptor, before, os.SEEK_SET)

    def write_whole(descriptor: int, content: bytes) -> None:
        """Let a file have this content and no other."""
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, content)
        os.ftruncate(descriptor, len(content))

    def copy_mode(descriptor: int, status: os.stat_result) -> None:
        """Do nothing: a new file has the permissions of its folder."""

    def find_distrust(status: os.stat_result) -> str:
        """Return nothing: Windows' own folders of a user are closed to others."""
        return ""

    def is_own(status: os.stat_result) -> bool:
        """Return True: the owner of a file is not in its status."""
        return True

    def is_in_use(error: OSError) -> bool:
        """Return whether an error means that another program has the file open."""
        return error.winerror in _IN_USE

    def user_suffix() -> str:
        """Return what distinguishes this user's files in a common folder."""
        return os.environ.get("USERNAME", "user")

    def rename(path: Path, target: Path) -> None:
        """Rename a file, which replaces one, or a folder, which replaces an empty one.

        Raises:
            OSError: The target is a folder with content, or a file is open in another program.
        """
        if path.is_dir() and target.is_dir():
            target.rmdir()
        for _ in range(_TRIES):
            try:
                path.replace(target)
            except PermissionError:
                time.sleep(_SECONDS)
            else:
                return
        path.replace(target)

    def find_in_use(folder: Path) -> list[Path]:
        """Return the files of a folder that another program has open: it cannot be renamed."""
        from gafreduce.system import file_handle

        found = []
        for path in sorted(each for each in folder.rglob("*") if each.is_file()):
            try:
                file_handle.close(file_handle.open_handle(path, is_shared=False))
            except OSError as error:
                if error.winerror in (32, 33):
                    found.append(path)
        return found

else:
    import fcntl

    def lock(descriptor: int) -> None:
        """Lock a file that this process has open; the lock ends with the process.

        Raises:
            BlockingIOError: Another open file holds the lock.
            OSError: The file system has no locks.
        """
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def is_locked(descriptor: int) -> bool:
        """Return whether another open file holds the lock.

        Raises:
            OSError: The file system has no locks.
        """
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        return False

    def wait_for_lock(descriptor: int) -> None:
        """Lock a file as soon as no other open file holds the lock."""
        fcntl.flock(descriptor, fcntl.LOCK_EX)

    def read_at(descriptor: int, n_bytes: int, position: int) -> bytes:
        """Return bytes of a file; its position for others stays."""
        return os.pread(descriptor, n_bytes, position)

    def write_whole(descriptor: int, content: bytes) -> None:
        """Let a file have this content and no other."""
        os.pwrite(descriptor, content, 0)
        os.ftruncate(descriptor, len(content))

    def copy_mode(descriptor: int, status: os.stat_result) -> None:
        """Give a file the permissions of another one."""
        os.fchmod(descriptor, stat.S_IMODE(status.st_mode))

    def find_distrust(status: os.stat_result) -> str:
        """Return why others could have written a file or folder; empty if only this user can."""
        if status.st_uid != os.geteuid():
            return "it belongs to another user"
        if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            return "others can write to it"
        return ""

    def is_own(status: os.stat_result) -> bool:
        """Return whether a file belongs to this user."""
        return status.st_uid == os.geteuid()

    def is_in_use(error: OSError) -> bool:
        """Return False: a file that another program has open can be moved and replaced."""
        return False

    def user_suffix() -> str:
        """Return what distinguishes this user's files in a common folder."""
        return str(os.geteuid())

    def rename(path: Path, target: Path) -> None:
        """Rename a file, which replaces one, or a folder, which replaces an empty one.

        Raises:
            OSError: The target is a folder with content.
        """
        path.rename(target)

    def find_in_use(folder: Path) -> list[Path]:
        """Return nothing: a folder can be renamed while others have its files open."""
        return []


def link_file(path: str | Path, target: Path) -> None:
    """Give a file a second name, for readers: by a link, or where there is none by a copy.

    Symbolic links of Windows need a privilege, and its hard links a common drive.
    """
    if sys.platform == "win32":
        try:
            os.link(path, target)
        except OSError:
            shutil.copyfile(path, target)
    else:
        target.symlink_to(Path(path).absolute())
