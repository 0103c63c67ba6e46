"""Record which calls of AWS are made in this process, and compare them with the policies of a role."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

import deploying
import pytest
from botocore.client import BaseClient

_S3_ACTIONS = {
    **dict.fromkeys(("HeadBucket", "ListObjectsV2"), "s3:ListBucket"),
    **dict.fromkeys(("GetObject", "HeadObject"), "s3:GetObject"),
    **dict.fromkeys(
        ("PutObject", "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"),
        "s3:PutObject",
    ),
    **dict.fromkeys(("DeleteObject", "DeleteObjects"), "s3:DeleteObject"),
}
#: Checked by AWS inside other calls, made by AWS itself, or needed when an upload breaks.
NOT_CALLED = {
    *("batch:TagResource", "kms:Decrypt", "kms:GenerateDataKey", "s3:AbortMultipartUpload"),
    *("logs:CreateLogStream", "logs:PutLogEvents"),
}


class RecordedCall(NamedTuple):
    """What a call asks for: an action, and resources each of which has to be allowed."""

    action: str
    resources: tuple[str, ...]
    prefix: str = ""  # of a listing


@contextmanager
def record_calls() -> Iterator[list[RecordedCall]]:
    """Record the calls of all clients of this process, also in other threads."""
    calls: list[RecordedCall] = []
    make = BaseClient._make_api_call  # type: ignore[attr-defined]

    def make_and_record(client: Any, operation: str, request: Mapping[str, Any]) -> Any:
        calls.append(_describe_call(client.meta.service_model.service_name, operation, request))
        return make(client, operation, request)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(BaseClient, "_make_api_call", make_and_record)
        yield calls


def _describe_call(service: str, operation: str, request: Mapping[str, Any]) -> RecordedCall:
    def name(of: str, rest: str) -> str:
        return f"arn:aws:{of}:{deploying.REGION}:{deploying.ACCOUNT}:{rest}"

    if service == "s3":
        bucket = f"arn:aws:s3:::{request['Bucket']}"
        keys = [each["Key"] for each in request.get("Delete", {}).get("Objects", ())]
        keys += [request["Key"]] if "Key" in request else []
        resources = tuple(f"{bucket}/{key}" for key in keys) or (bucket,)
        return RecordedCall(_S3_ACTIONS[operation], resources, request.get("Prefix", ""))
    if service == "glue":
        table = f"{request['DatabaseName']}/{request['TableName']}"
        parts = ("catalog", f"database/{request['DatabaseName']}", f"table/{table}")
        return RecordedCall(f"glue:{operation}", tuple(name("glue", each) for each in parts))
    if service == "sqs":
        queue = request["QueueUrl"].rpartition("/")[2]
        return RecordedCall(f"sqs:{operation}", (name("sqs", queue),))
    if service == "sns":
        return RecordedCall(f"sns:{operation}", (request["TopicArn"],))
    assert service == "batch", f"no role is expected to call {service}:{operation}"
    if operation == "ListJobs":
        return RecordedCall("batch:ListJobs", ("*",))
    names = (f"job-queue/{request['jobQueue']}", f"job-definition/{request['jobDefinition']}")
    return RecordedCall(f"batch:{operation}", tuple(name("batch", each) for each in names))


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def list_allowed(stack: deploying.Stack, role: str) -> list[dict[str, Any]]:
    """Return the statements of a role of a deployed stack."""
    policies = stack.properties(role)["Policies"]
    return [each for policy in policies for each in policy["PolicyDocument"]["Statement"]]


def check_allowed(
    statements: Iterable[Mapping[str, Any]], calls: Iterable[RecordedCall]
) -> set[tuple[str, str, str]]:
    """Check that every call is allowed; return what allows them: Sid, action and resource.

    Raises:
        AssertionError: A call is not allowed.
    """
    used = set[tuple[str, str, str]]()
    for call in set(calls):
        for resource in call.resources:
            allowing = {
                (each["Sid"], call.action, pattern)
                for each in statements
                for pattern in _as_list(each["Resource"])
                if call.action in each["Action"]
                and fnmatchcase(resource, pattern)
                and _has_prefix(each, call)
            }
            assert allowing, f"nothing allows {call.action} on {resource} {call.prefix}"
            used |= allowing
    return used


def _has_prefix(statement: Mapping[str, Any], call: RecordedCall) -> bool:
    patterns = statement.get("Condition", {}).get("StringLike", {}).get("s3:prefix", ["*"])
    return any(fnmatchcase(call.prefix, pattern) for pattern in patterns)


def list_unused(
    statements: Iterable[Mapping[str, Any]], used: set[tuple[str, str, str]]
) -> set[tuple[str, str, str]]:
    """Return what statements allow and no call needed, but for what no call can show."""
    granted = {
        (each["Sid"], action, pattern)
        for each in statements
        for action in each["Action"]
        for pattern in _as_list(each["Resource"])
        if action not in NOT_CALLED and not pattern.endswith(":job/*")
    }
    return granted - used
