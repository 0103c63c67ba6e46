"""Runs in a process of their own: how they end, and that they are stopped in time."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from gafreduce.cloud import child, task
from gafreduce.errors import UsageError

REPOSITORY = Path(__file__).parents[3]


def test_the_end_of_a_run_has_its_words() -> None:
    assert child.run_in_time(["--version"], 60, "") == child.Ended(0, "")
    ended = child.run_in_time(["verify", "/nowhere"], 60, "")
    assert ended.code == 1
    assert ended.message.startswith("/nowhere")


def test_a_run_that_takes_too_long_is_stopped_and_leaves_nothing(
    samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    words = ["run", str(samples), "--ontology", str(samples / "go-samples.obo")]
    with pytest.raises(child.StoppedError, match=r"expected a run of at most 1 s, got a longer"):
        child.run_in_time([*words, "-o", str(tmp_path / "run")], 1, "")
    assert list(scratch.iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tmp"]
    assert tempfile.gettempdir()  # of this process: not changed


def test_a_locked_run_is_known_by_the_words_of_its_error() -> None:
    from gafreduce.publishing import folder_lock, s3_lock

    for module in (folder_lock, s3_lock):
        assert child.LOCKED in Path(str(module.__file__)).read_text()
    assert child.is_locked(child.Ended(3, "x: expected to be alone, got another run publishing"))
    assert not child.is_locked(child.Ended(3, "S3 is busy"))


ENVIRONMENT = {
    "AWS_REGION": "eu-central-1",
    "GAFREDUCE_SUBNET": "subnet-1",
    "GAFREDUCE_BUCKET": "gafres",
    "GAFREDUCE_SERVICE_ROLE": "stack-service",
    "GAFREDUCE_NODE_PROFILE": "stack-node",
    "GAFREDUCE_SECURITY": "stack-security",
}


def test_the_task_fills_mrjob_conf() -> None:
    template = (REPOSITORY / "mrjob.conf").read_text()
    emr = task.fill_configuration(template, ENVIRONMENT).partition("  emr:\n")[2]
    settings = [line.strip() for line in emr.splitlines() if not line.strip().startswith("#")]
    for expected in (
        "region: eu-central-1",
        "subnet: subnet-1",
        "iam_service_role: stack-service",
        "iam_instance_profile: stack-node",
        "cloud_tmp_dir: s3://gafres/tmp/",
        "cloud_log_dir: s3://gafres/logs/",
        "SecurityConfiguration: stack-security",
    ):
        assert expected in settings
    with pytest.raises(UsageError, match="GAFREDUCE_SUBNET: expected a value"):
        task.fill_configuration(template, {**ENVIRONMENT, "GAFREDUCE_SUBNET": ""})


def test_only_jobs_for_emr_have_a_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(task, "TEMPLATE", REPOSITORY / "mrjob.conf")
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    assert task.make_command(["run", "emr", "-r", "local"], tmp_path)[1:] == [
        *("-m", "gafreduce", "run", "emr", "-r", "local")
    ]
    command = task.make_command(["run", "x", "-r", "emr"], tmp_path)
    assert command[-2:] == ["-c", str(tmp_path / "mrjob.conf")]
    assert "subnet: subnet-1" in (tmp_path / "mrjob.conf").read_text()
