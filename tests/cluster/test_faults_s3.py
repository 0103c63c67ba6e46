"""S3 that fails, cuts answers, is slow or goes away: golden, or a run that fails and says so."""

import hashlib
import http.client
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from job_runs import (
    SAMPLES,
    Command,
    Job,
    RunCommand,
    objects,
    records,
    run_command,
    tables,
    tables_in_s3,
)
from minihadoop.cluster import Cluster
from minihadoop.configuration import LOOPBACK, REGION
from s3_fault_proxy import Fault, FaultProxy
from sabotage import MAPPER, NODES, sabotage

from gafreduce.errors import FAILED
from gafreduce.jobs.files.input_list import InputFile

Golden = Callable[..., list[bytes]]
FEW_RETRIES = (
    *("-D", "fs.s3a.attempts.maximum=2", "-D", "fs.s3a.retry.limit=2"),
    *("-D", "fs.s3a.retry.throttle.limit=2"),
)
DOWN_SECONDS = 5
HELD_SECONDS = 60
LOOK_SECONDS = 2
# Of a few hundred requests that fail three times in ten, none shall fail each time.
MANY_ATTEMPTS = "10"
WORDS_OF = {500: "InternalError", 503: "asked to slow down"}


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
        Fault("short-write", rate=0.3, method="PUT"),
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
@pytest.mark.parametrize(
    ("runner", "status", "said"),
    [
        ("hadoop", 500, "Status Code: 500"),
        ("hadoop", 503, "Status Code: 503"),
        ("emr", 503, "AWSServiceThrottledException"),  # and which cluster's
    ],
)
def test_s3_that_always_fails_the_cluster_fails_the_run_in_words(
    gafreduce: RunCommand,
    cluster: Cluster,
    samples_in_s3: str,
    s3: Any,
    runner: str,
    status: int,
    said: str,
) -> None:
    """The driver reaches S3, and the cluster does not."""
    place = f"results/no-s3-{runner}-{status}/"
    before = cluster.control("clusters")
    with FaultProxy(cluster.ports.s3, [Fault("status", status=status)]) as proxy:
        more = ("-D", f"fs.s3a.endpoint={proxy.endpoint}", *FEW_RETRIES)
        done = gafreduce(runner, samples_in_s3, output=f"s3://results/{place}", more=more)
        assert proxy.injected["status"] > 0
    check_failed(done, said, *(cluster.control("clusters").keys() - before.keys()))
    assert n_objects(s3, place) == 0
    check_clusters_ended(cluster)


@pytest.mark.faults
@pytest.mark.parametrize("status", [500, 503])
@pytest.mark.parametrize(("method", "doing"), [("GET", "reading"), ("PUT", "results/refused")])
@pytest.mark.parametrize("runner", ["inline", "emr"])
def test_s3_that_always_fails_the_driver_fails_the_run_in_words(
    gafreduce: RunCommand,
    cluster: Cluster,
    samples_in_s3: str,
    s3: Any,
    runner: str,
    status: int,
    method: str,
    doing: str,
) -> None:
    place = f"results/refused-{runner}-{method}-{status}/"
    with FaultProxy(cluster.ports.s3, [Fault("status", status=status, method=method)]) as proxy:
        environment = {"AWS_ENDPOINT_URL_S3": proxy.endpoint, "AWS_MAX_ATTEMPTS": "2"}
        done = gafreduce(
            runner, samples_in_s3, output=f"s3://results/{place}", environment=environment
        )
        assert proxy.injected["status"] > 0
    check_failed(done, "s3://", WORDS_OF[status])
    assert doing in done.stderr or "s3://" in done.stderr
    assert n_objects(s3, place) == 0
    check_clusters_ended(cluster)


def check_failed(done: Any, *words: str) -> None:
    assert done.returncode == FAILED, done.stderr
    last = done.stderr.splitlines()[-1]
    assert last.startswith("gafreduce: "), done.stderr
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in last


def check_clusters_ended(cluster: Cluster) -> None:
    states = cluster.control("clusters").values()
    assert all(state.startswith("TERMINATED") for state in states), states


ONCE_AND_AGAIN = {
    "503": Fault("status", rate=0.3),
    "500": Fault("status", rate=0.3, status=500),
    **{
        kind: Fault(kind, rate=0.2, times=4)
        for kind in ("reset-read", "short-read", "reset-write", "short-write", "latency")
    },
}


