"""Tests of `gafreduce clean`."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from gafreduce import owned_paths
from gafreduce.directory import Directory
from gafreduce.publishing import emr_clusters, folder_lock, orphans, orphans_s3
from gafreduce.storage import s3

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


def dead_build(runs: Path, hours: float) -> Path:
    return dead_folder(runs, ".demo.", owned_paths.BUILD, hours)


def dead_temporary(parent: Path, hours: float) -> Path:
    return dead_folder(parent, "gafreduce-", owned_paths.TEMPORARY, hours)


def dead_folder(parent: Path, prefix: str, kind: str, hours: float) -> Path:
    """Return a folder that a killed run left, so old."""
    parent.mkdir(exist_ok=True)
    with owned_paths.make_folder(parent, prefix, kind) as folder:
        folder.must_stay = True
        made(folder.path / "new", hours)
    changed = time.time() - hours * 3600
    for each in (folder.path / owned_paths.MARKER, folder.path):
        os.utime(each, (changed, changed))
    return folder.path


def test_only_old_orphans_are_found(gafreduce: Command, tmp_path: Path, temporary: Path) -> None:
    runs = tmp_path / "runs"
    old = [dead_build(runs, 30), dead_temporary(temporary, 30)]
    kept = [
        made(runs / "demo", 30),
        dead_build(runs, 1),
        dead_temporary(temporary, 1),
        made(runs / ".git", 30),
        made(runs / ".demo.0123abcd", 30),
        made(runs / ".demo.20251130", 30),
        made(runs / ".demo.deadbeef.old", 30),
        made(temporary / "gafreduce-results", 30),
        made(temporary / "other-xyz", 30),
    ]
    code, out, _ = gafreduce("clean", runs)
    assert code == 0
    assert [line.split("\t")[1] for line in out.splitlines()[:-1]] == [str(each) for each in old]
    assert out.splitlines()[-1] == "Nothing was removed. Run again with --yes to delete these."
    assert all(each.is_dir() for each in old)
    code, out, _ = gafreduce("clean", runs, "--yes")
    assert code == 0
    assert out.count("removed\t") == len(old)
    assert not any(each.exists() for each in old)
    assert all(each.is_dir() for each in kept)
    code, out, _ = gafreduce("clean", runs)
    assert (code, out.startswith("Nothing was found")) == (0, True)


def test_the_run_that_a_killed_run_was_to_replace_gets_its_name_back(
    gafreduce: Command, tmp_path: Path
) -> None:
    build = dead_build(tmp_path, 30)
    made(build / "old", 30)
    os.utime(build, (0, 0))
    code, out, _ = gafreduce("clean", tmp_path, "--yes")
    assert (code, "it gets its name back" in out) == (0, True)
    assert (tmp_path / "demo" / "x").read_text() == "x"
    assert not build.exists()


def test_what_a_run_through_a_link_left_is_found_from_the_link(
    gafreduce: Command, tmp_path: Path
) -> None:
    links, disk = tmp_path / "links", tmp_path / "disk"
    links.mkdir()
    (links / "mine").symlink_to(disk / "demo")
    build, other = dead_build(disk, 30), dead_folder(disk, ".other.", owned_paths.BUILD, 30)
    (disk / ".demo.lock").write_text('{"product": "gafreduce"}')
    os.utime(disk / ".demo.lock", (0, 0))
    code, out, _ = gafreduce("clean", links, "--yes")
    assert (code, out.count("removed\t")) == (0, 2)
    assert list(disk.iterdir()) == [other]
    assert build != other


def test_partial_files_are_found_in_a_parent_and_in_run_folders(
    gafreduce: Command, tmp_path: Path
) -> None:
    figures = tmp_path / "demo" / "figures"
    figures.mkdir(parents=True)
    (tmp_path / "demo" / "run.json").write_text('{"schema": "gafreduce-run/3", "run_id": "one"}')
    made(tmp_path / "other", 0)
    theirs = [tmp_path / "other", tmp_path / "demo"]
    left = []
    for folder in (tmp_path, figures, tmp_path / "other"):
        descriptor = os.open(folder / "x.part", os.O_CREAT)
        name = f".gafreduce-{'0' * 16}-{os.fstat(descriptor).st_ino:x}.part"
        os.close(descriptor)
        left.append((folder / "x.part").rename(folder / name))
    code, out, _ = gafreduce("clean", tmp_path, "--older-than", "0", "--yes")
    assert (code, out.count("a file that was not completed")) == (0, 2)
    assert [path.exists() for path in left] == [False, False, True], "one is in no run of ours"
    assert all(path.is_dir() for path in theirs)


def test_a_folder_that_changed_deep_inside_is_in_use(gafreduce: Command, tmp_path: Path) -> None:
    old = dead_build(tmp_path / "runs", 30)
    made(old / "new" / "tables", 0)
    os.utime(old, (0, 0))
    assert gafreduce("clean", tmp_path / "runs", "--json")[:2] == (0, "[]\n")


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


@pytest.fixture
def server_time(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Have the server say that it is so many seconds later than here."""
    made = s3.Access._make_client

    def set_to(seconds: float) -> None:
        def say(parsed: Any, **_: object) -> None:
            stated = datetime.now(UTC) + timedelta(seconds=seconds)
            parsed["ResponseMetadata"]["HTTPHeaders"]["date"] = format_datetime(stated)

        def with_time(self: s3.Access, *given: int) -> Any:
            found = made(self, *given)
            found.meta.events.register("after-call.s3", say)
            return found

        monkeypatch.setattr(s3.Access, "_make_client", with_time)

    return set_to


