"""The policies allow what runs on EMR and the doctor call, as recorded while they call it.

Every call is checked with what it is about: buckets and keys, clusters by their tags, roles by name.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from job_runs import GO_SAMPLES, Command, run_command
from minihadoop import processes
from minihadoop.cluster import ACCOUNT, Cluster
from minihadoop.configuration import REGION
from s3_fault_proxy import FaultProxy

POLICIES = Path(__file__).parents[2] / "infra" / "policies"
WAIT_SECONDS = 240
INTERRUPTED = 130
FILLED_IN = {
    "REGION": REGION,
    "ACCOUNT_ID": ACCOUNT,
    "INPUT_BUCKET": "samples",
    "RESULTS_BUCKET": "results",
    "KEY_ID": "0",
}
# What an S3 request asks for: by method, whether it names a key, and the words of its query that
# make it another operation. What is not here, policies do not know, and no run may ask for it.
S3_ACTIONS = {
    ("HEAD", "bucket", ""): "s3:ListBucket",
    ("GET", "bucket", ""): "s3:ListBucket",
    ("GET", "bucket", "list-type"): "s3:ListBucket",
    ("GET", "bucket", "location"): "s3:GetBucketLocation",
    ("POST", "bucket", "delete"): "s3:DeleteObject",
    ("HEAD", "key", ""): "s3:GetObject",
    ("GET", "key", ""): "s3:GetObject",
    ("PUT", "key", ""): "s3:PutObject",
    ("PUT", "key", "partNumber uploadId"): "s3:PutObject",
    ("POST", "key", "uploads"): "s3:PutObject",
    ("POST", "key", "uploadId"): "s3:PutObject",
    ("DELETE", "key", ""): "s3:DeleteObject",
    ("DELETE", "key", "uploadId"): "s3:AbortMultipartUpload",
}
# What only narrows an answer down, or is there for logs.
NO_OPERATION = {
    *("continuation-token", "delimiter", "encoding-type", "fetch-owner", "max-keys", "prefix"),
    *("marker", "start-after", "x-id"),
}
# Checked by AWS inside other calls, or needed when an upload breaks: infra/README.md.
NOT_CALLED_HERE = {
    "elasticmapreduce:PutAutoTerminationPolicy",
    "iam:PassRole",
    "kms:Decrypt",
    "kms:GenerateDataKey",
    "s3:AbortMultipartUpload",
}


@dataclass(frozen=True)
class Call:
    """An action, the resource that it is about, and the tags of that."""

    action: str
    resource: str
    tags: Mapping[str, str] = field(default_factory=dict, hash=False)


def s3_call(method: str, path: str) -> Call:
    """Return what a path-style S3 request asks for.

    Raises:
        AssertionError: It is none that a run or the doctor has to make.
    """
    parts = urlsplit(path)
    words = parse_qs(parts.query, keep_blank_values=True).keys() - NO_OPERATION
    bucket, _, key = unquote(parts.path).removeprefix("/").partition("/")
    asked = (method, "key" if key else "bucket", " ".join(sorted(words)))
    assert bucket, f"{method} {path}: no run lists buckets"
    assert asked in S3_ACTIONS, f"{method} {path}: no run asks for this"
    action = S3_ACTIONS[asked]
    of_objects = key or action == "s3:DeleteObject"
    return Call(action, f"arn:aws:s3:::{bucket}" + (f"/{key}" if of_objects else ""))


def control_call(operation: str, name: str, tags: Mapping[str, Mapping[str, str]]) -> Call:
    """Return what a call of EMR, IAM or EC2 asks for; AWS names actions as its calls."""
    service = operation.partition(":")[0]
    if service == "elasticmapreduce" and name:
        arn = f"arn:aws:elasticmapreduce:{REGION}:{ACCOUNT}:cluster/{name}"
        return Call(operation, arn, tags[name])
    if service == "iam":
        kind = "instance-profile" if "InstanceProfile" in operation else "role"
        return Call(operation, f"arn:aws:iam::{ACCOUNT}:{kind}/{name}")
    # a cluster that is being created has no name yet: its tags are in the request
    created = [each for each in tags.values() if operation.endswith(":RunJobFlow")]
    assert all(each == created[0] for each in created)
    return Call(operation, "*", created[0] if created else {})


def statements(policy: str) -> list[dict[str, Any]]:
    """Return a policy's statements, with the names of this cluster filled in."""
    text = (POLICIES / f"{policy}.json").read_text()
    for name, value in FILLED_IN.items():
        text = text.replace(name, value)
    return list(json.loads(text)["Statement"])


def allows(statement: dict[str, Any], call: Call) -> bool:
    """Tell whether a statement allows a call."""
    resources = statement["Resource"]
    resources = [resources] if isinstance(resources, str) else resources
    conditions = statement.get("Condition", {}).get("StringEquals", {})
    return (
        call.action in statement["Action"]
        and any(fnmatchcase(call.resource, resource) for resource in resources)
        and all(
            call.tags.get(name.partition("Tag/")[2]) == value for name, value in conditions.items()
        )
    )


