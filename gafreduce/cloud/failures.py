"""Report errors in inputs: in the queue of failures, and by mail."""

from __future__ import annotations

import json
from collections.abc import Sequence

from gafreduce.cloud.events import NewObject
from gafreduce.cloud.settings import StartSettings
from gafreduce.storage.s3_errors import translate_errors

#: Limits of SNS.
_MOST_SUBJECT = 100


def report_failure(
    settings: StartSettings, found: NewObject, message: str, details: Sequence[str] = ()
) -> None:
    """Put a failure into the queue, and mail it.

    Args:
        settings: With the queue and the topic; without one, that is left out.
        found: The object of the event.
        message: The error.
        details: More lines.

    Raises:
        TransientError: A service failed.
    """
    import boto3

    content = {
        "sheet": found.sheet,
        "reason": message,
        "details": list(details),
        "correlation_id": found.correlation_id,
        "next": "upload what is missing or wrong: each new object beside the sheet tries again",
    }
    with translate_errors("reporting a failure"):
        if settings.failures:
            boto3.client("sqs").send_message(
                QueueUrl=settings.failures, MessageBody=json.dumps(content)
            )
        if settings.alarms:
            lines = [message, *details, "", f"sheet: {found.sheet}", content["next"]]
            boto3.client("sns").publish(
                TopicArn=settings.alarms,
                Subject=f"gafreduce: no run of {found.name}"[:_MOST_SUBJECT],
                Message="\n".join(map(str, lines)),
            )
