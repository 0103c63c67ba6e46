"""A prefix in a bucket, for publishing: conditional puts, uploads and removals by relative names.

Errors of boto3 are not translated here: publishing distinguishes them.
"""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable, Container, Iterable, Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from gafreduce.storage import s3
from gafreduce.storage.s3 import Location
from gafreduce.storage.s3_errors import is_absent

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

#: The metadata with the attempt that put an object: it recognises its own after a lost response.
_ATTEMPT = "attempt"
_BLOCK_BYTES = 1 << 20
_CONFLICT_TRIES = 6
_CONFLICT_SECONDS = 0.1
_REFUSED = ("PreconditionFailed", "412")
_CONFLICT = ("ConditionalRequestConflict", "409")


class Stored(NamedTuple):
    """The content of an object, and its version."""

    body: bytes
    etag: str
    attempt: str  # that put it; empty when it was not put by `put_if`
    age: float = 0.0  # in seconds, by the server's clock; 0 when the response has no date


class Prefix:
    """A prefix in a bucket. Names are relative to it.

    All methods raise the errors of botocore, but `list_sizes` raises S3Error.
    """

    def __init__(self, client: S3Client, bucket: str, prefix: str) -> None:
        self._client = client
        self._bucket = bucket
        self._prefix = prefix.strip("/")
        self.uri = Location(bucket, self._prefix).uri

    def _key(self, name: str) -> str:
        return f"{self._prefix}/{name}" if self._prefix else name

    def read(self, name: str) -> Stored | None:
        """Return an object, or None when it does not exist."""
        from botocore.exceptions import ClientError

        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=self._key(name))
        except ClientError as error:
            if is_absent(error):
                return None
            raise
        return Stored(
            answer["Body"].read(),
            answer["ETag"],
            answer.get("Metadata", {}).get(_ATTEMPT, ""),
            _age(answer),
        )

    def hash_object(self, name: str) -> str:
        """Return the SHA-256 of an object in hexadecimal digits; empty when it does not exist."""
        return self.copy_object(name, lambda block: None)

    def copy_object(self, name: str, write: Callable[[bytes], object]) -> str:
        """Write an object in blocks; return its SHA-256, empty when it does not exist."""
        from botocore.exceptions import ClientError

        digest = hashlib.sha256()
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=self._key(name))
        except ClientError as error:
            if is_absent(error):
                return ""
            raise
        for block in answer["Body"].iter_chunks(_BLOCK_BYTES):
            digest.update(block)
            write(block)
        return digest.hexdigest()

    def list_names(self) -> Iterator[str]:
        """Yield the names of all objects below the prefix."""
        return (name for name, _ in self.list_sizes())

    def list_sizes(self) -> Iterator[tuple[str, int]]:
        """Yield the names and sizes of all objects below the prefix.

        Raises:
            S3Error: A request failed.
        """
        start = Location(self._bucket, self._key(""))
        for item in s3.list_objects(self._client, start):
            if not item["Key"].endswith("/"):  # consoles put such objects to show a folder
                yield item["Key"][len(start.key) :], item["Size"]

    def put_if(self, name: str, body: bytes, condition: dict[str, Any], attempt: str) -> str | None:
        """Put an object on a condition, and return its ETag; None when the condition failed.

        boto3 repeats a put when the response is lost, and the repeated put may fail because of the
        first one. So an object of this attempt counts as success.

        Args:
            name: Of the object.
            body: Its content.
            condition: `{"IfNoneMatch": "*"}` or `{"IfMatch": etag}`.
            attempt: The id of this attempt, stored with the object.
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
                if code in _REFUSED or is_absent(error):  # absent: If-Match, and it was removed
                    return None
                if code not in _CONFLICT:
                    raise
                time.sleep(random.uniform(0.5, 1) * _CONFLICT_SECONDS * 2**number)
            else:
                return answer["ETag"]
        return None

    def select_of_attempts(self, names: Iterable[str], attempts: Container[str]) -> list[str]:
        """Return the names of those objects that these attempts put."""
        from botocore.exceptions import ClientError

        found = []
        for name in names:
            try:
                answer = self._client.head_object(Bucket=self._bucket, Key=self._key(name))
            except ClientError as error:
                if is_absent(error):
                    continue
                raise
            if answer.get("Metadata", {}).get(_ATTEMPT) in attempts:
                found.append(name)
        return found

    def upload(self, path: Path, name: str, attempt: str = "") -> None:
        """Put a file: in parts when it is large, with checksums.

        Args:
            path: Of the file.
            name: Of the object.
            attempt: The id of this attempt, stored with the object.
        """
        self._client.upload_file(
            str(path),
            self._bucket,
            self._key(name),
            ExtraArgs={"ContentType": content_type(name), "Metadata": {_ATTEMPT: attempt}},
            Config=s3.transfer_config(),
        )

    def remove(self, names: Iterable[str]) -> None:
        """Remove objects; one that doesn't exist is not an error."""
        for name in names:
            self._client.delete_object(Bucket=self._bucket, Key=self._key(name))


def _age(answer: Any) -> float:
    """Return the seconds between the last change of an object and the response."""
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