ATTEMPT = "0123456789abcdef" * 2
MARKER = f".gafreduce-mark-{ATTEMPT}"


def keys(client: Any) -> list[str]:
    return [item["Key"] for item in client.list_objects_v2(Bucket="runs").get("Contents", [])]


def put(client: Any, *names: str, lock: str = "", **named: list[str]) -> None:
    for name in names:
        metadata = {} if name.endswith("other.txt") else {"attempt": ATTEMPT}
        client.put_object(Bucket="runs", Key=name, Body=b"x", Metadata=metadata)
    if lock:
        files = ["report.html", "tables/a.tsv", "never.tsv", "other.txt"]
        body = json.dumps({"attempts": [ATTEMPT], "files": files, **named}).encode()
        client.put_object(Bucket="runs", Key=lock, Body=body)


def test_objects_of_a_dead_attempt_are_removed_with_its_lock(
    gafreduce: Command, client: Any, server_time: Callable[[float], None]
) -> None:
    server_time(120)
    put(client, "a/1/report.html", "a/1/other.txt", lock="a/1/.gafreduce-lock.json")
    put(client, "a/2/report.html", "a/2/MANIFEST.tsv", lock="a/2/.gafreduce-lock.json")
    put(client, "b/1/report.html", lock="b/1/.gafreduce-lock.json")
    assert gafreduce("clean", "s3://runs/a/", "--json")[:2] == (0, "[]\n")  # not a day old
    code, out, _ = gafreduce("clean", "s3://runs/a/", "--older-than", "0")
    assert code == 0
    assert "s3://runs/a/1/\ta lock, 1 objects" in out
    before = keys(client)
    assert gafreduce("clean", "s3://runs/a/", "--older-than", "0", "--yes")[0] == 0
    gone = set(before) - set(keys(client))
    assert gone == {
        "a/1/report.html",
        "a/1/.gafreduce-lock.json",
        "a/2/.gafreduce-lock.json",
    }


