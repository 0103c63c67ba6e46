"""Tests of the diagnosis of failed cluster jobs."""

from __future__ import annotations

import gzip
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gafreduce.diagnosis import diagnose, task_logs
from gafreduce.diagnosis.task_logs import TaskFailure
from gafreduce.errors import GafreduceError, InputError, TransientError
from gafreduce.inputs.download import JobInput
from gafreduce.inputs.listed_input import ListedInput
from gafreduce.storage import s3
from gafreduce.storage.base import Identity
from gafreduce.storage.s3 import Location

TIME = "2026-11-24 18:41:46,928"
LINES = [b"!gaf-version: 2.1\n", *(b"line %d\n" % number for number in range(5000))]


def task(uri: str, failure: str = "", thread: str = "main") -> list[str]:
    lines = [
        f"{TIME} INFO [{thread}] org.apache.hadoop.mapred.MapTask: Processing split: {uri}:0+1500",
        f"{TIME} INFO [{thread}] org.apache.hadoop.mapred.Task: Task 'attempt_1_0001_m_0_0' done.",
    ]
    if failure:
        where = (
            "YarnChild: Exception running child"
            if thread == "main"
            else "LocalContainerLauncher: Exception running local (uberized) 'child'"
        )
        lines[1:] = [
            f"{TIME} WARN [{thread}] org.apache.hadoop.mapred.{where} : {failure}",
            "\tat org.apache.hadoop.io.compress.DecompressorStream.read(DecompressorStream.java:1)",
        ]
    return lines


def container(number: int, *tasks: list[str], stderr: str = "") -> list[str]:
    head = f"Container: container_1_0001_01_{number:06d} on node_1"
    log = [head, "LogType:syslog", *(line for each in tasks for line in each)]
    return [*([head, "LogType:stderr", *stderr.splitlines()] if stderr else []), *log]


def words(lines: list[str]) -> str:
    return text(diagnose.explain_logs(task_logs.read_logs(lines), INPUTS)[1])


def text(error: GafreduceError | None) -> str:
    return "" if error is None else str(error)


def message_on_hadoop(*arguments: Any) -> str:
    return text(diagnose.diagnose_on_hadoop(*arguments))


def message_on_emr(*arguments: Any) -> str:
    return text(diagnose.diagnose_on_emr(*arguments))


def place(uri: str, as_read: str, compression: str = "gzip") -> JobInput:
    listed = ListedInput(uri, uri.rpartition("/")[2], "gaf", compression, Identity(10))
    return JobInput(listed, as_read, compression, 10)


INPUTS = [
    place("/data/a.gaf.gz", "hdfs:///tmp/x/in/000000.gaf.gz"),
    place("/data/b.gaf", "hdfs:///tmp/x/in/000001.gaf", "plain"),
]
PUT = "hdfs://name:9000/tmp/x/in/"
EOF_FAILURE = "java.io.EOFException: Unexpected end of input stream"


def test_the_input_is_the_split_before_the_failure() -> None:
    lines = [
        *container(1, ["INFO started"]),
        *container(2, task(f"{PUT}000001.gaf")),
        *container(3, task(f"{PUT}000000.gaf.gz", EOF_FAILURE)),
        *container(4, task(f"{PUT}000001.gaf", "java.lang.InterruptedException")),
    ]
    *_, summary = task_logs.read_logs(lines)
    assert summary.has_task_logs
    assert summary.failures[0] == TaskFailure(
        "container_1_0001_01_000003",
        f"{PUT}000000.gaf.gz",
        "EOFException",
        "Unexpected end of input stream",
    )
    assert words(lines) == (
        "/data/a.gaf.gz: expected a whole gzip file, got a damaged one "
        "(Unexpected end of input stream; get it again)"
    )


def test_one_log_has_all_tasks_in_uber_mode() -> None:
    uber = "uber-SubtaskRunner"
    lines = container(
        1,
        task(f"{PUT}000001.gaf", thread=uber),
        task(f"{PUT}000000.gaf.gz", "java.io.IOException: not a gzip file", uber),
    )
    assert "/data/a.gaf.gz: expected a whole gzip file" in words(lines)


