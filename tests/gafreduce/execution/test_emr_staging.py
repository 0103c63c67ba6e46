"""Tests of staging on EMR: inputs stay in S3, and one cluster does all jobs of a run."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from botocore.client import BaseClient

from gafreduce.errors import InputError
from gafreduce.execution import emr_staging, job
from gafreduce.execution.staging import stage_inputs
from gafreduce.execution.staging_area import StagingArea, StagingRequest
from gafreduce.inputs.listed_input import ListedInput
from gafreduce.pipeline.options import RunOptions
from gafreduce.pipeline.run_jobs import RunJobs
from gafreduce.pipeline.stages import Stages
from gafreduce.publishing import emr_clusters, lock_record
from gafreduce.storage import s3
from gafreduce.storage.base import Identity
from gafreduce.terminal.progress import Progress

Command = Callable[..., tuple[int, str, str]]
SAFE_IN_S3 = {
    "mapreduce.map.speculative": "false",
    "mapreduce.reduce.speculative": "false",
    "mapreduce.fileoutputcommitter.algorithm.version": "1",
}
LONG = "in/" + "a-folder-with-a-long-name/" * 4


@pytest.fixture
def bucket(s3_client: Any) -> Any:
    s3_client.create_bucket(Bucket="gaf")
    return s3_client


@pytest.fixture
def conf(tmp_path: Path) -> Path:
    path = tmp_path / "mrjob.conf"
    path.write_text("runners: {emr: {cloud_tmp_dir: 's3://gaf/tmp/', region: us-east-1}}\n")
    return path


def put(client: Any, *keys: str) -> list[ListedInput]:
    found = []
    for key in keys:
        body = f"content of {key}".encode()
        etag = client.put_object(Bucket="gaf", Key=key, Body=body)["ETag"]
        compression = "gzip" if key.endswith(".gz") else "plain"
        name = key.rpartition("/")[2]
        found.append(
            ListedInput(f"s3://gaf/{key}", name, "gaf", compression, Identity(len(body), etag=etag))
        )
    return found


@contextlib.contextmanager
def on_emr(inputs: Sequence[ListedInput], conf: Path, tmp_path: Path) -> Iterator[StagingArea]:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    request = StagingRequest("0123456789ab", conf, s3.Access(), scratch)
    with stage_inputs(inputs, "emr", request, lambda done, total: None) as area:
        yield area


def keys(client: Any, prefix: str = "") -> list[str]:
    listed = client.list_objects_v2(Bucket="gaf", Prefix=prefix).get("Contents", [])
    return [item["Key"] for item in listed]


def test_few_inputs_are_named_one_by_one(bucket: Any, conf: Path, tmp_path: Path) -> None:
    inputs = put(bucket, "in/a.gaf", "in/b.gaf.gz")
    put(bucket, "in/c.txt")
    with on_emr(inputs, conf, tmp_path) as area:
        assert area.input_paths == ("s3://gaf/in/a.gaf", "s3://gaf/in/b.gaf.gz")
        assert "--add-steps-in-batch" in area.options
        for name, value in SAFE_IN_S3.items():  # whatever mrjob.conf has
            assert f"{name}={value}" in area.options


def test_many_inputs_are_named_by_their_prefix(bucket: Any, conf: Path, tmp_path: Path) -> None:
    inputs = put(bucket, *(f"{LONG}{number}.gaf" for number in range(60)))
    bucket.put_object(Bucket="gaf", Key=LONG, Body=b"")  # as consoles put it to show a folder
    with on_emr(inputs, conf, tmp_path) as area:
        assert area.input_paths == (f"s3://gaf/{LONG}",)
        assert [each.uri for each in area.inputs] == [found.uri for found in inputs]
        (marker,) = keys(bucket, "tmp/")
        assert "/.gafreduce-mark-" in marker


@pytest.mark.parametrize("more", [f"{LONG}README", f"{LONG}deeper/x.gaf"])
def test_many_inputs_next_to_other_objects_are_copied_within_s3(
    bucket: Any, conf: Path, tmp_path: Path, more: str, caplog: pytest.LogCaptureFixture
) -> None:
    names = [f"{LONG}{number}.gaf{'.gz' if number % 2 else ''}" for number in range(60)]
    inputs = put(bucket, *names)
    put(bucket, more)
    with on_emr(inputs, conf, tmp_path) as area:
        (path,) = area.input_paths
        assert path.startswith("s3://gaf/tmp/0123456789ab/")
        assert path.endswith("/in/")
        for number, found in enumerate(area.inputs):
            assert found.uri == f"{path}{number:06d}.gaf{'.gz' if number % 2 else ''}"
            assert found.listed is inputs[number]
            place_of = s3.parse(found.uri)
            body = bucket.get_object(Bucket=place_of.bucket, Key=place_of.key)["Body"].read()
            assert body == f"content of {names[number]}".encode()
        assert "60 inputs are too many for the arguments of a step" in caplog.text
    assert keys(bucket, "tmp/") == []
    assert len(keys(bucket, "in/")) == 61


def test_copies_carry_the_etag_of_the_listing(
    bucket: Any, conf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = put(bucket, *(f"{LONG}{number}.gaf" for number in range(60)))
    put(bucket, f"{LONG}README")
    requests = {}
    original = BaseClient._make_api_call

    def call(self: Any, operation: str, parameters: Any) -> Any:
        if operation == "CopyObject":  # the stand-in does not check the condition
            requests[f"s3://gaf/{parameters['CopySource']['Key']}"] = parameters[
                "CopySourceIfMatch"
            ]
        return original(self, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    with on_emr(inputs, conf, tmp_path):
        assert requests == {found.uri: found.identity.etag for found in inputs}


def test_an_input_outside_s3_is_refused(conf: Path, tmp_path: Path) -> None:
    with (
        pytest.raises(InputError, match=r"/a\.gaf: expected inputs in S3 for -r emr"),
        on_emr([ListedInput("/a.gaf", "a.gaf", "gaf", "plain", Identity(1))], conf, tmp_path),
    ):
        pass


def test_a_large_gzip_file_is_warned_of(
    bucket: Any, conf: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    large = ListedInput(
        "s3://gaf/all.gaf.gz", "all.gaf.gz", "gaf", "gzip", Identity(12_300_000_000)
    )
    with on_emr([large], conf, tmp_path):
        pass
    assert "s3://gaf/all.gaf.gz: 12.3 GB of gzip are one task, on one core" in caplog.text


def test_an_idle_cluster_shuts_down_as_in_mrjob_conf_or_after_ten_minutes(
    bucket: Any, conf: Path, tmp_path: Path
) -> None:
    inputs = put(bucket, "in/a.gaf")
    with on_emr(inputs, conf, tmp_path) as area:
        assert emr_staging._IDLE in area.options
    (tmp_path / "scratch").rename(tmp_path / "before")
    conf.write_text(
        "runners: {emr: {cloud_tmp_dir: 's3://gaf/tmp/', region: us-east-1, extra_cluster_params: "
        "{AutoTerminationPolicy: {IdleTimeout: 60}}}}\n"
    )
    with on_emr(inputs, conf, tmp_path) as area:
        assert emr_staging._IDLE not in area.options


@pytest.mark.parametrize("fails", [False, True])
def test_a_waiting_cluster_is_terminated_at_the_end(
    bucket: Any, conf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    ended = []
    monkeypatch.setattr(
        emr_clusters, "terminate_cluster", lambda access, cluster: ended.append(cluster)
    )
    outcome = pytest.raises(ValueError, match="the job") if fails else contextlib.nullcontext()
    with outcome, on_emr(put(bucket, "in/a.gaf"), conf, tmp_path) as area:
        area.cluster = "us-east-1/j-ABC"
        if fails:
            raise ValueError("the job failed")
    assert ended == ["us-east-1/j-ABC"]


ALIVE = ("--extra-cluster-param", "Instances.KeepJobFlowAliveWhenNoSteps=true")


def _jobs(area: StagingArea, keeps: bool, tmp_path: Path) -> Any:
    files = job.SideFiles(tmp_path, tmp_path, tmp_path)
    return RunJobs(
        *(_plan(), area, (), files, tmp_path, Stages(Progress())),
        *(lambda kind, values: None, None, None, keeps),
    )


def _record_requests(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Record the cluster options of each job; one without a cluster starts j-1, j-2 and so on."""
    requests: list[tuple[str, ...]] = []

    def run_job(*arguments: Any) -> int:
        options: job.JobOptions = arguments[5]
        requests.append(job._cluster_options(options))
        if not options.cluster:
            arguments[7](lock_record.CLUSTERS, [f"us-east-1/j-{len(requests)}"])
        return 0

    monkeypatch.setattr(job, "run_job", run_job)
    monkeypatch.setattr(StagingArea, "collect_parts", lambda self, job, scratch, n_parts: [])
    return requests


