"""Settings that are wrong and services that are away: said in words, nothing published."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from job_runs import SAMPLES, Command, Run, RunCommand, run_command
from minihadoop import processes
from minihadoop.cluster import Cluster
from minihadoop.processes import free_ports
from sabotage import MAPPER, NODES, hang, sabotage

from gafreduce.errors import FAILED, INPUT

pytestmark = pytest.mark.faults

WAIT_SECONDS = 240
AWS_REGIONS = {"AWS_REGION": None, "AWS_DEFAULT_REGION": None}


def nobody_there() -> str:
    """Return an endpoint where nobody listens."""
    return f"http://127.0.0.1:{free_ports(1)[0]}"


def check_said(done: Any, output: Path, *words: str, code: int = FAILED) -> None:
    assert done.returncode == code, done.stderr
    assert done.stderr.startswith("gafreduce: "), done.stderr
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr
    assert not output.exists()


def test_no_region_is_said_before_anything_starts(
    run: Run, mrjob_conf: Path, cluster: Cluster, samples_in_s3: str, tmp_path: Path
) -> None:
    conf = yaml.safe_load(mrjob_conf.read_text())
    del conf["runners"]["emr"]["region"]
    path = tmp_path / "mrjob.conf"
    path.write_text(yaml.safe_dump(conf))
    before = len(cluster.control("calls"))
    output = tmp_path / "run"
    done = run(run_command("emr", samples_in_s3, output=output, conf=path), AWS_REGIONS)
    check_said(done, output, "expected a mrjob.conf with region", code=INPUT)
    calls = cluster.control("calls")[before:]
    assert "elasticmapreduce:RunJobFlow" not in [operation for operation, _ in calls]


@pytest.mark.parametrize("runner", ["inline", "hadoop", "emr"])
def test_s3_that_is_down_is_said(
    gafreduce: RunCommand, samples_in_s3: str, tmp_path: Path, runner: str
) -> None:
    environment = {"AWS_ENDPOINT_URL_S3": nobody_there(), "AWS_MAX_ATTEMPTS": "2"}
    output = tmp_path / "run"
    done = gafreduce(runner, samples_in_s3, output=output, environment=environment)
    check_said(done, output, environment["AWS_ENDPOINT_URL_S3"], "samples")


def test_control_plane_that_is_down_is_said(
    gafreduce: RunCommand, samples_in_s3: str, tmp_path: Path
) -> None:
    environment = {"AWS_ENDPOINT_URL": nobody_there(), "AWS_MAX_ATTEMPTS": "2"}
    output = tmp_path / "run"
    done = gafreduce("emr", samples_in_s3, output=output, environment=environment)
    check_said(done, output, environment["AWS_ENDPOINT_URL"])


@pytest.mark.parametrize("daemon", ["namenode", "resourcemanager"])
def test_hadoop_that_is_down_is_said(
    gafreduce: RunCommand, cluster: Cluster, tmp_path: Path, daemon: str
) -> None:
    port, free = getattr(cluster.ports, daemon), free_ports(1)[0]
    conf = tmp_path / "conf"
    shutil.copytree(cluster.environment(uber=True)["HADOOP_CONF_DIR"], conf)
    for path in conf.glob("*-site.xml"):
        path.write_text(path.read_text().replace(f":{port}<", f":{free}<"))
    output = tmp_path / "run"
    environment = {"HADOOP_CONF_DIR": str(conf)}
    done = gafreduce("hadoop", SAMPLES, output=output, environment=environment)
    check_said(done, output, "Connection refused")


@contextmanager
def safe_mode(run: Run) -> Iterator[None]:
    assert run(["hdfs", "dfsadmin", "-safemode", "enter"]).returncode == 0
    try:
        yield
    finally:
        assert run(["hdfs", "dfsadmin", "-safemode", "leave"]).returncode == 0


@pytest.mark.alone
def test_hdfs_in_safe_mode_is_waited_for_and_said_in_time(
    gafreduce: RunCommand, run: Run, tmp_path: Path
) -> None:
    output = tmp_path / "run"
    with safe_mode(run):
        done = gafreduce("hadoop", SAMPLES, output=output, more=("--max-wall", "45s"))
    assert done.returncode == FAILED
    assert "HDFS is in safe mode" in done.stderr
    assert "--max-wall 45 s" in done.stderr.splitlines()[-1]
    assert not output.exists()


@contextmanager
def no_memory(cluster: Cluster, conf: Path, folder: Path) -> Iterator[None]:
    """Let another run's ApplicationMaster have all the memory that such may have."""
    hog = Command(cluster, folder)
    all_of_it = cluster.options.node_memory_mib * cluster.options.nodemanagers // 2
    more = (
        *("-D", f"mapreduce.job.name={hog.name}"),
        *("-D", f"yarn.app.mapreduce.am.resource.mb={all_of_it}"),
    )
    asked = run_command("hadoop", SAMPLES, output=folder / "run", conf=conf, more=more)
    with sabotage(cluster.marker(NODES), MAPPER, hang, hog.name), hog.started(asked) as process:
        deadline = time.monotonic() + WAIT_SECONDS
        while not processes.find(cluster.marker(NODES), MAPPER, hog.name):
            assert process.poll() is None, process.communicate()[1]
            assert time.monotonic() < deadline
            time.sleep(processes.POLL_SECONDS)
        try:
            yield
        finally:
            process.terminate()
            process.communicate(timeout=WAIT_SECONDS)


@pytest.mark.alone
def test_run_without_memory_waits_says_so_and_ends_in_time(
    gafreduce: RunCommand, command: Command, cluster: Cluster, mrjob_conf: Path, tmp_path: Path
) -> None:
    named = ("-D", f"mapreduce.job.name={command.name}")
    (tmp_path / "hog").mkdir()
    output = tmp_path / "waits"
    with no_memory(cluster, mrjob_conf, tmp_path / "hog"):
        more = ("--max-wall", "90s", *named)
        done = gafreduce("hadoop", SAMPLES, output=output, more=more)
        assert cluster.live_applications(command.name) == []
    assert done.returncode == FAILED
    assert "waiting for the first task" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("gafreduce: ")
    assert "--max-wall 1.5 min" in done.stderr
    assert not output.exists()
