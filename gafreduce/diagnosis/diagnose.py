"""Why a cluster's job failed: Hadoop's last word seldom has it, attempts' diagnostics and logs do.

A failure is an input's fault only when it is damaged or may not be read. Where the cause is not
known, the input that the task read is all that can be told.
"""

from __future__ import annotations

import gzip
import logging
import re
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from gafreduce.diagnosis import known_failures, task_logs
from gafreduce.diagnosis.task_logs import Stumble, Told
from gafreduce.errors import InputError
from gafreduce.execution.job import JobError
from gafreduce.inputs.download import Fetched
from gafreduce.jobs.files import splits
from gafreduce.jobs.files.input_list import normalise_uri
from gafreduce.jobs.files.splits import Split
from gafreduce.storage import hadoop, hdfs, s3
from gafreduce.storage.hadoop import HadoopError
from gafreduce.storage.s3 import Access, Location
from gafreduce.storage.s3_errors import S3Error, translate_errors

log = logging.getLogger(__name__)

#: What a decompressor raises, whatever it says.
_DAMAGE = ("EOFException", "ZipException")
#: What it says when it raises something else.
_DAMAGED = re.compile(
    r"gzip|CRC|crc error|bad block header|[Uu]nexpected end of (?:input )?stream|BZip2|"
    r"invalid (?:stored|block|distance|code|bit|literal|window)|incorrect (?:header|data)"
)
_REFUSED = re.compile(r"AccessDenied|AccessControl|Forbidden|Permission denied")
#: A client's error: behind date, time, level and where it was said, or what ended it.
_ERROR = re.compile(
    r'^(?:\S+ \S+ (?:ERROR|FATAL) \S+?:? (?:\(\w+\): )?|Exception in thread "\w+" )(.+)',
    re.MULTILINE,
)
_LOST = re.compile(r"BlockMissing|Could not obtain block")
#: YARN gathers the logs of an application after it has ended.
_YARN_TRIES = 4
_YARN_SECONDS = 3.0
#: Longest reading of logs: those of thousands of tasks have no end.
_READING_SECONDS = 180.0
#: EMR puts logs into S3 when a cluster ends, which takes it a minute or two.
_EMR_SECONDS = 120.0
_EMR_LOOK_SECONDS = 10.0
#: Compressed inputs are read again up to so many bytes.
_REREAD_BYTES = 2 << 30


def words_for(stumbled: Stumble, inputs: Sequence[Fetched]) -> str:
    """Return what a failure says of an input; empty when that is not at fault."""
    found, name = _input_of(stumbled, inputs)
    said = stumbled.words or stumbled.kind
    if found is not None and found.compression != "plain" and _is_damage(stumbled):
        return (
            f"{name}: expected a whole {found.compression} file, got a damaged one "
            f"({said}; get it again)"
        )
    whole = f"{stumbled.kind}: {stumbled.words}"
    path = stumbled.uri.partition("://")[2]
    if path in whole and _REFUSED.search(whole):
        return (
            f"{name}: expected that the cluster may read it, got {whole[:300]} "
            "(give its user, or its nodes' role, the right)"
        )
    if _LOST.search(whole):
        return f"{name}: expected to read it, got {whole[:300]} (hdfs fsck tells what is lost)"
    return ""


def _is_damage(stumbled: Stumble) -> bool:
    return stumbled.kind in _DAMAGE or bool(_DAMAGED.search(stumbled.words))


def _input_of(stumbled: Stumble, inputs: Sequence[Fetched]) -> tuple[Fetched | None, str]:
    """Return the input that a task read, and its name for people."""
    uri = normalise_uri(stumbled.uri)
    found = next((each for each in inputs if normalise_uri(each.uri) == uri), None)
    return found, found.listed.uri if found else stumbled.uri


def in_words(tellings: Iterable[Told], inputs: Sequence[Fetched]) -> tuple[bool, str]:
    """Return whether there are logs of tasks, and why the job failed; empty when that is not known.

    Args:
        tellings: As `task_logs.read` gives them; reading ends where an input is found at fault.
        inputs: Of the job.
    """
    told = Told()
    for told in tellings:
        for stumbled in told.stumbles[-1:]:
            if words := words_for(stumbled, inputs):
                return True, words
    return told.is_there, _of_no_input(told, inputs)


def _of_no_input(told: Told, inputs: Sequence[Fetched]) -> str:
    """Return why a job failed whose inputs are sound, as far as is known."""
    first = next((each for each in told.stumbles if each.container in told.python_errors), None)
    first = first or next(iter(told.stumbles), None)
    error = told.python_error_of(first.container if first else "")
    what = error or (f"{first.kind}: {first.words}".rstrip(": ") if first else "")
    found = known_failures.find(what) or (None if error else known_failures.best(told.causes))
    found = found or (None if error else known_failures.find(what, known_failures.ENDED))
    if found:
        return found.words()
    if first:
        name = _input_of(first, inputs)[1]
        return f"the job failed: a task that read {name} ended with {what[:300]}"
    return f"the job failed: a task ended with {error[:300]}" if error else ""


