"""Locks of run folders and prefixes: acquired before any work, held by one run, recovered."""

from __future__ import annotations

import fcntl
import json
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest

from gafreduce import owned_paths, signals
from gafreduce.errors import InputError, LockedError
from gafreduce.execution import job
from gafreduce.pipeline import run_pipeline as run
from gafreduce.publishing import (
    emr_clusters,
    folder_lock,
    lock_record,
    recovery,
    resource_marks,
    s3_lock,
)
from gafreduce.publishing.local_publish import build_run_folder
from gafreduce.storage import hadoop, s3

Command = Callable[..., tuple[int, str, str]]
REPOSITORY = Path(__file__).parents[3]


@pytest.fixture
def bucket(s3_client: Any) -> Any:
    s3_client.create_bucket(Bucket="runs")
    return s3_client


@pytest.fixture
def command(samples: Path) -> tuple[object, ...]:
    """Return the command of a small run, without its output."""
    sample = samples / "Escherichia_coli_K_12-83333.gaf"
    return ("run", sample, "--ontology", samples / "go-samples.obo", "--no-report", "-o")


ATTEMPT = "0123456789abcdef" * 2


def start_cluster(region: str, *tags: dict[str, str]) -> str:
    """Start a cluster in a played EMR, and return it as a lock record names it."""
    started = boto3.client("emr", region_name=region).run_job_flow(
        Name="x",
        Instances={"InstanceCount": 1, "MasterInstanceType": "m5.xlarge",
                   "KeepJobFlowAliveWhenNoSteps": True},
        JobFlowRole="r",
        ServiceRole="s",
        Tags=list(tags),
    )["JobFlowId"]  # fmt: skip
    return f"{region}/{started}"


def is_ended(cluster: str) -> bool:
    return not emr_clusters.is_cluster_alive(s3.Access(), cluster)


def hidden(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.startswith("."))


# run folders


