"""The destination of a run: a folder or a prefix in S3, locked while the run is made."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gafreduce import signals
from gafreduce.errors import InputError
from gafreduce.pipeline.plan import Plan
from gafreduce.publishing import (
    folder_lock,
    local_publish,
    lock_record,
    recovery,
    resource_marks,
    run_folder,
)
from gafreduce.publishing.lock_record import Recorder
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.storage import s3
from gafreduce.storage.resolve import local_path
from gafreduce.storage.s3_errors import translate_errors

if TYPE_CHECKING:
    from gafreduce.publishing.s3_lock import S3Lock


class Destination(NamedTuple):
    """The place of a run folder: new, or with the same run, complete."""

    folder: RunFolder  # on this machine
    address: str  # a path or URI, for users
    exists: bool = False  # the run is complete: nothing is to be done
    recorder: Recorder = lock_record.ignore  # adds to the lock record


def find_address(plan: Plan) -> str:
    """Return the address of the run folder, as the user or the run id determines it."""
    return plan.options.output or str(run_folder.DEFAULT_PARENT / plan.run_id)


@contextlib.contextmanager
def open_destination(plan: Plan, scratch: Path) -> Iterator[Destination]:
    """Yield the destination of a run, locked unless the run exists there.

    When the block ends without an error, a run that was made for S3 is published.

    Raises:
        LockedError: Another run writes to the place.
        InputError: The place holds something else.
        TransientError: S3 cannot be reached, or the lock was lost.
    """
    address = find_address(plan)
    opened = (
        _open_prefix(plan, address, scratch)
        if local_path(address) is None
        else _open_folder(plan, address)
    )
    with opened as destination:
        yield destination


@contextlib.contextmanager
def _open_folder(plan: Plan, address: str) -> Iterator[Destination]:
    folder = RunFolder(_resolve_links(Path(address)))
    existing = Destination(folder, address, exists=True)
    force = plan.options.force
    if force:
        local_publish.check_replaceable(folder)
        local_publish.check_not_in_use(folder.path)
    elif folder.is_complete(plan.run_id):
        yield existing
        return
    with folder_lock.lock_folder(folder.path) as lock:
        # checked again: another run may have ended between the check and the lock
        if not force and folder.is_complete(plan.run_id):
            yield existing
            return
        _check_not_here(folder.path, address)
        with recovery.recover(lock, plan.access, plan.runner):
            mark = resource_marks.make_mark(lock.place, lock.attempt)
            yield Destination(folder, address, recorder=Recorder(lock.record, mark))
            signals.mark_published()


def _check_not_here(path: Path, address: str) -> None:
    """Check that the run folder would not take the place of the working folder.

    Raises:
        InputError: It would, or of a folder above it: the user's shell would be in no folder.
    """
    here = Path.cwd().resolve()
    if path.exists() and any(path.samefile(each) for each in (here, *here.parents)):
        raise InputError(
            f"{address}: expected a new folder, got the working folder or one above it "
            "(name a folder in it: -o run; or change to another folder)"
        )


def _resolve_links(path: Path) -> Path:
    """Return a path with a name and without links, so that nothing is built next to a link.

    Raises:
        InputError: It is a link to itself.
    """
    try:
        real = path.resolve()
    except (OSError, RuntimeError) as error:
        raise InputError(
            f"{path}: expected a new folder or a link to one, got {error} "
            "(name another folder with -o)"
        ) from error
    return path if path.absolute() == real and path.name else real


@contextlib.contextmanager
def _open_prefix(plan: Plan, address: str, scratch: Path) -> Iterator[Destination]:
    from gafreduce.publishing import s3_publish
    from gafreduce.publishing.s3_lock import hold_lock
    from gafreduce.storage.s3_prefix import Prefix

    access, folder = plan.access, RunFolder(scratch / "run")
    bucket, key = s3.parse(address)
    address = s3.Location(bucket, key).uri
    with translate_errors(f"looking for a run in {address}"):
        if plan.options.force:  # another prefix: nothing in S3 is ever replaced
            key = s3_publish.find_unused_prefix(bucket, key, access.client())
            address = s3.Location(bucket, key).uri
        prefix = Prefix(access.client(), bucket, key)
        heartbeat = Prefix(access.hasty_client(), bucket, key)
        lock = s3_publish.lock_prefix(prefix, plan.run_id, heartbeat)
        if lock is None:
            s3_publish.download_summary(prefix, folder)
    if lock is None:
        yield Destination(folder, address, exists=True)
        return
    with (
        hold_lock(lock, on_lost=signals.interrupt_main),
        recovery.recover(lock, access, plan.runner),
    ):
        yield Destination(folder, address, recorder=_make_recorder(lock))
        with translate_errors(f"publishing to {address}"):
            s3_publish.publish(folder, prefix, lock)
        signals.mark_published()


def _make_recorder(lock: S3Lock) -> Recorder:
    """Return a recorder; when its request fails, the next heartbeat has the record too."""
    from botocore.exceptions import BotoCoreError, ClientError

    def record(kind: str, values: Sequence[str]) -> None:
        with contextlib.suppress(BotoCoreError, ClientError):
            lock.record(kind, values)

    return Recorder(record, resource_marks.make_mark(lock.place, lock.attempt))
