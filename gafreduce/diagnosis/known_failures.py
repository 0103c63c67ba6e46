"""Known failures of cluster tasks: pattern in Hadoop's messages, meaning and fix.

Hadoop reports one cause by many classes in many places, so each failure is recognised by a pattern.
The tables are in the order of trust: the first failure whose pattern matches is the cause.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

#: Characters of Hadoop's message that an error message repeats.
_MESSAGE_CHARACTERS = 200


@dataclass(frozen=True)
class KnownFailure:
    """A failure that is recognised in Hadoop's messages."""

    name: str
    pattern: re.Pattern[str]  # in a message of Hadoop
    meaning: str
    fix: str


@dataclass(frozen=True)
class Cause:
    """A known failure, found in a message."""

    failure: KnownFailure
    message: str  # the part of Hadoop's message that shows it, in one line

    def describe(self) -> str:
        """Return the error message for users."""
        return f"the job failed: {self.failure.meaning}: {self.message} ({self.failure.fix})"


#: Failures of the cluster, whatever the task was doing.
KNOWN_FAILURES = (
    KnownFailure(
        name="disk",
        pattern=re.compile(
            r"No space left on device|any valid local directory|No space available in any of "
            r"the local "
            r"directories|(?:local|log)-dirs (?:are|have gone) bad|Disk quota exceeded"
        ),
        meaning="a node's disk for temporary files of tasks is full",
        fix="free space in yarn.nodemanager.local-dirs, or use larger disks, and run again",
    ),
    KnownFailure(
        name="file system",
        pattern=re.compile(
            r"could only be (?:written|replicated) to 0 |DSQuotaExceededException|"
            r"NSQuotaExceeded"
        ),
        meaning="HDFS accepts no more files",
        fix="see hdfs dfsadmin -report: free space, or start DataNodes",
    ),
    KnownFailure(
        name="container memory",
        pattern=re.compile(
            r"beyond (?:the )?'?(?:PHYSICAL|VIRTUAL|physical|"
            r"virtual)'? memory limit"
        ),
        meaning="a task used more memory than its container has",
        fix="give it more: -D mapreduce.map.memory.mb=2048, -D mapreduce.reduce.memory.mb=2048",
    ),
    KnownFailure(
        name="Java's memory",
        pattern=re.compile(
            r"java\.lang\.OutOfMemoryError|"
            r"insufficient memory for the Java Runtime Environment"
        ),
        meaning="Java had too little memory in a task",
        fix="give it more memory: -D mapreduce.map.java.opts=-Xmx800m, and reduce.java.opts",
    ),
    KnownFailure(
        name="too large",
        pattern=re.compile(
            r"InvalidResourceRequestException|[Mm]aximum allowed allocation|"
            r"capability required is more than the supported max container capability"
        ),
        meaning="the job requests more memory than YARN gives to one container",
        fix="request less: -D mapreduce.map.memory.mb, -D yarn.app.mapreduce.am.resource.mb",
    ),
    KnownFailure(
        name="queue",
        pattern=re.compile(
            r"to unknown queue|cannot submit applications to queue|"
            r"is STOPPED\. Cannot accept"
        ),
        meaning="the YARN queue does not accept the job",
        fix="name another: -D mapreduce.job.queuename=NAME; gafreduce doctor hadoop checks it",
    ),
    KnownFailure(
        name="timeout",
        pattern=re.compile(
            r"Timed out after \d+ secs|"
            r"taskTimedOut: true"
        ),  # before Hadoop 3.4, and since
        meaning="a task made no progress until its time limit",
        fix="see what its node waits for, or allow more: -D mapreduce.task.timeout=MILLISECONDS",
    ),
    KnownFailure(
        name="lost node",
        pattern=re.compile(
            r"[Rr]eleased on a \*?lost\*? node|"
            r"TaskAttempt killed because it ran on unusable node"
        ),
        meaning="nodes were lost during the job",
        fix="see yarn node -list -all, and run again",
    ),
    KnownFailure(
        name="no Python",
        pattern=re.compile(
            r"python[\w.]*: (?:command )?not found|Cannot run program \S*python|"
            r"exec: \S*python\S*: not found"
        ),
        meaning="a node lacks the configured Python",
        fix="name another: python_bin in mrjob.conf; gafreduce doctor hadoop checks it",
    ),
)

#: Tasks that were killed: their own messages do not say why.
KILLED_TASKS = (
    KnownFailure(
        name="killed",
        pattern=re.compile(
            r"(?:[Ee]xit ?[Cc]ode(?: is|:)?|non-zero exit code|"
            r"failed with code) 137\b"
        ),
        meaning="a task was killed (exit code 137), usually because its node ran out of memory",
        fix="see the node's system log, or run fewer at a time: -D mapreduce.map.memory.mb=2048",
    ),
    KnownFailure(
        name="ended",
        pattern=re.compile(
            r"(?:[Ee]xit ?[Cc]ode(?: is|:)?|non-zero exit code|"
            r"failed with code) 143\b"
        ),
        meaning="a task was terminated from outside (exit code 143)",
        fix="see the YARN logs for the reason, and run again",
    ),
)

_ATTEMPT = re.compile(r"\battempt_(\d+_\d+_[a-z]_\d+)_\d+\b")
_FAILED_TASK = re.compile(r"[Tt]ask failed task_(\d+_\d+_[a-z]_\d+)\b")


def find_cause(text: str, table: Sequence[KnownFailure] = KNOWN_FAILURES) -> Cause | None:
    """Return the cause that a message shows; None when it shows no known failure."""
    for failure in table:
        match = failure.pattern.search(text)
        if match:
            return Cause(failure, _extract_line(text, match))
    return None


def find_cause_of_job(messages: Sequence[str]) -> Cause | None:
    """Return the cause of a job's failure; None when its messages show no known failure.

    Messages of the task that failed the job count: other tasks may have failed for other reasons
    and were repeated. Messages of others count when that task was killed, or is not known.

    Args:
        messages: Of the client, about the job and its attempts, in their order.
    """
    text = "\n".join(messages)
    failed = set(_FAILED_TASK.findall(text))
    own = "\n".join(each for each in messages if failed & set(_ATTEMPT.findall(each)))
    if not own.strip():
        return find_cause(text)
    cause = find_cause(own)
    if cause is None and find_cause(own, KILLED_TASKS):
        cause = find_cause(text)
    return cause


def choose_cause(causes: Iterable[Cause]) -> Cause | None:
    """Return the most trusted of several causes; None for none."""
    order = [*KNOWN_FAILURES, *KILLED_TASKS]
    return min(causes, key=lambda each: order.index(each.failure), default=None)


def _extract_line(text: str, match: re.Match[str]) -> str:
    """Return the line of a match, with single blanks; a long line is cut around the match."""
    start = text.rfind("\n", 0, match.start()) + 1
    end = text.find("\n", match.end())
    line = " ".join(text[start : end if end >= 0 else None].split())
    found = " ".join(match[0].split())
    if len(line) > _MESSAGE_CHARACTERS:
        line = line[max(0, line.find(found) - _MESSAGE_CHARACTERS // 4) :][:_MESSAGE_CHARACTERS]
    return line