def test_a_folder_is_locked_by_one_run_while_it_is_made(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "demo"
    with folder_lock.lock_folder(folder):
        assert hidden(folder.parent) == [".demo.lock"]
        assert folder_lock.read_dead_record(folder_lock.lock_path(folder)) is None, "it is held"
        with pytest.raises(LockedError, match="demo: expected to be alone, got another run"):
            folder_lock.lock_folder(folder).__enter__()
        with folder_lock.lock_folder(folder.with_name("other")):
            pass
    assert hidden(folder.parent) == []
    with folder_lock.lock_folder(folder):
        pass


def test_a_killed_process_releases_its_lock_and_leaves_its_record(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    program = (
        "import os, signal, sys; from pathlib import Path; from gafreduce.publishing import folder_lock\n"
        "with folder_lock.lock_folder(Path(sys.argv[1])) as lock:\n"
        "    lock.record('applications', ['application_1_0001'])\n"
        "    lock.record('clusters', ['eu-central-1/j-ABC'])\n"
        "    lock.record('applications', ['application_1_0002'])\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", program, folder], cwd=REPOSITORY, check=False)
    assert killed.returncode == -signal.SIGKILL
    left = folder_lock.read_dead_record(folder_lock.lock_path(folder))
    assert left is not None
    assert left["applications"] == ("application_1_0001", "application_1_0002")
    with folder_lock.lock_folder(folder) as mine:
        assert mine.left_behind == left
        mine.record(lock_record.CLUSTERS, ["eu-central-1/j-DEF"])
        known = json.loads(folder_lock.lock_path(folder).read_bytes())
        assert known["clusters"] == ["eu-central-1/j-ABC", "eu-central-1/j-DEF"]


def test_a_lock_file_removed_between_opening_and_locking_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "demo"
    path = folder_lock.lock_path(folder)
    original = fcntl.flock
    descriptors = []

    def flock(descriptor: int, how: int) -> None:
        original(descriptor, how)
        descriptors.append(descriptor)
        if len(descriptors) == 2:  # the first one is of a file that has no name yet
            path.unlink()

    monkeypatch.setattr("fcntl.flock", flock)
    with folder_lock.lock_folder(folder):
        assert len(descriptors) == 4
        assert path.exists()


def test_the_rename_decides_on_a_file_system_without_locks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def flock(descriptor: int, how: int) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr("fcntl.flock", flock)
    folder = tmp_path / "demo"
    (tmp_path / ".demo.0123abcd").mkdir()
    with folder_lock.lock_folder(folder), build_run_folder(folder) as built:
        first = built.path
        assert (tmp_path / ".demo.0123abcd").exists(), "it may be of a run that lives"
        (first / "x").write_text("first")
        with folder_lock.lock_folder(folder):
            second = build_run_folder(folder)
            (second.__enter__().path / "x").write_text("second")
            folder.mkdir()
            (folder / "x").write_text("third")
            with pytest.raises(
                InputError, match="got one that another run has made in the meantime"
            ):
                second.__exit__(None, None, None)
        (folder / "x").unlink()
    assert (folder / "x").read_text() == "first"


def test_builds_of_killed_runs_are_removed_and_an_older_run_is_restored(tmp_path: Path) -> None:
    for name in (".demo.0123abcd", ".demo.0123abcd.old", ".demo.20251130", ".demo.notes"):
        (tmp_path / name).mkdir()
    for _ in range(2):
        build = owned_paths.make_folder(tmp_path, ".demo.", owned_paths.BUILD)
        build.must_stay = True
        with build:
            (build.path / "new").mkdir()
    (build.path / "old").mkdir()
    (build.path / "old" / "x").write_text("the run before")
    with folder_lock.lock_folder(tmp_path / "demo"):
        assert (tmp_path / "demo" / "x").read_text() == "the run before"
        theirs = [".demo.0123abcd", ".demo.0123abcd.old", ".demo.20251130", ".demo.lock"]
        assert hidden(tmp_path) == [*theirs, ".demo.notes"]


@pytest.mark.parametrize("place", ["/proc/x/y", "FILE/run"])
def test_a_place_where_no_folder_can_be_made_is_an_error(
    gafreduce: Command, command: tuple[object, ...], tmp_path: Path, place: str
) -> None:
    (tmp_path / "file").write_text("x")
    place = place.replace("FILE", str(tmp_path / "file"))
    code, out, errors = gafreduce(*command, place)
    assert (code, out) == (1, "")
    assert f"gafreduce: {place}: expected to make a run folder there, got " in errors
    assert "Errno" not in errors


def test_the_second_of_two_runs_into_one_folder_fails_at_once(
    gafreduce: Command,
    command: tuple[object, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    original = run.run_pipeline
    results = []

    def pipeline(*arguments: Any) -> Any:
        monkeypatch.setattr(run, "run_pipeline", None)  # the second doesn't come so far
        results.append(gafreduce(*command, tmp_path / "run"))
        return original(*arguments)

    monkeypatch.setattr(run, "run_pipeline", pipeline)
    code, _, errors = gafreduce(*command, tmp_path / "run")
    assert (code, errors) == (0, "")
    ((code, out, errors),) = results
    assert (code, out) == (3, "")
    assert "run: expected to be alone, got another run at work there" in errors
    assert (tmp_path / "run" / "MANIFEST.tsv").exists()
    assert hidden(tmp_path) == []


# prefixes


def test_a_prefix_is_locked_before_any_work_and_a_second_run_fails(
    bucket: Any,
    gafreduce: Command,
    command: tuple[object, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    original = run.run_pipeline
    monkeypatch.setattr(s3_lock, "_BEAT_SECONDS", 0.01)
    monkeypatch.setattr(s3_lock, "_LOOK_SECONDS", 0.1)
    results = []

    def pipeline(*arguments: Any) -> Any:
        listed = bucket.list_objects_v2(Bucket="runs")["Contents"]
        assert [item["Key"] for item in listed] == [f"p/{s3_lock.NAME}"]
        monkeypatch.setattr(run, "run_pipeline", None)
        results.append(gafreduce(*command, "s3://runs/p"))
        return original(*arguments)

    monkeypatch.setattr(run, "run_pipeline", pipeline)
    code, _, errors = gafreduce(*command, "s3://runs/p")
    assert (code, errors) == (0, "")
    ((code, out, errors),) = results
    assert (code, out) == (3, "")
    assert "s3://runs/p: expected to be alone, got another run publishing there" in errors
    keys = {item["Key"] for item in bucket.list_objects_v2(Bucket="runs")["Contents"]}
    assert "p/MANIFEST.tsv" in keys
    assert f"p/{s3_lock.NAME}" not in keys


def test_a_run_that_loses_its_lock_ends_at_once_and_publishes_nothing(
    bucket: Any,
    gafreduce: Command,
    command: tuple[object, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(s3_lock, "_BEAT_SECONDS", 0.01)

    def pipeline(*_: object) -> None:
        bucket.put_object(Bucket="runs", Key=f"p/{s3_lock.NAME}", Body=b"{}")
        threading.Event().wait(60)
        raise AssertionError("it went on")

    monkeypatch.setattr(run, "run_pipeline", pipeline)
    code, _, errors = gafreduce(*command, "s3://runs/p")
    assert code == 3
    assert "got another run publishing there" in errors
    listed = bucket.list_objects_v2(Bucket="runs")["Contents"]
    assert [item["Key"] for item in listed] == [f"p/{s3_lock.NAME}"], "the other one's"


def test_orphans_of_a_dead_run_are_ended_before_the_next_run_works(
    bucket: Any,
    gafreduce: Command,
    command: tuple[object, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    left = {"attempts": [ATTEMPT], "files": ["tables/x.tsv", "../y"]}
    bucket.put_object(Bucket="runs", Key=f"p/{s3_lock.NAME}", Body=json.dumps(left).encode())
    bucket.put_object(
        Bucket="runs", Key="p/tables/x.tsv", Body=b"half", Metadata={"attempt": ATTEMPT}
    )
    monkeypatch.setattr(s3_lock, "_LOOK_SECONDS", 0)
    original = run.run_pipeline

    def pipeline(*arguments: Any) -> Any:
        listed = bucket.list_objects_v2(Bucket="runs")["Contents"]
        assert [item["Key"] for item in listed] == [f"p/{s3_lock.NAME}"]
        return original(*arguments)

    monkeypatch.setattr(run, "run_pipeline", pipeline)
    code, out, _ = gafreduce(*command, "s3://runs/p")
    assert (code, out.splitlines()[-1]) == (0, "s3://runs/p")


# recovery


def test_clusters_applications_and_temporary_folders_are_ended(
    bucket: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = resource_marks.make_mark("/runs/demo", ATTEMPT)
    in_s3 = "s3://runs/tmp/0123456789ab/01234567/"
    in_hdfs = "hdfs:///tmp/gafreduce-me/check-0123456789ab/01234567"
    log = tmp_path / "log"
    answers = {
        "hadoop": f'case "$*" in *-stat*) printf \'directory\\t0\\t1\\t01234567\\n'
        f"directory\\t0\\t1\\t.gafreduce-mark-{mark}\\n';; esac",
        "yarn": f"[ $2 = -status ] && printf '\\tApplication-Name : gafreduce {mark}\\n"
        "\\tUser : me\\n'",
    }
    for name, answer in answers.items():
        binary = tmp_path / "bin" / name
        binary.parent.mkdir(exist_ok=True)
        binary.write_text(f'#!/bin/sh\necho "{name} $*" >> {log}\n{answer}\nexit 0\n')
        binary.chmod(0o755)
    monkeypatch.setenv("HADOOP_HOME", str(tmp_path))
    monkeypatch.setenv("HADOOP_USER_NAME", "me")
    cluster = start_cluster("eu-central-1", *resource_marks.make_tags(mark))
    marker = f"tmp/0123456789ab/01234567/.gafreduce-mark-{mark}"
    for key in (marker, "tmp/0123456789ab/01234567/mrjob/x", "tmp/0123456789ab/012345678/x"):
        bucket.put_object(Bucket="runs", Key=key, Body=b"")
    named = {
        "attempts": [ATTEMPT],
        "clusters": [cluster],
        "applications": ["application_1_0001"],
        "temporary": [in_s3, in_hdfs],
    }
    assert recovery.end(lock_record.parse(json.dumps(named).encode()), "/runs/demo", s3.Access())
    assert is_ended(cluster)
    assert [line for line in log.read_text().splitlines() if "-stat" not in line] == [
        "yarn application -kill application_1_0001",
        f"hadoop fs -rm -r -f -skipTrash {in_hdfs}",
    ]
    keys = [item["Key"] for item in bucket.list_objects_v2(Bucket="runs")["Contents"]]
    assert keys == ["tmp/0123456789ab/012345678/x"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"applications": "application_1_1"}',
        b'{"applications": ["-kill", "application_1_1; rm"], "clusters": ["j-1", "x/j-1 y"]}',
        b'{"temporary": ["s3://runs/", "s3://runs/results", "hdfs:///", "/tmp", 1]}',
        b'{"temporary": ["hdfs:///tmp/../data/0123456789ab/01234567"]}',
        b'{"files": ["/etc/passwd", "../x", "a/../../x", ""]}',
    ],
)
def test_unexpected_values_in_a_lock_record_are_ignored(body: bytes) -> None:
    assert lock_record.parse(body) == lock_record.EMPTY


@pytest.fixture
def yarn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Replace YARN's client by a shell script."""
    monkeypatch.setenv("HADOOP_HOME", str(tmp_path / "hadoop"))
    folder = tmp_path / "hadoop" / "bin"
    folder.mkdir(parents=True)

    def make(script: str) -> None:
        for name in ("hadoop", "yarn"):
            (folder / name).write_text(f"#!/bin/sh\n{script}\n")
            (folder / name).chmod(0o755)

    return make


#: Their output when no ResourceManager answers.
NO_ANSWER = 'echo "Call From here to rm:8032 failed on connection exception" >&2; exit 255'


def test_an_application_that_yarn_does_not_end_is_an_error(
    yarn: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = ["application_1_0001", "application_1_0002"]
    yarn("echo \"Application with id '$3' doesn't exist in RM.\"; exit 255")
    program = hadoop.find_program("yarn", conf=None)
    hadoop.kill_applications(program, ids)
    yarn(f'[ "$3" = {ids[0]} ] && exit 0; {NO_ANSWER}')
    with pytest.raises(hadoop.StillRunsError, match=r"^application_1_0002: .*rm:8032 failed"):
        hadoop.kill_applications(program, ids)
    yarn("exec sleep 60")
    monkeypatch.setattr(hadoop, "_KILL_SECONDS", 0.1)
    with pytest.raises(hadoop.StillRunsError, match=r"0001 application_1_0002: .* within 0\.1 s"):
        hadoop.kill_applications(program, ids)


@pytest.mark.parametrize("place", ["folder", "prefix"])
def test_a_local_run_is_made_and_leaves_the_orphans_of_a_cluster_and_their_lock(
    bucket: Any,
    gafreduce: Command,
    command: tuple[object, ...],
    tmp_path: Path,
    yarn: Callable[[str], None],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
) -> None:
    yarn(f"touch {tmp_path}/called")
    monkeypatch.setattr(s3_lock, "_LOOK_SECONDS", 0)
    left = json.dumps({"product": "gafreduce", "applications": ["application_1_0001"]})
    if place == "folder":
        (tmp_path / ".p.lock").write_text(left)
        assert gafreduce(*command, tmp_path / "p")[0] == 0
        assert (tmp_path / "p" / "MANIFEST.tsv").exists()
        body = (tmp_path / ".p.lock").read_text()
    else:
        key = f"p/{s3_lock.NAME}"
        bucket.put_object(Bucket="runs", Key=key, Body=left.encode())
        assert gafreduce(*command, "s3://runs/p")[0] == 0
        bucket.head_object(Bucket="runs", Key="p/MANIFEST.tsv")
        body = bucket.get_object(Bucket="runs", Key=key)["Body"].read()
    assert json.loads(body)["applications"] == ["application_1_0001"]
    assert not (tmp_path / "called").exists()
    assert "names application_1_0001, which this run does not use: left alone" in caplog.text
    assert "the lock that names it stays" in caplog.text


@pytest.mark.parametrize("place", ["folder", "prefix"])
def test_the_lock_stays_when_the_own_job_of_a_run_cannot_be_ended(
    bucket: Any,
    gafreduce: Command,
    command: tuple[object, ...],
    tmp_path: Path,
    yarn: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
    place: str,
) -> None:
    yarn(NO_ANSWER)

    class Runner:
        _opts = {"jobconf": {}}  # noqa: RUF012 - as mrjob has it

        def __enter__(self) -> Runner:
            return self

        def get_hadoop_streaming_jar(self) -> str:
            return "hadoop-streaming.jar"

        def run(self) -> None:
            message = "Submitted application application_1_0001"
            logging.getLogger("mrjob.hadoop").info(message)
            raise KeyboardInterrupt

        def __exit__(self, *_: object) -> None:
            pass

    class Job:
        def __init__(self, arguments: list[str]) -> None:
            self.make_runner = Runner

    def pipeline(*arguments: Any) -> None:
        files = job.SideFiles(tmp_path, tmp_path, tmp_path)
        options = job.JobOptions("hadoop")
        job.run_job(Job, (), (), files, "hdfs:///out", options, None, arguments[-1])

    monkeypatch.setattr(run, "run_pipeline", pipeline)
    output = tmp_path / "p" if place == "folder" else "s3://runs/p"
    code, _, errors = gafreduce(*command, output)
    assert code == 3
    assert "application_1_0001: expected YARN to end it, got: Call From here" in errors
    if place == "folder":
        body = (tmp_path / ".p.lock").read_bytes()
    else:
        body = bucket.get_object(Bucket="runs", Key=f"p/{s3_lock.NAME}")["Body"].read()
    assert json.loads(body)["applications"] == ["application_1_0001"]


def test_an_orphan_that_cannot_be_ended_is_logged(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HADOOP_HOME", "HADOOP_PREFIX", "HADOOP_INSTALL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", os.devnull)
    record = {**lock_record.EMPTY, "applications": ("application_1_1",)}
    recovery.end(record, "/runs/demo", s3.Access())
    assert "application_1_1, an orphan of a killed run, could not be ended" in caplog.text


# clean


def test_clean_ends_the_orphans_in_the_lock_of_a_killed_run(
    bucket: Any, gafreduce: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    path = tmp_path / ".demo.lock"
    mark = resource_marks.make_mark(str(tmp_path / "demo"), ATTEMPT)
    cluster = start_cluster("us-east-1", *resource_marks.make_tags(mark))
    path.write_text(
        json.dumps({"product": "gafreduce", "attempts": [ATTEMPT], "clusters": [cluster]})
    )
    (tmp_path / ".other.lock").write_text('{"clusters": ["us-east-1/j-ABD"]}')
    with folder_lock.lock_folder(tmp_path / "live"):
        code, out, _ = gafreduce("clean", tmp_path, "--older-than", "0")
        assert (code, is_ended(cluster)) == (0, False)
        assert "live" not in out
        assert f"found\t{path}\tthe lock, {cluster} of a run that ended" in out
        assert gafreduce("clean", tmp_path, "--older-than", "0", "--yes")[0] == 0
        assert hidden(tmp_path) == [".live.lock", ".other.lock"]
    assert is_ended(cluster)


def test_clean_keeps_a_lock_when_its_orphans_cannot_be_ended(
    gafreduce: Command,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for name in ("HADOOP_HOME", "HADOOP_PREFIX", "HADOOP_INSTALL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", os.devnull)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    (tmp_path / ".demo.lock").write_text(
        '{"product": "gafreduce", "applications": ["application_1_0001"]}'
    )
    code, _, errors = gafreduce("clean", tmp_path, "--older-than", "0", "--yes")
    assert (code, hidden(tmp_path)) == (3, [".demo.lock"])
    assert "could not be ended, so the lock stays" in caplog.text
    assert "1 could not be listed or removed" in errors


# errors of other threads


def _stop_from_a_thread(reason: BaseException) -> None:
    threading.Thread(target=signals.interrupt_main, args=(reason,)).start()
    threading.Event().wait(60)


def test_an_error_of_another_thread_is_raised_only_inside_the_block() -> None:
    signals.interrupt_main(LockedError("ignored"))
    with signals.handle_signals():
        with pytest.raises(LockedError, match="lost"):
            _stop_from_a_thread(LockedError("lost"))
        signals.interrupt_main(LockedError("the first reason counts"))
        with pytest.raises(LockedError, match="lost"):
            signals.raise_pending()
    with signals.handle_signals():
        signals.raise_pending()
