"""Diagnose a failed cluster job from the diagnostics and logs of its tasks.

Hadoop's final message rarely names the cause. A cause becomes an InputError only when an input is
damaged or cannot be read, else a TransientError. When the cause is not known, the message names the
input that the task read.
"""

from __future__ import annotations

import gzip
import logging
import re
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from gafreduce.diagnosis import known_failures, task_logs
from gafreduce.diagnosis.task_logs import LogSummary, TaskFailure
from gafreduce.errors import GafreduceError, InputError, TransientError
from gafreduce.inputs.download import JobInput
from gafreduce.inputs.listed_input import ListedInput
from gafreduce.jobs.files import splits
from gafreduce.jobs.files.input_list import normalise_uri
from gafreduce.jobs.files.splits import Split
from gafreduce.storage import hadoop, s3
from gafreduce.storage.resolve import open_storage
from gafreduce.storage.s3 import Access, Location
from gafreduce.storage.s3_errors import S3Error

log = logging.getLogger(__name__)

#: Exceptions of decompressors.
_DAMAGE = ("EOFException", "ZipException")
#: Messages of decompressors that raise other exceptions.
_DAMAGED = re.compile(
    r"gzip|CRC|crc error|bad block header|[Uu]nexpected end of (?:input )?stream|BZip2|"
    r"invalid (?:stored|block|distance|code|bit|literal|window)|incorrect (?:header|data)"
)
_REFUSED = re.compile(r"AccessDenied|AccessControl|Forbidden|Permission denied")
#: An error in a client's log: behind date, time, level and class, or one that ended it.
_ERROR = re.compile(
    r'^(?:\S+ \S+ (?:ERROR|FATAL) \S+?:? (?:\(\w+\): )?|Exception in thread "\w+" )(.+)',
    re.MULTILINE,
)
_LOST = re.compile(r"BlockMissing|Could not obtain block")
#: YARN collects the logs of an application after its end, so reading is repeated.
_YARN_TRIES = 4
_YARN_SECONDS = 3.0
#: Time limit for reading logs: thousands of tasks write very much.
_READING_SECONDS = 180.0
#: EMR puts logs into S3 when a cluster ends, which takes a minute or two.
_EMR_SECONDS = 120.0
_EMR_LOOK_SECONDS = 10.0
#: Bytes of compressed inputs up to which they are read again.
_REREAD_BYTES = 2 << 30


def explain_failure(failure: TaskFailure, inputs: Sequence[JobInput]) -> InputError | None:
    """Return the error of the input of a failed task; None when it is not at fault."""
    found, name = _find_input(failure, inputs)
    message = failure.message or failure.exception
    if found is not None and found.compression != "plain" and _is_damage(failure):
        return InputError(
            f"{name}: expected a whole {found.compression} file, got a damaged one "
            f"({message}; get it again)"
        )
    text = f"{failure.exception}: {failure.message}"
    path = failure.uri.partition("://")[2]
    if path in text and _REFUSED.search(text):
        return InputError(
            f"{name}: the cluster is not allowed to read it: {text[:300]} "
            "(grant read access to its user or node role)"
        )
    if _LOST.search(text):
        return InputError(
            f"{name}: expected to read it, got {text[:300]} (hdfs fsck lists lost blocks)"
        )
    return None


def _is_damage(failure: TaskFailure) -> bool:
    return failure.exception in _DAMAGE or bool(_DAMAGED.search(failure.message))


def _find_input(failure: TaskFailure, inputs: Sequence[JobInput]) -> tuple[JobInput | None, str]:
    """Return the input that a task read, and the name by which the user knows it."""
    uri = normalise_uri(failure.uri)
    found = next((each for each in inputs if normalise_uri(each.uri) == uri), None)
    return found, found.listed.uri if found else failure.uri


def explain_logs(
    summaries: Iterable[LogSummary], inputs: Sequence[JobInput]
) -> tuple[bool, GafreduceError | None]:
    """Return whether there are logs of tasks, and the cause; None when it is not known.

    Args:
        summaries: Of `task_logs.read_logs`; reading ends when an input is found at fault.
        inputs: Of the job.
    """
    summary = LogSummary()
    for summary in summaries:
        for failure in summary.failures[-1:]:
            if cause := explain_failure(failure, inputs):
                return True, cause
    return summary.has_task_logs, _explain_other_cause(summary, inputs)


def _explain_other_cause(summary: LogSummary, inputs: Sequence[JobInput]) -> TransientError | None:
    """Return the cause of the failure of a job with sound inputs; None when it is not known."""
    failures, python_errors = summary.failures, summary.python_errors
    first = next((each for each in failures if each.container in python_errors), None)
    first = first or next(iter(failures), None)
    error = summary.get_python_error(first.container if first else "")
    text = error or (f"{first.exception}: {first.message}".rstrip(": ") if first else "")
    cause = known_failures.find_cause(text)
    if cause is None and not error:
        cause = known_failures.choose_cause(summary.causes) or known_failures.find_cause(
            text, known_failures.KILLED_TASKS
        )
    if cause:
        return TransientError(cause.describe())
    if first:
        name = _find_input(first, inputs)[1]
        return TransientError(f"the job failed: a task that read {name} ended with {text[:300]}")
    return TransientError(f"the job failed: a task ended with {error[:300]}") if error else None


