"""A driver that is interrupted or killed, at each phase; then the same command again: golden."""

from __future__ import annotations

import getpass
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from job_runs import SAMPLES, Command, run_command, tables, tables_in_s3
from minihadoop import processes
from minihadoop.cluster import Cluster
from s3_fault_proxy import Fault, FaultProxy
from sabotage import MAPPER, NODES, STEP_2

from gafreduce.errors import FAILED
from gafreduce.publishing import folder_lock

pytestmark = pytest.mark.faults

WAIT_SECONDS = 240
LOOK_SECONDS = 0.005
#: Exit codes by signal.
CODES = {"SIGINT": 130, "SIGTERM": 143}
KINDS = ("SIGINT", "SIGTERM", "SIGKILL")
TWO_DONE = ["COMPLETED", "COMPLETED"]


@dataclass(frozen=True)
class Drive:
    """A run of `gafreduce run` that is watched while it goes on.

    Attributes:
        command: How it is started.
        cluster: What it runs on.
        output: Its run folder, or the URI of that.
        name: Of its job, which no other run has.
        proxy: Between the driver and S3.
        n_clusters: Of EMR, that others had before.
    """

    command: Command
    cluster: Cluster
    output: str
    name: str
    proxy: FaultProxy
    n_clusters: int

    def starts(self, words: str) -> bool:
        """Tell whether the driver runs a command with these words."""
        return bool(processes.find(self.command.marker, words))

    def task(self, words: str) -> bool:
        """Tell whether a task with these words runs."""
        return bool(processes.find(self.cluster.marker(NODES), words, self.name))

    def built(self, pattern: str) -> bool:
        """Tell whether the run folder, which is being built, has such a file."""
        folder = Path(self.output)
        return any(folder.parent.glob(f".{folder.name}.*/new/{pattern}"))

    def steps(self) -> list[str]:
        """Return the states of the steps of this test's last cluster."""
        found = self.cluster.control("steps")
        return list(found[next(reversed(found))]) if len(found) > self.n_clusters else []

    def puts(self, words: str) -> bool:
        """Tell whether the driver puts an object with such a key."""
        return any(method == "PUT" and words in path for method, path in self.proxy.requests)


@dataclass(frozen=True)
class Phase:
    """A moment in a run.

    Attributes:
        name: For people.
        runner: Of the job.
        is_on: Tells whether it is now.
        in_s3: The run goes to S3.
        report: It makes a report.
    """

    name: str
    runner: str
    is_on: Callable[[Drive], bool]
    in_s3: bool = False
    report: bool = False


# What comes after the job is the driver's own work on every runner, so the quick one does for it.
PHASES = [
    Phase("upload", "hadoop", lambda drive: drive.starts("-put")),
    Phase("step 1", "hadoop", lambda drive: drive.task(MAPPER)),
    Phase("step 2", "hadoop", lambda drive: drive.task(STEP_2)),
    Phase("fetch", "hadoop", lambda drive: drive.starts("-get")),
    Phase("tables", "inline", lambda drive: drive.built("tables/*.tsv")),
    Phase("report", "inline", lambda drive: drive.built("run.json"), report=True),
    Phase("publish", "inline", lambda drive: drive.puts("/tables/"), in_s3=True),
    Phase("upload to EMR", "emr", lambda drive: drive.puts("/mrjob/"), in_s3=True),
    Phase("step on EMR", "emr", lambda drive: drive.task(MAPPER), in_s3=True),
    # Between its two jobs a run with a report has a cluster that waits.
    Phase("tables on EMR", "emr", lambda drive: drive.steps() == TWO_DONE, True, True),
    Phase(
        "context on EMR", "emr", lambda drive: drive.steps() == [*TWO_DONE, "RUNNING"], True, True
    ),
]


@dataclass(frozen=True)
class Setting:
    """What a test of this file has: inputs of its own, and what is true of them."""

    command: Command
    inputs: str
    conf: Path
    run_id: str
    golden: dict[str, bytes]

    def asked(self, phase: Phase, output: str) -> list[str | Path]:
        """Return the command of a run that goes through a phase."""
        named = ("-D", f"mapreduce.job.name={self.command.name}")
        more = named if phase.runner in ("hadoop", "emr") else ()
        return run_command(
            *(phase.runner, self.inputs),
            output=output,
            conf=self.conf,
            report=phase.report,
            more=more,
        )


@pytest.fixture
def setting(
    phase: Phase,
    command: Command,
    mrjob_conf: Path,
    s3: Any,
    bucket: Callable[[str], str],
    tmp_path: Path,
) -> Setting:
    """Return inputs that no other run has, so that this run's id is its own."""
    text = (SAMPLES / "Escherichia_coli_K_12-83333.gaf").read_bytes()
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / "one.gaf"
    path.write_bytes(text + f"! {command.name}\n".encode())
    inputs = str(path)
    if phase.runner == "emr":
        inputs = f"s3://{bucket('annotations')}/{command.name}/one.gaf"
        s3.upload_file(str(path), "annotations", f"{command.name}/one.gaf")
    golden = tmp_path / "golden"
    asked = run_command("inline", inputs, output=golden, conf=mrjob_conf, report=phase.report)
    done = command.run(asked)
    assert done.returncode == 0, done.stderr
    run_id = json.loads((golden / "run.json").read_bytes())["run_id"]
    return Setting(command, inputs, mrjob_conf, run_id, tables(golden))


