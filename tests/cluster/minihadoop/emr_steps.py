"""The life of an EMR cluster, with steps that run on the Hadoop of this machine.

A step that mrjob submits has the jar `command-runner.jar` and arguments that begin with
`hadoop-streaming`: exactly what follows is given to `hadoop jar hadoop-streaming.jar`. Nothing is
rewritten: s3:// is S3A on this Hadoop as it is on EMR 7.10 and later.

Logs go where EMR puts them, under the cluster's log URI: the client's log of each step, and, for a
step that failed, the logs of its containers.
"""

from __future__ import annotations

import gzip
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from moto.core.utils import utcnow

from minihadoop.emr_rules import Refusal

POLL_SECONDS = 0.1
# How long a step runs that is to fail: who asks for its state once a second sees it run.
FAILING_SECONDS = 3.0
# How long a cluster without steps waits for some. EMR boots for minutes and takes steps during that time.
WAIT_FOR_STEPS_SECONDS = 120.0
# NodeManagers put logs into HDFS when the application has ended.
GATHER_SECONDS = 60
APPLICATION = re.compile(r"Submitted application (application_\d+_\d+)")
# `yarn logs` prints all containers' logs in one stream, each file under these two lines.
CONTAINER = re.compile(r"^Container: (container_\w+) on ")
LOG_TYPE = re.compile(r"^LogType:(\w+)")

# moto's models, whose attributes are set from outside here; moto declares less than it reads.
Cluster = Any
Step = Any

TakeFault = Callable[[str], "Refusal | None"]


@dataclass(frozen=True)
class Launcher:
    """How a step is run.

    Attributes:
        folder: A step's working folder is made below it.
        streaming_jar: The jar behind the word `hadoop-streaming`.
    """

    folder: Path
    streaming_jar: Path

    def fail(self, step: Step, message: str) -> Path:
        """Return the log file of a step that fails with these words before it has done anything."""
        log_file = self._log_file(step)
        log_file.write_text(f"{utcnow():%Y-%m-%d %H:%M:%S},000 ERROR StreamJob: {message}\n")
        return log_file

    def start(self, step: Step) -> tuple[subprocess.Popen[bytes], Path]:
        """Start a step in a process group of its own; return it and its log file."""
        log_file = self._log_file(step)
        with log_file.open("wb") as output:
            process = subprocess.Popen(
                self._command(step),
                cwd=log_file.parent,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return process, log_file

    def _log_file(self, step: Step) -> Path:
        folder = self.folder / step.id
        folder.mkdir(parents=True)
        return folder / "syslog"

    def environment(self) -> dict[str, str]:
        """Return the environment of a step: ours, with the configuration meant for steps."""
        return {**os.environ, "HADOOP_CONF_DIR": os.environ["MINIHADOOP_STEP_CONF_DIR"]}

    def _command(self, step: Step) -> list[str]:
        program, *arguments = step.args
        if (step.jar, program) != ("command-runner.jar", "hadoop-streaming"):
            return ["sh", "-c", f"echo 'no such program: {step.jar} {program}'; exit 1"]
        return ["hadoop", "jar", str(self.streaming_jar), *arguments]


def run_cluster(
    cluster: Cluster, launcher: Launcher, take_fault: TakeFault, error: str | None
) -> None:
    """Take one cluster through its states and run its steps, one after another.

    Args:
        cluster: moto's.
        launcher: Runs a step.
        take_fault: Tells what shall go wrong now.
        error: The validation error that this cluster ends with, if any. EMR finds out about it
            after some time, when the steps have long been submitted.
    """
    _wait_for_steps(cluster)
    cluster.state = "BOOTSTRAPPING" if cluster.state == "STARTING" else cluster.state
    fault = take_fault("bootstrap")
    if error:
        _end_with_error(cluster, "VALIDATION_ERROR", error)
    elif fault:
        _end_with_error(cluster, fault.code, fault.message)
    while not _ended(cluster):
        step = _next_step(cluster)
        if step:
            cluster.state = "RUNNING"
            _run_step(cluster, step, launcher, take_fault)
        elif cluster.keep_job_flow_alive_when_no_steps:
            if cluster.state != "WAITING":  # else it could undo a termination at any moment
                cluster.state = "WAITING"
            time.sleep(POLL_SECONDS)
        else:
            _end(cluster, "ALL_STEPS_COMPLETED", "Steps completed")
    for step in _live(cluster):
        _finish(step, "CANCELLED")


def _wait_for_steps(cluster: Cluster) -> None:
    """Return when there are steps, or when a boot without any would be over."""
    deadline = time.monotonic() + WAIT_FOR_STEPS_SECONDS
    while not (_live(cluster) or _ended(cluster)) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)


