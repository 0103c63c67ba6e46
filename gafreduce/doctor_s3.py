"""Checks of S3: reachable, readable, writable, and with the conditional put of publishing."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any

from gafreduce import s3
from gafreduce.doctor import Checks, NotCheckedError, ProblemError, examine
from gafreduce.s3 import Access, Location
from jobs.input_list import normalise_uri

#: AWS refuses requests whose clock is off by more than a quarter of an hour.
_MAX_SKEW_SECONDS = 300
_ARCHIVED = ("GLACIER", "DEEP_ARCHIVE")


def checks(access: Access, inputs: Sequence[str], output: str | None) -> Checks:
    """Yield what S3 says to what a run would ask of it.

    Args:
        access: How it is reached.
        inputs: Objects and prefixes that would be read.
        output: A prefix that would be written; the probe that is put there is removed.
    """
    places = [s3.parse(normalise_uri(uri)) for uri in inputs]
    target = s3.parse(normalise_uri(output)) if output else None
    buckets = dict.fromkeys(place.bucket for place in [*places, *([target] if target else [])])
    if not buckets:
        yield examine("S3", _nothing_named)
    for bucket in buckets:
        yield examine(f"bucket {bucket}", partial(_bucket, access, bucket))
    if buckets:
        first = next(iter(buckets))
        yield examine("clock", partial(_clock, access, first))
    for place in places:
        yield examine(f"input {place.uri}", partial(_readable, access, place))
    if target:
        yield examine(f"output {target.uri}", partial(_writable, access, target))


def _nothing_named() -> str:
    raise ProblemError("no s3:// place was named", "name inputs, or an output with -o s3://...")


def _bucket(access: Access, bucket: str) -> str:
    with s3.in_words(f"asking for s3://{bucket}"):
        answer = access.client().head_bucket(Bucket=bucket)
    region = answer.get("BucketRegion") or _headers(answer).get("x-amz-bucket-region", "")
    return f"there, {region or 'region not said'}"


def _clock(access: Access, bucket: str) -> str:
    with s3.in_words(f"asking for s3://{bucket}"):
        stated = _headers(access.client().head_bucket(Bucket=bucket)).get("date")
    if not stated:
        raise NotCheckedError("the service states no time")
    skew = time.time() - parsedate_to_datetime(stated).timestamp()
    if abs(skew) > _MAX_SKEW_SECONDS:
        raise ProblemError(f"off by {skew:,.0f} s from the service's", "set this machine's clock")
    return "agrees with the service's"


def _headers(answer: Any) -> dict[str, str]:
    return dict(answer["ResponseMetadata"].get("HTTPHeaders", {}))


def _readable(access: Access, place: Location) -> str:
    client = access.client()
    with s3.in_words(f"listing {place.uri}"):
        page = client.list_objects_v2(Bucket=place.bucket, Prefix=place.key)
    found = page.get("Contents", [])
    if not found:
        raise ProblemError("no object begins with that key", "look for a typing error")
    archived = [item["Key"] for item in found if item.get("StorageClass") in _ARCHIVED]
    if archived:
        raise ProblemError(
            f"{archived[0]} is archived", "restore it, or copy it to a standard storage class"
        )
    some = next((item for item in found if item.get("Size")), None)
    if some is None:
        raise ProblemError("its objects are empty", "look at what was put there")
    with s3.in_words(f"reading s3://{place.bucket}/{some['Key']}"):
        client.get_object(Bucket=place.bucket, Key=some["Key"], Range="bytes=0-0")["Body"].read()
    more = "and more" if page.get("IsTruncated") else ""
    return f"{len(found):,} objects {more}".rstrip() + ", the first can be read"


def _writable(access: Access, place: Location) -> str:
    """Put a probe twice on the condition that none is there: the second must be refused."""
    client = access.client()
    key = f"{place.key.rstrip('/')}/.gafreduce-probe-{uuid.uuid4().hex}".lstrip("/")
    with s3.in_words(f"writing s3://{place.bucket}/{key}"):
        client.put_object(Bucket=place.bucket, Key=key, Body=b"", IfNoneMatch="*")
    try:
        refused = _is_refused(client, place.bucket, key)
    finally:
        with s3.in_words(f"removing s3://{place.bucket}/{key}"):
            client.delete_object(Bucket=place.bucket, Key=key)
    if not refused:
        raise ProblemError(
            "conditional puts are not honoured: two runs could publish over each other",
            "write to a service that knows If-None-Match, or be sure to be alone",
        )
    return "can be written, with conditional puts"


def _is_refused(client: Any, bucket: str, key: str) -> bool:
    from botocore.exceptions import ClientError

    with s3.in_words(f"writing s3://{bucket}/{key} again"):
        try:
            client.put_object(Bucket=bucket, Key=key, Body=b"x", IfNoneMatch="*")
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] in (409, 412):
                return True
            raise
    return False
