"""What the logs of a cluster's tasks tell of a failure.

A task says which split it reads before it reads it, and why it failed after that; what its Python
says goes to another file of the same container.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from gafreduce.diagnosis import known_failures
from gafreduce.diagnosis.known_failures import Found

_CONTAINER = re.compile(r"Container: (container_\w+) on ")
_SPLIT = re.compile(r"Processing split: (.+):\d+\+\d+\s*$")
_FAILED = re.compile(
    r"Exception running (?:child|local \(uberized\) 'child') : (?:[\w$]+\.)*([\w$]+)(?:: (.*))?$"
)
_TRACEBACK = "Traceback (most recent call last):"
_FATAL = "Fatal Python error: "
#: A log that shows one cause a thousand times is one cause.
_MOST_CAUSES = 1000


@dataclass(frozen=True)
class Stumble:
    """What a task said of its failure."""

    container: str
    uri: str  # of its input, as Hadoop calls it
    kind: str  # class of the exception
    words: str


@dataclass
class Told:
    """What the logs of containers tell."""

    is_there: bool = False  # a log of a task that read something
    stumbles: list[Stumble] = field(default_factory=list)
    causes: list[Found] = field(default_factory=list)
    python_errors: dict[str, str] = field(default_factory=dict)  # last line of it, by container

    def python_error_of(self, container: str) -> str:
        """Return how a container's Python ended; that of any other when it has none itself."""
        return self.python_errors.get(container, next(iter(self.python_errors.values()), ""))


def read(lines: Iterable[str]) -> Iterable[Told]:
    """Yield what is told so far, after each failure of a task and at the end; one and the same.

    Args:
        lines: Of the logs, one container after the other, each log headed by its container.
    """
    told, container, split, in_traceback = Told(), "", "", False
    for line in map(str.rstrip, lines):
        if found := _CONTAINER.match(line):
            container, split, in_traceback = found[1], "", False
        elif found := _SPLIT.search(line):
            split, told.is_there = found[1], True
        elif split and (found := _FAILED.search(line)):
            told.stumbles.append(Stumble(container, split, found[1], found[2] or ""))
            _note_cause(told, line)
            yield told
        elif in_traceback:
            if line and not line[0].isspace():  # the last line, behind the places
                told.python_errors.setdefault(container, line)
                in_traceback = False
                _note_cause(told, line)
        elif line.startswith(_FATAL):
            told.python_errors.setdefault(container, line)
        elif line == _TRACEBACK:
            in_traceback = True
        else:
            _note_cause(told, line)
    yield told


def _note_cause(told: Told, line: str) -> None:
    found = known_failures.find(line)
    if found and len(told.causes) < _MOST_CAUSES:
        told.causes.append(found)
