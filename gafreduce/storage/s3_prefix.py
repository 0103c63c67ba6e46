"""A prefix in a bucket: reading, conditional puts, uploads and removals, told by relative names."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CONTENT_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".parquet": "application/vnd.apache.parquet",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".tsv": "text/tab-separated-values; charset=utf-8",
}
_OTHER_TYPE = "application/octet-stream"

#: Where an object keeps who put it: an attempt knows its own after an answer was lost.
_ATTEMPT = "attempt"
_CONFLICT_TRIES = 6
_CONFLICT_SECONDS = 0.1
_ABSENT = ("NoSuchKey", "404")
_REFUSED = ("PreconditionFailed", "412")
_CONFLICT = ("ConditionalRequestConflict", "409")


class Stored(NamedTuple):
    """An object as it was read."""

    body: bytes
    etag: str
    attempt: str  # who put it; empty when that was no conditional put of ours
    age: float = 0.0  # seconds since it was put, by the server's clock; 0 when it does not say


class Prefix:
    """A prefix in a bucket. Names are relative to it."""

    def __init__(self, client: S3Client, bucket: str, prefix: str) -> None:
        self._client = client
        self._bucket = bucket
        self._prefix = prefix.strip("/")
        self.uri = f"s3://{bucket}/{self._prefix}"

    def _key(self, name: str) -> str:
        return f"{self._prefix}/{name}" if self._prefix else name

    def read(self, name: str) -> Stored | None:
        """Return an object; None when there is none."""
        from botocore.exceptions import ClientError

        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=self._key(name))
        except ClientError as error:
            if error.response["Error"]["Code"] in _ABSENT:
                return None
            raise
        return Stored(
            answer["Body"].read(),
            answer["ETag"],
            answer.get("Metadata", {}).get(_ATTEMPT, ""),
            _age(answer),
        )

    def names(self) -> Iterator[str]:
        """Yield the names of all objects below the prefix."""
        return (name for name, _ in self.sizes())

    def sizes(self) -> Iterator[tuple[str, int]]:
        """Yield the names and sizes of all objects below the prefix."""
        start = self._key("")
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=start
        )
        for page in pages:
            for item in page.get("Contents", []):
                if not item["Key"].endswith("/"):  # what consoles put to show a folder
                    yield item["Key"][len(start) :], item["Size"]

    def put_if(self, name: str, body: bytes, condition: dict[str, Any], attempt: str) -> str | None:
        """Put an object on a condition, and return its ETag; None when the condition failed.

        A put is sent again when its answer is lost, and then fails on its own first one: an object
        that this attempt has put is taken for success.
        """
        etag = self._put(name, body, condition, attempt)
        if etag is not None:
            return etag
        found = self.read(name)
        return found.etag if found is not None and found.attempt == attempt else None

    def _put(self, name: str, body: bytes, condition: dict[str, Any], attempt: str) -> str | None:
        from botocore.exceptions import ClientError

        for number in range(_CONFLICT_TRIES):
            try:
                answer = self._client.put_object(
                    Bucket=self._bucket,
                    Key=self._key(name),
                    Body=body,
                    ContentType=content_type(name),
                    Metadata={_ATTEMPT: attempt},
                    **condition,
                )
            except ClientError as error:
                code = error.response["Error"]["Code"]
                if code in _REFUSED or code in _ABSENT:  # absent: If-Match, and it was removed
                    return None
                if code not in _CONFLICT:
                    raise
                time.sleep(random.uniform(0.5, 1) * _CONFLICT_SECONDS * 2**number)
            else:
                return answer["ETag"]
        return None

    def upload(self, path: Path, name: str) -> None:
        """Put a file, by boto3's own transfer: in parts when it is large, with checksums."""
        from boto3.s3.transfer import TransferConfig

        self._client.upload_file(
            str(path),
            self._bucket,
            self._key(name),
            ExtraArgs={"ContentType": content_type(name)},
            # not its other one, in C, which knows nothing of the client's events
            Config=TransferConfig(preferred_transfer_client="classic"),
        )

    def remove(self, names: Iterable[str]) -> None:
        """Remove objects; one that isn't there is no error."""
        for name in names:
            self._client.delete_object(Bucket=self._bucket, Key=self._key(name))


def _age(answer: Any) -> float:
    stated = answer["ResponseMetadata"].get("HTTPHeaders", {}).get("date")
    if not stated:
        return 0.0
    return float((parsedate_to_datetime(stated) - answer["LastModified"]).total_seconds())


def content_type(name: str) -> str:
    """Return the content type of a file of a run folder.

    >>> content_type("report.html"), content_type("x")
    ('text/html; charset=utf-8', 'application/octet-stream')
    """
    return CONTENT_TYPES.get(Path(name).suffix, _OTHER_TYPE)
