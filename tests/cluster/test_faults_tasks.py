"""Tasks, nodes and disks that fail: the golden records, or a run that fails and says so."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
from job_runs import Front, Job
from minihadoop import processes
from minihadoop.cluster import Cluster
from minihadoop.configuration import node_folder
from sabotage import MAPPER, NODES, hang, kill, sabotage

from jobs.input_list import InputFile

FEW_ATTEMPTS = ("-D", "mapreduce.map.maxattempts=2", "-D", "mapreduce.reduce.maxattempts=2")
# Nodes are given up by host name, and these are on one host: all would be. So attempts go on until
# they come to the node that has room.
ANY_NODE = (
    *("-D", "yarn.app.mapreduce.am.job.node-blacklisting.enable=false"),
    *("-D", "mapreduce.map.maxattempts=20"),
)
DISK_MIB = 64
FULL = ("No space left on device", "valid local directory", "No space available", "dirs are bad")

Golden = Callable[..., list[bytes]]
Put = Callable[..., list[InputFile]]


@pytest.fixture
def two_in_hdfs(put: Put, two_plain: list[InputFile]) -> list[InputFile]:
    return put(two_plain, "faults")


def test_killed_task_is_done_again(
    job: Job,
    cluster: Cluster,
    two_plain: list[InputFile],
    two_in_hdfs: list[InputFile],
    golden: Golden,
) -> None:
    with sabotage(cluster.marker(NODES), MAPPER, kill, job.name):
        made = job("hadoop", two_in_hdfs, *FEW_ATTEMPTS, uber=False)
    assert made == golden(two_plain)


@pytest.mark.faults
def test_hanging_task_is_given_up_and_done_again(
    job: Job,
    cluster: Cluster,
    two_plain: list[InputFile],
    two_in_hdfs: list[InputFile],
    golden: Golden,
) -> None:
    # Not so soon that a machine that is busy with other things gives up tasks that only wait.
    soon = ("-D", "mapreduce.task.timeout=20000")
    with sabotage(cluster.marker(NODES), MAPPER, hang, job.name):
        made = job("hadoop", two_in_hdfs, *soon, uber=False)
    assert made == golden(two_plain)


@pytest.mark.faults
@pytest.mark.alone
def test_killed_application_master_is_replaced(
    job: Job,
    cluster: Cluster,
    two_plain: list[InputFile],
    two_in_hdfs: list[InputFile],
    golden: Golden,
) -> None:
    def kill_master(pid: int) -> None:
        for master in processes.find(cluster.marker(NODES), "MRAppMaster"):
            kill(master)

    with sabotage(cluster.marker(NODES), MAPPER, kill_master):
        made = job("hadoop", two_in_hdfs, uber=False)
    assert made == golden(two_plain)


@pytest.mark.faults
@pytest.mark.alone
def test_nodemanager_that_dies_with_its_tasks_is_done_without(
    job: Job,
    cluster: Cluster,
    two_plain: list[InputFile],
    two_in_hdfs: list[InputFile],
    golden: Golden,
) -> None:
    """The node without the ApplicationMaster dies, while it runs maps."""

    def kill_node(pid: int) -> None:
        masters = processes.find(cluster.marker(NODES), "MRAppMaster")
        busy = {name for name in cluster.nodemanagers for p in masters if p in _of(cluster, name)}
        victim = next(name for name in cluster.nodemanagers if name not in busy)
        if not any(MAPPER in processes.command_line(p) for p in _of(cluster, victim)):
            raise ProcessLookupError  # look again
        cluster.kill(victim)
        killed.append(victim)

    killed: list[str] = []
    try:
        with sabotage(cluster.marker(NODES), MAPPER, kill_node):
            made = job("hadoop", two_in_hdfs, uber=False)
        assert made == golden(two_plain)
    finally:
        for name in killed:
            cluster.start_daemon(name)
        cluster.wait_healthy()


def _of(cluster: Cluster, name: str) -> list[int]:
    return processes.members(cluster.marker(name))


@pytest.mark.faults
def test_duplicate_attempts_change_nothing(
    job: Job, two_plain: list[InputFile], two_in_hdfs: list[InputFile], golden: Golden
) -> None:
    duplicate = ("-D", "mapreduce.map.speculative=true", "-D", "mapreduce.reduce.speculative=true")
    made = job("hadoop", two_in_hdfs, *duplicate, uber=False)
    assert made == golden(two_plain)


@pytest.mark.faults
def test_worker_without_python_fails_the_run(job: Job, two_in_hdfs: list[InputFile]) -> None:
    done = job.attempt("hadoop", two_in_hdfs, "--python-bin", "python3.99", *FEW_ATTEMPTS)
    assert done.returncode != 0
    assert done.stdout == ""


@contextmanager
def small_disks(cluster: Cluster, nodes: list[str]) -> Iterator[list[Path]]:
    """Give nodes a disk of their own for what their tasks write; needs the right to mount."""
    with ExitStack() as stack:
        folders = [
            node_folder(cluster.scratch, cluster.nodemanagers.index(name)) / "local"
            for name in nodes
        ]
        stack.callback(cluster.wait_healthy)
        for name, folder in zip(nodes, folders, strict=True):
            cluster.kill(name)
            stack.callback(cluster.start_daemon, name)
            folder.mkdir(parents=True, exist_ok=True)
            size = f"size={DISK_MIB}m"
            subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", folder], check=True)
            stack.callback(subprocess.run, ["umount", "--lazy", folder], check=True)
            stack.callback(cluster.kill, name)
            cluster.start_daemon(name)
        cluster.wait_healthy()
        yield folders


def fill(folders: list[Path]) -> None:
    """Leave no room on disks."""
    for folder in folders:
        with (folder / "ballast").open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(b"\0" * 4096)


@pytest.mark.faults
@pytest.mark.alone
def test_node_without_room_on_its_disk_is_done_without(
    job: Job,
    cluster: Cluster,
    two_plain: list[InputFile],
    two_in_hdfs: list[InputFile],
    golden: Golden,
) -> None:
    with small_disks(cluster, cluster.nodemanagers[1:]) as folders:

        def fill_busy_node(pid: int) -> None:
            if pid not in _of(cluster, cluster.nodemanagers[1]):
                raise ProcessLookupError  # look again
            fill(folders)

        with sabotage(cluster.marker(cluster.nodemanagers[1]), MAPPER, fill_busy_node, job.name):
            made = job("hadoop", two_in_hdfs, *ANY_NODE, uber=False)
    assert made == golden(two_plain)


@pytest.mark.faults
@pytest.mark.alone
def test_full_disks_fail_the_run_in_words(
    gafreduce: Front, cluster: Cluster, two_plain: list[InputFile], tmp_path: Path
) -> None:
    in_containers = ("-D", "mapreduce.job.ubertask.enable=false")
    paths = [file.uri for file in two_plain]
    more = (*in_containers, *FEW_ATTEMPTS)
    with (
        small_disks(cluster, cluster.nodemanagers) as folders,
        sabotage(cluster.marker(NODES), MAPPER, lambda pid: fill(folders)),
    ):
        done = gafreduce("hadoop", *paths, output=tmp_path / "run", uber=False, more=more)
    assert done.returncode == 1
    assert "gafreduce: the job failed" in done.stderr
    assert "is full" in done.stderr
    assert "yarn.nodemanager.local-dirs" in done.stderr  # what to do
    assert any(said in done.stderr for said in FULL)
    assert not any(path in done.stderr for path in paths)  # no input is to blame
    assert not (tmp_path / "run").exists()
