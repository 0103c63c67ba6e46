"""Why a cluster's task failed: what Hadoop says of it, what that means, and what to do.

Hadoop's words for one cause are of many classes and places, so each cause is known by a pattern.
The table is in the order of trust: of several that fit, the first one holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

#: Of what Hadoop said, as much is repeated.
_SAID_CHARACTERS = 200


@dataclass(frozen=True)
class Cause:
    """A cause, and how it is told."""

    name: str
    sign: re.Pattern[str]  # what Hadoop says
    means: str  # behind "the job failed: "
    fix: str


@dataclass(frozen=True)
class Found:
    """A cause that was found."""

    cause: Cause
    said: str  # Hadoop's own words

    def words(self) -> str:
        """Return it for people."""
        return f"the job failed: {self.cause.means}: {self.said} ({self.cause.fix})"


def _cause(name: str, sign: str, means: str, fix: str) -> Cause:
    return Cause(name, re.compile(sign), means, fix)


#: Of the cluster, whatever the task was at.
CAUSES = (
    _cause(
        "disk",
        r"No space left on device|any valid local directory|No space available in any of the local "
        r"directories|(?:local|log)-dirs (?:are|have gone) bad|Disk quota exceeded",
        "a node's disk for what tasks write on the way is full",
        "free some of yarn.nodemanager.local-dirs, or take larger disks, and run again",
    ),
    _cause(
        "file system",
        r"could only be (?:written|replicated) to 0 |DSQuotaExceededException|NSQuotaExceeded",
        "HDFS takes no more files",
        "look at hdfs dfsadmin -report: free some, or start DataNodes",
    ),
    _cause(
        "container memory",
        r"beyond (?:the )?'?(?:PHYSICAL|VIRTUAL|physical|virtual)'? memory limit",
        "a task used more memory than its container has",
        "give it more: -D mapreduce.map.memory.mb=2048, -D mapreduce.reduce.memory.mb=2048",
    ),
    _cause(
        "Java's memory",
        r"java\.lang\.OutOfMemoryError|insufficient memory for the Java Runtime Environment",
        "a task's Java had too little memory",
        "give it more: -D mapreduce.map.java.opts=-Xmx800m, and reduce.java.opts",
    ),
    _cause(
        "too large",
        r"InvalidResourceRequestException|[Mm]aximum allowed allocation|"
        r"capability required is more than the supported max container capability",
        "more memory was asked for than YARN gives to one container",
        "ask for less: -D mapreduce.map.memory.mb, -D yarn.app.mapreduce.am.resource.mb",
    ),
    _cause(
        "queue",
        r"to unknown queue|cannot submit applications to queue|is STOPPED\. Cannot accept",
        "YARN's queue does not take it",
        "name another: -D mapreduce.job.queuename=NAME; gafreduce doctor hadoop looks at it",
    ),
    _cause(
        "timeout",
        r"Timed out after \d+ secs|taskTimedOut: true",  # before Hadoop 3.4, and since
        "a task did nothing for so long that it was given up",
        "look what its node waits for, or wait longer: -D mapreduce.task.timeout=MILLISECONDS",
    ),
    _cause(
        "lost node",
        r"[Rr]eleased on a \*?lost\*? node|TaskAttempt killed because it ran on unusable node",
        "nodes were lost while they worked",
        "look at yarn node -list -all, and run again",
    ),
    _cause(
        "no Python",
        r"python[\w.]*: (?:command )?not found|Cannot run program \S*python|"
        r"exec: \S*python\S*: not found",
        "a node lacks the Python that it was told to use",
        "name one that is there: python_bin in mrjob.conf; gafreduce doctor hadoop looks at it",
    ),
)

#: Of a task that was ended by somebody else: why, its own words do not say.
ENDED = (
    _cause(
        "killed",
        r"(?:[Ee]xit ?[Cc]ode(?: is|:)?|non-zero exit code|failed with code) 137\b",
        "a task was killed (exit code 137), mostly by a node that had no memory left",
        "look at the node's system log; fewer tasks at a time: -D mapreduce.map.memory.mb=2048",
    ),
    _cause(
        "ended",
        r"(?:[Ee]xit ?[Cc]ode(?: is|:)?|non-zero exit code|failed with code) 143\b",
        "a task was ended from outside (exit code 143)",
        "look at yarn logs for whoever did, and run again",
    ),
)

_ATTEMPT = re.compile(r"\battempt_(\d+_\d+_[a-z]_\d+)_\d+\b")
_FAILED_TASK = re.compile(r"[Tt]ask failed task_(\d+_\d+_[a-z]_\d+)\b")


def find(text: str, table: Sequence[Cause] = CAUSES) -> Found | None:
    """Return the first cause of a table that a text shows."""
    for cause in table:
        match = cause.sign.search(text)
        if match:
            return Found(cause, _line_of(text, match))
    return None


def of_job(said: Sequence[str]) -> Found | None:
    """Return why a job failed; None when what was said of it does not tell.

    What was said of the task that failed the job counts: other tasks may have failed of something
    else, and been done again. It is of another only when its own says that somebody ended it.

    Args:
        said: Messages of the client about the job and its attempts, in their order.
    """
    text = "\n".join(said)
    failed = set(_FAILED_TASK.findall(text))
    own = "\n".join(each for each in said if failed & set(_ATTEMPT.findall(each)))
    if not own.strip():
        return find(text)
    found = find(own)
    if found is None and find(own, ENDED):
        found = find(text)
    return found


def best(found: Iterable[Found]) -> Found | None:
    """Return the cause that is trusted most."""
    order = [*CAUSES, *ENDED]
    return min(found, key=lambda each: order.index(each.cause), default=None)


def _line_of(text: str, match: re.Match[str]) -> str:
    """Return Hadoop's words: the rest of the line from the sign's beginning, or what is before."""
    start = text.rfind("\n", 0, match.start()) + 1
    end = text.find("\n", match.end())
    line = " ".join(text[start : end if end >= 0 else None].split())
    sign = " ".join(match[0].split())
    if len(line) > _SAID_CHARACTERS:  # what counts stays in sight
        line = line[max(0, line.find(sign) - _SAID_CHARACTERS // 4) :][:_SAID_CHARACTERS]
    return line
