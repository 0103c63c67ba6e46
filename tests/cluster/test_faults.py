"""What happens when things break: the golden records, or a run that fails and says so.

Every fault is real: processes are killed or stopped, bytes are damaged, answers are refused.
docs/reliability.md lists them with what was seen.
"""

import gzip
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from job_runs import Job, objects, records
from minihadoop import processes
from minihadoop.cluster import Cluster
from s3_fault_proxy import Fault, FaultProxy

from jobs.input_list import InputFile

POLL_SECONDS = 0.02
MAPPER = "--step-num=0 --mapper"
FEW_ATTEMPTS = ("-D", "mapreduce.map.maxattempts=2", "-D", "mapreduce.reduce.maxattempts=2")

Put = Callable[..., list[InputFile]]


@dataclass
class Saboteur:
    """Waits, in a thread, for a process of the cluster and does something to the first one seen."""

    cluster: Cluster
    words: str
    act: Callable[[int], None]
    hit: list[int] = field(default_factory=list)

    def watch(self, stop: threading.Event) -> None:
        """Look until there is such a process, or until told to stop."""
        while not (stop.is_set() or self.hit):
            for pid in processes.find(self.cluster.marker("nodemanager"), self.words)[:1]:
                with suppress(ProcessLookupError):
                    self.act(pid)
                    self.hit.append(pid)
            time.sleep(POLL_SECONDS)