@pytest.mark.parametrize(
    "failure",
    [
        "java.util.zip.ZipException: anything",
        "java.io.IOException: gzip stream CRC failure",
        "java.io.IOException: invalid stored block lengths",
        "java.io.IOException: bad block header",
    ],
)
def test_messages_of_decompressors_mean_damage_of_compressed_inputs_only(failure: str) -> None:
    packed = container(1, task(f"{PUT}000000.gaf.gz", failure))
    assert words(packed).startswith("/data/a.gaf.gz: expected a whole gzip file, got a damaged one")
    plain = container(1, task(f"{PUT}000001.gaf", failure))
    assert words(plain).startswith("the job failed: a task that read /data/b.gaf ended with ")


PIPE = "java.lang.RuntimeException: PipeMapRed.waitOutputThreads(): subprocess failed with code "


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        ("java.io.IOException: No space left on device", "No space left on device"),
        (
            "java.io.IOException: Stream closed",
            "that read /data/a.gaf.gz ended with IOException: S",
        ),
        (f"{PIPE}1", "a task that read /data/a.gaf.gz ended with RuntimeException: PipeMapRed"),
        (
            f"{PIPE}137",
            "a task was killed (exit code 137), usually because its node ran out of memory",
        ),
        (f"{PIPE}143", "a task was terminated from outside (exit code 143)"),
        ("java.lang.OutOfMemoryError: Java heap space", "Java had too little memory in a task"),
    ],
)
def test_other_failures_are_not_the_inputs_fault(failure: str, expected: str) -> None:
    found = words(container(1, task(f"{PUT}000000.gaf.gz", failure)))
    assert found.startswith("the job failed: ")
    assert expected in found
    assert "expected" not in found


def test_an_unreadable_or_lost_input_is_named() -> None:
    denied = f"java.nio.file.AccessDeniedException: {PUT}000001.gaf: getFileStatus: Forbidden"
    assert words(container(1, task(f"{PUT}000001.gaf", denied))).startswith(
        "/data/b.gaf: the cluster is not allowed to read it: AccessDeniedException: "
    )
    elsewhere = "java.nio.file.AccessDeniedException: s3a://out/part-00000: Forbidden"
    assert words(container(1, task(f"{PUT}000001.gaf", elsewhere))).startswith("the job failed: ")
    lost = "org.apache.hadoop.hdfs.BlockMissingException: Could not obtain block: BP-1"
    assert "hdfs fsck" in words(container(1, task(f"{PUT}000001.gaf", lost)))


TRACEBACK = """+ exec
Traceback (most recent call last):
  File "annotation_profile.py", line 1, in <module>
    from gafreduce import jobs
ModuleNotFoundError: No module named 'jobs'
"""


def test_a_python_error_is_reported_with_the_input() -> None:
    other = container(1, task(f"{PUT}000000.gaf.gz", f"{PIPE}143"))
    lines = [*other, *container(2, task(f"{PUT}000001.gaf", f"{PIPE}1"), stderr=TRACEBACK)]
    assert words(lines) == (
        "the job failed: a task that read /data/b.gaf ended with "
        "ModuleNotFoundError: No module named 'jobs'"
    )
    fatal = "Fatal Python error: init_fs_encoding: failed to get the Python codec"
    lines = container(2, task(f"{PUT}000001.gaf", f"{PIPE}1"), stderr=fatal)
    assert f"ended with {fatal}" in words(lines)


def test_a_python_error_can_be_a_full_disk() -> None:
    full = TRACEBACK.replace(
        "ModuleNotFoundError: No module named 'jobs'", "OSError: [Errno 28] No s"
    )
    full = full.replace("No s\n", "No space left on device\n")
    lines = container(2, task(f"{PUT}000001.gaf", f"{PIPE}1"), stderr=full)
    assert words(lines).startswith("the job failed: a node's disk for temporary files of tasks")


def test_a_cause_in_any_log_precedes_a_killed_task() -> None:
    lines = [
        *container(1, task(f"{PUT}000001.gaf", f"{PIPE}143")),
        *container(
            2, ["org.apache.hadoop.fs.FSError: java.io.IOException: No space left on device"]
        ),
    ]
    assert "No space left on device" in words(lines)
    # but damage counts more: it is there whatever the disk
    damaged = container(3, task(f"{PUT}000000.gaf.gz", EOF_FAILURE))
    assert words([*lines, *damaged]).startswith("/data/a.gaf.gz: expected a whole gzip file")


