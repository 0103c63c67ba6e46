"""The harness itself: what it starts is healthy, and of what it starts nothing is left."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import BotoCoreError, ClientError
from minihadoop import processes
from minihadoop.build import Tools
from minihadoop.cluster import HARNESS_PATH, Cluster
from minihadoop.configuration import Keys
from s3_fault_proxy import Fault, FaultProxy

SLOW_START = 120
# A shell's background jobs ignore SIGINT, and what they start inherits that.
IN_BACKGROUND = ("sh", "-c", "trap '' INT; exec \"$@\"", "sh")

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def s3_client(cluster: Cluster, endpoint: str = "", keys: Keys | None = None) -> Any:
    keys = keys or cluster.keys
    return boto3.client(
        "s3",
        endpoint_url=endpoint or cluster.s3_endpoint,
        aws_access_key_id=keys.access,
        aws_secret_access_key=keys.secret,
        region_name="us-east-1",
    )


def test_hdfs_takes_a_file_and_gives_it_back(cluster: Cluster, run: Run, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("text\n")
    assert run(["hadoop", "fs", "-put", tmp_path / "a", "/a"]).returncode == 0
    assert run(["hadoop", "fs", "-cat", "/a"]).stdout == "text\n"


def test_hadoop_reads_s3_uris_as_they_are(cluster: Cluster, run: Run) -> None:
    s3 = s3_client(cluster)
    s3.create_bucket(Bucket="uris")
    s3.put_object(Bucket="uris", Key="folder/a", Body=b"text\n")
    assert run(["hadoop", "fs", "-cat", "s3://uris/folder/a"]).stdout == "text\n"


def test_s3_lets_exactly_one_writer_claim_a_key(cluster: Cluster) -> None:
    s3 = s3_client(cluster)
    s3.create_bucket(Bucket="claims")
    s3.put_object(Bucket="claims", Key="claim", Body=b"mine", IfNoneMatch="*")
    with pytest.raises(ClientError, match="PreconditionFailed"):
        s3.put_object(Bucket="claims", Key="claim", Body=b"theirs", IfNoneMatch="*")


def test_s3_refuses_a_user_without_rights(cluster: Cluster, tools: Tools) -> None:
    s3_client(cluster).create_bucket(Bucket="private")
    stranger = cluster.create_s3_user("stranger", "strangersecret")
    s3 = s3_client(cluster, keys=stranger)
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.put_object(Bucket="private", Key="a", Body=b"")
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.list_objects_v2(Bucket="private")


@pytest.mark.parametrize(
    "kind", ["reset-read", "short-read", "reset-write", "short-write", "status"]
)
def test_proxy_injects_and_signatures_stay_valid(cluster: Cluster, kind: str) -> None:
    body = os.urandom(200_000)
    fault = Fault(kind, times=1, method="GET" if kind.endswith("-read") else "PUT")
    s3_client(cluster).create_bucket(Bucket=f"proxy-{kind}")
    with FaultProxy(cluster.ports.s3, [fault]) as proxy:
        s3 = s3_client(cluster, proxy.endpoint)
        s3.put_object(Bucket=f"proxy-{kind}", Key="a", Body=body)
        if kind in ("reset-read", "short-read"):
            # botocore repeats requests, not the reading of a body
            with pytest.raises(BotoCoreError):
                s3.get_object(Bucket=f"proxy-{kind}", Key="a")["Body"].read()
        assert s3.get_object(Bucket=f"proxy-{kind}", Key="a")["Body"].read() == body
        assert proxy.injected[kind] == 1


@pytest.mark.parametrize(
    "number", [pytest.param(signal.SIGINT, marks=pytest.mark.large), signal.SIGTERM]
)
def test_start_that_is_ended_leaves_no_process(
    tools: Tools, tmp_path: Path, number: signal.Signals
) -> None:
    """Also where SIGINT was ignored, as it is for what a shell starts in the background."""
    scratch = tmp_path / "ended"
    starting = subprocess.Popen(
        [*IN_BACKGROUND, sys.executable, "-m", "minihadoop", "up", "--scratch", str(scratch)],
        env={**os.environ, "PYTHONPATH": str(HARNESS_PATH)},
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + SLOW_START
        while len(processes.members(f"{scratch}/")) < 4 and time.monotonic() < deadline:
            time.sleep(processes.POLL_SECONDS)
        assert processes.members(f"{scratch}/")
        starting.send_signal(number)
        assert starting.wait(timeout=SLOW_START) != 0
        assert processes.members(f"{scratch}/") == []
    finally:  # what a failure leaves must not outlive it
        starting.kill()
        processes.kill_members(f"{scratch}/")


@pytest.mark.large
def test_stopping_leaves_no_process_and_no_port(tools: Tools, tmp_path: Path) -> None:
    with Cluster.started(tmp_path / "short", tools) as short:
        ports = [short.ports.namenode, short.ports.resourcemanager, short.ports.s3]
        assert all(map(processes.listens, ports))
        assert len(processes.members(short.marker(""))) >= 7
    assert processes.members(short.marker("")) == []
    assert not any(map(processes.listens, ports))
