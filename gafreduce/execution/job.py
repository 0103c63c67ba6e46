"""Run a job with mrjob, on this machine or on a cluster."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from gafreduce.errors import InputError, TransientError, UsageError
from gafreduce.execution import log_listener
from gafreduce.execution.time_limit import Watch
from gafreduce.jobs.files import read_meter
from gafreduce.jobs.native import loader
from gafreduce.publishing import lock_record
from gafreduce.publishing.lock_record import WriteRecord
from gafreduce.storage import hadoop
from gafreduce.storage.s3_errors import translate_errors
from gafreduce.system import host

#: Bytes of text up to which one process is faster than several: where processes fork, and where
#: each is a new interpreter. The second with the C extension; without it the first.
INLINE_BYTES, INLINE_BYTES_SPAWNED = 32 << 20, 256 << 20

#: Runners whose jobs run on a cluster.
CLUSTERS = ("hadoop", "emr")

Progress = Callable[[int, int], None]


class JobError(TransientError):
    """The job failed.

    Attributes:
        applications: Ids of the YARN applications that ran, in their order.
        clusters: Ids of the EMR clusters that worked on a step.
        messages: Of the client, about failed attempts and the end of the job.
    """

    def __init__(
        self,
        message: str,
        applications: Sequence[str] = (),
        clusters: Sequence[str] = (),
        messages: Sequence[str] = (),
    ) -> None:
        super().__init__(message)
        self.applications = tuple(applications)
        self.clusters = tuple(clusters)
        self.messages = tuple(messages)


class JobOptions(NamedTuple):
    """How a job is run. No option changes a result."""

    runner: str  # inline, local, hadoop or emr
    conf: Path | None = None  # mrjob.conf
    n_cores: int | None = None
    more: Sequence[str] = ()  # options of mrjob
    watch: Watch | None = None  # time limits of a cluster's job
    cluster: str = ""  # the EMR cluster that waits for this job, as `region/id`
    keeps_cluster: bool = False  # whether the cluster waits for another job afterwards


class SideFiles(NamedTuple):
    """Files that travel with a job."""

    term_file: Path  # the part of the ontology that tasks need
    input_list: Path
    filters: Path
    id_map: Path | None = None  # other ids of gene products


def check_runner(runner: str | None) -> None:
    """Check that this system can have a runner.

    Raises:
        UsageError: It is hadoop, on Windows.
    """
    if runner == "hadoop" and host.IS_WINDOWS:
        raise UsageError(
            "-r hadoop: expected a Unix machine with Hadoop's client, got Windows (use WSL there, "
            "docs/windows.md; or -r local, -r emr)"
        )


def choose_runner(text_bytes: int) -> str:
    """Return the runner for inputs with so many bytes of text: `inline` or `local`.

    >>> choose_runner(1 << 20), choose_runner(1 << 30)
    ('inline', 'local')
    """
    is_slow_start = host.IS_WINDOWS and loader.has_extension()
    limit = INLINE_BYTES_SPAWNED if is_slow_start else INLINE_BYTES
    return "inline" if text_bytes <= limit else "local"


def run_job(
    job_class: type[Any],
    own: Sequence[str],
    paths: Sequence[str],
    side_files: SideFiles,
    output: str,
    options: JobOptions,
    on_progress: Progress | None = None,
    recorder: WriteRecord = lock_record.ignore,
    on_bytes: Callable[[int], None] | None = None,
) -> int:
    """Run a job.

    Args:
        job_class: The job.
        own: Options that only this job has.
        paths: Files on this machine, or URIs that the cluster can read.
        side_files: Files that travel with the job.
        output: A folder that does not exist yet, or its URI.
        options: How to run the job.
        on_progress: Called with the numbers of finished and of all tasks of the current stage.
        recorder: Called with the applications and clusters that the job has, once each. The caller
            ends a cluster that is kept.
        on_bytes: Called with the bytes that jobs of this process have read; not on a cluster.

    Returns:
        The number of part files of the output, one for each reducer; 0 when it is not known.

    Raises:
        InputError: An input is damaged.
        HadoopError: Hadoop's streaming jar is not found.
        JobError: The job failed for another reason.
        S3Error: A request to AWS failed.
    """
    from mrjob.step import StepFailedException

    _check_paths([path for path in side_files if path is not None])
    arguments = [
        *("--runner", options.runner),
        *("--term-file", str(side_files.term_file)),
        *("--input-list", str(side_files.input_list)),
        *("--filters", str(side_files.filters)),
        *(["--id-map", str(side_files.id_map)] if side_files.id_map else []),
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
        with (
            refused,
            log_listener.attach_listener(listener),
            read_meter.open_meter(on_bytes) if on_bytes else contextlib.nullcontext(),
            job.make_runner() as runner,
        ):
            runner.on_progress = on_progress
            if options.runner == "hadoop" and runner.get_hadoop_streaming_jar() is None:
                raise hadoop.HadoopError(
                    "expected Hadoop's streaming jar, got none in its folders (name it: "
                    "hadoop_streaming_jar in mrjob.conf; try: gafreduce doctor hadoop)"
                )
            if options.runner == "emr":
                listener.region = runner._opts["region"]
                if options.cluster:
                    listener.clusters.append(options.cluster)
            with _limit_first_task(options, listener):
                runner.run()
            if options.keeps_cluster:  # mrjob terminates the clusters that it knows
                runner._cluster_id = None
            return _count_reducers(runner._opts["jobconf"]) if options.runner in CLUSTERS else 0
    except StepFailedException as error:
        raise JobError(
            f"{_describe(error)}{listener.format_errors()}",
            listener.applications,
            [each.rpartition("/")[2] for each in listener.clusters if listener.has_run],
            listener.failures,
        ) from error
    except BaseException:  # interrupted: an application goes on without its client
        if options.runner == "hadoop" and listener.applications:
            yarn = hadoop.find_program("yarn", options.conf)
            hadoop.kill_applications(yarn, listener.applications)
        raise


def _check_paths(paths: Sequence[Path]) -> None:
    """Check that mrjob can take the paths of side files: it takes `PATH#NAME` apart.

    Raises:
        InputError: A path has a `#`.
    """
    for path in paths:
        if "#" in str(path):
            raise InputError(
                f"{path.parent}: expected a folder without # in its path, which mrjob cannot use "
                "(set TMPDIR, and XDG_CACHE_HOME for term files, to another folder)"
            )


def _count_reducers(settings: Mapping[str, Any]) -> int:
    """Return the number of reducers in a cluster's settings; 0 when it is not known.

    >>> _count_reducers({"mapreduce.job.reduces": "3"})
    3
    >>> _count_reducers({"mapred.reduce.tasks": "3"})
    0
    """
    if "mapred.reduce.tasks" in settings:  # its old name: either of the two may be used
        return 0
    return int(settings.get("mapreduce.job.reduces") or 0)


def _cluster_options(options: JobOptions) -> tuple[str, ...]:
    """Return the options for a cluster that waits, before the job or after it."""
    if options.cluster:
        return ("--cluster-id", options.cluster.rpartition("/")[2])
    if options.keeps_cluster:
        return ("--extra-cluster-param", "Instances.KeepJobFlowAliveWhenNoSteps=true")
    return ()


@contextlib.contextmanager
def _limit_first_task(options: JobOptions, listener: log_listener.Listener) -> Iterator[None]:
    """Start the time limit for the first task, and end it with the job."""
    watch = options.watch
    if watch is None:
        yield
        return

    def has_tasks() -> bool:
        applications = listener.applications if options.runner == "hadoop" else []
        if not applications:
            return False
        return hadoop.has_tasks(hadoop.find_program("mapred", options.conf), applications[-1])

    watch.wait_for_task(has_tasks)
    try:
        yield
    finally:
        watch.stop_waiting()


def _describe(error: Any) -> str:
    """Return an error message with the step; without a reason that is only a long command line."""
    reason = str(error.reason or "")
    step = "the job" if error.step_num is None else f"step {error.step_num + 1} of the job"
    if reason.startswith("Command") or not reason:
        return f"{step} failed"
    if os.strerror(errno.ENOSPC) in reason:
        reason += (
            f" (temporary files are in {tempfile.gettempdir()}: set TMPDIR to a folder with space)"
        )
    return f"{step} failed: {reason}"
