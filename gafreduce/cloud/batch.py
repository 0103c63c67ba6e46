"""Hand a run that does not fit into Lambda to AWS Batch: one job, whatever the number of events."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any, NamedTuple

from gafreduce.cloud.state import State
from gafreduce.errors import TransientError
from gafreduce.storage.s3_errors import translate_errors

#: A mark without a job that is older was left by a function that ended between the two.
_ORPHAN_SECONDS = 120
_ENDED_BADLY = "FAILED"


class Size(NamedTuple):
    """The size of a task of Fargate."""

    vcpu: int
    gigabytes: int


def submit_once(
    client: Any,
    state: State,
    run_id: str,
    words: Sequence[str],
    queue: str,
    definition: str,
    correlation_id: str,
    size: Size | None = None,
) -> tuple[str, bool]:
    """Submit the job of a run unless it was submitted before; return its id, and whether it is new.

    A job that failed may be submitted again.

    Args:
        client: Of boto3, for Batch.
        state: Where marks are kept.
        run_id: The id of the run, which names the job.
        words: The arguments of gafreduce.
        queue: The job queue.
        definition: The job definition.
        correlation_id: Of the event.
        size: Of the task; None for that of the definition.

    Raises:
        TransientError: Another function is submitting it, or a service failed.
    """
    mark, name = f"jobs/{run_id}", f"gafreduce-{run_id}"
    if not state.write_first(mark, {"correlation_id": correlation_id}):
        known = _find_job(client, queue, name)
        if known is not None:
            return known, False
        found = state.read(mark)
        if found is not None and _age(found["_modified"]) < _ORPHAN_SECONDS and not found.get("id"):
            raise TransientError(
                f"run {run_id}: expected its job in {queue}, got none yet: another event is "
                "submitting it (this event is tried again)"
            )
    overrides: dict[str, Any] = {
        "command": list(words),
        "environment": [{"name": "GAFREDUCE_CORRELATION_ID", "value": correlation_id}],
    }
    if size is not None:
        overrides["resourceRequirements"] = [
            {"type": "VCPU", "value": str(size.vcpu)},
            {"type": "MEMORY", "value": str(size.gigabytes * 1024)},
        ]
    with translate_errors(f"submitting the job {name}"):
        answer = client.submit_job(
            jobName=name,
            jobQueue=queue,
            jobDefinition=definition,
            containerOverrides=overrides,
            tags={"project": "gafreduce"},
            propagateTags=True,
        )
    job = str(answer["jobId"])
    state.write(mark, {"correlation_id": correlation_id, "id": job})
    return job, True


def _find_job(client: Any, queue: str, name: str) -> str | None:
    """Return the id of a job with this name that did not fail."""
    with translate_errors(f"listing the jobs of {queue}"):
        pages = client.get_paginator("list_jobs").paginate(
            jobQueue=queue, filters=[{"name": "JOB_NAME", "values": [name]}]
        )
        for page in pages:
            for job in page["jobSummaryList"]:
                if job.get("status") != _ENDED_BADLY:
                    return str(job["jobId"])
    return None


def _age(moment: datetime.datetime) -> float:
    return (datetime.datetime.now(datetime.UTC) - moment).total_seconds()
