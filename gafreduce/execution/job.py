"""Running the jobs: mrjob's own machinery, started from the front door."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gafreduce.errors import TransientError
from gafreduce.execution import log_listener
from gafreduce.execution.time_limit import Watch
from gafreduce.publishing import lock_record
from gafreduce.publishing.lock_record import Recorder
from gafreduce.storage import hadoop
from gafreduce.storage.s3_errors import translate_errors

#: Bytes of text up to which one process is quicker than starting several.
INLINE_BYTES = 32 << 20
#: How many times larger a compressed annotation file is as text.
_INFLATION = 12

#: Runners whose jobs run elsewhere.
CLUSTERS = ("hadoop", "emr")

Progress = Callable[[int, int], None]


class JobError(TransientError):
    """The job failed.

    Attributes:
        applications: Of YARN, those that ran, in their order.
        clusters: Of EMR, the ids of those that worked at a step.
        said: What was said of the job's attempts that failed, and of its end.
    """

    def __init__(
        self,
        message: str,
        applications: Sequence[str] = (),
        clusters: Sequence[str] = (),
        said: Sequence[str] = (),
    ) -> None:
        super().__init__(message)
        self.applications = tuple(applications)
        self.clusters = tuple(clusters)
        self.said = tuple(said)


@dataclass(frozen=True)
class JobOptions:
    """How the job is run; nothing here changes a number."""

    runner: str  # inline, local, hadoop or emr
    conf: Path | None = None  # mrjob.conf
    n_cores: int | None = None
    more: Sequence[str] = field(default=())  # passed to mrjob as they are
    watch: Watch | None = None  # ends a cluster's job that takes too long
    cluster: str = ""  # a cluster of EMR that waits for this job, as `region/id`
    keeps_cluster: bool = False  # so that it waits for another one


@dataclass(frozen=True)
class SideFiles:
    """What travels with a job."""

    term_file: Path  # what the workers need of the ontology
    input_list: Path  # what is known of each input
    filters: Path  # which lines are taken


def choose_runner(n_plain: int, n_compressed: int) -> str:
    """Return the runner for inputs of so many bytes: inline while the text is small.

    >>> choose_runner(1 << 20, 0), choose_runner(0, 1 << 30)
    ('inline', 'local')
    """
    return "inline" if n_plain + _INFLATION * n_compressed <= INLINE_BYTES else "local"


def run_job(
    job_class: type[Any],
    own: Sequence[str],
    paths: Sequence[str],
    side_files: SideFiles,
    output: str,
    options: JobOptions,
    on_progress: Progress | None = None,
    recorder: Recorder = lock_record.ignore,
) -> int:
    """Run a job.

    Args:
        job_class: The job.
        own: The options that only this job has.
        paths: Files on this machine, or URIs that the runner's cluster can read.
        side_files: What travels with it.
        output: A folder that doesn't exist yet, or its URI.
        options: How to run it.
        on_progress: Called with tasks done and tasks known of the stage that runs.
        recorder: Called with the applications and clusters that the job has, once each. The caller
            ends a cluster that is kept.

    Returns:
        How many part files the job's output has, one for each reducer; 0 when that is not known.

    Raises:
        InputError: An input is damaged.
        JobError: The job failed otherwise.
        S3Error: Amazon refused a call, or does not answer.
    """
    from mrjob.step import StepFailedException

    arguments = [
        *("--runner", options.runner),
        *("--term-file", str(side_files.term_file)),
        *("--input-list", str(side_files.input_list)),
        *("--filters", str(side_files.filters)),
        *("--output-dir", output),
        "--no-cat-output",
        *(["--conf-path", str(options.conf)] if options.conf else ["--no-conf"]),
        *(["--num-cores", str(options.n_cores)] if options.n_cores else []),
        *own,
        *_cluster_options(options),
        *options.more,
        *paths,
    ]
    job = job_class(arguments)
    listener = log_listener.Listener(on_progress, recorder, options.watch)
    refused = (
        translate_errors("the job on EMR") if options.runner == "emr" else contextlib.nullcontext()
    )
    try:
        with refused, log_listener.heard(listener), job.make_runner() as runner:
            runner.on_progress = on_progress
            if options.runner == "emr":
                listener.region = runner._opts["region"]
                if options.cluster:
                    listener.clusters.append(options.cluster)
            with _watched(options, listener):
                runner.run()
            if options.keeps_cluster:  # mrjob ends the clusters that it knows of
                runner._cluster_id = None
            return _reducers(runner._opts["jobconf"]) if options.runner in CLUSTERS else 0
    except StepFailedException as error:
        raise JobError(
            f"{_failed(error)}{listener.last_words()}",
            listener.applications,
            [each.rpartition("/")[2] for each in listener.clusters if listener.has_run],
            listener.failures,
        ) from error
    except BaseException:  # asked to end: a cluster's jobs go on without the driver
        if options.runner == "hadoop" and listener.applications:
            hadoop.kill_applications(listener.applications)
        raise


def _reducers(settings: Mapping[str, Any]) -> int:
    """Return the number of reducers that a cluster was told.

    >>> _reducers({"mapreduce.job.reduces": "3"}), _reducers({"mapred.reduce.tasks": "3"})
    (3, 0)
    """
    if "mapred.reduce.tasks" in settings:  # its old name: who knows which of the two is taken
        return 0
    return int(settings.get("mapreduce.job.reduces") or 0)


def _cluster_options(options: JobOptions) -> tuple[str, ...]:
    """Return how a job finds its cluster, and leaves it."""
    if options.cluster:
        return ("--cluster-id", options.cluster.rpartition("/")[2])
    if options.keeps_cluster:
        return ("--extra-cluster-param", "Instances.KeepJobFlowAliveWhenNoSteps=true")
    return ()


@contextlib.contextmanager
def _watched(options: JobOptions, listener: log_listener.Listener) -> Iterator[None]:
    """Tell the watch when a job begins and ends."""
    watch = options.watch
    if watch is None:
        yield
        return

    def works() -> bool:
        applications = listener.applications if options.runner == "hadoop" else []
        return bool(applications) and hadoop.has_tasks(applications[-1])

    watch.wait_for_task(works)
    try:
        yield
    finally:
        watch.task_seen()


def _failed(error: Any) -> str:
    """Return which step failed; mrjob's reason is often a command of thousands of characters."""
    reason = str(error.reason or "")
    step = "the job" if error.step_num is None else f"step {error.step_num + 1} of the job"
    if reason.startswith("Command") or not reason:
        return f"{step} failed"
    if os.strerror(errno.ENOSPC) in reason:
        reason += f" (temporary files lie in {tempfile.gettempdir()}: set TMPDIR to one with room)"
    return f"{step} failed: {reason}"
