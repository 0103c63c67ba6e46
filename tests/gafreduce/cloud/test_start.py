"""The function `start`, with S3, SQS, SNS and Batch of moto; runs are made in this process."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from gafreduce.cloud import child, start
from gafreduce.cloud.batch import submit_once
from gafreduce.cloud.state import State
from gafreduce.errors import TransientError

BUCKET = "gafres"
FILES = ("Escherichia_coli_K_12-83333.gaf", "Bacillus_subtilis_168-224308.gaf")
SHEET = "path\torganism\n" + "".join(f"{name}\t{name[:8]}\n" for name in FILES)


class Context:
    """Of Lambda."""

    function_name = "start"
    memory_limit_in_mb = 3008
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:start"
    aws_request_id = "1"

    def __init__(self, seconds: float = 900) -> None:
        self.seconds = seconds

    def get_remaining_time_in_millis(self) -> float:
        return self.seconds * 1000


class Cloud:
    """A bucket, a queue of failures and the function."""

    def __init__(self, samples: Path) -> None:
        self.s3 = boto3.client("s3")
        self.sqs = boto3.client("sqs")
        self.samples = samples
        self.runs: list[tuple[str, ...]] = []
        self.n_events = 0
        self.s3.create_bucket(Bucket=BUCKET)
        self.s3.put_object(
            Bucket=BUCKET, Key="go.obo", Body=(samples / "go-samples.obo").read_bytes()
        )
        self.queue = self.sqs.create_queue(QueueName="failures")["QueueUrl"]

    def put(self, key: str, body: bytes | str | None = None) -> None:
        content = (self.samples / Path(key).name).read_bytes() if body is None else body
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=content)

    def tell(self, key: str, seconds: float = 900) -> dict[str, Any]:
        """Call the function with the event of an object."""
        self.n_events += 1
        detail = {"bucket": {"name": BUCKET}, "object": {"key": key}}
        event = {"id": f"event-{self.n_events}", "detail-type": "Object Created", "detail": detail}
        found: dict[str, Any] = start.handler(event, Context(seconds))
        return found

    def list_keys(self, prefix: str) -> list[str]:
        listed = self.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
        return [each["Key"] for each in listed]

    def manifests(self) -> list[str]:
        return [key for key in self.list_keys("results/") if key.endswith("MANIFEST.tsv")]

    def failures(self) -> list[dict[str, Any]]:
        found = self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10)
        return [json.loads(each["Body"]) for each in found.get("Messages", [])]


@pytest.fixture
def cloud(samples: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    from gafreduce.cli.main import main

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "t")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("GAFREDUCE_RESULTS", f"s3://{BUCKET}/results")
    monkeypatch.setenv("GAFREDUCE_STATE", f"s3://{BUCKET}/tmp/state")
    monkeypatch.setenv("GAFREDUCE_ONTOLOGY", f"s3://{BUCKET}/go.obo")
    monkeypatch.setenv("GAFREDUCE_OPTIONS", "--no-report --term GO:0009294")
    with mock_aws():
        found = Cloud(samples)
        monkeypatch.setenv("GAFREDUCE_FAILURES", found.queue)

        def run_here(words: tuple[str, ...], seconds: float, correlation_id: str) -> child.Ended:
            found.runs.append(words)
            monkeypatch.setenv("GAFREDUCE_CORRELATION_ID", correlation_id)
            code = main([*words])
            return child.Ended(code, "" if not code else "failed")

        monkeypatch.setattr(start, "run_in_time", run_here)
        yield found


def test_a_sheet_makes_one_run_whatever_the_events(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in FILES:
        cloud.put(f"in/two/{name}")
        assert cloud.tell(f"in/two/{name}")["status"] == "ignored"
    cloud.put("in/two/inputs.tsv", SHEET)
    capsys.readouterr()
    written = io.StringIO()
    before = start.logger.registered_handler.setStream(written)  # type: ignore[attr-defined]
    first = cloud.tell("in/two/inputs.tsv")
    start.logger.registered_handler.setStream(before)  # type: ignore[attr-defined]
    logged = [json.loads(line) for line in written.getvalue().splitlines()]
    printed = capsys.readouterr().out.splitlines()
    (measured,) = [json.loads(line) for line in printed if '"_aws"' in line]
    assert first["status"] == "published"
    assert first["results"] == f"s3://{BUCKET}/results/two/{first['run_id']}"
    n_lines = sum(len((cloud.samples / name).read_bytes().splitlines()) for name in FILES)
    assert (first["lines"], first["rejected"]) == (n_lines, 0)
    assert sum(first["verdicts"].values()) == 2
    assert cloud.manifests() == [f"results/two/{first['run_id']}/MANIFEST.tsv"]
    assert f"results/two/{first['run_id']}/extras/search.sqlite" in cloud.list_keys("results/")
    record = cloud.s3.get_object(Bucket=BUCKET, Key=f"results/two/{first['run_id']}/run.json")[
        "Body"
    ].read()
    assert json.loads(record)["correlation_id"] == "event-3"

    done = next(each for each in logged if each.get("message") == "done")
    assert (done["correlation_id"], done["status"]) == ("event-3", "published")
    assert measured["Lines"] == [n_lines]
    assert measured["Rejected"] == [0]

    again = cloud.tell("in/two/inputs.tsv")  # the same event once more
    assert (again["status"], again["run_id"]) == ("exists", first["run_id"])
    assert len(cloud.manifests()) == 1

    cloud.put("in/two/inputs.tsv", SHEET.replace("\tEscheric\n", "\tE. coli\n"))
    changed = cloud.tell("in/two/inputs.tsv")
    assert changed["status"] == "published"
    assert changed["run_id"] != first["run_id"], "other inputs, another run"
    assert len(cloud.manifests()) == 2


def test_a_missing_object_is_told_once_and_picked_up_when_it_comes(cloud: Cloud) -> None:
    cloud.put(f"in/two/{FILES[0]}")
    cloud.put("in/two/inputs.tsv", SHEET)
    found = cloud.tell("in/two/inputs.tsv")
    assert found["status"] == "waiting"
    (failure,) = cloud.failures()
    assert failure["sheet"] == f"s3://{BUCKET}/in/two/inputs.tsv"
    assert FILES[1] in failure["reason"]
    assert failure["correlation_id"] == "event-1"
    cloud.put("in/two/notes.txt", "nothing")
    assert cloud.tell("in/two/notes.txt")["status"] == "waiting"
    assert cloud.failures() == [], "the same words are told once"
    assert cloud.tell("in/other/a.gaf")["status"] == "ignored"
    cloud.put(f"in/two/{FILES[1]}")
    assert cloud.tell(f"in/two/{FILES[1]}")["status"] == "published"
    assert cloud.list_keys("tmp/state/") == []
    assert cloud.tell(f"in/two/{FILES[1]}")["status"] == "ignored"


def test_a_broken_file_waits(cloud: Cloud) -> None:
    cloud.put(f"in/two/{FILES[0]}")
    cloud.put(f"in/two/{FILES[1]}", b"<html>404</html>\n")
    cloud.put("in/two/inputs.tsv", SHEET)
    assert cloud.tell("in/two/inputs.tsv")["status"] == "waiting"
    (failure,) = cloud.failures()
    assert FILES[1] in failure["reason"]
    assert cloud.runs == []
    assert cloud.list_keys("tmp/state/"), "a note that the folder waits"


def test_an_object_that_comes_between_look_and_mark_is_not_missed(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.put(f"in/two/{FILES[0]}")
    cloud.put("in/two/inputs.tsv", SHEET)
    write = State.write

    def write_late(state: State, name: str, content: dict[str, Any]) -> None:
        cloud.put(f"in/two/{FILES[1]}")  # its own event finds no mark yet
        assert cloud.tell(f"in/two/{FILES[1]}")["status"] == "ignored"
        write(state, name, content)

    monkeypatch.setattr(State, "write", write_late)
    assert cloud.tell("in/two/inputs.tsv")["status"] == "published"
    assert cloud.failures() == []
    assert cloud.list_keys("tmp/state/") == []


@pytest.mark.parametrize(
    ("ended", "status"),
    [(child.Ended(3, "s3://x: expected to be alone, got another run publishing there"), "running")],
)
def test_two_at_once_make_one(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, ended: child.Ended, status: str
) -> None:
    for name in FILES:
        cloud.put(f"in/two/{name}")
    cloud.put("in/two/inputs.tsv", SHEET)
    monkeypatch.setattr(start, "run_in_time", lambda *_: ended)
    assert cloud.tell("in/two/inputs.tsv")["status"] == status
    monkeypatch.setattr(start, "run_in_time", lambda *_: child.Ended(3, "S3 is busy"))
    with pytest.raises(TransientError, match="S3 is busy"):  # Lambda tries again
        cloud.tell("in/two/inputs.tsv")


def test_what_is_too_large_goes_to_batch_or_is_refused(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in FILES:
        cloud.put(f"in/two/{name}")
    cloud.put("in/two/inputs.tsv", SHEET)
    monkeypatch.setenv("GAFREDUCE_MOST_BYTES", "1000")
    assert cloud.tell("in/two/inputs.tsv")["status"] == "waiting"
    (failure,) = cloud.failures()
    assert "expected inputs of at most 1,000 bytes" in failure["reason"]
    monkeypatch.setenv("GAFREDUCE_JOB_QUEUE", "large")
    monkeypatch.setenv("GAFREDUCE_JOB_DEFINITION", "gafreduce")
    jobs = Jobs()
    client = boto3.client
    monkeypatch.setattr(
        boto3, "client", lambda name, **more: jobs if name == "batch" else client(name, **more)
    )
    found = cloud.tell("in/two/inputs.tsv")
    assert (found["status"], found["job"], found["is_new"]) == ("submitted", "job-1", True)
    again = cloud.tell("in/two/inputs.tsv")
    assert (again["job"], again["is_new"]) == ("job-1", False)
    (job,) = jobs.submitted
    assert job["jobName"] == f"gafreduce-{found['run_id']}"
    command = job["containerOverrides"]["command"]
    assert command[:2] == ["run", f"s3://{BUCKET}/in/two/inputs.tsv"]
    assert command[-2:] == ["-r", "emr"]
    assert job["containerOverrides"]["resourceRequirements"] == [
        {"type": "VCPU", "value": "1"},
        {"type": "MEMORY", "value": "4096"},
    ]
    assert command[command.index("-o") + 1] == found["results"]
    assert cloud.runs == []


def test_too_little_time_is_no_reason_to_begin(cloud: Cloud) -> None:
    for name in FILES:
        cloud.put(f"in/two/{name}")
    cloud.put("in/two/inputs.tsv", SHEET)
    assert cloud.tell("in/two/inputs.tsv", seconds=31)["status"] == "waiting"
    assert cloud.runs == []


class Jobs:
    """The calls of Batch that are used."""

    def __init__(self) -> None:
        self.submitted: list[dict[str, Any]] = []
        self.status = "RUNNABLE"

    def submit_job(self, **request: Any) -> dict[str, str]:
        self.submitted.append(request)
        return {"jobId": f"job-{len(self.submitted)}"}

    def get_paginator(self, name: str) -> Jobs:
        assert name == "list_jobs"
        return self

    def paginate(self, jobQueue: str, filters: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:  # noqa: N803
        (wanted,) = filters[0]["values"]
        yield {
            "jobSummaryList": [
                {"jobId": f"job-{number}", "jobName": job["jobName"], "status": self.status}
                for number, job in enumerate(self.submitted, 1)
                if job["jobName"] == wanted
            ]
        }


def test_a_job_that_failed_may_be_submitted_again(cloud: Cloud) -> None:
    state, jobs = State(cloud.s3, f"s3://{BUCKET}/tmp/state"), Jobs()
    request = (jobs, state, "r1", ["run"], "q", "d", "c")
    assert submit_once(*request) == ("job-1", True)
    assert submit_once(*request) == ("job-1", False)
    jobs.status = "FAILED"
    assert submit_once(*request) == ("job-2", True)


def test_a_mark_without_a_job_is_another_events_for_two_minutes(cloud: Cloud) -> None:
    state, jobs = State(cloud.s3, f"s3://{BUCKET}/tmp/state"), Jobs()
    assert state.write_first("jobs/r1", {})
    with pytest.raises(TransientError, match="another event is submitting it"):
        submit_once(jobs, state, "r1", ["run"], "q", "d", "c")
    assert jobs.submitted == []
