"""Checks of S3: reachable, readable, writable, and with the conditional put of publishing."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any

from gafreduce.doctor.checks import Checks, NotCheckedError, ProblemError, examine
from gafreduce.storage import s3
from gafreduce.storage.s3 import Access, Location
from gafreduce.storage.s3_errors import translate_errors
from gafreduce.storage.s3_storage import fits_pattern, literal_prefix

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
    places = [s3.parse(uri) for uri in inputs]
    target = s3.parse(output) if output else None
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
    answer = _head(access, bucket)
    region = answer.get("BucketRegion") or _headers(answer).get("x-amz-bucket-region", "")
    return f"there, {region or 'region not said'}"


def _head(access: Access, bucket: str) -> Any:
    """Ask for a bucket; when S3 refuses because the clock is wrong, say that."""
    from botocore.exceptions import ClientError

    with translate_errors(f"asking for s3://{bucket}"):
        try:
            return access.client().head_bucket(Bucket=bucket)
        except ClientError as error:  # the answer has no body, so a wrong clock is not told there
            _stated_time(error.response)
            raise


def _clock(access: Access, bucket: str) -> str:
    from botocore.exceptions import ClientError

    with translate_errors(f"asking for s3://{bucket}"):
        try:
            answer: Any = access.client().head_bucket(Bucket=bucket)
        except ClientError as error:
            answer = error.response
    if not _stated_time(answer):
        raise NotCheckedError("the service states no time")
    return "agrees with the service's"


def _stated_time(answer: Any) -> str:
    """Return the service's time, which agrees with ours; empty when it states none."""
    stated = _headers(answer).get("date", "")
    skew = time.time() - parsedate_to_datetime(stated).timestamp() if stated else 0
    if abs(skew) > _MAX_SKEW_SECONDS:
        raise ProblemError(f"off by {skew:,.0f} s from the service's", "set this machine's clock")
    return stated


def _headers(answer: Any) -> dict[str, str]:
    return dict(answer["ResponseMetadata"].get("HTTPHeaders", {}))


def _readable(access: Access, place: Location) -> str:
    client = access.client()
    begin = literal_prefix(place.key)
    found = s3.list_objects(client, Location(place.bucket, begin))
    if begin != place.key:
        exact = [item for item in found if item["Key"] == place.key]  # as for a run
        found = exact or [item for item in found if fits_pattern(item["Key"], place.key)]
    if not found:
        how = "fits that pattern" if begin != place.key else "begins with that key"
        raise ProblemError(f"no object {how}", "look for a typing error")
    archived = [item["Key"] for item in found if item.get("StorageClass") in _ARCHIVED]
    if archived:
        raise ProblemError(
            f"{archived[0]} is archived", "restore it, or copy it to a standard storage class"
        )
    some = next((item for item in found if item.get("Size")), None)
    if some is None:
        raise ProblemError("its objects are empty", "look at what was put there")
    with translate_errors(f"reading s3://{place.bucket}/{some['Key']}"):
        client.get_object(Bucket=place.bucket, Key=some["Key"], Range="bytes=0-0")["Body"].read()
    return f"{len(found):,} objects, the first can be read"


def _writable(access: Access, place: Location) -> str:
    """Put a probe twice on the condition that none is there: the second must be refused."""
    client = access.client()
    key = f"{place.key.rstrip('/')}/.gafreduce-probe-{uuid.uuid4().hex}".lstrip("/")
    with translate_errors(f"writing s3://{place.bucket}/{key}"):
        client.put_object(Bucket=place.bucket, Key=key, Body=b"", IfNoneMatch="*")
    try:
        refused = _is_refused(client, place.bucket, key)
    finally:
        with translate_errors(f"removing s3://{place.bucket}/{key}"):
            client.delete_object(Bucket=place.bucket, Key=key)
    if not refused:
        raise ProblemError(
            "conditional puts are not honoured: two runs could publish over each other",
            "write to a service that knows If-None-Match, or be sure to be alone",
        )
    return "can be written, with conditional puts"


def _is_refused(client: Any, bucket: str, key: str) -> bool:
    from botocore.exceptions import ClientError

    with translate_errors(f"writing s3://{bucket}/{key} again"):
        try:
            client.put_object(Bucket=bucket, Key=key, Body=b"x", IfNoneMatch="*")
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] in (409, 412):
                return True
            raise
    return False
