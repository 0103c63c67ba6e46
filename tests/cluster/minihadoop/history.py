"""What Hadoop's history server tells of jobs that have ended.

What a fault did is seen there and nowhere else: a job that was disturbed and did its work again says
no more than one that nobody has disturbed.
"""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from minihadoop.configuration import LOOPBACK

SUCCEEDED = "SUCCEEDED"


@dataclass(frozen=True)
class Attempt:
    """One attempt of a task."""

    task: str
    state: str  # SUCCEEDED, FAILED or KILLED
    why: str  # what is said of its end


@dataclass(frozen=True)
class JobHistory:
    """One MapReduce job: what of it was done, and how often."""

    name: str
    n_masters: int  # ApplicationMasters, one after another
    n_maps: int  # tasks, so splits
    n_reduces: int
    maps: Sequence[Attempt]

    @property
    def in_vain(self) -> list[Attempt]:
        """Return the attempts of maps that did not succeed."""
        return [attempt for attempt in self.maps if attempt.state != SUCCEEDED]


def jobs(port: int, name: str) -> list[JobHistory]:
    """Return the jobs of this name, in the order in which they were submitted.

    Args:
        port: Of the history server's web application.
        name: `mapreduce.job.name`.
    """
    listed = _asked(port, "", "jobs", "job")
    found = sorted(
        (job for job in listed if job["name"] == name), key=lambda job: job["submitTime"]
    )
    return [_job(port, job) for job in found]


def _job(port: int, job: dict[str, Any]) -> JobHistory:
    place = f"/{job['id']}"
    tasks = [task["id"] for task in _asked(port, f"{place}/tasks?type=m", "tasks", "task")]
    maps = [
        Attempt(task, attempt["state"], attempt.get("diagnostics", ""))
        for task in tasks
        for attempt in _asked(port, f"{place}/tasks/{task}/attempts", "taskAttempts", "taskAttempt")
    ]
    masters = _asked(port, f"{place}/jobattempts", "jobAttempts", "jobAttempt")
    # The last one's number: one that died before it wrote its history is not listed.
    n_masters = max(int(master["id"]) for master in masters)
    return JobHistory(job["name"], n_masters, len(tasks), job["reducesTotal"], maps)


def _asked(port: int, place: str, outer: str, inner: str) -> list[dict[str, Any]]:
    url = f"http://{LOOPBACK}:{port}/ws/v1/history/mapreduce/jobs{place}"
    with urllib.request.urlopen(url, timeout=30) as answer:
        return list((json.loads(answer.read())[outer] or {}).get(inner, []))
