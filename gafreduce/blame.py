"""Which input a cluster's job stumbled over: Hadoop's message has none, the attempt's log has.

A task says which split it reads before it reads it, and why it failed after that.
"""

from __future__ import annotations

import gzip
import logging
import re
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gafreduce import hadoop, hdfs, s3
from gafreduce.fetch import Fetched
from gafreduce.hadoop import HadoopError
from gafreduce.s3 import Location, S3Error
from jobs import splits
from jobs.input_list import normalise_uri
from jobs.splits import Split

log = logging.getLogger(__name__)

_CONTAINER = re.compile(r"Container: container_\w+ on ")
_SPLIT = re.compile(r"Processing split: (.+):\d+\+\d+\s*$")
_FAILED = re.compile(
    r"Exception running (?:child|local \(uberized\) 'child') : (?:[\w$]+\.)*(\w+)(?:: (.*))?$"
)
#: What a decompressor raises; its own words follow.
_DAMAGE = ("EOFException", "ZipException", "IOException")
#: YARN gathers the logs of an application after it has ended.
_YARN_TRIES = 4
_YARN_SECONDS = 3.0
#: Longest reading of logs: those of thousands of tasks have no end.
_READING_SECONDS = 180.0
#: EMR puts logs into S3 when a cluster ends, and every five minutes before.
_EMR_SECONDS = 360.0
_EMR_LOOK_SECONDS = 10.0
#: Compressed inputs are read again up to so many bytes.
_REREAD_BYTES = 2 << 30


@dataclass(frozen=True)
class Stumble:
    """What a task said of its failure."""

    uri: str  # of its input, as Hadoop calls it
    kind: str  # class of the exception
    words: str


def stumble(lines: Iterable[str]) -> tuple[bool, Stumble | None]:
    """Return whether there is a log of a task at all, and the first failure of one that reads.

    Args:
        lines: Of the logs of containers, one after the other.
    """
    split, is_there = "", False
    for line in lines:
        if _CONTAINER.match(line):
            split = ""
        elif found := _SPLIT.search(line):
            split, is_there = found[1], True
        elif split and (found := _FAILED.search(line.rstrip())):
            return True, Stumble(split, found[1], found[2] or "")
    return is_there, None


def words_for(stumbled: Stumble, inputs: Sequence[Fetched]) -> str:
    """Return what a failure means, with the input as its user knows it."""
    uri = normalise_uri(stumbled.uri)
    found = next((each for each in inputs if normalise_uri(each.uri) == uri), None)
    name = found.listed.uri if found else stumbled.uri
    if stumbled.kind in _DAMAGE and found is not None and found.compression != "plain":
        return (
            f"{name}: expected a whole {found.compression} file, got a damaged one "
            f"({stumbled.words or stumbled.kind}; get it again)"
        )
    words = f"{stumbled.kind}: {stumbled.words}".rstrip(": ")
    return f"{name}: expected to read it, but the task that did failed ({words[:300]})"


def on_hadoop(applications: Sequence[str], inputs: Sequence[Fetched], scratch: Path) -> str:
    """Return which input the last application stumbled over, in words; empty when not known.

    Args:
        applications: Ids, as they were started.
        inputs: Of the job.
        scratch: A folder of this machine.
    """
    for number in range(_YARN_TRIES if applications else 0):
        time.sleep(_YARN_SECONDS if number else 0)
        is_there, found = stumble(_yarn_logs(applications[-1]))
        if found:
            return words_for(found, inputs)
        if is_there:
            return ""
    return _reread(inputs, None, scratch) if applications else ""


def _yarn_logs(application: str) -> Iterator[str]:
    command = [hadoop.program("yarn"), "logs", "-applicationId", application]
    command += ["-log_files", "syslog"]
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
    access: s3.Access,
    scratch: Path,
    n_seconds: float = _EMR_SECONDS,
) -> str:
    """Return which input a cluster's step stumbled over, in words; empty when that is not known.

    Args:
        cluster: Its id.
        logs: Where clusters put their logs.
        inputs: Of the job.
        access: How S3 is reached.
        scratch: A folder of this machine.
        n_seconds: How long logs are waited for.
    """
    place = Location(logs.bucket, f"{logs.key.rstrip('/')}/{cluster}/containers/".lstrip("/"))
    deadline = time.monotonic() + n_seconds
    try:
        while not (keys := _syslogs(access, place)):
            if time.monotonic() >= deadline:
                return _reread(inputs, access, scratch)
            log.warning("waiting for the logs of %s in %s", cluster, place.uri)
            time.sleep(_EMR_LOOK_SECONDS)
        for key in keys:
            with s3.in_words(f"reading s3://{place.bucket}/{key}"):
                stored = access.client().get_object(Bucket=place.bucket, Key=key)["Body"].read()
            text = gzip.decompress(stored) if key.endswith(".gz") else stored
            _, found = stumble(text.decode("utf-8", "replace").splitlines())
            if found:
                return words_for(found, inputs)
    except (S3Error, OSError, EOFError) as error:
        log.warning("which input it was is not known: %s", error)
    return ""


def _syslogs(access: s3.Access, place: Location) -> list[str]:
    listed = (item["Key"] for item in s3.listed(access.client(), place))
    return [key for key in listed if key.rpartition("/")[2].startswith("syslog")]


def _reread(inputs: Sequence[Fetched], access: s3.Access | None, scratch: Path) -> str:
    """Return which compressed input is damaged, found by reading them; empty for none."""
    packed = [each for each in inputs if each.compression != "plain"]
    if sum(each.bytes for each in packed) > _REREAD_BYTES:
        log.warning("there is no log of a task: which input it was is not known")
        return ""
    log.warning("there is no log of a task: reading the inputs again")
    for each in packed:
        path = scratch / "again"
        try:
            _bring(each, access, path)
            for _ in splits.read_split(Split(str(path), 0, path.stat().st_size)).blocks:
                pass
        except splits.InputError as error:
            return str(error).replace(str(path), each.listed.uri)
        except (S3Error, HadoopError, OSError) as error:
            return f"{each.listed.uri}: expected to read it ({error})"
        finally:
            path.unlink(missing_ok=True)
    return ""


def _bring(found: Fetched, access: s3.Access | None, path: Path) -> None:
    listed = found.listed
    if listed.is_in_s3 and access is not None:
        place = s3.parse(listed.uri)
        with s3.in_words(f"reading {listed.uri}"):
            access.client().download_file(place.bucket, place.key, str(path))
    elif listed.is_in_hdfs:
        path.write_bytes(hdfs.read(listed.uri))
    else:
        path.symlink_to(listed.uri)