def test_a_failed_reducer_is_not_an_inputs_fault() -> None:
    lines = [
        *container(1, task(f"{PUT}000001.gaf")),
        *container(2, task("x", "java.lang.RuntimeException")[1:]),
    ]
    assert diagnose.explain_logs(task_logs.read_logs(lines), INPUTS) == (True, None)
    assert diagnose.explain_logs(task_logs.read_logs(container(1, ["nothing"])), INPUTS) == (
        False,
        None,
    )
    lines += container(3, [], stderr=TRACEBACK)
    assert words(lines) == (
        "the job failed: a task ended with ModuleNotFoundError: No module named 'jobs'"
    )


@pytest.fixture
def yarn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file that `yarn logs` prints."""
    logs = tmp_path / "logs"
    logs.write_text("")
    for name in ("hadoop", "yarn"):
        binary = tmp_path / "bin" / name
        binary.parent.mkdir(exist_ok=True)
        binary.write_text(f'#!/bin/sh\necho "$*" >> {tmp_path}/calls\ncat {logs}\n')
        binary.chmod(0o755)
    monkeypatch.setenv("HADOOP_HOME", str(tmp_path))
    monkeypatch.setattr(diagnose, "_YARN_SECONDS", 0)
    return logs


def test_the_log_of_the_application_is_read_on_hadoop(yarn: Path, tmp_path: Path) -> None:
    yarn.write_text("\n".join(container(1, task(f"{PUT}000000.gaf.gz", EOF_FAILURE))))
    found = message_on_hadoop([], "application_1_0002", INPUTS, s3.Access(), tmp_path)
    assert found.startswith("/data/a.gaf.gz: expected a whole gzip file")
    calls = (tmp_path / "calls").read_text()
    assert calls == "logs -applicationId application_1_0002 -log_files stderr,syslog\n"
    assert message_on_hadoop([], "", INPUTS, s3.Access(), tmp_path) == ""


def test_messages_of_the_client_need_no_log(yarn: Path, tmp_path: Path) -> None:
    messages = (
        "Task Id : attempt_1_0001_m_000000_0, Status : FAILED\nError: No space left on device",
    )
    found = message_on_hadoop(messages, "application_1_0001", INPUTS, s3.Access(), tmp_path)
    assert found.startswith("the job failed: a node's disk")
    assert not (tmp_path / "calls").exists()


def test_compressed_inputs_are_read_again_without_a_log(yarn: Path, tmp_path: Path) -> None:
    whole = gzip.compress(b"".join(LINES))
    good, bad = tmp_path / "good.gaf.gz", tmp_path / "bad.gaf.gz"
    good.write_bytes(whole)
    bad.write_bytes(whole[: len(whole) // 2])
    inputs = [place(str(path), "hdfs:///x") for path in (good, bad)]
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    found = message_on_hadoop([], "application_1_0001", inputs, s3.Access(), scratch)
    assert found == f"{bad}: expected a whole gzip file, got one cut short (get the file again)"
    assert (tmp_path / "calls").read_text().count("logs") == 4
    assert message_on_hadoop([], "application_1_0001", inputs[:1], s3.Access(), scratch) == ""
    assert list(scratch.iterdir()) == []
    bad.unlink()
    assert f"{bad}: expected to read it" in message_on_hadoop([], "a", inputs, s3.Access(), scratch)


@pytest.fixture
def bucket(s3_client: Any) -> Any:
    s3_client.create_bucket(Bucket="runs")
    return s3_client


def test_logs_are_read_from_s3_on_emr(bucket: Any, tmp_path: Path) -> None:
    text = "\n".join(task("s3://gaf/in/a.gaf.gz", "java.io.IOException: gzip stream CRC failure"))
    base = "logs/j-1/containers/application_1_0001/container_1_0001_01_00000"
    bucket.put_object(Bucket="runs", Key=f"{base}1/stderr.gz", Body=gzip.compress(b"x"))
    bucket.put_object(Bucket="runs", Key=f"{base}2/syslog.gz", Body=gzip.compress(text.encode()))
    inputs = [place("s3://gaf/in/a.gaf.gz", "s3://gaf/in/a.gaf.gz")]
    found = message_on_emr("j-1", Location("runs", "logs/"), inputs, s3.Access(), tmp_path)
    assert found == (
        "s3://gaf/in/a.gaf.gz: expected a whole gzip file, got a damaged one "
        "(gzip stream CRC failure; get it again)"
    )


def test_objects_are_read_again_without_logs_on_emr(bucket: Any, tmp_path: Path) -> None:
    bucket.put_object(Bucket="runs", Key="in/a.gaf.gz", Body=gzip.compress(b"x")[:10])
    inputs = [place("s3://runs/in/a.gaf.gz", "s3://runs/in/a.gaf.gz")]
    found = message_on_emr("j-1", Location("runs", "logs/"), inputs, s3.Access(), tmp_path, 0)
    assert found.startswith("s3://runs/in/a.gaf.gz: expected a whole gzip file, got one cut short")


def test_large_inputs_are_not_read_again(
    yarn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(diagnose, "_REREAD_BYTES", 5)
    assert message_on_hadoop([], "application_1_0001", INPUTS, s3.Access(), tmp_path) == ""
    assert "the cause of the failure is not known" in caplog.text


def test_the_log_of_a_step_precedes_those_of_containers_on_emr(bucket: Any, tmp_path: Path) -> None:
    log = (
        f"{TIME} INFO org.apache.hadoop.mapreduce.Job (main): Task Id : "
        "attempt_1_0001_m_000000_0, Status : FAILED\nError: java.io.IOException: No space left on "
        f"device\n{TIME} INFO org.apache.hadoop.mapreduce.Job (main): Job job_1_0001 failed with "
        "state FAILED due to: Task failed task_1_0001_m_000000\n"
    )
    key = "logs/j-1/steps/s-1/syslog.gz"
    bucket.put_object(Bucket="runs", Key=key, Body=gzip.compress(log.encode()))
    found = message_on_emr("j-1", Location("runs", "logs/"), INPUTS, s3.Access(), tmp_path)
    assert found.startswith("the job failed: a node's disk for temporary files of tasks is full")


REFUSED = "getFileStatus on s3://in/a.gaf: (Service: S3, Status Code: 503)"


@pytest.mark.parametrize(
    "message",
    [
        f"{TIME} ERROR org.apache.hadoop.streaming.StreamJob (main): {REFUSED}",
        f"{TIME} ERROR streaming.StreamJob: {REFUSED}",
        f'Exception in thread "main" {REFUSED}',
    ],
)
def test_a_step_without_tasks_is_explained_by_its_own_error(
    bucket: Any, tmp_path: Path, message: str
) -> None:
    log = (
        f"{TIME} INFO org.apache.hadoop.mapreduce.JobSubmitter (main): Cleaning up\n"
        f"{message}\n\tat Main\n"
        f"{TIME} INFO org.apache.hadoop.util.ShutdownHook (main): ended\n"
    )
    key = "logs/j-1/steps/s-1/syslog.gz"
    bucket.put_object(Bucket="runs", Key=key, Body=gzip.compress(log.encode()))
    logs = Location("runs", "logs/")
    plain = [each for each in INPUTS if each.compression == "plain"]
    found = message_on_emr("j-1", logs, plain, s3.Access(), tmp_path, 0)
    assert found == f"the job failed: {REFUSED} (cluster j-1)"


def test_waiting_for_logs_on_emr_is_bounded_and_logged(
    bucket: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    now = [0.0]

    def wait(n_seconds: float) -> None:
        now[0] += n_seconds

    # of this module only: other threads, such as the watch of silent endpoints, keep the real clock
    clock = SimpleNamespace(sleep=wait, monotonic=lambda: now[0])
    monkeypatch.setattr(diagnose, "time", clock)
    logs = Location("runs", "logs/")
    master = "logs/j-1/containers/application_1_0001/container_1_0001_01_000001/syslog.gz"
    bucket.put_object(Bucket="runs", Key=master, Body=gzip.compress(b"INFO started"))
    assert message_on_emr("j-1", logs, INPUTS[1:], s3.Access(), tmp_path, 25.0) == ""
    assert now[0] == 25.0
    logged = [text for text in caplog.messages if text.startswith("waiting for the logs of tasks")]
    assert [text.rpartition(", ")[2] for text in logged] == [
        "at most 25 s more",
        "at most 15 s more",
        "at most 5 s more",
    ]
    assert diagnose._EMR_SECONDS <= 120


@pytest.mark.parametrize(
    ("failure", "kind"), [(EOF_FAILURE, InputError), (f"{PIPE}137", TransientError)]
)
def test_only_a_fault_of_an_input_is_an_input_error(
    failure: str, kind: type[GafreduceError]
) -> None:
    lines = container(1, task(f"{PUT}000000.gaf.gz", failure))
    assert type(diagnose.explain_logs(task_logs.read_logs(lines), INPUTS)[1]) is kind
