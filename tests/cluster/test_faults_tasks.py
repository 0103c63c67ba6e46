"""Tasks, nodes and disks that fail: the golden records, or a run that fails and says so."""

import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
import yaml
from job_runs import Command, Job, RunCommand, run_command
from minihadoop import processes
from minihadoop.cluster import Cluster
from minihadoop.configuration import MIB, node_folder
from minihadoop.history import JobHistory
from sabotage import MAPPER, NODES, hang, in_mid_input, kill, of_python, sabotage

from gafreduce.errors import FAILED
from gafreduce.jobs.files.input_list import InputFile

FEW_ATTEMPTS = ("-D", "mapreduce.map.maxattempts=2", "-D", "mapreduce.reduce.maxattempts=2")
# Nodes are given up by host name, and these are on one host: all would be. So attempts go on until
# they come to the node that has room.
ANY_NODE = (
    *("-D", "yarn.app.mapreduce.am.job.node-blacklisting.enable=false"),
    *("-D", "mapreduce.map.maxattempts=20"),
)
# A slow task is looked for as soon as one other is done, and often. The slow one is not given up.
SPECULATIVE = (
    *("-D", "mapreduce.map.speculative=true", "-D", "mapreduce.reduce.speculative=true"),
    *("-D", "mapreduce.job.speculative.retry-after-no-speculate=500"),
    *("-D", "mapreduce.job.speculative.retry-after-speculate=1000"),
    *("-D", "mapreduce.job.speculative.slowtaskthreshold=0.1"),
    *("-D", "mapreduce.task.timeout=600000"),
)
NODE_EXPIRY_MS = 5_000
ONE_MAP = ("-D", "mapreduce.job.maps=1")  # two by default, whatever the blocks
DISK_MIB = 64
FULL = ("No space left on device", "valid local directory", "No space available", "dirs are bad")

Golden = Callable[..., list[bytes]]
Put = Callable[..., list[InputFile]]


@pytest.fixture
def two_in_hdfs(put: Put, two_plain: list[InputFile]) -> list[InputFile]:
    return put(two_plain, "faults")


def check_done_again(job: JobHistory, *words: str) -> None:
    """Check that an attempt of a map came to nothing, with these words, and another one to all."""
    assert any(all(word in each.why for word in words) for each in job.in_vain), job.maps
    assert len(job.maps) == job.n_maps + len(job.in_vain)


def test_task_killed_in_mid_input_is_done_again(
    job: Job,
    cluster: Cluster,
    one_plain: list[InputFile],
    put: Put,
    golden: Golden,
) -> None:
    """One split of 49 MB: its mapper has read some of it, and not all, when it is killed."""
    one_split = put(one_plain, "one-split", 64 * MIB)
    read: list[int] = []

    def stop_and_kill(pid: int) -> None:
        hang(pid)
        read.append(processes.n_read(pid))
        kill(pid)

    with sabotage(cluster.marker(NODES), MAPPER, in_mid_input(stop_and_kill), job.name):
        made = job("hadoop", one_split, *ONE_MAP, *FEW_ATTEMPTS, uber=False)
    assert made == golden(one_plain)
    assert read[0] < one_plain[0].bytes, "it had read all: nothing was tested"
    first, _ = cluster.history(job.name)
    assert first.n_maps == 1
    check_done_again(first, "subprocess failed with code 137")


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
    with sabotage(cluster.marker(NODES), MAPPER, of_python(hang), job.name):
        made = job("hadoop", two_in_hdfs, *soon, uber=False)
    assert made == golden(two_plain)
    check_done_again(cluster.history(job.name)[0], "taskTimedOut: true")


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
        masters = processes.find(cluster.marker(NODES), "MRAppMaster")
        if not masters:
            raise ProcessLookupError  # look again
        for master in masters:
            kill(master)

    with sabotage(cluster.marker(NODES), MAPPER, kill_master, job.name):
        made = job("hadoop", two_in_hdfs, uber=False)
    assert made == golden(two_plain)
    assert [each.n_masters for each in cluster.history(job.name)] == [2, 1]


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
    with ExitStack() as stack:
        stack.enter_context(cluster.giving_up_nodes_after(NODE_EXPIRY_MS))
        stack.callback(lambda: [cluster.start_daemon(name) for name in killed])
        with sabotage(cluster.marker(NODES), MAPPER, kill_node, job.name):
            made = job("hadoop", two_in_hdfs, uber=False)
        assert made == golden(two_plain)
        check_done_again(cluster.history(job.name)[0], "lost")


def _of(cluster: Cluster, name: str) -> list[int]:
    return processes.members(cluster.marker(name))


@pytest.mark.faults
def test_duplicate_attempt_of_a_slow_task_changes_nothing(
    job: Job,
    cluster: Cluster,
    two_plain: list[InputFile],
    two_in_hdfs: list[InputFile],
    golden: Golden,
) -> None:
    """A mapper is stopped and not given up: its task is done twice at a time, and counts once."""
    with sabotage(cluster.marker(NODES), MAPPER, of_python(hang), job.name):
        made = job("hadoop", two_in_hdfs, *SPECULATIVE, uber=False)
    assert made == golden(two_plain)
    first = cluster.history(job.name)[0]
    assert len(first.maps) > first.n_maps, "no task was done twice: nothing was tested"
    succeeded = Counter(each.task for each in first.maps if each.state == "SUCCEEDED")
    assert len(succeeded) == first.n_maps
    assert set(succeeded.values()) == {1}
    assert {each.state for each in first.in_vain} == {"KILLED"}


@pytest.mark.faults
def test_worker_without_python_fails_the_run_in_words(
    command: Command, mrjob_conf: Path, two_plain: list[InputFile], tmp_path: Path
) -> None:
    conf = yaml.safe_load(mrjob_conf.read_text())
    conf["runners"]["hadoop"]["python_bin"] = "python3.99"
    path = tmp_path / "mrjob.conf"
    path.write_text(yaml.safe_dump(conf))
    paths, output = [file.uri for file in two_plain], tmp_path / "run"
    asked = run_command("hadoop", *paths, output=output, conf=path, more=FEW_ATTEMPTS)
    done = command.run(asked)
    assert done.returncode == FAILED
    assert done.stderr.startswith("gafreduce: the job failed"), done.stderr
    assert "a node lacks the configured Python" in done.stderr
    assert "python3.99" in done.stderr
    assert not any(file in done.stderr for file in paths)  # no input is to blame
    assert not output.exists()


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
    gafreduce: RunCommand, cluster: Cluster, two_plain: list[InputFile], tmp_path: Path
) -> None:
    in_containers = ("-D", "mapreduce.job.ubertask.enable=false")
    paths = [file.uri for file in two_plain]
    more = (*in_containers, *FEW_ATTEMPTS)
    with (
        small_disks(cluster, cluster.nodemanagers) as folders,
        sabotage(cluster.marker(NODES), MAPPER, lambda pid: fill(folders)),
    ):
        done = gafreduce("hadoop", *paths, output=tmp_path / "run", uber=False, more=more)
    assert done.returncode == FAILED
    assert "gafreduce: the job failed" in done.stderr
    assert "is full" in done.stderr
    assert "yarn.nodemanager.local-dirs" in done.stderr  # what to do
    assert any(said in done.stderr for said in FULL)
    assert not any(path in done.stderr for path in paths)  # no input is to blame
    assert not (tmp_path / "run").exists()
