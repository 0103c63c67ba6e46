"""Parse the logs of cluster tasks: which input split a task read, and why it failed.

A task logs its split before it reads it, and its exception after that. The traceback of its Python
is in another file of the same container.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from gafreduce.diagnosis import known_failures
from gafreduce.diagnosis.known_failures import Cause

_CONTAINER = re.compile(r"Container: (container_\w+) on ")
_SPLIT = re.compile(r"Processing split: (.+):\d+\+\d+\s*$")
_FAILED = re.compile(
    r"Exception running (?:child|local \(uberized\) 'child') : (?:[\w$]+\.)*([\w$]+)(?:: (.*))?$"
)
_TRACEBACK = "Traceback (most recent call last):"
_FATAL = "Fatal Python error: "
#: Causes that are kept: a log can show the same one a thousand times.
_MOST_CAUSES = 1000


@dataclass(frozen=True)
class TaskFailure:
    """The failure of a task that read an input."""

    container: str
    uri: str  # of the input, as Hadoop writes it
    exception: str  # its class, without the package
    message: str


@dataclass
class LogSummary:
    """The facts in the logs of containers."""

    has_task_logs: bool = False  # whether there is a log of a task that read an input
    failures: list[TaskFailure] = field(default_factory=list)
    causes: list[Cause] = field(default_factory=list)
    python_errors: dict[str, str] = field(default_factory=dict)  # last line, by container

    def get_python_error(self, container: str) -> str:
        """Return the Python error of a container, or of another one when it has none; or empty."""
        return self.python_errors.get(container, next(iter(self.python_errors.values()), ""))


def read_logs(lines: Iterable[str]) -> Iterator[LogSummary]:
    """Yield the summary so far, after each failure of a task and at the end.

    Args:
        lines: Of the logs, one container after the other, each log behind a line with its
            container.

    Yields:
        The same object each time.
    """
    summary, container, split, in_traceback = LogSummary(), "", "", False
    for line in map(str.rstrip, lines):
        if found := _CONTAINER.match(line):
            container, split, in_traceback = found[1], "", False
        elif found := _SPLIT.search(line):
            split, summary.has_task_logs = found[1], True
        elif split and (found := _FAILED.search(line)):
            summary.failures.append(TaskFailure(container, split, found[1], found[2] or ""))
            _add_cause(summary, line)
            yield summary
        elif in_traceback:
            if line and not line[0].isspace():  # the last line, after the stack
                summary.python_errors.setdefault(container, line)
                in_traceback = False
                _add_cause(summary, line)
        elif line.startswith(_FATAL):
            summary.python_errors.setdefault(container, line)
        elif line == _TRACEBACK:
            in_traceback = True
        else:
            _add_cause(summary, line)
    yield summary


def _add_cause(summary: LogSummary, line: str) -> None:
    cause = known_failures.find_cause(line)
    if cause and len(summary.causes) < _MOST_CAUSES:
        summary.causes.append(cause)
