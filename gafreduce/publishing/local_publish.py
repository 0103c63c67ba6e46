"""Build a run folder in a folder of its own, and rename it when it is complete.

The build folder is a neighbour of the run folder, `.NAME.XXXXXXXX`, with a marker (owned_paths.py):

    new    the run folder, until it is complete
    old    the run folder that it replaces, until the new one has its name
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from gafreduce import owned_paths
from gafreduce.directory import Directory
from gafreduce.errors import GafreduceError, InputError, TransientError, describe
from gafreduce.publishing import run_folder
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.system import file_access

_NEW = "new"
_OLD = "old"
_BUILD = re.compile(r"\.(.+)\.[0-9a-f]{8}", re.DOTALL)
_N_LISTED = 3
#: System errors that are no fault of the place: something is used up.
_LACKS = frozenset(
    (errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOSPC)
)
#: Of a path in a message; no system has longer ones.
_N_CHARACTERS = 4096

log = logging.getLogger(__name__)


def check_replaceable(folder: RunFolder, address: Path | None = None) -> None:
    """Check that --force would replace a run folder and nothing else.

    Args:
        folder: The run folder.
        address: Its path for messages, if it was moved.

    Raises:
        InputError: The folder is no run of gafreduce, or holds files that its manifest lacks.
    """
    path = address or folder.path
    if not folder.has_files():
        return
    advice = "name another folder with -o"
    if not folder.path.is_dir():
        raise InputError(f"{path}: expected a run folder to replace, got a file ({advice})")
    if folder.run_id is None:
        raise InputError(
            f"{path}: expected a run folder to replace, got something else: it has no "
            f"{run_folder.RECORD} of gafreduce ({advice})"
        )
    if not folder.read_rows():
        raise InputError(
            f"{path}: expected a run folder to replace, got one without a sound manifest, which "
            f"names the files that gafreduce made ({advice})"
        )
    foreign = folder.list_foreign()
    if foreign:
        more = f" and {len(foreign) - _N_LISTED} more" if len(foreign) > _N_LISTED else ""
        raise InputError(
            f"{path}: expected only files of the run, got files that gafreduce did not make: "
            f"{', '.join(foreign[:_N_LISTED])}{more} (move them to another folder, or {advice})"
        )


def make_error(path: Path, error: OSError | RecursionError) -> GafreduceError:
    """Return the error for a place where no folder can be made, now or at all."""
    if isinstance(error, OSError) and error.errno in _LACKS:
        return TransientError(describe(OSError(error.errno, error.strerror, str(path))))
    if isinstance(error, OSError) and file_access.is_in_use(error):
        return _make_use_error(path, file_access.find_in_use(path))
    if isinstance(error, RecursionError):  # it has as many levels as Python has frames
        reason = "a path of too many levels"
    else:
        reason = error.strerror or str(error)
    return InputError(
        f"{str(path)[:_N_CHARACTERS]}: expected to make a run folder there, got {reason} "
        "(name another folder with -o)"
    )


def check_place(path: Path) -> None:
    """Check that an output is not in a finished run or study: its manifest lists all of its files.

    Raises:
        InputError: It is.
    """
    for parent in Path(os.path.realpath(path)).parents:
        folder = RunFolder(parent)
        if folder.manifest.is_file() and folder.run_id is not None:
            raise InputError(
                f"{path}: expected a place outside of run folders, got one in {parent} "
                "(name another place with -o)"
            )


def check_not_in_use(path: Path) -> None:
    """Check that no program has a file of a run folder open, where it could not be replaced then.

    Raises:
        InputError: One has; Excel opens tables in this way.
    """
    found = file_access.find_in_use(path)
    if found:
        raise _make_use_error(path, found)


def _make_use_error(path: Path, files: Sequence[Path]) -> InputError:
    named = ", ".join(each.name for each in files[:_N_LISTED]) or "a file in it"
    return InputError(
        f"{path}: expected a folder that can be replaced, got one that is open in another program: "
        f"{named} (close it there, as in Excel, and run again; or name another folder with -o)"
    )


def find_run_name(build: str) -> str | None:
    """Return the name of the run folder that a build folder of this name is for; None for others.

    >>> find_run_name(".demo.0123abcd"), find_run_name(".demo")
    ('demo', None)
    """
    match = _BUILD.fullmatch(build)
    return match.group(1) if match else None


def remove_dead_builds(path: Path) -> None:
    """Remove build folders of dead runs; the caller holds the lock of the run folder."""
    with Directory.open(path.parent) as parent:
        for name in parent.list_names():
            if (
                find_run_name(name) == path.name
                and owned_paths.prove_folder(parent, name, owned_paths.BUILD).is_ours
            ):
                try:
                    remove_build(parent, name, owned_paths.BUILD)
                except OSError as error:
                    log.warning(
                        "%s: a dead run left it, and it stays: %s", parent.path / name, error
                    )


def remove_build(parent: Directory, name: str, kind: str) -> None:
    """Remove the build folder of a dead run.

    A run that died while it replaced an older one had moved that: it gets its name back.

    Raises:
        OSError: It is not a build folder of a dead run, or could not be removed.
    """
    path, build = parent.path / str(find_run_name(name)), parent.path / name
    if owned_paths.prove_folder(parent, name, kind).is_ours:
        with contextlib.suppress(FileNotFoundError):
            if not os.path.lexists(path):
                file_access.rename(build / _OLD, path)
    owned_paths.remove_folder(parent, name, kind)


@contextlib.contextmanager
def build_run_folder(path: Path) -> Iterator[RunFolder]:
    """Give a new folder; rename it to `path` at the end, or remove it on failure.

    A run folder at `path` is replaced: the caller has checked that it may be.

    Raises:
        InputError: No folder can be made there, or another run made one first.
    """
    check_place(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        build = owned_paths.make_folder(path.parent, f".{path.name}.", owned_paths.BUILD)
    except (OSError, RecursionError) as error:
        raise make_error(path, error) from error
    replaces = RunFolder(path).has_files()
    with build:
        new = RunFolder(build.path / _NEW)
        new.path.mkdir()
        yield new
        if replaces:
            _replace(build, path)
        else:
            _remove_empty_folders(path)
            _rename(new.path, path)


def _replace(build: owned_paths.OwnedFolder, path: Path) -> None:
    """Give the new run folder the name of an older one."""
    old = build.path / _OLD
    try:
        file_access.rename(path, old)
    except OSError as error:
        raise make_error(path, error) from error
    try:
        check_replaceable(RunFolder(old), path)  # again: nobody can name it now
        _rename(build.path / _NEW, path)
    except BaseException:
        build.must_stay = True
        file_access.rename(old, path)
        build.must_stay = False
        raise


def _rename(new: Path, path: Path) -> None:
    try:
        file_access.rename(new, path)  # an empty folder there is replaced
    except OSError as error:
        if error.errno in (errno.EBUSY, errno.EXDEV):  # a mount point, as in a container
            raise make_error(path, error) from error
        if file_access.is_in_use(error):
            raise make_error(path, error) from error
        raise InputError(
            f"{path}: expected no folder yet, got one that another run has made in the meantime "
            "(name another folder with -o)"
        ) from error


def _remove_empty_folders(path: Path) -> None:
    """Remove the empty folders below a folder: workflow managers make them beforehand."""
    for where, folders, _ in os.walk(path, topdown=False):
        for name in folders:
            with contextlib.suppress(OSError):  # not empty: then the rename fails
                (Path(where) / name).rmdir()
