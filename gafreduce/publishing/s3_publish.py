"""Publishing a run folder to S3: claimed first, the manifest last, nothing left after a failure.

A prefix belongs to whoever holds its claim (publishing/s3_lock.py), from before the run's work
to its end. Readers take a run for published when its manifest is there; that is put last, on the
condition that none is there.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gafreduce.publishing import lock_record, manifest, run_folder, s3_lock
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.publishing.s3_lock import Claim
from gafreduce.storage.s3_prefix import Prefix, PublishError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

__all__ = ["PublishError", "begin", "fetch_answer", "publish", "unused_prefix"]

#: Files that the summary of a run is made from.
_SUMMARY_FILES = (
    run_folder.RECORD,
    run_folder.table_path("organisms"),
    run_folder.table_path("terms"),
)

log = logging.getLogger(__name__)


def begin(place: Prefix, run_id: str, pulse: Prefix | None = None) -> Claim | None:
    """Claim a prefix, before any work.

    Args:
        place: Where the run is to be put.
        run_id: Of the run.
        pulse: See gafreduce/publishing/s3_lock.py.

    Returns:
        The claim, to be kept; None when the same run is published there already.

    Raises:
        PublishError: Something else is there, or not all of it, or another attempt is at work.
        botocore.exceptions.ClientError: S3 says no.
    """
    if _is_there(place, run_id):
        return None
    held = Claim(place, run_id, pulse)
    held.take()
    try:
        # looked at again: another attempt may have ended between the look and the claim
        if not _is_there(place, run_id):
            _check_empty(place, held)
            place.remove(held.left_behind[lock_record.FILES])
            return held
    except BaseException:
        if held.left_behind == lock_record.NOTHING:  # else it stays with what it names
            held.release()
        raise
    held.release()
    return None


def publish(folder: RunFolder, place: Prefix, held: Claim) -> None:
    """Put a whole run folder under a prefix that is claimed.

    Args:
        folder: With its manifest.
        place: The prefix.
        held: Its claim.

    Raises:
        PublishError: Another attempt took the claim over.
        botocore.exceptions.ClientError: S3 says no; what this attempt had put is removed.
    """
    names = folder.list_files()
    held.name(lock_record.FILES, names)  # whoever takes the claim over removes them
    try:
        for name in names:
            held.check()
            place.upload(folder.path / name, name)
        held.renew()
        whole = folder.manifest.read_bytes()
        if place.put_if(manifest.NAME, whole, {"IfNoneMatch": "*"}, held.attempt) is None:
            raise PublishError(
                f"{place.uri}: expected no manifest, got another's (name another place with -o)"
            )
    except BaseException:
        _withdraw(names, place, held)
        raise


def fetch_answer(place: Prefix, folder: RunFolder) -> None:
    """Bring what reports/summary/summary.py reads of a published run into a folder.

    Raises:
        PublishError: The manifest stands there without one of these files.
    """
    for name in _SUMMARY_FILES:
        found = place.read(name)
        if found is None:
            raise PublishError(
                f"{place.uri}/{name}: expected a file of a published run, got none "
                "(somebody removed it: name another place with -o)"
            )
        path = folder.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(found.body)


def unused_prefix(bucket: str, prefix: str, client: S3Client) -> str:
    """Return the prefix, or with a number behind it the first one that nothing lies under."""
    stem = prefix.strip("/")
    found, number = stem, 1
    while next(Prefix(client, bucket, found).names(), None) is not None:
        number += 1
        found = f"{stem}-{number}"
    return found


def _published(place: Prefix) -> str:
    record = place.read(run_folder.RECORD)
    try:
        return str(json.loads(record.body)["run_id"]) if record else "of unknown id"
    except (ValueError, KeyError, TypeError) as error:
        raise PublishError(
            f"{place.uri}/{run_folder.RECORD}: expected a run's record, got something else "
            "(name another place with -o)"
        ) from error


def _is_there(place: Prefix, run_id: str) -> bool:
    rows = place.read(manifest.NAME)
    if rows is None:
        return False
    found = _published(place)
    if found != run_id:
        raise PublishError(
            f"{place.uri}: expected an empty prefix or run {run_id}, got run {found} "
            "(name another with -o)"
        )
    defect = run_folder.find_defect(rows.body, dict(place.sizes()))
    if defect:
        raise PublishError(
            f"{place.uri}/{defect} (a part of this run is gone: name another place with -o)"
        )
    return True


def _check_empty(place: Prefix, held: Claim) -> None:
    """Check that nothing of others is there: an object of the same name would be overwritten."""
    ours = {s3_lock.NAME, *held.left_behind[lock_record.FILES]}
    for name in place.names():
        if name not in ours:
            raise PublishError(
                f"{place.uri}: expected an empty prefix, got {name!r} there (name another with -o)"
            )


def _withdraw(names: Sequence[str], place: Prefix, held: Claim) -> None:
    """Remove what was put, the manifest first, unless the prefix is another attempt's by now."""
    from botocore.exceptions import BotoCoreError, ClientError

    stayed, held.stays = held.stays, True
    try:
        holder = place.read(s3_lock.NAME)
        published = place.read(manifest.NAME)
        is_ours = holder is not None and holder.attempt == held.attempt
        if is_ours and (published is None or published.attempt == held.attempt):
            place.remove([manifest.NAME, *names])
        held.stays = stayed
    except (BotoCoreError, ClientError) as error:
        log.warning("%s: what was put there stays until the next attempt: %s", place.uri, error)