def _run_step(cluster: Cluster, step: Step, launcher: Launcher, take_fault: TakeFault) -> None:
    step.state = "RUNNING"
    step.start_date_time = utcnow()
    fault = take_fault("step")
    if fault:
        time.sleep(FAILING_SECONDS)
        _write_logs(cluster, step, launcher.fail(step, fault.message), launcher, containers=False)
        _step_ended(cluster, step, succeeded=False)
        return
    process, log_file = launcher.start(step)
    while process.poll() is None and not _ended(cluster):
        fault = take_fault("cluster")
        if fault:
            _end_with_error(cluster, fault.code, fault.message)
        time.sleep(POLL_SECONDS)
    if _ended(cluster):
        _kill(process, log_file, launcher)
        _finish(step, "CANCELLED")
    succeeded = process.returncode == 0
    _write_logs(cluster, step, log_file, launcher, containers=not succeeded)
    if not _ended(cluster):
        _step_ended(cluster, step, succeeded)


def _step_ended(cluster: Cluster, step: Step, succeeded: bool) -> None:
    """Note a step's end, after what follows from it for the cluster.

    The cluster first: mrjob, which sees a step end on a cluster that goes on, waits for its logs.
    """
    stops = not succeeded and step.action_on_failure in ("TERMINATE_CLUSTER", "TERMINATE_JOB_FLOW")
    others = [other for other in _live(cluster) if other is not step]
    if stops:
        for other in others:
            _finish(other, "CANCELLED")
        _end_with_error(cluster, "STEP_FAILURE", "Shut down as step failed")
    elif not others and not cluster.keep_job_flow_alive_when_no_steps:
        _end(cluster, "ALL_STEPS_COMPLETED", "Steps completed")
    _finish(step, "COMPLETED" if succeeded else "FAILED")


def _kill(process: subprocess.Popen[bytes], log_file: Path, launcher: Launcher) -> None:
    """End a step and its application, as they end when their cluster does."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for application in _applications(log_file):
        subprocess.run(
            ["yarn", "application", "-kill", application],
            env=launcher.environment(),
            capture_output=True,
            check=False,
        )


def _write_logs(
    cluster: Cluster, step: Step, log_file: Path, launcher: Launcher, containers: bool
) -> None:
    if not cluster.log_uri:
        return
    bucket, _, prefix = cluster.log_uri.partition("://")[2].partition("/")
    base = f"{prefix.rstrip('/')}/{cluster.id}".lstrip("/")
    s3 = boto3.client("s3")

    def put(key: str, text: bytes) -> None:
        s3.put_object(Bucket=bucket, Key=f"{base}/{key}.gz", Body=gzip.compress(text))

    put(f"steps/{step.id}/syslog", log_file.read_bytes())
    put(f"steps/{step.id}/controller", f"exit code of {step.args!r}".encode())
    if containers:
        for application in _applications(log_file):
            for container, kind, text in _container_logs(application, launcher):
                put(f"containers/{application}/{container}/{kind}", text)


def _container_logs(application: str, launcher: Launcher) -> Iterator[tuple[str, str, bytes]]:
    """Yield container, log type and text of an application's logs."""
    printed = _gathered_logs(application, launcher)
    container, kind, lines = "", "", list[bytes]()
    for line in [*printed.splitlines(keepends=True), b"LogType:end\n"]:
        text = line.decode(errors="replace")
        found, starts = CONTAINER.match(text), LOG_TYPE.match(text)
        if found:
            container = found[1]
        elif starts:
            if kind:
                yield container, kind, b"".join(lines)
            kind, lines = starts[1], []
        else:
            lines.append(line)


def _gathered_logs(application: str, launcher: Launcher) -> bytes:
    """Return what YARN has gathered, a moment after an application's end."""
    deadline = time.monotonic() + GATHER_SECONDS
    while True:
        printed = subprocess.run(
            ["yarn", "logs", "-applicationId", application],
            env=launcher.environment(),
            capture_output=True,
            check=False,
        ).stdout
        if b"Container: " in printed or time.monotonic() >= deadline:
            return printed
        time.sleep(POLL_SECONDS)


def _applications(log_file: Path) -> list[str]:
    return APPLICATION.findall(log_file.read_text(errors="replace"))


def _live(cluster: Cluster) -> list[Step]:
    return [step for step in cluster.steps if step.state in ("PENDING", "RUNNING")]


def _next_step(cluster: Cluster) -> Step | None:
    return next(iter(_live(cluster)), None)


def _finish(step: Step, state: str) -> None:
    step.end_date_time = utcnow()
    step.state = state


def _ended(cluster: Cluster) -> bool:
    return str(cluster.state).startswith("TERMINAT")


def _end(cluster: Cluster, code: str, message: str) -> None:
    _say_why(cluster, code, message)
    cluster.terminate()


def _end_with_error(cluster: Cluster, code: str, message: str) -> None:
    _say_why(cluster, code, message)
    cluster.end_datetime = utcnow()
    cluster.state = "TERMINATED_WITH_ERRORS"


def _say_why(cluster: Cluster, code: str, message: str) -> None:
    cluster.last_state_change_reason = message
    cluster.reason_code = code