def wait_for(phase: Phase, drive: Drive, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not phase.is_on(drive):
        assert process.poll() is None, f"it ended before {phase.name}: {process.communicate()[1]}"
        assert time.monotonic() < deadline, f"{phase.name} did not come"
        time.sleep(LOOK_SECONDS)


def send(kind: str, process: subprocess.Popen[str]) -> None:
    """Send a signal as a terminal (to all that it runs), a supervisor or the kernel does."""
    if kind == "SIGINT":
        os.killpg(process.pid, signal.SIGINT)
    else:
        process.send_signal(signal.Signals[kind])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("phase", PHASES, ids=lambda phase: phase.name.replace(" ", "-"))
def test_run_that_is_ended_leaves_nothing_and_can_be_made_again(
    setting: Setting, cluster: Cluster, s3: Any, tmp_path: Path, phase: Phase, kind: str
) -> None:
    command, output = setting.command, str(tmp_path / "out" / "run")
    if phase.in_s3:
        output = f"s3://results/results/{command.name}/"
    asked = setting.asked(phase, output)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    slow = Fault("latency", method="PUT", path="/tables/", seconds=2)
    with FaultProxy(cluster.ports.s3, [slow]) as proxy:
        environment = {"TMPDIR": str(scratch)}
        through = environment | ({"AWS_ENDPOINT_URL_S3": proxy.endpoint} if phase.in_s3 else {})
        drive = Drive(
            command, cluster, output, command.name, proxy, len(cluster.control("clusters"))
        )
        with command.started(asked, through) as process:
            wait_for(phase, drive, process)
            send(kind, process)
            code = process.wait(timeout=WAIT_SECONDS)
            assert not is_published(s3, output)
            if kind != "SIGKILL":
                assert code == CODES[kind], process.communicate()[1]
                check_nothing_left(setting, phase, cluster, s3, output, scratch)
            # The processes that the driver started go on, as they do when only the driver is killed.
            again = command.run(asked, environment)
    assert again.returncode == 0, again.stderr
    made = tables(Path(output)) if not phase.in_s3 else tables_in_s3(s3, "results", key(output))
    assert made == setting.golden
    clean(setting, output, scratch)
    check_nothing_left(setting, phase, cluster, s3, output, scratch, published=True)


def key(uri: str) -> str:
    return uri.removeprefix("s3://results/")


def is_published(s3: Any, output: str) -> bool:
    if output.startswith("s3://"):
        found = s3.list_objects_v2(Bucket="results", Prefix=f"{key(output)}MANIFEST.tsv")
        return bool(found["KeyCount"])
    return Path(output).exists()


def clean(setting: Setting, output: str, scratch: Path) -> None:
    """Remove what a killed run left on this machine, as a person would."""
    place = output if output.startswith("s3://") else str(Path(output).parent)
    done = setting.command.run(
        [
            *(sys.executable, "-W", "ignore", "-m", "gafreduce", "clean", place),
            *("--older-than", "0", "--yes"),
        ],
        {"TMPDIR": str(scratch)},
    )
    assert done.returncode == 0, done.stderr


def check_nothing_left(
    setting: Setting,
    phase: Phase,
    cluster: Cluster,
    s3: Any,
    output: str,
    scratch: Path,
    published: bool = False,
) -> None:
    """Check that there is nothing of the run but, when it is published, its run folder."""
    assert list(scratch.iterdir()) == []
    if phase.runner == "emr":
        wait_for_its_death(cluster, setting.command.name)
    assert cluster.live_applications(setting.command.name) == []
    assert setting.run_id not in cluster.hdfs_names(f"/tmp/gafreduce-{getpass.getuser()}")
    if phase.runner == "emr":
        states = cluster.control("clusters").values()
        assert all(state.startswith("TERMINAT") for state in states), states
    if output.startswith("s3://"):
        found = s3.list_objects_v2(Bucket="results", Prefix=key(output)).get("Contents", [])
        keys = [item["Key"].removeprefix(key(output)) for item in found]
        assert not [name for name in keys if "lock" in name]
        assert published or keys == []
    else:
        beside = [path.name for path in Path(output).parent.glob("*")]
        assert beside == (["run"] if published else [])


def wait_for_its_death(cluster: Cluster, name: str) -> None:
    """Let the played EMR end what its terminated cluster ran: on Amazon's that is gone with it."""
    deadline = time.monotonic() + WAIT_SECONDS
    while cluster.live_applications(name) and time.monotonic() < deadline:
        time.sleep(processes.POLL_SECONDS)


TWO = ("inline", "hadoop")


@pytest.mark.parametrize("runner", TWO)
@pytest.mark.parametrize("in_s3", [False, True], ids=["folder", "S3"])
@pytest.mark.parametrize("phase", [Phase("launch", "inline", lambda drive: True)], ids=["twice"])
def test_of_two_launches_at_once_one_publishes(
    setting: Setting, s3: Any, tmp_path: Path, phase: Phase, runner: str, in_s3: bool
) -> None:
    both = Phase(phase.name, runner, phase.is_on, in_s3)
    output = (
        f"s3://results/results/{setting.command.name}/" if in_s3 else str(tmp_path / "out" / "run")
    )
    asked = setting.asked(both, output)
    with setting.command.started(asked) as one:
        if not in_s3:  # or it could have ended before the other comes; in S3 it would pass for dead
            its_lock = folder_lock.lock_path(Path(output))
            processes.wait_until(its_lock.exists, (), WAIT_SECONDS, "a lock")
            os.kill(one.pid, signal.SIGSTOP)
        with setting.command.started(asked) as other:
            ended = [other.communicate()]
            if not in_s3:
                os.kill(one.pid, signal.SIGCONT)
            ended.append(one.communicate())
    codes = [other.returncode, one.returncode]
    assert sorted(codes) == [0, FAILED], ended
    assert "expected to be alone" in ended[codes.index(FAILED)][1]
    made = tables_in_s3(s3, "results", key(output)) if in_s3 else tables(Path(output))
    assert made == setting.golden