def on_hadoop(error: JobError, inputs: Sequence[Fetched], scratch: Path) -> str:
    """Return why a job failed, in words; empty when that is not known.

    Args:
        error: What is known of it; the last of its applications failed.
        inputs: Of the job.
        scratch: A folder of this machine.
    """
    if found := known_failures.of_job(error.said):
        return found.words()
    for number in range(_YARN_TRIES if error.applications else 0):
        time.sleep(_YARN_SECONDS if number else 0)
        is_there, words = in_words(task_logs.read(_yarn_logs(error.applications[-1])), inputs)
        if is_there or words:
            return words
    return _reread(inputs, None, scratch) if error.applications else ""


def _yarn_logs(application: str) -> Iterator[str]:
    command = [hadoop.program("yarn"), "logs", "-applicationId", application]
    command += ["-log_files", "stderr,syslog"]
    log.info("reading the logs of %s", application)
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        errors="replace",
    ) as process:
        ended = threading.Timer(_READING_SECONDS, process.kill)
        ended.start()
        try:
            assert process.stdout is not None
            yield from process.stdout
        finally:
            ended.cancel()
            process.kill()


def on_emr(
    cluster: str,
    logs: Location,
    inputs: Sequence[Fetched],
    access: Access,
    scratch: Path,
    n_seconds: float = _EMR_SECONDS,
) -> str:
    """Return why a cluster's step failed, in words; empty when that is not known.

    Args:
        cluster: Its id.
        logs: Where clusters put their logs.
        inputs: Of the job.
        access: How S3 is reached.
        scratch: A folder of this machine.
        n_seconds: How long logs are waited for.
    """
    place = Location(logs.bucket, f"{logs.key.rstrip('/')}/{cluster}/".lstrip("/"))
    deadline = time.monotonic() + n_seconds
    try:
        while True:
            keys = _emr_logs(access, place)
            of_tasks = [key for key in keys if key.startswith(f"{place.key}containers/")]
            of_steps = [key for key in keys if key not in of_tasks]
            said = _messages(_lines_of(access, place.bucket, of_steps))
            if found := known_failures.of_job(said):
                return found.words()
            lines = _lines_of(access, place.bucket, of_tasks)
            is_there, words = in_words(task_logs.read(lines), inputs)
            if is_there or words:  # else those that are there are not those of tasks
                return words
            left = deadline - time.monotonic()
            if left <= 0:
                return _reread(inputs, access, scratch) or _last_error(said, cluster)
            log.warning("waiting for the logs of tasks in %s, at most %.0f s more", place.uri, left)
            time.sleep(min(_EMR_LOOK_SECONDS, left))
    except (S3Error, OSError, EOFError) as error:
        log.warning("why it failed is not known: %s", error)
    return ""


def _emr_logs(access: Access, place: Location) -> list[str]:
    """Return the keys of what steps and tasks have said, each container's together."""
    keys = sorted(item["Key"] for item in s3.listed(access.client(), place))
    return [key for key in keys if key.rpartition("/")[2].startswith(("syslog", "stderr"))]


def _lines_of(access: Access, bucket: str, keys: Iterable[str]) -> Iterator[str]:
    """Yield the lines of logs in S3; what is of a container is headed by its name."""
    for key in keys:
        with translate_errors(f"reading s3://{bucket}/{key}"):
            stored = access.client().get_object(Bucket=bucket, Key=key)["Body"].read()
        text = gzip.decompress(stored) if key.endswith(".gz") else stored
        yield f"Container: {key.rpartition('/')[0].rpartition('/')[2]} on EMR"
        yield from text.decode("utf-8", "replace").splitlines()


def _messages(lines: Iterable[str]) -> list[str]:
    """Return the messages of a client's log: a line that begins with no time goes on with one."""
    messages: list[str] = []
    for line in lines:
        if messages and not line[:1].isdigit():
            messages[-1] += f"\n{line}"
        else:
            messages.append(line)
    return messages


def _last_error(said: Sequence[str], cluster: str) -> str:
    """Return the last error of a step's log; empty when it has none."""
    errors = _ERROR.findall("\n".join(said))
    return f"the job failed: {errors[-1][:300]} (cluster {cluster})" if errors else ""


def _reread(inputs: Sequence[Fetched], access: Access | None, scratch: Path) -> str:
    """Return which compressed input is damaged, found by reading them; empty for none."""
    packed = [each for each in inputs if each.compression != "plain"]
    if sum(each.bytes for each in packed) > _REREAD_BYTES:
        log.warning("there is no log of a task: why it failed is not known")
        return ""
    log.warning("there is no log of a task: reading the inputs again")
    for each in packed:
        path = scratch / "again"
        try:
            _bring(each, access, path)
            for _ in splits.read_split(Split(str(path), 0, path.stat().st_size)).blocks:
                pass
        except InputError as error:
            return str(error).replace(str(path), each.listed.uri)
        except (S3Error, HadoopError, OSError) as error:
            return f"{each.listed.uri}: expected to read it ({error})"
        finally:
            path.unlink(missing_ok=True)
    return ""


def _bring(found: Fetched, access: Access | None, path: Path) -> None:
    listed = found.listed
    if listed.is_in_s3 and access is not None:
        place = s3.parse(listed.uri)
        with translate_errors(f"reading {listed.uri}"):
            access.client().download_file(place.bucket, place.key, str(path))
    elif listed.is_in_hdfs:
        path.write_bytes(hdfs.read(listed.uri))
    else:
        path.symlink_to(listed.uri)
