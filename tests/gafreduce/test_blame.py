"""The input that a cluster's job stumbled over is named: from the log, or by reading again."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from gafreduce import blame, s3
from gafreduce.blame import Stumble
from gafreduce.fetch import Fetched
from gafreduce.inputs import ListedInput
from gafreduce.s3 import Location

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


def container(number: int, *tasks: list[str]) -> list[str]:
    head = f"Container: container_1_0001_01_{number:06d} on node_1"
    return [head, "LogType:syslog", *(line for each in tasks for line in each)]


def place(uri: str, as_read: str, compression: str = "gzip") -> Fetched:
    listed = ListedInput(uri, uri.rpartition("/")[2], "gaf", compression, 10)
    return Fetched(listed, as_read, compression, 10)


INPUTS = [
    place("/data/a.gaf.gz", "hdfs:///tmp/x/in/000000.gaf.gz"),
    place("/data/b.gaf", "hdfs:///tmp/x/in/000001.gaf", "plain"),
]
PUT = "hdfs://name:9000/tmp/x/in/"
EOF_FAILURE = "java.io.EOFException: Unexpected end of input stream"


def test_the_split_before_the_failure_is_the_one() -> None:
    lines = [
        *container(1, ["INFO started"]),
        *container(2, task(f"{PUT}000001.gaf")),
        *container(3, task(f"{PUT}000000.gaf.gz", EOF_FAILURE)),
        *container(4, task(f"{PUT}000001.gaf", "java.lang.InterruptedException")),
    ]
    is_there, found = blame.stumble(lines)
    assert is_there
    assert found == Stumble(f"{PUT}000000.gaf.gz", "EOFException", "Unexpected end of input stream")
    assert blame.words_for(found, INPUTS) == (
        "/data/a.gaf.gz: expected a whole gzip file, got a damaged one "
        "(Unexpected end of input stream; get it again)"
    )


def test_in_uber_mode_one_log_has_all_tasks() -> None:
    uber = "uber-SubtaskRunner"
    lines = container(
        1,
        task(f"{PUT}000001.gaf", thread=uber),
        task(f"{PUT}000000.gaf.gz", "java.io.IOException: not a gzip file", uber),
    )
    _, found = blame.stumble(lines)
    assert found is not None
    assert "/data/a.gaf.gz: expected a whole gzip file" in blame.words_for(found, INPUTS)


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (
            "java.lang.RuntimeException: PipeMapRed.waitOutputThreads(): subprocess failed with 1",
            "the task that did failed (RuntimeException: PipeMapRed.waitOutputThreads(): sub",
        ),
        ("java.nio.file.AccessDeniedException: s3a://x: 403", "(AccessDeniedException: s3a://x"),
        ("java.lang.OutOfMemoryError", "the task that did failed (OutOfMemoryError)"),
    ],
)
def test_other_failures_are_said_as_they_are(failure: str, said: str) -> None:
    _, found = blame.stumble(container(1, task(f"{PUT}000001.gaf", failure)))
    assert found is not None
    words = blame.words_for(found, INPUTS)
    assert words.startswith("/data/b.gaf: expected to read it, but ")
    assert said in words


def test_a_reducer_that_fails_is_no_inputs_fault() -> None:
    lines = [
        *container(1, task(f"{PUT}000001.gaf")),
        *container(2, task("x", "java.lang.RuntimeException")[1:]),
    ]
    assert blame.stumble(lines) == (True, None)
    assert blame.stumble(container(1, ["nothing"])) == (False, None)


@pytest.fixture
def yarn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file whose lines `yarn logs` prints."""
    said = tmp_path / "said"
    said.write_text("")
    for name in ("hadoop", "yarn"):
        binary = tmp_path / "bin" / name
        binary.parent.mkdir(exist_ok=True)
        binary.write_text(f'#!/bin/sh\necho "$*" >> {tmp_path}/asked\ncat {said}\n')
        binary.chmod(0o755)
    monkeypatch.setenv("HADOOP_HOME", str(tmp_path))
    monkeypatch.setattr(blame, "_YARN_SECONDS", 0)
    return said


def test_on_hadoop_the_last_applications_log_is_read(yarn: Path, tmp_path: Path) -> None:
    yarn.write_text("\n".join(container(1, task(f"{PUT}000000.gaf.gz", EOF_FAILURE))))
    words = blame.on_hadoop(["application_1_0001", "application_1_0002"], INPUTS, tmp_path)
    assert words.startswith("/data/a.gaf.gz: expected a whole gzip file")
    asked = (tmp_path / "asked").read_text()
    assert asked == "logs -applicationId application_1_0002 -log_files syslog\n"
    assert blame.on_hadoop([], INPUTS, tmp_path) == ""


def test_without_a_log_the_compressed_inputs_are_read_again(yarn: Path, tmp_path: Path) -> None:
    whole = gzip.compress(b"".join(LINES))
    good, bad = tmp_path / "good.gaf.gz", tmp_path / "bad.gaf.gz"
    good.write_bytes(whole)
    bad.write_bytes(whole[: len(whole) // 2])
    inputs = [place(str(path), "hdfs:///x") for path in (good, bad)]
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    words = blame.on_hadoop(["application_1_0001"], inputs, scratch)
    assert words == f"{bad}: expected a whole gzip file, got one cut short (get the file again)"
    assert (tmp_path / "asked").read_text().count("logs") == 4
    assert blame.on_hadoop(["application_1_0001"], inputs[:1], scratch) == ""
    assert list(scratch.iterdir()) == []
    bad.unlink()
    assert f"{bad}: expected to read it" in blame.on_hadoop(["a"], inputs, scratch)


@pytest.fixture
def bucket(s3_client: Any) -> Any:
    s3_client.create_bucket(Bucket="runs")
    return s3_client


def test_on_emr_the_logs_lie_in_s3(bucket: Any, tmp_path: Path) -> None:
    text = "\n".join(task("s3://gaf/in/a.gaf.gz", "java.io.IOException: gzip stream CRC failure"))
    base = "logs/j-1/containers/application_1_0001/container_1_0001_01_00000"
    bucket.put_object(Bucket="runs", Key=f"{base}1/stderr.gz", Body=gzip.compress(b"x"))
    bucket.put_object(Bucket="runs", Key=f"{base}2/syslog.gz", Body=gzip.compress(text.encode()))
    inputs = [place("s3://gaf/in/a.gaf.gz", "s3://gaf/in/a.gaf.gz")]
    words = blame.on_emr("j-1", Location("runs", "logs/"), inputs, s3.Access(), tmp_path)
    assert words == (
        "s3://gaf/in/a.gaf.gz: expected a whole gzip file, got a damaged one "
        "(gzip stream CRC failure; get it again)"
    )


def test_on_emr_without_logs_the_objects_are_read_again(bucket: Any, tmp_path: Path) -> None:
    bucket.put_object(Bucket="runs", Key="in/a.gaf.gz", Body=gzip.compress(b"x")[:-3])
    inputs = [place("s3://runs/in/a.gaf.gz", "s3://runs/in/a.gaf.gz")]
    words = blame.on_emr("j-1", Location("runs", "logs/"), inputs, s3.Access(), tmp_path, 0)
    assert words.startswith("s3://runs/in/a.gaf.gz: expected a whole gzip file, got one cut short")


def test_very_much_is_not_read_again(
    yarn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(blame, "_REREAD_BYTES", 5)
    assert blame.on_hadoop(["application_1_0001"], INPUTS, tmp_path) == ""
    assert "which input it was is not known" in caplog.text
