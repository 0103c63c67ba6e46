"""S3 through boto3: one client, bounded retries, and errors in words."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SCHEME = "s3://"
#: How often a request is tried, with growing and random pauses (boto3's standard mode).
MAX_ATTEMPTS = 6
_CONNECT_SECONDS = 10
_READ_SECONDS = 60

_WORDS = {
    "403": "access is denied (have the owner allow it, or use other credentials: --profile)",
    "404": "there is no such object",
    "412": "the object changed since it was listed (run again)",
    "NoSuchBucket": "there is no such bucket",
    "NoSuchKey": "there is no such object",
    "ExpiredToken": "the credentials have expired (log in again)",
    "InvalidAccessKeyId": "the access key is not known there",
    "SignatureDoesNotMatch": "the secret key does not fit the access key",
    "SlowDown": "the service asks to slow down, and did so until the last attempt",
}
_SAME_AS = {"AccessDenied": "403", "Forbidden": "403", "PreconditionFailed": "412"}


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

    def client(self) -> S3Client:
        """Return a client; boto3 is imported only now."""
        import boto3
        from botocore.config import Config

        session = boto3.Session(profile_name=self.profile)
        return session.client(
            "s3",
            endpoint_url=self.endpoint_url,
            config=Config(
                retries={"mode": "standard", "max_attempts": MAX_ATTEMPTS},
                connect_timeout=_CONNECT_SECONDS,
                read_timeout=_READ_SECONDS,
            ),
        )


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
    from botocore.exceptions import BotoCoreError, ClientError
    from s3transfer.exceptions import S3DownloadFailedError

    try:
        yield
    except S3DownloadFailedError as error:
        raise S3Error(f"{what}: {_WORDS['412']}") from error
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        words = _WORDS.get(_SAME_AS.get(code, code), str(error))
        raise S3Error(f"{what}: {words}") from error
    except (BotoCoreError, Boto3Error) as error:
        raise S3Error(f"{what}: {error}") from error


def download_parts(client: S3Client, place: Location, folder: Path) -> list[Path]:
    """Bring the part files of a finished job here.

    Raises:
        S3Error: There is no `_SUCCESS`, or S3 says no.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names = {key.rsplit("/", 1)[-1]: key for key in _keys(client, place)}
    if "_SUCCESS" not in names:
        raise S3Error(f"{place.uri}: expected _SUCCESS beside the parts, got none (run again)")
    parts = sorted(name for name in names if name.startswith("part-"))
    with in_words(f"reading {place.uri}"):
        for name in parts:
            client.download_file(place.bucket, names[name], str(folder / name))
    return [folder / name for name in parts]


def remove_all(client: S3Client, place: Location) -> None:
    """Remove every object under a prefix."""
    keys = _keys(client, place)
    with in_words(f"removing {place.uri}"):
        for key in keys:
            client.delete_object(Bucket=place.bucket, Key=key)


def _keys(client: S3Client, place: Location) -> list[str]:
    with in_words(f"listing {place.uri}"):
        pages = client.get_paginator("list_objects_v2").paginate(
            Bucket=place.bucket, Prefix=place.key
        )
        return [item["Key"] for page in pages for item in page.get("Contents", [])]