@pytest.mark.parametrize("ahead", [0, 30])
def test_files_of_a_live_attempt_stay_whatever_age_is_asked_for(
    gafreduce: Command,
    client: Any,
    server_time: Callable[[float], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    ahead: float,
) -> None:
    server_time(ahead)
    # whatever time it is here
    later = SimpleNamespace(now=lambda zone: datetime(2096, 1, 1, tzinfo=zone))
    monkeypatch.setattr("gafreduce.publishing.orphans_s3.datetime", later)
    monkeypatch.setattr(orphans, "time", SimpleNamespace(time=lambda: 4e9))
    monkeypatch.setattr(emr_clusters, "terminate_cluster", None)
    mine, others = "tmp/0123456789ab/01234567", "tmp/0123456789ab/89abcdef"
    put(client, f"{mine}/{MARKER}", f"{others}/{MARKER}", f"{others}/x", "a/1/report.html")
    client.create_multipart_upload(Bucket="runs", Key="a/1/tables/x.parquet")
    lock = "a/1/.gafreduce-lock.json"
    put(client, lock=lock, clusters=["r/j-1"], temporary=[f"s3://runs/{mine}/"])
    conf = tmp_path / "mrjob.conf"
    conf.write_text("runners: {emr: {cloud_tmp_dir: 's3://runs/tmp/'}}\n")
    command = ("clean", "s3://runs/a/", "-c", conf, "--older-than", "0", "--yes")
    code, out, _ = gafreduce(*command)
    assert code == 0
    assert [line.split("\t")[1] for line in out.splitlines()] == [f"s3://runs/{others}"]
    assert keys(client) == [lock, "a/1/report.html", f"{mine}/{MARKER}"]
    assert len(client.list_multipart_uploads(Bucket="runs")["Uploads"]) == 1
    assert "left alone" not in caplog.text  # it is in use


@pytest.mark.parametrize(("age", "is_live"), [(-0.001, True), (0.0, False)])
def test_a_lock_is_live_until_it_is_stale(
    client: Any, monkeypatch: pytest.MonkeyPatch, age: float, is_live: bool
) -> None:
    temporary = "s3://runs/tmp/0123456789ab/01234567/"
    put(client, lock="a/1/.gafreduce-lock.json", temporary=[temporary])
    monkeypatch.setattr(orphans_s3, "_age", lambda *_: orphans_s3.STALE_SECONDS + age)
    found = list(orphans_s3.list_live_folders(s3.Access(), s3.parse("s3://runs/a/")))
    assert found == ([temporary] if is_live else [])


def list_uploads(client: Any) -> list[str]:
    return [each["Key"] for each in client.list_multipart_uploads(Bucket="runs").get("Uploads", [])]


def test_uploads_are_aborted_that_a_dead_lock_or_a_manifest_names(
    gafreduce: Command,
    client: Any,
    server_time: Callable[[float], None],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    server_time(120)
    put(client, lock="a/1/.gafreduce-lock.json")
    ours = ["a/1/tables/a.tsv", "a/2/tables/b.tsv"]
    theirs = ["a/1/backup.tar", "a/2/backup.tar", "backup.tar", "a/2/tables/late.tsv"]
    for key in (*ours, *theirs):
        client.create_multipart_upload(Bucket="runs", Key=key)
    rows = "path\tbytes\tsha256\ntables/b.tsv\t1\tx\ntables/late.tsv\t1\tx\n"
    client.put_object(Bucket="runs", Key="a/2/MANIFEST.tsv", Body=rows.encode())
    listed = orphans_s3._uploads(client, s3.parse("s3://runs/"))
    (late,) = (each for each in listed if each["Key"] == theirs[-1])
    late["Initiated"] = datetime.now(UTC) + timedelta(seconds=60)  # moto gives all of them one time
    young = [each | {"Initiated": late["Initiated"]} for each in listed]
    monkeypatch.setattr(orphans_s3, "_uploads", lambda *_: young)
    assert "removed" not in gafreduce("clean", "s3://runs/", "--yes")[1]  # not a day old
    assert sorted(list_uploads(client)) == sorted([*ours, *theirs])
    monkeypatch.setattr(orphans_s3, "_uploads", lambda *_: listed)
    out = gafreduce("clean", "s3://runs/", "--older-than", "0", "--yes")[1]
    for key in ours:
        assert f"removed\ts3://runs/{key}\tan upload that was not completed" in out
    assert sorted(list_uploads(client)) == sorted(theirs)
    for key in theirs:
        assert f"s3://runs/{key}, an upload that was not completed, is left alone" in caplog.text


def test_an_object_that_is_no_lock_of_gafreduce_stays(
    gafreduce: Command,
    client: Any,
    server_time: Callable[[float], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    server_time(120)
    lock = "a/1/.gafreduce-lock.json"
    client.put_object(Bucket="runs", Key=lock, Body=b"my notes")
    code, out, errors = gafreduce("clean", "s3://runs/", "--older-than", "0", "--yes")
    assert (code, errors) == (0, "")
    assert "removed" not in out
    assert keys(client) == [lock]
    assert f"s3://runs/{lock} is left alone: it is no lock of gafreduce" in caplog.text


def test_the_rest_is_cleaned_without_the_right_to_list_uploads(
    gafreduce: Command,
    client: Any,
    server_time: Callable[[float], None],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    server_time(120)
    put(client, "a/1/report.html", lock="a/1/.gafreduce-lock.json")
    refusal = ClientError({"Error": {"Code": "AccessDenied"}}, "ListMultipartUploads")

    def refuse(*_: object, **__: object) -> None:
        raise refusal

    made = s3.Access._make_client

    def without(self: s3.Access, *given: int) -> Any:
        found = made(self, *given)
        found.meta.events.register("before-call.s3.ListMultipartUploads", refuse)
        return found

    monkeypatch.setattr(s3.Access, "_make_client", without)
    assert gafreduce("clean", "s3://runs/a/", "--older-than", "0", "--yes")[0] == 0
    assert keys(client) == []
    assert "unfinished uploads are left to the bucket's lifecycle rules" in caplog.text


def test_temporary_objects_are_removed_by_attempt(
    gafreduce: Command, client: Any, tmp_path: Path
) -> None:
    ours, others = "tmp/0123456789ab/01234567", "tmp/0123456789ab/89abcdef"
    put(client, f"{ours}/job/part-0", f"{ours}/{MARKER}", f"{others}/x", "tmp/mr/y", "results/z")
    conf = tmp_path / "mrjob.conf"
    conf.write_text("runners: {emr: {cloud_tmp_dir: 's3://runs/tmp/'}}\n")
    out = gafreduce("clean", tmp_path, "-c", conf, "--older-than", "0", "--yes")[1]
    assert f"s3://runs/{ours}\t2 temporary objects" in out
    assert keys(client) == ["results/z", f"{others}/x", "tmp/mr/y"]


def test_what_cannot_be_removed_or_read_fails_at_the_end(
    gafreduce: Command,
    client: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    stuck, loose = (dead_folder(tmp_path, p, owned_paths.BUILD, 30) for p in (".a.", ".b."))
    for key in ("a", "b"):
        client.create_multipart_upload(Bucket="runs", Key=key)
    rows = b"path\tbytes\tsha256\na\t1\tx\nb\t1\tx\n"
    client.put_object(Bucket="runs", Key="MANIFEST.tsv", Body=rows)
    original, remove = s3.Access._make_client, owned_paths.remove_folder

    def remove_folder(parent: Directory, name: str, kind: str) -> None:
        if name == stuck.name:
            raise PermissionError(13, "Permission denied", str(stuck))
        remove(parent, name, kind)

    def refuse(params: Any, **_: object) -> None:
        if params["Key"] == "a":
            raise ClientError({"Error": {"Code": "AccessDenied"}}, "AbortMultipartUpload")

    def refusing(self: s3.Access, *given: int) -> Any:
        found = original(self, *given)
        event = "provide-client-params.s3.AbortMultipartUpload"
        found.meta.events.register(event, refuse)
        return found

    monkeypatch.setattr(s3.Access, "_make_client", refusing)
    monkeypatch.setattr(owned_paths, "remove_folder", remove_folder)
    places = ("s3://nowhere/x", tmp_path, "s3://runs/")
    code, out, errors = gafreduce("clean", *places, "--older-than", "0", "--yes")
    assert code == 3
    assert [line.split("\t")[:2] for line in out.splitlines()] == [
        ["failed", str(stuck)],
        ["removed", str(loose)],
        ["failed", "s3://runs/a"],
        ["removed", "s3://runs/b"],
    ]
    assert "s3://nowhere/x: there is no such bucket" in caplog.text
    assert f"{stuck}: Permission denied" in caplog.text
    assert "ending the upload to s3://runs/a: access is denied" in caplog.text
    assert "3 could not be listed or removed" in errors


def test_a_missing_profile_is_an_error(gafreduce: Command, client: Any) -> None:
    code, _, errors = gafreduce("clean", "s3://runs/x", "--profile", "nope")
    assert (code, "Traceback" in errors) == (3, False)


# Hadoop


def test_folders_of_live_runs_in_hdfs_stay(
    gafreduce: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "log"
    binary = tmp_path / "bin" / "hadoop"
    binary.parent.mkdir()
    path = "hdfs://name:8020/tmp/me/0123456789ab"
    listed = f"drwxr-xr-x   - me group  0 2020-01-02 03:04 {path}"
    binary.write_text(
        f'#!/bin/sh\necho "$*" >> {log}\ncase "$*" in\n'
        f'*-C*) for each in 01234567 89abcdef; do echo "{path}/$each/{MARKER}"; done;;\n'
        f'*) for each in 01234567 89abcdef 00000000; do echo "{listed}/$each"; done;;\nesac\n'
    )
    binary.chmod(0o755)
    monkeypatch.setenv("HADOOP_HOME", str(tmp_path))
    runs = tmp_path / "runs"
    with folder_lock.lock_folder(runs / "demo") as lock:
        lock.record("temporary", ["hdfs:///tmp/me/0123456789ab/01234567"])
        code, out, _ = gafreduce("clean", runs, "--hadoop", "--older-than", "0", "--yes")
    assert code == 0
    assert [line.split("\t")[1][-8:] for line in out.splitlines()] == ["89abcdef"]
    assert "0123456789ab/01234567" not in log.read_text()


def test_old_folders_in_hdfs_are_orphans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "log"
    binary = tmp_path / "bin" / "hadoop"
    binary.parent.mkdir()
    now = time.strftime("%Y-%m-%d %H:%M")
    binary.write_text(
        f"""#!/bin/sh
echo "$*" >> {log}
case "$*" in
*-C*) for each in old new; do echo "hdfs:///tmp/gafreduce-me/run/$each/{MARKER}"; done; exit 0;;
esac
echo "Found 3 items"
echo "drwxr-xr-x   - me group  0 2020-01-02 03:04 hdfs:///tmp/gafreduce-me/run/old"
echo "drwxr-xr-x   - me group  0 2020-01-02 03:04 hdfs:///tmp/gafreduce-me/run/others"
echo "drwxr-xr-x   - me group  0 {now} hdfs:///tmp/gafreduce-me/run/new"
"""
    )
    binary.chmod(0o755)
    monkeypatch.setenv("HADOOP_HOME", str(tmp_path))
    monkeypatch.setenv("HADOOP_USER_NAME", "me")
    (orphan,) = orphans.find_in_hdfs(3600)
    assert orphan.place == "hdfs:///tmp/gafreduce-me/run/old"
    orphan.remove()
    removal = "fs -rm -r -f -skipTrash hdfs:///tmp/gafreduce-me/run/old"
    assert log.read_text().splitlines()[-1] == removal


def test_there_are_no_orphans_without_a_folder_in_hdfs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    binary = tmp_path / "bin" / "hadoop"
    binary.parent.mkdir()
    binary.write_text('#!/bin/sh\necho "ls: No such file or directory" >&2\nexit 1\n')
    binary.chmod(0o755)
    monkeypatch.setenv("HADOOP_HOME", str(tmp_path))
    assert list(orphans.find_in_hdfs(0)) == []


@pytest.mark.parametrize("hours", ["nan", "inf", "-1", "1e400", "abc", ""])
def test_hours_are_a_number_from_zero(gafreduce: Command, hours: str) -> None:
    code, _, errors = gafreduce("clean", f"--older-than={hours}")
    assert code == 2
    assert "expected a number of hours from 0" in errors


def test_a_place_that_is_no_folder_is_an_error(gafreduce: Command, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for place in (tmp_path / "none", tmp_path / "file"):
        code, out, errors = gafreduce("clean", place)
        assert (code, out) == (1, "")
        assert f"{place}: expected a folder of run folders, got no folder" in errors


def test_markers_of_hostile_content_prove_nothing(
    gafreduce: Command, tmp_path: Path, temporary: Path, caplog: pytest.LogCaptureFixture
) -> None:
    deep = "[" * 4000
    for folder in (dead_build(tmp_path / "runs", 30), dead_temporary(temporary, 30)):
        (folder / owned_paths.MARKER).write_text(deep)
    (tmp_path / "runs" / ".demo.lock").write_text("[" * 100_000)
    code, out, _ = gafreduce("clean", tmp_path / "runs", "--older-than", 0, "--yes")
    assert code == 0
    assert "removed" not in out
    assert caplog.text.count("its marker is of another folder") == 2
    assert (tmp_path / "runs" / ".demo.lock").exists()


def test_a_cache_of_another_user_is_no_failure(
    gafreduce: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After `su`, HOME may be a folder that this user may not enter."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    original = Path.is_dir

    def refuse(path: Path, **options: Any) -> bool:
        if path.is_relative_to(tmp_path / "cache"):
            raise PermissionError(13, "Permission denied", str(path))
        return original(path, **options)

    monkeypatch.setattr(Path, "is_dir", refuse)
    code, text, errors = gafreduce("clean", tmp_path)
    assert (code, errors) == (0, "")
    assert text.startswith("Nothing was found")


def test_what_cannot_be_removed_is_named_with_advice(
    gafreduce: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    def refuse() -> None:
        raise PermissionError(13, "Permission denied", "/home/x")

    found = orphans.Orphan("/home/x", "a file", 0, "its name", refuse)
    monkeypatch.setattr(
        "gafreduce.commands.runs.clean._find", lambda arguments: iter([iter([found])])
    )
    code, text, _ = gafreduce("clean", tmp_path, "--yes")
    assert (code, text.split("\t")[0]) == (3, "failed")
    assert "/home/x: Permission denied (change its permissions, or name another)" in caplog.text