@pytest.mark.parametrize("state", ["WAITING", "RUNNING"])
def test_the_second_job_uses_the_cluster_of_the_first(
    bucket: Any, conf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    requests, ended = _record_requests(monkeypatch), _fake_emr(monkeypatch, state)
    with on_emr(put(bucket, "in/a.gaf"), conf, tmp_path) as area:
        jobs = _jobs(area, True, tmp_path)
        jobs.run_profile()
        jobs.run_context(tmp_path / "request")
    assert requests == [ALIVE, ("--cluster-id", "j-1")]
    assert ended == ["j-1"]


@pytest.mark.parametrize("state", ["TERMINATING", "TERMINATED", "TERMINATED_WITH_ERRORS"])
def test_another_cluster_is_started_when_the_first_has_idled_too_long(
    bucket: Any, conf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    requests, ended = _record_requests(monkeypatch), _fake_emr(monkeypatch, state)
    with on_emr(put(bucket, "in/a.gaf"), conf, tmp_path) as area:
        jobs = _jobs(area, True, tmp_path)
        jobs.run_profile()
        jobs.run_context(tmp_path / "request")
    assert requests == [ALIVE, ALIVE]
    assert ended == ["j-2"]


def test_a_run_of_one_job_keeps_no_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    requests = _record_requests(monkeypatch)
    area = StagingArea((), "s3://gaf/tmp")
    _jobs(area, False, tmp_path).run_profile()
    assert requests == [()]


def _fake_emr(monkeypatch: pytest.MonkeyPatch, state: str) -> list[str]:
    """Have all clusters in a state; return the list of those that are ended."""
    ended: list[str] = []

    class Emr:
        def describe_cluster(self, ClusterId: str) -> Any:  # noqa: N803 - AWS's name
            return {"Cluster": {"Status": {"State": state}}}

        def terminate_job_flows(self, JobFlowIds: list[str]) -> None:  # noqa: N803 - AWS's name
            ended.extend(JobFlowIds)

    monkeypatch.setattr(emr_clusters, "_client", lambda access, region: Emr())
    return ended


@pytest.mark.parametrize("moment", ["run", "cleanup"])
def test_a_kept_cluster_is_terminated_when_the_run_is_interrupted(
    bucket: Any, conf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    class Runner:
        _opts = {"region": "us-east-1", "jobconf": {}}  # noqa: RUF012 - as mrjob has it
        _cluster_id = None

        def __enter__(self) -> Runner:
            return self

        def run(self) -> None:
            logging.getLogger("mrjob.emr").info("Created new cluster j-ABC")
            if moment == "run":  # before mrjob knows it, while it puts tags
                raise KeyboardInterrupt
            self._cluster_id = "j-ABC"  # type: ignore[assignment]  # as mrjob has it

        def __exit__(self, *_: object) -> None:
            if moment == "cleanup":  # mrjob removes objects in S3, which takes seconds
                assert self._cluster_id is None
                raise KeyboardInterrupt

    class Job:
        def __init__(self, arguments: list[str]) -> None:
            self.make_runner = Runner

    monkeypatch.setattr("gafreduce.jobs.annotation_profile.MRAnnotationProfile", Job)
    ended = _fake_emr(monkeypatch, "WAITING")
    with (
        pytest.raises(KeyboardInterrupt),
        on_emr(put(bucket, "in/a.gaf"), conf, tmp_path) as area,
    ):
        _jobs(area, True, tmp_path).run_profile()
    assert ended == ["j-ABC"]


def _plan() -> Any:
    class Plan:
        options = RunOptions(inputs=())
        runner = "emr"
        has_many_targets = False
        is_on_cluster = False  # nothing is verified after these jobs

    return Plan()
