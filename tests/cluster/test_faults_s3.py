"""S3 that fails, cuts answers, is slow or goes away: golden, or a run that fails and says so."""

import http.client
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from job_runs import SAMPLES, Front, Job, objects, records, tables, tables_in_s3
from minihadoop.cluster import Cluster
from minihadoop.configuration import LOOPBACK, REGION
from s3_fault_proxy import Fault, FaultProxy
from sabotage import MAPPER, NODES, sabotage

from jobs.input_list import InputFile

Golden = Callable[..., list[bytes]]
FEW_RETRIES = (
    *("-D", "fs.s3a.attempts.maximum=2", "-D", "fs.s3a.retry.limit=2"),
    *("-D", "fs.s3a.retry.throttle.limit=2"),
)
DOWN_SECONDS = 5


def n_objects(s3: Any, prefix: str) -> int:
    return int(s3.list_objects_v2(Bucket="results", Prefix=prefix)["KeyCount"])


def test_s3_that_answers_503_is_asked_again(
    job: Job,
    cluster: Cluster,
    excerpts: list[InputFile],
    in_bucket: list[InputFile],
    s3: Any,
    golden: Golden,
) -> None:
    with FaultProxy(cluster.ports.s3, [Fault("status", rate=0.3)]) as proxy:
        endpoint = ("-D", f"fs.s3a.endpoint={proxy.endpoint}")
        job("hadoop", in_bucket, *endpoint, output="s3://results/results/after-503")
        assert proxy.injected["status"] > 5
    made = records(objects(s3, "results", "results/after-503/"))
    assert made == golden(excerpts)


@pytest.mark.faults
@pytest.mark.parametrize(
    "fault",
    [
        Fault("status", rate=0.3, status=500),
        Fault("reset-read", rate=0.3, method="GET", path="/annotations/in/"),
        Fault("short-read", rate=0.3, method="GET", path="/annotations/in/"),
        Fault("reset-write", rate=0.3, method="PUT"),
        Fault("latency", rate=0.2, seconds=5),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.status if fault.kind == 'status' else ''}".rstrip("-"),
)
def test_s3_that_fails_now_and_then_changes_nothing(
    job: Job,
    cluster: Cluster,
    excerpts: list[InputFile],
    in_bucket: list[InputFile],
    s3: Any,
    golden: Golden,
    fault: Fault,
) -> None:
    name = f"results/after-{fault.kind}-{fault.status}"
    with FaultProxy(cluster.ports.s3, [fault]) as proxy:
        endpoint = ("-D", f"fs.s3a.endpoint={proxy.endpoint}")
        job("hadoop", in_bucket, *endpoint, output=f"s3://results/{name}")
        assert proxy.injected[fault.kind] > 0
    assert records(objects(s3, "results", f"{name}/")) == golden(excerpts)


@pytest.mark.faults
@pytest.mark.parametrize("status", [500, 503])
def test_s3_that_always_fails_the_cluster_fails_the_run(
    job: Job, cluster: Cluster, in_bucket: list[InputFile], s3: Any, status: int
) -> None:
    output = f"results/no-s3-{status}"
    with FaultProxy(cluster.ports.s3, [Fault("status", status=status)]) as proxy:
        endpoint = ("-D", f"fs.s3a.endpoint={proxy.endpoint}", *FEW_RETRIES)
        done = job.attempt("hadoop", in_bucket, *endpoint, output=f"s3://results/{output}")
        assert proxy.injected["status"] > 0
    assert done.returncode != 0
    assert n_objects(s3, output) == 0


@pytest.mark.faults
@pytest.mark.parametrize("status", [500, 503])
@pytest.mark.parametrize(("method", "doing"), [("GET", "reading"), ("PUT", "results/refused")])
def test_s3_that_always_fails_the_driver_fails_the_run_in_words(
    gafreduce: Front,
    cluster: Cluster,
    samples_in_s3: str,
    s3: Any,
    status: int,
    method: str,
    doing: str,
) -> None:
    output = f"s3://results/results/refused-{method}-{status}/"
    with FaultProxy(cluster.ports.s3, [Fault("status", status=status, method=method)]) as proxy:
        environment = {"AWS_ENDPOINT_URL_S3": proxy.endpoint, "AWS_MAX_ATTEMPTS": "2"}
        done = gafreduce("inline", samples_in_s3, output=output, environment=environment)
        assert proxy.injected["status"] > 0
    assert done.returncode == 1
    assert done.stderr.startswith("gafreduce: ")
    assert "Traceback" not in done.stderr
    assert doing in done.stderr or "s3://" in done.stderr
    assert n_objects(s3, f"results/refused-{method}-{status}/") == 0


