"""S3 through boto3: one client, bounded retries, and errors in words."""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from botocore.exceptions import ClientError
    from mypy_boto3_s3 import S3Client

SCHEME = "s3://"
#: How often a request is tried, with growing and random pauses (boto3's standard mode).
MAX_ATTEMPTS = 6
_CONNECT_SECONDS = 10
_READ_SECONDS = 60
_HASTY_SECONDS = 5
_CONNECTIONS = 32
_FORBIDDEN = 403
#: Where an error keeps who was refused.
_WHO = "Who"
_OTHER_SCHEMES = ("s3a://", "s3n://")

_WORDS = {
    "403": "access is denied{} (have the owner allow it, or use other credentials: --profile)",
    "404": "there is no such object",
    "412": "the object changed since it was listed (run again)",
    "NoSuchBucket": "there is no such bucket",
    "NoSuchKey": "there is no such object",
    "BrokenOff": "the connection broke off, and did so until the last attempt (run again)",
    "ExpiredToken": "the credentials have expired (log in again)",
    "InvalidAccessKeyId": "the access key is not known there",
    "InvalidObjectState": "the object is archived (restore it, or copy it to a standard class)",
    "NoCredentials": "there are no credentials (aws configure, or name a --profile)",
    "PermanentRedirect": "the bucket is in another region (set AWS_DEFAULT_REGION)",
    "RequestTimeTooSkewed": "this machine's clock is wrong (set it)",
    "SignatureDoesNotMatch": "the secret key does not fit the access key",
    "SlowDown": "the service asks to slow down, and did so until the last attempt",
}
_SAME_AS = {
    "301": "PermanentRedirect",
    "AccessDenied": "403",
    "AuthorizationHeaderMalformed": "PermanentRedirect",
    "ExpiredTokenException": "ExpiredToken",
    "Forbidden": "403",
    "NotFound": "404",
    "PreconditionFailed": "412",
    "TokenRefreshRequired": "ExpiredToken",
}


class S3Error(ValueError):
    """A request to S3 failed; the message says which and why in words."""


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

        session = self._session()
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
        client.meta.events.register("after-call.s3", functools.partial(_say_who, session))
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
        session = self._session()
        self._encrypt(session.events)
        boto3.DEFAULT_SESSION = session
        try:
            yield
        finally:
            boto3.DEFAULT_SESSION = before

    def terminate(self, cluster: str) -> None:
        """Terminate an EMR cluster.

        Args:
            cluster: As `region/id`.

        Raises:
            S3Error: AWS says no.
        """
        region, _, name = cluster.partition("/")
        with in_words(f"terminating cluster {name}"):
            self._emr(region).terminate_job_flows(JobFlowIds=[name])

    def has_cluster(self, cluster: str) -> bool:
        """Tell whether an EMR cluster takes steps still: one that idles for long ends itself.

        Args:
            cluster: As `region/id`.

        Raises:
            S3Error: AWS says no.
        """
        region, _, name = cluster.partition("/")
        with in_words(f"asking for cluster {name}"):
            status = self._emr(region).describe_cluster(ClusterId=name)["Cluster"]["Status"]
        return not str(status["State"]).startswith("TERMINAT")

    def _emr(self, region: str) -> Any:
        return self._session().client("emr", region_name=region)

    def _session(self) -> Any:
        import boto3

        with in_words("looking for credentials"):  # there may be no such profile
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


@contextlib.contextmanager
def in_words(what: str) -> Iterator[None]:
    """Turn botocore's errors into S3Error.

    Args:
        what: What was tried on what, as `reading s3://bucket/key`.
    """
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError
    from s3transfer.exceptions import RetriesExceededError, S3DownloadFailedError

    try:
        yield
    except S3DownloadFailedError as error:
        raise S3Error(f"{what}: {_WORDS['412']}") from error
    except RetriesExceededError as error:  # of a download, whose own error it hides
        raise S3Error(f"{what}: {_WORDS['BrokenOff']}") from error
    except NoCredentialsError as error:
        raise S3Error(f"{what}: {_WORDS['NoCredentials']}") from error
    except (BotoCoreError, Boto3Error, ClientError) as error:
        # an upload's error only quotes the service's, which it came from
        cause = error if isinstance(error, ClientError) else error.__context__
        words = _words_of(cause) if isinstance(cause, ClientError) else ""
        raise S3Error(f"{what}: {words or error}") from error


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


def _words_of(error: ClientError) -> str:
    """Return what the service's error code means; empty for a code that is not known here."""
    said: Mapping[str, Any] = error.response.get("Error", {})
    code = str(said.get("Code", ""))
    who = f" to {said[_WHO]}" if said.get(_WHO) else ""
    return _WORDS.get(_SAME_AS.get(code, code), "").format(who)


def _say_who(session: Any, parsed: dict[str, Any], **_: object) -> None:
    """Add to a refusal whom it concerns: the id of an access key is no secret."""
    if parsed.get("ResponseMetadata", {}).get("HTTPStatusCode") != _FORBIDDEN:
        return
    credentials = session.get_credentials()
    profile = f" of profile {session.profile_name}" if session.profile_name != "default" else ""
    who = f"access key {credentials.access_key}{profile}" if credentials else "nobody in particular"
    parsed.setdefault("Error", {})[_WHO] = who


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
    with in_words(f"reading {place.uri}"), only_unchanged(client, etags):
        for name in parts:
            client.download_file(place.bucket, keys[name], str(folder / name), Config=classic)
    return [folder / name for name in parts]


def remove_all(client: S3Client, place: Location) -> None:
    """Remove every object under a prefix."""
    remove(client, place.bucket, [item["Key"] for item in listed(client, place)])


def remove(client: S3Client, bucket: str, keys: Iterable[str]) -> None:
    """Remove objects of a bucket."""
    with in_words(f"removing objects of {SCHEME}{bucket}"):
        for key in keys:
            client.delete_object(Bucket=bucket, Key=key)


def listed(client: S3Client, place: Location) -> list[Any]:
    """Return what S3 says of every object under a prefix."""
    with in_words(f"listing {place.uri}"):
        pages = client.get_paginator("list_objects_v2").paginate(
            Bucket=place.bucket, Prefix=place.key
        )
        return [item for page in pages for item in page.get("Contents", [])]