def diagnose_on_hadoop(
    messages: Sequence[str],
    application: str,
    inputs: Sequence[JobInput],
    access: Access,
    scratch: Path,
) -> GafreduceError | None:
    """Return the cause of a failed job on Hadoop; None when it is not known.

    Args:
        messages: Of the client, about the job and its attempts, in their order.
        application: Id of the YARN application that failed; empty when none was started.
        inputs: Of the job.
        access: How Hadoop and S3 are reached.
        scratch: A temporary folder on this machine.
    """
    if cause := known_failures.find_cause_of_job(messages):
        return TransientError(cause.describe())
    if not application:
        return None
    for number in range(_YARN_TRIES):
        time.sleep(_YARN_SECONDS if number else 0)
        lines = _read_yarn_logs(application, access)
        has_logs, error = explain_logs(task_logs.read_logs(lines), inputs)
        if has_logs or error:
            return error
    return _find_damaged_input(inputs, access, scratch)


def _read_yarn_logs(application: str, access: Access) -> Iterator[str]:
    yarn = hadoop.find_program("yarn", access.hadoop_conf)
    command = [yarn, "logs", "-applicationId", application]
    command += ["-log_files", "stderr,syslog"]
    log.info("reading the logs of %s", application)
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        errors="replace",
    ) as process:
        timer = threading.Timer(_READING_SECONDS, process.kill)
        timer.start()
        try:
            assert process.stdout is not None
            yield from process.stdout
        finally:
            timer.cancel()
            process.kill()


def diagnose_on_emr(
    cluster: str,
    logs: Location,
    inputs: Sequence[JobInput],
    access: Access,
    scratch: Path,
    n_seconds: float = _EMR_SECONDS,
) -> GafreduceError | None:
    """Return the cause of a failed step on EMR; None when it is not known.

    Args:
        cluster: Id of the cluster.
        logs: The prefix of clusters' logs.
        inputs: Of the job.
        access: How S3 is reached.
        scratch: A temporary folder on this machine.
        n_seconds: How long to wait for logs.
    """
    place = Location(logs.bucket, f"{logs.key.rstrip('/')}/{cluster}/".lstrip("/"))
    deadline = time.monotonic() + n_seconds
    try:
        while True:
            keys = _list_emr_logs(access, place)
            of_tasks = [key for key in keys if key.startswith(f"{place.key}containers/")]
            of_steps = [key for key in keys if key not in of_tasks]
            messages = _join_messages(_read_lines(access, place.bucket, of_steps))
            if cause := known_failures.find_cause_of_job(messages):
                return TransientError(cause.describe())
            lines = _read_lines(access, place.bucket, of_tasks)
            has_logs, found = explain_logs(task_logs.read_logs(lines), inputs)
            if has_logs or found:  # else these are logs of other containers, not of tasks
                return found
            left = deadline - time.monotonic()
            if left <= 0:
                return _find_damaged_input(inputs, access, scratch) or _find_last_error(
                    messages, cluster
                )
            log.warning("waiting for the logs of tasks in %s, at most %.0f s more", place.uri, left)
            time.sleep(min(_EMR_LOOK_SECONDS, left))
    except (S3Error, OSError, EOFError) as error:
        log.warning("the cause of the failure is not known: %s", error)
    return None


def _list_emr_logs(access: Access, place: Location) -> list[str]:
    """Return the keys of the logs of steps and tasks, sorted, so each container's are together."""
    keys = sorted(item["Key"] for item in s3.list_objects(access.client(), place))
    return [key for key in keys if key.rpartition("/")[2].startswith(("syslog", "stderr"))]


def _read_lines(access: Access, bucket: str, keys: Iterable[str]) -> Iterator[str]:
    """Yield the lines of logs in S3, each log behind a line with its container."""
    for key in keys:
        stored = s3.read_object(access.client(), Location(bucket, key))
        text = gzip.decompress(stored) if key.endswith(".gz") else stored
        yield f"Container: {key.rpartition('/')[0].rpartition('/')[2]} on EMR"
        yield from text.decode("utf-8", "replace").splitlines()


def _join_messages(lines: Iterable[str]) -> list[str]:
    """Return the messages of a client's log: a line without a time belongs to the one before."""
    messages: list[str] = []
    for line in lines:
        if messages and not line[:1].isdigit():
            messages[-1] += f"\n{line}"
        else:
            messages.append(line)
    return messages


def _find_last_error(messages: Sequence[str], cluster: str) -> TransientError | None:
    """Return the last error of a step's log; None when it has none."""
    errors = _ERROR.findall("\n".join(messages))
    if not errors:
        return None
    return TransientError(f"the job failed: {errors[-1][:300]} (cluster {cluster})")


def _find_damaged_input(
    inputs: Sequence[JobInput], access: Access, scratch: Path
) -> GafreduceError | None:
    """Read the compressed inputs, and return the error of a damaged one; None for none."""
    packed = [each for each in inputs if each.compression != "plain"]
    if sum(each.bytes for each in packed) > _REREAD_BYTES:
        log.warning("there is no log of a task: the cause of the failure is not known")
        return None
    log.warning("there is no log of a task: reading the inputs again")
    for each in packed:
        listed = each.listed
        with tempfile.TemporaryDirectory(dir=scratch) as name:
            try:
                path = _download(listed, access, Path(name))
            except TransientError as error:
                return TransientError(f"{listed.uri}: expected to read it ({error})")
            except (GafreduceError, OSError) as error:
                return InputError(f"{listed.uri}: expected to read it ({error})")
            try:
                for _ in splits.read_split(Split(str(path), 0, path.stat().st_size)).blocks:
                    pass
            except InputError as error:
                return InputError(str(error).replace(str(path), listed.uri))
            except OSError as error:
                return InputError(f"{listed.uri}: expected to read it ({error})")
    return None


def _download(listed: ListedInput, access: Access, folder: Path) -> Path:
    storage = open_storage(listed.uri, access)
    wanted = {listed.uri: listed.identity}
    return storage.download(wanted, folder, lambda done, total: None)[listed.uri]
