"""What a lock record names is ended only when the resource itself has the mark of that run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest

from gafreduce.execution.emr_staging import stage_on_emr
from gafreduce.execution.staging_area import StagingRequest
from gafreduce.publishing import emr_clusters, lock_record, recovery, resource_marks, s3_lock
from gafreduce.publishing.lock_record import Recorder
from gafreduce.storage import hadoop, s3

Command = Callable[..., tuple[int, str, str]]
ATTEMPT = "0123456789abcdef" * 2
FOLDER = "s3://finance/ledger/2026abcdef01/20261130"
KEY = "ledger/2026abcdef01/20261130/accounts.csv"


@pytest.fixture
def bucket(s3_client: Any) -> Any:
    """Return a client; the bucket of others has an object in a folder named like an attempt's."""
    for name in ("finance", "runs"):
        s3_client.create_bucket(Bucket=name)
    s3_client.put_object(Bucket="finance", Key=KEY, Body=b"x")
    return s3_client


def start_cluster(*tags: dict[str, str]) -> str:
    started = boto3.client("emr", region_name="us-east-1").run_job_flow(
        Name="PRODUCTION nightly ETL of another team",
        Instances={"InstanceCount": 1, "MasterInstanceType": "m5.xlarge",
                   "KeepJobFlowAliveWhenNoSteps": True},
        JobFlowRole="r",
        ServiceRole="r",
        Tags=list(tags),
    )["JobFlowId"]  # fmt: skip
    return f"us-east-1/{started}"


def is_alive(cluster: str) -> bool:
    return emr_clusters.is_cluster_alive(s3.Access(), cluster)


def keys(client: Any, bucket: str) -> list[str]:
    return [item["Key"] for item in client.list_objects_v2(Bucket=bucket).get("Contents", [])]


@pytest.fixture
def planted(bucket: Any, tmp_path: Path) -> str:
    """Plant a lock next to the output that names a cluster and objects of others."""
    cluster = start_cluster({"Key": "team", "Value": "finance"})
    named = {"product": "gafreduce", "attempts": [ATTEMPT], "clusters": [cluster]}
    named["temporary"] = [FOLDER]
    (tmp_path / ".run.lock").write_text(json.dumps(named))
    return cluster


