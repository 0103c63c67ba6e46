"""Leftovers in S3: what attempts that died had put, unfinished uploads, temporary objects."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from gafreduce import s3
from gafreduce.leftovers import Leftover, Leftovers
from gafreduce.s3 import Location
from reports import claim
from reports.claim import NAME as CLAIM
from reports.manifest import NAME as MANIFEST

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def found_under(client: S3Client, place: Location, older_than: float) -> Leftovers:
    """Yield what attempts left under a prefix of runs, each with its claim.

    An attempt that lives renews its claim every few seconds. Objects of a published run stay.
    """
    objects = {item["Key"]: item for item in s3.listed(client, place)}
    for key, item in objects.items():
        age = _age(item["LastModified"])
        if key.rsplit("/", 1)[-1] != CLAIM or age < older_than:
            continue
        prefix = key.removesuffix(CLAIM)
        keys = [key]
        if prefix + MANIFEST not in objects:
            files = _files(client, Location(place.bucket, key))
            keys = [prefix + name for name in files if prefix + name in objects] + keys
        yield Leftover(
            f"s3://{place.bucket}/{prefix}",
            f"a claim, and {len(keys) - 1} objects of an attempt that ended",
            age,
            partial(s3.remove, client, place.bucket, keys),
        )
    yield from _uploads(client, place, older_than)


def found_temporary(client: S3Client, place: Location, older_than: float) -> Leftovers:
    """Yield the temporary objects of runs under mrjob's `cloud_tmp_dir`, by run and attempt."""
    folders: dict[str, list[Any]] = {}
    for item in s3.listed(client, place):
        rest = item["Key"].removeprefix(place.key).split("/")
        folders.setdefault("/".join(rest[:2]) if len(rest) > 2 else rest[0], []).append(item)
    for name, items in sorted(folders.items()):
        age = _age(max(item["LastModified"] for item in items))
        if age >= older_than:
            yield Leftover(
                f"s3://{place.bucket}/{place.key}{name}",
                f"{len(items)} temporary objects",
                age,
                partial(s3.remove, client, place.bucket, [item["Key"] for item in items]),
            )


def _uploads(client: S3Client, place: Location, older_than: float) -> Leftovers:
    with s3.in_words(f"listing uploads to {place.uri}"):
        page = client.list_multipart_uploads(Bucket=place.bucket, Prefix=place.key)
    for upload in page.get("Uploads", []):
        age = _age(upload["Initiated"])
        if age >= older_than:
            yield Leftover(
                f"s3://{place.bucket}/{upload['Key']}",
                "an upload that was not completed",
                age,
                partial(
                    client.abort_multipart_upload,
                    Bucket=place.bucket,
                    Key=upload["Key"],
                    UploadId=upload["UploadId"],
                ),
            )


def _age(changed: datetime) -> float:
    return (datetime.now(UTC) - changed).total_seconds()


def _files(client: S3Client, place: Location) -> Sequence[str]:
    with s3.in_words(f"reading {place.uri}"):
        body = client.get_object(Bucket=place.bucket, Key=place.key)["Body"].read()
    return claim.files_of(body)
