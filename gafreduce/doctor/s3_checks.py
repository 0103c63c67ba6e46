"""Checks of S3: buckets, clock, inputs, and an output with conditional puts."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any

from gafreduce.doctor.checks import CheckResults, NotCheckedError, ProblemError, run_check
from gafreduce.storage import s3
from gafreduce.storage.s3 import Access, Location
from gafreduce.storage.s3_errors import translate_errors
from gafreduce.storage.s3_storage import fits_pattern, literal_prefix

#: AWS refuses requests whose clock is off by more than a quarter of an hour.
_MAX_SKEW_SECONDS = 300
_ARCHIVED = ("GLACIER", "DEEP_ARCHIVE")


def check_s3(access: Access, inputs: Sequence[str], output: str | None) -> CheckResults:
    """Yield the results of all checks.

    Args:
        access: How S3 is reached.
        inputs: Objects and prefixes to read.
        output: A prefix to write to; the probe that is put there is removed.
    """
    places = [s3.parse(uri) for uri in inputs]
    target = s3.parse(output) if output else None
    buckets = dict.fromkeys(place.bucket for place in [*places, *([target] if target else [])])
    if not buckets:
        yield run_check("S3", _report_no_uri)
    for bucket in buckets:
        yield run_check(f"bucket {bucket}", partial(_check_bucket, access, bucket))
    if buckets:
        first = next(iter(buckets))
        yield run_check("clock", partial(_check_clock, access, first))
    for place in places:
        yield run_check(f"input {place.uri}", partial(_check_input, access, place))
    if target:
        yield run_check(f"output {target.uri}", partial(_check_output, access, target))


def _report_no_uri() -> str:
    raise ProblemError("no s3:// URI was given", "name inputs, or an output with -o s3://...")


def _check_bucket(access: Access, bucket: str) -> str:
    response = _request_bucket(access, bucket)
    region = response.get("BucketRegion") or _get_headers(response).get("x-amz-bucket-region", "")
    return f"exists, {region or 'unknown region'}"


def _request_bucket(access: Access, bucket: str) -> Any:
    """Send a request for a bucket.

    Raises:
        ProblemError: It failed because this machine's clock is wrong.
        S3Error: It failed otherwise.
    """
    from botocore.exceptions import ClientError

    with translate_errors(f"asking for s3://{bucket}"):
        try:
            return access.client().head_bucket(Bucket=bucket)
        except ClientError as error:  # the response has no body, which would name a wrong clock
            _check_time(error.response)
            raise


def _check_clock(access: Access, bucket: str) -> str:
    from botocore.exceptions import ClientError

    with translate_errors(f"asking for s3://{bucket}"):
        try:
            response: Any = access.client().head_bucket(Bucket=bucket)
        except ClientError as error:
            response = error.response
    if not _check_time(response):
        raise NotCheckedError("the response has no time")
    return "agrees with the service's"


def _check_time(response: Any) -> str:
    """Return the time of a response; empty when it has none.

    Raises:
        ProblemError: Our clock differs from it.
    """
    stated = _get_headers(response).get("date", "")
    skew = time.time() - parsedate_to_datetime(stated).timestamp() if stated else 0
    if abs(skew) > _MAX_SKEW_SECONDS:
        raise ProblemError(f"off by {skew:,.0f} s from the service's", "set this machine's clock")
    return stated


def _get_headers(response: Any) -> dict[str, str]:
    return dict(response["ResponseMetadata"].get("HTTPHeaders", {}))


def _check_input(access: Access, place: Location) -> str:
    client = access.client()
    begin = literal_prefix(place.key)
    found = list(s3.list_objects(client, Location(place.bucket, begin)))
    if begin != place.key:
        exact = [item for item in found if item["Key"] == place.key]  # as for a run
        found = exact or [item for item in found if fits_pattern(item["Key"], place.key)]
    if not found:
        how = "matches that pattern" if begin != place.key else "begins with that key"
        raise ProblemError(f"no object {how}", "check the spelling")
    archived = [item["Key"] for item in found if item.get("StorageClass") in _ARCHIVED]
    if archived:
        raise ProblemError(
            f"{archived[0]} is archived", "restore it, or copy it to a standard storage class"
        )
    some = next((item for item in found if item.get("Size")), None)
    if some is None:
        raise ProblemError("its objects are empty", "check the upload")
    with translate_errors(f"reading s3://{place.bucket}/{some['Key']}"):
        client.get_object(Bucket=place.bucket, Key=some["Key"], Range="bytes=0-0")["Body"].read()
    return f"{len(found):,} objects, the first can be read"


def _check_output(access: Access, place: Location) -> str:
    """Put an object twice on the condition that none exists: the second put must be refused."""
    client = access.client()
    key = f"{place.key.rstrip('/')}/.gafreduce-probe-{secrets.token_hex(16)}".lstrip("/")
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
            "use a service with If-None-Match, or make sure that one run at a time publishes there",
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
