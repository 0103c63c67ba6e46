"""Errors of S3: each becomes an S3Error with a message that names the cause and the way out."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from gafreduce.errors import TransientError

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

_FORBIDDEN = 403
#: The key of an error under which `add_identity` notes who was refused.
_WHO = "Who"

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


#: Error codes of requests for an object that does not exist.
_ABSENT = ("404", "NoSuchKey")


class S3Error(TransientError):
    """A request to S3 failed; the message says which and why in words."""


@contextlib.contextmanager
def translate_errors(what: str) -> Iterator[None]:
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
        words = _message_of(cause) if isinstance(cause, ClientError) else ""
        raise S3Error(f"{what}: {words or error}") from error


def is_absent(error: ClientError) -> bool:
    """Return whether a request failed because the object does not exist."""
    return error.response.get("Error", {}).get("Code") in _ABSENT


def _message_of(error: ClientError) -> str:
    """Return what the service's error code means; empty for a code that is not known here."""
    said: Mapping[str, Any] = error.response.get("Error", {})
    code = str(said.get("Code", ""))
    who = f" to {said[_WHO]}" if said.get(_WHO) else ""
    return _WORDS.get(_SAME_AS.get(code, code), "").format(who)


def add_identity(session: Any, parsed: dict[str, Any], **_: object) -> None:
    """Add to a refusal whom it concerns: the id of an access key is no secret."""
    if parsed.get("ResponseMetadata", {}).get("HTTPStatusCode") != _FORBIDDEN:
        return
    credentials = session.get_credentials()
    profile = f" of profile {session.profile_name}" if session.profile_name != "default" else ""
    who = f"access key {credentials.access_key}{profile}" if credentials else "nobody in particular"
    parsed.setdefault("Error", {})[_WHO] = who
