"""Orphans in S3: objects of dead attempts, unfinished uploads, temporary objects."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from gafreduce.publishing import lock_record, manifest, recovery, resource_marks
from gafreduce.publishing.lock_record import LockRecord
from gafreduce.publishing.manifest import NAME as MANIFEST
from gafreduce.publishing.orphans import Orphan, Orphans
from gafreduce.publishing.s3_lock import NAME as LOCK
from gafreduce.publishing.s3_lock import STALE_SECONDS
from gafreduce.storage import s3
from gafreduce.storage.s3 import Location
from gafreduce.storage.s3_errors import S3Error, translate_errors
from gafreduce.storage.s3_prefix import Prefix

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

log = logging.getLogger(__name__)

#: The temporary folder of an attempt, below that of its run.
_ATTEMPT = re.compile(r"[0-9a-f]{12}/[0-9a-f]{8}")


def find_in_prefix(access: s3.Access, place: Location, older_than: float) -> Orphans:
    """Yield the orphans of dead attempts under a prefix of runs: locks, objects, uploads.

    Objects of published runs and of live attempts are not orphans, whatever `older_than` is: a
    live attempt renews its lock every few seconds.

    Args:
        access: How S3 is reached.
        place: A prefix of runs.
        older_than: Seconds since the last change.
    """
    client = access.client()
    now = _now(client, place)
    objects = {item["Key"]: item for item in s3.list_objects(client, place)}
    alive = []
    named: set[str] = set()
    for key, item in objects.items():
        age = _age(item["LastModified"], now)
        if key.rsplit("/", 1)[-1] != LOCK:
            continue
        prefix = key.removesuffix(LOCK)
        if age < STALE_SECONDS:
            alive.append(prefix)
        if age < max(older_than, STALE_SECONDS):
            continue
        record = _read_record(client, Location(place.bucket, key))
        if not record[lock_record.ATTEMPTS]:
            log.warning("s3://%s/%s is left alone: it is no lock of gafreduce", place.bucket, key)
            continue
        named |= {prefix + name for name in record[lock_record.FILES]}
        folder = Prefix(client, place.bucket, prefix)
        keys = [key]
        if prefix + MANIFEST not in objects:
            names = [name for name in record[lock_record.FILES] if prefix + name in objects]
            with translate_errors(f"reading {folder.uri}"):
                names = folder.select_of_attempts(names, record[lock_record.ATTEMPTS])
            keys = [prefix + name for name in names] + keys
        yield Orphan(
            f"s3://{place.bucket}/{prefix}",
            f"a lock, {len(keys) - 1} objects{recovery.describe(record)} of an attempt that ended",
            age,
            "the lock is of gafreduce and names them",
            partial(_end, access, folder.uri, place.bucket, keys, record),
        )
    uploads = [
        each
        for each in _uploads(client, place)
        if _age(each["Initiated"], now) >= older_than and not each["Key"].startswith(tuple(alive))
    ]
    named |= _select_published(client, place.bucket, objects, uploads)
    for upload in uploads:
        uri = f"s3://{place.bucket}/{upload['Key']}"
        if upload["Key"] in named:
            yield Orphan(
                uri,
                "an upload that was not completed",
                _age(upload["Initiated"], now),
                "a lock or a manifest of gafreduce names its object",
                partial(_abort, client, place.bucket, upload),
            )
        else:
            log.warning(
                "%s, an upload that was not completed, is left alone: no lock and no manifest of "
                "gafreduce names its object",
                uri,
            )


def list_live_folders(access: s3.Access, place: Location) -> Iterator[str]:
    """Yield the temporary folders in the lock records of live attempts under a prefix of runs."""
    client = access.client()
    now = _now(client, place)
    for item in s3.list_objects(client, place):
        is_lock = item["Key"].rsplit("/", 1)[-1] == LOCK
        if is_lock and _age(item["LastModified"], now) < STALE_SECONDS:
            record = _read_record(client, Location(place.bucket, item["Key"]))
            yield from record[lock_record.TEMPORARY]


def find_temporary(access: s3.Access, place: Location, older_than: float) -> Orphans:
    """Yield the temporary folders of attempts under mrjob's `cloud_tmp_dir`.

    Only folders with a marker of gafreduce: the prefix may have objects of other programs.
    """
    client = access.client()
    now = _now(client, place)
    folders: dict[str, list[Any]] = {}
    marked: set[str] = set()
    for item in s3.list_objects(client, place):
        rest = item["Key"].removeprefix(place.key).split("/")
        if len(rest) > 2 and _ATTEMPT.fullmatch("/".join(rest[:2])):
            folders.setdefault("/".join(rest[:2]), []).append(item)
            if rest[2].startswith(resource_marks.MARKER):
                marked.add("/".join(rest[:2]))
    for name, items in sorted(folders.items()):
        if name not in marked:
            continue
        age = _age(max(item["LastModified"] for item in items), now)
        if age >= older_than:
            yield Orphan(
                f"s3://{place.bucket}/{place.key}{name}",
                f"{len(items)} temporary objects",
                age,
                "they are in cloud_tmp_dir of mrjob.conf",
                partial(s3.remove_objects, client, place.bucket, [item["Key"] for item in items]),
            )


def _select_published(
    client: S3Client, bucket: str, objects: Mapping[str, Any], uploads: Sequence[Any]
) -> set[str]:
    """Return the keys of uploads to objects of published runs, begun before these were published.

    A dead attempt to make the run left them: the lock that named them has been taken over.
    """
    found = set()
    for key, item in objects.items():
        prefix = key.removesuffix(MANIFEST)
        if key.rsplit("/", 1)[-1] != MANIFEST:
            continue
        keys = [
            each["Key"]
            for each in uploads
            if each["Key"].startswith(prefix) and each["Initiated"] <= item["LastModified"]
        ]
        if keys:
            rows = manifest.parse_rows(s3.read_object(client, Location(bucket, key))) or {}
            found |= {each for each in keys if each.removeprefix(prefix) in rows}
    return found


def _uploads(client: S3Client, place: Location) -> Sequence[Any]:
    try:
        with translate_errors(f"listing uploads to {place.uri}"):
            page = client.list_multipart_uploads(Bucket=place.bucket, Prefix=place.key)
    except S3Error as error:  # starting runs needs no right to list uploads
        log.warning("unfinished uploads are left to the bucket's lifecycle rules: %s", error)
        return []
    return page.get("Uploads", [])


def _abort(client: S3Client, bucket: str, upload: Any) -> None:
    with translate_errors(f"ending the upload to s3://{bucket}/{upload['Key']}"):
        client.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])


def _now(client: S3Client, place: Location) -> datetime:
    """Return the time of the server's clock; of ours when the answer has none."""
    with translate_errors(f"listing {place.uri}"):
        answer: Any = client.list_objects_v2(Bucket=place.bucket, Prefix=place.key, MaxKeys=1)
    stated = answer["ResponseMetadata"].get("HTTPHeaders", {}).get("date")
    return parsedate_to_datetime(stated) if stated else datetime.now(UTC)


def _age(changed: datetime, now: datetime) -> float:
    return (now - changed).total_seconds()


def _read_record(client: S3Client, place: Location) -> LockRecord:
    return lock_record.parse(s3.read_object(client, place))


def _end(
    access: s3.Access, place: str, bucket: str, keys: Sequence[str], record: LockRecord
) -> None:
    recovery.end_all(record, place, access)
    s3.remove_objects(access.client(), bucket, keys)
