"""`gafreduce clean`: finds what killed runs left, removes it only when asked, leaves the rest."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from gafreduce import leftovers_hadoop, s3

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def made(path: Path, hours: float) -> Path:
    """Return a folder with a file in it, both so old."""
    path.mkdir(parents=True)
    (path / "x").write_text("x")
    changed = time.time() - hours * 3600
    for each in (path / "x", path):
        os.utime(each, (changed, changed))
    return path


def test_only_old_leftovers_of_runs_are_found(
    gafreduce: Command, tmp_path: Path, temporary: Path
) -> None:
    runs = tmp_path / "runs"
    old = [
        made(runs / ".demo.0123abcd", 30),
        made(runs / ".demo.0123abcd.old", 30),
        made(temporary / "gafreduce-xyz", 30),
    ]
    kept = [
        made(runs / "demo", 30),
        made(runs / ".demo.0123abce", 1),
        made(runs / ".git", 30),
        made(temporary / "other-xyz", 30),
    ]
    code, out, _ = gafreduce("clean", runs)
    assert code == 0
    assert [line.split("\t")[1] for line in out.splitlines()[:-1]] == [str(each) for each in old]
    assert out.splitlines()[-1] == "Nothing was removed: say --yes for that."
    assert all(each.is_dir() for each in old)
    code, out, _ = gafreduce("clean", runs, "--yes")
    assert code == 0
    assert out.count("removed\t") == len(old)
    assert not any(each.exists() for each in old)
    assert all(each.is_dir() for each in kept)
    assert gafreduce("clean", runs) == (0, "", "")


def test_a_folder_that_changed_deep_inside_is_in_use(gafreduce: Command, tmp_path: Path) -> None:
    old = made(tmp_path / "runs" / ".demo.0123abcd", 30)
    made(old / "tables", 0)
    os.utime(old, (0, 0))
    assert gafreduce("clean", tmp_path / "runs") == (0, "", "")


# S3


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        found = s3.Access().client()
        found.create_bucket(Bucket="runs")
        yield found


def keys(client: Any) -> list[str]:
    return [item["Key"] for item in client.list_objects_v2(Bucket="runs").get("Contents", [])]


def put(client: Any, *names: str, claim: str = "") -> None:
    for name in names:
        client.put_object(Bucket="runs", Key=name, Body=b"x")
    if claim:
        body = json.dumps({"files": ["report.html", "tables/a.tsv", "never.tsv"]}).encode()
        client.put_object(Bucket="runs", Key=claim, Body=body)


def test_what_a_dead_attempt_put_goes_with_its_claim(gafreduce: Command, client: Any) -> None:
    put(client, "a/1/report.html", "a/1/other.txt", claim="a/1/.gafreduce-claim.json")
    put(client, "a/2/report.html", "a/2/MANIFEST.tsv", claim="a/2/.gafreduce-claim.json")
    put(client, "b/1/report.html", claim="b/1/.gafreduce-claim.json")
    assert gafreduce("clean", "s3://runs/a/") == (0, "", "")  # a minute old: its holder lives
    code, out, _ = gafreduce("clean", "s3://runs/a/", "--older-than", "0")
    assert code == 0
    assert "s3://runs/a/1/\ta claim, 1 objects" in out
    before = keys(client)
    assert gafreduce("clean", "s3://runs/a/", "--older-than", "0", "--yes")[0] == 0
    gone = set(before) - set(keys(client))
    assert gone == {
        "a/1/report.html",
        "a/1/.gafreduce-claim.json",
        "a/2/.gafreduce-claim.json",
    }


def test_unfinished_uploads_are_ended(gafreduce: Command, client: Any) -> None:
    client.create_multipart_upload(Bucket="runs", Key="a/tables/x.parquet")
    out = gafreduce("clean", "s3://runs/a/", "--older-than", "0", "--yes")[1]
    assert "removed\ts3://runs/a/tables/x.parquet\tan upload that was not completed" in out
    assert "Uploads" not in client.list_multipart_uploads(Bucket="runs")


def test_without_the_right_to_list_uploads_the_rest_is_cleaned(
    gafreduce: Command,
    client: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    put(client, "a/1/report.html", claim="a/1/.gafreduce-claim.json")
    refusal = ClientError({"Error": {"Code": "AccessDenied"}}, "ListMultipartUploads")

    def refuse(*_: object, **__: object) -> None:
        raise refusal

    made = s3.Access._made

    def without(self: s3.Access, *given: int) -> Any:
        found = made(self, *given)
        found.meta.events.register("before-call.s3.ListMultipartUploads", refuse)
        return found

    monkeypatch.setattr(s3.Access, "_made", without)
    assert gafreduce("clean", "s3://runs/a/", "--older-than", "0", "--yes")[0] == 0
    assert keys(client) == []
    assert "unfinished uploads are left to the bucket's lifecycle rules" in caplog.text


def test_temporary_objects_of_the_conf_go_by_attempt(
    gafreduce: Command, client: Any, tmp_path: Path
) -> None:
    put(client, "tmp/run/attempt/job/part-0", "tmp/run/attempt/x", "tmp/mr/y", "results/z")
    conf = tmp_path / "mrjob.conf"
    conf.write_text("runners: {emr: {cloud_tmp_dir: 's3://runs/tmp/'}}\n")
    out = gafreduce("clean", tmp_path, "-c", conf, "--older-than", "0", "--yes")[1]
    assert "s3://runs/tmp/run/attempt\t2 temporary objects" in out
    assert keys(client) == ["results/z"]


# Hadoop


def test_old_folders_in_hdfs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "log"
    binary = tmp_path / "bin" / "hadoop"
    binary.parent.mkdir()
    now = time.strftime("%Y-%m-%d %H:%M")
    binary.write_text(
        f"""#!/bin/sh
echo "$*" >> {log}
echo "Found 2 items"
echo "drwxr-xr-x   - me group  0 2020-01-02 03:04 hdfs:///tmp/gafreduce-me/run/old"
echo "drwxr-xr-x   - me group  0 {now} hdfs:///tmp/gafreduce-me/run/new"
"""
    )
    binary.chmod(0o755)
    monkeypatch.setenv("HADOOP_HOME", str(tmp_path))
    monkeypatch.setenv("HADOOP_USER_NAME", "me")
    (leftover,) = leftovers_hadoop.found(3600)
    assert leftover.place == "hdfs:///tmp/gafreduce-me/run/old"
    leftover.remove()
    removal = "fs -rm -r -f -skipTrash hdfs:///tmp/gafreduce-me/run/old"
    assert log.read_text().splitlines()[-1] == removal


def test_without_a_folder_in_hdfs_there_is_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    binary = tmp_path / "bin" / "hadoop"
    binary.parent.mkdir()
    binary.write_text('#!/bin/sh\necho "ls: No such file or directory" >&2\nexit 1\n')
    binary.chmod(0o755)
    monkeypatch.setenv("HADOOP_HOME", str(tmp_path))
    assert list(leftovers_hadoop.found(0)) == []
