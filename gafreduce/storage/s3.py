"""S3 through boto3: one client, bounded retries, and conditions on ETags."""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from gafreduce.storage import s3_errors
from gafreduce.storage.s3_errors import S3Error, translate_errors

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SCHEME = "s3://"
#: How often a request is tried, with growing and random pauses (boto3's standard mode).
MAX_ATTEMPTS = 6
_CONNECT_SECONDS = 10
_READ_SECONDS = 60
_HASTY_SECONDS = 5
_CONNECTIONS = 32
_OTHER_SCHEMES = ("s3a://", "s3n://")


class Location(NamedTuple):
    """A bucket and a key (or prefix) in it."""

    bucket: str
    key: str

    @property
    def uri(self) -> str:
        """The location as a URI."""
        return f"{SCHEME}{self.bucket}/{self.key}"


@dataclass(frozen=True)
class Access:
    """How S3 is reached; what is None is left to boto3's own search."""

    endpoint_url: str | None = None
    profile: str | None = None
    kms_key_id: str | None = None  # with which S3 encrypts what is put

    def client(self) -> S3Client:
        """Return the client, made at the first call; boto3 is imported only then."""
        return self._client

    @functools.cached_property
    def _client(self) -> S3Client:
        n_attempts = int(os.environ.get("AWS_MAX_ATTEMPTS") or MAX_ATTEMPTS)
        return self._made(n_attempts, _CONNECT_SECONDS, _READ_SECONDS)

    def hasty_client(self) -> S3Client:
        """Return another client, which tries once and not for long."""
        return self._made(1, _HASTY_SECONDS, _HASTY_SECONDS)

    def _made(self, n_attempts: int, connect_seconds: int, read_seconds: int) -> S3Client:
        from botocore.config import Config

        session = self.session()
        client: S3Client = session.client(
            "s3",
            endpoint_url=self.endpoint_url,
            config=Config(
                retries={"mode": "standard", "total_max_attempts": n_attempts},
                connect_timeout=connect_seconds,
                read_timeout=read_seconds,
                max_pool_connections=_CONNECTIONS,
            ),
        )
        client.meta.events.register(
            "after-call.s3", functools.partial(s3_errors.add_identity, session)
        )
        self._encrypt(client.meta.events)
        return client

    def _encrypt(self, events: Any) -> None:
        """Have every request that puts an object name the key."""
        if self.kms_key_id is None:
            return
        headers = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": self.kms_key_id}

        def add(params: dict[str, Any], **_: object) -> None:
            params.update(headers)

        for operation in ("PutObject", "CreateMultipartUpload", "CopyObject"):
            events.register(f"before-parameter-build.s3.{operation}", add)

    @contextlib.contextmanager
    def as_default(self) -> Iterator[None]:
        """Have boto3's clients that are made in this block, those of mrjob, go the same way."""
        import boto3

        before = boto3.DEFAULT_SESSION
        session = self.session()
        self._encrypt(session.events)
        boto3.DEFAULT_SESSION = session
        try:
            yield
        finally:
            boto3.DEFAULT_SESSION = before

    def session(self) -> Any:
        """Return a session of boto3, for clients of other services of AWS."""
        import boto3

        with translate_errors("looking for credentials"):  # there may be no such profile
            return boto3.Session(profile_name=self.profile)


def is_uri(text: str) -> bool:
    """Tell whether a text names something in S3, in Hadoop's spellings too.

    >>> is_uri("s3a://bucket/key"), is_uri("s3/bucket/key")
    (True, False)
    """
    return text.startswith((SCHEME, *_OTHER_SCHEMES))


def parse(uri: str) -> Location:
    """Return the bucket and key of a URI.

    Raises:
        S3Error: It is none.
    """
    bucket, _, key = uri.removeprefix(SCHEME).partition("/")
    if not uri.startswith(SCHEME) or not bucket:
        raise S3Error(f"{uri!r}: expected s3://bucket/key")
    return Location(bucket, key)


def body_of(ask: Callable[[], Mapping[str, Any]]) -> bytes:
    """Return the body of an answer; asked for again when it breaks off, as boto3 does not.

    Args:
        ask: Makes the request and returns its answer.
    """
    from botocore.exceptions import IncompleteReadError, ReadTimeoutError, ResponseStreamingError

    for _ in range(MAX_ATTEMPTS - 1):
        with contextlib.suppress(IncompleteReadError, ReadTimeoutError, ResponseStreamingError):
            return bytes(ask()["Body"].read())
    return bytes(ask()["Body"].read())


@contextlib.contextmanager
def only_unchanged(client: S3Client, etags: Mapping[Location, str]) -> Iterator[None]:
    """Have every reading of these objects ask for the one with this ETag, and fail otherwise.

    boto3's transfer, which makes the requests, doesn't take the condition itself.
    """

    def add(params: dict[str, Any], **_: object) -> None:
        etag = etags.get(Location(params["Bucket"], params["Key"]))
        if etag is not None:
            params["IfMatch"] = etag

    event = "before-parameter-build.s3.GetObject"
    client.meta.events.register(event, add)
    try:
        yield
    finally:
        client.meta.events.unregister(event, add)


def download_parts(client: S3Client, place: Location, folder: Path) -> list[Path]:
    """Bring the part files of a finished job here, as they were listed.

    Raises:
        S3Error: There is no `_SUCCESS`, a part was replaced, or S3 says no.
    """
    from boto3.s3.transfer import TransferConfig

    folder.mkdir(parents=True, exist_ok=True)
    items = {item["Key"].rsplit("/", 1)[-1]: item for item in listed(client, place)}
    if "_SUCCESS" not in items:
        raise S3Error(f"{place.uri}: expected _SUCCESS beside the parts, got none (run again)")
    parts = sorted(name for name in items if name.startswith("part-"))
    keys = {name: items[name]["Key"] for name in parts}
    etags = {Location(place.bucket, keys[name]): items[name]["ETag"] for name in parts}
    # not its other one, in C, which knows nothing of the client's events
    classic = TransferConfig(preferred_transfer_client="classic")
    with translate_errors(f"reading {place.uri}"), only_unchanged(client, etags):
        for name in parts:
            client.download_file(place.bucket, keys[name], str(folder / name), Config=classic)
    return [folder / name for name in parts]


def remove_all(client: S3Client, place: Location) -> None:
    """Remove every object under a prefix."""
    remove(client, place.bucket, [item["Key"] for item in listed(client, place)])


def remove(client: S3Client, bucket: str, keys: Iterable[str]) -> None:
    """Remove objects of a bucket."""
    with translate_errors(f"removing objects of {SCHEME}{bucket}"):
        for key in keys:
            client.delete_object(Bucket=bucket, Key=key)


def listed(client: S3Client, place: Location) -> list[Any]:
    """Return what S3 says of every object under a prefix."""
    with translate_errors(f"listing {place.uri}"):
        pages = client.get_paginator("list_objects_v2").paginate(
            Bucket=place.bucket, Prefix=place.key
        )
        return [item for page in pages for item in page.get("Contents", [])]