@contextmanager
def sabotage(cluster: Cluster, words: str, act: Callable[[int], None]) -> Iterator[None]:
    """Do something to one process while the block runs; fail if there was none to be seen."""
    saboteur, stop = Saboteur(cluster, words, act), threading.Event()
    thread = threading.Thread(target=saboteur.watch, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
    assert saboteur.hit, f"no process with {words!r} was seen: nothing was tested"


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def hang(pid: int) -> None:
    os.kill(pid, signal.SIGSTOP)


@pytest.fixture
def two_in_hdfs(put: Put, two_plain: list[InputFile]) -> list[InputFile]:
    return put(two_plain, "faults")


def test_killed_task_is_done_again(
    job: Job, cluster: Cluster, two_plain: list[InputFile], two_in_hdfs: list[InputFile]
) -> None:
    with sabotage(cluster, MAPPER, kill):
        made = job("hadoop", two_in_hdfs, *FEW_ATTEMPTS, uber=False)
    assert made == job("inline", two_plain)


def test_s3_that_answers_503_is_asked_again(
    job: Job, cluster: Cluster, excerpts: list[InputFile], in_bucket: list[InputFile], s3: Any
) -> None:
    with FaultProxy(cluster.ports.s3, [Fault("status", rate=0.3)]) as proxy:
        endpoint = ("-D", f"fs.s3a.endpoint={proxy.endpoint}")
        job("hadoop", in_bucket, *endpoint, output="s3://results/results/after-503")
        assert proxy.injected["status"] > 5
    made = records(objects(s3, "results", "results/after-503/"))
    assert made == job("inline", excerpts)


def test_failed_step_fails_the_run_and_publishes_nothing(
    job: Job, cluster: Cluster, in_bucket: list[InputFile], s3: Any
) -> None:
    fault = {"code": "STEP_FAILURE", "message": "injected", "times": 1}
    cluster.control("faults", {"step": fault})
    done = job.attempt("emr", in_bucket, output="s3://results/results/failed-step")
    assert done.returncode != 0
    assert "failed" in done.stderr.lower()
    assert s3.list_objects_v2(Bucket="results", Prefix="results/failed-step")["KeyCount"] == 0


@pytest.mark.faults
def test_hanging_task_is_given_up_and_done_again(
    job: Job, cluster: Cluster, two_plain: list[InputFile], two_in_hdfs: list[InputFile]
) -> None:
    soon = ("-D", "mapreduce.task.timeout=10000")
    with sabotage(cluster, MAPPER, hang):
        made = job("hadoop", two_in_hdfs, *soon, *FEW_ATTEMPTS, uber=False)
    assert made == job("inline", two_plain)


@pytest.mark.faults
def test_killed_application_master_is_replaced(
    job: Job, cluster: Cluster, two_plain: list[InputFile], two_in_hdfs: list[InputFile]
) -> None:
    def kill_master(pid: int) -> None:
        for master in processes.find(cluster.marker("nodemanager"), "MRAppMaster"):
            kill(master)

    with sabotage(cluster, MAPPER, kill_master):
        made = job("hadoop", two_in_hdfs, uber=False)
    assert made == job("inline", two_plain)


@pytest.mark.faults
def test_nodemanager_that_dies_with_its_tasks_is_done_without(
    job: Job, cluster: Cluster, two_plain: list[InputFile], two_in_hdfs: list[InputFile]
) -> None:
    """The node without the ApplicationMaster dies, while it runs maps."""

    def kill_node(pid: int) -> None:
        masters = processes.find(cluster.marker("nodemanager"), "MRAppMaster")
        busy = {name for name in cluster.nodemanagers for p in masters if p in _of(cluster, name)}
        victim = next(name for name in cluster.nodemanagers if name not in busy)
        if not any(MAPPER in processes.command_line(p) for p in _of(cluster, victim)):
            raise ProcessLookupError  # look again
        cluster.kill(victim)
        killed.append(victim)

    killed: list[str] = []
    try:
        with sabotage(cluster, MAPPER, kill_node):
            made = job("hadoop", two_in_hdfs, uber=False)
        assert made == job("inline", two_plain)
    finally:
        for name in killed:
            cluster.start_daemon(name)
        cluster.wait_healthy()


def _of(cluster: Cluster, name: str) -> list[int]:
    return processes.members(cluster.marker(name))


@pytest.mark.faults
def test_duplicate_attempts_change_nothing(
    job: Job, two_plain: list[InputFile], two_in_hdfs: list[InputFile]
) -> None:
    duplicate = ("-D", "mapreduce.map.speculative=true", "-D", "mapreduce.reduce.speculative=true")
    made = job("hadoop", two_in_hdfs, *duplicate, uber=False)
    assert made == job("inline", two_plain)


@pytest.mark.faults
def test_worker_without_python_fails_the_run(job: Job, two_in_hdfs: list[InputFile]) -> None:
    done = job.attempt("hadoop", two_in_hdfs, "--python-bin", "python3.99", *FEW_ATTEMPTS)
    assert done.returncode != 0
    assert done.stdout == ""


def truncated(packed: bytes) -> bytes:
    return packed[: len(packed) // 2]


def damaged(packed: bytes) -> bytes:
    return packed[:-8] + bytes([packed[-8] ^ 0xFF]) + packed[-7:]


def with_junk(packed: bytes) -> bytes:
    return packed + b"junk that is no gzip member"


def empty(packed: bytes) -> bytes:
    return b""


def not_gzip(packed: bytes) -> bytes:
    return gzip.decompress(packed)


@pytest.mark.faults
@pytest.mark.parametrize("spoil", [truncated, damaged, with_junk, empty, not_gzip])
def test_broken_gzip_fails_the_run(
    job: Job,
    whole: list[InputFile],
    put: Put,
    tmp_path: Path,
    spoil: Callable[[bytes], bytes],
) -> None:
    source = Path(whole[0].uri)
    broken = tmp_path / source.name
    broken.write_bytes(spoil(source.read_bytes()))
    inputs = put([replace(whole[0], uri=str(broken)), whole[1]], f"broken-{spoil.__name__}")
    done = job.attempt("hadoop", inputs, *FEW_ATTEMPTS)
    assert done.returncode != 0
    assert done.stdout == ""


@pytest.mark.faults
def test_two_gzip_members_are_both_read(
    job: Job, whole: list[InputFile], put: Put, tmp_path: Path
) -> None:
    source = Path(whole[0].uri)
    lines = gzip.decompress(source.read_bytes()).splitlines(keepends=True)
    halves = (b"".join(lines[:1000]), b"".join(lines[1000:]))
    (tmp_path / source.name).write_bytes(b"".join(map(gzip.compress, halves)))
    inputs = put([replace(whole[0], uri=str(tmp_path / source.name))], "two-members")
    assert job("hadoop", inputs) == job("inline", whole[:1])


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
    fault: Fault,
) -> None:
    name = f"results/after-{fault.kind}-{fault.status}"
    with FaultProxy(cluster.ports.s3, [fault]) as proxy:
        endpoint = ("-D", f"fs.s3a.endpoint={proxy.endpoint}")
        job("hadoop", in_bucket, *endpoint, output=f"s3://results/{name}")
        assert proxy.injected[fault.kind] > 0
    assert records(objects(s3, "results", f"{name}/")) == job("inline", excerpts)


@pytest.mark.faults
def test_s3_that_always_fails_fails_the_run(
    job: Job, cluster: Cluster, in_bucket: list[InputFile], s3: Any
) -> None:
    with FaultProxy(cluster.ports.s3, [Fault("status")]) as proxy:
        bounded = ("-D", f"fs.s3a.endpoint={proxy.endpoint}", "-D", "fs.s3a.attempts.maximum=2")
        retries = ("-D", "fs.s3a.retry.limit=2", "-D", "fs.s3a.retry.throttle.limit=2")
        done = job.attempt(
            "hadoop", in_bucket, *bounded, *retries, output="s3://results/results/no-s3"
        )
    assert done.returncode != 0
    assert s3.list_objects_v2(Bucket="results", Prefix="results/no-s3")["KeyCount"] == 0


@pytest.mark.faults
@pytest.mark.parametrize(
    ("place", "fault", "said"),
    [
        (
            "bootstrap",
            {
                "code": "BOOTSTRAP_FAILURE",
                "message": "On the master instance (i-0), bootstrap action 1 returned a non-zero "
                "return code",
            },
            "bootstrap action 1",
        ),
        (
            "cluster",
            {"code": "INSTANCE_FAILURE", "message": "The master failed: i-0"},
            "The master failed",
        ),
        (
            "AddJobFlowSteps",
            {"code": "ValidationException", "message": "injected refusal"},
            "injected refusal",
        ),
    ],
)
def test_cluster_that_ends_early_fails_the_run(
    job: Job,
    cluster: Cluster,
    in_bucket: list[InputFile],
    s3: Any,
    place: str,
    fault: dict[str, Any],
    said: str,
) -> None:
    cluster.control("faults", {place: fault | {"times": 1}})
    done = job.attempt("emr", in_bucket, output=f"s3://results/results/ended-{place}")
    assert done.returncode != 0
    assert said in done.stderr
    prefix = f"results/ended-{place}/_SUCCESS"
    assert s3.list_objects_v2(Bucket="results", Prefix=prefix)["KeyCount"] == 0


@pytest.mark.faults
@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--release-label", "emr-7.99.0", "The supplied release label is invalid: emr-7.99.0."),
        ("--iam-instance-profile", "nobody", "Invalid InstanceProfile: nobody."),
        ("--iam-service-role", "nobody", "role/nobody is invalid"),
        ("--subnet", "subnet-00000000", "subnet-00000000 does not exist"),
        ("--subnet", "my-subnet", "The supplied ec2SubnetId is not valid."),
    ],
)
def test_wrong_name_in_mrjob_conf_is_said_in_amazons_words(
    job: Job, in_bucket: list[InputFile], option: str, value: str, said: str
) -> None:
    done = job.attempt("emr", in_bucket, option, value, output="s3://results/results/wrong-name")
    assert done.returncode != 0
    assert said in done.stderr