def test_a_planted_lock_makes_a_local_run_touch_nothing_of_others(
    bucket: Any,
    planted: str,
    gafreduce: Command,
    samples: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a local run asks no service")

    monkeypatch.setattr(s3.Access, "session", refuse)
    sample = samples / "Escherichia_coli_K_12-83333.gaf"
    ontology = samples / "go-samples.obo"
    out = tmp_path / "run"
    assert gafreduce("run", sample, "--ontology", ontology, "--no-report", "-o", out)[0] == 0
    monkeypatch.undo()
    assert json.loads((tmp_path / ".run.lock").read_text())["clusters"] == [planted]


@pytest.mark.parametrize("tags", ["none", "project", "other attempt", "other place"])
def test_clusters_and_objects_of_others_are_left_by_every_runner_and_by_clean(
    bucket: Any,
    planted: str,
    gafreduce: Command,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    tags: str,
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    place = str(tmp_path / "run")
    others = {
        "none": [],
        "project": [{"Key": "project", "Value": "gafreduce"}],
        "other attempt": resource_marks.make_tags(resource_marks.make_mark(place, "f" * 32)),
        "other place": resource_marks.make_tags(resource_marks.make_mark(f"{place}2", ATTEMPT)),
    }[tags]
    cluster = start_cluster(*others)
    lock = tmp_path / ".run.lock"
    named = json.loads(lock.read_text())
    named["clusters"].append(cluster)
    lock.write_text(json.dumps(named))
    record = lock_record.parse(lock.read_bytes())
    for runner in ("inline", "local", "hadoop", "emr"):
        recovery._end_known(record, place, s3.Access(), runner)
    assert gafreduce("clean", tmp_path, "--older-than", "0", "--yes")[0] == 0
    assert is_alive(planted)
    assert is_alive(cluster)
    assert keys(bucket, "finance") == [KEY]
    assert f"{cluster}: the lock of a dead run names it, but it has no mark" in caplog.text
    assert f"{FOLDER}: the lock of a dead run names it, but it has no mark" in caplog.text
    assert not lock.exists(), "there is nothing to be ended later"


def test_objects_that_another_put_into_the_prefix_of_a_dead_run_stay(
    bucket: Any, gafreduce: Command, samples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = {"attempts": [ATTEMPT], "files": ["notes.txt"]}
    bucket.put_object(Bucket="runs", Key=f"p/{s3_lock.NAME}", Body=json.dumps(left).encode())
    bucket.put_object(Bucket="runs", Key="p/notes.txt", Body=b"of a person")
    monkeypatch.setattr(s3_lock, "_LOOK_SECONDS", 0)
    ontology = samples / "go-samples.obo"
    code, _, errors = gafreduce("run", samples, "--ontology", ontology, "-o", "s3://runs/p")
    assert (code, "got 'notes.txt' there" in errors) == (1, True)
    assert "p/notes.txt" in keys(bucket, "runs")
    monkeypatch.setattr("gafreduce.publishing.orphans_s3.STALE_SECONDS", -1)
    bucket.put_object(Bucket="runs", Key=f"p/{s3_lock.NAME}", Body=json.dumps(left).encode())
    gafreduce("clean", "s3://runs/", "--older-than", "0", "--yes")
    assert keys(bucket, "runs") == ["p/notes.txt"]


@pytest.mark.parametrize(
    ("name", "user", "is_killed"),
    [
        ("gafreduce {mark}", "me", True),
        ("gafreduce {mark}", "other", False),
        ("PRODUCTION nightly", "me", False),
        ("gafreduce 0123456789abcdef0123456789abcdef", "me", False),
    ],
)
def test_an_application_is_ended_only_by_name_and_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, user: str, is_killed: bool
) -> None:
    mark = resource_marks.make_mark("/runs/run", ATTEMPT)
    yarn = tmp_path / "bin" / "yarn"
    yarn.parent.mkdir()
    yarn.with_name("hadoop").touch()
    yarn.write_text(
        f"""#!/bin/sh
echo "$2" >> {tmp_path}/calls
printf 'Application Report : \\n\\tApplication-Id : application_1_0001\\n'
printf '\\tApplication-Name : {name.format(mark=mark)}\\n\\tUser : {user}\\n\\tState : RUNNING\\n'
"""
    )
    yarn.chmod(0o755)
    yarn.with_name("hadoop").chmod(0o755)
    conf = tmp_path / "mrjob.conf"
    hadoop_bin = {"hadoop_bin": str(yarn.with_name("hadoop"))}
    conf.write_text(json.dumps({"runners": {"hadoop": hadoop_bin}}))
    monkeypatch.setenv("HADOOP_HOME", str(tmp_path / "another"))
    monkeypatch.setenv("HADOOP_USER_NAME", "me")
    named = {"attempts": [ATTEMPT], "applications": ["application_1_0001"]}
    record = lock_record.parse(json.dumps(named).encode())
    assert recovery.end(record, "/runs/run", s3.Access(hadoop_conf=conf))
    calls = (tmp_path / "calls").read_text().split()
    assert calls == (["-status", "-kill"] if is_killed else ["-status"])
    assert hadoop.find_application(str(yarn), "application_1_0001") == (
        name.format(mark=mark),
        user,
    )


def test_a_run_on_emr_puts_its_mark_and_keeps_the_tags_of_mrjob_conf(
    bucket: Any, tmp_path: Path
) -> None:
    conf = tmp_path / "mrjob.conf"
    conf.write_text(
        "runners: {emr: {cloud_tmp_dir: 's3://runs/tmp/', region: us-east-1, extra_cluster_params:"
        " {Tags: [{Key: for-use, Value: 'true'}, {Key: project, Value: mine}]}}}\n"
    )
    mark = resource_marks.make_mark("s3://runs/p", ATTEMPT)
    recorded: list[object] = []
    recorder = Recorder(lambda kind, values: recorded.extend(values), mark)
    request = StagingRequest("0123456789ab", conf, s3.Access(), tmp_path, recorder)
    with stage_on_emr((), request, ()) as area:
        (tags,) = [option for option in area.options if option.startswith("Tags=")]
        found = json.loads(tags.removeprefix("Tags="))
        assert found[0] == {"Key": "for-use", "Value": "true"}
        assert resource_marks.has_tags(found, {mark})
        (marker,) = keys(bucket, "runs")
        assert recorded == [f"s3://runs/{marker.rpartition('/')[0]}/"]
        bucket.put_object(Bucket="runs", Key=f"{marker.rpartition('/')[0]}/mrjob/x", Body=b"x")
        record = {"attempts": [ATTEMPT], "temporary": recorded}  # as a dead run leaves it
        recovery.end(lock_record.parse(json.dumps(record).encode()), "s3://runs/p", s3.Access())
        assert keys(bucket, "runs") == []


def test_a_run_on_hadoop_puts_its_mark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from gafreduce.execution.hadoop_staging import stage_on_hadoop

    binary = tmp_path / "bin" / "hadoop"
    binary.parent.mkdir()
    binary.write_text(f'#!/bin/sh\necho "$*" >> {tmp_path}/calls\n')
    binary.chmod(0o755)
    monkeypatch.setenv("HADOOP_HOME", str(tmp_path))
    mark = resource_marks.make_mark("/runs/run", ATTEMPT)
    recorder = Recorder(lambda kind, values: None, mark)
    request = StagingRequest("0123456789ab", None, s3.Access(), tmp_path, recorder)
    with stage_on_hadoop((), request, ()) as area:
        assert f"mapreduce.job.name=gafreduce {mark}" in area.options
    made = (tmp_path / "calls").read_text().splitlines()[0]
    assert "-mkdir -p" in made, "one call makes both folders: each starts a JVM"
    assert f"/.gafreduce-mark-{mark} " in made


@pytest.mark.parametrize(
    "place", ["hdfs:///*/0123456789ab/01234567", "s3://b/[a]/" + "0" * 12 + "/" + "0" * 8]
)
def test_patterns_in_a_lock_record_are_ignored(place: str) -> None:
    body = json.dumps({"temporary": [place]}).encode()
    assert lock_record.parse(body) == lock_record.EMPTY


def test_deeply_nested_lock_records_are_ignored() -> None:
    assert lock_record.parse(b"[" * 200_000) == lock_record.EMPTY