@pytest.mark.faults
@pytest.mark.parametrize("kind", ["status", "reset-read", "short-read", "reset-write", "latency"])
def test_driver_that_meets_a_failing_s3_gives_the_golden_tables(
    gafreduce: Front, cluster: Cluster, samples_in_s3: str, s3: Any, tmp_path: Path, kind: str
) -> None:
    """The driver itself lists, reads and publishes."""
    fault = Fault(kind, rate=0.2, seconds=5, times=4)
    with FaultProxy(cluster.ports.s3, [fault]) as proxy:
        output = f"s3://results/results/driver-{kind}/"
        environment = {"AWS_ENDPOINT_URL_S3": proxy.endpoint}
        done = gafreduce("inline", samples_in_s3, output=output, environment=environment)
        assert proxy.injected[kind] > 0
    assert done.returncode == 0, done.stderr
    golden = gafreduce("inline", SAMPLES, output=tmp_path / "golden")
    assert golden.returncode == 0, golden.stderr
    assert tables_in_s3(s3, "results", f"results/driver-{kind}/") == tables(tmp_path / "golden")


@pytest.mark.faults
@pytest.mark.alone
def test_server_that_restarts_in_mid_run_changes_nothing(
    job: Job,
    cluster: Cluster,
    excerpts: list[InputFile],
    in_bucket: list[InputFile],
    s3: Any,
    golden: Golden,
) -> None:
    def restart(pid: int) -> None:
        cluster.kill("s3")
        threading.Timer(DOWN_SECONDS, cluster.start_daemon, ["s3"]).start()

    with sabotage(cluster.marker(NODES), MAPPER, restart, job.name):
        job("hadoop", in_bucket, output="s3://results/results/after-restart")
    assert records(objects(s3, "results", "results/after-restart/")) == golden(excerpts)


@pytest.mark.faults
@pytest.mark.alone
def test_server_that_stays_away_fails_the_run(
    job: Job, cluster: Cluster, in_bucket: list[InputFile], s3: Any
) -> None:
    try:
        with sabotage(cluster.marker(NODES), MAPPER, lambda pid: cluster.kill("s3"), job.name):
            done = job.attempt(
                "hadoop",
                in_bucket,
                *FEW_RETRIES,
                *("-D", "mapreduce.map.maxattempts=1", "-D", "mapreduce.reduce.maxattempts=1"),
                output="s3://results/results/server-gone",
            )
    finally:
        cluster.start_daemon("s3")
        cluster.wait_healthy()
    assert done.returncode != 0
    assert n_objects(s3, "results/server-gone/_SUCCESS") == 0


@pytest.mark.faults
def test_client_that_dies_in_mid_put_publishes_nothing(
    gafreduce: Front, cluster: Cluster, s3: Any
) -> None:
    """Every write of a table is cut half way; what this leaves is no run."""
    fault = Fault("reset-write", method="PUT", path="/tables/")
    with FaultProxy(cluster.ports.s3, [fault]) as proxy:
        environment = {"AWS_ENDPOINT_URL_S3": proxy.endpoint, "AWS_MAX_ATTEMPTS": "2"}
        output = "s3://results/results/cut-writes/"
        done = gafreduce("inline", SAMPLES, output=output, environment=environment)
        assert proxy.injected["reset-write"] > 0
    assert done.returncode == 1
    assert "results/cut-writes" in done.stderr
    assert n_objects(s3, "results/cut-writes/MANIFEST.tsv") == 0
    again = gafreduce("inline", SAMPLES, output="s3://results/results/cut-writes/")
    assert again.returncode == 0, again.stderr
    assert n_objects(s3, "results/cut-writes/MANIFEST.tsv") == 1


@pytest.mark.faults
def test_short_object_never_counts_as_published(
    gafreduce: Front, cluster: Cluster, s3: Any
) -> None:
    """This server keeps what a client without a checksum has sent before it went."""
    signing = boto3.client(
        "s3",
        endpoint_url=cluster.s3_endpoint,
        aws_access_key_id=cluster.keys.access,
        aws_secret_access_key=cluster.keys.secret,
        region_name=REGION,
        config=Config(signature_version="s3v4"),
    )
    where = {"Bucket": "results", "Key": "results/short/MANIFEST.tsv"}
    link = signing.generate_presigned_url("put_object", where)
    sender = http.client.HTTPConnection(LOOPBACK, cluster.ports.s3)
    sender.putrequest("PUT", link.removeprefix(cluster.s3_endpoint))
    sender.putheader("Content-Length", "400000")
    sender.endheaders(b"path\tbytes\tsha256\n" * 10_000)
    sender.close()
    deadline = time.monotonic() + 10
    while not n_objects(s3, "results/short/") and time.monotonic() < deadline:
        time.sleep(0.1)
    assert n_objects(s3, "results/short/") == 1, "the server kept nothing: nothing was tested"
    done = gafreduce("inline", SAMPLES, output="s3://results/results/short/")
    assert done.returncode == 1
    assert "s3://results/results/short" in done.stderr
    assert "there already" not in done.stdout
