"""Errors of S3: each becomes an S3Error with a message that names the cause and the remedy."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from gafreduce.errors import INPUT, TransientError

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

_FORBIDDEN = 403
#: The key of an error under which `add_identity` notes who was refused.
_WHO = "Who"

#: Messages by error code; {} is the user who was refused.
_MESSAGES = {
    "403": "access is denied{} (have the owner allow it, or use other credentials: --profile)",
    "404": "there is no such object",
    "412": "the object changed since it was listed (run again)",
    "NoSuchBucket": "there is no such bucket",
    "NoSuchKey": "there is no such object",
    "BrokenOff": "the connection broke off, at the last attempt too (run again)",
    "ExpiredToken": "the credentials have expired (log in again)",
    "InvalidAccessKeyId": "the service does not know the access key",
    "InvalidObjectState": "the object is archived (restore it, or copy it to a standard class)",
    "NoCredentials": "there are no credentials (aws configure, or name a --profile)",
    "NoRegion": "there is no region (set AWS_DEFAULT_REGION, or name a --profile that has one)",
    "PermanentRedirect": "the bucket is in another region (set AWS_DEFAULT_REGION)",
    "RequestTimeTooSkewed": "this machine's clock is wrong (set it)",
    "SignatureDoesNotMatch": "the secret key does not belong to the access key",
    "SlowDown": "the service asked to slow down, at the last attempt too (run again later)",
}
#: Other codes with the same meaning.
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
_NOT_FOUND = (*_ABSENT, "NoSuchBucket", "NotFound")


class S3Error(TransientError):
    """A request to S3 failed; the message names the request and the cause."""


class S3NotFoundError(S3Error):
    """There is no such bucket or object: trying again does not help."""

    exit_code = INPUT


class S3CredentialsError(S3Error):
    """There are no credentials, or no region: trying again does not help."""

    exit_code = INPUT


@contextlib.contextmanager
def translate_errors(action: str) -> Iterator[None]:
    """Turn errors of boto3 into S3Error in this block.

    Args:
        action: The request, as `reading s3://bucket/key`.
    """
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import (
        BotoCoreError,
        ClientError,
        NoCredentialsError,
        NoRegionError,
    )
    from s3transfer.exceptions import RetriesExceededError, S3DownloadFailedError

    try:
        yield
    except S3DownloadFailedError as error:
        raise S3Error(f"{action}: {_MESSAGES['412']}") from error
    except RetriesExceededError as error:  # of a download; it hides the last error
        raise S3Error(f"{action}: {_MESSAGES['BrokenOff']}") from error
    except NoCredentialsError as error:
        raise S3CredentialsError(f"{action}: {_MESSAGES['NoCredentials']}") from error
    except NoRegionError as error:
        raise S3CredentialsError(f"{action}: {_MESSAGES['NoRegion']}") from error
    except (BotoCoreError, Boto3Error, ClientError) as error:
        # the error of an upload only quotes the one of the service, which is its context
        cause = error if isinstance(error, ClientError) else error.__context__
        if not isinstance(cause, ClientError):
            raise S3Error(f"{action}: {error}") from error
        error_class = S3NotFoundError if _code_of(cause) in _NOT_FOUND else S3Error
        raise error_class(f"{action}: {_message_of(cause) or error}") from error


def is_absent(error: ClientError) -> bool:
    """Return whether a request failed because the object does not exist."""
    return _code_of(error) in _ABSENT


def _code_of(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _message_of(error: ClientError) -> str:
    """Return the message for an error code; empty for an unknown code."""
    details: Mapping[str, Any] = error.response.get("Error", {})
    code = _code_of(error)
    who = f" to {details[_WHO]}" if details.get(_WHO) else ""
    return _MESSAGES.get(_SAME_AS.get(code, code), "").format(who)


def add_identity(session: Any, parsed: dict[str, Any], **_: object) -> None:
    """Note in a 403 response who was refused; the id of an access key is not secret."""
    if parsed.get("ResponseMetadata", {}).get("HTTPStatusCode") != _FORBIDDEN:
        return
    credentials = session.get_credentials()
    profile = f" of profile {session.profile_name}" if session.profile_name != "default" else ""
    who = (
        f"access key {credentials.access_key}{profile}"
        if credentials
        else "anonymous (no credentials)"
    )
    parsed.setdefault("Error", {})[_WHO] = who
