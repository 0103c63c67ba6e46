"""Runs into S3 that are killed while they upload, and two at once: only objects of dead attempts are
removed, and a finished run is whole.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

Command = Callable[..., tuple[int, str, str]]

#: Runs a command, and kills it before it puts one more object than it may.
PROGRAM = """
import os, signal, sys
from gafreduce.publishing import manifest
from gafreduce.storage.s3_prefix import Prefix

n_left = int(sys.argv.pop(1))
upload, put_if = Prefix.upload, Prefix.put_if

def count(self, *arguments):
    global n_left
    if n_left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    n_left -= 1
    upload(self, *arguments)

def put(self, name, *arguments):
    if name == manifest.NAME:
        os.kill(os.getpid(), signal.SIGKILL)
    return put_if(self, name, *arguments)

Prefix.upload, Prefix.put_if = count, put
from gafreduce.__main__ import entry
entry()
"""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Give the URL of a played S3."""
    started = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    started.start()
    host, port = started.get_host_and_port()
    yield f"http://{host}:{port}"
    started.stop()


@pytest.fixture
def bucket(server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return a client, with an empty bucket `runs`."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", server)
    client = boto3.client("s3")
    client.create_bucket(Bucket="runs")
    yield client
    for key in keys(client):
        client.delete_object(Bucket="runs", Key=key)
    for each in list_uploads(client):
        client.abort_multipart_upload(Bucket="runs", Key=each["Key"], UploadId=each["UploadId"])
    client.delete_bucket(Bucket="runs")


def keys(client: Any) -> list[str]:
    return [item["Key"] for item in client.list_objects_v2(Bucket="runs").get("Contents", [])]


def list_uploads(client: Any) -> list[Any]:
    return list(client.list_multipart_uploads(Bucket="runs").get("Uploads", []))


@pytest.fixture
def command(samples: Path) -> tuple[str, ...]:
    """Return the arguments of a small run into S3."""
    sample = samples / "Escherichia_coli_K_12-83333.gaf"
    ontology = samples / "go-samples.obo"
    return (
        *("run", str(sample), "--ontology", str(ontology), "--no-report", "-q"),
        *("-o", "s3://runs/p"),
    )


@pytest.mark.parametrize("n_uploads", [5, 999])
def test_clean_shows_and_removes_the_objects_of_a_killed_run_and_no_others(
    bucket: Any,
    command: tuple[str, ...],
    gafreduce: Command,
    monkeypatch: pytest.MonkeyPatch,
    n_uploads: int,
) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(n_uploads), *command], check=False, capture_output=True
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    left = keys(bucket)
    assert "p/.gafreduce-lock.json" in left
    assert "p/MANIFEST.tsv" not in left
    assert len(left) == n_uploads + 1 or n_uploads == 999
    theirs = ["p/notes.txt", "p/tables/mine.tsv", "q/report.html"]
    for key in theirs:
        bucket.put_object(Bucket="runs", Key=key, Body=b"dear")
    for key in ("p/run.json", "p/backup.tar"):
        bucket.create_multipart_upload(Bucket="runs", Key=key)
    assert gafreduce("clean", "s3://runs/", "--older-than", "0", "--yes")[0] == 0
    assert sorted(keys(bucket)) == sorted([*left, *theirs]), "the run may live"
    monkeypatch.setattr("gafreduce.publishing.orphans_s3.STALE_SECONDS", -1)
    code, shown, _ = gafreduce("clean", "s3://runs/", "--older-than", "0")
    assert code == 0
    assert f"s3://runs/p/\ta lock, {len(left) - 1} objects" in shown
    assert "s3://runs/p/run.json\tan upload that was not completed" in shown
    assert gafreduce("clean", "s3://runs/", "--older-than", "0", "--yes")[0] == 0
    assert keys(bucket) == theirs
    assert [each["Key"] for each in list_uploads(bucket)] == ["p/backup.tar"]
    assert gafreduce(*command)[0] == 1, "objects of others could be overwritten"
    for key in theirs:
        bucket.delete_object(Bucket="runs", Key=key)
    assert gafreduce(*command)[0] == 0
    assert gafreduce("verify", "s3://runs/p")[0] == 0
    assert "p/.gafreduce-lock.json" not in keys(bucket)


def test_of_two_runs_into_one_prefix_at_once_one_publishes(
    bucket: Any, command: tuple[str, ...], gafreduce: Command
) -> None:
    program = [sys.executable, "-m", "gafreduce", *command]
    both = [subprocess.Popen(program, stderr=subprocess.PIPE, env=os.environ) for _ in range(2)]
    errors = [each.communicate()[1].decode() for each in both]
    codes = sorted(each.returncode for each in both)
    assert codes in ([0, 0], [0, 3]), errors  # the later one may find the finished run
    assert gafreduce("verify", "s3://runs/p")[0] == 0
    found = [bucket.head_object(Bucket="runs", Key=key)["Metadata"] for key in keys(bucket)]
    assert len({each["attempt"] for each in found}) == 1
