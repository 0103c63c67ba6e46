"""S3 through boto3: one client, bounded retries, and conditions on ETags."""

from __future__ import annotations

import contextlib
import functools
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from gafreduce.errors import InputError
from gafreduce.storage import s3_errors
from gafreduce.storage.s3_errors import translate_errors
from gafreduce.storage.silence import SilenceWatch

if TYPE_CHECKING:
    from boto3.s3.transfer import TransferConfig
    from mypy_boto3_s3 import S3Client

SCHEME = "s3://"
#: The most attempts of a request, with growing and random pauses (boto3's standard mode).
MAX_ATTEMPTS = 6
_CONNECT_SECONDS = 10
_READ_SECONDS = 60
_HASTY_SECONDS = 5
_CONNECTIONS = 32
_OTHER_SCHEMES = ("s3a://", "s3n://")
_SPELLING = re.compile(r"s3[an]?://")


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
    """How services are reached; boto3 and the PATH have what is None."""

    endpoint_url: str | None = None
    profile: str | None = None
    kms_key_id: str | None = None  # with which S3 encrypts new objects
    hadoop_conf: Path | None = None  # mrjob.conf, which may name the program `hadoop`
    is_anonymous: bool = False  # requests are not signed, as for public buckets

    def client(self) -> S3Client:
        """Return the client; the first call makes it, and imports boto3."""
        return self._client

    @functools.cached_property
    def _client(self) -> S3Client:
        attempts = os.environ.get("AWS_MAX_ATTEMPTS") or str(MAX_ATTEMPTS)
        if not (attempts.isascii() and attempts.isdigit() and int(attempts)):
            raise InputError(f"AWS_MAX_ATTEMPTS: expected a number from 1, got {attempts!r}")
        return self._make_client(int(attempts), _CONNECT_SECONDS, _READ_SECONDS)

    def hasty_client(self) -> S3Client:
        """Return another client, which tries each request once, for five seconds."""
        return self._make_client(1, _HASTY_SECONDS, _HASTY_SECONDS)

    def _make_client(self, n_attempts: int, connect_seconds: int, read_seconds: int) -> S3Client:
        from botocore import UNSIGNED
        from botocore.config import Config

        session = self.session()
        # public buckets can be read without credentials; others refuse such a request
        is_anonymous = self.is_anonymous or session.get_credentials() is None
        client: S3Client = session.client(
            "s3",
            endpoint_url=self.endpoint_url,
            config=Config(
                retries={"mode": "standard", "total_max_attempts": n_attempts},
                connect_timeout=connect_seconds,
                read_timeout=read_seconds,
                max_pool_connections=_CONNECTIONS,
                signature_version=UNSIGNED if is_anonymous else None,
            ),
        )
        client.meta.events.register(
            "after-call.s3", functools.partial(s3_errors.add_identity, session)
        )
        self._encrypt(client.meta.events)
        return client

    def _encrypt(self, events: Any) -> None:
        """Add the key to every request that puts an object."""
        if self.kms_key_id is None:
            return
        headers = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": self.kms_key_id}

        def add(params: dict[str, Any], **_: object) -> None:
            params.update(headers)

        for operation in ("PutObject", "CreateMultipartUpload", "CopyObject"):
            events.register(f"before-parameter-build.s3.{operation}", add)

    @contextlib.contextmanager
    def as_default(self) -> Iterator[None]:
        """Use this profile and key for boto3's default clients in this block: those of mrjob."""
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
            session = boto3.Session(profile_name=self.profile)
        SilenceWatch().attach(session.events)
        return session

    def open_service(self, name: str, title: str) -> Any:
        """Return a client of another service of AWS.

        Args:
            name: Of the service, as boto3 has it.
            title: What is opened, in a message.

        Raises:
            S3CredentialsError: There is no region.
        """
        session = self.session()
        with translate_errors(f"opening {title}"):
            return session.client(name)


def is_uri(text: str) -> bool:
    """Return whether a text is a URI of S3, in Hadoop's spellings too.

    >>> is_uri("s3a://bucket/key"), is_uri("s3/bucket/key")
    (True, False)
    """
    return text.startswith((SCHEME, *_OTHER_SCHEMES))


def parse(uri: str) -> Location:
    """Return the bucket and key of a URI, in any of the spellings.

    Raises:
        InputError: The URI is not one of S3, or has no bucket.
    """
    scheme = _SPELLING.match(uri)
    bucket, _, key = uri[scheme.end() :].partition("/") if scheme else ("", "", "")
    if not bucket:
        raise InputError(f"{uri!r}: expected s3://bucket/key")
    return Location(bucket, key)


def read_object(client: S3Client, location: Location, **options: Any) -> bytes:
    """Return the content of an object; repeat the request when the content breaks off.

    boto3 doesn't repeat it then.

    Args:
        client: Of S3.
        location: Of the object.
        options: Of `get_object`: a range, a condition.

    Raises:
        S3Error: The request failed.
    """
    from botocore.exceptions import IncompleteReadError, ReadTimeoutError, ResponseStreamingError

    get = functools.partial(client.get_object, Bucket=location.bucket, Key=location.key, **options)
    with translate_errors(f"reading {location.uri}"):
        for _ in range(MAX_ATTEMPTS - 1):
            with contextlib.suppress(IncompleteReadError, ReadTimeoutError, ResponseStreamingError):
                return bytes(get()["Body"].read())
        return bytes(get()["Body"].read())


@contextlib.contextmanager
def require_etags(client: S3Client, etags: Mapping[Location, str]) -> Iterator[None]:
    """Bind reading these objects to their ETags in this block: other versions are an error.

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


def remove_prefix(client: S3Client, location: Location) -> None:
    """Remove every object under a prefix.

    Raises:
        S3Error: A request failed.
    """
    keys = [item["Key"] for item in list_objects(client, location)]
    remove_objects(client, location.bucket, keys)


def remove_objects(client: S3Client, bucket: str, keys: Iterable[str]) -> None:
    """Remove objects of a bucket.

    Raises:
        S3Error: A request failed.
    """
    with translate_errors(f"removing objects of {SCHEME}{bucket}"):
        for key in keys:
            client.delete_object(Bucket=bucket, Key=key)


def list_objects(client: S3Client, location: Location) -> Iterator[Any]:
    """Yield boto3's description of every object under a prefix: Key, Size, ETag, LastModified.

    Raises:
        S3Error: The request failed.
    """
    with translate_errors(f"listing {location.uri}"):
        pages = client.get_paginator("list_objects_v2").paginate(
            Bucket=location.bucket, Prefix=location.key
        )
        for page in pages:
            yield from page.get("Contents", [])


def transfer_config() -> TransferConfig:
    """Return the configuration of all transfers.

    They are boto3's own: the other implementation, in C, ignores the events of the client, and so
    the conditions on ETags and the encryption.
    """
    from boto3.s3.transfer import TransferConfig

    return TransferConfig(preferred_transfer_client="classic")