def check_covers(policy: str, calls: Iterable[Call]) -> None:
    """Check that a policy allows every call, and that each of its lines allows one."""
    found, used = statements(policy), set[tuple[str, str]]()
    for call in calls:
        allowing = [each for each in found if allows(each, call)]
        assert allowing, f"{policy}.json does not allow {call}"
        used |= {(each["Sid"], call.action) for each in allowing}
    granted = {(each["Sid"], action) for each in found for action in each["Action"]}
    unused = {(sid, action) for sid, action in granted - used if action not in NOT_CALLED_HERE}
    assert unused == set(), f"nobody needs this of {policy}.json"
    assert not {action for _, action in used} & NOT_CALLED_HERE


@dataclass
class Recorded:
    """What is called while something runs, at EMR, IAM and EC2 and, through a proxy, at S3."""

    command: Command
    cluster: Cluster
    conf: Path
    inputs: str

    def calls(self, proxy: FaultProxy, before: int) -> set[Call]:
        """Return what was called since a moment."""
        tags = self.cluster.control("tags")
        called = {control_call(*call, tags) for call in self.cluster.control("calls")[before:]}
        return called | {s3_call(*request) for request in proxy.requests}

    def n_calls(self) -> int:
        return len(self.cluster.control("calls"))

    def asked(self, name: str, report: bool) -> list[str | Path]:
        output = f"s3://results/results/policy-{name}/"
        return run_command("emr", self.inputs, output=output, conf=self.conf, report=report)

    def run(self, name: str, through: dict[str, str], report: bool = False) -> int:
        done = self.command.run(self.asked(name, report), through)
        assert "Traceback" not in done.stderr
        return done.returncode

    def run_interrupted(self, through: dict[str, str]) -> int:
        """Begin a run and interrupt it while a step runs."""
        before = self.cluster.control("steps").keys()
        with self.command.started(self.asked("interrupted", report=False), through) as process:
            deadline = time.monotonic() + WAIT_SECONDS
            while not self._a_step_runs(before):
                assert process.poll() is None, process.communicate()[1]
                assert time.monotonic() < deadline, "no step ran"
                time.sleep(processes.POLL_SECONDS)
            os.killpg(process.pid, signal.SIGINT)
            process.communicate(timeout=WAIT_SECONDS)
            return int(process.returncode)

    def _a_step_runs(self, before: Iterable[str]) -> bool:
        steps = self.cluster.control("steps")
        return any("RUNNING" in states for name, states in steps.items() if name not in before)


@pytest.fixture
def recorded(command: Command, cluster: Cluster, mrjob_conf: Path, samples_in_s3: str) -> Recorded:
    return Recorded(command, cluster, mrjob_conf, samples_in_s3)


@pytest.mark.faults
def test_submitter_may_do_what_runs_call_and_nothing_else(
    recorded: Recorded, cluster: Cluster
) -> None:
    """A success with a report, a failure and an interrupt together."""
    before = recorded.n_calls()
    failure = {"code": "STEP_FAILURE", "message": "No space left on device", "times": 1}
    with FaultProxy(cluster.ports.s3) as proxy:
        through = {"AWS_ENDPOINT_URL_S3": proxy.endpoint}
        assert recorded.run("good", through, report=True) == 0
        cluster.control("faults", {"step": failure})
        assert recorded.run("failed", through) == 1
        assert recorded.run_interrupted(through) == INTERRUPTED
        check_covers("submitter", recorded.calls(proxy, before))


@pytest.mark.faults
def test_doctor_may_do_what_it_calls_and_nothing_else(recorded: Recorded, cluster: Cluster) -> None:
    before = recorded.n_calls()
    with FaultProxy(cluster.ports.s3) as proxy:
        outputs = ["s3://results/results/doctor/", ""]  # named, or mrjob.conf's temporary prefix
        for output in outputs:
            done = recorded.command.run(
                [
                    *(sys.executable, "-W", "ignore", "-m", "gafreduce", "doctor", "emr"),
                    *(recorded.inputs, "--conf", recorded.conf, "--ontology", GO_SAMPLES),
                    *(("--output", output) if output else ()),
                ],
                {"AWS_ENDPOINT_URL_S3": proxy.endpoint},
            )
            assert done.returncode == 0, done.stdout + done.stderr
        check_covers("doctor", recorded.calls(proxy, before))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),  # list all buckets
        ("PUT", "/results"),  # create one
        ("DELETE", "/results"),
        ("GET", "/results?policy"),
        ("PUT", "/results/results/a?acl"),
        ("GET", "/results?uploads"),
    ],
)
def test_requests_that_no_run_has_to_make_are_not_taken_for_others(method: str, path: str) -> None:
    with pytest.raises(AssertionError, match="no run"):
        s3_call(method, path)


def test_policy_is_about_its_own_buckets_and_clusters() -> None:
    (mine,) = [each for each in statements("submitter") if each["Sid"].startswith("ReadAndWrite")]
    assert allows(mine, s3_call("PUT", "/results/results/run/run.json"))
    assert not allows(mine, s3_call("PUT", "/results/logs/a"))
    assert not allows(mine, s3_call("PUT", "/samples/results/a"))
    (drive,) = [each for each in statements("submitter") if each["Sid"].startswith("Drive")]
    terminate = ("elasticmapreduce:TerminateJobFlows", "j-1")
    assert allows(drive, control_call(*terminate, {"j-1": {"project": "gafreduce"}}))
    assert not allows(drive, control_call(*terminate, {"j-1": {}}))
