"""Publish a run folder to S3: lock the prefix, put the files, put the manifest last.

A run holds the lock of its prefix (s3_lock.py) from before its work to its end. A run is published
when its manifest exists, so the manifest is put last, on the condition that none exists. After a
failure nothing of the run is left.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gafreduce.errors import InputError
from gafreduce.publishing import lock_record, manifest, run_folder, s3_lock
from gafreduce.publishing.manifest import Defect
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.publishing.s3_lock import S3Lock
from gafreduce.storage.s3_prefix import Prefix

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

#: Files that the summary of a run is made from.
_SUMMARY_FILES = (
    run_folder.RECORD,
    run_folder.table_path("organisms"),
    run_folder.table_path("terms"),
    run_folder.table_path("gene_products"),
)
#: Another one, which runs without statistics do not have.
_STATISTICS_FILE = run_folder.table_path("robustness")

log = logging.getLogger(__name__)


def lock_prefix(prefix: Prefix, run_id: str, heartbeat: Prefix | None = None) -> S3Lock | None:
    """Lock a prefix, before any work, and remove the files of a dead run there.

    Args:
        prefix: Where the run is to be published.
        run_id: Id of the run.
        heartbeat: See S3Lock.

    Returns:
        The lock; None when the same run is published there already.

    Raises:
        InputError: The prefix holds something else, or an incomplete run.
        LockedError: A live run holds the lock.
        botocore.exceptions.ClientError: The request failed.
    """
    if _is_published(prefix, run_id):
        return None
    lock = S3Lock(prefix, run_id, heartbeat)
    lock.acquire()
    try:
        # again: another run may have ended between the first look and the lock
        if not _is_published(prefix, run_id):
            ours = prefix.select_of_attempts(
                lock.left_behind[lock_record.FILES], lock.left_behind[lock_record.ATTEMPTS]
            )
            _check_empty(prefix, ours)
            prefix.remove(ours)
            return lock
    except BaseException:
        if not lock_record.names_resources(
            lock.left_behind
        ):  # else the lock stays, with its record
            lock.release()
        raise
    lock.release()
    return None


def publish(folder: RunFolder, prefix: Prefix, lock: S3Lock) -> None:
    """Put a complete run folder under a prefix.

    Args:
        folder: The run folder, with its manifest.
        prefix: Where it is published.
        lock: The lock of the prefix.

    Raises:
        LockedError: Another run took the lock over.
        InputError: The prefix has the manifest of another run.
        botocore.exceptions.ClientError: A request failed; the uploaded objects are removed.
    """
    names = folder.list_files()
    lock.record(lock_record.FILES, names)  # a run that takes the lock over removes them
    try:
        for name in names:
            lock.check()
            prefix.upload(folder.path / name, name, lock.attempt)
        lock.renew()
        rows = folder.manifest.read_bytes()
        if prefix.put_if(manifest.NAME, rows, {"IfNoneMatch": "*"}, lock.attempt) is None:
            raise InputError(
                f"{prefix.uri}: expected no manifest, got one of another run "
                "(name another place with -o)"
            )
    except BaseException:
        _withdraw(names, prefix, lock)
        raise


def download_summary(prefix: Prefix, folder: RunFolder) -> None:
    """Download the files that the summary of a published run is made from.

    Raises:
        InputError: One of these files is missing, though the manifest exists.
    """
    is_study = prefix.read(run_folder.STUDY_RECORD) is not None
    names = (run_folder.STUDY_RECORD,) if is_study else (*_SUMMARY_FILES, _STATISTICS_FILE)
    for name in names:
        found = prefix.read(name)
        if found is None:
            if name == _STATISTICS_FILE:
                continue
            raise InputError(
                f"{prefix.uri}/{name}: expected a file of a published run, got none "
                "(it was removed: name another place with -o)"
            )
        path = folder.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(found.body)


def find_unused_prefix(bucket: str, prefix: str, client: S3Client) -> str:
    """Return a prefix without objects: the given one, or the first of PREFIX-2, PREFIX-3, ..."""
    stem = prefix.strip("/")
    found, number = stem, 1
    while next(Prefix(client, bucket, found).list_names(), None) is not None:
        number += 1
        found = f"{stem}-{number}"
    return found


def find_defects(prefix: Prefix) -> list[Defect]:
    """Return the differences between the objects of a published run and its manifest.

    All objects are read.

    Raises:
        InputError: There are no objects.
        botocore.exceptions.ClientError: A request failed.
    """
    sizes = dict(prefix.list_sizes())
    sizes.pop(s3_lock.NAME, None)
    if not sizes:
        raise InputError(f"{prefix.uri}: expected a published run, got no objects")
    stored = prefix.read(manifest.NAME)
    sizes.pop(manifest.NAME, None)
    return manifest.find_defects(stored and stored.body, sizes, prefix.hash_object)


def _read_run_id(prefix: Prefix) -> str:
    record = prefix.read(run_folder.RECORD) or prefix.read(run_folder.STUDY_RECORD)
    try:
        return str(json.loads(record.body)["run_id"]) if record else "of unknown id"
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(
            f"{prefix.uri}/{run_folder.RECORD}: expected the record of a run, got something else "
            "(name another place with -o)"
        ) from error


def _is_published(prefix: Prefix, run_id: str) -> bool:
    rows = prefix.read(manifest.NAME)
    if rows is None:
        return False
    found = _read_run_id(prefix)
    if found != run_id:
        raise InputError(
            f"{prefix.uri}: expected an empty prefix or run {run_id}, got run {found} "
            "(name another place with -o)"
        )
    defect = run_folder.find_defect(rows.body, dict(prefix.list_sizes()))
    if defect:
        raise InputError(
            f"{prefix.uri}/{defect} (the run is incomplete: name another place with -o)"
        )
    return True


def _check_empty(prefix: Prefix, ours: Sequence[str]) -> None:
    """Check that the prefix has no objects of others: one could be overwritten."""
    for name in prefix.list_names():
        if name != s3_lock.NAME and name not in ours:
            raise InputError(
                f"{prefix.uri}: expected an empty prefix, got {name!r} there "
                "(name another place with -o)"
            )


def _withdraw(names: Sequence[str], prefix: Prefix, lock: S3Lock) -> None:
    """Remove the objects of the run, the manifest first, unless another run has the lock now."""
    from botocore.exceptions import BotoCoreError, ClientError

    had_to_stay, lock.must_stay = lock.must_stay, True
    try:
        holder = prefix.read(s3_lock.NAME)
        published = prefix.read(manifest.NAME)
        is_ours = holder is not None and holder.attempt == lock.attempt
        if is_ours and (published is None or published.attempt == lock.attempt):
            prefix.remove([manifest.NAME, *names])
        lock.must_stay = had_to_stay
    except (BotoCoreError, ClientError) as error:
        log.warning("%s: objects of the run stay until the next run there: %s", prefix.uri, error)
