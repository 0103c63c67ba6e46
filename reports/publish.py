"""Publishing a run folder to S3: claimed first, the manifest last, nothing left after a failure.

A prefix belongs to whoever holds its claim (reports/claim.py). Readers take a run for published
when its manifest is there; that is put last, on the condition that none is there.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from reports import claim, manifest
from reports.claim import Claim
from reports.prefix import Prefix, PublishError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

__all__ = ["PublishError", "fetch_answer", "is_published", "publish", "unused_prefix"]

_RECORD = "run.json"
_ANSWER_TABLES = ("tables/organisms.tsv", "tables/terms.tsv")

log = logging.getLogger(__name__)


def publish(folder: Path, bucket: str, prefix: str, run_id: str, client: S3Client) -> bool:
    """Put a whole run folder under a prefix.

    Args:
        folder: With its manifest.
        bucket: Where to.
        prefix: Keys begin with it and a slash.
        run_id: Of the run.
        client: boto3's.

    Returns:
        False when the same run is published there already, and nothing was done.

    Raises:
        PublishError: Something else is there, or another attempt is publishing.
        botocore.exceptions.ClientError: S3 says no; what this attempt had put is removed.
    """
    place = Prefix(client, bucket, prefix)
    if _is_there(place, run_id):
        return False
    names = [path.relative_to(folder).as_posix() for path in manifest.files_of(folder)]
    with claim.held(place, run_id, names) as held:
        # looked at again: another attempt may have ended between the look and the claim
        if _is_there(place, run_id):
            return False
        _check_empty(place, held)
        _put_all(folder, names, place, held)
    return True


def is_published(bucket: str, prefix: str, run_id: str, client: S3Client) -> bool:
    """Tell whether a run is published under a prefix.

    Raises:
        PublishError: Another run is.
    """
    return _is_there(Prefix(client, bucket, prefix), run_id)


def fetch_answer(bucket: str, prefix: str, folder: Path, client: S3Client) -> None:
    """Bring what reports/answer.py reads of a published run into a folder.

    Raises:
        PublishError: The manifest stands there without one of these files.
    """
    place = Prefix(client, bucket, prefix)
    for name in (_RECORD, *_ANSWER_TABLES):
        found = place.read(name)
        if found is None:
            raise PublishError(
                f"{place.uri}/{name}: expected a file of a published run, got none "
                "(somebody removed it: name another place with -o)"
            )
        path = folder / name
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


def _published(place: Prefix) -> str | None:
    if place.read(manifest.NAME) is None:
        return None
    record = place.read(_RECORD)
    try:
        return str(json.loads(record.body)["run_id"]) if record else "of unknown id"
    except (ValueError, KeyError, TypeError) as error:
        raise PublishError(
            f"{place.uri}/{_RECORD}: expected a run's record, got something else "
            "(name another place with -o)"
        ) from error


def _is_there(place: Prefix, run_id: str) -> bool:
    found = _published(place)
    if found is not None and found != run_id:
        raise PublishError(
            f"{place.uri}: expected an empty prefix or run {run_id}, got run {found} "
            "(name another with -o)"
        )
    return found is not None


def _check_empty(place: Prefix, held: Claim) -> None:
    """Check that nothing of others is there: an object of the same name would be overwritten."""
    ours = {claim.NAME, *held.left_behind}
    for name in place.names():
        if name not in ours:
            raise PublishError(
                f"{place.uri}: expected an empty prefix, got {name!r} there (name another with -o)"
            )


def _put_all(folder: Path, names: Sequence[str], place: Prefix, held: Claim) -> None:
    try:
        place.remove(name for name in held.left_behind if name not in names)
        for name in names:
            held.check()
            place.upload(folder / name, name)
        held.beat()
        whole = (folder / manifest.NAME).read_bytes()
        if place.put_if(manifest.NAME, whole, {"IfNoneMatch": "*"}, held.attempt) is None:
            raise PublishError(
                f"{place.uri}: expected no manifest, got another's (name another place with -o)"
            )
    except BaseException:
        _withdraw(names, place, held)
        raise


def _withdraw(names: Sequence[str], place: Prefix, held: Claim) -> None:
    """Remove what was put, the manifest first, unless the prefix is another attempt's by now."""
    from botocore.exceptions import BotoCoreError, ClientError

    held.stays = True
    try:
        holder = place.read(claim.NAME)
        published = place.read(manifest.NAME)
        is_ours = holder is not None and holder.attempt == held.attempt
        if is_ours and (published is None or published.attempt == held.attempt):
            place.remove([manifest.NAME, *names])
        held.stays = False
    except (BotoCoreError, ClientError) as error:
        log.warning("%s: what was put there stays until the next attempt: %s", place.uri, error)