@pytest.mark.faults
@pytest.mark.parametrize("name", ONCE_AND_AGAIN)
def test_driver_that_meets_a_failing_s3_gives_the_golden_tables(
    gafreduce: RunCommand, cluster: Cluster, samples_in_s3: str, s3: Any, tmp_path: Path, name: str
) -> None:
    """The driver itself lists, reads and publishes."""
    fault = ONCE_AND_AGAIN[name]
    with FaultProxy(cluster.ports.s3, [fault]) as proxy:
        output = f"s3://results/results/driver-{name}/"
        environment = {"AWS_ENDPOINT_URL_S3": proxy.endpoint, "AWS_MAX_ATTEMPTS": MANY_ATTEMPTS}
        done = gafreduce("inline", samples_in_s3, output=output, environment=environment)
        assert proxy.injected[fault.kind] > (0 if fault.times > 0 else len(proxy.requests) // 5)
    assert done.returncode == 0, done.stderr
    assert tables_in_s3(s3, "results", f"results/driver-{name}/") == golden_tables(
        gafreduce, tmp_path
    )


@pytest.mark.faults
@pytest.mark.parametrize("status", [500, 503])
def test_emr_that_meets_a_failing_s3_gives_the_golden_tables(
    gafreduce: RunCommand,
    cluster: Cluster,
    samples_in_s3: str,
    s3: Any,
    tmp_path: Path,
    status: int,
) -> None:
    """Driver, mrjob and the cluster's steps all go through the proxy."""
    with FaultProxy(cluster.ports.s3, [Fault("status", rate=0.3, status=status)]) as proxy:
        done = gafreduce(
            *("emr", samples_in_s3),
            output=f"s3://results/results/emr-{status}/",
            environment={"AWS_ENDPOINT_URL_S3": proxy.endpoint, "AWS_MAX_ATTEMPTS": MANY_ATTEMPTS},
            more=("-D", f"fs.s3a.endpoint={proxy.endpoint}"),
        )
        assert proxy.injected["status"] > len(proxy.requests) // 5
    assert done.returncode == 0, done.stderr
    assert tables_in_s3(s3, "results", f"results/emr-{status}/") == golden_tables(
        gafreduce, tmp_path
    )
    check_clusters_ended(cluster)


def golden_tables(gafreduce: RunCommand, folder: Path) -> dict[str, bytes]:
    done = gafreduce("inline", SAMPLES, output=folder / "golden")
    assert done.returncode == 0, done.stderr
    return tables(folder / "golden")


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
@pytest.mark.parametrize("kind", ["reset-write", "short-write"])
def test_driver_whose_puts_are_always_cut_publishes_nothing(
    gafreduce: RunCommand, cluster: Cluster, s3: Any, tmp_path: Path, kind: str
) -> None:
    """Every write of a table is cut half way; what this leaves is no run."""
    place = f"results/{kind}-always/"
    with FaultProxy(cluster.ports.s3, [Fault(kind, method="PUT", path="/tables/")]) as proxy:
        environment = {"AWS_ENDPOINT_URL_S3": proxy.endpoint, "AWS_MAX_ATTEMPTS": "2"}
        done = gafreduce("inline", SAMPLES, output=f"s3://results/{place}", environment=environment)
        assert proxy.injected[kind] > 0
    check_failed(done, place.rstrip("/"))
    assert n_objects(s3, place) == 0
    check_published(gafreduce, s3, place, tmp_path)


@pytest.mark.faults
@pytest.mark.parametrize("held", ["/tables/annotations.tsv", "/MANIFEST.tsv"])
def test_driver_that_dies_in_mid_put_publishes_nothing(
    command: Command, gafreduce: RunCommand, cluster: Cluster, mrjob_conf: Path, s3: Any, held: str
) -> None:
    """Half of an object is on its way when the driver is killed."""
    place = f"results/{command.name}/"
    asked = run_command("inline", SAMPLES, output=f"s3://results/{place}", conf=mrjob_conf)
    fault = Fault("hold-write", method="PUT", path=held)
    with FaultProxy(cluster.ports.s3, [fault]) as proxy:
        with command.started(asked, {"AWS_ENDPOINT_URL_S3": proxy.endpoint}) as driver:
            assert proxy.held.wait(HELD_SECONDS), "no write was held: nothing was tested"
            driver.kill()
            driver.wait()
        time.sleep(LOOK_SECONDS)  # the server notices that its client is gone
    names = list_names(s3, place)
    assert "lock" in " ".join(names)  # it died as it worked, and could not clear up
    assert "MANIFEST.tsv" not in names
    check_published(gafreduce, s3, place, command.folder)
    assert not [name for name in list_names(s3, place) if "lock" in name]


def list_names(s3: Any, place: str) -> list[str]:
    found = s3.list_objects_v2(Bucket="results", Prefix=place).get("Contents", [])
    return [item["Key"].removeprefix(place) for item in found]


def check_published(gafreduce: RunCommand, s3: Any, place: str, folder: Path) -> None:
    """Check that the same command publishes now, every object whole and the tables golden."""
    again = gafreduce("inline", SAMPLES, output=f"s3://results/{place}")
    assert again.returncode == 0, again.stderr
    manifest = s3.get_object(Bucket="results", Key=f"{place}MANIFEST.tsv")["Body"].read().decode()
    rows = [line.split("\t") for line in manifest.splitlines()[1:]]
    assert sorted(name for name, *_ in rows) == sorted(
        name for name in list_names(s3, place) if name != "MANIFEST.tsv"
    )
    for name, n_bytes, sha256 in rows:
        body = s3.get_object(Bucket="results", Key=f"{place}{name}")["Body"].read()
        assert (str(len(body)), hashlib.sha256(body).hexdigest()) == (n_bytes, sha256), name
    assert tables_in_s3(s3, "results", place) == golden_tables(gafreduce, folder)


@pytest.mark.faults
def test_short_object_never_counts_as_published(
    gafreduce: RunCommand, cluster: Cluster, s3: Any
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
